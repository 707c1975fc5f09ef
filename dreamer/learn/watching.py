"""A look at a network while it learns: what is ill, and what to change."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from dreamer.learn.activity import activity
from dreamer.learn.health import Finding, findings
from dreamer.learn.history import History, Moment
from dreamer.learn.measure import shuffled
from dreamer.learn.squares import Squares
from dreamer.learn.view import View

LOOKED_AT = 32  # pictures


def illnesses(
    model: nn.Module, held: Squares, view: View, moments: Sequence[Moment], precision: str
) -> tuple[Finding, ...]:
    """What is wrong with `model`, which takes pictures in [0, 1], and with what was measured of
    it; the activity of its layers is looked at on some pictures of `held`, if there are two.
    """
    history = History(
        classes=len(held.classes),
        moments=tuple(moments),
        validation_pictures=len(held.labels),
        precision=precision,
    )
    if len(held.labels) > 1:
        squares, _ = shuffled(held, LOOKED_AT)
        seen = activity(model, view.looked_at(squares))
        history = History(**{**vars(history), "layers": seen.layers})
    return tuple(findings(history))
