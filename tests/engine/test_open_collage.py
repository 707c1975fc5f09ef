"""A collage's recipe out of a picture is a stranger's: it may take pieces from its own folder."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import numpy as np
import pytest
from small_collages import noise

from dreamer.engine.collage_inputs import found_pieces
from dreamer.engine.opening import open_collage, open_recipe
from dreamer.errors import MediaError, RecipeError, UsageError
from dreamer.media.pictures import encode_png


def gift(folder: Path, recipe: str) -> Path:
    """A picture of black with `recipe` inside."""
    folder.mkdir(exist_ok=True)
    path = folder / "gift.png"
    path.write_bytes(encode_png(np.zeros((3, 8, 8), np.float32), 8, {"dreamer:recipe": recipe}))
    return path


@pytest.fixture
def away(tmp_path: Path) -> Path:
    """A stranger's folder, beside a folder of secrets."""
    noise(tmp_path / "secret" / "s.png", 1)
    noise(tmp_path / "away" / "art" / "a.png", 2)
    noise(tmp_path / "away" / "art" / "deep" / "b.png", 3)
    (tmp_path / "away" / "art" / "deep" / "link.png").symlink_to(tmp_path / "secret" / "s.png")
    (tmp_path / "away" / "linked").symlink_to(tmp_path / "secret")
    (tmp_path / "away" / "other.yaml").write_text("source: {image: /etc/hostname}\n")
    return tmp_path / "away"


INSIDE = ["art/a.png", "art/*.png", "{folder: art/deep/er}", "gift.png", "art/*.jpg"]
OUTSIDE = {
    "../secret/s.png": "s.png is outside",
    "../secret": "secret is outside",
    "../secret/*.png": "secret is outside",
    "'../sec*/*.png'": r"is outside",
    "linked/s.png": "s.png is outside",
    "linked/*.png": "linked is outside",
    "linked": "linked is outside",
    "{folder: ../secret}": "secret is outside",
    "{folder: art}": "link.png is outside",
    "art/**": "link.png is outside",
    "'art/deep/l*'": "link.png is outside",
    "[art/a.png, /etc/hostname]": "/etc/hostname is outside",
    "{render: ../secret}": "secret is outside",
    "{render: art}": "link.png is outside",
    "{render: other.yaml}": "other.yaml is a recipe, which one found in a picture may not follow",
}


@pytest.mark.parametrize("pictures", INSIDE)
def test_pieces_of_its_own_folder_may_be_taken(away: Path, pictures: str) -> None:
    (away / "art" / "deep" / "er").mkdir()
    file = gift(away, f"collage: {{pictures: {pictures}}}")
    assert open_collage(file).words.collage.pictures


@pytest.mark.parametrize("pictures", OUTSIDE)
def test_no_pieces_from_elsewhere_are_opened(away: Path, pictures: str) -> None:
    file = gift(away, f"collage: {{pictures: {pictures}}}")
    with pytest.raises(RecipeError, match=OUTSIDE[pictures]) as caught:
        open_collage(file)
    assert "Name" in str(caught.value)
    assert open_collage(file, trust=True).words.collage.pictures


@pytest.mark.parametrize(
    "more",
    [
        "background: {image: ../secret/s.png}",
        "layout: {mosaic: {target: ../secret/s.png}}",
        "network: {weights: ../secret/x.pth}",
        "network: {architecture: house, weights: random, labels: ../secret/l.txt}",
        "keep: ../secret",
        "keep: art",
    ],
)
def test_nor_anything_else_that_it_names(away: Path, more: str) -> None:
    file = gift(away, f"collage: {{pictures: art/a.png, {more}}}")
    with pytest.raises(RecipeError, match=r"is outside .* may not open it"):
        open_collage(file)


def test_nor_networks_that_score_it(away: Path) -> None:
    text = "collage: {pictures: art/a.png}\nclassify: {networks: [{weights: ../secret/x.pth}]}"
    with pytest.raises(RecipeError, match=r"classify\.networks\.0\.weights: .*x\.pth is outside"):
        open_collage(gift(away, text))


def test_what_a_person_names_now_is_opened(away: Path) -> None:
    file = gift(away, "collage: {pictures: [../gone/x.png, '../gone/*.png']}")
    secret = away.parent / "secret"
    said = open_collage(file, [f"collage.pictures={secret}"])
    assert [e.file.name for e in found_pieces(said).entries] == ["s.png"]
    file = gift(away, "collage: {pictures: [{files: ../gone/x.png, weight: 2}]}")
    said = open_collage(file, [f"collage.pictures.0.files={secret / 's.png'}"])
    assert [(e.file.name, e.weight) for e in found_pieces(said).entries] == [("s.png", 2)]


def test_a_render_that_dreams_on_a_collage_is_confined_too(away: Path) -> None:
    for collage in ("{pictures: ../secret/s.png}", "{pictures: art}", "other.yaml"):
        file = gift(away, f"source: {{collage: {collage}}}")
        with pytest.raises(RecipeError, match=r"may not open it|may not follow"):
            open_recipe(file)
    open_recipe(gift(away, "source: {collage: {pictures: art/a.png}}"))


def test_pieces_that_stayed_behind_are_named_anew(away: Path) -> None:
    file = gift(away, "collage: {pictures: [art/a.png, gone/x.png, gone/y.png, 'gone/*.png']}")
    how = "--set collage.pictures=FOLDER"
    wanted = rf"no such file or folder: .*gone/x\.png, nor 2 more of 4; .*{re.escape(how)}"
    with pytest.raises(RecipeError, match=wanted):
        open_collage(file)


def test_a_stranger_s_collage_is_shown_first(away: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(RecipeError, match="unknown key"):
        open_collage(gift(away, "title: look\ncollage: {pictures: art/a.png, gutters: 3}"))
    assert "title: look" in caplog.text
    with pytest.raises(RecipeError, match=r"U\+001B"):
        open_collage(gift(away, "title: x\x1b[2J"))


def test_what_is_no_collage_s_recipe_says_what_it_is(away: Path) -> None:
    with pytest.raises(RecipeError, match="this is a recipe for pictures; run `dreamer render"):
        open_collage(gift(away, "source: {noise: pink}"))
    noise(away / "plain.jpg")
    with pytest.raises(UsageError, match=r"carries no recipe; .*--set collage\.pictures="):
        open_collage(away / "plain.jpg")
    with pytest.raises(MediaError, match="has no recipe inside"):
        open_collage(away / "art" / "a.png")
    (away / "recipe.yaml").write_text("seed: 4\n")
    with pytest.raises(UsageError, match=r"is a folder; name the recipe in it, .*recipe\.yaml"):
        open_collage(away)


def test_a_recipe_s_file_may_name_what_it_likes(away: Path) -> None:
    path = away / "mine.yaml"
    path.write_text("collage: {pictures: ../secret}\n")
    assert [e.file.name for e in found_pieces(open_collage(path, ["seed=3"])).entries] == ["s.png"]
