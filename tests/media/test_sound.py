"""Sound beside a film: in step with its pictures, exactly as long, faded, filled with silence."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from filmed import run

from dreamer.errors import MediaError
from dreamer.film_formats import CONTAINERS
from dreamer.media.codecs import available_codecs
from dreamer.media.encoding import Encoding
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.film import Film, Sound
from dreamer.media.metadata import read_texts
from dreamer.media.pictures import encode_png
from dreamer.media.probing import count_frames, probe
from dreamer.media.sound import fades, seconds_of
from dreamer.media.video import encode_films

FPS = Fraction(24000, 1001)
FRAMES = 36
RATE = 44_100
PAIRS = [(box, c) for box, row in CONTAINERS.items() if row.sound for c in row.codecs]


def written(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def clicks(path: Path, *seconds: float, length: float = 3.0) -> Path:
    """A track that is silent but for a click of 4 ms at each of `seconds`."""
    samples = np.zeros(round(length * RATE), np.float32)
    for moment in seconds:
        samples[round(moment * RATE) :][:180] = 0.9 * np.sign(np.sin(np.arange(180) / 3))
    return written(path, samples)


def tone(path: Path, length: float) -> Path:
    return written(path, 0.5 * np.sin(np.arange(round(length * RATE)) * 0.1))


def heard(path: Path) -> np.ndarray:
    """The film's sound at 48 kHz."""
    command = [ffmpeg_binary(), "-v", "error", "-i", str(path), "-map", "0:a", "-f", "f32le"]
    raw = subprocess.run([*command, "-ac", "1", "-ar", "48000", "-"], capture_output=True)
    assert raw.returncode == 0, raw.stderr
    return np.frombuffer(raw.stdout, "<f4")


def frames_with_clicks(path: Path) -> list[int]:
    """In which frames a click begins."""
    loud = np.flatnonzero(np.abs(heard(path)) > 0.3)
    first = [int(k) for n, k in enumerate(loud) if n == 0 or k - loud[n - 1] > 4000]
    return [int(k / 48_000 * FPS) for k in first]


@pytest.fixture
def frames(tmp_path: Path) -> list[Path]:
    """Dark frames, of which the sixth and the thirtieth flash."""
    paths = []
    for k in range(FRAMES):
        paths.append(tmp_path / f"{k:06d}.png")
        paths[-1].write_bytes(encode_png(np.full((3, 32, 48), float(k in (6, 30)), np.float32)))
    return paths


