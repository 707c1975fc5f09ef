"""Whole collages of small made pictures, as `dreamer collage` makes them, in this process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from small_collages import flat, noise

from dreamer.engine.collaged import Collaged
from dreamer.jobs.collage import collage

LAYOUTS = {
    "grid": "grid",
    "justified": "{justified: {crop: 0.2}}",
    "masonry": "masonry",
    "treemap": "treemap",
    "scatter": "{scatter: {passes: [{size: [0.2, 0.6]}, {count: 5, blend: screen, alpha: 0.8}]}}",
    "polaroid": "polaroid",
    "spiral": "spiral",
    "contact": "contact",
    "mosaic": "{mosaic: {target: target.png, columns: 9}}",
}


def pictures(folder: Path, count: int = 9) -> Path:
    """A folder of pictures of many shapes, and a target for mosaics beside it."""
    for k in range(count):
        if k % 3:
            noise(folder / f"{k}.png", k, (24 + 5 * k, 40 - 2 * k))
        else:
            flat(folder / f"{k}.png", k / count, size=(30, 20 + k))
    noise(folder.parent / "target.png", 77, (32, 24))
    return folder


def written(folder: Path, more: str = "", top: str = "", name: str = "c") -> Path:
    """A collage recipe of the pictures in `folder`, beside it, nothing scored."""
    lines = "".join(f"  {line}\n" for line in more.splitlines())
    classify = "" if "classify" in top else "classify: off\n"
    size = "" if "size" in top else "size: [120, 90]\n"
    path = folder.parent / f"{name}.yaml"
    path.write_text(f"{classify}{size}{top}\ncollage:\n  pictures: {folder.name}\n{lines}")
    return path


def made(recipe: Path, out: Path | None = None, *overrides: str) -> Collaged:
    """The collage of `recipe`."""
    return collage([recipe], out=out, overrides=overrides)


def pixels(path: Path) -> np.ndarray:
    """A picture's levels, `(h, w, channels)` uint8."""
    with Image.open(path) as picture:
        return np.asarray(picture)


def blocks(levels: np.ndarray, by: int) -> np.ndarray:
    """Levels made `by` times smaller, by means of blocks, float64."""
    high, wide, channels = levels.shape
    parts = levels.reshape(high // by, by, wide // by, by, channels).astype(np.float64)
    return np.asarray(parts.mean((1, 3)))


def everything(folder: Path) -> dict[str, bytes]:
    """All whose bytes a collage promises."""
    kinds = ("*.png", "frames/*.png", "layout.json", "recipe.yaml", "preview.jpg", "scores.*")
    names = [path for kind in (*kinds, "pieces.csv", "*.mp4") for path in folder.glob(kind)]
    return {str(path.relative_to(folder)): path.read_bytes() for path in names}


def centroid(levels: np.ndarray) -> tuple[float, float]:
    """Where light lies in a picture, (across, down) in pixels."""
    light = levels[..., :3].sum(2).astype(np.float64)
    total = light.sum()
    assert total > 0
    down, across = np.mgrid[: light.shape[0], : light.shape[1]] + 0.5
    return float((across * light).sum() / total), float((down * light).sum() / total)
