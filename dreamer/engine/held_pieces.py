"""Pieces that were made ready, as long as they are needed and there is room for them: from band to
band of a picture, and from frame to frame of a film. Others are made anew, to the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from threading import Lock

from dreamer.draw.piece import Ready

MOST_HELD = 250_000_000  # bytes


class Held:
    """Pieces by their number, each with what it was made by.

    Args:
        lasting: pieces are needed again, though the next band shows nothing of them: of a film.
        most: bytes that are held.
    """

    def __init__(self, lasting: bool = False, most: int = MOST_HELD) -> None:
        self._ready: dict[int, tuple[Hashable, Ready]] = {}
        self._bytes = 0
        self._lasting, self._most = lasting, most
        self._lock = Lock()

    def keep(self, numbers: Sequence[int]) -> None:
        """Let go of all pieces but those, unless they are to last."""
        if not self._lasting:
            self._ready = {k: self._ready[k] for k in numbers if k in self._ready}
            self._bytes = sum(_bytes(ready) for _, ready in self._ready.values())

    def get(self, number: int, by: Hashable, make: Callable[[], Ready]) -> Ready:
        """A piece that is held and was made `by` the same, or one that is made now."""
        if (found := self._ready.get(number)) is not None and found[0] == by:
            return found[1]
        made = make()
        with self._lock:
            if (former := self._ready.pop(number, None)) is not None:
                self._bytes -= _bytes(former[1])
            if self._bytes + _bytes(made) <= self._most:
                self._ready[number] = by, made
                self._bytes += _bytes(made)
        return made


def _bytes(piece: Ready) -> int:
    return piece.pixels.nbytes + (0 if piece.shadow is None else piece.shadow.nbytes)
