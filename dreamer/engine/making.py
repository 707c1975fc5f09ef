"""What the frames of a compilation are made from, as a value that all its makers share."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dreamer.engine.captions import Drawn
from dreamer.engine.clips import surveyed
from dreamer.media.fitting import Fitting
from dreamer.media.survey import Survey
from dreamer.recipe.colors import rgb
from dreamer.recipe.marks import Path_
from dreamer.recipe.shots import Cut, Shot

Frames = Generator[np.ndarray, None, None]
Key = tuple[Path_, str]


@dataclass(frozen=True)
class Making:
    """All that the frames of a film are made from: its plan, the words over each shot by
    `key_of`, and the colour behind everything.
    """

    cut: Cut
    words: Mapping[Key, Sequence[Drawn]]
    background: str

    def behind(self, shot: Shot) -> tuple[float, float, float]:
        """The colour behind `shot`."""
        return rgb(shot.words.background or self.background)


def key_of(shot: Shot) -> Key:
    """What sets `shot` apart: where the recipe says it, and of several files there, which."""
    return shot.path, "" if shot.file is None else str(shot.file.file)


def fitting_of(shot: Shot, making: Making) -> Fitting:
    """How the file of `shot` is shown."""
    assert shot.file is not None
    return Fitting(shot.file.size, shot.size, shot.fit, making.behind(shot))


def film_of(shot: Shot) -> tuple[Path, Survey]:
    """The film that `shot` is of, and what is seen in it."""
    assert shot.file is not None
    assert shot.file.film is not None
    return shot.file.file, surveyed(shot.file.file, shot.file.film)


def plain(size: tuple[int, int], color: tuple[float, float, float]) -> np.ndarray:
    """A frame of one colour, `(H, W, 3)` uint16."""
    frame = np.empty((size[1], size[0], 3), np.uint16)
    frame[:] = [round(255 * level) * 257 for level in color]
    return frame
