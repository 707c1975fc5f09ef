"""A course of small numbers, changed by a test where it matters."""

from __future__ import annotations

from dreamer.learn.course import Course, Stage


def course(**changes: object) -> Course:
    """Forty steps of eight pictures, nothing attacked, smoothed or averaged."""
    numbers: dict[str, object] = {
        "stages": (Stage(32, 40),),
        "batch": 8,
        "peak": 1e-2,
        "weight_decay": 0.0,
        "warm_up": 0.0,
        "label_smoothing": 0.0,
        "alpha": 1.0,
        "ramp": 0.0,
        "average": 0.0,
        "seed": 3,
        "epsilon_photographs": 0.0,
        "epsilon_motifs": 0.0,
        "share_motifs": 0.0,
    }
    return Course(**{**numbers, **changes})  # type: ignore[arg-type]
