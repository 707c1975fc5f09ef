"""Which part of a data set a picture belongs to: a pure function of its name, so that adding
pictures moves none.

TensorFlow for Poets hashed the path as it was typed, so that moving the folder changed the split;
this hashes the path relative to the data folder. As there, what follows `_nohash_` is ignored:
variants stay together.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import Literal

Part = Literal["training", "validation", "test"]
PARTS: tuple[Part, ...] = ("training", "validation", "test")


def part_of(relative: PurePath | str, *, validation: float = 0.1, test: float = 0.1) -> Part:
    """The part of the picture at `relative`, a path below the data folder, with `/` between its
    names.

    `validation` and `test` are fractions of all pictures, expected over many names.
    """
    name = PurePath(relative).as_posix().split("_nohash_")[0]
    # names that are no UTF-8 have a part too; of those that are, the bytes are UTF-8's
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).digest()
    where = int.from_bytes(digest[:8], "big") / 2**64
    if where < test:
        return "test"
    return "validation" if where < test + validation else "training"
