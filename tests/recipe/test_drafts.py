"""A draft is the same film, smaller: of the same shape, and all that is said in pixels with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamer.recipe.facts import Facts
from dreamer.recipe.parse import recipe_from_text
from dreamer.recipe.planning import plan


def test_a_draft_keeps_moments_in_place(facts: Facts) -> None:
    keys = "[{at: 12, value: 1}, {at: 36, value: 3}]"
    text = f"size: [800, 400]\nlength: 48\nfps: 24\nascent: {{step: {{keys: {keys}}}}}"
    whole = recipe_from_text(text, Path(), "x.yaml")
    draft = plan(whole.draft((800, 400)), facts)
    assert (draft.width, draft.height, draft.fps, draft.frames) == (200, 100, 6, 12)
    full = plan(whole, facts).tracks["ascent.step"]
    assert draft.tracks["ascent.step"] == pytest.approx(full[::4])


def test_a_draft_keeps_its_octaves_in_proportion(world: Facts, tmp_path: Path) -> None:
    text = "size: 1024\nascent: {octaves: [{size: 512, steps: 3}, {size: 1024, steps: 2}]}"
    recipe = recipe_from_text(text, tmp_path, "x.yaml")
    found = plan(recipe.draft((1024, 1024)), world)
    assert found.at(0).sizes == ((128, 128), (256, 256))
