"""A course followed to its end: steps, measurements on held-out pictures, checkpoints, and what is
ill said while it can still be changed.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from dreamer.errors import NetworkError
from dreamer.learn import board, keeping
from dreamer.learn.activity import Activity
from dreamer.learn.course import Course
from dreamer.learn.drawings import GROUP
from dreamer.learn.draws import Draws
from dreamer.learn.health import Finding, findings
from dreamer.learn.history import History, Moment
from dreamer.learn.loop import Learner, steps
from dreamer.learn.measure import accuracy, of_groups, outcomes, robust_accuracy
from dreamer.learn.outcomes import log_loss
from dreamer.learn.squares import Squares
from dreamer.learn.unfreezing import awake, frozen
from dreamer.learn.view import View
from dreamer.learn.watching import illnesses, looked_at

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

log = logging.getLogger("dreamer")
ATTACKED = 100  # held-out pictures, on the way; PGD is ten passes each


@dataclass(frozen=True)
class Manner:
    """How a course is followed: numbers of its passes, steps between measurements and between
    checkpoints, and the side that pictures are stored at.
    """

    precision: str
    measure: int
    keep: int
    stored: int

    def view(self, course: Course, step: int) -> View:
        """How pictures are seen at `step`."""
        return View(self.stored, course.side(step), course.part)


def follow(
    folder: Path,
    learner: Learner,
    draws: Draws,
    held: Squares,
    manner: Manner,
    check: Callable[[int, int], None],
    identity: Mapping[str, Any],
) -> list[Moment]:
    """Do the steps that are left; what was measured, those of earlier runs too.

    Args:
        folder: the training's.
        learner: as far as it is.
        draws: the batches.
        held: pictures to measure on; may be none.
        manner: how.
        check: told after each step how many are done, of how many; may raise to stop, which keeps
            all that was done.
        identity: of the pictures, kept in every checkpoint.

    Raises:
        NetworkError: a loss that is no number.
    """
    course = draws.course
    keeping.forget_after(folder, learner.done)
    moments = _moments(folder)
    told: set[tuple[str, str]] = set()

    def keep() -> None:
        state = learner.state() | {"pictures": dict(identity)}
        keeping.save(folder / keeping.CHECKPOINT, state)

    # what is begun on CUDA goes on there exactly only by kernels that always add in one order
    exactly = torch.backends.cudnn.flags(enabled=True, deterministic=True)
    with board.opened(folder / keeping.EVENTS, learner.done) as events, exactly:
        for step in steps(learner, draws, getattr(torch, manner.precision)):
            done = learner.done
            if not math.isfinite(step.loss):
                raise NetworkError(_ended(held, moments, done, step.loss, course, manner))
            events.add_scalar("loss/step", step.loss, done)
            if done % manner.measure == 0 and done < course.steps:
                moment, found, seen = _measured(learner, held, draws, manner)
                moments = [*moments, moment]
                keeping.report(folder, {"step": done, **found, "moment": vars(moment)})
                _shown(events, moment, found, draws)
                board.write_weights(events, learner.model, done)
                for finding in ill(moments, seen, held, draws, manner):
                    if finding.key not in told:
                        told.add(finding.key)
                        log.warning("step %d: %s", done, finding.as_text())
                awake(learner.model)
            if done % manner.keep == 0 or done == course.steps:
                keep()
            try:
                check(done, course.steps)
            except Exception:
                keep()
                raise
    return moments


def _moments(folder: Path) -> list[Moment]:
    """What was measured before, as the reports have it."""
    path = folder / keeping.REPORTS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    rows = [json.loads(line).get("moment") for line in lines]
    return [Moment(**row) for row in rows if row is not None]


def _ended(
    held: Squares,
    moments: list[Moment],
    done: int,
    loss: float,
    course: Course,
    manner: Manner,
) -> str:
    last = Moment(done, training_loss=loss, rate=course.rate(done - 1))
    history = History(len(held.classes), (*moments, last), precision=manner.precision)
    said = "; ".join(finding.as_text() for finding in findings(history)[:1])
    return f"the loss of step {done} is {loss}; a smaller optimiser.peak may help. {said}"


def _measured(
    learner: Learner, held: Squares, draws: Draws, manner: Manner
) -> tuple[Moment, dict[str, float], Activity | None]:
    """What is measured now, accuracies by group, plain and under attack, and what layers do."""
    course, done = draws.course, learner.done
    loss, right = None, None
    found: dict[str, float] = {}
    if len(held.labels):
        found = measured(learner, held, course, done - 1, ATTACKED)
        with learner.averaged() as model:
            said = outcomes(model, held, manner.view(course, done - 1))
        loss, right = log_loss(said), float((said.probabilities.argmax(1) == said.labels).mean())
    lately, seen = learner.lately(), _look(learner, held, draws, manner)
    moment = Moment(
        done,
        lately.loss,
        lately.right,
        loss,
        right,
        course.rate(done - 1),
        None if seen is None or not math.isfinite(seen.largest_logit) else seen.largest_logit,
    )
    return moment, found, seen


def _shown(events: SummaryWriter, moment: Moment, found: dict[str, float], draws: Draws) -> None:
    board.write_moment(events, moment)
    said = {"loss": moment.training_loss, "right": moment.training_accuracy, **found}
    words = ", ".join(f"{name} {value:.3f}" for name, value in said.items() if value is not None)
    log.info("step %d: %s", moment.step, words)
    for name, value in found.items():
        events.add_scalar(f"held-out/{name}", value, moment.step)
    pictures, *_ = draws.batch(moment.step - 1)
    events.add_images("batch", pictures[:32].float().cpu(), moment.step)


def _look(learner: Learner, held: Squares, draws: Draws, manner: Manner) -> Activity | None:
    squares = held if len(held.labels) > 1 else draws.squares
    return looked_at(learner.model, squares, manner.view(draws.course, learner.done - 1))


def ill(
    moments: list[Moment], seen: Activity | None, held: Squares, draws: Draws, manner: Manner
) -> tuple[Finding, ...]:
    """What is wrong so far; a moment's training accuracy is of all steps since the last."""
    return illnesses(
        moments,
        seen,
        classes=len(held.classes),
        batch=manner.measure * draws.course.batch,
        held=len(held.labels),
        precision=manner.precision,
    )


def measured(
    learner: Learner, held: Squares, course: Course, step: int, most: int
) -> dict[str, float]:
    """Accuracy of the averaged weights by group, and under attack at the full training radii."""
    side, found = course.side(step), dict[str, Any]()
    with learner.averaged() as model, frozen([p for p in model.parameters() if p.requires_grad]):
        found |= accuracy(model, held, side, part=course.part)
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
    return {k: round(v, 4) for k, v in found.items()}
