"""Films have true colours, their index in front, exact rates, the recipe inside, and the same
bytes each time.
"""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dreamer.errors import MediaError
from dreamer.media import encoding, ffmpeg
from dreamer.media.decoding import read_frames
from dreamer.media.ffmetadata import read_ffmetadata
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.film import there_and_back
from dreamer.media.metadata import read_texts
from dreamer.media.pictures import encode_png
from dreamer.media.probing import count_frames, probe
from dreamer.media.video import encode_film


def frames(folder: Path, pictures: list[np.ndarray], bits: int = 8) -> list[Path]:
    paths = []
    for k, pixels in enumerate(pictures):
        paths.append(folder / f"{k:06d}.png")
        paths[-1].write_bytes(encode_png(pixels, bits))
    return paths


def flat(colour: tuple[float, float, float], height: int = 32, width: int = 48) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.float32)[:, None, None], (3, height, width))


def planes(path: Path, width: int, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first frame's Y, U and V as they are stored."""
    command = [ffmpeg_binary(), "-v", "error", "-i", str(path), "-frames:v", "1", "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "yuv420p", "-"], capture_output=True, check=True)
    data = np.frombuffer(raw.stdout, np.uint8)
    luma, chroma = width * height, width * height // 4
    return data[:luma], data[luma : luma + chroma], data[luma + chroma :]


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        # BT.709, limited range, worked out by hand: 16 + 219·Y, 128 + 224·(B−Y)/1.8556, 128 +
        # 224·(R−Y)/1.5748
        ((1, 0, 0), (63, 102, 240)),
        ((0, 1, 0), (173, 42, 26)),
        ((0, 0, 1), (32, 240, 118)),
        ((1, 1, 1), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
    ],
)
def test_colours_are_bt709(
    tmp_path: Path, colour: tuple[float, float, float], expected: tuple[int, int, int]
) -> None:
    out = tmp_path / "a.mp4"
    encode_film(frames(tmp_path, [flat(colour)] * 3), out, Fraction(24))
    for plane, value in zip(planes(out, 48, 32), expected, strict=True):
        assert abs(int(np.median(plane)) - value) <= 1, (np.median(plane), value)
    header = subprocess.run(
        [ffmpeg_binary(), "-i", str(out)], capture_output=True, check=False
    ).stderr.decode()
    assert "yuv420p(tv, bt709, progressive)" in header, "all three tags, or it would list them"


def test_a_film_read_back_has_the_colours_it_was_made_of(tmp_path: Path) -> None:
    ramp = np.repeat(np.linspace(0, 1, 96, dtype=np.float32)[None, None], 48, 1).repeat(3, 0)
    for pixels in (flat((0.8, 0.3, 0.1)), ramp):
        out = tmp_path / "a.mp4"
        encode_film(frames(tmp_path, [pixels] * 2), out, Fraction(24), crf=4)
        (_, found), *_ = read_frames(out)
        assert np.abs(found - pixels).max() < 3.5 / 255


def test_the_index_comes_before_the_pictures(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    encode_film(frames(tmp_path, [flat((0.5, 0.5, 0.5))] * 2), out, Fraction(24))
    data, place, atoms = out.read_bytes(), 0, []
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        atoms.append(data[place + 4 : place + 8].decode())
        place += size
    assert atoms.index("moov") < atoms.index("mdat")


@pytest.mark.parametrize(
    "fps", [Fraction(24), Fraction(24000, 1001), Fraction(25, 2), Fraction(15000, 1001)]
)
def test_rates_are_exact(tmp_path: Path, fps: Fraction) -> None:
    out = tmp_path / "a.mp4"
    encode_film(frames(tmp_path, [flat((0.2, 0.4, 0.6))] * 12), out, fps)
    found = probe(out)
    assert found.fps == fps
    assert count_frames(out) == 12
    assert found.seconds == pytest.approx(12 / fps, abs=0.02)


def test_odd_sides_grow_by_a_repeated_pixel(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).random((3, 31, 45)).astype(np.float32)
    out = tmp_path / "a.mp4"
    encode_film(frames(tmp_path, [pixels] * 2), out, Fraction(24), crf=1)
    found = probe(out)
    assert (found.width, found.height) == (46, 32)
    luma = planes(out, 46, 32)[0].reshape(32, 46).astype(int)
    assert np.abs(luma[31] - luma[30]).max() <= 3
    assert np.abs(luma[:, 45] - luma[:, 44]).max() <= 3


def test_the_same_frames_give_the_same_film(tmp_path: Path) -> None:
    noise = [np.random.default_rng(k).random((3, 64, 64)).astype(np.float32) for k in range(20)]
    paths = frames(tmp_path, noise, 16)
    for name in ("a.mp4", "b.mp4"):
        encode_film(paths, tmp_path / name, Fraction(24), metadata={"dreamer:recipe": "seed: 1"})
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        "seed: 1\nsource: {noise: 'pink'}\n",
        "a=b; c#d \\ 'q' \"q\"\n\n# comment\n[x]\n",
        "Über den Wolken ☁ 雲\n",
        "x: " + "äbc 123\n" * 40_000,  # more than an argument may have
        "a\r\nb\rc",
        "ends with \\",
        "  Duration: 09:00:00.00\n  Stream #0:9: Video: h264, yuv420p, 7777x6666, Audio: mp3\n",
    ],
)
def test_the_recipe_travels_inside(tmp_path: Path, text: str) -> None:
    out = tmp_path / "a.mp4"
    words = {"dreamer:recipe": text, "dreamer:seed": "7"}
    encode_film(frames(tmp_path, [flat((0, 0, 0))] * 2), out, Fraction(24), metadata=words)
    assert read_texts(out) == words
    found = probe(out)
    assert (found.width, found.height, found.has_audio) == (48, 32, False)
    assert found.seconds < 1


