"""Render the pictures of the README into gallery/: python tools/make_gallery.py PHOTOS [NAME…]

PHOTOS is a folder with canyon.jpg, sunset-by-the-pier.jpg and art-wanderer-sea-fog.jpg. NAMEs are
recipes in recipes/, or `motifs` or `photo-dream`; all of them unless given.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import dreamer
from dreamer.draw.motifs.catalogue import MOTIFS
from dreamer.draw.motifs.scene import scene
from dreamer.draw.sheet import sheet

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "gallery"
ELSEWHERE = {"googlenet-2015", "photo-dream"}  # another network's weights, another's photograph
FILM = (0.12, 0.4, 0.7, 1.0)  # which parts of a film are shown


def saved(picture: Image.Image, name: str) -> None:
    """As a JPEG below 300 kB."""
    path = GALLERY / f"{name}.jpg"
    for quality in (90, 86, 80, 72):
        picture.save(path, quality=quality, optimize=True)
        if path.stat().st_size < 300_000:
            break
    print(name, path.stat().st_size // 1000, "kB", flush=True)


def tiled(pictures: list[Image.Image], columns: int) -> Image.Image:
    """Pictures of one size side by side."""
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * (width + 4) - 4, rows * (height + 4) - 4), "white")
    for k, picture in enumerate(pictures):
        whole.paste(picture, ((k % columns) * (width + 4), (k // columns) * (height + 4)))
    return whole


def rendered(recipe: Path) -> Image.Image:
    """A still's picture, or four frames of a film."""
    with tempfile.TemporaryDirectory() as place:
        outcome = dreamer.render(recipe, Path(place, "render"))
        frames = sorted((outcome.folder / "frames").iterdir())
        if len(frames) == 1:
            return Image.open(frames[0]).convert("RGB")
        shown = [frames[round(part * (len(frames) - 1))] for part in FILM]
        return tiled([Image.open(path).convert("RGB") for path in shown], 2)


def motifs() -> Image.Image:
    """Every motif, drawn at twice its size."""
    squares = []
    for k, name in enumerate(MOTIFS):
        drawn = scene(name, 1, (192, 192), torch.Generator().manual_seed(40 + k), calm=True)[0]
        pixels = (drawn.permute(1, 2, 0) * 255).round().byte().numpy()
        small = Image.fromarray(pixels).resize((96, 96), Image.Resampling.LANCZOS)
        squares.append((small, name.replace("_", " ")))
    return sheet(squares, 12, (96, 96))


def photo_dreams(photos: Path) -> Image.Image:
    """Photographs dreamt on by classes and layers."""
    buildings = [{"class": c} for c in ("dome_outer", "bell_tower", "vault")]
    dreams = []
    for name, target in (
        ("canyon", buildings),
        ("sunset-by-the-pier", [{"class": "lotus"}, {"class": "daisy"}]),
        ("canyon", "inception_4c"),
        ("art-wanderer-sea-fog", "inception_4e"),
    ):
        photo = Image.open(photos / f"{name}.jpg").convert("RGB")
        side = min(photo.size)
        square = photo.crop((0, 0, side, side)).resize((384, 384), Image.Resampling.LANCZOS)
        pixels = dreamer.dream(np.asarray(square), target=target, seed=11)
        dreams.append(Image.fromarray(np.rint(pixels * 255).astype(np.uint8)))
    return tiled(dreams, 2)


def main(photos: Path, names: list[str]) -> None:
    """Render what `names` say."""
    recipes = {p.stem: p for p in sorted((ROOT / "recipes").glob("*.yaml"))}
    for name in names or [*(recipes.keys() - ELSEWHERE), "motifs", "photo-dream"]:
        if name == "motifs":
            saved(motifs(), name)
        elif name == "photo-dream":
            saved(photo_dreams(photos), name)
        else:
            saved(rendered(recipes[name]), name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
