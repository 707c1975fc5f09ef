"""What networks saw, as pictures: one with its bars, a sheet of many, a film's curves."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from dreamer.draw.bars import Bar, bars, percents
from dreamer.draw.plot import curves
from dreamer.draw.sheet import PAPER, sheet
from dreamer.engine.scoring import Asked
from dreamer.engine.seen import Scored, Seen
from dreamer.engine.seen_places import FRAMES_BEGIN, MADE_BY, MARK
from dreamer.engine.subjects import Subject
from dreamer.errors import DreamerError, MediaError
from dreamer.media.decoding import read_frames
from dreamer.media.pictures import encode_jpeg
from dreamer.media.png import encode_png, quantised
from dreamer.media.small_pictures import one_large, read_thumbnail

CURVES = 8
POINTS = 1920  # of a curve, twice as many as its chart has columns
FEW, LARGE_CELL, CELL = 16, (320, 240), (184, 144)
COLUMNS, PAGE, PAGES = 8, 64, 16
SHOWN = 1024  # pixels of a picture's longer side that are kept to be drawn


class Judges(NamedTuple):
    """Who saw it: what was asked for, the networks' names, and what was chosen that things are
    sorted by.
    """

    asked: Asked
    names: tuple[str, ...]
    by: int | None = None


def encoded(image: Image.Image, path: Path) -> bytes:
    """`image` as the ending of `path` says, PNG or JPEG, with the mark by which `made_here` knows
    it.
    """
    pixels = np.asarray(image.convert("RGB"), np.float32).transpose(2, 0, 1) / 255
    if path.suffix.lower() == ".png":
        return encode_png(pixels, 8, {MARK: MADE_BY})
    return encode_jpeg(pixels, comment=f"{MARK}: {MADE_BY}")


def picture_of(subject: Subject, number: int = 0) -> Image.Image:
    """The picture, or frame `number` of the film, that `subject` is, not larger than is drawn.

    Raises:
        MediaError: it cannot be read any more.
    """
    path = Path(subject.file)
    if not subject.film:
        with one_large(path):
            return read_thumbnail(path, SHOWN)[0]
    image = Image.fromarray(quantised(_frame(path, number), 8))
    image.thumbnail((SHOWN, SHOWN))
    return image


def _frame(film: Path, number: int) -> np.ndarray:
    with closing(read_frames(film, max(1, number))) as frames:
        for at, picture in frames:
            if at == number:
                return picture
    raise MediaError(f"{film} has no frame {number} any more")


def strongest(thing: Scored, judges: Judges) -> int:
    """Which frame shows best what is said of a film; 0 of a picture."""
    for network, seen in enumerate(thing.seen):
        if seen.frames is None:
            return 0
        asked = next((k for k, score in enumerate(seen.chosen) if score is not None), None)
        if judges.by is not None and seen.chosen[judges.by] is not None:
            asked = judges.by
        if asked is not None or not judges.asked.chosen:
            label = judges.asked.cards[network].classes.index(seen.labels[0][0])
            return seen.frames.strongest(label, asked)
    return 0


def bars_of(thing: Scored, judges: Judges) -> Image.Image:
    """A thing with bars of what was chosen and of the likeliest classes, each network's beside the
    other's.

    Raises:
        MediaError: the picture cannot be read any more.
    """
    number = strongest(thing, judges)
    caption = _title(thing)
    frames = thing.seen[0].frames
    if frames is not None:
        caption += f": mean of {len(frames.numbers)} frames; this is {number}"
    columns = [
        (name, _bars(seen, judges)) for name, seen in zip(judges.names, thing.seen, strict=True)
    ]
    return bars(picture_of(thing.subject, number), caption, columns)


def _bars(seen: Seen, judges: Judges) -> list[Bar]:
    pairs = zip(judges.asked.chosen, seen.chosen, strict=True)
    chosen = [Bar(one.name, score, True) for one, score in pairs if score is not None]
    names = {bar.label for bar in chosen}
    return chosen + [Bar(*label) for label in seen.labels if label[0] not in names]


def sheets(things: Sequence[Scored], judges: Judges) -> Iterator[Image.Image]:
    """`things` in their order on sheets of `PAGE`, each with its scores below; `PAGES` at most."""
    shown = things[: PAGE * PAGES]
    few = len(shown) <= FEW
    columns, cell = (math.ceil(math.sqrt(len(shown))), LARGE_CELL) if few else (COLUMNS, CELL)
    for start in range(0, len(shown), PAGE):
        page = shown[start : start + PAGE]
        cells = [(_cell(thing, judges), _caption(thing, judges)) for thing in page]
        yield sheet(cells, columns, cell)


def pages(count: int) -> int:
    """How many sheets there are of `count` things."""
    return min(PAGES, -(-count // PAGE))


def _cell(thing: Scored, judges: Judges) -> Image.Image:
    try:
        return picture_of(thing.subject, strongest(thing, judges))
    except DreamerError:  # it was there when it was scored
        return Image.new("RGB", (1, 1), PAPER)


def _caption(thing: Scored, judges: Judges) -> str:
    """A line of what each network says, what things are sorted by first; and the thing's name."""
    order = sorted(range(len(judges.asked.chosen)), key=lambda k: k != judges.by)
    lines = []
    for name, seen in zip(judges.names, thing.seen, strict=True):
        pairs = [(judges.asked.chosen[k].name, seen.chosen[k]) for k in order] or seen.labels[:2]
        said = [f"{label} {percents(score)}" for label, score in pairs if score is not None]
        before = f"{name}: " if len(judges.names) > 1 and said else ""
        lines.append(before + ", ".join(said))
    return "\n".join([*lines, _title(thing)])