def flashes(path: Path) -> list[int]:
    command = [ffmpeg_binary(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt"]
    raw = subprocess.run([*command, "gray", "-"], capture_output=True, check=True).stdout
    means = np.frombuffer(raw, np.uint8).reshape(-1, 32 * 48).mean(1)
    return [int(k) for k in np.flatnonzero(means > 128)]


@pytest.mark.parametrize(("box", "codec"), PAIRS)
def test_a_click_is_heard_with_its_frame(
    tmp_path: Path, frames: list[Path], box: str, codec: str
) -> None:
    if codec not in available_codecs():
        pytest.skip(f"this ffmpeg has no {codec}")
    track = clicks(tmp_path / "c.wav", *(float((k + 0.5) / FPS) for k in (6, 30)))
    outs = [tmp_path / f"{name}.{box}" for name in "ab"]
    texts = {"dreamer:recipe": "seed: 1"}
    film = Film(FPS, box, codec, preset="ultrafast" if codec != "prores" else "medium")
    film = Film(FPS, box, codec, preset=film.preset, texts=texts, sound=Sound(track))
    encode_films(frames, dict.fromkeys(outs, film))
    assert frames_with_clicks(outs[0]) == [6, 30]
    assert flashes(outs[0]) == [6, 30]
    assert len(heard(outs[0])) == round(FRAMES / FPS * 48_000), "as long as the film, to the sample"
    assert (count_frames(outs[0]), probe(outs[0]).fps) == (FRAMES, FPS)
    assert probe(outs[0]).has_audio
    assert read_texts(outs[0]) == texts
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_the_sound_of_a_film_that_begins_late_stays_in_step(
    tmp_path: Path, frames: list[Path]
) -> None:
    """The source's sound begins half a second after its pictures: its click at 0.5 s is at 1 s."""
    track, late = clicks(tmp_path / "c.wav", 0.5 + 0.5 / FPS), tmp_path / "late.mkv"
    run(
        "-f",
        "lavfi",
        "-i",
        "color=s=32x32:d=2",
        "-itsoffset",
        0.5,
        "-i",
        track,
        "-c:a",
        "flac",
        late,
    )
    out = tmp_path / "film.mkv"
    encode_films(frames, {out: Film(FPS, "mkv", "h264", preset="ultrafast", sound=Sound(late))})
    assert frames_with_clicks(out) == [int(FPS + Fraction(1, 2))]


def test_a_sound_begins_where_it_is_told_to(tmp_path: Path, frames: list[Path]) -> None:
    track = clicks(tmp_path / "c.wav", 0.1, 2.5)
    out = tmp_path / "a.mov"
    sound = Sound(track, start=2.0, offset=0.25)
    encode_films(frames, {out: Film(FPS, "mov", "prores", sound=sound)})
    assert frames_with_clicks(out) == [int(0.75 * FPS)]


def test_fades_and_volume(tmp_path: Path, frames: list[Path]) -> None:
    sound = Sound(tone(tmp_path / "t.wav", 3), fade_in=0.5, fade_out=0.5, volume=0.5)
    out = tmp_path / "a.mov"
    encode_films(frames, {out: Film(FPS, "mov", "prores", sound=sound)})
    loud = np.abs(heard(out))
    whole = len(loud)
    middle = loud[whole // 2 - 2000 : whole // 2 + 2000].max()
    assert middle == pytest.approx(0.25, abs=0.01)
    for at in (0.25, whole / 48_000 - 0.25):  # half way through a fade
        place = round(at * 48_000)
        assert loud[place - 500 : place + 500].max() == pytest.approx(middle / 2, abs=0.02)
    assert loud[-20:].max() < 0.01


def test_a_short_sound_fades_at_its_own_end_and_silence_follows(
    tmp_path: Path, frames: list[Path]
) -> None:
    sound = Sound(tone(tmp_path / "t.wav", 1.0), fade_out=0.4)
    out = tmp_path / "a.mov"
    encode_films(frames, {out: Film(FPS, "mov", "prores", sound=sound)})
    loud = np.abs(heard(out))
    assert loud[round(0.75 * 48_000) : round(0.85 * 48_000)].max() == pytest.approx(0.25, abs=0.1)
    assert loud[round(1.01 * 48_000) :].max() == 0
    assert len(loud) == round(FRAMES / FPS * 48_000)


@pytest.mark.parametrize(
    ("rising", "falling", "full_at"),
    [(0.0, 9.0, 0.0), (9.0, 0.0, 1.0), (4.0, 4.0, 0.5), (1.0, 9.0, 0.1)],
)
def test_fades_longer_than_what_is_heard_take_all_of_it(
    tmp_path: Path, frames: list[Path], rising: float, falling: float, full_at: float
) -> None:
    """They begin and end where they should, and meet in proportion."""
    whole = FRAMES / FPS
    sound = Sound(tone(tmp_path / "t.wav", 3), fade_in=rising, fade_out=falling)
    out = tmp_path / "a.mov"
    encode_films(frames, {out: Film(FPS, "mov", "prores", sound=sound)})
    loud = np.abs(heard(out))
    tops = loud[: len(loud) // 480 * 480].reshape(-1, 480).max(1)  # of 10 ms each
    assert tops.argmax() / 100 == pytest.approx(float(full_at * whole), abs=0.06)
    assert tops.max() == pytest.approx(0.5, abs=0.02)
    for end, faded in ((0, rising), (-1, falling)):
        assert tops[end] == pytest.approx(0 if faded else 0.5, abs=0.06)


def test_fades_that_fit_are_left_as_they_are() -> None:
    assert fades(10, 20, 30) == (10, 20)
    assert fades(10, 20, 15) == (5, 10)
    assert fades(0, 20, 15) == (0, 15)
    assert fades(20, 0, 15) == (15, 0)
    assert fades(0, 0, 15) == (0, 0)
    assert fades(7, 9, 0) == (0, 0)


def test_a_sound_whose_clock_leaps_costs_a_film_no_more_than_its_length(
    tmp_path: Path, frames: list[Path]
) -> None:
    """Six hours of silence are in the middle of it: they were made in memory, and cut off."""
    leap = tmp_path / "leap.mkv"
    filters = "asetpts='if(gt(T,0.5),PTS+20000/TB,PTS)'"
    run("-i", tone(tmp_path / "t.wav", 1), "-af", filters, "-c:a", "flac", "-copyts", leap)
    out = tmp_path / "a.mov"
    code = f"""
import resource
from fractions import Fraction
from pathlib import Path
from dreamer.media.film import Film, Sound
from dreamer.media.video import encode_films
film = Film(Fraction({str(FPS)!r}), "mov", "prores", sound=Sound(Path({str(leap)!r})))
encode_films(sorted(Path({str(tmp_path)!r}).glob("0*.png")), {{Path({str(out)!r}): film}})
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)  # KiB, of any child
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 1 << 20
    found = np.abs(heard(out))
    assert found[: round(0.45 * 48_000)].max() > 0.4
    assert found[round(0.7 * 48_000) :].max() < 1e-3
    assert len(found) == round(FRAMES / FPS * 48_000)


@pytest.mark.parametrize("fade_out", [0.0, 1.0])
def test_a_film_can_be_given_up_while_its_sound_is_laid(tmp_path: Path, fade_out: float) -> None:
    """Two pictures of an hour and a half each, and a sound that takes long to pack."""
    hours = tmp_path / "hours.wav"
    run("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono:d=12000", "-c:a", "pcm_u8", hours)
    film = Film(Fraction(1, 5400), "mkv", "h264", sound=Sound(hours, fade_out=fade_out))
    out = tmp_path / "film.mkv"
    making = Encoding(film, out, (32, 32))
    said: list[MediaError] = []

    def make() -> None:
        try:
            for k in range(2):
                making.there(k, np.zeros((32, 32, 3), np.uint16))
            making.finish(2, lambda k: np.zeros((32, 32, 3), np.uint16), lambda k: None)
        except MediaError as error:
            said.append(error)
            making.abandon(error)

    thread = threading.Thread(target=make)
    thread.start()
    while thread.is_alive() and not list(tmp_path.glob(".film.mkv.*silent*")):
        time.sleep(0.005)
    assert thread.is_alive()
    since = time.monotonic()
    making.interrupt()
    thread.join(60)
    assert time.monotonic() - since < 2
    assert [str(error) for error in said] == [f"{out} was given up"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hours.wav"]


def test_a_loop_has_sound_on_its_way_back(tmp_path: Path, frames: list[Path]) -> None:
    out = tmp_path / "a.mov"
    film = Film(FPS, "mov", "prores", loop=True, sound=Sound(tone(tmp_path / "t.wav", 4)))
    encode_films(frames, {out: film})
    assert flashes(out) == [6, 30, 40, 64]
    assert len(heard(out)) == round(70 / FPS * 48_000)


def test_sound_that_cannot_be_had_is_refused(tmp_path: Path, frames: list[Path]) -> None:
    text = tmp_path / "t.wav"
    text.write_text("no sound")
    playlist = tmp_path / "list.m3u8"
    track = tone(tmp_path / "t2.wav", 1)
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{track}\n#EXT-X-ENDLIST\n")
    for box, file, words in (
        ("mp4", tmp_path / "none.wav", "no such file: .*none.wav"),
        ("mp4", text, "could not make the sound of t.wav"),
        ("mp4", playlist, "could not make the sound of list.m3u8"),
        ("mp4", frames[0], "could not make the sound of 000000.png"),
        ("gif", track, "GIF carries no sound"),
    ):
        with pytest.raises(MediaError, match=words):
            encode_films(frames[:3], {tmp_path / f"a.{box}": Film(FPS, box, sound=Sound(file))})
    assert not list(tmp_path.glob("a.*"))
    assert not list(tmp_path.glob(".a.*"))
    assert seconds_of(track) == 1
