"""Films as recipes ask for them, with their sound and chapters: beside the rendering, gone on with,
and made again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from drum_loops import RATE, tone, write_wave
from filmed import film, numbered, run
from kept_frames import films_in
from PIL import Image

from dreamer.engine import films
from dreamer.engine.filming import Filming
from dreamer.engine.outcome import see_through
from dreamer.engine.preparing import kept
from dreamer.engine.told import Told
from dreamer.errors import FolderError, MediaError, Stopped
from dreamer.jobs.encode import encode
from dreamer.jobs.plan import plan
from dreamer.media import durable
from dreamer.media.ffmpeg import ffmpeg_binary, said
from dreamer.media.probing import probe

BOTH = [{"video": "mp4", "preset": "ultrafast"}, {"video": "gif"}, {"video": "apng"}]
SCENES = [{"title": "One", "length": 4}, {"title": "Two", "length": 4}]


def heard(path: Path) -> np.ndarray:
    """A film's sound, 8,000 samples a second."""
    told = [ffmpeg_binary(), "-v", "error", "-i", str(path), "-ac", "1", "-ar", "8000"]
    raw = subprocess.run([*told, "-f", "f32le", "-"], capture_output=True, check=True).stdout
    return np.frombuffer(raw, "<f4")


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Ten seconds of silence and, from 1 s on, a tone."""
    samples = tone(440, 10, 0.5)
    samples[:RATE] = 0
    return write_wave(tmp_path / "song.wav", samples)


def test_a_film_with_a_sound_is_the_same_however_it_came(begun, song: Path) -> None:
    words = {"output": BOTH[0], "sound": {"file": song.name, "offset": "0.5s", "fade_out": "1s"}}
    whole, ready = begun("whole", **words)
    see_through(whole, ready)
    (made,) = films_in(whole).values()
    loud = np.abs(heard(next(whole.path.glob("*.mp4"))))
    assert len(loud) == pytest.approx(4 * 8000, abs=8)
    assert np.flatnonzero(loud > 0.1)[0] == pytest.approx(1.5 * 8000, abs=80)
    assert loud[-80:].max() < 0.02 < loud[-12_000:-8000].max()
    broken, ready = begun("broken", **words)

    def told(news: Told) -> None:
        if news.done == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Stopped):
        see_through(broken, ready, told)
    song.unlink()  # the render has its own
    see_through(broken, kept(broken))
    assert list(films_in(broken).values()) == [made]
    next(broken.path.glob("*.mp4")).unlink()
    encode(broken.path)
    assert list(films_in(broken).values()) == [made]


def test_what_a_container_has_no_place_for_is_left_out(begun, song: Path, tmp_path: Path) -> None:
    """A GIF of a film with sound and chapters has neither; the MP4 beside it has both."""
    folder, ready = begun(output=BOTH, sound=song.name, scenes=SCENES, length=None)
    see_through(folder, ready)
    assert sorted(films_in(folder)) == [".apng", ".gif", ".mp4"]
    assert probe(next(folder.path.glob("*.mp4"))).has_audio
    assert encode(folder.path, video="webp")[0].is_file()
    recipe = tmp_path / "x.yaml"
    recipe.write_text(
        f"length: 2s\nsound: {song.name}\noutput: [{{video: mp4}}, {{video: gif, fps: 8}}]\n"
    )
    lines = [line for line in plan(recipe).as_text().splitlines() if line.startswith("film: ")]
    assert ["silent" in line for line in lines] == [False, True]


def test_a_gif_of_a_dream_on_a_film_with_sound(begun, song: Path, tmp_path: Path) -> None:
    shots = film(tmp_path / "mute.mkv", numbered(4), 2)
    run("-i", shots, "-i", song, "-shortest", "-c:v", "copy", tmp_path / "shots.mkv")
    words = {"source": {"video": "shots.mkv"}, "motion": {}, "length": None, "fps": None}
    folder, ready = begun(**words, output=BOTH[:2])
    see_through(folder, ready)
    assert sorted(films_in(folder)) == [".gif", ".mp4"]
    assert probe(next(folder.path.glob("*.mp4"))).has_audio


def test_chapters_end_with_the_frames_there_are(rendered) -> None:
    folder, _ = rendered(scenes=[*SCENES, {"title": "Three", "length": 4}], length=None)
    lines = folder.path.joinpath("journal.jsonl").read_text().splitlines(keepends=True)
    folder.path.joinpath("journal.jsonl").write_text("".join(lines[:5]))
    (made,) = encode(folder.path, video="mkv")
    _, words, _ = said(["-v", "error", "-i", str(made), "-f", "ffmetadata", "-"])
    assert words.count("[CHAPTER]") == 2
    assert "END=2500" in words.replace("END=2500000000", "END=2500")
    assert probe(made).seconds == pytest.approx(2.5, abs=0.01)


def test_a_film_of_one_frame_is_an_animation_too(rendered) -> None:
    kinds = [{"video": video} for video in ("apng", "gif", "webp", "mp4")]
    folder, _ = rendered(length=1, output=kinds)
    for path in encode(folder.path)[:3]:
        with Image.open(path) as picture:
            assert (picture.size, getattr(picture, "n_frames", 1)) == ((64, 64), 1)


def test_a_film_of_which_no_shown_frame_is_there_is_refused(rendered) -> None:
    folder, _ = rendered(close={"by": "crossfade", "over": "1.5s"}, length=6)
    journal = folder.path / "journal.jsonl"
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:3]))
    for more in ({}, {"out": folder.path.parent / "x.mp4"}):
        with pytest.raises(FolderError, match="first 3 are rendered for the end to fade into"):
            encode(folder.path, **more)
    with Filming(folder, films.films_of(kept(folder).recipe, folder), 3) as filming:
        filming.begin(3)
        assert [type(error) for error in filming.finish(3).values()] == [MediaError]


def test_a_poster_that_cannot_be_written_costs_nothing_else(begun, monkeypatch) -> None:
    folder, ready = begun(output={**BOTH[0], "poster": "end"}, classify={"top": 1})
    write = durable.write_bytes

    def full(path: Path, data: bytes) -> None:
        if path.name.endswith("-poster.png"):
            raise OSError(28, "No space left on device", str(path))
        write(path, data)

    monkeypatch.setattr(durable, "write_bytes", full)
    with pytest.raises(MediaError, match=r"No space left.*\n.*all 8 frames are kept"):
        see_through(folder, ready)
    assert sorted(films_in(folder)) == [".mp4"]
    assert (folder.path / "scores.json").is_file()
    assert (folder.path / "report.json").is_file()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_encode_that_is_stopped_leaves_nothing(rendered, tmp_path: Path, number: int) -> None:
    folder, _ = rendered(size=256, length=24)
    out = tmp_path / "slow.webm"
    told = [str(folder.path), "--out", str(out), "--codec", "av1", "--preset", "veryslow"]
    process = subprocess.Popen(
        [sys.executable, "-m", "dreamer", "encode", *told], stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".slow.webm*")) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(number)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "stopped by SIG" in words
    assert not list(tmp_path.glob("*slow.webm*"))
