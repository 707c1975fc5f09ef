"""What of a sound is told frame by frame: how loud it is in all and in three bands, and its
spectrum in decibels, from which onsets are found. One pass, a few numbers kept a frame.

A frame is a window of `WINDOW` samples about its own moment, `HOP` samples after the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from dreamer.media.hearing import RATE

WINDOW, HOP = 1024, 256
FRAME_RATE = RATE / HOP  # 86 frames a second
BANDS = {"low": (20.0, 200.0), "mid": (200.0, 2000.0), "high": (2000.0, 10_000.0)}  # Hz
MELS = 32  # bands that onsets are looked for in
FAINTEST = 1e-10  # the least power that is told apart from none
AT_ONCE = 512  # frames whose spectra are in memory together


class Spectra(NamedTuple):
    """A sound of `samples` samples: the mean square of frames, weighted as ears do (`loud`, (N,)),
    and in `BANDS` as they are (`bands`, (3, N)); `mel` (N, MELS), decibels.
    """

    samples: int
    loud: np.ndarray
    bands: np.ndarray
    mel: np.ndarray


def spectra_of(blocks: Iterable[np.ndarray]) -> Spectra:
    """The frames of a sound of `RATE` samples a second that comes in `blocks`, float32."""
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    # So that a sine of amplitude 1 has a power of 0.5, its mean square.
    scale = np.float32(2 / (WINDOW * float(np.square(window, dtype=np.float64).sum())))
    weights = _weights() * scale
    loud, bands, mel = [], [], []

    def take(part: np.ndarray) -> None:
        frames = np.lib.stride_tricks.sliding_window_view(part, WINDOW)[::HOP]
        for first in range(0, len(frames), AT_ONCE):
            these = frames[first : first + AT_ONCE]
            if these.any():
                power = np.square(np.abs(np.fft.rfft(these * window)))
                found = power.astype(np.float32) @ weights
            else:  # hours of silence fit into a small file, and should cost as little
                found = np.zeros((len(these), weights.shape[1]), np.float32)
            loud.append(found[:, 0])
            bands.append(found[:, 1:4])
            decibels = 10 * np.log10(np.maximum(found[:, 4:], FAINTEST))
            mel.append(decibels.astype(np.float16))

    samples, left = 0, np.zeros(WINDOW // 2, np.float32)
    for block in blocks:
        samples += len(block)
        left = np.concatenate((left, block.astype(np.float32)))
        whole = (len(left) - WINDOW) // HOP + 1
        if whole > 0:
            take(left[: (whole - 1) * HOP + WINDOW])
            left = left[whole * HOP :]
    take(np.concatenate((left, np.zeros(WINDOW - len(left) % HOP, np.float32))))
    count = samples // HOP + 1
    return Spectra(
        samples,
        np.concatenate(loud)[:count],
        np.concatenate(bands)[:count].T,
        np.concatenate(mel)[:count],
    )


def _weights() -> np.ndarray:
    """What each bin of a spectrum has a part in, (bins, 4 + MELS): loudness, `BANDS`, mel bands."""
    hertz = np.fft.rfftfreq(WINDOW, 1 / RATE)
    columns = [ears(hertz)]
    columns += [((hertz >= low) & (hertz < high)).astype(float) for low, high in BANDS.values()]
    corners = _hertz(np.linspace(_mel(30.0), _mel(10_000.0), MELS + 2))
    for low, middle, high in zip(corners, corners[1:], corners[2:], strict=False):
        # A triangle no narrower than the bins are apart, or a low band would have none.
        wide = max(middle - low, RATE / WINDOW), max(high - middle, RATE / WINDOW)
        rising, falling = 1 - (middle - hertz) / wide[0], 1 - (hertz - middle) / wide[1]
        columns.append(np.clip(np.minimum(rising, falling), 0, 1))
    return np.stack(columns, 1).astype(np.float32)


def _mel(hertz: float) -> float:
    """Stevens, Volkmann & Newman's scale of pitch, as O'Shaughnessy has it."""
    return float(2595 * np.log10(1 + hertz / 700))


def _hertz(mel: np.ndarray) -> np.ndarray:
    found: np.ndarray = 700 * (10 ** (mel / 2595) - 1)
    return found


def ears(hertz: np.ndarray) -> np.ndarray:
    """How much of a power at `hertz` counts as loudness: the K weighting of ITU-R BS.1770-4, whose
    two filters are given at 48 kHz.
    """
    z = np.exp(-2j * np.pi * hertz / 48_000)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    found: np.ndarray = np.abs(shelf * high) ** 2
    return found
