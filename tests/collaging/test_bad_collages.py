"""What people give to `dreamer collage` that is not as it should be, on the command line."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import numpy as np
import pytest
from collages_made import LAYOUTS, everything, made, pictures, pixels, written
from PIL import Image
from small_collages import flat, noise, truncated

from dreamer.cli import main


class Ended:
    """How a command ended: its code, and what it said."""

    def __init__(self, code: int, said: str, home: Path) -> None:
        self.code, self.said = code, said.replace(f"{home}/", "").replace(str(home), ".")


@pytest.fixture
def run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["dreamer", "collage", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        code = ended.value.code
        said = told.err + told.out + caplog.text
        caplog.clear()
        return Ended(code if isinstance(code, int) else 0, said, tmp_path)

    return run


def odd(folder: Path) -> Path:
    """Pictures as people have them."""
    rng = np.random.default_rng(4)
    noise(folder / "plain.png", 1)
    levels = rng.integers(0, 255, (30, 40, 4), dtype=np.uint8)
    Image.fromarray(levels).save(folder / "see-through.png")
    Image.fromarray(levels, "CMYK").save(folder / "cmyk.jpg")
    Image.new("RGB", (1, 1), "red").save(folder / "pixel.png")
    Image.new("RGB", (1, 1000), "blue").save(folder / "tall.png")
    Image.new("RGB", (2000, 1), "green").save(folder / "wide.png")
    Image.new("RGBA", (30, 30), (0, 0, 0, 0)).save(folder / "nothing.png")
    Image.new("L", (9, 9), 90).save(folder / "grey.png")
    Image.fromarray(rng.integers(0, 65535, (9, 12), dtype=np.uint16)).save(folder / "deep.png")
    Image.new("P", (8, 8), 3).save(folder / "palette.gif")
    (folder / "copy.png").write_bytes((folder / "plain.png").read_bytes())
    return folder


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pictures_of_any_kind_are_laid_and_all_are_seen(tmp_path: Path, layout: str) -> None:
    folder = odd(tmp_path / "pics")
    noise(tmp_path / "target.png", 8)
    more = f"layout: {LAYOUTS[layout]}\nbackground: '#806040'"
    found = made(written(folder, more, "size: [240, 180]"), tmp_path / "out")
    assert found.report["pieces"] + found.report["not_laid"] == 10, "and the copy is not"
    levels = pixels(found.product)
    assert len(np.unique(levels.reshape(-1, 3), axis=0)) > 500
    if layout == "masonry":
        colors = [(levels == np.array(color)).all(2).sum() for color in ((255, 0, 0), (0, 0, 255))]
        assert min(colors) > 200, "the tall one leaves room for others"


def test_broken_ones_among_good_ones_are_named_and_left_out(tmp_path: Path, run) -> None:
    pictures(tmp_path / "pics", 3)
    truncated(tmp_path / "pics" / "broken.png")
    (tmp_path / "pics" / "page.jpg").write_text("<!DOCTYPE html>")
    (tmp_path / "pics" / "notes.txt").write_text("…")
    (tmp_path / "pics" / "unplugged.jpg").symlink_to(tmp_path / "stick" / "a.jpg")
    ended = run("pics", "--set", "classify=off", "--out", "out", "--size", "90x60")
    assert ended.code == 0
    assert "2 pictures left out: pics/page.jpg is an HTML page" in ended.said
    assert "no such file: pics/unplugged.jpg" in ended.said
    assert "1 picture left out: pics/broken.png is a damaged picture" in ended.said
    assert "1 other file left out" in ended.said
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    odd_ones = ("page.jpg", "broken.png", "unplugged.jpg")
    assert set(report["left_out"]) == {f"../pics/{name}" for name in odd_ones}
    assert report["pieces"] == 3


def test_where_all_are_broken_nothing_is_made(tmp_path: Path, run) -> None:
    truncated(tmp_path / "pics" / "broken.png")
    (tmp_path / "c.yaml").write_text("classify: off\ncollage:\n  pictures: pics")
    ended = run("c.yaml", "--out", "out")
    assert ended.code == 2
    assert "c.yaml:3: collage.pictures: pics/broken.png is a damaged picture" in ended.said
    assert not (tmp_path / "out" / "c.png").exists()


REFUSED: dict[str, tuple[str, int, str]] = {
    "nothing there": ("gone", 2, "no such file or folder: gone"),
    "an empty folder": ("empty", 2, "empty holds no pictures"),
    "a pattern that fits nothing": ("pics/*.jpg", 2, "no file fits pics/*.jpg"),
    "a film": ("film.mp4", 2, "film.mp4 is a film; `dreamer compile` puts films together"),
    "a film among others": (
        "pics film.mp4",
        2,
        "by `ffmpeg -i film.mp4 -vf fps=1 still-%04d.png`",
    ),
    "no layout of ours": ("other.json", 2, "other.json is no layout of a collage"),
    "two recipes": ("c.yaml c.yaml", 2, "c.yaml is a recipe; expected one recipe"),
    "a layout's name": ("pics --layout gird", 2, "not 'gird'; did you mean 'grid'?"),
    "a mosaic of nothing": ("pics --layout mosaic", 2, "mosaic needs the picture it shows"),
    "a size that is none": ("pics --size large", 2, "--size: expected 1600x1200, or a width alone"),
    "no pixels": ("pics --size 0x9", 2, "sides must be 1 to 20000 pixels, not 0×9"),
    "too wide": ("pics --size 30000", 2, "sides must be 1 to 20000 pixels, not 30000"),
    "too many pixels": ("pics --size 20000x20001", 2, "sides must be 1 to 20000"),
    "higher than is read again": (
        "pics --size 20000 --layout masonry --set collage.layout.masonry.columns=1",
        2,
        "--size: sides must be 1 to 20000 pixels, not 20000×",
    ),
    "a margin wider than the sheet": (
        "pics --size 90x60 --set collage.margin=30",
        2,
        "margin: expected less than half of the sheet's height, 60 pixels, not 30",
    ),
    "a gutter too large": (
        "pics --size 90x60 --set collage.gutter=59",
        2,
        "leave less than a pixel for each on 90 × 60 pixels",
    ),
    "more pieces than pixels": ("pics --size 1x1", 2, "leave less than a pixel for each"),
    "a limit of none": ("pics --set collage.limit=0", 2, "--set collage.limit: must be at least 1"),
    "no place": ("pics --out pics/0.png/out", 1, "cannot be made: Not a directory"),
    "a recipe of another kind": ("r.yaml", 2, "run `dreamer render r.yaml`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_words(tmp_path: Path, run, name: str) -> None:
    pictures(tmp_path / "pics", 4)
    (tmp_path / "empty").mkdir()
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(99))
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "c.yaml").write_text("collage: {pictures: pics}")
    (tmp_path / "r.yaml").write_text("source: {noise: pink}")
    arguments, code, words = REFUSED[name]
    ended = run(*arguments.split(), *([] if "yaml" in arguments else ["--set", "classify=off"]))
    if name == "no layout of ours":
        ended = run("other.json")
    assert words in ended.said
    assert ended.code == code


def test_more_pictures_than_are_taken_are_counted_and_refused(tmp_path: Path, run) -> None:
    pictures(tmp_path / "pics", 4)
    listed = ", ".join(["pics"] * 5001)
    (tmp_path / "c.yaml").write_text(f"classify: off\ncollage:\n  pictures: [{listed}]")
    ended = run("c.yaml")
    assert ended.code == 2
    assert "collage.pictures: means 20004 pictures; a collage takes 20000 at most" in ended.said


def test_one_pixel_and_one_piece_are_enough(tmp_path: Path, run) -> None:
    flat(tmp_path / "pics" / "a.png", 0.0)
    flat(tmp_path / "pics" / "b.png", 0.5)
    limits = ("--set", "collage.limit=1", "--set", "classify=off")
    assert run("pics", "--size", "1x1", "--out", "out", *limits).code == 0
    assert pixels(tmp_path / "out" / "pics.png").tolist() == [[[255, 0, 0]]]
    assert json.loads((tmp_path / "out" / "report.json").read_text())["pieces"] == 1


def test_letters_that_nobody_can_draw_are_told_of(tmp_path: Path, run) -> None:
    noise(tmp_path / "pics" / "夢見.png", 1)
    noise(tmp_path / "pics" / "Dämon.png", 2)
    (tmp_path / "c.yaml").write_text(
        "classify: off\nsize: [300, 200]\n"
        "collage: {pictures: pics, layout: contact, captions: name}"
    )
    ended = run("c.yaml", "--out", "out")
    assert ended.code == 0
    assert "1 caption has letters that the font which comes with dreamer cannot draw" in ended.said
    assert "(夢, 見); they become question marks" in ended.said


def test_a_full_disk_is_told_with_the_file_and_the_same_command_goes_on(
    tmp_path: Path, run
) -> None:
    recipe = written(pictures(tmp_path / "pics"), "layout: scatter", "size: [300, 200]")
    whole = everything(made(recipe, tmp_path / "whole").folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    try:
        ended = run("c.yaml", "--out", "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert ended.code == 1
    assert "out/c.png: File too large" in ended.said
    assert not list((tmp_path / "out").rglob("*.part"))
    assert run("c.yaml", "--out", "out").code == 0
    assert everything(tmp_path / "out") == whole
