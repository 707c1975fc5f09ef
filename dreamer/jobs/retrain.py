"""`retrain`: a network learns a person's own classes from a folder of class folders; the same
command goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from dreamer.engine.execution import decide
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.stopping import Stop, listening
from dreamer.errors import DataError, FolderError, Stopped, UsageError
from dreamer.learn import board, ending, keeping
from dreamer.learn.bottlenecked import Digested, bottlenecks_of, digested
from dreamer.learn.card_words import retrained_words
from dreamer.learn.head import Features, Head
from dreamer.learn.listed import Listed, listed_folder
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
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.retraining import Retraining, parse_retraining

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

log = logging.getLogger("dreamer")


@dataclass(frozen=True)
class Retrained:
    """Where the weights are, how good they are on what they have not seen, and how long it took."""

    weights: Path
    report: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"weights": str(self.weights), "report": self.report}

    def as_text(self) -> str:
        test, head = self.report["test"], self.report["head_only"]
        low, high = test["interval_95"]
        card = self.weights.with_suffix(".json")
        return "\n".join(
            [
                f"{card}: right on {test['right']} of {test['pictures']} pictures that it never "
                f"saw: {100 * test['accuracy']:.1f} % (95 %: {100 * low:.1f} to {100 * high:.1f})",
                f"with the head alone: {100 * head['test_accuracy']:.1f} %",
                f"report: {self.weights.with_name(ending.PAGE)}",
                f"in a recipe: network: {card}",
            ]
        )


def retrain(
    source: Path,
    *,
    data: Path | None = None,
    out: Path | None = None,
    options: Mapping[str, Any] | None = None,
    overrides: Sequence[str] = (),
) -> Retrained:
    """Retrain a network on the class folders of `source`, or of `data` as a recipe `source` says.

    Args:
        source: a folder of class folders, or a retraining recipe (.yaml).
        data: the folder, where `source` is a recipe.
        out: where to; `trainings/<name>` unless given.
        options: keys of the recipe, from the command line.
        overrides: `KEY=VALUE`.

    Raises:
        RecipeError: a recipe that cannot be followed.
        UsageError: no folder of pictures.
        DataError: pictures that are not there, or too few of them.
        NetworkError: no such network, or one without a class head.
        FolderError: `out` holds something else, or was begun with other pictures.
        Stopped: a signal asked to stop; the same command goes on.
    """
    recipe = None if source.is_dir() else source
    if recipe is not None and data is None:
        if not recipe.suffix.lower().startswith(".y"):
            raise UsageError(f"{source}: no such folder of class folders, and no recipe (.yaml)")
        raise UsageError(f"{source} is a recipe: say where the pictures are with --data FOLDER")
    if recipe is None and data is not None:
        raise UsageError(f"{source} is a folder already; leave --data away")
    pictures = data if data is not None else source
    parsed = parse_retraining(recipe, options or {}, overrides)
    words = parsed.words
    card = card_of(ref_of(words.base))
    data_name = pictures.resolve().name
    found = listed_folder(pictures, words.split_as or data_name, words.classes)
    name = words.name or (recipe.stem if recipe else f"{data_name}-{card.name}")
    device = torch.device(decide(words.device, words.precision).device)
    work = _Work(words, name, data_name, out or Path("trainings") / name, card, device)
    with keeping.held(work.folder, as_yaml(parsed.canonical())), listening() as stop:
        return _retrained(work, found, stop)


@dataclass(frozen=True)
class _Work:
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


def _retrained(work: _Work, found: Listed, stop: Stop) -> Retrained:
    """`retrain` in a folder that is this process's."""
    began = time.monotonic()
    pictures = digested(found, work.parts)
    identity = _identity(pictures)
    kept = keeping.load(work.folder / keeping.CHECKPOINT)
    if kept is not None and kept.get("pictures") != identity:
        raise FolderError(
            f"{work.folder} was begun with other pictures; go on with those, or give another --out"
        )
    progress = Progress() if kept is None else progress_from(kept["progress"])
    weights = work.folder / f"{work.name}.safetensors"
    if progress.ended and weights.is_file() and (work.folder / ending.REPORT).is_file():
        log.info("finished already; give another --out to retrain again")
        return Retrained(weights, json.loads((work.folder / ending.REPORT).read_text("utf-8")))

    def keep() -> None:
        state = {"pictures": identity, "progress": progress.state()}
        keeping.save(work.folder / keeping.CHECKPOINT, state)

    def check(done: int = 0, of: int = 0) -> None:
        if of and done:
            log.info("%d of %d pictures seen by %s", done, of, work.card.name)
        stop.check("; what is finished is kept, and the same command goes on")

    seen = bottlenecks_of(pictures, work.card, work.view, work.device, check)
    for name, why in seen.of.left_out.items():
        log.warning("left out: %s: %s", name, why)
    features = {part: seen.part(part, work.parts) for part in PARTS}
    _refuse_lack(work, features)
    classes = len(found.classes)
    log.info("%d pictures of %d classes, %d seen anew", len(seen.values), classes, seen.computed)
    model = grown(work.card, classes, work.words.seed)
    with board.opened(work.folder / keeping.EVENTS, progress.steps) as events:
        if progress.stage == 0:
            _head(work, model, features, classes, progress, began, check)
            _shown(events, progress, 0)
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
        seconds=round(progress.seconds + time.monotonic() - began, 1),
        versions=ending.versions(),
        skipped=tuple(seen.of.left_out.items()),
    )
    more = {"head_only": progress.head_only, "rates": progress.rates}
    held = squares["validation"]
    findings = illnesses(
        progress.moments,
        looked_at(model, held, work.view),
        classes=classes,
        batch=len(squares["training"].labels),  # a moment is of a whole pass
        held=len(held.labels),
        precision=work.words.precision,
    )
    told = ending.Told(progress.moments, progress.marks, findings, more)
    path, report = ending.ended(
        work.folder,
        work.name,
        model,
        work.card.architecture,
        work.view,
        squares,
        made,
        told,
        lambda report: retrained_words(work.words, work.card, report),
    )
    progress.ended = True
    keep()
    return Retrained(path, report)


