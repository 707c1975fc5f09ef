"""Print the layer table of a card from the network itself: python tools/layer_table.py
ARCHITECTURE CLASSES.
"""

from __future__ import annotations

import json
import sys

from dreamer.networks.table import rows

if __name__ == "__main__":
    table = rows(sys.argv[1], int(sys.argv[2]))
    print("[\n" + ",\n".join(json.dumps(row) for row in table) + "\n]")
