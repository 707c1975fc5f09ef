"""Networks that are ready to run, kept from one render to the next: a worker's next job, and every
member of a group, begins with what the last one opened.

What is kept is known by the weights it came from. A file that changed since is another one, and is
read and hashed again; a module in memory, which anybody may change, is never kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from torch import nn

from dreamer.networks.cards import Card
from dreamer.networks.locate import weights_path

MOST_BYTES = 512_000_000  # of networks that nobody uses; the last one asked for is kept anyway
T = TypeVar("T")

_kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
_lock = threading.Lock()


def source_of(card: Card) -> Hashable | None:
    """What tells the weights of `card` from any others on this machine; None where nothing does."""
    if card.module is not None:
        return None
    path = weights_path(card)
    if path is None:
        return card.architecture, card.weights, len(card.classes)
    if not path.is_file():
        return None
    stamp = path.stat()
    return card.architecture, str(path), stamp.st_mtime_ns, stamp.st_size, len(card.classes)


def known(card: Card) -> bool:
    """Whether anything of the weights of `card` is kept."""
    source = source_of(card)
    with _lock:
        return source is not None and any(key[0] == source for key in _kept)  # type: ignore[index]


def kept(
    card: Card, what: Hashable, make: Callable[[], T], size: Callable[[T], int] = lambda made: 0
) -> T:
    """What `make` makes of the weights of `card`, once while they are the same; nobody may change
    it.

    Args:
        card: whose weights.
        what: tells it from what else is made of them.
        make: makes it.
        size: its bytes.
    """
    source = source_of(card)
    if source is None:
        return make()
    key = (source, what)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            found: T = _kept[key][0]
            return found
    made = make()  # not under the lock: a group's member may wait for others here
    with _lock:
        _kept[key] = made, size(made)
        while len(_kept) > 1 and sum(held for _, held in _kept.values()) > MOST_BYTES:
            _kept.popitem(last=False)
    return made


def forget() -> None:
    """Let go of everything."""
    with _lock:
        _kept.clear()


def bytes_of(network: nn.Module) -> int:
    """Of its weights, where it lies."""
    tensors = (*network.parameters(), *network.buffers())
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
