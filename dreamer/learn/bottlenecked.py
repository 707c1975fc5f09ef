"""The pictures of class folders as a frozen network sees them, most of them from the cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dreamer.learn import bottlenecks
from dreamer.learn.distinct import Digested
from dreamer.learn.head import Features
from dreamer.learn.model import grown
from dreamer.learn.photographs import Parts, read_squares
from dreamer.learn.split import Part
from dreamer.learn.view import View
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Card

PIECE = 512  # pictures that are in memory, and lost by a kill, at most


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
        pictures: of `distinct.digested`.
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
    left = pictures.some(good, broken)
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
