"""The files that clips name: all kinds that can be read, and what is said of those that cannot."""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from reels import LOSSLESS, levels, numbered

from dreamer.errors import RecipeError
from dreamer.jobs.compile import compile_films
from dreamer.media.ffmpeg import ffmpeg_binary


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(*clips: object, **words: object) -> np.ndarray:
    recipe = {"size": [48, 32], "fps": 24, "output": LOSSLESS, "clips": list(clips)} | words
    Path("cut.yaml").write_text(yaml.safe_dump(recipe))
    return levels(compile_films(["cut.yaml"], force=True).products[0])


def named(*words: str) -> list[str]:
    return [placed.shot.name for placed in compile_films(words, dry_run=True).cut.shots]


@pytest.mark.parametrize("ending", ["tif", "bmp", "jp2", "ppm", "png", "webp", "avif", "jpg"])
def test_pictures_of_every_kind_that_is_read_are_clips(ending: str) -> None:
    Image.new("RGB", (48, 32), (200, 90, 30)).save(f"p.{ending}", quality=95)
    (frame,) = made({"file": f"p.{ending}", "length": 1})
    assert np.abs(frame - [200, 90, 30]).max() <= 6


@pytest.mark.parametrize("ending", ["gif", "png"])
def test_pictures_that_move_are_films(ending: str) -> None:
    frames = [Image.new("RGB", (48, 32), (40 * k, 40 * k, 40 * k)) for k in range(5)]
    frames[0].save(f"moving.{ending}", save_all=True, append_images=frames[1:], duration=100)
    seen = made(f"moving.{ending}", fps=10)
    assert np.allclose(seen.mean((1, 2, 3)), [0, 40, 80, 120, 160], atol=2)
    frames[0].save("moving.webp", save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(RecipeError, match=r"moving\.webp is a WebP that moves"):
        named("moving.webp")


@pytest.mark.parametrize("name", ["film.ts", "film.flv", "film.wmv"])
def test_films_whose_first_bytes_are_not_known_are_clips(name: str) -> None:
    codec = {"film.ts": "mpeg2video", "film.flv": "flv1", "film.wmv": "wmv2"}[name]
    film = numbered(Path("a.mp4"), 12)
    command = [ffmpeg_binary(), "-v", "error", "-i", str(film), "-c:v", codec, "-q:v", "2", name]
    subprocess.run(command, check=True)
    seen = made(name).mean((1, 2, 3))
    assert np.allclose(seen, [20 + 4 * k for k in range(12)], atol=3)


def test_what_is_no_clip_is_told_what_would_be() -> None:
    Path("notes.mp4").write_text("hello")
    Path("to-nothing.mp4").symlink_to("gone.mp4")
    os.mkfifo("pipe.mp4")
    with pytest.raises(RecipeError) as refused:
        named("notes.mp4", "to-nothing.mp4", "pipe.mp4")
    notes, nothing, pipe = str(refused.value).splitlines()
    assert "is no film and no picture; expected a film (mp4, mov, mkv" in notes
    assert "a picture (png, jpg, webp, tif" in notes
    assert "to-nothing.mp4 is a link to nothing" in nothing
    assert "pipe.mp4 is neither a file nor a folder" in pipe


def test_broken_files_of_a_folder_may_be_left_out(caplog: pytest.LogCaptureFixture) -> None:
    Path("clips").mkdir()
    numbered(Path("clips", "a.mp4"), 6)
    whole = numbered(Path("clips", "z.mkv"), 40).read_bytes()
    Path("clips", "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing more")
    Path("clips", "torn.mkv").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(RecipeError, match=r"broken\.png .*; broken: leave leaves it out"):
        made("clips")
    with caplog.at_level(logging.WARNING, "dreamer"):
        seen = made("clips", broken="leave").mean((1, 2, 3))
    assert np.allclose(seen, [20 + 4 * k for k in (*range(6), *range(40))], atol=2)
    (line,) = caplog.messages
    assert line.startswith("2 files left out: clips/broken.png")
    assert "clips/torn.mkv breaks off" in line
    assert "expected a film" not in line


def test_what_is_not_there_is_never_left_out() -> None:
    numbered(Path("a.mp4"), 6)
    Path("broken.mp4").write_bytes(b"hello")
    assert compile_films(["a.mp4", "broken.mp4"], overrides=["broken=leave"], dry_run=True)
    with pytest.raises(RecipeError, match=r"^the command line: clips.1: no such file"):
        compile_films(["a.mp4", "gone.mp4"], overrides=["broken=leave"], dry_run=True)
    with pytest.raises(RecipeError, match=r"broken\.mp4 is no film and no picture"):
        compile_films(["broken.mp4"], overrides=["broken=leave"], dry_run=True)


def test_a_torn_film_stays_where_its_clip_ends_before() -> None:
    whole = numbered(Path("whole.mkv"), 40).read_bytes()
    Path("torn.mkv").write_bytes(whole[: len(whole) * 2 // 3])
    seen = made({"file": "torn.mkv", "end": "0.25s"}, "whole.mkv", broken="leave")
    assert len(seen) == 6 + 40


def test_brackets_in_a_folders_name_are_no_pattern() -> None:
    Path("takes [2]", "raw").mkdir(parents=True)
    numbered(Path("takes [2]", "raw", "a.mp4"), 2)
    numbered(Path("takes [2]", "raw", "b.mp4"), 2)
    Path("takes [2]", "cut.yaml").write_text('clips: ["raw/[ab].mp4"]')
    assert named("takes [2]/cut.yaml") == ["a.mp4", "b.mp4"]


def test_a_name_that_is_not_utf8_is_refused_and_may_be_left_out() -> None:
    Path("clips").mkdir()
    film = numbered(Path("clips", "a.mp4"), 6)
    Path(os.fsdecode(b"clips/\xff.mp4")).write_bytes(film.read_bytes())
    with pytest.raises(RecipeError, match=r"is not UTF-8; call it otherwise"):
        named("clips")
    assert len(made("clips", broken="leave")) == 6


@pytest.fixture
def anyone() -> Iterator[Path]:
    """An open folder, and the rights of anyone: root may read all, whatever a folder says."""
    own = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            os.seteuid(own)
            (folder / "closed").chmod(0o755)


def test_a_closed_folder_stops_no_others(anyone: Path, caplog: pytest.LogCaptureFixture) -> None:
    numbered(anyone / "a.mp4", 6).chmod(0o644)
    (anyone / "closed").mkdir(mode=0)
    if os.geteuid() == 0:
        os.seteuid(65534)
    with caplog.at_level(logging.WARNING, "dreamer"):
        assert named(str(anyone)) == ["a.mp4"]
    assert caplog.messages == [f"{anyone / 'closed'} left out: Permission denied"]
    with pytest.raises(RecipeError, match=r"clips\.0: .*/closed cannot be read: Permission denied"):
        named(str(anyone / "closed"))
