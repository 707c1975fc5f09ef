"""What TensorBoard shows of a training: curves, confusion matrix, mistakes, weights, illnesses.

Nothing in a folder is ever deleted. A training that goes on opens another file of events, which
says from which step on those before it no longer count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from torch import nn

from dreamer.draw.confusion import as_picture
from dreamer.draw.sheet import sheet
from dreamer.errors import printable
from dreamer.learn.evaluation import Evaluation
from dreamer.learn.health import Finding
from dreamer.learn.history import Moment

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

TAGS = {
    "training_loss": "loss/training",
    "validation_loss": "loss/validation",
    "training_accuracy": "accuracy/training",
    "validation_accuracy": "accuracy/validation",
    "rate": "rate",
    "largest_logit": "largest logit",
}
MOST_MISTAKES = 24
CELL = (208, 160)  # of a mistake's picture, wide enough for two names below it


def opened(folder: Path, done: int) -> SummaryWriter:
    """A writer of events into `folder` for a training of which `done` steps count; what was written
    there of later ones is passed over by whoever reads. To be closed; `with` does.
    """
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder), purge_step=done + 1)


def write_moment(writer: SummaryWriter, moment: Moment) -> None:
    """The curves' next points: of what was measured at `moment`."""
    for name, tag in TAGS.items():
        value = getattr(moment, name)
        if value is not None:
            writer.add_scalar(tag, value, moment.step)


def write_evaluation(writer: SummaryWriter, found: Evaluation, step: int, part: str) -> None:
    """The confusion matrix of a `part` of the pictures, and the figures that one number is."""
    matrix = np.asarray(as_picture(found.confusion, found.classes))
    writer.add_image(f"confusion/{part}", matrix, step, dataformats="HWC")
    for name, value in (
        (f"top-{found.top} accuracy", found.top_accuracy),
        ("balanced accuracy", found.balanced_accuracy),
    ):
        writer.add_scalar(f"{name}/{part}", value, step)


def write_mistakes(
    writer: SummaryWriter,
    found: Evaluation,
    picture: Callable[[int], Image.Image],
    step: int,
    part: str,
) -> None:
    """The pictures taken most surely for what they are not, with both names, as one picture;
    nothing where there are none. `picture` gives the one at a place among the outcomes.
    """
    shown = [
        (
            picture(mistake.index),
            printable(
                f"{found.classes[mistake.said]} {100 * mistake.confidence:.0f} %, "
                f"is {found.classes[mistake.truth]}"
            ),
        )
        for mistake in found.mistakes[:MOST_MISTAKES]
    ]
    if shown:
        grid = np.asarray(sheet(shown, min(6, len(shown)), CELL))
        writer.add_image(f"mistakes/{part}", grid, step, dataformats="HWC")


def write_weights(writer: SummaryWriter, module: nn.Module, step: int) -> None:
    """How the weights of each parameter are spread; those with a number that is none, which no
    histogram holds, are passed over.
    """
    for name, parameter in module.named_parameters():
        values = parameter.detach().float().cpu()
        if values.numel() and bool(values.isfinite().all()):
            writer.add_histogram(f"weights/{name}", values, step)


def write_findings(writer: SummaryWriter, found: Iterable[Finding], step: int) -> None:
    """Illnesses as text; nothing where there are none."""
    lines = [f"- **{finding.kind}** {finding.as_text()}" for finding in found]
    if lines:
        writer.add_text("health", "\n".join(lines), step)
