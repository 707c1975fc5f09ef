"""Beats of drum loops whose beats are known."""

from __future__ import annotations

import numpy as np
import pytest
from drum_loops import drum_loop, share_found, tone

from dreamer.media.beats import beats_of, tempo_of
from dreamer.media.envelopes import onsets
from dreamer.media.spectra import spectra_of

SWUNG = {"swing": 0.66}
LAID_OVER = {"pad": 0.6}
LATE = {"offset": 1.37}
ALL = {"swing": 0.6, "pad": 0.8, "offset": 2.2}


def tapped(sound: np.ndarray, about: float | None = None) -> tuple[float, np.ndarray]:
    halved = sound[: len(sound) // 2 * 2].reshape(-1, 2).mean(1).astype(np.float32)
    flux = onsets(spectra_of([halved]))
    tempo = tempo_of(flux, about)
    return tempo, beats_of(flux, tempo)


@pytest.mark.parametrize("how", [{}, SWUNG, LAID_OVER, LATE, ALL], ids=str)
@pytest.mark.parametrize("tempo", [80, 100, 120, 140])
def test_beats_are_found(tempo: float, how: dict[str, float]) -> None:
    sound, true = drum_loop(tempo, 14, **how)
    found, beats = tapped(sound)
    assert found == pytest.approx(tempo, rel=0.01)
    assert share_found(beats, true, 0.015) >= 0.95
    assert share_found(true, beats, 0.015) >= 0.95  # and none that there are not


@pytest.mark.parametrize("tempo", [70, 90, 150, 160, 174, 180])
def test_twice_or_half_is_all_that_is_taken_for_it(tempo: float) -> None:
    """At the ends of the range it may be an octave off; what is found then lies on the grid."""
    sound, true = drum_loop(tempo, 14)
    found, beats = tapped(sound)
    times = found / tempo
    assert min(abs(times - octave) for octave in (0.5, 1, 2)) < 0.02
    grid = np.arange(true[0], true[-1] + 0.01, 30 / tempo)
    assert share_found(grid, beats, 0.035) == 1
    if times > 0.9:
        assert share_found(beats, true) >= 0.9


@pytest.mark.parametrize("tempo", [70, 174, 180])
def test_who_knows_the_tempo_says_it(tempo: float) -> None:
    sound, true = drum_loop(tempo, 14)
    found, beats = tapped(sound, about=round(tempo * 1.03))
    assert found == pytest.approx(tempo, rel=0.01)
    assert share_found(beats, true) >= 0.95
    assert share_found(true, beats) >= 0.95


def test_clicks_are_timed() -> None:
    sound = np.zeros(10 * 44_100)
    moments = np.arange(0.4, 9.8, 0.5)
    for moment in moments:
        sound[round(moment * 44_100)] = 0.9
    _, beats = tapped(sound)
    assert share_found(beats, moments, 0.015) == 1


def test_a_tempo_that_drifts_is_followed() -> None:
    """From 118 to 122 beats a minute in half a minute, as people play."""
    moments = [0.5]
    while moments[-1] < 29:
        moments.append(moments[-1] + 60 / (118 + 4 * moments[-1] / 30))
    sound = np.zeros(30 * 44_100)
    for moment in moments:
        at = round(moment * 44_100)
        sound[at : at + 3000] = tone(150, 3000 / 44_100)[:3000] * np.exp(-np.arange(3000) / 600)
    _, beats = tapped(sound)
    assert share_found(beats, np.array(moments)) >= 0.95


def test_where_nothing_beats_there_are_no_beats() -> None:
    for sound in (np.zeros(5 * 44_100), tone(440, 1.0)):
        tempo, beats = tapped(sound)
        assert tempo == 0
        assert not len(beats)
