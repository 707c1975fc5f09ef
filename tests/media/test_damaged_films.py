"""Whether a film is whole is known each time the same, whatever ffmpeg's threads say at once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from filmed import film, run

from dreamer.media.showinfo import Heard
from dreamer.media.survey import survey


def noise(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (32, 48, 3), dtype=np.uint8) for _ in range(count)]


def cut(path: Path, part: float = 0.6) -> Path:
    """The beginning of the file at `path`."""
    out = path.with_name(f"cut-{path.name}")
    out.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    return out


MPEG4 = ("-c:v", "mpeg4", "-q:v", 3, "-g", 5)
FLV = ("-c:v", "flv1", "-q:v", 3, "-g", 5)


@pytest.mark.parametrize(("name", "options"), [("a.avi", MPEG4), ("a.flv", FLV)])
def test_a_header_that_counts_tells_of_what_is_lacking(
    tmp_path: Path, name: str, options: tuple[object, ...]
) -> None:
    whole = film(tmp_path / name, noise(50), 25, options)
    assert survey(whole).damage == ""
    found = survey(cut(whole))
    assert 20 < len(found.times) < 40
    there = len(found.times) / 25
    assert found.damage == f"its header counts 2 s, and {there:.4g} s of them are there"


@pytest.mark.parametrize("name", ["a.avi", "a.flv"])
def test_sound_may_be_longer_than_the_pictures(tmp_path: Path, name: str) -> None:
    film(tmp_path / "a.mkv", noise(10), 25)
    sound = ("-f", "lavfi", "-i", "sine=d=3")
    run("-i", tmp_path / "a.mkv", *sound, "-c:v", "mpeg4" if name == "a.avi" else "flv1",
        "-ar", 44100, tmp_path / name)  # fmt: skip
    found = survey(tmp_path / name)
    assert (len(found.times), found.has_audio, found.damage) == (10, True, "")


def test_a_stream_that_counts_nothing_cannot_tell(tmp_path: Path) -> None:
    """As docs/video.md says: such films are shorter ones."""
    found = survey(cut(film(tmp_path / "a.ts", noise(50), 25, ("-c:v", "mpeg2video"))))
    assert found.damage == ""
    assert len(found.times) < 40


def test_a_film_that_breaks_off_is_seen_the_same_each_time(tmp_path: Path) -> None:
    options = ("-c:v", "libx264", "-qp", 0, "-g", 1)
    path = cut(film(tmp_path / "a.mkv", noise(24), 12, options))
    first, *others = (survey(path) for _ in range(6))
    assert first.damage.startswith("File ended prematurely")
    assert others == [first] * 5


FRAME = (
    "n: {0:3} pts: {1:6} pts_time:{1}       duration:     83 duration_time:0.083   "
    "fmt:yuv420p cl:left sar:4/3 s:64x48 i:P iskey:0 type:B "
)
SHOWN = "[Parsed_showinfo_0 @ 0x7f27c0001b80] "


def told(*lines: str) -> Heard:
    found = Heard()
    for line in ("Stream mapping:", SHOWN + "config in time_base: 1/1000, frame_rate: 12/1"):
        assert found.heard(line)
    for line in lines:
        found.heard(line)
    return found


@pytest.mark.parametrize(
    "lines",
    [
        (
            SHOWN + FRAME.format(0, 0),
            SHOWN + "color_range:tv color_space:bt709 color_primaries:bt709 color_trc:smpte2084",
            "[in#0/matroska,webm @ 0x55f358c130c0] File ended prematurely",
            SHOWN + FRAME.format(1, 83),
        ),
        (
            SHOWN + FRAME.format(0, 0) + "File ended prematurely",
            "[out#0] " + "color_range:tv color_space:bt709 color_primaries:bt709",
            SHOWN + " color_trc:smpte2084" + FRAME.format(1, 83),
        ),
        (
            SHOWN + FRAME.format(0, 0),
            SHOWN + "color_range:tv color_space:bt709File ended prematurely",
            SHOWN + " color_primaries:unknown",
            SHOWN + " color_trc:smpte2084Output #0, rawvideo, to 'pipe:':",
            "  Stream #0:0: Video: rawvideo, " + FRAME.format(1, 83),
        ),
    ],
    ids=["whole", "in the middle", "in a tag"],
)
def test_what_threads_say_into_each_others_lines_is_heard(lines: tuple[str, ...]) -> None:
    found = told(*lines)
    assert (found.times, found.lasting, found.unit) == ([0, 83], 83, Fraction(1, 1000))
    assert (found.matrix, found.transfer, found.begun) == ("bt709", "smpte2084", 1)
    assert found.damage == "File ended prematurely"
    assert found.first is not None
    assert (found.first.aspect, found.first.width) == (Fraction(4, 3), 64)


def test_what_a_film_is_called_is_no_complaint_and_no_frame(tmp_path: Path) -> None:
    whole = film(tmp_path / "partial file.mkv", noise(3), 12)
    title = "partial file\nStream mapping:\n" + SHOWN + FRAME.format(0, 500)
    run("-i", whole, "-c", "copy", "-metadata", f"title={title}", tmp_path / "File ended.mkv")
    for path in (whole, tmp_path / "File ended.mkv"):
        found = survey(path)
        assert (found.times, found.width, found.damage) == ((0, 83, 167), 48, "")
