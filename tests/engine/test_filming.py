"""Films made beside the rendering: the same bytes however they came, and nothing that happens to
them costs a frame.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept_frames import films_in
from PIL import Image

from dreamer.engine import films
from dreamer.engine.filming import Filming
from dreamer.engine.folder import Folder
from dreamer.engine.opening import open_recipe
from dreamer.engine.outcome import see_through
from dreamer.engine.preparing import kept
from dreamer.engine.run import Stop, render_into
from dreamer.engine.told import Told
from dreamer.errors import MediaError, Stopped, UsageError
from dreamer.jobs.encode import encode
from dreamer.media import ffmpeg
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.film import Film
from dreamer.media.metadata import read_texts
from dreamer.media.pictures import encode_png
from dreamer.media.probing import count_frames, probe

SEVERAL = [
    {"video": "mp4", "preset": "ultrafast", "poster": "50%"},
    {"video": "mp4", "name": "small", "size": 32, "preset": "ultrafast"},
    {"video": "gif", "fps": 1, "loop": True},
    {"video": "apng", "loop": True},
    {"video": "webm", "preset": "ultrafast"},
]
NAMES = ["-small.mp4", ".apng", ".gif", ".mp4", ".webm"]


def nothing_half_made(folder: Folder) -> bool:
    return not [p for p in folder.path.iterdir() if p.name.endswith(".part")]


class Started:
    """Every ffmpeg that is started, so that a test can do something to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.running: list[subprocess.Popen[bytes]] = []
        start = ffmpeg._popen

        def remembered(*arguments: Any) -> subprocess.Popen[bytes]:
            self.running.append(start(*arguments))
            return self.running[-1]

        monkeypatch.setattr(ffmpeg, "_popen", remembered)

    def one(self) -> subprocess.Popen[bytes]:
        """The first of them, waited for."""
        until = time.monotonic() + 20
        while not self.running:
            assert time.monotonic() < until, "no film was begun"
            time.sleep(0.01)
        return self.running[0]


def test_all_films_of_a_recipe_are_made_and_encode_makes_the_same(begun) -> None:
    folder, ready = begun(output=SEVERAL)
    outcome = see_through(folder, ready)
    made = films_in(folder)
    assert sorted(made) == NAMES
    assert [path.name for path in outcome.products][-1] == f"{folder.name()}-poster.png"
    assert outcome.products[-1].read_bytes() == folder.frame_path(4).read_bytes()
    first = next(p for p in outcome.products if p.suffix == ".mp4")
    assert (count_frames(first), probe(first).width) == (8, 64)
    assert probe(folder.path / f"{folder.name()}-small.mp4").width == 32
    with Image.open(folder.path / f"{folder.name()}.gif") as picture:
        assert picture.n_frames == 4 + 2
    assert all(read_texts(folder.path / (folder.name() + name)) for name in made)
    for path in outcome.products:
        path.unlink()
    assert encode(folder.path) == list(outcome.products)
    assert films_in(folder) == made
    assert nothing_half_made(folder)


def test_a_recipe_is_taken_out_of_any_film(begun) -> None:
    kinds = [{"video": video} for video in ("mkv", "gif", "webp", "apng")]
    folder, ready = begun(output=kinds, length=3)
    for path in see_through(folder, ready).products:
        assert open_recipe(path).canonical() == ready.recipe.canonical()


def test_a_stopped_render_leaves_no_half_film_and_goes_on_to_the_same(begun) -> None:
    whole, ready = begun("whole", output=SEVERAL)
    see_through(whole, ready)
    broken, ready = begun("broken", output=SEVERAL)

    def told(news: Told) -> None:
        if news.done == 4:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Stopped):
        see_through(broken, ready, told)
    assert broken.whole_frames() >= 4
    assert films_in(broken) == {}
    assert nothing_half_made(broken)
    broken.frame_path(1).write_bytes(b"damaged")
    see_through(broken, kept(broken))
    assert films_in(broken) == films_in(whole)


def test_frames_go_to_the_film_while_others_are_rendered(begun, monkeypatch) -> None:
    """When the last frame is durable, those before it have been taken already."""
    folder, ready = begun(output={"preset": "ultrafast"}, length=6)
    taken: list[int] = []
    there = films.Film.shows
    monkeypatch.setattr(films.Film, "shows", lambda self, k: taken.append(k) or there(self, k))

    def told(news: Told) -> None:
        until = time.monotonic() + 20
        while not set(range(news.done)) <= set(taken) and time.monotonic() < until:
            time.sleep(0.01)
        assert set(range(news.done)) <= set(taken), "the film does not wait for the last frame"

    see_through(folder, ready, told)


def test_an_encoder_that_is_killed_costs_its_film_alone(begun, monkeypatch) -> None:
    folder, ready = begun(output=SEVERAL[:1] + SEVERAL[4:])
    started = Started(monkeypatch)

    def told(news: Told) -> None:
        if news.done == 3 and started.one().poll() is None:
            started.one().kill()
            started.one().wait()

    again = r"(?s)recipe.mp4.*exit code -9.*all 8 frames are kept, and `dreamer encode .*film`"
    with pytest.raises(MediaError, match=again):
        see_through(folder, ready, told)
    assert folder.whole_frames() == 8
    assert sorted(films_in(folder)) == [".webm"]
    assert (folder.path / "report.json").is_file()
    assert nothing_half_made(folder)
    monkeypatch.undo()
    assert len(encode(folder.path)) == 3
    assert sorted(films_in(folder)) == [".mp4", ".webm"]


