"""Render the pictures of the README into gallery/: python tools/make_gallery.py PHOTOS

PHOTOS is a folder with canyon.jpg, sunset-by-the-pier.jpg and art-wanderer-sea-fog.jpg.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import dreamer

ROOT = Path(__file__).parents[1]
CLASSES = (
    "stained_glass",
    "daisy",
    "dome_outer",
    "dalmatian",
    "water_lilly",
    "Leopards",
    "vault",
    "butterfly",
)


def sheet(pictures: list[Image.Image], columns: int, name: str) -> None:
    """Pictures of one size side by side, saved small."""
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * (width + 4) - 4, rows * (height + 4) - 4), "white")
    for k, picture in enumerate(pictures):
        whole.paste(picture, ((k % columns) * (width + 4), (k // columns) * (height + 4)))
    whole.save(ROOT / "gallery" / f"{name}.jpg", quality=86)
    print(name, (ROOT / "gallery" / f"{name}.jpg").stat().st_size // 1000, "kB")


def frames_of(outcome: dreamer.api.Outcome, parts: tuple[float, ...]) -> list[Image.Image]:
    """Frames at these parts of a film."""
    paths = sorted((outcome.folder / "frames").iterdir())
    return [Image.open(paths[round(part * (len(paths) - 1))]) for part in parts]


def as_picture(pixels: np.ndarray) -> Image.Image:
    """A dream as a picture."""
    return Image.fromarray(np.rint(pixels * 255).astype(np.uint8))


def main(photos: Path) -> None:
    """Render everything that README.md shows."""
    with tempfile.TemporaryDirectory() as place:
        film = dreamer.render(ROOT / "recipes" / "first-dream.yaml", Path(place, "first"))
        sheet(frames_of(film, (0.1, 0.4, 0.7, 1.0)), 2, "first-dream")
        film = dreamer.render(ROOT / "recipes" / "class-zoom.yaml", Path(place, "zoom"))
        sheet(frames_of(film, (0.15, 0.5, 0.72, 0.97)), 4, "class-zoom")
        dreams = []
        for name, changes in (
            ("canyon", {}),
            ("sunset-by-the-pier", {"target": [{"class": "lotus"}, {"class": "daisy"}]}),
            ("canyon", {"target": "inception_4c"}),
            ("art-wanderer-sea-fog", {"target": "inception_4e"}),
        ):
            photo = Image.open(photos / f"{name}.jpg").convert("RGB")
            side = min(photo.size)
            square = photo.crop((0, 0, side, side)).resize((384, 384), Image.Resampling.LANCZOS)
            buildings = [{"class": c} for c in ("dome_outer", "bell_tower", "vault")]
            target = changes.get("target", buildings)
            dreams.append(as_picture(dreamer.dream(np.asarray(square), target=target, seed=11)))
        sheet(dreams, 2, "photo-dream")
        squares = []
        for number, name in enumerate(CLASSES):
            recipe = Path(place, f"{name}.yaml")
            recipe.write_text(
                f"seed: {number}\nsize: 256\ntarget: {{class: {name}}}\nclassify: off\n"
                "ascent: {steps: 20}\n"
            )
            squares.append(Image.open(dreamer.render(recipe, Path(place, name)).product))
        sheet(squares, 4, "classes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
