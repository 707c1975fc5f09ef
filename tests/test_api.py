"""Dreamer in a notebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import dreamer
from dreamer.draw.noise import plasma
from dreamer.errors import RecipeError, UsageError


@pytest.fixture
def picture() -> np.ndarray:
    """Black, white and much between, where a step may overstep."""
    levels = np.random.default_rng(2).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    levels[:, :20], levels[:, 60:] = 0, 255
    return levels


def test_a_dream_can_be_dreamt_on_and_classified(picture: np.ndarray) -> None:
    found = dreamer.dream(picture, target={"class": "dome_outer"}, steps=2, step=30, octaves=1)
    assert found.min() >= 0
    assert found.max() <= 1
    assert dreamer.classify(found, top=1)
    assert dreamer.dream(found, steps=1, octaves=1).shape == (64, 80, 3)


def test_the_ascent_is_said_in_keys_or_as_a_recipe_says_it(picture: np.ndarray) -> None:
    keys = dreamer.dream(picture, steps=1, octaves=1, size=64)
    whole = dreamer.dream(picture, ascent={"steps": 1, "octaves": 1}, size=(64, 51))
    assert keys.shape == (51, 64, 3)
    assert np.array_equal(keys, whole)
    with pytest.raises(RecipeError, match=r"ascent\.stepss: unknown key; did you mean 'steps'"):
        dreamer.dream(picture, stepss=3)


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(UsageError, match="expected a picture"):
        dreamer.classify(np.zeros((0, 0, 3)))


def test_rendering_takes_numbers_paths_and_the_words_of_the_command(
    tmp_path: Path, picture: np.ndarray
) -> None:
    Image.fromarray(picture).save(tmp_path / "photo.png")
    recipe = tmp_path / "x.yaml"
    recipe.write_text("ascent: {octaves: 1}\nclassify: off\nsize: 256\n")
    changes = {"source__image": tmp_path / "photo.png", "ascent__steps": np.int64(1)}
    found = dreamer.render(recipe, tmp_path / "out", draft=True, **changes)
    with Image.open(found.product) as made:
        assert made.size == (80, 64)  # a draft is never smaller, and of the same shape


def test_colours_and_canvas_are_keys_of_a_dream() -> None:
    picture = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    inside = dreamer.dream(picture, inpaint={"mask": "middle"}, steps=1)
    np.testing.assert_array_equal(inside[0], picture[0])
    assert np.abs(inside[32, 32] - picture[32, 32]).max() > 1e-3


def test_python_dreams_on_an_array() -> None:
    picture = plasma(96, 96, 4)[0].numpy().transpose(1, 2, 0)
    found = dreamer.dream(picture, target={"class": "daisy"}, steps=4, octaves=1)
    assert found.shape == picture.shape
    before, after = (dict(dreamer.classify(p, top=112)) for p in (picture, found))
    assert after["daisy"] > before["daisy"]
    again = dreamer.dream(picture, target={"class": "daisy"}, steps=4, octaves=1)
    assert np.array_equal(found, again)


def test_python_refuses_what_is_no_picture() -> None:
    with pytest.raises(UsageError, match=r"\(H, W, 3\)"):
        dreamer.dream(np.zeros((5, 5)))
    with pytest.raises(UsageError, match=r"\[0, 1\]"):
        dreamer.dream(np.full((64, 64, 3), 7.0))
    with pytest.raises(RecipeError, match="did you mean 'steps'"):
        dreamer.dream(np.zeros((64, 64, 3)), stepss=3)


def test_a_gallery_of_one_folder_or_of_several(tmp_path: Path) -> None:
    def carrying(path: Path) -> None:
        texts = PngInfo()
        texts.add_itxt("dreamer:recipe", f"title: {path.stem}\n")
        path.parent.mkdir()
        Image.new("RGB", (30, 20)).save(path, pnginfo=texts)

    carrying(tmp_path / "a" / "one.png")
    carrying(tmp_path / "b" / "two.png")
    found = dreamer.gallery(str(tmp_path / "a"), tmp_path / "site")
    assert (found.items, found.index) == (1, tmp_path / "site" / "index.html")
    assert '<h1 class="wrap">a</h1>' in found.index.read_text(encoding="utf-8")
    both = dreamer.gallery([tmp_path / "a", tmp_path / "b"], tmp_path / "site", title="Both")
    assert (both.items, both.left_out) == (2, ())
    with pytest.raises(UsageError, match="not together"):
        dreamer.gallery(tmp_path, tmp_path / "other", link=True, small=True)
