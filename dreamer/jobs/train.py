"""`train`: learn a network from a training recipe; the same command goes on where it stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from dreamer.engine.execution import decide
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.stopping import Stop, listening
from dreamer.engine.told import Told, Watcher
from dreamer.errors import DataError, FolderError, Problem, RecipeError, UsageError
from dreamer.learn import keeping
from dreamer.learn.card_words import card_words
from dreamer.learn.course import Course
from dreamer.learn.draws import Draws
from dreamer.learn.ending import PAGE, Account, counts, ended, in_words, versions
from dreamer.learn.following import Manner, follow, ill, measured
from dreamer.learn.history import Mark
from dreamer.learn.listed import data_above
from dreamer.learn.loop import new_learner
from dreamer.learn.model import (
    AS_IT_IS,
    HOUSE,
    Normalised,
    grown,
    measured_range,
    require_side,
    trainable,
    trained_here,
)
from dreamer.learn.planned import course_of
from dreamer.learn.reading import described, read_pictures
from dreamer.learn.report import Made
from dreamer.learn.squares import Squares
from dreamer.learn.watching import looked_at
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.training import ParsedTraining, Training, parse_training

log = logging.getLogger("dreamer")
TESTED = 500  # pictures under attack at the end
GOES_ON = "what is finished is kept, and the same command goes on"


@dataclass(frozen=True)
class Trained:
    """Where the weights are, and how good they are on what they have not seen."""

    weights: Path
    report: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"weights": str(self.weights), "report": self.report}

    def as_text(self) -> str:
        return "\n".join(
            [
                f"{self.weights}: {in_words(self.report)}",
                *self.report["warnings"],
                *(f"{name}: {value}" for name, value in self.report["by_group"].items()),
                f"report: {self.weights.with_name(PAGE)}",
            ]
        )


def train(
    recipe: Path,
    out: Path | None = None,
    data: Path | None = None,
    overrides: Sequence[str] = (),
    watch: Watcher = lambda told: None,
) -> Trained:
    """Train what `recipe` says from the pictures in `data`, a folder or a pack.

    Raises:
        RecipeError: a recipe that cannot be followed.
        DataError: pictures that are not there, or too few of them.
        FolderError: `out` holds something else, or was begun with other pictures.
        NetworkError: nothing that can be trained, or it learnt until its numbers ended.
        Stopped: a signal asked to stop; the same command goes on.
    """
    parsed = parse_training(recipe, overrides)
    words = parsed.words
    folder = out or Path("trainings") / parsed.name
    device = torch.device(decide(words.device, words.precision).device)
    if words.photographs is None and words.motifs is None:
        raise RecipeError([_problem(parsed, "expected photographs or motifs to learn from")])
    if words.base is not None and "architecture" in words.model_fields_set:
        raise RecipeError([_problem(parsed, "expected a base or an architecture, not both")])
    keeping.usable(words.name or parsed.name)
    _refuse_early(words, data)
    with keeping.held(folder, as_yaml(parsed.canonical())), listening() as stop:
        return _trained(parsed, folder, data, device, stop, watch)


def _refuse_early(words: Training, data: Path | None) -> None:
    """Say what is wrong before a folder is made and pictures are read."""
    if words.base is not None:
        card_of(ref_of(words.base))
    else:
        trained_here(words.architecture)
        require_side(words.architecture, max(stage.side for stage in words.stages))
    if words.photographs is not None and data is None:
        raise UsageError("the recipe learns from photographs: say where they are with --data")
    if words.photographs is not None and data is not None and not data.exists():
        raise DataError(f"{data}: no such folder or pack")
    if words.photographs is not None and data is not None and data.is_dir():
        for folder in words.photographs.folders:
            above = None if (data / folder).is_dir() else data_above(data, folder)
            if above is not None:
                why = f"no such folder of class folders; did you mean --data {above}?"
                raise DataError(f"{data / folder}: {why}")


def _trained(
    parsed: ParsedTraining,
    folder: Path,
    data: Path | None,
    device: torch.device,
    stop: Stop,
    watch: Watcher,
) -> Trained:
    """`train` in a folder that is this process's."""
    words = parsed.words
    log.info("reading pictures")
    pictures = read_pictures(words, data, device)
    squares, test = pictures.parts["training"], pictures.parts["test"]
    held = pictures.parts["validation"]
    for warning in pictures.warnings():
        log.warning(warning)
    log.info("%d pictures of %d classes", len(squares.labels), len(squares.classes))
    if len(squares.classes) < 2:
        raise DataError(
            f"{data}: one class alone, '{squares.classes[0]}', has nothing to be told from"
        )
    course = course_of(words, len(squares.labels))
    architecture, model = _model(words, squares)
    model = model.to(device)
    learner, identity = new_learner(model, course), described(pictures)
    kept = keeping.load(folder / keeping.CHECKPOINT)
    if kept is not None:
        if kept["pictures"] != identity:
            raise FolderError(
                f"{folder} was begun with other pictures, or on another kind of device; go on with "
                "those, or give another --out"
            )
        learner.load(kept)
    draws = Draws(squares, course)
    manner = Manner(words.precision, words.measure, words.keep, words.stored)
    began, before = time.monotonic(), learner.done

    def check(done: int, of: int) -> None:
        watch(Told(done, of, time.monotonic() - began, done - before))
        stop.check(f"after step {done} of {of}; {GOES_ON}")

    moments = follow(folder, learner, draws, held, manner, check, identity)
    final = course.steps - 1
    judged = test if len(test.labels) else held
    figures = measured(learner, judged, course, final, TESTED)
    model.load_state_dict(learner.average)
    view = manner.view(course, final)
    name = words.name or parsed.name
    weights, report = ended(
        folder,
        name,
        model,
        architecture,
        view,
        pictures.parts,
        Made(
            data=data.name if data is not None else "motifs",
            counts=counts(pictures.parts, len(squares.classes)),
            base=words.base,
            seed=words.seed,
            seconds=round(learner.seconds, 1),
            versions=versions(),
            skipped=tuple(pictures.broken.items()),
        ),
        Account(
            moments,
            _marks(course),
            ill(moments, looked_at(model, judged, view), held, draws, manner),
            {"by_group": figures},
        ),
        lambda report: card_words(
            parsed, course, {"pictures": len(squares.labels), **figures}, report.unseen
        ),
    )
    return Trained(weights, report)


def _marks(course: Course) -> list[Mark]:
    """Where each size of picture begins."""
    marks, before = [], 0
    for stage in course.stages:
        marks.append(Mark(before, f"{stage.side} px"))
        before += stage.steps
    return marks


def _model(words: Training, squares: Squares) -> tuple[str, Normalised]:
    """What learns, and the architecture it is of."""
    classes = len(squares.classes)
    if words.base is None:
        fixed = {"house": HOUSE, "none": AS_IT_IS}.get(words.normalise)
        wanted = fixed or measured_range(squares)
        return words.architecture, trainable(words.architecture, classes, words.seed, wanted)
    base = card_of(ref_of(words.base))
    return base.architecture, grown(base, classes, words.seed)


def _problem(parsed: ParsedTraining, message: str) -> Problem:
    return Problem(parsed.tree.mark(()).file, 0, "", message)
