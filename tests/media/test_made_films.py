"""Films beside their codecs: which frames are in them and when, how large they are, how often they
play, and their chapters.
"""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from patches import (
    NTSC,
    WORDS,
    bar,
    decoded,
    numbered,
    patches,
    worst_patch,
)
from PIL import Image

from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.film import Chapter, Film
from dreamer.media.metadata import read_texts
from dreamer.media.pictures import encode_png
from dreamer.media.probing import probe
from dreamer.media.video import encode_films


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
