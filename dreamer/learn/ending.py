"""How every training ends: weights as they are shipped, judged on what nothing was decided by, and
told in a card, a report and TensorBoard.
"""

from __future__ import annotations

import copy
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from dreamer import __version__
from dreamer.errors import in_unicode
from dreamer.learn import board, keeping
from dreamer.learn.bottlenecks import features_of, headless
from dreamer.learn.embeddings import MOST, Points, write_points
from dreamer.learn.health import Finding
from dreamer.learn.history import Mark, Moment
from dreamer.learn.measure import outcomes, shuffled_places
from dreamer.learn.model import Normalised
from dreamer.learn.release import as_shipped, release, shipped_state
from dreamer.learn.report import Counts, Made, Report, reported
from dreamer.learn.report_page import page
from dreamer.learn.split import Part
from dreamer.learn.squares import Squares
from dreamer.learn.view import View
from dreamer.media.durable import write_text
from dreamer.media.pictures import encode_jpeg
from dreamer.networks.architectures import ARCHITECTURES

REPORT, PAGE = "report.json", "report.html"
THUMBNAIL_QUALITY = 80


@dataclass(frozen=True)
class Account:
    """What a training has to say of itself: what was measured while it learnt, where something
    else began, which illnesses were found, and anything else for `report.json`.
    """

    moments: Sequence[Moment] = ()
    marks: Sequence[Mark] = ()
    findings: Sequence[Finding] = ()
    more: Mapping[str, Any] | None = None


def in_words(found: Mapping[str, Any]) -> str:
    """How good a network is, of what `report.json` holds, in a line."""
    test = found["test"]
    low, high = test["interval_95"]
    unseen = "it never saw" if found["judged_on"] == "test" else "were kept for validation"
    return (
        f"right on {test['right']} of {test['pictures']} pictures that {unseen}: "
        f"{100 * test['accuracy']:.1f} % (95 %: {100 * low:.1f} to {100 * high:.1f}), mean over "
        f"classes {100 * test['balanced_accuracy']:.1f} %"
    )


def versions() -> dict[str, str]:
    """What made a network: dreamer's version, torch's, Python's."""
    return {
        "dreamer": __version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def counts(parts: Mapping[Part, Squares], classes: int) -> tuple[Counts, ...]:
    """Pictures of each class in each part."""
    found = {
        part: torch.bincount(squares.labels.cpu(), minlength=classes).tolist()
        for part, squares in parts.items()
    }
    return tuple(
        Counts(found["training"][k], found["validation"][k], found["test"][k])
        for k in range(classes)
    )


def shipped(trained: Normalised, architecture: str, classes: int) -> Normalised:
    """`trained` with the numbers that its file will hold, on its device."""
    device = next(trained.parameters()).device
    module = as_shipped(architecture, classes, shipped_state(trained.net))
    return Normalised(module, trained.wanted).to(device).eval()


def ended(
    folder: Path,
    name: str,
    trained: Normalised,
    architecture: str,
    view: View,
    parts: Mapping[Part, Squares],
    made: Made,
    account: Account,
    words: Callable[[Report], dict[str, Any]],
) -> tuple[Path, dict[str, Any]]:
    """Write weights, card, labels, `report.json` and `report.html` into `folder`, and the last
    events.

    Args:
        folder: the training's.
        name: of the network.
        trained: the network, its best weights.
        architecture: its row.
        view: how it sees pictures.
        parts: all of its pictures. Where none were kept as a test, those of the validation part
            are reported on, which the report says.
        made: how it was made.
        account: what it has to say of itself.
        words: from the report to the card's words.

    Returns: the weights' path, and what `report.json` holds.

    Raises:
        NetworkError: weights that are no numbers.
        DataError: probabilities that are no numbers.
    """
    test, held = parts["test"], parts["validation"]
    judged = test if len(test.labels) else held
    model = shipped(trained, architecture, len(test.classes))
    report = reported(
        name,
        outcomes(model, judged, view),
        made,
        validation=outcomes(model, held, view) if len(held.labels) else None,
        moments=account.moments,
        stages=account.marks,
        findings=account.findings,
        judged_on="test" if judged is test else "validation",
    )
    seen = held if len(held.labels) else judged
    path = release(trained, architecture, seen, view, folder, {"name": name, **words(report)})
    found = report.as_json() | dict(account.more or {})
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_text(folder / REPORT, in_unicode(text))
    write_text(folder / PAGE, page(report, lambda place: _thumbnail(judged, place)))
    _on_the_board(folder, report, judged, account)
    last = account.moments[-1].step if account.moments else 0
    _embeddings(folder, model, architecture, judged, view, last)
    return path, found


def _picture(squares: Squares, place: int) -> Image.Image:
    return Image.fromarray(squares.pictures[place].permute(1, 2, 0).cpu().numpy())


def _thumbnail(squares: Squares, place: int) -> bytes:
    levels = squares.pictures[place].cpu().numpy().astype("float32") / 255
    return encode_jpeg(levels, THUMBNAIL_QUALITY)


def _on_the_board(folder: Path, report: Report, judged: Squares, account: Account) -> None:
    step = account.moments[-1].step if account.moments else 0
    with board.opened(folder / keeping.EVENTS, step) as writer:
        part = report.judged_on
        board.write_evaluation(writer, report.evaluation, step, part)
        board.write_mistakes(
            writer, report.evaluation, lambda place: _picture(judged, place), step, part
        )
        board.write_findings(writer, report.findings, step)


def _embeddings(
    folder: Path, model: Normalised, architecture: str, squares: Squares, view: View, step: int
) -> None:
    """Show the projector what a network makes of at most `embeddings.MOST` pictures just before its
    head.
    """
    places = shuffled_places(len(squares.labels), MOST)
    network = headless(copy.deepcopy(model), ARCHITECTURES[architecture].head)
    values = features_of(network, squares.pictures[places], view)
    labels, names = squares.labels[places].tolist(), squares.called
    columns = {
        "class": [squares.classes[k] for k in labels],
        "picture": [names[k] for k in places.tolist()],
    }
    pictures = [_picture(squares, k) for k in places.tolist()]
    write_points(folder / keeping.EVENTS, Points(values.numpy(), columns, pictures), step)
