"""From spectra to what schedules follow: envelopes in [0, 1], each a pure function of the sound.

**Loudness.** A power is felt as its 0.3rd power (Stevens 1955: ten decibels more are twice as
loud), so that half as loud is half the number, and quiet passages still show:
`(power / usual)^0.3`, cut at 1, where `usual` is the 95th percentile of all that is not silence.
Below −70 LUFS (the gate of ITU-R BS.1770-4) all is silence, and 0.

**Time.** A rise is followed as fast as a window sees it (about 20 ms), a fall at half the height in
`HALF_LIFE` seconds. Both are of the sound's own time: another rate of frames changes nothing.
"""

from __future__ import annotations

import numpy as np

from dreamer.media.spectra import BANDS, FRAME_RATE, Spectra

POWER_OF_LOUDNESS = 0.3
USUAL = 95  # percentile
SILENCE = 10 ** ((-70 + 0.691) / 10)  # mean square, weighted
BAND_FLOOR = 1e-4  # of the usual power: what is fainter in a band is not made to fill it
HALF_LIFE = {"loudness": 0.15, "onset": 0.1}  # seconds
USUAL_ONSET = 97  # percentile: of music, two or three frames in a hundred are attacks
LEAST_PART = 0.25  # of the strongest onset, where onsets are so rare that a percentile has none
RANGE = 60.0  # decibels below the loudest band where a beginning is not heard
LAG = 2  # frames that a spectrum is compared over
AROUND = 0.5  # seconds before and after whose mean flux is no beginning
GONE = 1e-3


def envelopes(found: Spectra) -> dict[str, np.ndarray]:
    """`audio`, `audio_low`, `audio_mid`, `audio_high`, `audio_onset`: float32 in [0, 1], a value a
    frame.
    """
    heard = found.loud >= SILENCE
    made = {"audio": _loudness(found.loud, _usual(found.loud, heard), heard)}
    total = _usual(found.bands.sum(0), heard)
    for name, power in zip(BANDS, found.bands, strict=True):
        usual = max(_usual(power, heard), BAND_FLOOR * total)
        made[f"audio_{name}"] = _loudness(power, usual, heard)
    made["audio_onset"] = _released(_normalised(onsets(found)), HALF_LIFE["onset"])
    return made


def _usual(power: np.ndarray, heard: np.ndarray) -> float:
    return float(np.percentile(power[heard], USUAL)) if heard.any() else 0.0


def _loudness(power: np.ndarray, usual: float, heard: np.ndarray) -> np.ndarray:
    if usual <= 0:
        return np.zeros(len(power), np.float32)
    felt = np.where(heard, np.minimum(power / usual, 1.0) ** POWER_OF_LOUDNESS, 0.0)
    return _released(felt, HALF_LIFE["loudness"])


def _released(values: np.ndarray, half_life: float) -> np.ndarray:
    """`values` falling no faster than to half in `half_life` seconds: y = max(x, y before · d).

    In logarithms that is a maximum of all before, each lowered by its age.
    """
    fall = np.log(2) / (half_life * FRAME_RATE) * np.arange(len(values))
    logs = np.log(np.maximum(values, 1e-12))
    found = np.exp(np.maximum.accumulate(logs + fall) - fall)
    found[found < GONE] = 0.0
    return np.asarray(found, np.float32)


def onsets(found: Spectra) -> np.ndarray:
    """How much begins in each frame: the spectral flux, in mean decibels over the mel bands.

    Rises of each band over `LAG` frames are added, those of a pitch that only moves to a
    neighbouring band are not (Böck & Widmer 2013), and what is usual around is taken off (Bello et
    al. 2005).
    """
    loudest = float(found.mel.max(initial=-np.inf))
    if len(found.mel) <= LAG or not (found.loud >= SILENCE).any():
        return np.zeros(len(found.mel), np.float32)
    flux = np.zeros(len(found.mel), np.float32)
    step = 1 << 14
    for first in range(LAG, len(flux), step):
        part = found.mel[first - LAG : first + step].astype(np.float32)
        part = np.maximum(part, loudest - RANGE)
        before = np.pad(part[:-LAG], ((0, 0), (1, 1)), mode="edge")
        before = np.maximum(np.maximum(before[:, :-2], before[:, 1:-1]), before[:, 2:])
        flux[first : first + step] = np.maximum(part[LAG:] - before, 0).mean(1)
    # The first frames are compared to the silence before the sound.
    begun = np.maximum(found.mel[:LAG].astype(np.float32), loudest - RANGE) - (loudest - RANGE)
    flux[:LAG] = begun.mean(1)
    around = round(AROUND * FRAME_RATE)
    begun = np.maximum(flux - _mean_around(flux, around), 0)
    return np.asarray(begun, np.float32)


def _mean_around(values: np.ndarray, reach: int) -> np.ndarray:
    """The mean of the values up to `reach` before and after each."""
    sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    places = np.arange(len(values))
    low, high = np.maximum(places - reach, 0), np.minimum(places + reach + 1, len(values))
    found: np.ndarray = ((sums[high] - sums[low]) / (high - low)).astype(np.float32)
    return found


def _normalised(flux: np.ndarray) -> np.ndarray:
    most = float(flux.max(initial=0.0))
    usual = max(float(np.percentile(flux, USUAL_ONSET)), LEAST_PART * most) if most else 1.0
    found: np.ndarray = np.minimum(flux / usual, 1.0)
    return found
