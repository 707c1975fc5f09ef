"""Compilations of odd things: strips of a pixel, clear films, words that would do nothing."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import filmed
import numpy as np
import pytest
import yaml
from PIL import Image, ImageDraw
from reels import LOSSLESS, levels, numbered

from dreamer.errors import RecipeError, UsageError
from dreamer.jobs.compile import compile_films
from dreamer.media.fitting import Fitting


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(*clips: object, **words: object) -> np.ndarray:
    recipe = {"size": [96, 64], "fps": 24, "output": LOSSLESS, "clips": list(clips)} | words
    Path("cut.yaml").write_text(yaml.safe_dump(recipe))
    return levels(compile_films(["cut.yaml"], force=True).products[0])


def refused(text: str) -> list[str]:
    Path("cut.yaml").write_text(text)
    with pytest.raises(RecipeError) as found:
        compile_films(["cut.yaml"])
    return str(found.value).splitlines()


@pytest.mark.parametrize("fit", ["contain", "cover", "blur"])
@pytest.mark.parametrize("size", [(1, 900), (900, 1), (1, 1), (2, 3001)])
def test_strips_are_shown(fit: str, size: tuple[int, int]) -> None:
    Image.new("RGB", size, "lime").save("strip.png")
    (frame,) = made({"file": "strip.png", "fit": fit, "length": 1}, size=[640, 360])
    middle = frame[178:182, 318:322].reshape(-1, 3).max(0)
    assert middle[1] > 100 > middle[[0, 2]].max()
    if fit == "cover":
        assert np.abs(frame - [0, 255, 0]).max() <= 3


def test_the_middle_of_a_strip_covers_as_its_whole_would() -> None:
    tall = np.zeros((1000, 10, 3), np.uint8)
    tall[:] = np.linspace(0, 255, 1000)[:, None, None]
    Image.fromarray(tall).save("tall.png")
    (frame,) = made({"file": "tall.png", "fit": "cover", "length": 1})
    seen = 10 * 64 / 96  # rows of the picture
    expected = [(500 + (k - 31.5) / 64 * seen) / 1000 * 255 for k in range(64)]
    assert np.allclose(frame[:, 48].mean(-1), expected, atol=1.5)
    assert Fitting((10, 1000), (96, 64), "cover").inside[3] == 64


def test_clear_films_lie_over_the_background() -> None:
    pictures = [Image.new("RGBA", (96, 64), (0, 0, 0, 0)) for _ in range(3)]
    for k, one in enumerate(pictures):
        ImageDraw.Draw(one).rectangle((10 + k, 10, 40 + k, 50), fill=(255, 128, 0, 255))
    pictures[0].save("a.gif", save_all=True, append_images=pictures[1:], duration=100, disposal=2)
    for background, behind in (("#204060", [32, 64, 96]), ("black", [0, 0, 0])):
        frame = made("a.gif", background=background)[0]
        assert np.abs(frame[5:60, 60:] - behind).max() <= 3
        assert np.abs(frame[12:48, 14:38] - [255, 128, 0]).max() <= 6


@pytest.mark.parametrize("background", ["black", "#204060"])
def test_clear_films_of_sixteen_bits_have_all_their_rows(background: str) -> None:
    filmed.run("-f", "lavfi", "-i", "color=c=0xff8000:s=96x120:d=0.2:r=24", "-vf",
               "format=gbrap16le", "-c:v", "ffv1", "deep.mkv")  # fmt: skip
    for frame in made("deep.mkv", size=[96, 120], background=background):
        assert np.abs(frame - [255, 128, 0]).max() <= 3


def test_words_files_and_letters_are_told_at_once() -> None:
    numbered(Path("a.mp4"), 6)
    found = refused(
        "clips:\n  - {file: a.mp4, speeed: 2}\n  - gone.mp4\n  - {title: 日}\n"
        "  - {file: a.mp4, end: 9s}\nstill: long\n"
    )
    assert [int(re.match(r"cut\.yaml:(\d+)", line)[1]) for line in found] == [2, 3, 4, 5, 6]
    assert "did you mean 'speed'" in found[0]
    assert "no such file" in found[1]
    assert "U+65E5" in found[2]
    assert "beyond the end" in found[3]
    (line,) = refused("font: 3\nclips: [{title: 日}]")
    assert "font" in line
    Path("cut.yaml").write_text("clips: [a.mp4]\noutput: {video: mp5}")
    with pytest.raises(RecipeError, match="mp5"):
        compile_films(["cut.yaml"], out="x.webm")


def test_words_that_would_do_nothing_are_refused() -> None:
    numbered(Path("a.mp4"), 6)
    filmed.run("-f", "lavfi", "-i", "sine=d=1", "bed.wav")
    Image.new("RGB", (9, 9)).save("p.png")
    clips = {
        "{file: a.mp4, transition: {kind: cut, over: 2}}": "a cut takes no time",
        "{file: a.mp4, fade: 1s}": "fade is of title",
        "{file: p.png, ease: linear}": "does not move",
        "{title: ' '}": "expected words, not nothing",
        "{title: x, font: no.ttf}": "clips.1.font: no such file",
        f"{{title: {'x' * 500}}}": "has 500 letters; at most 400",
    }
    for clip, why in clips.items():
        (line,) = refused(f"clips: [a.mp4, {clip}]")
        assert why in line
    (line,) = refused("clips: [a.mp4]\nsound: {file: bed.wav, offset: 3s}")
    assert "sound.offset: is beyond its end; the film is 0.25 s long" in line
    assert "at least one clip" in refused("clips: []")[0]


def test_a_folder_may_come_first_and_fade_from_one_to_the_next() -> None:
    Path("clips").mkdir()
    for name in "ab":
        numbered(Path("clips", f"{name}.mp4"), 6)
    assert len(made({"file": "clips", "transition": {"over": 2}})) == 10
    Path("cut.mp4").unlink()
    (line,) = refused("clips: [{file: clips/a.mp4, transition: wipe_left}]")
    assert "nothing comes before" in line


def test_more_files_than_a_film_has(monkeypatch: pytest.MonkeyPatch) -> None:
    numbered(Path("a.mp4"), 2)
    monkeypatch.setattr("dreamer.engine.clip_files.MOST_FILES", 3)
    (line,) = refused("clips:\n  - a.mp4\n  - wall: [a.mp4, a.mp4]\n  - a.mp4\n")
    assert line.startswith("cut.yaml:4: clips.2: with these there are 4 clips; at most 3")


def test_nothing_it_is_made_of_is_written_over() -> None:
    numbered(Path("a.mp4"), 24)
    filmed.run("-i", "a.mp4", "-f", "lavfi", "-i", "sine=d=1", "-c:v", "copy", "bed.mp4")
    Image.new("RGB", (9, 9)).save("cut-poster.png")
    kept = {p: p.read_bytes() for p in (Path("bed.mp4"), Path("cut-poster.png"))}
    with pytest.raises(UsageError, match=r"bed.mp4 is the sound"):
        compile_films(["a.mp4"], out="bed.mp4", options={"sound": "bed.mp4"}, force=True)
    Path("cut.yaml").write_text("clips: [a.mp4, cut-poster.png]\noutput: {video: mp4, poster: 0s}")
    with pytest.raises(UsageError, match=r"cut-poster.png is one of the clips"):
        compile_films(["cut.yaml"], force=True)
    assert kept == {p: p.read_bytes() for p in kept}


def test_every_command_is_shown() -> None:
    numbered(Path("silent.mp4"), 24)
    filmed.run("-i", "silent.mp4", "-f", "lavfi", "-i", "sine=d=1", "-c:v", "copy", "a.mp4")
    found = compile_films(["a.mp4"], out="x.mp4", dry_run=True)
    told = {what: shlex.join(words) for what, words in found.commands}
    assert list(told) == [
        "a.mp4", "sound of a.mp4", "all that is heard, mixed", "pictures of x.mp4",
        "x.mp4 with its sound",
    ]  # fmt: skip
    assert "x.silent.mp4" in told["pictures of x.mp4"]
    assert all(name in told["x.mp4 with its sound"] for name in ("x.silent.mp4", "sound.wav"))
    assert "x.texts" in found.as_text() or ".texts" in found.as_text()
    gif = compile_films(["silent.mp4"], out="x.gif", dry_run=True).commands
    assert [what for what, _ in gif] == ["silent.mp4", "colours of x.gif", "x.gif"]