def test_ffmetadata_stops_at_chapters() -> None:
    words = ";FFMETADATA1\na=b\\=c\\\nd\nk=v\n[CHAPTER]\nSTART=0\n"
    assert read_ffmetadata(words) == {"a": "b=c\nd", "k": "v"}


def test_there_and_back_shows_no_end_twice() -> None:
    paths = [Path(c) for c in "abcd"]
    assert "".join(map(str, there_and_back(paths))) == "abcdcb"


def test_a_failing_encoder_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = frames(tmp_path, [flat((0, 0, 0))] * 40)
    with pytest.raises(MediaError, match=r"(?s)could not make .*(preset|option)"):
        encode_film(paths, tmp_path / "a.mp4", Fraction(24), preset="nonsense")
    assert sorted(tmp_path.glob("*mp4*")) == []
    monkeypatch.setattr(encoding, "count_frames", lambda path: 3)
    with pytest.raises(MediaError, match="3 frames instead of 40"):
        encode_film(paths, tmp_path / "a.mp4", Fraction(24))
    assert sorted(tmp_path.glob("*mp4*")) == []


def test_frames_of_several_sizes_are_refused(tmp_path: Path) -> None:
    paths = frames(tmp_path, [flat((0, 0, 0)), flat((0, 0, 0), 16, 16)])
    with pytest.raises(MediaError, match="16×16, the first frame 48×32"):
        encode_film(paths, tmp_path / "a.mp4", Fraction(24))


def test_an_encoder_that_dies_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = ffmpeg._popen

    def remembered(*arguments: Any) -> subprocess.Popen[bytes]:
        started.append(start(*arguments))
        return started[-1]

    def kill(index: int) -> None:
        if index == 5:
            started[0].kill()

    monkeypatch.setattr(ffmpeg, "_popen", remembered)
    paths = frames(tmp_path, [flat((0, 0, 0))] * 40)
    out = tmp_path / "a.mp4"
    out.write_bytes(b"an older film")
    with pytest.raises(MediaError, match="exit code -9"):
        encode_film(paths, out, Fraction(24), on_frame=kill)
    assert out.read_bytes() == b"an older film"
    assert list(tmp_path.glob("*mp4*")) == [out]


def test_names_that_look_like_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = frames(tmp_path, [flat((0, 0, 0))] * 2)
    for name in ("-y.mp4", "a:b.mp4", "100%d.mp4", "ü ' \".mp4"):
        encode_film(paths, Path(name), Fraction(24))
        assert probe(Path(name)).width == 48
