"""The recipes that come with dreamer: every one can be planned, the small ones render."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]


SWEEPS = sorted((ROOT / "recipes").glob("sweep-*.yaml"))
OTHERS = {ROOT / "recipes" / "compilation.yaml", *SWEEPS}
RENDERS = sorted({*(ROOT / "recipes").glob("*.yaml")} - OTHERS)


@pytest.mark.parametrize("path", RENDERS, ids=lambda p: p.stem)
def test_every_recipe_plans(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dreamer.engine.beats import heard_beats
    from dreamer.engine.dreamt_collages import planned_collage
    from dreamer.engine.facts import gather
    from dreamer.recipe.parse import parse_recipe
    from dreamer.recipe.planning import plan

    Image.new("RGB", (400, 300), "teal").save(tmp_path / "photo.png")
    # A network may be absent on this machine: its card says all that a plan needs.
    monkeypatch.setattr("dreamer.engine.lookup.missing", lambda card: "")
    recipe = planned_collage(parse_recipe(path, hear=heard_beats))
    if recipe.words.source.image is not None:
        recipe = parse_recipe(path, [f"source.image={tmp_path / 'photo.png'}"])
    found = plan(recipe, gather(recipe).facts)
    assert found.at(0).sizes[-1] == (found.height, found.width)
    assert recipe.words.title


COLLAGES = sorted((ROOT / "recipes" / "collage").glob("*.yaml"))


@pytest.mark.parametrize("path", COLLAGES, ids=lambda p: p.stem)
def test_every_collage_finds_its_pictures_and_is_drawn(path: Path, tmp_path: Path) -> None:
    import dreamer

    plain = {"classify": "off", "collage__sort": "name", "collage__captions": "name"}
    film = {"length": 2} if path.stem == "drift" else {}
    made = dreamer.collage(path, out=tmp_path / "made", size=(360, 300), **plain, **film)
    assert made.product.is_file()
    assert made.report["pieces"] >= 30


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("first-dream", ["length=3", "ascent.first_steps=2"]),
        ("photo-dream", ["source.image=photo.png"]),
        ("lucid", []),
        ("maco", []),
        ("inversion", ["source.image=photo.png"]),
        ("cppn", []),
        ("inner-eye", ["length=2", "ascent.octaves=2"]),
    ],
)
def test_the_small_recipes_render(name: str, changes: list[str], still: Path, dreamer) -> None:
    words = ["size=96", "ascent.steps=1", *changes]
    changes = [part for word in words for part in ("--set", word)]
    found = dreamer("render", ROOT / "recipes" / f"{name}.yaml", "--out", "o", "--json", *changes)
    assert (still.parent / json.loads(found.stdout)["product"]).stat().st_size > 1000