def _title(thing: Scored) -> str:
    """What a person calls it, without the folders it lies in."""
    return Path(thing.subject.name).name or thing.subject.name


class Curve(NamedTuple):
    """A class's scores in a film's frames, `(F,)`."""

    name: str
    scores: np.ndarray


def curves_of(thing: Scored, judges: Judges) -> list[Curve]:
    """What was chosen, or else the classes that were likeliest at any time, over a film's frames.

    Classes that were not chosen are taken from `Frames.rows`.
    """
    found, several = [], len(judges.names) > 1
    for network, (name, seen) in enumerate(zip(judges.names, thing.seen, strict=True)):
        frames, chosen = seen.frames, judges.asked.chosen
        assert frames is not None
        before = f"{name}: " if several else ""
        for k, one in enumerate(chosen):
            if one.numbers[network] is not None:
                found.append(Curve(before + one.name, frames.chosen[:, k]))
        if not chosen and frames.rows is not None:
            most = max(1, CURVES // len(judges.names))
            numbers = [int(k) for k in np.argsort(-frames.rows.peak, kind="stable")[:most]]
            classes = judges.asked.cards[network].classes
            for k, scores in zip(numbers, frames.rows.columns(numbers).T, strict=True):
                found.append(Curve(before + classes[k], scores))
    return found


def chart(thing: Scored, lines: Sequence[Curve], names: Sequence[str]) -> Image.Image:
    """`lines` over time."""
    frames = thing.seen[0].frames
    assert frames is not None
    parts = max(1, -(-len(frames.numbers) // POINTS))
    starts = np.arange(0, len(frames.numbers), parts)
    sizes = np.diff(np.append(starts, len(frames.numbers)))
    seconds = frames.seconds[starts]
    series = {
        line.name: list(
            zip(seconds, np.add.reduceat(line.scores, starts) / sizes, strict=True)  # their means
        )
        for line in lines
    }
    peak = max((float(line.scores.max()) for line in lines), default=1.0)
    top = 1.0 if peak > 0.5 else max(1.1 * peak, 0.01)
    title = f"{_title(thing)}, by {' and '.join(names)}"
    return curves(series, title, "seconds", "score", (0.0, top))


def frames_csv(thing: Scored, lines: Sequence[Curve]) -> str:
    """A row a frame: its number, its moment in seconds, and every curve's score."""
    frames = thing.seen[0].frames
    assert frames is not None
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*FRAMES_BEGIN, *(line.name for line in lines)])
    columns = zip(frames.numbers, frames.seconds, *(line.scores for line in lines), strict=True)
    for number, second, *scores in columns:
        table.writerow([number, f"{second:.4f}", *(f"{score:.6f}" for score in scores)])
    return text.getvalue()
