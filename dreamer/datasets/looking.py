"""All pictures of a data set looked at, one after another, once: what was seen is kept, so that a
stopped look goes on and a second one sees only what is new.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dreamer.datasets.likeness import Likeness
from dreamer.datasets.looks import Look, TooManyPixels, look_at
from dreamer.errors import FolderError, MediaError
from dreamer.media import durable
from dreamer.media.class_folders import ClassPicture
from dreamer.networks.locate import sha256_of

BLOCK = 32
Describe = Callable[[Sequence[Image.Image]], np.ndarray]


@dataclass(frozen=True)
class Seen:
    """A picture's file: its size in bytes, its SHA-256, what is seen of it or why nothing is
    (`broken`), and its features `(D,)` where a network looked.
    """

    listed: ClassPicture
    bytes: int
    sha256: str
    look: Look | None
    broken: str = ""
    features: np.ndarray | None = None


class Kept:
    """What was seen before, in the file `path`; without a path nothing is kept.

    Args:
        path: a file of JSON lines, of this program alone.
        network: what made the features; those of another are passed over.

    Raises:
        FolderError: the file is none of those.
    """

    def __init__(self, path: Path | None, network: str) -> None:
        self._path, self._network = path, network
        self._known: dict[str, dict[str, Any]] = {}
        if path is not None and path.exists():
            lines = path.read_bytes().split(b"\n")[:-1]
            for number, line in enumerate(lines, 1):
                try:
                    words = json.loads(line)
                    self._known[str(words["name"])] = words
                except (ValueError, KeyError, TypeError, RecursionError) as error:
                    raise FolderError(
                        f"{path}:{number}: not what was seen of a picture ({error}); remove it"
                    ) from error

    def find(self, listed: ClassPicture) -> Seen | None:
        """What was seen of a picture, if its file has not been written to since."""
        words = self._known.get(listed.name)
        try:
            if words is None or words["stamp"] != _stamp(listed.path):
                return None
        except OSError:  # gone since it was listed, or no more ours to read
            return None
        if words["network"] != self._network and words["look"]:
            return None
        look = words["look"]
        return Seen(
            listed,
            words["stamp"][0],
            words["sha256"],
            _look_from(look) if look else None,
            words["broken"],
            _unpacked(words["features"]),
        )

    def add(self, some: Sequence[Seen]) -> None:
        """Keep what was seen, durably; what could not be opened may be another time."""
        if self._path is None or not some:
            return
        lines = [
            json.dumps(
                {
                    "name": seen.listed.name,
                    "stamp": _stamp(seen.listed.path),
                    "sha256": seen.sha256,
                    "look": _look_words(seen.look) if seen.look else None,
                    "broken": seen.broken,
                    "network": self._network,
                    "features": _packed(seen.features),
                }
            )
            for seen in some
            if seen.sha256
        ]
        if lines:
            durable.append_line(self._path, "\n".join(lines))


def look_over(
    pictures: Sequence[ClassPicture],
    describe: Describe | None,
    kept: Kept,
    stopped: Callable[[], bool] = lambda: False,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> list[Seen] | None:
    """What is seen of `pictures`, in their order; None when somebody asked to stop before the end.

    Args:
        pictures: whose files to look at.
        describe: features `(N, D)` of pictures in RGB, no side longer than 384 pixels.
        kept: what was seen before.
        stopped: whether somebody asked to stop.
        told: hears how many of how many are done.
    """
    found: dict[str, Seen] = {}
    for listed in pictures:
        if (seen := kept.find(listed)) is not None:
            found[listed.name] = seen
    left = (listed for listed in pictures if listed.name not in found)
    while block := list(islice(left, BLOCK)):
        if stopped():
            return None
        fresh = _looked(block, describe)
        kept.add(fresh)
        found.update((seen.listed.name, seen) for seen in fresh)
        told(len(found), len(pictures))
    return [found[listed.name] for listed in pictures]


def _looked(block: Sequence[ClassPicture], describe: Describe | None) -> list[Seen]:
    seen: list[Seen] = []
    shown: list[Image.Image] = []
    for listed in block:
        try:
            size, sha256 = listed.path.stat().st_size, sha256_of(listed.path)
        except OSError as error:
            seen.append(Seen(listed, 0, "", None, f"cannot be opened ({error.strerror})"))
            continue
        try:
            look, small = look_at(listed.path)
        except (MediaError, TooManyPixels) as error:
            words = str(error).replace(f"{listed.path} is ", "").replace(str(listed.path), "it")
            seen.append(Seen(listed, size, sha256, None, words))
        else:
            seen.append(Seen(listed, size, sha256, look))
            shown.append(small)
    if describe is None or not shown:
        return seen
    rounded = describe(shown).astype(np.float16).astype(np.float32)  # as they are kept
    features: Iterator[np.ndarray] = iter(rounded)
    return [
        Seen(s.listed, s.bytes, s.sha256, s.look, s.broken, next(features) if s.look else None)
        for s in seen
    ]


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _look_words(look: Look) -> list[Any]:
    colours = base64.b64encode(look.likeness.colours).decode()
    return [look.width, look.height, look.grey, f"{look.likeness.signs:x}", colours]


def _look_from(words: Sequence[Any]) -> Look:
    width, height, grey, signs, colours = words
    return Look(width, height, grey, Likeness(int(signs, 16), base64.b64decode(colours)))


def _packed(features: np.ndarray | None) -> str:
    if features is None:
        return ""
    file = io.BytesIO()
    np.save(file, features.astype(np.float16), allow_pickle=False)
    return base64.b64encode(file.getvalue()).decode()


def _unpacked(text: str) -> np.ndarray | None:
    if not text:
        return None
    loaded: np.ndarray = np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False)
    return loaded.astype(np.float32)