def test_an_ffmpeg_that_fails_after_some_frames(begun, tmp_path: Path, monkeypatch) -> None:
    """One that takes a few frames and gives up, as a broken build or a quota would."""
    fake = tmp_path / "bin" / "ffmpeg"
    fake.parent.mkdir()
    frame = 64 * 64 * 6
    fake.write_text(
        f'#!/bin/sh\ncase "$*" in *pipe:*) head -c {3 * frame} >/dev/null; '
        f'echo "the moon is in the wrong place" >&2; exit 3;; *) exec "{ffmpeg_binary()}" "$@";; '
        "esac\n"
    )
    fake.chmod(0o755)
    folder, ready = begun()
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    ffmpeg.ffmpeg_binary.cache_clear()
    try:
        with pytest.raises(MediaError, match=r"(?s)exit code 3.*the moon is in the wrong place"):
            see_through(folder, ready)
    finally:
        ffmpeg.ffmpeg_binary.cache_clear()
    assert folder.whole_frames() == 8
    assert films_in(folder) == {}
    assert nothing_half_made(folder)


@pytest.fixture
def small_disk(tmp_path: Path):
    """A place of 1 MB of its own, where this is root's to have."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can make a small disk")
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disks can be made here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def noisy(folder: Folder, count: int) -> None:
    """Frames of noise, which no codec makes small, in place of those that are there."""
    chance = np.random.default_rng(0)
    for k in range(count):
        png = encode_png(chance.random((3, 512, 512)).astype(np.float32))
        folder.frame_path(k).write_bytes(png)


def test_a_disk_that_is_full_of_film_is_said_and_freed(rendered, small_disk: Path) -> None:
    folder, _ = rendered()
    noisy(folder, 8)
    film = Film(Fraction(2), crf=0)
    with Filming(folder, {small_disk / "a.mp4": film, folder.path / "b.mp4": film}) as filming:
        filming.begin(8)
        failed = filming.finish(8)
    assert [path.name for path in failed] == ["a.mp4"]
    assert "the disk is full" in str(failed[small_disk / "a.mp4"])
    assert list(small_disk.iterdir()) == []
    assert count_frames(folder.path / "b.mp4") == 8


def test_films_make_room_for_frames(begun, small_disk: Path, monkeypatch) -> None:
    """A folder on a small disk that a film fills: the film goes, and every frame is kept."""
    folder, ready = begun("disk/film", size=96, length=4)
    monkeypatch.setattr("dreamer.engine.missing.RESERVE", 0)
    spilt = folder.path / ".film.mp4.part"
    rooms: list[bool] = []
    make_room = Filming.make_room

    def freed(self: Filming) -> bool:
        rooms.append(make_room(self))
        spilt.unlink(missing_ok=True)
        return rooms[-1]

    def told(news: Told) -> None:
        if news.done == 1:
            started.one()
            free = os.statvfs(small_disk)
            spilt.write_bytes(bytes(free.f_bavail * free.f_frsize))

    monkeypatch.setattr(Filming, "make_room", freed)
    started = Started(monkeypatch)
    with pytest.raises(MediaError, match=r"(?s)the disk is full, and frames come first.*4 frames"):
        see_through(folder, ready, told)
    assert rooms == [True]
    assert all(one.poll() is not None for one in started.running)
    assert folder.whole_frames() == 4
    encode(folder.path)
    assert sorted(films_in(folder)) == [".mp4"]


def test_an_endless_film_has_all_frames_there_are(begun) -> None:
    folder, ready = begun(length="endless", output={"video": "gif", "loop": True})

    def told(news: Told) -> None:
        if news.done == 5:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Stopped):
        see_through(folder, ready, told)
    count = folder.whole_frames()
    with Image.open(folder.path / f"{folder.name()}.gif") as picture:
        assert picture.n_frames == count + count - 2
    assert nothing_half_made(folder)


def test_frames_alone(begun) -> None:
    folder, ready = begun(output={"video": "none", "poster": "end"})
    outcome = see_through(folder, ready)
    assert outcome.product.read_bytes() == folder.frame_path(7).read_bytes()
    assert films_in(folder) == {}
    with pytest.raises(UsageError, match="asks for no film"):
        encode(folder.path)
    (made,) = encode(folder.path, video="mp4")
    assert count_frames(made) == 8


def test_a_film_is_given_up_with_the_render(rendered) -> None:
    folder, _ = rendered()
    stop = Stop()
    stop.ask(signal.SIGINT)
    one = Filming(folder, {folder.path / "a.mp4": Film(Fraction(2))})

    def wait() -> None:
        with one:
            one.begin(8)
            one.finish(9, lambda: stop.check("here"))

    with pytest.raises(Stopped):
        wait()
    assert not one._thread.is_alive()
    assert films_in(folder) == {}
    assert nothing_half_made(folder)
    assert render_into(folder, kept(folder)) == 8
