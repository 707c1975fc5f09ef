"""All that is heard in a file, kept while the process lives: a recipe asks for it several times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from dreamer.media.beats import beats_of, tempo_of
from dreamer.media.envelopes import envelopes, onsets
from dreamer.media.hearing import RATE, read_samples
from dreamer.media.spectra import FRAME_RATE, spectra_of


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


def hear(path: Path, tempo: float | None = None) -> Heard:
    """All that is heard in the file at `path`, by decoding it whole, once. `tempo` is about how
    many beats a minute it has, where somebody says so.

    Raises:
        MediaError: no such file, one without sound, or one that breaks off.
    """
    try:
        state = path.stat()
    except OSError:
        state = None  # whoever reads it says what is wrong
    seconds, flux, found = _listened(path, state and (state.st_mtime_ns, state.st_size))
    about = tempo_of(flux, tempo)
    beats = tuple(map(float, beats_of(flux, about)))
    return Heard(seconds, about, beats, FRAME_RATE, found)


@lru_cache(maxsize=4)
def _listened(
    path: Path, state: tuple[int, int] | None
) -> tuple[float, np.ndarray, dict[str, np.ndarray]]:
    """Seconds, onsets and envelopes of what was in the file at `path` when it had that `state`."""
    found = spectra_of(read_samples(path))
    return found.samples / RATE, onsets(found), envelopes(found)
