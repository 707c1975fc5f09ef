"""What is heard in compilations: clicks where they belong, silence where there is none, beds."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import filmed
import numpy as np
import pytest
import yaml
from reels import SIZE, numbered, sound

from dreamer.jobs.compile import compile_films
from dreamer.media.mixing import paces
from dreamer.media.probing import probe

RATE = 48_000


def track(
    path: Path, seconds: float, *clicks: float, level: float = 0.0, channels: int = 2
) -> Path:
    """A WAV of a steady tone of `level` with clicks of 2 ms at so many seconds."""
    samples = level * np.sin(np.arange(round(seconds * RATE)) * 2 * np.pi * 440 / RATE)
    for click in clicks:
        at = round(click * RATE)
        samples[at : at + 96] = 0.9
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        levels = np.repeat((samples * 32767).astype("<i2")[:, None], channels, 1)
        file.writeframes(levels.tobytes())
    return path


def heard_film(path: Path, count: int, *clicks: float, level: float = 0.0) -> Path:
    """A film with that sound, which loses nothing."""
    silent = numbered(path.with_suffix(".silent.mp4"), count)
    heard = track(path.with_suffix(".wav"), count / 24, *clicks, level=level)
    filmed.run("-i", silent, "-i", heard, "-c:v", "copy", "-c:a", "pcm_s16le", path)
    return path


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def make(*clips: Any, **words: Any) -> Path:
        # PCM beside ProRes: no codec moves or blurs a click.
        output = {"video": "mov", "codec": "prores"}
        recipe = {"size": list(SIZE), "fps": 24, "output": output, "clips": list(clips)} | words
        Path("cut.yaml").write_text(yaml.safe_dump(recipe))
        (film,) = compile_films(["cut.yaml"], force=True, out=Path("cut.mov")).products
        return film

    return make


def clicks_in(samples: np.ndarray) -> list[float]:
    """The seconds at which clicks begin."""
    loud = np.flatnonzero(np.abs(samples) > 0.5)
    begins = loud[np.diff(loud, prepend=-RATE) > 480]
    return [float(k / RATE) for k in begins]


def test_clicks_are_heard_where_their_clips_are_seen(made) -> None:
    heard_film(Path("a.mov"), 24, 0.25)
    heard_film(Path("b.mov"), 24, 0.5, 0.75)
    film = made("a.mov", {"title": "Silence", "length": 12}, {"file": "b.mov", "start": "0.25s"})
    samples = sound(film)
    assert len(samples) == round((24 + 12 + 18) / 24 * RATE)
    assert np.allclose(clicks_in(samples), [0.25, 1.5 + 0.25, 1.5 + 0.5], atol=0.001)
    assert not samples[RATE : RATE * 3 // 2].any()


def test_sounds_fade_into_each_other_as_their_pictures_do(made) -> None:
    heard_film(Path("a.mov"), 24, level=0.5)
    heard_film(Path("b.mov"), 24)
    film = made("a.mov", {"file": "b.mov", "transition": {"over": 12}})
    samples = sound(film)
    peaks = [np.abs(samples[k : k + 2400]).max() for k in range(0, len(samples) - 2400, 2400)]
    assert len(samples) == RATE * 36 // 24
    assert np.allclose(peaks[:10], 0.5, atol=0.02)
    assert np.allclose(peaks[11:19], [0.5 * (1 - k / 10) for k in range(1, 9)], atol=0.03)
    assert max(peaks[21:]) < 0.01


def test_a_faster_clip_sounds_faster_and_not_higher(made) -> None:
    heard_film(Path("a.mov"), 48, level=0.5)
    samples = sound(made({"file": "a.mov", "speed": 2}))
    assert len(samples) == RATE
    middle = samples[RATE // 4 : RATE // 4 * 3]
    pitch = np.abs(np.fft.rfft(middle)).argmax() * RATE / len(middle)
    assert abs(pitch - 440) < 15
    assert [float(p) for p in paces(8)] == [2, 2, 2]
    assert np.prod([float(p) for p in paces(0.1)]) == pytest.approx(0.1)


def test_a_bed_lies_under_all_of_it_and_alone_unless_said(made) -> None:
    heard_film(Path("a.mov"), 48, 0.5)
    track(Path("bed.wav"), 4.0, 1.0, 1.25, channels=1)
    bed = {"file": "bed.wav", "start": "0.5s", "offset": "0.25s"}
    alone = clicks_in(sound(made("a.mov", sound=bed)))
    assert np.allclose(alone, [0.75, 1.0], atol=0.001)
    both = clicks_in(sound(made("a.mov", sound=bed, clips_sound=True)))
    assert np.allclose(both, [0.5, 0.75, 1.0], atol=0.001)
    loud = np.abs(sound(made("a.mov", sound=bed))).max()
    soft = np.abs(sound(made("a.mov", sound=bed | {"volume": 0.6}))).max()
    assert loud == pytest.approx(0.9, abs=0.01), "one channel is as loud as it was"
    assert soft == pytest.approx(0.54, abs=0.01)


def test_clips_may_be_silent(made) -> None:
    heard_film(Path("a.mov"), 12, 0.25)
    assert not probe(made("a.mov", clips_sound=False)).has_audio
    assert not probe(made({"file": "a.mov", "volume": 0})).has_audio
    assert probe(made("a.mov")).has_audio
