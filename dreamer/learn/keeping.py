"""A training's folder: its frozen recipe, checkpoints, reports, and the weights at its end.

`recipe.yaml`, `checkpoint.pt`, `reports.jsonl`, `events/` (TensorBoard), and what
`release.release` writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from dreamer.errors import FolderError
from dreamer.media.durable import append_line, replacing, write_text

RECIPE, CHECKPOINT, REPORTS = "recipe.yaml", "checkpoint.pt", "reports.jsonl"


def begin(folder: Path, recipe: str) -> None:
    """Make `folder` for the training whose resolved recipe is `recipe`, or go on in it.

    Raises:
        FolderError: it holds something else, or another training.
    """
    kept = folder / RECIPE
    if kept.is_file():
        if kept.read_text(encoding="utf-8") != recipe:
            raise FolderError(f"{folder} holds another training; give another --out")
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise FolderError(f"{folder} is not empty and holds no training; give another --out")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(kept, recipe)


def save(path: Path, state: Mapping[str, Any]) -> None:
    """Keep tensors and plain values at `path`, whole or not at all."""
    with replacing(path) as beside:
        torch.save(dict(state), beside)


def load(path: Path, device: torch.device) -> dict[str, Any] | None:
    """What was kept at `path`, or None.

    Raises:
        FolderError: a damaged file.
    """
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise FolderError(f"{path} is damaged; remove it to begin again ({error})") from error
    return state


def report(folder: Path, found: Mapping[str, Any]) -> None:
    """Add a line to the reports."""
    append_line(folder / REPORTS, json.dumps(found))
