"""What a dream on a film is made from: kept with it, read in order, and the same however often it
was stopped.
"""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from dreamt_films import begun, moving_film, rendered, to_levels
from filmed import film, number_of, numbered, place
from kept_frames import frames_of
from killed import contents, start, wait_for
from PIL import Image

from dreamer.engine import footage
from dreamer.engine.clips import contents_of
from dreamer.engine.folder import Folder
from dreamer.engine.footage import frames_of as frames_in
from dreamer.engine.footage import read_ahead
from dreamer.engine.outcome import see_through
from dreamer.engine.preparing import kept
from dreamer.engine.run import render_into
from dreamer.engine.stopping import Stop
from dreamer.errors import MediaError, RecipeError, Stopped
from dreamer.jobs.extend import extend
from dreamer.jobs.plan import plan
from dreamer.jobs.verify import verify
from dreamer.media.pictures import read_picture


@pytest.fixture
def moving(tmp_path: Path) -> Path:
    return moving_film(tmp_path)


@pytest.mark.slow
def test_killed_and_going_on_it_ends_with_the_same_bytes(
    tmp_path: Path, moving: Path, dreamer
) -> None:
    text = "source: {video: moving.mkv}\nascent: {octaves: 1, steps: 1}\nclassify: off\n"
    (tmp_path / "v.yaml").write_text(text)
    dreamer("render", "v.yaml", "--out", "whole")
    process = start(tmp_path, "render", "v.yaml", "--out", "killed")
    wait_for(tmp_path / "killed", 3, process)
    process.kill()
    process.communicate()
    moving.unlink()  # the render has its own
    dreamer("resume", "killed")
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    # And what is lost in the middle is made again from the state before it.
    folder = Folder(tmp_path / "killed")
    whole = frames_of(folder)
    folder.frame_path(7).unlink()
    dreamer("resume", "killed")
    assert frames_of(folder) == whole


def test_files_that_cannot_be_dreamt_on_are_told_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "page.mp4").write_text("<!doctype html>")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "broken" / "1.png")
    (tmp_path / "broken" / "2.png").write_bytes((tmp_path / "broken" / "1.png").read_bytes()[:40])
    for source, why in (
        ({"video": "gone.mp4"}, "gone.mp4"),
        ({"video": "page.mp4"}, "an HTML page; expected a film"),
        ({"video": "empty"}, "is a folder; expected a film, or say folder:"),
        ({"folder": "page.mp4"}, "is a file; expected a folder of pictures, or say video:"),
        ({"folder": "gone"}, "gone"),
        ({"folder": "empty"}, "holds no pictures"),
        ({"folder": "broken"}, "2.png is a damaged picture"),
    ):
        with pytest.raises(RecipeError) as caught:
            begun(tmp_path, source)
        assert why in str(caught.value)
        assert f"source.{next(iter(source))}" in str(caught.value)


def test_a_frame_that_cannot_be_read_ends_it_with_all_before_it_kept(
    tmp_path: Path, moving: Path, monkeypatch
) -> None:
    made, ready = begun(tmp_path, {"video": "moving.mkv"})

    def breaking(path, numbers):
        for k, picture in enumerate(frames_in(moving, numbers)):
            if k == 6:
                raise MediaError("the disk is gone")
            yield picture

    with monkeypatch.context() as patch:
        patch.setattr("dreamer.engine.showing.frames_of", breaking)
        with pytest.raises(MediaError, match="the disk is gone"):
            render_into(made, ready)
    assert verify(made.path).frames == 6
    render_into(made, ready)
    assert verify(made.path).whole


def test_pictures_are_read_ahead_and_no_further(tmp_path: Path) -> None:
    given = []

    def endless():
        try:
            for k in range(1000):
                given.append(k)
                yield np.full((3, 1, 1), k, np.float32)
        finally:
            given.append("closed")

    found = read_ahead(endless)
    assert [int(next(found)[0, 0, 0]) for _ in range(3)] == [0, 1, 2]
    found.close()
    assert given[-1] == "closed"
    assert len(given) <= 3 + footage.AHEAD + 2 + 1


def test_it_goes_on_in_the_middle_of_a_film_with_the_right_frames(tmp_path: Path) -> None:
    from dreamer.engine.showing import following

    path = film(tmp_path / "a.mkv", numbered(20, 64, 64), 10)
    found = following(path, tuple(range(0, 20, 2)), 4, (64, 64), "cover", "cpu")
    shown = next(found)
    found.close()
    assert shown.before is not None
    assert [number_of(p[0].numpy()) for p in shown] == [8, 6]


