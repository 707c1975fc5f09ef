"""How long sounds are by their headers and packets: held against how they were made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drum_loops import RATE, tone, write_wave
from filmed import film, numbered, run

from dreamer.errors import MediaError
from dreamer.media.hearing import read_samples
from dreamer.media.sound_probing import MOST_LEAP, sound_header, sound_seconds, whole_seconds
from dreamer.media.sounding import hear


@pytest.fixture
def soft_then_loud(tmp_path: Path) -> Path:
    """Five seconds of silence, in which an encoder needs few bits, then three of noise."""
    noise = np.random.default_rng(3).uniform(-0.5, 0.5, 3 * RATE)
    return write_wave(tmp_path / "x.wav", np.r_[np.zeros(5 * RATE), noise])


def leaping(tmp_path: Path, seconds: float) -> Path:
    """A second of sound, in whose middle the clock leaps ahead."""
    sound, out = write_wave(tmp_path / "x.wav", tone(440, 1)), tmp_path / f"leap{seconds:.0f}.mkv"
    leap = f"asetpts='if(gt(T,0.5),PTS+{seconds}/TB,PTS)'"
    run("-i", sound, "-af", leap, "-c:a", "flac", "-copyts", out)
    return out


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("raw.mp3", ("-c:a", "libmp3lame", "-q:a", 2, "-write_xing", 0)),
        ("raw.aac", ("-c:a", "aac")),
        ("raw.ac3", ("-c:a", "ac3")),
    ],
)
def test_a_length_that_is_only_guessed_is_not_believed(
    soft_then_loud: Path, name: str, told: tuple[object, ...]
) -> None:
    """Ffmpeg guesses three times as much of the first bytes, and the whole file was refused."""
    path = soft_then_loud.with_name(name)
    run("-i", soft_then_loud, *told, path)
    assert sound_header(path).seconds == 0
    assert sound_seconds(path) == pytest.approx(8, abs=0.1)
    assert hear(path).seconds == pytest.approx(8, abs=0.1)


@pytest.mark.parametrize("name", ["a.mp3", "a.flac", "a.ogg", "a.m4a", "a.mka", "a.wav"])
def test_a_length_that_is_counted_is_that_of_the_packets(soft_then_loud: Path, name: str) -> None:
    path = soft_then_loud.with_name(name)
    run("-i", soft_then_loud, path)
    assert sound_header(path).seconds == pytest.approx(8, abs=0.1)
    assert whole_seconds(path) == pytest.approx(8, abs=0.1)


def test_a_films_sound_may_be_shorter_than_the_film(tmp_path: Path) -> None:
    pictures = film(tmp_path / "mute.mkv", numbered(48), 12)
    sound, short = write_wave(tmp_path / "x.wav", tone(440, 1)), tmp_path / "short.mp4"
    run("-i", pictures, "-i", sound, "-c:v", "copy", "-c:a", "aac", short)
    assert sound_header(short).film
    assert whole_seconds(short) == pytest.approx(1, abs=0.1)
    assert hear(short).seconds == pytest.approx(1, abs=0.1)


def test_a_clock_that_leaps_far_is_damage(tmp_path: Path) -> None:
    path = leaping(tmp_path, 20_000)
    assert path.stat().st_size < 200_000
    with pytest.raises(MediaError, match=r"is damaged: its clock leaps from 0\.\d s to 20000"):
        hear(path)
    with pytest.raises(MediaError, match="its clock leaps"):
        whole_seconds(path)


def test_a_pause_in_a_recording_is_silence(tmp_path: Path) -> None:
    path = leaping(tmp_path, 30)
    assert MOST_LEAP > 30
    found = np.concatenate(list(read_samples(path)))
    assert len(found) / 22_050 == pytest.approx(31, abs=0.05)
    assert np.abs(found[22_050 : 30 * 22_050]).max() < 1e-3
    assert np.abs(found[-round(0.3 * 22_050) :]).max() > 0.4


def test_what_is_too_long_to_follow_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    """By its header, by its packets, and by what comes of them."""
    sound = write_wave(tmp_path / "x.wav", tone(440, 3))
    raw = tmp_path / "x.aac"
    run("-i", sound, raw)
    for path in (sound, raw):
        with pytest.raises(MediaError, match=r"hours long; numbers and beats can follow"):
            next(read_samples(path, longest=2.0))
    assert sum(map(len, read_samples(sound, longest=3.01))) == 3 * 22_050


def test_seven_hours_are_refused_by_the_header(tmp_path: Path) -> None:
    path = write_wave(tmp_path / "night.wav", np.zeros(7 * 3600 * 100), 100)
    with pytest.raises(MediaError, match=r"is 7\.0 hours long; .* up to 6 hours"):
        hear(path)
    assert sound_seconds(path) == pytest.approx(7 * 3600)  # under a film it may lie
