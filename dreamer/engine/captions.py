"""What captions of a compilation say and how they are drawn: words of the recipe's, the labels that
networks gave a clip, or the title of the recipe it was made from.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dreamer.draw.bars import percents
from dreamer.draw.fonts import LOOK, font_at, refuse_undrawn
from dreamer.draw.titling import Layer, Line, lettered
from dreamer.engine.clips import survey_of
from dreamer.engine.layout import RECIPE
from dreamer.errors import DreamerError
from dreamer.media.footage import film_frames
from dreamer.media.metadata import RECIPE as CARRIED
from dreamer.media.metadata import read_texts
from dreamer.media.pictures import read_picture
from dreamer.recipe.clip import Clip
from dreamer.recipe.colors import rgb
from dreamer.recipe.cutting import Cutting
from dreamer.recipe.lettered import Caption, part_of_height
from dreamer.recipe.marks import Path_, read_yaml
from dreamer.recipe.placing import lasting
from dreamer.recipe.shots import Shot

SCORES = "scores.json"
LOOKS = 8  # frames of a film that are classified, evenly spread
IN_CELLS = 0.03  # least height of letters over a cell of a wall, in the film's
SUBTITLE, FAINTER = 0.45, 0.78  # of a title's size, and how opaque


class Drawn(NamedTuple):
    """A layer over a shot, seen from its frame `start` to `end`, coming and going over `fade`
    frames.
    """

    layer: Layer
    start: int
    end: int
    fade: int

    def part(self, frame: int) -> float:
        """How much of it is seen in `frame`, 0 to 1."""
        if not self.start <= frame < self.end:
            return 0.0
        if not self.fade:
            return 1.0
        inside = min(frame - self.start + 1, self.end - frame)
        return min(1.0, inside / (self.fade + 1))


def drawn(cutting: Cutting, shot: Shot) -> list[Drawn]:
    """All words over `shot`; what cannot be said or drawn is refused. No network looks where
    something is wrong already.
    """
    found = [_title(cutting, shot)] if shot.kind == "title" else []
    for one in lasting(cutting, shot):
        words = one.words
        if words.labels and cutting.problems:
            continue
        try:
            text = _said(words, shot)
        except (DreamerError, OSError) as error:
            cutting.refuse(one.path, str(error))
            continue
        line = Line(text, _size(words, shot, cutting))
        layer = _drawn(cutting, one.path, [line], shot, words.at, words.color, words.style, words)
        if layer is not None:
            found.append(Drawn(layer, one.start, one.end, one.fade))
    return [one for one in found if one is not None]


def _size(words: Caption, shot: Shot, cutting: Cutting) -> float:
    """The height of letters as a part of the canvas: in a cell of a wall, unless it is said, large
    enough to be read on the whole film.
    """
    size = part_of_height(words.size)
    if "size" in words.model_fields_set:
        return size
    return min(0.2, max(size, IN_CELLS * cutting.size[1] / shot.size[1]))


def _title(cutting: Cutting, shot: Shot) -> Drawn | None:
    words = shot.words
    size = part_of_height(words.size)
    lines = [Line(words.title or "", size)]
    if words.subtitle:
        lines.append(Line(words.subtitle, SUBTITLE * size, FAINTER))
    color = words.color or cutting.words.color
    path = (*shot.path, "title")
    layer = _drawn(cutting, path, lines, shot, "middle", color, words.style, words)
    fade = min(cutting.frames(words.fade), shot.frames // 2)
    return None if layer is None else Drawn(layer, 0, shot.frames, fade)


def _drawn(
    cutting: Cutting,
    path: Path_,
    lines: list[Line],
    shot: Shot,
    at: str,
    color: str,
    style: str,
    words: Caption | Clip,
) -> Layer | None:
    font = None
    where: Path_ = path
    if words.font is not None:
        where = (*(shot.path if isinstance(words, Clip) else path), "font")
        font = cutting.recipe.place(where, words.font)
    elif cutting.words.font is not None:
        where = ("font",)
        font = cutting.recipe.place(where, cutting.words.font)
    try:
        font_at(font, LOOK)
    except ValueError as error:
        cutting.refuse(where, str(error))
        return None
    try:
        for line in lines:
            refuse_undrawn(line.text, font)
        return lettered(lines, shot.size, at, rgb(color), style, font)
    except ValueError as error:
        cutting.refuse(path, str(error))
        return None


def _said(caption: Caption, shot: Shot) -> str:
    if caption.text is not None:
        return caption.text
    if shot.file is None:
        what = "labels" if caption.labels else "recipe"
        raise DreamerError(f"{what} are of a film or a picture, and this is a {shot.kind}")
    if caption.recipe:
        return _title_of(shot.file.file)
    assert caption.labels is not None
    kept = _kept_labels(shot.file.file) if caption.network is None else None
    labels = kept or _labels_now(shot, caption.network or "house", caption.labels)
    return "\n".join(
        f"{name.replace('_', ' ')} {percents(score)}" for name, score in labels[: caption.labels]
    )


def _title_of(file: Path) -> str:
    """The title of the recipe inside `file`, or the name of the file."""
    text = read_texts(file)[CARRIED]
    tree = read_yaml(text, file.name, file.parent).value
    title = tree.get("title") if isinstance(tree, dict) else None
    return title if isinstance(title, str) and title else file.stem.replace("-", " ")


def _kept_labels(file: Path) -> list[tuple[str, float]]:
    """What the first network saw at the end of the render that `file` lies in; nothing of others
    and of those that were not classified.
    """
    scores = file.parent / SCORES
    if not (file.parent / RECIPE).is_file() or not scores.is_file():
        return []
    try:
        told = json.loads(scores.read_text(encoding="utf-8"))
        first: Any = next(iter(told.values()), {"after": []})
        return [(str(name), float(score)) for name, score in first["after"]]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DreamerError(f"{scores} is damaged: {error}") from error


def _labels_now(shot: Shot, network: str, top: int) -> list[tuple[str, float]]:
    """What `network` sees in `shot`: the mean over some of its frames."""
    from dreamer.engine.execution import decide  # these bring torch
    from dreamer.engine.lookup import card_of, ref_of
    from dreamer.engine.scores import classifier, ranked

    assert shot.file is not None
    card = card_of(ref_of(network))
    if shot.kind == "still":
        pictures = [read_picture(shot.file.file)]
    else:
        last = len(shot.numbers) - 1
        wanted = sorted({shot.numbers[round(k * last / (LOOKS - 1))] for k in range(LOOKS)})
        pictures = list(film_frames(shot.file.file, wanted, survey_of(shot.file.file)))
    scores = classifier(card, decide("auto", "float32"))
    return ranked(np.mean([scores([one])[0] for one in pictures], 0), card.classes, top)