def test_a_folder_of_pictures_is_dreamt_on_like_a_film(tmp_path: Path, moving: Path) -> None:
    shots = tmp_path / "shots"
    shots.mkdir()
    for k, picture in enumerate(frames_in(moving, range(10))):
        Image.fromarray(to_levels(picture)).save(shots / f"shot {k + 1}.png")
    made, ready = begun(tmp_path, {"folder": "shots", "fps": 5})
    render_into(made, ready)
    of_film, ready_film = begun(tmp_path, {"video": "moving.mkv"})
    render_into(of_film, ready_film)
    pictures = [[read_picture(p) for p in sorted(f.frames.iterdir())] for f in (made, of_film)]
    np.testing.assert_array_equal(*map(np.stack, pictures))
    assert contents_of(made.sources / "shots") == contents_of(shots)
    shutil.rmtree(shots)
    assert verify(made.path).whole
    (made.sources / "shots" / "shot 3.png").unlink()
    assert "does not hold the pictures" in verify(made.path).problems[0]


def test_pictures_of_other_sizes_and_with_alpha_are_fitted(tmp_path: Path) -> None:
    shots = tmp_path / "shots"
    shots.mkdir()
    Image.new("RGB", (96, 64), (200, 60, 20)).save(shots / "1.jpg", quality=100)
    Image.new("RGB", (192, 128), (200, 60, 20)).save(shots / "2.png")
    Image.new("RGBA", (96, 64), (0, 0, 0, 0)).save(shots / "3.png")
    found = rendered(tmp_path, {"folder": "shots"}, ascent={"steps": 0, "octaves": 1})
    assert [p.shape for p in found] == [(3, 64, 96)] * 3
    assert np.abs(found[0] - found[1]).max() < 3 / 255
    assert found[2].min() == 1  # clear is white, as in every picture that is read
    text = "source: {folder: shots}\nascent: {octaves: 1}\n"
    (tmp_path / "x.yaml").write_text(text)
    notes = plan(tmp_path / "x.yaml").as_text()
    assert "3 pictures; cuts at" in notes or "3 pictures; no cuts" in notes
    assert "1 pictures are of another size" in notes


def test_extending_ends_where_the_film_does(tmp_path: Path, moving: Path) -> None:
    made, ready = begun(tmp_path, {"video": "moving.mkv"}, length=4)
    render_into(made, ready)
    extend(made.path, "2")
    assert verify(made.path).frames == 6
    with pytest.raises(RecipeError, match="16 frames are more than the source has: 10"):
        extend(made.path, "10")
    assert verify(made.path).frames == 6


def test_a_film_of_one_frame_and_of_odd_sides(tmp_path: Path) -> None:
    film(tmp_path / "one.mkv", [place(1)[:71, :97]], 5)
    made, ready = begun(tmp_path, {"video": "one.mkv"})
    assert (ready.plan.frames, ready.plan.width, ready.plan.height) == (1, 97, 71)
    outcome = see_through(made, ready, lambda told: None)
    assert outcome.product.suffix == ".mp4"


def test_a_film_that_changes_midway_goes_on_with_the_right_frames(
    tmp_path: Path, another_process
) -> None:
    lossless = ("-c:v", "libx264", "-qp", 0, "-pix_fmt", "yuv420p")
    grey = numbered(12, 64, 96)
    one = film(tmp_path / "1.ts", grey[:6], 12, lossless)
    other = film(tmp_path / "2.ts", [f[:48, :64] for f in grey[6:]], 12, lossless)
    (tmp_path / "a.ts").write_bytes(one.read_bytes() + other.read_bytes())
    whole, ready = begun(tmp_path, {"video": "a.ts"})
    render_into(whole, ready)
    stopped, _ = begun(tmp_path, {"video": "a.ts"})
    another_process()
    stop = Stop()
    with pytest.raises(Stopped):
        render_into(
            stopped,
            kept(stopped),
            lambda told: told.done == 7 and stop.ask(signal.SIGINT),
            stop,
        )
    assert 7 <= len(frames_of(stopped)) < 12
    another_process()
    render_into(stopped, kept(stopped))
    assert frames_of(stopped) == frames_of(whole)
