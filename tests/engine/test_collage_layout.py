"""layout.json says where every piece lies, and is read back as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dreamer.draw.layouts.placement import Frame, Placement
from dreamer.engine.collage_layout import Layout, Placed, Source, as_text, read_layout
from dreamer.errors import FolderError
from dreamer.recipe.dressing import Dressed

PLACES = (
    Placement(7, 40.5, 30.25, 60.0, 45.0, turn=-12.5, alpha=0.5, z=-3, crop=(0.1, 0.0, 0.9, 1.0)),
    Placement(9, 10, 20, 30, 40, frame=Frame(2, 2, 2, 8, "white"), caption="Ein Dämon", layer=1),
    Placement(7, 1, 2, 3, 4, tint=(5.0, -3.0, 2.5)),
)
WORDS = (
    {"blend": {"mode": "multiply", "light": "linear"}, "shadow": {"blur": 0.1}},
    {"mask": {"shape": "ellipse", "feather": 0.3}, "looks": [{"duotone": ["navy", "#ffeeaa"]}]},
    {},
)


def layout(tmp_path: Path) -> Layout:
    placed = tuple(
        Placed(place, Dressed.model_validate(words))
        for place, words in zip(PLACES, WORDS, strict=True)
    )
    sources = {n: Source(n, tmp_path / "daemons" / f"{n}.png", "ab" * 32) for n in (9, 7)}
    return Layout((100, 80), sources, placed)


def kept(tmp_path: Path, **about: object) -> Path:
    path = tmp_path / "collage" / "layout.json"
    path.parent.mkdir()
    path.write_text(as_text(layout(tmp_path), path.parent, about))
    return path


def test_a_layout_comes_back_as_it_was(tmp_path: Path) -> None:
    found, about = read_layout(kept(tmp_path, recipe={"seed": 3}))
    assert found.size == (100, 80)
    assert [one.place for one in found.placed] == list(PLACES)
    assert list(found.sources) == [9, 7], "in the order of the recipe"
    assert about["recipe"] == {"seed": 3}
    before = [one.dress for one in layout(tmp_path).placed]
    assert [d.mask for d in before] == [one.dress.mask for one in found.placed]
    assert [d.looks for d in before] == [one.dress.looks for one in found.placed]
    assert [d.blend and d.blend.mode for d in before] == ["multiply", None, None]
    assert [one.dress.blend.mode for one in found.placed if one.dress.blend] == [
        "multiply",
        "normal",
        "normal",
    ], "every piece says its blend mode"


def test_files_are_named_as_they_are_reached_from_it(tmp_path: Path) -> None:
    text = kept(tmp_path).read_text()
    assert str(tmp_path) not in text
    assert json.loads(text)["pieces"][1]["file"] == "../daemons/7.png"
    found, _ = read_layout(tmp_path / "collage" / "layout.json")
    assert found.sources[7].file.resolve() == tmp_path.resolve() / "daemons" / "7.png"


def test_twice_as_large_is_twice_as_far_apart(tmp_path: Path) -> None:
    large = layout(tmp_path).scaled(200)
    assert large.size == (200, 160)
    assert (large.placed[0].place.x, large.placed[0].place.height) == (81.0, 90.0)
    assert large.placed[1].place.frame == Frame(4, 4, 4, 16, "white")
    assert large.placed[0].place.turn == -12.5


@pytest.mark.parametrize(
    ("where", "value", "words"),
    [
        (("size",), [0, 80], "size: width: must be at least 1, not 0"),
        (("placements", 0, "piece"), 5, "placements.0: piece: must be 0 to 1, not 5"),
        (("placements", 1, "width"), "wide", "placements.1: width: expected a number, not 'wide'"),
        (("placements", 1, "width"), -4, "placements.1: width: must be 0.0001 to 1e+06, not -4"),
        (("placements", 2, "trn"), 3, "placements.2: unknown key 'trn'; did you mean 'turn'?"),
        (("placements", 0, "crop"), [0.5, 0, 0.2, 1], "placements.0: crop: expected left"),
        (("placements", 0, "blend"), {"mode": "multipli"}, "placements.0: blend"),
        (("pieces", 0, "number"), None, "pieces.0: number: expected a whole number"),
    ],
)
def test_what_somebody_wrote_into_it_is_refused_by_its_place(
    tmp_path: Path, where: tuple[str | int, ...], value: object, words: str
) -> None:
    path = kept(tmp_path)
    found = json.loads(path.read_text())
    holder = found
    for part in where[:-1]:
        holder = holder[part]
    holder[where[-1]] = value
    path.write_text(json.dumps(found))
    with pytest.raises(FolderError) as refused:
        read_layout(path)
    assert words in str(refused.value)


def test_another_file_is_no_layout(tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    path.write_text("{}")
    with pytest.raises(FolderError, match="is no layout of a collage"):
        read_layout(path)
    with pytest.raises(FolderError, match="no such file"):
        read_layout(tmp_path / "layout.json")


def test_a_height_that_somebody_changed_decides_what_lies_above(tmp_path: Path) -> None:
    path = kept(tmp_path)
    said = json.loads(path.read_text())
    said["placements"][1]["z"] = 5
    path.write_text(json.dumps(said))
    found, _ = read_layout(path)
    assert [one.place.z for one in found.placed] == [-3, 0, 5]
    assert found.placed[2].place.caption == "Ein Dämon"
