"""The pictures of class folders as a frozen network sees them, most of them from the cache."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from dreamer.errors import DataError
from dreamer.learn import bottlenecks
from dreamer.learn.head import Features
from dreamer.learn.listed import Listed
from dreamer.learn.model import grown
from dreamer.learn.photographs import THREADS, Parts, read_squares
from dreamer.learn.report import ELSEWHERE, TWICE
from dreamer.learn.split import PARTS, Part
from dreamer.learn.view import View
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Card
from dreamer.networks.locate import sha256_of

NOTHING = hashlib.sha256().hexdigest()
PIECE = 512  # pictures that are in memory, and lost by a kill, at most


@dataclass(frozen=True)
class Digested:
    """Files with the hashes of their bytes, and those that were left out with the reason."""

    found: Listed
    digests: tuple[str, ...]
    left_out: dict[str, str]


def digested(
    found: Listed, parts: Parts, check: Callable[[int, int], None] = lambda done, of: None
) -> Digested:
    """`found` with hashes, each picture once: of equal files of a class the one that is measured on
    stays, for a network would be asked what it was told. Of equal files of several classes none
    does, as in `datasets.settling`: which label is wrong only a person knows.

    `check` is told how many were looked at, of how many; it may raise to stop.

    Raises:
        DataError: nothing is left of a class.
    """
    digests: list[str] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(found.files), PIECE):
            check(start, len(found.files))
            digests += pool.map(sha256_of, found.files[start : start + PIECE])
    order = sorted(
        range(len(digests)),
        key=lambda k: (-PARTS.index(parts.of(found.names[k])), found.names[k]),
    )
    equal: dict[str, list[int]] = defaultdict(list)
    for k in order:
        equal[digests[k]].append(k)
    left_out: dict[str, str] = {}
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
    return Digested(some(found, stays), tuple(digests[k] for k in stays), left_out)


def some(found: Listed, places: Sequence[int]) -> Listed:
    """The files of `found` at `places`; its classes stay.

    Raises:
        DataError: nothing is left of a class.
    """
    less = replace(
        found,
        files=tuple(found.files[k] for k in places),
        names=tuple(found.names[k] for k in places),
        labels=tuple(found.labels[k] for k in places),
    )
    if gone := [name for name, count in less.thin(1).items() if not count]:
        raise DataError(f"no picture is left of {', '.join(gone)}")
    return less


@dataclass(frozen=True)
class Bottlenecks:
    """Bottlenecks `(N, C)` of the pictures of `of`, and how many of them were computed anew."""

    of: Digested
    values: Tensor
    computed: int

    def part(self, part: Part, parts: Parts) -> Features:
        """Those of a part."""
        names, labels = self.of.found.names, self.of.found.labels
        mine = [k for k, name in enumerate(names) if parts.of(name) == part]
        return Features(self.values[mine], torch.tensor([labels[k] for k in mine]).long())


def bottlenecks_of(
    pictures: Digested,
    card: Card,
    view: View,
    device: torch.device,
    on_piece: Callable[[int, int], None] = lambda done, of: None,
) -> Bottlenecks:
    """What the network of `card` makes of `pictures`; what the cache lacks is computed and kept.

    Args:
        pictures: of `digested`.
        card: of the network.
        view: how it sees them.
        device: to compute on.
        on_piece: told how many of the missing ones are done; may raise to stop.

    Raises:
        DataError: a class all of whose pictures are broken.
        NetworkError: a network without a class head.
    """
    key = bottlenecks.key_of(card, view)
    known: dict[str, np.ndarray] = bottlenecks.kept(key)
    missing = [k for k, digest in enumerate(pictures.digests) if digest not in known]
    broken: dict[str, str] = {}
    if missing:
        head = ARCHITECTURES[card.architecture].head
        network = bottlenecks.headless(grown(card, 2, 0), head).to(device)
        for start in range(0, len(missing), PIECE):
            on_piece(start, len(missing))
            piece = missing[start : start + PIECE]
            read = read_squares(pictures.found, view.stored, piece, view.fit)
            broken |= read.broken
            digests = [
                pictures.digests[k] for k in piece if pictures.found.names[k] not in read.broken
            ]
            if digests:
                values = bottlenecks.features_of(network, read.squares.pictures, view)
                bottlenecks.keep(key, digests, values)
                known.update(zip(digests, values.numpy(), strict=True))
        on_piece(len(missing), len(missing))
    good = [k for k, digest in enumerate(pictures.digests) if digest in known]
    left = Digested(
        some(pictures.found, good),
        tuple(pictures.digests[k] for k in good),
        pictures.left_out | broken,
    )
    values = torch.from_numpy(np.stack([known[digest] for digest in left.digests]))
    return Bottlenecks(left, values, len(missing) - len(broken))


def identity_of(pictures: Digested, device: torch.device) -> str:
    """By what to know a retraining's pictures again: their names, labels and bytes, and the kind of
    device, whose chance is its own.
    """
    found = pictures.found
    rows = [
        device.type,
        list(found.classes),
        *zip(found.names, found.labels, pictures.digests, strict=True),
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
