"""Retrainings as short as can be."""

from __future__ import annotations

from pathlib import Path

from dreamer.jobs.retrain import Retrained, retrain

QUICK = [
    "device=cpu",
    "precision=float32",
    "base=house",
    "head.epochs=12",
    "keep=2",
    "unfreeze=[{depth: 0.2, epochs: 2, batch: 12, patience: 0}]",
]


def run(things: Path, out: Path, *changes: str, **more: object) -> Retrained:
    return retrain(things, out=out, overrides=[*QUICK, *changes], **more)  # type: ignore[arg-type]
