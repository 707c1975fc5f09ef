"""What is known and refused before any picture of a collage is decoded, and what a refusal leaves
behind: nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from collages_made import made, pictures, pixels, written
from PIL import Image
from small_collages import noise, truncated

from dreamer.engine import picking
from dreamer.engine.collage_plan import CollagePlan
from dreamer.errors import DreamerError, FolderError, RecipeError, UsageError
from dreamer.jobs.collage import collage
from dreamer.jobs.plan import plan


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def planned(recipe: Path, *overrides: str) -> CollagePlan:
    found = plan(recipe, overrides=overrides)
    assert isinstance(found, CollagePlan)
    return found


WRONG = {
    "class: dasy": "class: house has no class or group 'dasy'; did you mean 'daisy'?",
    "only: {name: '*x*'}": "only: keeps none of 9 pictures; no name fits '*x*'",
    "only: [{name: 'x*', above: 0.1, class: daisy}]": "only: keeps none of 9 pictures",
    "margin: 50": "layout: margin: expected less than half of the sheet's height, 90 pixels",
    "moves: {scale: {expr: chance - 1}}": "moves.scale: -0.",
    "moves: {alpha: {expr: piece + 0.2}}": "moves.alpha: 1.",
    "moves: {turn: {expr: nn}}": "moves.turn: ",
}
FILM = "size: [120, 90]\nlength: 3\nfps: 5\nclassify: {top: 2}"


@pytest.mark.parametrize("more", WRONG)
def test_what_words_and_headers_say_is_refused_before_pictures_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    monkeypatch.setattr(picking, "_seen", lambda *_: pytest.fail("a picture was looked at"))
    recipe = written(pictures(tmp_path / "pics"), f"layout: scatter\n{more}", FILM)
    for verb in (made, planned):
        with pytest.raises(RecipeError) as refused:
            verb(recipe)
        (line,) = str(refused.value).splitlines()
        assert re.match(rf"{recipe}:[78]: collage\.{re.escape(WRONG[more])}", line)
    assert not (tmp_path / "collages").exists()


def test_all_of_it_is_told_at_once(tmp_path: Path) -> None:
    more = "\n".join(list(WRONG)[k] for k in (0, 1, 3, 4))
    recipe = written(pictures(tmp_path / "pics"), more, FILM)
    with pytest.raises(RecipeError) as refused:
        made(recipe)
    keys = {line.split(": ")[1] for line in str(refused.value).splitlines()}
    assert keys == {f"collage.{key}" for key in ("class", "only", "layout", "moves.scale")}


def test_a_look_at_more_than_can_be_held_is_refused_at_once(tmp_path: Path) -> None:
    top = "size: [9000, 9000]\nfinish: {bloom: 0.3}"
    with pytest.raises(RecipeError, match="bloom looks at the whole at once"):
        made(written(pictures(tmp_path / "pics"), "", top))
    assert not (tmp_path / "collages").exists()


def test_what_pixels_alone_refuse_leaves_nothing_behind(tmp_path: Path) -> None:
    truncated(tmp_path / "broken" / "a.png")
    late = written(tmp_path / "broken", name="late")
    unkept = written(pictures(tmp_path / "pics"), "class: daisy\nonly: {above: 0.999}", name="none")
    for recipe, words in ((late, "is a damaged picture"), (unkept, "the highest score of daisy")):
        for out in (None, tmp_path / "deep" / "er" / "out"):
            with pytest.raises(RecipeError, match=words):
                made(recipe, out)
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"broken", "pics"}


def test_a_folder_that_was_there_stays_and_so_does_what_was_begun(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "class: daisy\nonly: {above: 0.999}")
    (tmp_path / "mine").mkdir()
    with pytest.raises(RecipeError):
        made(recipe, tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []
    first = made(written(tmp_path / "pics", name="first"), tmp_path / "first")
    (first.folder / "report.json").unlink()
    (first.folder / "c.txt").write_text("mine")
    with pytest.raises(FolderError, match="holds another collage"):
        made(recipe, first.folder)
    assert first.product.is_file()
    assert (first.folder / "c.txt").is_file()


def test_a_plan_says_what_there_is(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pics", 7)
    truncated(folder / "page.jpg").write_text("<html>")
    scatter = "layout: {scatter: {passes: [{count: 5}, {}]}}\nlimit: 6"
    top = f"{FILM}\noutput: [{{video: gif}}, {{video: none}}]"
    found = planned(written(folder, scatter, top))
    assert found.as_text().splitlines() == [
        "c: 120×90, 3 frames at 5 a second",
        "pictures: 7 found, 6 of them used",
        "layout: scatter, 11 pieces",
        "scored by: house",
        "film: GIF, 120×90, 5 frames a second",
        "film: no film, the frames alone",
        f"goes into: {made(tmp_path / 'c.yaml').folder}",
    ]
    said = found.as_json()
    assert (said["left_out"], said["seconds"], said["pieces"]) == (1, 0.6, 11)


def test_a_plan_knows_how_high_a_layout_gets(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "layout: masonry", "size: 200")
    width, height = planned(recipe).as_json()["size"]
    assert pixels(made(recipe, tmp_path / "out").product).shape == (height, width, 3)


def test_a_plan_says_what_only_pixels_know(tmp_path: Path) -> None:
    noise(tmp_path / "t.png", 3)
    recipe = written(pictures(tmp_path / "pics"), "class: daisy\nonly: {above: 0.5}", "size: 200")
    first, second, third, *_ = planned(recipe).as_text().splitlines()
    assert first == "c: 200, as high as its layout gets, a picture"
    assert second == "pictures: 9 found; scores decide which"
    assert third == "layout: grid"
    mosaic = "collage.layout={mosaic: {target: t.png}}"
    with Image.open(tmp_path / "t.png") as target:
        wide, high = target.size
    assert planned(recipe, mosaic).as_json()["size"] == [200, round(200 * high / wide)]
    assert planned(recipe, mosaic, "size=[90, 60]").as_json()["pieces"] is None


def test_pictures_and_command_lines_are_planned_too(tmp_path: Path) -> None:
    product = made(written(pictures(tmp_path / "pics"), "layout: grid"), tmp_path / "out").product
    product.rename(tmp_path / "c.png")
    assert planned(tmp_path / "c.png").as_json()["pieces"] == 9
    command = [sys.executable, "-m", "dreamer", "plan", "c.yaml", "--json"]
    ended = subprocess.run(command, capture_output=True, check=True, text=True)
    assert json.loads(ended.stdout)["layout"] == "grid"
    for option in ("plot", "storyboard", "draft"):
        with pytest.raises(UsageError, match=f"--{option} is of renders, and"):
            plan(tmp_path / "c.yaml", **{option: Path("p.png")})


def test_nothing_is_planned_that_cannot_be_made(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "", "device: cuda\nsize: [60, 40]")
    with pytest.raises(DreamerError, match="device: cuda is not to be had here"):
        collage([recipe])
    assert not (tmp_path / "collages").exists()