def _identity(pictures: Digested) -> str:
    """By what to know the pictures of a retraining again: their names, labels and bytes."""
    found = pictures.found
    rows = [list(found.classes), *zip(found.names, found.labels, pictures.digests, strict=True)]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _refuse_lack(work: _Work, features: Mapping[Part, Features]) -> None:
    wanted = {"training": 1.0, "validation": work.parts.validation, "test": work.parts.test}
    for part, found in features.items():
        if wanted[part] and not len(found.labels):
            raise DataError(
                f"{work.data}: none of the pictures falls into the {part} part; add more, or say "
                f"split: {{{part}: 0}}"
            )


def _squares(work: _Work, found: Listed) -> dict[Part, Squares]:
    """The pictures of each part; those to learn from only where more than the head learns."""
    squares: dict[Part, Squares] = {}
    for part in PARTS:
        places = of_part(found, work.parts, part)
        if part == "training" and not work.words.unfreeze:
            labels = torch.tensor([found.labels[k] for k in places]).long()
            none = torch.zeros(0, 3, work.view.stored, work.view.stored, dtype=torch.uint8)
            squares[part] = Squares(none, labels, found.classes, found.groups)
            continue
        read = read_squares(found, work.view.stored, places, work.view.fit, all_of=False)
        squares[part] = read.squares.to(work.device)
    return squares


def _head(
    work: _Work,
    model: Normalised,
    features: Mapping[Part, Features],
    classes: int,
    progress: Progress,
    began: float,
    check: Callable[[], None],
) -> None:
    """Learn the head, and put the best into `model` and `progress`."""
    best: Head | None = None
    learning = head_learnt(
        work.words, features["training"], features["validation"], classes, progress
    )
    for head, is_best in learning:
        if head.epoch == 1:
            log.info("first pass of the head after %.2f s", time.monotonic() - began)
        best = head if is_best else best
        check()
    assert best is not None
    fill_head(model, work.row, best)
    test = features["test"]
    logits = F.linear(test.values, best.weight, best.bias)
    right = (logits.argmax(1) == test.labels).float().mean().item() if len(test.labels) else None
    progress.head_only = {
        "epoch": best.epoch,
        "validation_accuracy": best.held_accuracy,
        "test_accuracy": right,
    }
    log.info("head alone: %.1f %% of validation", 100 * best.held_accuracy)
    progress.best = {k: v.clone() for k, v in model.state_dict().items()}
    progress.stage = 1


def _stage(
    work: _Work,
    model: Normalised,
    squares: Mapping[Part, Squares],
    progress: Progress,
    events: SummaryWriter,
    keep: Callable[[], None],
    check: Callable[[], None],
) -> None:
    """Learn a stage to its end."""
    exactly = torch.backends.cudnn.flags(enabled=True, deterministic=True)
    steps, shown = 0, len(progress.moments)
    with exactly:
        for whole in stage_learnt(
            work.words,
            model,
            work.row,
            work.view,
            squares["training"],
            squares["validation"],
            progress,
        ):
            steps += 1
            if whole:
                shown = _shown(events, progress, shown)
            if whole or steps % work.words.keep == 0:
                keep()
            try:
                check()
            except Stopped:
                keep()
                raise


def _shown(events: SummaryWriter, progress: Progress, since: int) -> int:
    """Show and say what was measured since; how many moments there are now."""
    for moment in progress.moments[since:]:
        board.write_moment(events, moment)
    last = progress.moments[-1]
    said = [f"step {last.step}"]
    for name, value in (("loss", last.training_loss), ("validation", last.validation_accuracy)):
        if value is not None:
            said.append(f"{name} {value:.3f}")
    log.info("stage %d, %s", progress.stage, ", ".join(said))
    return len(progress.moments)
