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
from patches import (
    NTSC,
    PAIRS,
    WORDS,
    bar,
    decoded,
    numbered,
    skip_without,
    worst_patch,
)

from dreamer.errors import MediaError
from dreamer.film_formats import CODECS, CONTAINERS, PRESETS, holders_of
from dreamer.media import codecs, ffmpeg
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.film import Chapter, Film
from dreamer.media.metadata import read_texts
from dreamer.media.pictures import encode_png, read_picture
from dreamer.media.probing import probe
from dreamer.media.video import encode_films


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
