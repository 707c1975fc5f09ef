"""`encode`: other films of frames that are there, at any time, and nothing written over."""

from __future__ import annotations

import subprocess
import sys

import pytest
from kept_frames import films_in, frames_of
from PIL import Image

from dreamer.errors import FolderError, UsageError
from dreamer.jobs.encode import encode
from dreamer.media.probing import count_frames, probe


def test_sixteen_bits_are_kept_for_all(rendered) -> None:
    output = [{"video": "gif"}, {"video": "apng", "frames": "png16", "pixel_format": "rgb48"}]
    folder, _ = rendered(output=output, length=2)
    assert folder.frame_path(0).read_bytes()[24] == 16
    made = encode(folder.path, video="apng")
    assert made[0].read_bytes()[24] == 16, "what the recipe says of its kind is kept"


def test_encode_makes_another_of_any_kind(rendered) -> None:
    folder, _ = rendered(output={"crf": 30, "loop": True})
    before = frames_of(folder)
    gif = encode(folder.path, video="gif", size=32, fps="1", poster=3)
    assert [path.name for path in gif] == ["recipe.gif", "recipe-poster.png"]
    assert gif[1].read_bytes() == folder.frame_path(3).read_bytes()
    with Image.open(gif[0]) as picture:
        assert (picture.size, picture.n_frames) == ((32, 32), 4)
    assert encode(folder.path, video="gif", size=48)[0] == gif[0], "its own may be made anew"
    out = folder.path.parent / "other.webm"
    assert encode(folder.path, out=out, codec="vp9", pixel_format="yuv444p") == [out]
    assert probe(out).pixel_format == "yuv444p"
    (mp4,) = encode(folder.path, crf=40)
    assert count_frames(mp4) == 8 + 6, "what the recipe says else holds"
    assert frames_of(folder) == before
    with pytest.raises(FolderError, match="is there already; name another"):
        encode(folder.path, out=out)
    theirs = folder.path / f"{folder.name()}.webp"
    Image.new("RGB", (8, 8)).save(theirs)
    with pytest.raises(FolderError, match="not of this render"):
        encode(folder.path, video="webp")
    with Image.open(theirs) as picture:
        assert picture.size == (8, 8)


def test_a_film_of_fewer_frames_than_were_written_says_so(rendered, caplog) -> None:
    folder, _ = rendered()
    folder.frame_path(3).write_bytes(b"damaged")
    (made,) = encode(folder.path)
    assert count_frames(made) == 3
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith(
        "frame 3 is not as it was written: the film is made of the 3 before it, of 8"
    )


@pytest.mark.parametrize(
    ("changes", "out", "words"),
    [
        ({"video": "mp5"}, None, "--video: expected .* not 'mp5'; did you mean 'mp4'"),
        ({"video": "webm", "codec": "h264"}, None, "--codec: webm holds vp9, av1, not h264"),
        ({"crf": 52}, None, "--crf: must be at most 51, not 52"),
        ({"video": "gif", "crf": 5}, None, "--crf: GIF has none"),
        ({"size": 65}, None, "--size: the frames are 64×64, and a copy can only be smaller"),
        ({"fps": "3"}, None, "--fps: there are 2 frames a second"),
        ({"poster": 8}, None, "--poster: 8 is past the last frame, 7; say end"),
        ({"pixel_format": "yuv420p8"}, None, "--pixel-format: .*did you mean 'yuv420p'"),
        ({"video": "gif"}, "a.mp4", "--out: expected a name ending in .gif, not a.mp4"),
        ({}, "a.avi", "--out: expected a name ending in .mp4, .mov"),
        ({}, "none/a.mp4", "--out: there is no folder"),
        ({"video": "none"}, None, "none makes no film"),
    ],
)
def test_what_encode_cannot_make_is_refused(rendered, changes, out, words) -> None:
    folder, _ = rendered()
    place = None if out is None else folder.path.parent / out
    with pytest.raises(UsageError, match=words):
        encode(folder.path, out=place, **changes)
    assert films_in(folder) == {}


def test_the_command(rendered) -> None:
    folder, _ = rendered()
    options = ["--video", "webp", "--size", "32", "--plays", "2", "--poster", "1s", "--json"]
    command = [sys.executable, "-m", "dreamer", "encode", str(folder.path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"products"' in done.stdout
    with Image.open(folder.path / f"{folder.name()}.webp") as picture:
        assert (picture.info["loop"], picture.size) == (2, (32, 32))
