"""A retraining in its folder, from class folders to weights, card and report; gone on where it was
stopped.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from dreamer.errors import DataError, FolderError, printable
from dreamer.learn import board, ending, keeping
from dreamer.learn.bottlenecked import bottlenecks_of, identity_of
from dreamer.learn.card_words import retrained_words
from dreamer.learn.distinct import digested
from dreamer.learn.head import Features, Head
from dreamer.learn.listed import Listed
from dreamer.learn.model import Normalised, grown
from dreamer.learn.photographs import Parts, of_part, read_squares
from dreamer.learn.report import Made
from dreamer.learn.retraining import (
    Progress,
    fill_head,
    head_learnt,
    progress_from,
    stage_learnt,
)
from dreamer.learn.split import PARTS, Part
from dreamer.learn.squares import Squares
from dreamer.learn.view import View, view_of
from dreamer.learn.watching import illnesses, looked_at
from dreamer.networks.architectures import ARCHITECTURES, Architecture
from dreamer.networks.cards import Card
from dreamer.recipe.retraining import Retraining

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

log = logging.getLogger("dreamer")


@dataclass(frozen=True)
class Work:
    """What a retraining is: its recipe, where it goes, and what it starts from."""

    words: Retraining
    name: str
    data: str
    folder: Path
    card: Card
    device: torch.device

    @property
    def parts(self) -> Parts:
        return Parts(self.words.split.validation, self.words.split.test)

    @property
    def view(self) -> View:
        return view_of(self.card)

    @property
    def row(self) -> Architecture:
        return ARCHITECTURES[self.card.architecture]


def retrained(
    work: Work, found: Listed, check: Callable[[int, int, str], None]
) -> tuple[Path, dict[str, Any]]:
    """Do all of a retraining that is left, in a folder that is this process's.

    Args:
        work: what it is.
        found: its pictures.
        check: told often how much of what goes on is done, of how much, of what; may raise to
            stop, which keeps what was done.

    Returns: the weights' path, and what `report.json` holds.

    Raises:
        DataError: too few pictures.
        FolderError: it was begun with other pictures.
        NetworkError: a network without a class head; a loss that is no number.
    """
    began = time.monotonic()
    pictures = digested(found, work.parts, lambda done, of: check(done, of, "picture"))
    identity = identity_of(pictures, work.device)
    kept = keeping.load(work.folder / keeping.CHECKPOINT)
    if kept is not None and kept.get("pictures") != identity:
        raise FolderError(
            f"{work.folder} was begun with other pictures, or on another kind of device; go on "
            "with those, or give another --out"
        )
    progress = Progress() if kept is None else progress_from(kept["progress"])
    weights = work.folder / f"{work.name}.safetensors"
    if progress.ended and weights.is_file() and (work.folder / ending.REPORT).is_file():
        log.info("finished already; give another --out to retrain again")
        return weights, json.loads((work.folder / ending.REPORT).read_text("utf-8"))

    before = progress.seconds

    def keep() -> None:
        progress.seconds = before + time.monotonic() - began
        state = {"pictures": identity, "progress": progress.state()}
        keeping.save(work.folder / keeping.CHECKPOINT, state)

    seen = bottlenecks_of(
        pictures, work.card, work.view, work.device, lambda done, of: check(done, of, "picture")
    )
    for name, why in seen.of.left_out.items():
        log.warning("left out: %s: %s", printable(name), printable(why))
    features = {part: seen.part(part, work.parts) for part in PARTS}
    _refuse_lack(work, features)
    classes = len(found.classes)
    log.info("%d pictures of %d classes, %d seen anew", len(seen.values), classes, seen.computed)
    _refuse_untaught(features["training"], found.classes, seen.of.left_out)
    model = grown(work.card, classes, work.words.seed)
    with board.opened(work.folder / keeping.EVENTS, progress.steps) as events:
        if progress.stage == 0:
            _head(work, model, features, classes, progress, began, check)
            _shown(events, progress, 0, "the head at its end")
            keep()
        squares = _squares(work, seen.of.found)
        model.load_state_dict(progress.best)
        model.to(work.device)
        while progress.stage <= len(work.words.unfreeze):
            _stage(work, model, squares, progress, events, keep, check)
            progress.stage += 1
            keep()
    made = Made(
        data=work.data,
        counts=ending.counts(squares, classes),
        base=work.card.name,
        seed=work.words.seed,
        seconds=round(before + time.monotonic() - began, 1),
        versions=ending.versions(),
        skipped=tuple(seen.of.left_out.items()),
    )
    more = {"head_only": progress.head_only, "rates": progress.rates, "kept_step": progress.kept}
    held = squares["validation"]
    findings = illnesses(
        progress.moments,
        looked_at(model, held, work.view),
        classes=classes,
        batch=len(squares["training"].labels),  # a moment is of a whole pass
        held=len(held.labels),
        precision=work.words.precision,
    )
    account = ending.Account(progress.moments, progress.marks, findings, more)
    path, report = ending.ended(
        work.folder,
        work.name,
        model,
        work.card.architecture,
        work.view,
        squares,
        made,
        account,
        lambda report: retrained_words(work.words, work.card, report),
    )
    progress.ended = True
    keep()
    return path, report


def _refuse_lack(work: Work, features: Mapping[Part, Features]) -> None:
    wanted = {"training": 1.0, "validation": work.parts.validation, "test": work.parts.test}
    for part, found in features.items():
        if wanted[part] and not len(found.labels):
            raise DataError(
                f"{work.data}: none of the pictures falls into the {part} part; add more, or say "
                f"split: {{{part}: 0}}"
            )


def _refuse_untaught(
    training: Features, classes: Sequence[str], left_out: Mapping[str, str]
) -> None:
    counts = torch.bincount(training.labels, minlength=len(classes)).tolist()
    if none := [c for c, n in zip(classes, counts, strict=True) if not n]:
        why = f"; left out: {next(iter(left_out))}" if left_out else ""
        raise DataError(f"no picture to learn from of {', '.join(none)}: add more{why}")


def _squares(work: Work, found: Listed) -> dict[Part, Squares]:
    """The pictures of each part; those to learn from only where more than the head learns."""
    squares: dict[Part, Squares] = {}
    for part in PARTS:
        places = of_part(found, work.parts, part)
        if part == "training" and not work.words.unfreeze:
            labels = torch.tensor([found.labels[k] for k in places]).long()
            none = torch.zeros(0, 3, work.view.stored, work.view.stored, dtype=torch.uint8)
            squares[part] = Squares(none, labels, found.classes, found.groups)
            continue
        read = read_squares(found, work.view.stored, places, work.view.fit)
        squares[part] = read.squares.to(work.device)
    return squares


def _head(
    work: Work,
    model: Normalised,
    features: Mapping[Part, Features],
    classes: int,
    progress: Progress,
    began: float,
    check: Callable[[int, int, str], None],
) -> None:
    """Learn the head, and put the best into `model` and `progress`."""
    best: Head | None = None
    learning = head_learnt(
        work.words, features["training"], features["validation"], classes, progress
    )
    for head, is_best in learning:
        if head.epoch == 1:
            log.info("first pass of the head after %.2f s", time.monotonic() - began)
        if is_best:
            best, progress.kept = head, progress.before
        check(head.epoch, work.words.head.epochs, "pass")
    assert best is not None
    fill_head(model, work.row, best)
    test = features["test"]
    logits = F.linear(test.values, best.weight, best.bias)
    right = (logits.argmax(1) == test.labels).float().mean().item() if len(test.labels) else None
    progress.head_only = {
        "epoch": best.epoch,
        "validation_accuracy": None if math.isnan(best.held_accuracy) else best.held_accuracy,
        "test_accuracy": right,
    }
    if len(features["validation"].labels):
        log.info("head alone: %.1f %% of validation", 100 * best.held_accuracy)
    progress.best = {k: v.clone() for k, v in model.state_dict().items()}
    progress.stage = 1


def _stage(
    work: Work,
    model: Normalised,
    squares: Mapping[Part, Squares],
    progress: Progress,
    events: SummaryWriter,
    keep: Callable[[], None],
    check: Callable[[int, int, str], None],
) -> None:
    """Learn a stage to its end."""
    exactly = torch.backends.cudnn.flags(enabled=True, deterministic=True)
    shown = len(progress.moments)
    with exactly:
        for step in stage_learnt(
            work.words,
            model,
            work.row,
            work.view,
            squares["training"],
            squares["validation"],
            progress,
            lambda: check(0, 0, "step"),
        ):
            if step.whole:
                shown = _shown(events, progress, shown)
            if step.whole or step.done % work.words.keep == 0:
                keep()
            try:
                check(step.done, step.of, "step")
            except BaseException:
                keep()
                raise


def _shown(events: SummaryWriter, progress: Progress, since: int, what: str = "") -> int:
    """Show and say what was measured since of `what`; how many moments there are now."""
    for moment in progress.moments[since:]:
        board.write_moment(events, moment)
    last = progress.moments[-1]
    pairs = (("loss", last.training_loss), ("validation", last.validation_accuracy))
    said = "".join(f", {name} {value:.3f}" for name, value in pairs if value is not None)
    log.info("%s, step %d%s", what or f"stage {progress.stage}", last.step, said)
    return len(progress.moments)
