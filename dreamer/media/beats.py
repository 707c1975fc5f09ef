"""Beats: where one would tap one's foot, from how much begins when.

After D. Ellis, *Beat Tracking by Dynamic Programming* (2007): the tempo is the period at which the
onsets are most like themselves, by autocorrelation, a preference for about 120 beats a minute
added; the beats are those moments that have the strongest onsets together and lie a period apart.

One tempo is found for the whole sound, and beats may wander about it by some percent; music that
changes its tempo has beats that fit its longest part. Twice or half of what a person would tap is
the usual error.
"""

from __future__ import annotations

import numpy as np

from dreamer.media.spectra import FRAME_RATE

SLOWEST, FASTEST = 55.0, 210.0  # beats a minute
PREFERRED, OCTAVES = 115.0, 0.9  # of the preference: its middle, and its width in octaves
NEAR = 0.06  # octaves about a tempo that somebody says
TIGHT = 100.0  # how much a period that is off costs, against onsets of deviation 1
LEAST_TEMPO = 30.0  # that somebody may say
LEAST_SECONDS = 2.0
WEAK = 0.3  # of the mean strength of beats: what is weaker at either end is none
LATE = 0.003  # seconds: a window sees what begins so much before its own moment


def tempo_of(flux: np.ndarray, about: float | None = None) -> float:
    """Beats a minute of a sound with onset strengths `flux` (N,), `FRAME_RATE` a second; 0 where
    it has none. `about` is what somebody says that they are, within some percent.
    """
    if len(flux) < LEAST_SECONDS * FRAME_RATE or not flux.any():
        return 0.0
    like = _autocorrelation(_smooth(flux))
    slowest, fastest = (SLOWEST, FASTEST) if about is None else (about * 0.9, about * 1.1)
    periods = np.arange(60 * FRAME_RATE / fastest, 60 * FRAME_RATE / slowest, 0.05)
    found = np.interp(periods, np.arange(len(like)), like, right=0.0)
    # What repeats after two and four beats speaks for a beat as well.
    for multiple, part in ((2, 0.5), (4, 0.25)):
        found += part * np.interp(multiple * periods, np.arange(len(like)), like, right=0.0)
    middle, width = (PREFERRED, OCTAVES) if about is None else (about, NEAR)
    away = np.log2(60 * FRAME_RATE / periods / middle) / width
    weighed = found * np.exp(-0.5 * away**2)
    if weighed.max() <= 0:
        return about or 0.0
    return float(60 * FRAME_RATE / periods[weighed.argmax()])


def beats_of(flux: np.ndarray, tempo: float) -> np.ndarray:
    """The beats of such a sound, in seconds, float64, in order; none without a tempo."""
    if not tempo:
        return np.zeros(0)
    strength = _smooth(flux) / max(float(flux.std()), 1e-9)
    period = 60 * FRAME_RATE / tempo
    back = np.arange(-round(2 * period), -max(1, round(period / 2)) + 1)
    cost = -TIGHT * np.log(-back / period) ** 2
    reach = -int(back[0])
    # In front of the first frame stand `reach` that nothing began in.
    best = np.zeros(len(strength) + reach)
    before = np.full(len(strength) + reach, -1, np.int64)
    for k in range(len(strength)):
        here = k + reach
        scores = best[k : k + len(back)] + cost
        chosen = int(scores.argmax())
        best[here] = strength[k]
        if scores[chosen] > 0:
            best[here] += scores[chosen]
            before[here] = k + chosen
    # Of the last two periods the best ends the way.
    last = int(best[-max(1, round(2 * period)) :].argmax()) + len(best) - max(1, round(2 * period))
    way = []
    while last >= reach:
        way.append(last - reach)
        last = int(before[last])
    return _timed(_kept(np.array(way[::-1], np.int64), strength), strength)


def _kept(way: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Without beats at either end where nothing begins."""
    if not len(way):
        return way
    near = np.array([strength[max(0, k - 2) : k + 3].max() for k in way])
    firm = np.flatnonzero(near >= WEAK * near.mean())
    return way[firm[0] : firm[-1] + 1]


def _timed(way: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Frames as seconds, between frames where a parabola through three of them is highest."""
    found = []
    for k in way:
        moment = float(k)
        if 0 < k < len(strength) - 1:
            low, middle, high = strength[k - 1 : k + 2].astype(float)
            bend = low - 2 * middle + high
            if bend < 0:
                moment += float(np.clip(0.5 * (low - high) / bend, -0.5, 0.5))
        found.append(max(moment / FRAME_RATE + LATE, 0.0))
    return np.array(found, np.float64)


def _smooth(flux: np.ndarray) -> np.ndarray:
    """`flux` over about 40 ms, so that beats a little off still meet."""
    shape = np.array([0.25, 0.75, 1.0, 0.75, 0.25])
    return np.convolve(flux.astype(np.float64), shape / shape.sum(), mode="same")


def _autocorrelation(values: np.ndarray) -> np.ndarray:
    """Of `values`, up to eight of the slowest beats, as a part of what they are at once."""
    most = min(len(values), round(8 * 60 * FRAME_RATE / LEAST_TEMPO))
    size = 1 << (2 * len(values) - 1).bit_length()
    spectrum = np.fft.rfft(values - values.mean(), size)
    found = np.fft.irfft(np.abs(spectrum) ** 2, size)[:most]
    found = found / np.maximum(len(values) - np.arange(most), 1) * len(values)
    return np.asarray(found / max(float(found[0]), 1e-12))
