"""A retraining, from bottlenecks to the best weights: the head alone, then stages in which more
learns. A generator over a state that is all there is to keep, so that going on is calling it again.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dreamer.errors import NetworkError
from dreamer.learn.deeper import Deeper, deeper
from dreamer.learn.draws import Draws
from dreamer.learn.early import Rule, Standing, is_over, measured, standing_from
from dreamer.learn.head import Features, Head, HeadCourse, learnt
from dreamer.learn.history import Mark, Moment
from dreamer.learn.loop import new_learner, steps
from dreamer.learn.measure import outcomes
from dreamer.learn.model import Normalised
from dreamer.learn.outcomes import log_loss
from dreamer.learn.rates import LEAST, found_rate
from dreamer.learn.squares import Squares
from dreamer.learn.view import View
from dreamer.networks.architectures import Architecture
from dreamer.recipe.retraining import Retraining, UnfreezeWords

log = logging.getLogger("dreamer")
EQUAL = 1e-6  # a loss counts less than a picture in a hundred thousand


@dataclass
class Progress:
    """All that changes in a retraining: the stage (0 is the head), the learner's state in it, the
    best weights so far and how well they did, and what was measured on the way.

    `head_only` is how well the head did alone, `rates` those that were found, by stage; `ended`
    says that nothing is left to do.
    """

    stage: int = 0
    learner: dict[str, Any] | None = None
    best: dict[str, Tensor] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    moments: list[Moment] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    rates: dict[int, float] = field(default_factory=dict)
    head_only: dict[str, Any] = field(default_factory=dict)
    kept: int = 0  # after so many steps the weights were the best
    before: int = 0  # steps of the stages before this one
    seconds: float = 0.0
    ended: bool = False

    @property
    def steps(self) -> int:
        """Of all that was done so far."""
        return self.before + (0 if self.learner is None else int(self.learner["done"]))

    def state(self) -> dict[str, Any]:
        """All of it, as plain values and tensors."""
        return {
            **vars(self),
            "standing": self.standing.as_json(),
            "moments": [vars(moment) for moment in self.moments],
            "marks": [vars(mark) for mark in self.marks],
        }


def progress_from(state: Mapping[str, Any]) -> Progress:
    """What `Progress.state` told."""
    names = Progress.__dataclass_fields__
    plain = {name: state[name] for name in names}
    return Progress(
        **plain
        | {
            "standing": standing_from(state["standing"]),
            "moments": [Moment(**moment) for moment in state["moments"]],
            "marks": [Mark(**mark) for mark in state["marks"]],
        }
    )


class Done(NamedTuple):
    """After a step of a stage: how many of it are done, of how many at most, and whether a pass is
    whole, which was measured and should be kept.
    """

    done: int
    of: int
    whole: bool


def fill_head(model: Normalised, row: Architecture, head: Head) -> None:
    """Put a head that was learnt from bottlenecks into the network."""
    linear = model.net.get_submodule(row.head)
    assert isinstance(linear, torch.nn.Linear)
    with torch.no_grad():
        linear.weight.copy_(head.weight)
        linear.bias.copy_(head.bias)


def head_learnt(
    words: Retraining,
    training: Features,
    held: Features,
    classes: int,
    progress: Progress,
) -> Iterator[tuple[Head, bool]]:
    """The head after each pass, until patience ends, and whether it is the best so far; `progress`
    keeps what was measured.

    Without held-out pictures all passes are done, and the last is the best.
    """
    own = words.head
    course = HeadCourse(
        epochs=own.epochs,
        batch=own.batch,
        rate=own.rate,
        weight_decay=own.weight_decay,
        label_smoothing=words.label_smoothing,
        balance=words.balance,
        seed=words.seed,
    )
    rule = Rule(own.patience if len(held.labels) else 0)
    per_epoch = -(-len(training.labels) // own.batch)
    progress.marks.append(Mark(0, "head"))
    for head in learnt(training, held, classes, course):
        progress.before = head.epoch * per_epoch
        progress.moments.append(
            Moment(
                progress.before,
                training_loss=head.loss,
                training_accuracy=head.accuracy,
                validation_loss=_number(head.held_loss),
                validation_accuracy=_number(head.held_accuracy),
            )
        )
        if len(held.labels):
            worth = _worth(head.held_accuracy, head.held_loss)
            progress.standing = measured(rule, progress.standing, head.epoch, worth)
        yield head, progress.standing.is_best or not len(held.labels)
        if is_over(rule, progress.standing):
            break


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def stage_learnt(
    words: Retraining,
    model: Normalised,
    row: Architecture,
    view: View,
    training: Squares,
    held: Squares,
    progress: Progress,
    check: Callable[[], None] = lambda: None,
) -> Iterator[Done]:
    """The steps of the stage `progress.stage` that are left. Ends with the best weights in `model`.

    Raises:
        NetworkError: a loss that is no number; a layer that the network does not have.
    """
    plan = deeper(words, progress.stage - 1, model.net, row, view, len(training.labels))
    if plan.find:
        plan = _with_found_rate(plan, model, row, training, words, progress, check)
    draws = Draws(training, plan.course)
    learner = new_learner(model, plan.course, f"net.{row.head}")
    rule = Rule(plan.patience if len(held.labels) else 0)
    if progress.learner is not None:
        learner.load(progress.learner)
    else:
        progress.marks.append(Mark(progress.before, _title(words.unfreeze[progress.stage - 1])))
        progress.standing = Standing()
        judge(progress, rule, model, held, view, Moment(progress.before))
    precision = getattr(torch, words.precision)
    for step in steps(learner, draws, precision) if not is_over(rule, progress.standing) else ():
        done = learner.done
        if not math.isfinite(step.loss):
            raise NetworkError(
                f"the loss of step {done} of stage {progress.stage} is {step.loss}; a smaller rate "
                f"than {plan.course.peak:g} may help"
            )
        whole = done % draws.per_epoch == 0
        if whole:
            rate, lately = plan.course.rate(done - 1), learner.lately()
            moment = Moment(progress.before + done, lately.loss, lately.right, rate=rate)
            with learner.averaged():
                judge(progress, rule, model, held, view, moment)
        progress.learner = learner.state()
        yield Done(done, plan.course.steps, whole)
        if whole and is_over(rule, progress.standing):
            break
    if progress.kept <= progress.before:
        log.warning("stage %d did not help: the weights before it are kept", progress.stage)
    progress.before += learner.done
    progress.learner = None
    model.load_state_dict(progress.best)


def _title(words: UnfreezeWords) -> str:
    """What a stage is called: how much of the network learns."""
    if words.first is not None:
        return f"from {words.first}"
    return "all" if words.depth == 1 else f"upper {100 * (words.depth or 0):.0f} %"


def _worth(right: float, loss: float) -> float:
    """By what weights are compared: how many validation pictures are right, and of equals the
    smaller loss.
    """
    return right - loss * EQUAL


def judge(
    progress: Progress,
    rule: Rule,
    model: Normalised,
    held: Squares,
    view: View,
    moment: Moment,
) -> None:
    """Measure `model` on `held`, note it in `progress` with what `moment` says, and keep its
    weights if they are the best so far. Where nothing is held out, the last are the best.
    """
    model.eval()
    if len(held.labels):
        found = outcomes(model, held, view)
        right = float((found.probabilities.argmax(1) == found.labels).mean())
        moment = replace(moment, validation_loss=log_loss(found), validation_accuracy=right)
        worth = _worth(right, log_loss(found))
        progress.standing = measured(rule, progress.standing, moment.step, worth)
    if progress.standing.is_best or not len(held.labels):
        progress.best = {k: v.detach().clone() for k, v in model.state_dict().items()}
        progress.kept = moment.step
    progress.moments.append(moment)


def _with_found_rate(
    plan: Deeper,
    model: Normalised,
    row: Architecture,
    training: Squares,
    words: Retraining,
    progress: Progress,
    check: Callable[[], None],
) -> Deeper:
    """`plan` at a rate that is found by trying, once."""
    if progress.stage not in progress.rates:
        learner = new_learner(model, plan.course, f"net.{row.head}")
        draws = Draws(training, plan.course)
        found = found_rate(learner, draws, getattr(torch, words.precision), check)
        progress.rates[progress.stage] = found.rate
        log.info("stage %d: a rate of %.2g was found", progress.stage, found.rate)
        if found.rate <= LEAST:
            log.warning("no rate lowered the loss; a batch of more pictures may tell more")
    return replace(plan, course=replace(plan.course, peak=progress.rates[progress.stage]))
