"""A draft is the same film, smaller: of the same shape, and all that is said in pixels with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamer.recipe.facts import Facts, PictureFacts
from dreamer.recipe.parse import draft_of, recipe_from_text
from dreamer.recipe.planning import plan


def test_a_draft_keeps_moments_in_place(facts: Facts) -> None:
    keys = "[{at: 12, value: 1}, {at: 36, value: 3}]"
    text = f"size: [800, 400]\nlength: 48\nfps: 24\nascent: {{step: {{keys: {keys}}}}}"
    whole = recipe_from_text(text, Path(), "x.yaml")
    draft = plan(draft_of(whole, (800, 400)), facts)
    assert (draft.width, draft.height, draft.fps, draft.frames) == (200, 100, 6, 12)
    full = plan(whole, facts).tracks["ascent.step"]
    assert draft.tracks["ascent.step"] == pytest.approx(full[::4])


def test_a_draft_keeps_its_octaves_in_proportion(world: Facts, tmp_path: Path) -> None:
    text = "size: 1024\nascent: {octaves: [{size: 512, steps: 3}, {size: 1024, steps: 2}]}"
    recipe = recipe_from_text(text, tmp_path, "x.yaml")
    found = plan(draft_of(recipe, (1024, 1024)), world)
    assert found.at(0).sizes == ((128, 128), (256, 256))


@pytest.mark.parametrize(
    ("whole", "draft"),
    [
        ((800, 400), (200, 100)),
        ((320, 208), (98, 64)),
        ((1000, 70), (914, 64)),
        ((70, 1000), (64, 914)),
        ((64, 64), (64, 64)),
        ((500, 40), (500, 40)),
    ],
)
def test_a_draft_has_the_shape_of_the_whole(
    world: Facts, tmp_path: Path, whole: tuple[int, int], draft: tuple[int, int]
) -> None:
    facts = Facts(
        world.networks, {str(tmp_path / "mask.png"): PictureFacts(*whole, "ab" * 32)}, world.motifs
    )
    recipe = recipe_from_text(
        f"size: [{whole[0]}, {whole[1]}]\ninpaint: {{mask: mask.png}}", tmp_path, "x.yaml"
    )
    found = plan(draft_of(recipe, whole), facts)
    assert (found.width, found.height) == draft


def test_all_that_is_said_in_pixels_shrinks_with_a_draft(world: Facts, tmp_path: Path) -> None:
    text = """
size: 1024
inpaint: {mask: left, feather: 40}
ascent:
  jitter: 32
  window: 512
  blur: 2
  blur_end: 1
  transforms: [{pad: 12}, {crop: 2}, {rotate: 10}]
  octaves: [{size: 128, jitter: 2}, {jitter: 0, blur: 4, blur_end: 3}]
"""
    recipe = recipe_from_text(text, tmp_path, "x.yaml")
    draft = draft_of(recipe, (1024, 1024))
    found = plan(draft, world)
    small, large = found.at(0).octaves
    assert found.feather == 10
    assert draft.words.ascent.jitter == 8
    assert found.ascent.window == 128
    assert found.ascent.transforms == (("pad", (3.0,)), ("crop", (1.0,)), ("rotate", (10.0,)))
    assert (small.size, small.jitter, small.blur, small.blur_end) == ((64, 64), 1, 0.5, 0.25)
    assert (large.size, large.jitter, large.blur, large.blur_end) == ((256, 256), 0, 1.0, 0.75)


def test_what_changes_in_a_draft_stays_as_it_is(world: Facts, tmp_path: Path) -> None:
    text = "size: 1024\nlength: 9\nascent: {jitter: {keys: [{at: 0, value: 4}, {at: 8, value: 8}]}}"
    recipe = recipe_from_text(text, tmp_path, "x.yaml")
    assert plan(draft_of(recipe, (1024, 1024)), world).at(0).octaves[0].jitter == 4


def test_a_draft_with_fewer_octaves_asks_for_all_targets_in_all(world: Facts) -> None:
    text = "size: 512\nascent: {octaves: 5}\ntarget: {layer: conv1, octaves: [4]}"
    recipe = recipe_from_text(text, Path(), "x.yaml")
    assert plan(recipe, world).targets[0].octaves == (4,)
    draft = plan(draft_of(recipe, (512, 512)), world)
    assert draft.targets[0].octaves is None
