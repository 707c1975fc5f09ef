"""What networks see in a collage as a whole, beside what they see in its pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from dreamer.engine.collage_ready import ReadyCollage
from dreamer.engine.execution import Execution
from dreamer.engine.folder import Folder
from dreamer.engine.scores import Ranking, as_csv, judge, ranked
from dreamer.engine.scoring import Asked, scored
from dreamer.engine.seen import Sums
from dreamer.engine.stopping import Stop
from dreamer.engine.subjects import Subject
from dreamer.errors import MediaError
from dreamer.media import durable
from dreamer.recipe.times import parse_time

Scores = dict[str, dict[str, Any]]


def score_whole(
    folder: Folder,
    ready: ReadyCollage,
    before: Mapping[str, Ranking],
    execution: Execution,
    stop: Stop,
    drawn: Sequence[Tensor] = (),
) -> Scores:
    """Score the picture in `folder`, or of a film those frames that the recipe asks for and the
    last one; write scores.json and scores.csv. `before` is the mean over the pieces, by network;
    `drawn` is what each network is to see of a picture that was just drawn.

    Raises:
        Stopped: a signal asked for it.
        MediaError: the picture cannot be read.
    """
    wanted = ready.recipe.words.classify
    if wanted is None:
        return {}
    looked_at = _pictures(folder, ready)
    last = list(looked_at)[-1]
    stop.check("while the whole was scored; the same command goes on")
    if drawn:
        rankings = [
            {last: ranked(judge(card, execution)(one)[0], card.classes, wanted.top)}
            for card, one in zip(ready.judges, drawn, strict=True)
        ]
    else:
        rankings = _looked_at(looked_at, ready, wanted.top, execution, stop)
    found: Scores = {
        card.name: {
            "before": before.get(card.name, []),
            "after": frames[last],
            "frames": {} if ready.recipe.frames is None else frames,
        }
        for card, frames in zip(ready.judges, rankings, strict=True)
    }
    folder.write_json("scores.json", found)
    durable.write_text(folder.path / "scores.csv", as_csv(found))
    return found


def _looked_at(
    pictures: Mapping[str, Path], ready: ReadyCollage, top: int, execution: Execution, stop: Stop
) -> list[dict[str, Ranking]]:
    """What each network sees in each of `pictures`, by their names."""
    asked = Asked(ready.judges, (), top)
    sums = [Sums(card.classes) for card in ready.judges]
    rankings: list[dict[str, Ranking]] = [{} for _ in ready.judges]
    subjects = [Subject(name, str(path)) for name, path in pictures.items()]
    for thing in scored(subjects, asked, execution, sums):
        stop.check("while the whole was scored; the same command goes on")
        if thing.problem:
            raise MediaError(thing.problem)
        for ranking, seen in zip(rankings, thing.seen, strict=True):
            ranking[thing.subject.name] = seen.labels
    return rankings


def _pictures(folder: Folder, ready: ReadyCollage) -> dict[str, Path]:
    frames, wanted = ready.recipe.frames, ready.recipe.words.classify
    if frames is None or wanted is None:
        path = folder.path / f"{folder.name()}.png"
        return {path.name: path}
    every = max(1, round(parse_time(wanted.every).frame(ready.recipe.fps, None)))
    numbers = dict.fromkeys([*range(0, frames, every), frames - 1])
    return {str(number): folder.frame_path(number) for number in numbers}
