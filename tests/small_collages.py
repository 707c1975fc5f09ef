"""Small made pictures, and collages of them."""

from __future__ import annotations

import colorsys
from pathlib import Path

import numpy as np
from PIL import Image

from dreamer.recipe.collage_recipe import ParsedCollage, collage_from_text


def parsed(folder: Path, pictures: str, more: str = "", top: str = "") -> ParsedCollage:
    """A collage of `pictures`, with `more` lines below it and `top` lines beside."""
    lines = "".join(f"  {line}\n" for line in more.splitlines())
    return collage_from_text(f"{top}\ncollage:\n  pictures: {pictures}\n{lines}", folder, "c.yaml")


def noise(path: Path, seed: int = 0, size: tuple[int, int] = (40, 30)) -> Path:
    """A picture of chance, unlike that of any other seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(levels).save(path)
    return path


def flat(
    path: Path, hue: float | None, value: float = 1.0, size: tuple[int, int] = (24, 24)
) -> Path:
    """A picture of one hue (0 to 1), or of grey."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rgb = colorsys.hsv_to_rgb(hue or 0.0, 0.0 if hue is None else 1.0, value)
    Image.new("RGB", size, tuple(round(255 * c) for c in rgb)).save(path)
    return path


def truncated(path: Path) -> Path:
    """A picture whose header is whole and whose end is missing."""
    noise(path, 99, (80, 60))
    path.write_bytes(path.read_bytes()[:-2000])
    return path
