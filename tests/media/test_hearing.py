"""Files with sound become numbers: held against the numbers that were written into them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from drum_loops import RATE, tone, write_wave
from filmed import film, numbered, run

from dreamer.errors import MediaError
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.hearing import BLOCK, read_samples
from dreamer.media.sound_probing import sound_seconds
from dreamer.media.sounding import hear


def samples_of(path: Path, rate: int = 22_050) -> np.ndarray:
    return np.concatenate(list(read_samples(path, rate)))


def converted(path: Path, name: str, *told: str) -> Path:
    out = path.with_name(name)
    subprocess.run(
        [ffmpeg_binary(), "-v", "error", "-y", "-i", str(path), *told, str(out)], check=True
    )
    return out


def test_samples_are_those_that_were_written(tmp_path: Path) -> None:
    """At the file's own rate nothing is resampled: every one is there, to 16 bits."""
    written = np.random.default_rng(1).uniform(-0.9, 0.9, 3 * BLOCK + 17)
    path = write_wave(tmp_path / "noise.wav", written, 22_050)
    blocks = list(read_samples(path))
    assert [len(block) for block in blocks] == [BLOCK, BLOCK, BLOCK, 17]
    np.testing.assert_allclose(np.concatenate(blocks), written, atol=1 / 16384)
    assert sound_seconds(path) == pytest.approx(len(written) / 22_050, abs=0.01)


def test_a_sound_that_begins_after_its_pictures_is_heard_when_it_is(tmp_path: Path) -> None:
    """Half a second late in a film: samples lie where the film's clock says."""
    tick = write_wave(tmp_path / "tick.wav", np.r_[0.9, np.zeros(22_049)], 22_050)
    pictures = film(tmp_path / "mute.mkv", numbered(24), 12)
    late = tmp_path / "late.mkv"
    run("-i", pictures, "-itsoffset", 0.5, "-i", tick, "-c:v", "copy", "-c:a", "flac", late)
    found = samples_of(late)
    assert len(found) / 22_050 == pytest.approx(1.5, abs=0.01)
    assert np.abs(found).argmax() / 22_050 == pytest.approx(0.5, abs=0.002)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_every_rate_keeps_pitch_and_length(tmp_path: Path, rate: int) -> None:
    path = write_wave(tmp_path / "a.wav", tone(440, 1.5, rate=rate), rate)
    found = samples_of(path)
    assert len(found) == pytest.approx(1.5 * 22_050, abs=2)
    spectrum = np.abs(np.fft.rfft(found))
    assert np.fft.rfftfreq(len(found), 1 / 22_050)[spectrum.argmax()] == pytest.approx(440, abs=1)


def test_channels_are_mixed(tmp_path: Path) -> None:
    left, right = tone(300, 0.5, 0.4), tone(900, 0.5, 0.2)
    stereo = write_wave(tmp_path / "stereo.wav", np.stack([left, right], 1))
    np.testing.assert_allclose(samples_of(stereo, RATE), (left + right) / np.sqrt(2), atol=2e-4)
    six = np.zeros((len(left), 6))
    six[:, 4] = left  # at the back on the left
    around = samples_of(write_wave(tmp_path / "six.wav", six), RATE)
    assert np.abs(around).max() > 0.05


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a.mp3", ()),
        ("a.ogg", ("-c:a", "libopus")),
        ("a.flac", ()),
        ("a.m4a", ("-c:a", "aac")),
        ("a.aiff", ()),
    ],
)
def test_kinds_of_files(tmp_path: Path, name: str, told: tuple[str, ...]) -> None:
    path = converted(write_wave(tmp_path / "x.wav", tone(440, 2)), name, *told)
    found = samples_of(path)
    assert len(found) / 22_050 == pytest.approx(2, abs=0.06)
    middle = found[11_025:33_075]
    assert np.sqrt(np.square(middle).mean()) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_a_films_sound_is_heard(tmp_path: Path) -> None:
    sound = write_wave(tmp_path / "x.wav", tone(440, 1))
    pictures = ("-f", "lavfi", "-i", "color=red:s=64x64:r=10:d=1")
    film = converted(sound, "film.mp4", *pictures, "-c:a", "aac", "-c:v", "libx264")
    assert len(samples_of(film)) / 22_050 == pytest.approx(1, abs=0.06)


def test_what_is_no_sound_is_named(tmp_path: Path) -> None:
    page, empty = tmp_path / "song.mp3", tmp_path / "empty.wav"
    page.write_text("<!doctype html><title>404</title>")
    empty.write_bytes(b"")
    mute = tmp_path / "mute.mp4"
    drawn = ("-f", "lavfi", "-i", "color=red:s=64x64:r=10:d=0.5")
    subprocess.run([ffmpeg_binary(), "-v", "error", *drawn, str(mute)], check=True)
    playlist = tmp_path / "list.mp3"
    playlist.write_text(f"#EXTM3U\n{mute}\n")
    noise = tmp_path / "noise.mp3"
    noise.write_bytes(np.random.default_rng(1).bytes(5000).replace(b"\xff", b"\0"))
    for path, said in (
        (page, "is an HTML page; expected a file with sound"),
        (empty, "is an empty file; expected a file with sound"),
        (mute, "is an MP4 film without sound"),
        (playlist, "is a playlist, which may name other files; expected"),
        (noise, "is no sound of a kind known here; expected"),
        (tmp_path, "is a folder; expected a file with sound, like"),
        (tmp_path / "gone.mp3", "no such file"),
    ):
        with pytest.raises(MediaError, match=said):
            sound_seconds(path)
        with pytest.raises(MediaError, match=said):
            hear(path)


def test_what_breaks_off_is_told(tmp_path: Path) -> None:
    """A file that was cut in the middle says in its header how long it was."""
    whole = write_wave(tmp_path / "x.wav", np.random.default_rng(2).uniform(-0.5, 0.5, 4 * RATE))
    for name, told in (("x.flac", ()), ("x.m4a", ("-c:a", "aac", "-movflags", "+faststart"))):
        path = converted(whole, name, *told)
        cut = path.with_name(f"cut-{name}")
        cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(MediaError, match=r"breaks off|cannot be read|could not read"):
            hear(cut)
    headless = tmp_path / "headless.wav"
    headless.write_bytes(whole.read_bytes()[:20])
    with pytest.raises(MediaError, match="a WAV sound"):
        hear(headless)


def test_the_least_sound_is_one(tmp_path: Path) -> None:
    found = hear(write_wave(tmp_path / "short.wav", tone(440, 0.1)))
    assert found.seconds == pytest.approx(0.1, abs=1e-3)
    assert (found.tempo, found.beats) == (0, ())
    assert found.envelopes["audio"].max() == pytest.approx(1, abs=0.01)


def test_a_changed_file_is_heard_anew(tmp_path: Path) -> None:
    path = write_wave(tmp_path / "x.wav", tone(440, 1))
    assert hear(path).seconds == pytest.approx(1, abs=1e-3)
    write_wave(path, tone(440, 2))
    assert hear(path).seconds == pytest.approx(2, abs=1e-3)


def test_a_copy_is_not_heard_again(tmp_path: Path) -> None:
    """Neither decoded nor searched for beats: it is the same object."""
    path = write_wave(tmp_path / "x.wav", tone(440, 3))
    copy = tmp_path / "copy.wav"
    copy.write_bytes(path.read_bytes())
    assert hear(copy) is hear(path)
    said = hear(path, 174)
    assert said is not hear(path)
    assert said is hear(copy, 174)
    assert said.envelopes is hear(path).envelopes
