"""`train`: learn a network from a training recipe; the same command goes on where it stopped."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from dreamer.engine.execution import decide
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.stopping import listening
from dreamer.errors import (
    DataError,
    FolderError,
    NetworkError,
    Problem,
    RecipeError,
    Stopped,
    UsageError,
)
from dreamer.learn import keeping
from dreamer.learn.card_words import card_words
from dreamer.learn.course import Course
from dreamer.learn.drawings import GROUP
from dreamer.learn.draws import Draws
from dreamer.learn.loop import Learner, new_learner, steps
from dreamer.learn.measure import accuracy, of_groups, robust_accuracy
from dreamer.learn.model import HOUSE, Normalised, grown, measured_range, trainable, trained_here
from dreamer.learn.planned import course_of
from dreamer.learn.reading import described, read_pictures
from dreamer.learn.release import release
from dreamer.learn.squares import Squares
from dreamer.learn.unfreezing import awake, frozen
from dreamer.learn.view import View
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.training import ParsedTraining, Training, parse_training

log = logging.getLogger("dreamer")
SPOKEN_SECONDS = 30.0


@dataclass(frozen=True)
class Trained:
    """Where the weights are, and how good they are on what they have not seen."""

    weights: Path
    report: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"weights": str(self.weights), "report": self.report}

    def as_text(self) -> str:
        lines = [f"{name}: {value}" for name, value in self.report.items()]
        return "\n".join([str(self.weights), *lines])


def train(
    recipe: Path,
    out: Path | None = None,
    data: Path | None = None,
    overrides: Sequence[str] = (),
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
    _refuse_early(words, data)
    with keeping.held(folder, as_yaml(parsed.canonical())):
        return _trained(parsed, folder, data, device)


def _refuse_early(words: Training, data: Path | None) -> None:
    """Say what is wrong before a folder is made and pictures are read."""
    if words.base is not None:
        card_of(ref_of(words.base))
    else:
        trained_here(words.architecture)
    if words.photographs is not None and data is None:
        raise UsageError("the recipe learns from photographs: say where they are with --data")
    if words.photographs is not None and data is not None and not data.exists():
        raise DataError(f"{data}: no such folder or pack")


def _trained(
    parsed: ParsedTraining, folder: Path, data: Path | None, device: torch.device
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
    learner = new_learner(model, course)
    kept = keeping.load(folder / keeping.CHECKPOINT)
    if kept is not None:
        if kept.get("pictures", described(squares)) != described(squares):
            raise FolderError(
                f"{folder} was begun with other pictures, or on another kind of device; go on with "
                "those, or give another --out"
            )
        learner.load(kept)
    _learn(folder, learner, Draws(squares, course), held, words)
    final = course.steps - 1
    judged = test if len(test.labels) else held
    report = {
        "pictures": len(squares.labels),
        "seconds": round(learner.seconds),
        **_measured(learner, judged, course, final, 500),
    }
    model.load_state_dict(learner.average)
    path = release(
        model,
        architecture,
        held if len(held.labels) else judged,
        View(words.stored, course.side(final), course.part),
        folder,
        card_words(parsed, course, report),
    )
    return Trained(path, report)


def _model(words: Training, squares: Squares) -> tuple[str, Normalised]:
    """What learns, and the architecture it is of."""
    classes = len(squares.classes)
    if words.base is None:
        wanted = measured_range(squares) if words.normalise == "measured" else HOUSE
        return words.architecture, trainable(words.architecture, classes, words.seed, wanted)
    base = card_of(ref_of(words.base))
    return base.architecture, grown(base, classes, words.seed)


def _problem(parsed: ParsedTraining, message: str) -> Problem:
    return Problem(parsed.tree.mark(()).file, 0, "", message)


def _learn(
    folder: Path,
    learner: Learner,
    draws: Draws,
    held: Squares,
    words: Training,
) -> None:
    from torch.utils.tensorboard import SummaryWriter

    course = draws.course
    precision = getattr(torch, words.precision)
    spoken = time.monotonic()
    keeping.forget_after(folder, learner.done)
    writer = SummaryWriter(str(folder / keeping.EVENTS), purge_step=learner.done + 1)
    # what is begun on CUDA goes on there exactly only by kernels that always add in one order
    exactly = torch.backends.cudnn.flags(enabled=True, deterministic=True)
    with listening() as stop, writer, exactly:
        for loss, _right in steps(learner, draws, precision):
            done = learner.done
            if not math.isfinite(loss):
                raise NetworkError(
                    f"the loss of step {done} is {loss}; a smaller optimiser.peak may help"
                )
            writer.add_scalar("loss", loss, done)
            writer.add_scalar("rate", course.rate(done - 1), done)
            if time.monotonic() - spoken > SPOKEN_SECONDS:
                spoken = time.monotonic()
                log.info("step %d of %d, loss %.3f", done, course.steps, loss)
            if done % words.measure == 0 and done < course.steps and len(held.labels):
                found = _measured(learner, held, course, done - 1, 100)
                keeping.report(folder, {"step": done, **found})
                said = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
                log.info("step %d: %s", done, said)
                for name, value in found.items():
                    writer.add_scalar(f"held-out/{name}", value, done)
                pictures, *_ = draws.batch(done - 1)
                writer.add_images("batch", pictures[:32].float().cpu(), done)
                awake(learner.model)
            if done % words.keep == 0 or stop or done == course.steps:
                state = learner.state() | {"pictures": described(draws.squares)}
                keeping.save(folder / keeping.CHECKPOINT, state)
            if stop and done < course.steps:
                raise Stopped(
                    f"stopped after step {done} of {course.steps}; the same command goes on",
                    stop.signal or 2,
                )


def _measured(
    learner: Learner, held: Squares, course: Course, step: int, most: int
) -> dict[str, float]:
    """Accuracy of the averaged weights by group, and under attack at the full training radii."""
    model, side = learner.model, course.side(step)
    now = {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict(learner.average)
    model.eval()
    with frozen([p for p in model.parameters() if p.requires_grad]):
        found = accuracy(model, held, side, part=course.part)
        for name, epsilon in (
            ("motifs", course.epsilon_motifs),
            ("photographs", course.epsilon_photographs),
        ):
            mine = {group for group in held.groups if (group == GROUP) == (name == "motifs")}
            if epsilon and mine:
                part, radius = of_groups(held, mine), epsilon * side / 64
                found[f"pgd-10 {name}"] = robust_accuracy(
                    model, part, side, radius, most, part=course.part
                )
    model.load_state_dict(now)
    return {k: round(v, 4) for k, v in found.items()}
