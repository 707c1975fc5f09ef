"""Sounds made from numbers, whose beats and bands are known: the oracle of what is heard."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

RATE = 44_100


def write_wave(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """`samples` (N,) or (N, channels) in [−1, 1] as 16-bit WAV."""
    table = samples if samples.ndim == 2 else samples[:, None]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(table.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(table, -1, 1) * 32767).round().astype("<i2").tobytes())
    return path


def tone(hertz: float, seconds: float, size: float = 0.5, rate: int = RATE) -> np.ndarray:
    return size * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def kick() -> np.ndarray:
    t = np.arange(int(0.25 * RATE)) / RATE
    return 0.8 * np.sin(2 * np.pi * (50 * t + 25 * (1 - np.exp(-t * 30)) / 3)) * np.exp(-t * 14)


def snare(rng: np.random.Generator) -> np.ndarray:
    t = np.arange(int(0.18 * RATE)) / RATE
    return (0.35 * rng.standard_normal(len(t)) + 0.3 * np.sin(2 * np.pi * 190 * t)) * np.exp(
        -t * 24
    )


def hat(rng: np.random.Generator) -> np.ndarray:
    t = np.arange(int(0.06 * RATE)) / RATE
    return 0.14 * np.diff(rng.standard_normal(len(t) + 1)) * np.exp(-t * 70)


def lay(sound: np.ndarray, at: float, what: np.ndarray) -> None:
    begin = round(at * RATE)
    part = what[: max(0, len(sound) - begin)]
    sound[begin : begin + len(part)] += part


def drum_loop(
    tempo: float, seconds: float = 16.0, swing: float = 0.5, pad: float = 0.0, offset: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Kick on one and three, snare on two and four, hats on eighths, and when its beats are.

    `swing` is where the second eighth of a beat lies, `pad` how loud a chord sounds over it,
    `offset` how many seconds of silence are before.
    """
    rng = np.random.default_rng(round(tempo))
    sound = np.zeros(round(seconds * RATE))
    beat = 60 / tempo
    beats = np.arange(offset, seconds - 0.05, beat)
    for k, at in enumerate(beats):
        lay(sound, at, kick() if k % 2 == 0 else snare(rng))
        lay(sound, at, hat(rng))
        lay(sound, at + swing * beat, hat(rng))
    t = np.arange(len(sound)) / RATE
    for hertz in (220.0, 277.2, 329.6):
        sound += pad / 3 * np.sin(2 * np.pi * hertz * t + np.sin(0.7 * t)) * (t >= offset)
    return 0.8 * sound / np.abs(sound).max(), beats


def share_found(found: np.ndarray, true: np.ndarray, within: float = 0.035) -> float:
    """How many of the beats that there are were found."""
    if not len(found):
        return 0.0
    return float(np.mean([np.abs(found - at).min() <= within for at in true]))
