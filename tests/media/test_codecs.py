"""Every codec in every container that holds it: decoded again, each frame is there, in its colours,
at its rate, with the recipe inside, and the same bytes come each time.
"""

from __future__ import annotations

import os
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamer.errors import MediaError
from dreamer.film_formats import CODECS, CONTAINERS, PRESETS, holders_of
from dreamer.media import codecs, ffmpeg
from dreamer.media.codecs import available_codecs
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.film import Chapter, Film
from dreamer.media.metadata import read_texts
from dreamer.media.pictures import encode_png, read_picture
from dreamer.media.probing import probe
from dreamer.media.video import encode_films

PAIRS = [(box, codec) for box, c in CONTAINERS.items() for codec in c.codecs]
NTSC = Fraction(24000, 1001)
PATCHES = [
    *((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (0, 0, 0), (0.5, 0.5, 0.5)),
    *((0.8, 0.3, 0.1), (0.1, 0.4, 0.7), (0.9, 0.9, 0.2), (0.2, 0.1, 0.3), (1, 0.5, 0.7), (0, 1, 1)),
]
WORDS = {"dreamer:recipe": "seed: 1\ntitle: 'Über <&> ☁'\n", "dreamer:seed": "1"}


def patches(height: int, width: int) -> np.ndarray:
    """Twelve flat patches, three rows of four, `(3, H, W)`."""
    table = np.array(PATCHES, np.float32).reshape(3, 4, 3)
    rows, columns = np.arange(height) * 3 // height, np.arange(width) * 4 // width
    return table[rows][:, columns].transpose(2, 0, 1)


def numbered(folder: Path, count: int, height: int = 96, width: int = 128) -> list[Path]:
    """Patches, each frame with its number: a bar along the top, longer by a part in each."""
    paths = []
    for k in range(count):
        pixels = patches(height, width).copy()
        pixels[:, : height // 16, : width * (k + 1) // count] = 0.75
        paths.append(folder / f"{k:06d}.png")
        paths[-1].write_bytes(encode_png(pixels))
    return paths


def decoded(path: Path, width: int, height: int) -> np.ndarray:
    """Every frame, `(N, H, W, 3)` 8 bits: films by ffmpeg alone, pictures that move by Pillow."""
    if path.suffix in (".gif", ".webp", ".apng"):
        shown = []
        with Image.open(path) as picture:
            for k in range(picture.n_frames):
                picture.seek(k)
                shown.append(np.asarray(picture.convert("RGB")))
        return np.stack(shown)
    command = [ffmpeg_binary(), "-v", "error", "-i", str(path), "-fps_mode", "passthrough"]
    exact = ["-sws_flags", "accurate_rnd+full_chroma_int", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    raw = subprocess.run([*command, *exact, "-"], capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def worst_patch(shown: np.ndarray) -> float:
    """How many levels the mean of any patch's middle is off."""
    height, width = shown.shape[:2]
    off = []
    for k, colour in enumerate(PATCHES):
        y, x = (2 * (k // 4) + 1) * height // 6, (2 * (k % 4) + 1) * width // 8
        mean = shown[y - 2 : y + 3, x - 2 : x + 3].astype(float).mean((0, 1))
        off.append(np.abs(mean - np.rint(np.array(colour) * 255)).max())
    return max(off)


def bar(shown: np.ndarray) -> float:
    """How far the bar of a frame goes."""
    row = shown[shown.shape[0] // 32].astype(int)
    return float((np.abs(row - 191).max(1) < 24).mean())


def skip_without(codec: str) -> None:
    if codec not in available_codecs():
        pytest.skip(f"this ffmpeg has no {codec}")


@pytest.mark.parametrize(("box", "codec"), PAIRS)
def test_what_went_in_comes_out(tmp_path: Path, box: str, codec: str) -> None:
    skip_without(codec)
    frames = numbered(tmp_path, 12)
    outs = [tmp_path / f"{name}{CONTAINERS[box].ending}" for name in "ab"]
    encode_films(frames, dict.fromkeys(outs, Film(NTSC, box, codec, texts=WORDS)))
    shown = decoded(outs[0], 128, 96)
    assert len(shown) == 12
    for k, one in enumerate(shown):
        assert bar(one) == pytest.approx((k + 1) / 12, abs=0.04), k
        assert worst_patch(one) <= (12 if codec == "gif" else 2), k
    assert read_texts(outs[0]) == WORDS
    assert outs[0].read_bytes() == outs[1].read_bytes(), "the same bytes each time"
    if not CONTAINERS[box].animation:
        found = probe(outs[0])
        assert (found.fps, found.matrix) == (NTSC, "bt709")


@pytest.mark.parametrize("codec", CODECS)
def test_each_pixel_format_is_what_is_in_the_film(tmp_path: Path, codec: str) -> None:
    skip_without(codec)
    frames = numbered(tmp_path, 2)
    box = next(name for name, c in CONTAINERS.items() if codec in c.codecs)
    for pixels in CODECS[codec].pixel_formats:
        out = tmp_path / f"{pixels}{CONTAINERS[box].ending}"
        encode_films(frames, {out: Film(NTSC, box, codec, pixel_format=pixels)})
        assert probe(out).pixel_format.removesuffix("le").removesuffix("be") == pixels
        if pixels != "rgb48":
            assert worst_patch(decoded(out, 128, 96)[0]) <= 2


@pytest.mark.parametrize("codec", ["h264", "h265", "vp9", "av1", "prores"])
def test_ten_bits_show_what_sixteen_hold(tmp_path: Path, codec: str) -> None:
    """A ramp over 16 levels of 8 bits has more than 16 steps where there are 10."""
    skip_without(codec)
    ramp = np.linspace(0.5, 0.5 + 16 / 255, 256, dtype=np.float32)
    pixels = np.broadcast_to(ramp, (3, 64, 256))
    frame = tmp_path / "0.png"
    frame.write_bytes(encode_png(pixels, 16))
    steps = {}
    box = "mov" if codec == "prores" else "mp4"
    for pixel_format in ("yuv420p", "yuv422p10" if codec == "prores" else "yuv420p10"):
        if pixel_format not in CODECS[codec].pixel_formats:
            continue
        out = tmp_path / f"{pixel_format}.{box}"
        encode_films(
            [frame] * 2,
            {out: Film(NTSC, box, codec, 2, pixel_format=pixel_format)}
            if (CODECS[codec].crf)
            else {out: Film(NTSC, box, codec)},
        )
        command = [ffmpeg_binary(), "-v", "error", "-i", str(out), "-frames:v", "1", "-f"]
        grey = ["rawvideo", "-vf", "extractplanes=y", "-"]
        raw = subprocess.run([*command, *grey], capture_output=True, check=True).stdout
        kind = np.uint8 if pixel_format == "yuv420p" else np.dtype("<u2")
        steps[pixel_format] = len(np.unique(np.frombuffer(raw, kind)))
    assert max(steps.values()) >= 40
    assert steps.get("yuv420p", 0) <= 18


def test_what_loses_nothing_loses_nothing(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).random((4, 3, 31, 45)).astype(np.float32)
    for bits, pixels in ((8, "rgb24"), (16, "rgb48")):
        frames = [tmp_path / f"{k}.png" for k in range(4)]
        for path, one in zip(frames, noise, strict=True):
            path.write_bytes(encode_png(one, bits))
        out = tmp_path / "a.apng"
        encode_films(frames, {out: Film(Fraction(10), "apng", pixel_format=pixels)})
        command = [ffmpeg_binary(), "-v", "error", "-i", str(out), "-f", "rawvideo"]
        raw = subprocess.run([*command, "-"], capture_output=True, check=True).stdout
        found = np.frombuffer(raw, np.uint8 if bits == 8 else ">u2").reshape(4, 31, 45, 3)
        whole = np.stack([read_picture(path) for path in frames]).transpose(0, 2, 3, 1)
        assert (found == np.rint(whole * (2**bits - 1))).all()
    encode_films(frames, {tmp_path / "a.webp": Film(Fraction(10), "webp", crf=0)})
    whole = np.stack([read_picture(path) for path in frames]).transpose(0, 2, 3, 1)
    assert (decoded(tmp_path / "a.webp", 45, 31) == np.rint(whole * 255)).all()


@pytest.mark.parametrize(("box", "codec"), [("mov", "prores"), *PAIRS[:4], *PAIRS[-3:]])
def test_odd_sides_stay_where_the_codec_has_them(tmp_path: Path, box: str, codec: str) -> None:
    skip_without(codec)
    out = tmp_path / f"a{CONTAINERS[box].ending}"
    encode_films(numbered(tmp_path, 3, 63, 95), {out: Film(NTSC, box, codec)})
    width, height = (96, 64) if codec in ("h264", "h265") else (95, 63)
    shown = decoded(out, width, height)
    assert shown.shape == (3, height, width, 3)
    assert worst_patch(shown[0]) <= (12 if codec == "gif" else 4)


def test_odd_sides_stay_where_no_colours_are_shared(tmp_path: Path) -> None:
    for codec in ("h264", "h265"):
        out = tmp_path / f"{codec}.mp4"
        encode_films(
            numbered(tmp_path, 2, 63, 95), {out: Film(NTSC, codec=codec, pixel_format="yuv444p")}
        )
        assert (probe(out).width, probe(out).height) == (95, 63)


def test_a_film_goes_there_and_back_at_a_lower_rate(tmp_path: Path) -> None:
    """Of 24 a second those that stand at each tenth: 0, 2, 4, 7, 9, 12, …, and back."""
    out = tmp_path / "a.apng"
    frames = numbered(tmp_path, 24)
    film = Film(Fraction(10), "apng", of=Fraction(24), loop=True)
    encode_films(frames, {out: film})
    expected = [int(k * 2.4) for k in range(10)]
    assert film.there(24) == expected
    expected += expected[-2:0:-1]
    bars = [bar(one) for one in decoded(out, 128, 96)]
    assert bars == pytest.approx([(k + 1) / 24 for k in expected], abs=0.02)
    assert film.length(24) == Fraction(18, 10)


@pytest.mark.parametrize(
    ("of", "fps"), [(24, 7), (60, 25), (NTSC, Fraction(12000, 1001)), (24, 24)]
)
def test_frames_are_picked_exactly(of: Fraction, fps: Fraction) -> None:
    film = Film(Fraction(fps), of=Fraction(of))
    picked, k = [], 0
    while (frame := int(k * Fraction(of) / Fraction(fps))) < 1000:
        picked.append(frame)
        k += 1
    assert film.there(1000) == picked


def test_a_smaller_copy_keeps_its_shape(tmp_path: Path) -> None:
    frames = numbered(tmp_path, 3)
    films = {
        tmp_path / f"a{e}": Film(NTSC, e[1:], side=65) for e in (".mp4", ".gif", ".webm", ".apng")
    }
    encode_films(frames, films)
    assert decoded(tmp_path / "a.gif", 65, 49).shape == (3, 49, 65, 3)
    assert decoded(tmp_path / "a.webm", 65, 49).shape == (3, 49, 65, 3)
    assert worst_patch(decoded(tmp_path / "a.apng", 65, 49)[0]) <= 2
    assert (probe(tmp_path / "a.mp4").width, probe(tmp_path / "a.mp4").height) == (66, 50)


@pytest.mark.parametrize(("plays", "gif"), [(0, 0), (1, None), (3, 2)])
def test_animations_say_how_often_they_play(tmp_path: Path, plays: int, gif: int | None) -> None:
    frames = numbered(tmp_path, 3)
    outs = {box: tmp_path / f"a.{box}" for box in ("gif", "webp", "apng")}
    encode_films(frames, {out: Film(Fraction(10), box, plays=plays) for box, out in outs.items()})
    loops = {}
    for box, out in outs.items():
        with Image.open(out) as picture:
            loops[box] = picture.info.get("loop")
    assert loops == {"gif": gif, "webp": plays, "apng": plays}  # a GIF counts repeats


def test_a_gif_lasts_as_long_as_the_film_to_the_hundredth(tmp_path: Path) -> None:
    out = tmp_path / "a.gif"
    encode_films(numbered(tmp_path, 36), {out: Film(NTSC, "gif")})
    with Image.open(out) as picture:
        times = []
        for k in range(picture.n_frames):
            picture.seek(k)
            times.append(picture.info["duration"])
    assert set(times) == {40, 50}
    assert sum(times) == pytest.approx(36 / NTSC * 1000, abs=10)


def test_a_film_of_one_picture_is_a_webp_that_stands(tmp_path: Path) -> None:
    frame = tmp_path / "0.png"
    frame.write_bytes(encode_png(patches(31, 45)))
    for crf in (0, 10):
        out = tmp_path / f"{crf}.webp"
        encode_films([frame] * 5, {out: Film(Fraction(10), "webp", crf=crf, texts=WORDS)})
        assert read_texts(out) == WORDS
        with Image.open(out) as picture:
            assert picture.size == (45, 31)
            picture.load()


@pytest.mark.parametrize("box", ["mp4", "mov", "mkv", "webm"])
def test_chapters_have_titles_and_times(tmp_path: Path, box: str) -> None:
    out = tmp_path / f"a.{box}"
    parts = [(Fraction(0), Fraction(1, 2), "Into = it"), (Fraction(1, 2), Fraction(1), "Ü; #2")]
    chapters = tuple(Chapter(*part) for part in parts)
    encode_films(numbered(tmp_path, 24), {out: Film(Fraction(24), box, chapters=chapters)})
    command = [ffmpeg_binary(), "-v", "error", "-i", str(out), "-f", "ffmetadata", "-"]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert told.count("[CHAPTER]") == 2
    assert "title=Into \\= it" in told
    assert "title=Ü\\; \\#2" in told
    header = subprocess.run([ffmpeg_binary(), "-i", str(out)], capture_output=True, check=False)
    assert b"start 0.500000, end 1.000000" in header.stderr


def test_several_films_are_made_of_pictures_that_are_read_once(tmp_path: Path, monkeypatch) -> None:
    from dreamer.media import video

    read, taken = video.read_picture, []
    monkeypatch.setattr(video, "read_picture", lambda p, **w: taken.append(p) or read(p, **w))
    frames = numbered(tmp_path, 6)
    boxes = ("mp4", "webm", "apng")
    encode_films(frames, {tmp_path / f"a.{box}": Film(NTSC, box) for box in boxes})
    assert taken == frames


def test_what_does_not_go_together_is_refused(tmp_path: Path) -> None:
    frames = numbered(tmp_path, 2, 12, 12)
    for film, words in (
        (Film(NTSC, "webm", "h264"), "WebM does not hold h264; it holds vp9, av1"),
        (Film(NTSC, codec="av1", pixel_format="yuv444p"), "AV1 has no pixels yuv444p"),
        (Film(NTSC, codec="h265"), "H.265 needs sides of 16 pixels and more"),
        (Film(NTSC, "gif", chapters=(Chapter(Fraction(0), NTSC, "x"),)), "GIF has no chapters"),
    ):
        with pytest.raises(MediaError, match=words):
            encode_films(frames, {tmp_path / "a.film": film})
    assert not list(tmp_path.glob("*.film*"))
    assert not list(tmp_path.glob(".*"))


def test_a_codec_that_is_not_here_is_named_with_those_that_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older ffmpeg on PATH, which was built without most encoders."""
    old = tmp_path / "bin" / "ffmpeg"
    old.parent.mkdir()
    old.write_text(
        f'#!/bin/sh\ncase "$*" in *-encoders*) exec "{ffmpeg_binary()}" "$@" | '
        f'grep -v "x265\\|av1\\|vp9";; *) exec "{ffmpeg_binary()}" "$@";; esac\n'
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}{os.pathsep}{os.environ['PATH']}")
    for cached in (ffmpeg.ffmpeg_binary, codecs.known_encoders):
        cached.cache_clear()
    try:
        frames = numbered(tmp_path, 2)
        wanted = r"cannot write H.265 \(no libx265\); it has h264, prores, gif, webp, apng"
        with pytest.raises(MediaError, match=wanted):
            encode_films(frames, {tmp_path / "a.mp4": Film(NTSC, codec="h265")})
        encode_films(frames, {tmp_path / "a.mp4": Film(NTSC)})
    finally:
        for cached in (ffmpeg.ffmpeg_binary, codecs.known_encoders):
            cached.cache_clear()


@pytest.mark.parametrize("codec", ["h264", "h265", "vp9", "av1", "webp"])
def test_every_preset_is_known(tmp_path: Path, codec: str) -> None:
    skip_without(codec)
    frames = numbered(tmp_path, 2, 32, 32)
    box = "webp" if codec == "webp" else "mp4"
    films = {tmp_path / f"{p}.{box}": Film(NTSC, box, codec, preset=p) for p in PRESETS}
    encode_films(frames, films)
    assert all(out.stat().st_size for out in films)


def test_the_page_of_films_has_every_codec_and_container() -> None:
    page = (Path(__file__).parents[2] / "docs" / "film.md").read_text(encoding="utf-8")
    for name, codec in CODECS.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        cells = row.split("|")
        assert {w.strip() for w in cells[2].split(",")} == set(holders_of(name))
        if codec.crf is not None:
            assert f"{codec.crf.best} to {codec.crf.least} ({codec.crf.default})" in cells[4]
