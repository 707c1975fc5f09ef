"""A small film, and dreams on films."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from filmed import film, pan, place

from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.ready import Ready
from dreamer.engine.run import render_into
from dreamer.media.pictures import read_picture
from dreamer.recipe.parse import recipe_from_tree

CUT = 5
WORDS: dict[str, Any] = {
    "target": "inception_3b",
    "ascent": {"octaves": 1, "steps": 1, "first_steps": 2},
    "classify": "off",
}


def moving_film(folder: Path) -> Path:
    """A film of ten frames, 96 × 64 pixels at 5 a second: two shots of a camera that goes along."""
    shots = [
        [frame[:64, :96] for frame in pan(place(seed), CUT, pace)]
        for seed, pace in ((1, 3), (2, 5))
    ]
    return film(folder / "moving.mkv", [*shots[0], *shots[1]], 5)


def begun(folder: Path, source: dict[str, Any], **words: Any) -> tuple[Folder, Ready]:
    recipe = recipe_from_tree({**WORDS, "source": source, **words}, folder)
    place = Folder(folder / f"render-{len(list(folder.glob('render-*')))}")
    return place, prepare(place, checked(recipe))


def rendered(folder: Path, source: dict[str, Any], **words: Any) -> list[np.ndarray]:
    made, ready = begun(folder, source, **words)
    render_into(made, ready)
    return [read_picture(path) for path in sorted(made.frames.iterdir())]


def to_levels(picture: np.ndarray) -> np.ndarray:
    return (picture.transpose(1, 2, 0) * 255).round().astype(np.uint8)
