"""What is typed: options, pictures and `--set`, and how what is wrong with them is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from collages_made import pictures

from dreamer.errors import RecipeError, did_you_mean
from dreamer.jobs.collage import collage
from dreamer.recipe.collage_recipe import ParsedCollage, collage_from_text


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures(tmp_path / "pics", 3)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"layout": "scater"}, "--layout: expected one of grid, "),
        ({"layout": "{grid: {columns: 0}}"}, "--layout: grid.columns: must be at least 1, not 0"),
        ({"layout": "mosaic"}, "--layout: mosaic needs the picture it shows"),
        ({"size": "30000x100"}, "--size: sides must be 1 to 20000 pixels, not 30000×100"),
        ({"size": "300x0"}, "--size: sides must be 1 to 20000 pixels, not 300×0"),
        ({"size": (300, 0)}, "--size: sides must be 1 to 20000 pixels, not 300×0"),
        ({"overrides": ["collage.layout=scater"]}, "--set collage.layout: expected one of grid, "),
        ({"overrides": ["size=[0, 9]"]}, "--set size: sides must be 1 to"),
    ],
)
def test_what_is_wrong_is_told_of_what_was_typed(said: dict[str, Any], expected: str) -> None:
    with pytest.raises(RecipeError) as refused:
        collage(["pics"], **said)
    assert str(refused.value).startswith(expected)
    assert not Path("collages").exists()


def test_pictures_that_are_not_there_are_called_as_they_were_typed() -> None:
    with pytest.raises(RecipeError) as refused:
        collage(["pics", "gone.png", "pics/*.gif"])
    told = str(refused.value).splitlines()
    assert [line.split(":")[0] for line in told] == ["gone.png", "pics/*.gif"]
    assert "collage.pictures" not in str(refused.value)


def read(*overrides: str, more: str = "") -> ParsedCollage:
    return collage_from_text(f"collage:\n  pictures: pics\n{more}", Path(), "c.yaml", overrides)


@pytest.mark.parametrize(
    ("sets", "same"),
    [
        (("collage.mask=polygon", "collage.mask.sides=3"), "mask: {shape: polygon, sides: 3}"),
        (("collage.blend=multiply", "collage.blend.light=linear"),
         "blend: {mode: multiply, light: linear}"),
        (("collage.sort=name", "collage.sort.reverse=true"), "sort: {by: name, reverse: true}"),
        (("collage.layout=scatter", "collage.layout.scatter.count=5"),
         "layout: {scatter: {count: 5}}"),
        (("collage.mask=polygon", "collage.mask.shape=ellipse"), "mask: ellipse"),
        (("collage.shadow=on", "collage.shadow.alpha=1"), "shadow: {alpha: 1}"),
    ],
)  # fmt: skip
def test_a_lone_word_may_be_gone_into(sets: tuple[str, ...], same: str) -> None:
    assert read(*sets).words == read(more=f"  {same}\n").words


def test_a_word_of_a_recipe_too_even_in_a_list() -> None:
    more = "  blend: screen\n  layout: {scatter: {passes: [{mask: polygon}, {}]}}\n"
    sets = ("collage.layout.scatter.passes.0.mask.sides=5", "collage.blend.light=linear")
    found = read(*sets, more=more).words.collage
    mask = found.layout.words.each()[0].mask
    assert (mask.shape, mask.sides) == ("polygon", 5)
    assert (found.blend.mode, found.blend.light) == ("screen", "linear")


@pytest.mark.parametrize("said", ["video: mp4", "codec: h264", "fps: 12", "preset: medium"])
def test_what_only_films_have_is_refused_of_a_picture(said: str) -> None:
    key = said.split(":")[0]
    text = f"collage: {{pictures: pics}}\noutput: {{{said}}}\n"
    with pytest.raises(RecipeError, match=f"c.yaml:2: output.{key}: is of a film, and this is a"):
        collage_from_text(text, Path(), "c.yaml")
    assert collage_from_text(f"{text}length: 2s\n", Path(), "c.yaml").frames == 48


def test_nobody_is_told_what_they_wrote() -> None:
    assert did_you_mean("step", ["step", "steps"]) == ""
    assert "'steps'" in did_you_mean("stepss", ["step", "steps"])
    for look in ("posterise", "bloom", "threshold"):
        with pytest.raises(RecipeError, match=f"{look} needs what it takes: {{{look}: ") as refused:
            read(more=f"  looks: {look}\n")
        assert "did you mean" not in str(refused.value)
        example = str(refused.value).partition("takes: ")[2]
        assert read(more=f"  looks: {example}\n").words.collage.looks[0].name == look
