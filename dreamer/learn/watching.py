"""A look at a network while it learns: what is ill, and what to change."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from dreamer.learn.activity import Activity, activity
from dreamer.learn.health import Finding, findings
from dreamer.learn.history import History, Moment
from dreamer.learn.measure import shuffled
from dreamer.learn.squares import Squares
from dreamer.learn.view import View

LOOKED_AT = 64  # pictures


def looked_at(model: nn.Module, squares: Squares, view: View) -> Activity | None:
    """What the layers of `model`, which takes pictures in [0, 1], do on some pictures of `squares`;
    None where there are too few to compare.
    """
    if len(squares.labels) < 2:
        return None
    some, _ = shuffled(squares, LOOKED_AT)
    return activity(model, view.looked_at(some))


def illnesses(
    moments: Sequence[Moment],
    seen: Activity | None,
    *,
    classes: int,
    batch: int,
    held: int,
    precision: str,
) -> tuple[Finding, ...]:
    """What is wrong with a training of which `moments` were measured, and whose layers do what was
    `seen`.

    Args:
        moments: in order of their steps.
        seen: of the last look.
        classes: how many.
        batch: pictures that a training accuracy is of.
        held: pictures that a validation accuracy is of.
        precision: of its passes.
    """
    layers = () if seen is None else seen.layers
    history = History(classes, tuple(moments), layers, batch, held or None, precision)
    return tuple(findings(history))
