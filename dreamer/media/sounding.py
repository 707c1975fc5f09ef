"""All that is heard in a file, kept while the process lives: a recipe asks for it several times,
and a render again of its own copy, so that it is kept by what is in the file.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from dreamer.errors import MediaError
from dreamer.media.beats import beats_of, tempo_of
from dreamer.media.envelopes import envelopes, onsets
from dreamer.media.hearing import RATE, read_samples
from dreamer.media.sound_probing import reading_sound
from dreamer.media.spectra import FRAME_RATE, spectra_of

Key = TypeVar("Key")
Value = TypeVar("Value")
MOST_KEPT = 4  # sounds, and sets of beats


@dataclass(frozen=True)
class Heard:
    """A sound: how long it is, its tempo in beats a minute (0 where it has none), its beats in
    seconds, and its envelopes by name, float32 in [0, 1], `rate` a second from its first moment on.
    """

    seconds: float
    tempo: float
    beats: tuple[float, ...]
    rate: float
    envelopes: Mapping[str, np.ndarray]


class _Listened(NamedTuple):
    seconds: float
    onsets: np.ndarray
    envelopes: Mapping[str, np.ndarray]


_listened: OrderedDict[str, _Listened] = OrderedDict()
_heard: OrderedDict[tuple[str, float | None], Heard] = OrderedDict()


def hear(path: Path, tempo: float | None = None) -> Heard:
    """All that is heard in the file at `path`, by decoding it whole, once. `tempo` is about how
    many beats a minute it has, where somebody says so.

    Raises:
        MediaError: no such file, one without sound, a damaged one, or one of more than
            `hearing.LONGEST` seconds.
    """
    reading_sound(path)  # which says what is wrong where no file is
    sha256 = _contents(path)

    def made() -> Heard:
        found = _kept(_listened, sha256, lambda: _listen(path))
        about = tempo_of(found.onsets, tempo)
        beats = tuple(map(float, beats_of(found.onsets, about)))
        return Heard(found.seconds, about, beats, FRAME_RATE, found.envelopes)

    return _kept(_heard, (sha256, tempo), made)


def _listen(path: Path) -> _Listened:
    found = spectra_of(read_samples(path))
    return _Listened(found.samples / RATE, onsets(found), envelopes(found))


def _kept(there: OrderedDict[Key, Value], key: Key, make: Callable[[], Value]) -> Value:
    """What `there` has of `key`, made if it is not there; what was asked for longest ago goes."""
    if key not in there:
        there[key] = make()
    there.move_to_end(key)
    while len(there) > MOST_KEPT:
        there.popitem(last=False)
    return there[key]


def _contents(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise MediaError(f"{path} cannot be opened: {error.strerror}") from error
    return digest.hexdigest()
