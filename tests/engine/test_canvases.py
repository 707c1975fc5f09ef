"""Canvases and colours: seamless, inside a mask, several at once, clear, in other colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from dreams import drawing, dreamt, saved
from PIL import Image

from dreamer.draw.masks import drawn
from dreamer.dreaming import oklab
from dreamer.dreaming.recolouring import moments
from dreamer.dreaming.seamless import seam
from dreamer.engine.folder import Folder
from dreamer.engine.outcome import see_through
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.run import render_into
from dreamer.errors import FolderError, FrameError
from dreamer.recipe.parse import recipe_from_tree

DAISY = {"class": "daisy"}


def test_a_seamless_dream_has_no_seams_in_any_frame() -> None:
    tree = {"source": {"noise": "plasma"}, "target": DAISY, "ascent": {"steps": 8}, "size": 96}
    tree |= {"length": 2, "fps": 4, "motion": {"move": [0.3, 0.1]}}
    with_seams = dreamt(tree, frames=1).states
    without = dreamt(tree | {"seamless": True}, frames=2).states
    for state in without:
        assert seam(state.image).max() < 2
    assert seam(with_seams[0].image).max() > 2 * seam(without[0].image).max()


def test_outside_the_mask_the_source_stays_bit_for_bit(tmp_path: Path) -> None:
    mask = np.zeros((96, 96))
    mask[30:70, 30:70] = 255
    name = saved(tmp_path / "mask.png", mask)
    tree = {"size": 96, "source": {"procedural": "mandala"}, "target": DAISY}
    tree |= {"inpaint": {"mask": name, "feather": 6}, "ascent": {"steps": 6}}
    found = dreamt(tree, tmp_path)
    changed = (found.image != found.source).any(1)[0]
    assert not changed[torch.from_numpy(mask == 0)].any()
    change = (found.image - found.source).abs().mean(1)[0]
    assert change[40:60, 40:60].mean() > 0.03
    assert change[31, 30:70].mean() < 0.5 * change[40:60, 40:60].mean(), "it fades in"


def test_outside_the_mask_a_films_frames_stay_too() -> None:
    tree = {"source": {"procedural": "mandala"}, "target": DAISY, "ascent": {"steps": 3}}
    tree |= {"length": 3, "inpaint": {"mask": "middle"}}
    found = dreamt(tree, frames=3)
    outside = drawn("middle", (64, 64))[0, 0] == 0
    for state in found.states:
        assert torch.equal(state.image[..., outside], found.source[..., outside])


def test_a_mask_may_be_white_on_nothing(tmp_path: Path) -> None:
    pixels = np.full((64, 64, 4), 255)
    pixels[:, 32:, 3] = 0
    saved(tmp_path / "clear.png", pixels)
    saved(tmp_path / "black.png", pixels[..., 3])
    images = [
        dreamt({"target": {**DAISY, "mask": name}, "ascent": {"steps": 2}}, tmp_path).image
        for name in ("clear.png", "black.png")
    ]
    torch.testing.assert_close(*images, rtol=0, atol=1e-3)


def test_samples_are_scored_one_by_one(tmp_path: Path) -> None:
    tree = {"size": 64, "samples": 3, "ascent": {"steps": 0}, "source": {"noise": "plasma"}}
    ready = checked(recipe_from_tree(tree, tmp_path))
    folder = Folder(tmp_path / "render")
    found = see_through(folder, prepare(folder, ready)).scores["house"]
    for (name, score), (other, before) in zip(found["after"], found["before"], strict=True):
        assert name == other
        assert score == pytest.approx(before, abs=0.01)


def test_smoothing_leaves_no_seam() -> None:
    tree = {"target": DAISY, "ascent": {"steps": 8, "blur": 3}, "size": 96, "seamless": True}
    assert seam(dreamt(tree).image).max() < 2


def test_a_frame_without_numbers_is_no_picture() -> None:
    tree = {"target": {"layer": "conv1", "objective": "power", "exponent": 16, "weight": 1e6}}
    tree["ascent"] = {"normalize": "none", "highlights": "late", "step": 1000, "steps": 9}
    with pytest.raises(FrameError, match="frame 0 came out as no picture"):
        dreamt(tree)


def test_samples_are_dreams_of_their_own_side_by_side(tmp_path: Path) -> None:
    tree = {"size": [64, 48], "seed": 3, "target": DAISY, "ascent": {"steps": 3}}
    tree |= {"classify": "off", "precision": "float32"}
    alone = dreamt(tree)
    several = dreamt(tree | {"samples": 3})
    torch.testing.assert_close(several.image[:1], alone.image, rtol=0, atol=1e-4)
    assert (several.image[1] - several.image[2]).abs().mean() > 0.02
    ready = checked(recipe_from_tree(tree | {"samples": 3}, tmp_path))
    folder = Folder(tmp_path / "render")
    render_into(folder, prepare(folder, ready))
    sheet = np.asarray(Image.open(folder.path / "frames" / "000000.png"))
    assert sheet.shape == (96, 128, 3)
    first = alone.image[0].permute(1, 2, 0).clamp(0, 1).numpy() * 255
    assert np.abs(sheet[:48, :64] - first).max() <= 1
    assert not sheet[48:, 64:].any(), "there is no fourth"


def test_what_was_not_looked_at_is_clear(tmp_path: Path) -> None:
    tree = {"size": 64, "target": {**DAISY, "mask": "left"}, "classify": "off"}
    tree |= {"ascent": {"preset": "maco", "steps": 6}, "output": {"transparency": "attribution"}}
    ready = checked(recipe_from_tree(tree, tmp_path))
    frames = []
    for name in ("one", "two"):
        folder = Folder(tmp_path / name)
        render_into(folder, prepare(folder, ready))
        frames.append((folder.path / "frames" / "000000.png").read_bytes())
    assert frames[0] == frames[1]
    alpha = np.asarray(Image.open(tmp_path / "one" / "frames" / "000000.png"))[..., 3]
    assert alpha.min() == 0
    assert alpha.max() == 255
    assert alpha[16:48, :32].mean() > 1.5 * alpha[16:48, 32:].mean()


def test_a_dream_keeps_the_colours_of_its_picture() -> None:
    tree = {"source": {"procedural": "mandala"}, "target": DAISY, "ascent": {"steps": 6}}
    source, loose = oklab.oklab_of_srgb(dreamt(tree).source), dreamt(tree).image
    kept = oklab.oklab_of_srgb(dreamt(tree | {"colors": {"keep": 1}}).image)
    away = (kept - source)[:, 1:].abs().mean(), (oklab.oklab_of_srgb(loose) - source)[:, 1:].abs()
    assert away[0] < 0.4 * away[1].mean()
    assert (kept - source)[:, 0].abs().mean() > 0.01, "it dreams all the same"


@pytest.mark.parametrize("match", ["covariance", "channels", "sliced"])
def test_a_dream_takes_the_colours_of_a_palette(match: str, tmp_path: Path) -> None:
    pixels = drawing(40, 60, 4)
    saved(tmp_path / "palette.png", pixels // 2 + [90, 40, 20])
    tree = {"target": DAISY, "ascent": {"steps": 4}, "size": 96}
    tree["colors"] = {"palette": "palette.png", "match": match}
    image = dreamt(tree, tmp_path).image
    palette = torch.from_numpy(np.array(Image.open(tmp_path / "palette.png"))).permute(2, 0, 1)
    wanted, spread = moments(oklab.oklab_of_srgb(palette[None] / 255))
    mean, found = moments(oklab.oklab_of_srgb(image))
    assert (mean - wanted).abs().max() < 0.03
    assert (found - spread).abs().max() < 0.01


def test_a_palette_fades_in_with_the_dream(tmp_path: Path) -> None:
    saved(tmp_path / "blue.png", np.full((8, 8, 3), [10, 20, 200]))
    tree = {"size": 96, "source": {"color": "#b0a060"}, "target": DAISY, "ascent": {"steps": 2}}
    tree |= {"colors": {"palette": "blue.png"}, "inpaint": {"mask": "middle", "feather": 12}}
    found = dreamt(tree, tmp_path)
    change = (found.image - found.source).abs().sum(1)[0, 48]
    assert change[48] > 0.3
    assert change.diff().abs().max() < 0.25 * change.max()


def test_a_grey_picture_stays_grey(tmp_path: Path) -> None:
    grey = drawing(64, 64).mean(2).astype(np.uint8)
    tree = {"source": {"image": saved(tmp_path / "grey.png", grey)}, "target": DAISY}
    image = dreamt(tree | {"colors": {"keep": 1}, "ascent": {"steps": 6}}, tmp_path).image
    assert (image.amax(1) - image.amin(1)).max() < 2 / 255
    tree["colors"] = {"palette": "grey.png"}
    image = dreamt(tree | {"ascent": {"steps": 6}}, tmp_path).image
    assert (image.amax(1) - image.amin(1)).max() < 2 / 255


def test_colours_out_of_range_come_back_at_their_own_hue() -> None:
    bright = {"target": DAISY, "ascent": {"steps": 10, "step": 12, "highlights": "gamut"}}
    image = dreamt(bright).image
    assert image.min() >= 0
    assert image.max() <= 1
    clipped = dreamt({**bright, "ascent": {**bright["ascent"], "highlights": "clip"}}).image
    assert ((image == 0) | (image == 1)).float().mean() < 0.4 * (
        ((clipped == 0) | (clipped == 1)).float().mean()
    )


def test_pictures_beside_the_source_are_part_of_a_render(tmp_path: Path) -> None:
    """They are copied into its folder, and another picture of the same name is another recipe."""
    saved(tmp_path / "mask.png", np.full((64, 64), 255))
    saved(tmp_path / "guide.png", drawing(40, 60))
    tree = {"size": 64, "ascent": {"steps": 1, "octaves": 1}, "classify": "off"}
    target = {"layer": "inception_3b", "objective": "guide", "reference": "guide.png"}
    tree |= {"target": {**target, "mask": "mask.png"}, "colors": {"palette": "guide.png"}}
    folder = Folder(tmp_path / "render")
    ready = checked(recipe_from_tree(tree, tmp_path))
    render_into(folder, prepare(folder, ready))
    assert {p.name for p in (folder.path / "sources").iterdir()} == {"mask.png", "guide.png"}
    saved(tmp_path / "mask.png", np.zeros((64, 64)))
    with pytest.raises(FolderError, match="another recipe"):
        prepare(folder, checked(recipe_from_tree(tree, tmp_path)))
