"""A collage from its recipe to its picture: every layout, the same twice, and said in full."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from collages_made import LAYOUTS, everything, made, pictures, pixels, written
from PIL import Image

from dreamer.engine import looking, mosaicking, pasting
from dreamer.engine.collage_layout import read_layout
from dreamer.media.png import read_png_text

DATA = Path(__file__).parents[3] / "shared" / "data" / "objects"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_the_same_twice(
    tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = written(pictures(tmp_path / "pics"), f"layout: {LAYOUTS[layout]}\nshadow: on")
    monkeypatch.setattr(pasting, "readers", lambda: 1)
    monkeypatch.setattr(mosaicking, "readers", lambda: 1)
    alone = made(recipe, tmp_path / "one" / "out")
    monkeypatch.setattr(pasting, "readers", lambda: 3)
    monkeypatch.setattr(mosaicking, "readers", lambda: 3)
    beside = made(recipe, tmp_path / "two" / "out")
    first, second = everything(alone.folder), everything(beside.folder)
    assert first == second
    assert set(first) == {"c.png", "layout.json", "preview.jpg", "recipe.yaml"}
    found = pixels(alone.product)
    assert found.shape == (90, 120, 3)
    assert len({tuple(color) for color in found.reshape(-1, 3)}) > 100, "something is seen"
    laid, about = read_layout(alone.folder / "layout.json")
    assert len(laid.placed) == alone.report["placed"]
    assert len(laid.sources) == alone.report["pieces"] + alone.report["not_laid"] == 9
    assert about["name"] == "c"


def test_as_many_readers_as_there_are_cores_are_asked_for() -> None:
    assert pasting.readers is looking.readers


def test_the_folder_says_all_of_it(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "background: '#102030'", "seed: 4\ntitle: Nine")
    found = made(recipe, tmp_path / "out")
    carried = read_png_text(found.product)
    kept = (tmp_path / "out" / "recipe.yaml").read_text()
    assert "files: '../pics'" in kept
    assert carried["dreamer:recipe"] == kept.replace("files: '../pics'", "files: pics"), (
        "what travels says nothing of where pieces lay"
    )
    assert carried["dreamer:seed"] == "4"
    with Image.open(io.BytesIO((tmp_path / "out" / "preview.jpg").read_bytes())) as small:
        assert small.size == (120, 90)
    for path in (tmp_path / "out").iterdir():
        if path.is_file() and path.suffix != ".jpg":
            assert str(tmp_path).encode() not in path.read_bytes(), f"{path.name} names this place"


def test_a_width_alone_is_as_high_as_the_layout_gets(tmp_path: Path) -> None:
    heights = {}
    for layout in ("grid", "justified", "masonry", "contact"):
        recipe = written(pictures(tmp_path / "pics"), f"layout: {layout}", "size: 200", layout)
        found = made(recipe, tmp_path / layout)
        shape = pixels(found.product).shape
        assert shape[1] == 200
        assert found.report["size"] == [200, shape[0]]
        heights[layout] = shape[0]
    assert len(set(heights.values())) > 1


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="there are no photographs here")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_three_hundred_photographs_are_the_same_twice(tmp_path: Path, layout: str) -> None:
    photographs = sorted(DATA.glob("*/*.jpg"))[:3000:10]
    assert len(photographs) == 300
    said = LAYOUTS[layout].replace("target.png", f"'{photographs[0]}'")
    listed = ", ".join(f"'{path}'" for path in photographs)
    recipe = tmp_path / "c.yaml"
    recipe.write_text(
        f"classify: off\nsize: [1200, 900]\ncollage: {{pictures: [{listed}], layout: {said}}}"
    )
    first, second = made(recipe, tmp_path / "one"), made(recipe, tmp_path / "two")
    assert first.report["pieces"] + first.report["not_laid"] == 300
    assert everything(first.folder) == everything(second.folder)


def test_a_mosaic_sees_pieces_as_they_will_be_seen(tmp_path: Path) -> None:
    """What is transparent is seen on the ground, and what is wholly so is not laid at all."""
    folder = tmp_path / "pics"
    folder.mkdir()
    half = Image.new("RGBA", (40, 40), (255, 255, 255, 0))
    half.putpixel((0, 0), (0, 0, 0, 255))
    half.save(folder / "nearly clear.png")
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(folder / "clear.png")
    Image.new("RGB", (40, 40), "#aaaaaa").save(folder / "grey.png")
    Image.new("RGB", (40, 40), "white").save(tmp_path / "target.png")
    layout = "layout: {mosaic: {target: target.png, columns: 4, repeat_distance: 0, "
    said = f"{layout}fairness: 0, tint: 0}}}}\nbackground: "

    def mean(ground: str) -> float:
        recipe = written(folder, said + ground)
        return float(pixels(made(recipe, tmp_path / ground).product).mean())

    assert mean("black") == pytest.approx(0xAA, abs=1)
    assert mean("white") > 253
