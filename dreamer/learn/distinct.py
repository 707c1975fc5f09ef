"""Each picture once: which files of class folders have the same bytes, and which of them stay. A
picture that is learnt from and measured on makes a network look better than it is.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from dreamer.errors import DataError
from dreamer.learn.listed import Listed
from dreamer.learn.photographs import THREADS, Parts
from dreamer.learn.report import ELSEWHERE, TWICE
from dreamer.learn.split import PARTS
from dreamer.networks.locate import sha256_of

NOTHING = hashlib.sha256().hexdigest()
PIECE = 512  # files between two looks at whether to stop
NAMED = 3  # reasons in a message


@dataclass(frozen=True)
class Digested:
    """Files with the hashes of their bytes, and those that were left out with the reason, by their
    names.
    """

    found: Listed
    digests: tuple[str, ...]
    left_out: dict[str, str]

    def some(self, places: Sequence[int], more: Mapping[str, str]) -> Digested:
        """The files at `places`, where `more` says why others were left out; classes stay.

        Raises:
            DataError: nothing is left of a class.
        """
        less = replace(
            self.found,
            files=tuple(self.found.files[k] for k in places),
            names=tuple(self.found.names[k] for k in places),
            labels=tuple(self.found.labels[k] for k in places),
        )
        left_out = {**self.left_out, **more}
        if gone := [name for name, count in less.thin(1).items() if not count]:
            why = reasons(self.found, gone, left_out)
            raise DataError(f"no picture is left of {', '.join(gone)}{why}")
        return Digested(less, tuple(self.digests[k] for k in places), left_out)


def digested(
    found: Listed, parts: Parts, check: Callable[[int, int], None] = lambda done, of: None
) -> Digested:
    """`found` with hashes, each picture once: of equal files of a class the one that is measured on
    stays, for a network would be asked what it was told. Of equal files of several classes none
    does, as in `datasets.settling`: which label is wrong only a person knows. What cannot be read
    is left out too.

    `check` is told how many were looked at, of how many; it may raise to stop.

    Raises:
        DataError: nothing is left of a class.
    """
    digests: list[str] = []
    left_out: dict[str, str] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(found.files), PIECE):
            check(start, len(found.files))
            piece = slice(start, start + PIECE)
            read = pool.map(_digest, found.files[piece])
            for name, digest in zip(found.names[piece], read, strict=True):
                if isinstance(digest, OSError):
                    left_out[name] = f"cannot be read ({digest.strerror or digest})"
                    digest = ""
                digests.append(digest)
    order = sorted(
        (k for k in range(len(digests)) if digests[k]),
        key=lambda k: (-PARTS.index(parts.of(found.names[k])), found.names[k]),
    )
    equal: dict[str, list[int]] = defaultdict(list)
    for k in order:
        equal[digests[k]].append(k)
    for digest, places in equal.items():
        for k in places if len(places) > 1 else ():
            others = [j for j in places if found.labels[j] != found.labels[k]]
            if digest == NOTHING:
                left_out[found.names[k]] = "an empty file"
            elif others:
                left_out[found.names[k]] = f"{TWICE} {found.names[others[0]]}{ELSEWHERE}"
            elif k != places[0]:
                left_out[found.names[k]] = f"{TWICE} {found.names[places[0]]}"
    stays = [k for k in range(len(digests)) if found.names[k] not in left_out]
    return Digested(found, tuple(digests), {}).some(stays, left_out)


def _digest(path: Path) -> str | OSError:
    try:
        return sha256_of(path)
    except OSError as error:
        return error


def reasons(found: Listed, classes: Sequence[str], left_out: Mapping[str, str]) -> str:
    """Why pictures of `classes` were left out, as the end of a message: the first of them."""
    labels = {found.classes.index(name) for name in classes}
    said = [
        f"{name}: {left_out[name]}"
        for name, label in zip(found.names, found.labels, strict=True)
        if label in labels and name in left_out
    ]
    if not said:
        return ""
    more = len(said) - NAMED
    return f" ({'; '.join(said[:NAMED])}{f'; and {more} more' if more > 0 else ''})"
