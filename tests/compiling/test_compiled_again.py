"""A compilation that is there already: what is made again, what is not, what is tidied."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import filmed
import pytest
from PIL import Image
from reels import greys, numbered

from dreamer.engine.compiled_record import record_of
from dreamer.errors import FolderError
from dreamer.jobs.compile import compile_films
from dreamer.media.leftovers import had


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(**words: bool) -> bool:
    return compile_films(["cut.yaml"], **words).made


def test_what_is_whole_is_not_made_again(dreamer) -> None:
    numbered(Path("a.mp4"), 12)
    run = ("compile", "a.mp4", "--out", "all.mp4")
    dreamer(*run)
    first, when = Path("all.mp4").read_bytes(), Path("all.mp4").stat().st_mtime_ns
    again = dreamer(*run)
    assert again.stdout.strip() == "all.mp4"
    assert "all.mp4 is whole; --force makes it again" in again.stderr
    assert Path("all.mp4").stat().st_mtime_ns == when
    assert json.loads(dreamer(*run, "--json").stdout)["made"] is False
    assert json.loads(dreamer(*run, "--json", "--force").stdout)["made"] is True
    assert Path("all.mp4").stat().st_mtime_ns > when
    assert Path("all.mp4").read_bytes() == first


def test_what_has_changed_is_made_again() -> None:
    numbered(Path("a.mp4"), 12)
    Image.new("RGB", (48, 32), (90, 90, 90)).save("p.png")
    filmed.run("-f", "lavfi", "-i", "sine=d=1", "bed.wav")
    Path("cut.yaml").write_text(
        "clips: [{file: a.mp4, caption: Words}, {file: p.png, length: 4}]\nsound: bed.wav\n"
        "size: [160, 96]\noutput: {video: mp4, poster: 0s}\n"
    )
    assert made()
    assert not made()
    numbered(Path("a.mp4"), 12, base=60)  # as long as it was
    assert made()
    Image.new("RGB", (48, 32), (200, 200, 200)).save("p.png")
    assert made()
    assert greys(Path("cut.mp4"))[-1] > 80
    filmed.run("-f", "lavfi", "-i", "sine=f=880:d=1", "bed.wav")
    assert made()
    Path("cut-poster.png").unlink()
    assert made()
    Path("cut.mp4").write_bytes(Path("cut.mp4").read_bytes()[:-9])  # damaged
    assert made()
    record_of(Path("cut.mp4")).write_text("{}")
    assert made()
    assert not made()


def test_a_film_that_a_folder_holds_is_no_clip_of_itself() -> None:
    Path("clips").mkdir()
    numbered(Path("clips", "a.mp4"), 12)
    numbered(Path("clips", "b.mp4"), 12)
    for made_now in (True, False):
        found = compile_films(["clips"], out="clips/all.mp4")
        assert found.cut.frames == 24
        assert found.made is made_now
    assert compile_films(["clips/*.mp4"], out="clips/all.mp4", force=True).cut.frames == 24


def test_what_is_there_is_told_before_all_is_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbered(Path("a.mp4"), 12)
    Path("all.mp4").write_text("mine")
    looked: list[Path] = []
    monkeypatch.setattr("dreamer.engine.clip_files.clip_facts", lambda file, folder: looked.append)
    with pytest.raises(FolderError, match=r"all\.mp4 is there already"):
        compile_films(["a.mp4"], out="all.mp4")
    assert not looked
    assert Path("all.mp4").read_text() == "mine"


def test_what_a_killed_run_left_is_removed_by_the_next(here: Path) -> None:
    numbered(Path("a.mp4"), 60, base=0)
    command = [sys.executable, "-m", "dreamer", "compile", *["a.mp4"] * 40, "--out", "all.mkv"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    begun = time.monotonic()
    while not list(here.glob(".all.mkv.*.part")):
        assert run.poll() is None
        assert time.monotonic() - begun < 60
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.wait()
    (left,) = here.glob(".all.mkv.*.part")
    others = [Path(".all.mkv.part"), Path(f".all.mkv.{os.getppid()}.part"), Path(".b.mkv.9.part")]
    for other in others:  # nobody's, of one that runs, of another film
        other.write_bytes(b"x")
    compile_films(["a.mp4"], out="all.mkv")
    assert not left.exists()
    assert all(other.exists() for other in others)


def test_what_another_machine_is_writing_is_left() -> None:
    numbered(Path("a.mp4"), 6)
    theirs = Path(".all.mp4.99999999.part")  # no process has this number here
    theirs.write_bytes(b"half a film")
    with had(theirs):
        compile_films(["a.mp4"], out="all.mp4")
        assert theirs.exists()
    compile_films(["a.mp4"], out="all.mp4", force=True)
    assert not theirs.exists()
    assert not list(Path().glob(".all.mp4.*.part"))
