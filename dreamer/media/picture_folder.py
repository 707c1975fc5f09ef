"""A folder of pictures as a film: in the order a person counts in, each looked at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from dreamer.errors import MediaError
from dreamer.media.cuts import HEIGHT, WIDTH, CutFinder
from dreamer.media.kinds import PICTURE_ENDINGS
from dreamer.media.small_pictures import read_thumbnail

LOOK = 320  # pixels of the longer side that a picture is looked at with
_NUMBER = re.compile(r"(\d+)")


@dataclass(frozen=True)
class PictureRow:
    """Pictures of a folder in order: their names, (width, height) of each, and which begin another
    shot.
    """

    names: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    cuts: tuple[int, ...]


def naturally(name: str) -> tuple[list[tuple[int, str]], str]:
    """What to sort names by so that 2 comes before 10."""
    parts = _NUMBER.split(name.casefold())
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts if p], name


def pictures_in(folder: Path) -> list[Path]:
    """The picture files in `folder`, in natural order, without what is hidden; other files and
    folders inside are left alone.

    Raises:
        MediaError: no such folder, or no pictures.
    """
    try:
        found = [
            path
            for path in folder.iterdir()
            if path.suffix.lower() in PICTURE_ENDINGS
            and not path.name.startswith(".")
            and path.is_file()
        ]
    except FileNotFoundError:
        raise MediaError(f"no such folder: {folder}") from None
    except NotADirectoryError:
        raise MediaError(f"{folder} is a file; expected a folder of pictures") from None
    except OSError as error:
        raise MediaError(f"{folder} cannot be read: {error.strerror}") from error
    if not found:
        raise MediaError(f"{folder} holds no pictures")
    return sorted(found, key=lambda path: naturally(path.name))


def look_through(folder: Path) -> PictureRow:
    """Look all pictures in `folder` through, each decoded whole, so that damage is known before any
    work.

    Raises:
        MediaError: as `pictures_in`, or one that cannot be read, by its name.
    """
    paths, sizes, finder = pictures_in(folder), [], CutFinder()
    for path in paths:
        small, size = read_thumbnail(path, LOOK)
        sizes.append(size)
        tiny = small.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.BOX)
        finder.see(np.asarray(tiny, np.float32) / 255)
    return PictureRow(tuple(path.name for path in paths), tuple(sizes), tuple(finder.end()))
