"""What is made of durable frames: the picture or film, its scores. All of it can be made again
at any time.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dreamer.draw.plot import curves
from dreamer.engine import scores, sources
from dreamer.engine.execution import Execution, under
from dreamer.engine.filming import Filming
from dreamer.engine.films import Filmed, films_of, keep_posters, places_of
from dreamer.engine.folder import Folder
from dreamer.engine.laid import apart, framed
from dreamer.engine.layout import REPORT
from dreamer.engine.ready import Ready
from dreamer.engine.steps_told import noted_steps
from dreamer.errors import DreamerError, MediaError
from dreamer.media import durable
from dreamer.media.pictures import read_picture
from dreamer.recipe.times import parse_time

Scores = dict[str, dict[str, Any]]
PLOTTED = 8


def make_still(folder: Folder) -> Path:
    """Put the picture of a still where it lies; its path. The lock must be held."""
    out = folder.path / f"{folder.name()}.png"
    folder.drop_partial(out.name)
    durable.write_bytes(out, folder.frame_path(0).read_bytes())
    return out


def make_films(
    folder: Folder,
    recipe: Filmed,
    count: int,
    on_wait: Callable[[], None] = lambda: None,
) -> list[Path]:
    """Every film that `recipe` asks for of the first `count` frames, and the stills beside them;
    their paths. The lock must be held.

    Raises:
        MediaError: what could not be made; the others are there.
    """
    with Filming(folder, films_of(recipe, folder, count), recipe.lead) as filming:
        filming.begin(count)
        return films_made(folder, recipe, count, filming, on_wait)


def films_made(
    folder: Folder,
    recipe: Filmed,
    count: int,
    filming: Filming,
    on_wait: Callable[[], None] = lambda: None,
) -> list[Path]:
    """As `make_films`, where `filming` has begun already."""
    failures = {out.name: error for out, error in filming.finish(count, on_wait).items()}
    posters: list[Path] = []
    try:
        posters = keep_posters(recipe, folder, count)
    except (DreamerError, OSError) as error:
        failures["the poster"] = error
    if failures:
        words = "\n".join(dict.fromkeys(map(str, failures.values())))
        lost = ", ".join(failures)
        raise MediaError(
            f"{words}\n{lost} could not be made; all {count} frames are kept, and "
            f"`dreamer encode {folder.path}` makes the film of them"
        )
    return [*places_of(recipe, folder), *posters]


def _beginning(ready: Ready, size: tuple[int, int]) -> list[np.ndarray]:
    """What the render began with, as far as it is shown."""
    source, number, margin = ready.gathered.source, ready.plan.first_source, ready.plan.margin
    first = sources.first_pictures(ready.recipe, size, source, number, margin)
    return list(framed(first.numpy(), margin))


def score_frames(
    folder: Folder,
    ready: Ready,
    count: int,
    execution: Execution,
    on_batch: Callable[[], None] = lambda: None,
) -> Scores:
    """Score the source, those of the first `count` frames that the recipe asks for, and the last
    one; write scores.json, scores.csv, scores.png. `on_batch` is told before each batch, and may
    raise to stop.
    """
    wanted = ready.recipe.words.classify
    if wanted is None:
        return {}
    size = (ready.plan.height, ready.plan.width)
    every = max(1, round(parse_time(wanted.every).frame(ready.plan.fps, None)))
    sampled = [] if ready.recipe.still else list(range(0, count, every))
    found: Scores = {}
    tracks: dict[str, dict[int, np.ndarray]] = {}
    with under(scores.exact(execution)):
        for ref in ready.recipe.judges():
            card = ready.gathered.cards[ref.key]
            judge = scores.classifier(card, execution)
            # Not while a frame is looked at: there are no two large pictures in memory.
            first = judge(_beginning(ready, size)).mean(0)
            rows: dict[int, np.ndarray] = {}
            for batch in scores.batches([*sampled, count - 1]):
                on_batch()
                pictures = [read_picture(folder.frame_path(k)) for k in batch]
                if ready.plan.samples > 1:  # a still: the mean of its samples' scores
                    pictures = apart(pictures[0], ready.plan.samples, size)
                    rows[batch[0]] = judge(pictures).mean(0)
                else:
                    rows |= dict(zip(batch, judge(pictures), strict=True))
            tracks[card.name] = rows
            found[card.name] = {
                "before": scores.ranked(first, card.classes, wanted.top),
                "after": scores.ranked(rows[count - 1], card.classes, wanted.top),
                "frames": {
                    str(k): scores.ranked(rows[k], card.classes, wanted.top) for k in sampled
                },
            }
    folder.write_json("scores.json", found)
    durable.write_text(folder.path / "scores.csv", scores.as_csv(found))
    if sampled:
        _plot(folder, ready, tracks)
    return found


def _plot(folder: Folder, ready: Ready, tracks: Mapping[str, Mapping[int, np.ndarray]]) -> None:
    """scores.png: the labels that mattered most at any time, over time."""
    fps = float(ready.plan.fps)
    lines: dict[str, list[tuple[float, float]]] = {}
    by_name = {card.name: card for card in ready.gathered.cards.values()}
    for network, rows in tracks.items():
        peak = np.stack(list(rows.values())).max(0)
        for k in np.argsort(-peak, kind="stable")[: PLOTTED // len(tracks)]:
            label = by_name[network].classes[k]
            name = label if len(tracks) == 1 else f"{network}: {label}"
            lines[name] = [(frame / fps, float(row[k])) for frame, row in sorted(rows.items())]
    title = ready.recipe.words.title or ready.recipe.name
    chart = curves(lines, title, "seconds", "score", (0.0, 1.0))
    file = io.BytesIO()
    chart.save(file, "PNG")
    durable.write_bytes(folder.path / "scores.png", file.getvalue())


def report(folder: Folder, ready: Ready, execution: Execution) -> Mapping[str, Any]:
    """report.json: how long the frames took, how fast that was, and in how much of it nothing was
    dreamt, while pixels were made ready and the writer waited for.
    """
    entries = folder.journal().entries
    seconds = sum(e.seconds for e in entries.values())
    waited = sum(e.waited for e in entries.values())
    work = ready.plan.megapixel_steps() if ready.plan.frames is not None else None
    made = {
        "frames": len(entries),
        "seconds": round(seconds, 2),
        "waited_seconds": round(waited, 3),
        "waited_share": round(waited / seconds, 4) if seconds else None,
        "frames_a_second": round(len(entries) / seconds, 3) if seconds else None,
        "megapixel_steps": None if work is None else round(work, 3),
        "megapixel_steps_a_second": round(work / seconds, 3) if work and seconds else None,
        "execution": execution.as_json(),
    }
    if (steps := noted_steps(folder)) is not None:
        made["steps"] = steps
    folder.write_json(REPORT, made)
    return made
