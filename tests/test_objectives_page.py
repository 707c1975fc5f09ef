"""docs/objectives.md: every objective has a recipe and a picture there."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from dreamer.dreaming.terms import OBJECTIVES
from dreamer.engine.facts import gather
from dreamer.recipe.parse import parse_recipe
from dreamer.recipe.plan import Plan
from dreamer.recipe.planning import plan

ROOT = Path(__file__).parents[1]
RECIPES = sorted((ROOT / "recipes" / "objectives").glob("*.yaml"))
SHOWN = [path for path in RECIPES if path.stem != "base"]


def planned(path: Path) -> Plan:
    recipe = parse_recipe(path)
    return plan(recipe, gather(recipe).facts)


@pytest.fixture
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools" / "make_objectives.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(tool: ModuleType) -> None:
    page = (ROOT / "docs" / "objectives.md").read_text(encoding="utf-8")
    assert page == tool.page(), "python tools/make_objectives.py --text"


def test_every_recipe_is_on_the_page(tool: ModuleType) -> None:
    named = [name for _, names in tool.SECTIONS.values() for name in names]
    assert sorted(named) == sorted(path.stem for path in SHOWN)


def test_every_objective_has_a_recipe() -> None:
    asked = {target.objective for path in SHOWN for target in planned(path).targets}
    assert asked == set(OBJECTIVES)


@pytest.mark.parametrize("path", SHOWN, ids=lambda p: p.stem)
def test_every_recipe_has_its_picture(path: Path) -> None:
    found = planned(path)
    picture = ROOT / "docs" / "objectives" / f"{path.stem}.jpg"
    assert picture.stat().st_size < 60_000
    with Image.open(picture) as shown:
        assert shown.width % found.width == 0
        assert shown.height % found.height == 0
