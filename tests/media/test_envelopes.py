"""What schedules follow, held against sounds whose loudness, bands and beginnings are known."""

from __future__ import annotations

import numpy as np
import pytest

from dreamer.media.envelopes import envelopes
from dreamer.media.spectra import BANDS, FRAME_RATE, ears, spectra_of

RATE = 22_050


def heard(sound: np.ndarray, block: int = 5000) -> dict[str, np.ndarray]:
    parts = [sound[k : k + block].astype(np.float32) for k in range(0, len(sound), block)]
    return envelopes(spectra_of(parts))


def at(envelope: np.ndarray, seconds: float) -> float:
    return float(envelope[round(seconds * FRAME_RATE)])


def tone(hertz: float, seconds: float, size: float = 0.5) -> np.ndarray:
    return size * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def test_blocks_do_not_matter() -> None:
    sound = np.random.default_rng(3).normal(0, 0.1, 3 * RATE)
    whole, parts = spectra_of([sound.astype(np.float32)]), heard(sound, 777)
    np.testing.assert_array_equal(envelopes(whole)["audio_mid"], parts["audio_mid"])
    assert whole.samples == len(sound)
    assert len(whole.loud) == len(sound) // 256 + 1


def test_a_power_is_a_mean_square() -> None:
    """By Parseval: of white noise, the bins hold what the samples do."""
    sound = np.random.default_rng(4).normal(0, 0.2, 4 * RATE).astype(np.float32)
    found = spectra_of([sound])
    part = (10_000 - 20) / (RATE / 2)  # of white noise, the three bands hold so much
    assert found.bands.sum(0).mean() == pytest.approx(np.square(sound).mean() * part, rel=0.03)


def test_ears_weigh_as_the_standard_says() -> None:
    """BS.1770: 997 Hz of −3.01 dB mean square reads −3.01 LKFS, when 0.691 is taken off."""
    gain = 10 * np.log10(ears(np.array([997.0, 20.0, 8000.0])))
    assert gain[0] == pytest.approx(0.691, abs=0.01)
    assert gain[1] < -10
    assert gain[2] == pytest.approx(4, abs=0.2)


@pytest.mark.parametrize(("band", "hertz"), [("low", 60), ("mid", 700), ("high", 5000)])
def test_a_tone_is_heard_in_its_band(band: str, hertz: float) -> None:
    found = heard(tone(hertz, 2))
    for name in BANDS:
        value = at(found[f"audio_{name}"], 1.0)
        assert (value > 0.95) if name == band else (value < 0.35), name


def test_a_sweep_goes_through_the_bands() -> None:
    t = np.arange(9 * RATE) / RATE
    rate = np.log(10_000 / 20) / 9  # from 20 Hz to 10 kHz in 9 s
    found = heard(0.5 * np.sin(2 * np.pi * 20 * (np.exp(rate * t) - 1) / rate))
    for name, (low, high) in BANDS.items():
        begins, ends = np.log(low / 20) / rate, np.log(high / 20) / rate
        envelope = found[f"audio_{name}"]
        assert at(envelope, (begins + ends) / 2) > 0.9, name
        if begins > 1:
            assert at(envelope, begins - 0.7) < 0.2, name
        if ends < 8:
            assert at(envelope, ends + 1.5) < 0.2, name


def test_ten_decibels_less_are_half() -> None:
    steps = [1.0, 10**-0.5, 0.1, 10**-1.5]  # 0, −10, −20, −30 dB
    # The loudest takes so little of the time that the rest is not usual.
    found = heard(np.concatenate([tone(1000, 2, 0.8 * size) for size in steps]))["audio"]
    values = [at(found, 2 * k + 1.9) for k in range(4)]
    assert values == pytest.approx([1, 0.5, 0.25, 0.125], rel=0.03)


def test_normalising_is_by_what_is_usual_not_by_the_loudest() -> None:
    sound = tone(1000, 20, 0.1)
    sound[5 * RATE : 5 * RATE + 2000] *= 9  # one bang
    found = heard(sound)["audio"]
    assert at(found, 15) > 0.95
    assert found.max() <= 1


def test_a_quiet_recording_is_followed_as_a_loud_one() -> None:
    sound = np.concatenate([tone(200, 1), tone(200, 1, 0.1), tone(3000, 1)])
    loud, quiet = heard(sound), heard(sound * 0.05)
    for name, envelope in loud.items():
        np.testing.assert_allclose(envelope, quiet[name], atol=0.02)


def test_silence_is_nothing() -> None:
    for sound in (np.zeros(RATE), np.random.default_rng(5).normal(0, 1e-5, RATE)):
        for name, envelope in heard(sound).items():
            assert not envelope.any(), name
    found = heard(np.concatenate([tone(440, 1), np.zeros(4 * RATE)]))
    for name, envelope in found.items():
        assert at(envelope, 4.5) == 0, name


def test_a_rise_is_followed_at_once_and_a_fall_by_half_lives() -> None:
    found = heard(np.concatenate([np.zeros(RATE), tone(440, 1), np.zeros(RATE)]))["audio"]
    assert at(found, 0.96) == 0
    assert at(found, 1.03) > 0.9
    ratio = at(found, 2.3) / at(found, 2.15)
    assert ratio == pytest.approx(0.5, abs=0.03)  # 0.15 s later


def test_onsets_are_where_something_begins() -> None:
    rng = np.random.default_rng(6)
    sound = 0.02 * rng.standard_normal(6 * RATE)
    moments = (0.8, 1.9, 2.7, 4.4)
    for moment in moments:
        begin = round(moment * RATE)
        sound[begin : begin + 4000] += rng.standard_normal(4000) * np.exp(-np.arange(4000) / 900)
    found = heard(0.3 * sound)["audio_onset"]
    for moment in moments:
        assert at(found, moment - 0.06) < 0.2
        assert found[round((moment - 0.02) * FRAME_RATE) :][:5].max() > 0.7
    assert at(found, 3.6) < 0.1
    steady = heard(tone(440, 4))["audio_onset"]
    assert steady[round(0.5 * FRAME_RATE) : round(3.5 * FRAME_RATE)].max() < 0.05
