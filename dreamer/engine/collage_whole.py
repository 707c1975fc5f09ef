"""What networks see in a collage as a whole, beside what they see in its pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from dreamer.engine.collage_ready import ReadyCollage
from dreamer.engine.collage_scores import Judging
from dreamer.engine.collage_table import means_of
from dreamer.engine.execution import Execution
from dreamer.engine.folder import Folder
from dreamer.engine.scores import as_csv, judge, ranked
from dreamer.engine.scoring import Asked, scored
from dreamer.engine.seen import Classified, Seen, Sums
from dreamer.engine.stopping import Stop
from dreamer.engine.subjects import Subject
from dreamer.errors import MediaError
from dreamer.media import durable
from dreamer.recipe.times import parse_time

Scores = dict[str, dict[str, Any]]
Chosen = dict[str, tuple[float | None, ...]]


def score_whole(
    folder: Folder,
    ready: ReadyCollage,
    judges: Judging,
    table: Classified | None,
    execution: Execution,
    stop: Stop,
    drawn: Sequence[Tensor] = (),
) -> tuple[Scores, Chosen]:
    """Score the picture in `folder`, or of a film those frames that the recipe asks for and the
    last one; write scores.json and scores.csv. `table` is what the judges see in the pieces;
    `drawn` is what each of `judges` is to see of a picture that was just drawn.

    Returns: what scores.json holds; and how much of what the judges are asked for the picture or
    last frame is, by network.

    Raises:
        Stopped: a signal asked for it.
        MediaError: the picture cannot be read.
    """
    wanted = ready.recipe.words.classify
    if wanted is None:
        return {}, {}
    looked_at = _pictures(folder, ready)
    last = list(looked_at)[-1]
    stop.check("while the whole was scored; the same command goes on")
    if drawn:
        seen = []
        for network, (card, one) in enumerate(zip(judges.cards, drawn, strict=True)):
            row = judge(card, execution)(one)[:1]
            chosen = tuple(_rounded(asked.score(network, row)) for asked in judges.asked)
            seen.append({last: Seen(ranked(row[0], card.classes, wanted.top), chosen, 0.0)})
    else:
        seen = _looked_at(looked_at, judges, wanted.top, execution, stop)
    named = dict(zip((card.name for card in judges.cards), seen, strict=True))
    before, shares = means_of(table), _both(judges, table, named, last)
    found: Scores = {
        card.name: {
            "before": before.get(card.name, []),
            "after": named[card.name][last].labels,
            "frames": {}
            if ready.recipe.frames is None
            else {number: one.labels for number, one in named[card.name].items()},
            **({"chosen": shares[card.name]} if judges.asked else {}),
        }
        for card in ready.judges
    }
    folder.write_json("scores.json", found)
    durable.write_text(folder.path / "scores.csv", as_csv(found))
    return found, {name: frames[last].chosen for name, frames in named.items()}


def _both(
    judges: Judging, table: Classified | None, named: Mapping[str, dict[str, Seen]], last: str
) -> dict[str, dict[str, Any]]:
    """How much of what each network is asked for the pieces are on average, and the whole is."""
    found: dict[str, dict[str, Any]] = {card.name: {} for card in judges.cards}
    for n, card in enumerate(judges.cards):
        for k, asked in enumerate(judges.asked):
            if table is not None and asked.numbers[n] is not None:
                after = named[card.name][last].chosen[k]
                found[card.name][asked.name] = {
                    "before": table.summaries[n].chosen[k],
                    "after": after,
                }
    return found


def _rounded(score: np.ndarray | None) -> float | None:
    return None if score is None else round(float(score[0]), 6)


def _looked_at(
    pictures: Mapping[str, Path], judges: Judging, top: int, execution: Execution, stop: Stop
) -> list[dict[str, Seen]]:
    """What each network sees in each of `pictures`, by their names."""
    asked = Asked(judges.cards, judges.asked, top)
    sums = [Sums(card.classes) for card in judges.cards]
    found: list[dict[str, Seen]] = [{} for _ in judges.cards]
    subjects = [Subject(name, str(path)) for name, path in pictures.items()]
    for thing in scored(subjects, asked, execution, sums):
        stop.check("while the whole was scored; the same command goes on")
        if thing.problem:
            raise MediaError(thing.problem)
        for by_name, seen in zip(found, thing.seen, strict=True):
            by_name[thing.subject.name] = seen
    return found


def _pictures(folder: Folder, ready: ReadyCollage) -> dict[str, Path]:
    frames, wanted = ready.recipe.frames, ready.recipe.words.classify
    if frames is None or wanted is None:
        path = folder.path / f"{folder.name()}.png"
        return {path.name: path}
    every = max(1, round(parse_time(wanted.every).frame(ready.recipe.fps, None)))
    numbers = dict.fromkeys([*range(0, frames, every), frames - 1])
    return {str(number): folder.frame_path(number) for number in numbers}
