"""A sheet of pictures that `effort.py` left, for docs/effort.md: python benchmarks/effort_sheet.py
SHEET.jpg COLUMNS PICTURES…
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

WIDTH, GAP = 288, 4


def main() -> None:
    """Lay the pictures out in rows."""
    sheet, columns, *names = sys.argv[1:]
    across = int(columns)
    pictures = [Image.open(Path(name)).convert("RGB") for name in names]
    height = round(WIDTH * pictures[0].height / pictures[0].width)
    rows = -(-len(pictures) // across)
    size = (across * (WIDTH + GAP) - GAP, rows * (height + GAP) - GAP)
    laid = Image.new("RGB", size, "white")
    for number, picture in enumerate(pictures):
        row, column = divmod(number, across)
        small = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
        laid.paste(small, (column * (WIDTH + GAP), row * (height + GAP)))
    laid.save(sheet, quality=80, optimize=True)


if __name__ == "__main__":
    main()
