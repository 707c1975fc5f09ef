"""layout.json is enough to draw a collage again, at any size, and its folder to go on with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from collages_made import LAYOUTS, blocks, everything, made, pixels, written
from PIL import Image
from small_collages import noise

from dreamer.engine.collaged import Collaged
from dreamer.errors import FolderError, UsageError
from dreamer.jobs.collage import collage


def waves(folder: Path) -> Path:
    """Large soft pictures, which look alike at every size."""
    folder.mkdir(exist_ok=True)
    for k in range(6):
        down, across = np.mgrid[:200, : 200 + 40 * k] / 200
        planes = [np.sin(across * a + down * (5 - a) + k) for a in (2, 3, 4)]
        levels = np.rint(127.5 + 120 * np.stack(planes, 2)).astype(np.uint8)
        Image.fromarray(levels).save(folder / f"{k}.png")
    noise(folder.parent / "target.png", 77, (32, 24))
    return folder


def drawn(tmp_path: Path, more: str, top: str = "") -> Collaged:
    return made(written(waves(tmp_path / "pics"), more, top), tmp_path / "out")


def changed(layout: Path, **parts: Any) -> None:
    """Another value for keys of the first placement."""
    said = json.loads(layout.read_text())
    said["placements"][0] |= parts
    layout.write_text(json.dumps(said))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_larger_it_is_the_same_picture(tmp_path: Path, layout: str) -> None:
    first = drawn(tmp_path, f"layout: {LAYOUTS[layout]}\nshadow: on\nmargin: 3")
    large = collage([first.folder / "layout.json"], size="480", out=tmp_path / "large")
    assert large.product.name == "c.png"
    found = pixels(large.product)
    assert found.shape == (360, 480, 3)
    off = np.abs(blocks(found, 4) - pixels(first.product))
    assert off.mean() < 5, "but for edges between pixels"
    assert np.quantile(off, 0.8) < 5


def test_as_large_as_it_was_it_is_the_same_to_the_byte(tmp_path: Path) -> None:
    first = drawn(tmp_path, "layout: {scatter: {alpha: [0.5, 1]}}\nshadow: on\nblend: overlay")
    again = collage([first.folder / "layout.json"], out=tmp_path / "again")
    assert np.array_equal(pixels(again.product), pixels(first.product))


def test_a_hand_s_change_is_drawn(tmp_path: Path) -> None:
    first = drawn(tmp_path, "layout: grid")
    layout = first.folder / "layout.json"
    plain = pixels(first.product).astype(int)
    changed(layout, blend={"mode": "difference"}, x=60.0, y=45.0, z=99)
    again = collage([layout], out=tmp_path / "again")
    found = pixels(again.product).astype(int)
    assert "difference" in (again.folder / "layout.json").read_text()
    said = json.loads(layout.read_text())["placements"][0]
    wide, high = round(said["width"]), round(said["height"])
    left, top = 60 - wide // 2, 45 - high // 2
    place = np.s_[top + 1 : top + high - 1, left + 1 : left + wide - 1]
    under = plain.copy()
    own = under[:high, :wide].copy()
    expected = np.abs(under[place] - own[1:-1, 1:-1])
    assert np.abs(found[place] - expected).mean() < 4


@pytest.mark.parametrize("damage", ["changed", "gone", "no layout"])
def test_what_is_not_as_it_was_is_named(tmp_path: Path, damage: str) -> None:
    first = drawn(tmp_path, "layout: grid")
    layout = first.folder / "layout.json"
    if damage == "changed":
        noise(tmp_path / "pics" / "3.png", 3)
        words = "pics/3.png is not the picture that the collage was made of"
    elif damage == "gone":
        (tmp_path / "pics" / "3.png").unlink()
        words = "no such file: .*pics/3.png, a piece of the collage"
    else:
        layout = first.folder / "report.json"
        words = "report.json is no layout of a collage"
    with pytest.raises(UsageError if damage == "no layout" else FolderError, match=words):
        collage([layout], out=tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_it_keeps_its_shape(tmp_path: Path) -> None:
    layout = drawn(tmp_path, "layout: grid").folder / "layout.json"
    with pytest.raises(UsageError, match="of 120×90; drawn again it keeps its shape: 240×180"):
        collage([layout], size="240x200", out=tmp_path / "again")
    with pytest.raises(UsageError, match="nothing but --size and --out goes with it"):
        collage([layout], layout="spiral")
    with pytest.raises(UsageError, match="nothing but --size"):
        collage([layout], overrides=["seed=4"], size="240x180")


@pytest.mark.parametrize("by", ["folder", "recipe", "picture"])
def test_a_folder_goes_on_with_itself(
    tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = drawn(tmp_path, "layout: {spiral: {fill: 2}}", "title: One\nseed: 3")
    (first.folder / "report.json").unlink()
    shutil.copy(first.folder / "c.png", tmp_path / "c.png")
    place = {"folder": "", "recipe": "recipe.yaml", "picture": "c.png"}[by]
    again = collage([first.folder / place])
    assert again.folder.samefile(first.folder)
    assert again.product.read_bytes() == (tmp_path / "c.png").read_bytes()
    assert not (tmp_path / "collages").exists()


def test_a_folder_of_other_pictures_by_now_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = drawn(tmp_path, "layout: grid")
    before = everything(first.folder)
    noise(tmp_path / "pics" / "new.png", 8)
    again = collage([first.folder])
    assert again.folder.parent.name == "collages"
    assert again.folder.name.startswith("c-")
    assert again.report["pieces"] == 7
    assert everything(first.folder) == before
    other = collage([first.folder], overrides=["seed=9"])
    assert other.folder not in (again.folder, first.folder)


def test_a_hand_s_change_stays_when_it_is_drawn_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = drawn(tmp_path, "layout: scatter")
    layout = first.folder / "layout.json"
    said = json.loads(layout.read_text())
    layout.write_text(json.dumps(said | {"placements": said["placements"][:2]}))
    small = collage([layout], out=tmp_path / "small")
    large = collage([small.folder], size="240")
    assert large.report["placed"] == small.report["placed"] == 2
    assert pixels(large.product).shape == (180, 240, 3)
    for place in (small.folder, small.folder / "recipe.yaml"):
        with pytest.raises(UsageError, match="lies already: nothing but --size and --out goes"):
            collage([place], overrides=["title=x"])


@pytest.mark.parametrize(
    ("places", "name"),
    [
        (["."], "daemons.v2"),
        ([".."], "art"),
        (["../daemons.v2"], "daemons.v2"),
        (["../daemons.v2/one.two.png"], "one.two"),
        (["*.png"], "daemons.v2"),
        (["one.two.png", "../daemons.v2"], "daemons.v2"),
    ],
)
def test_a_collage_is_called_as_its_folder_or_its_only_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: list[str], name: str
) -> None:
    folder = tmp_path / "art" / "daemons.v2"
    noise(folder / "one.two.png")
    monkeypatch.chdir(folder)
    again = collage(places, out=tmp_path / "out", size="30x20", overrides=["classify=off"])
    assert again.product.name == f"{name}.png"


def test_a_name_that_no_picture_has_leaves_no_folder(tmp_path: Path) -> None:
    noise(tmp_path / "pics" / "one.png")
    recipe = written(tmp_path / "pics", name="x" * 240)
    with pytest.raises(FolderError, match="is the name of no picture"):
        made(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_was_drawn_again_goes_on_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = drawn(tmp_path, "layout: {scatter: {count: 30}}\nmargin: 5")
    large = collage([first.folder / "layout.json"], size="333", out=tmp_path / "large")
    before = everything(large.folder)
    for place in (large.folder, large.folder / "recipe.yaml"):
        (large.folder / "report.json").unlink()
        again = collage([place])
        assert again.folder.samefile(large.folder)
        assert everything(large.folder) == before
    assert not (tmp_path / "collages").exists()
