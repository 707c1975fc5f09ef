"""How a render's steps were run, noted in its folder while it is rendered, for its report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dreamer.engine.folder import Folder

NAME = "state/steps.json"


def note_steps(folder: Folder, told: Mapping[str, Any]) -> None:
    """Keep what `captured.Captured.told` says."""
    folder.write_json(NAME, told)


def noted_steps(folder: Folder) -> dict[str, Any] | None:
    """What was kept; None where no step was to be recorded."""
    return folder.read_json(NAME) if (folder.path / NAME).is_file() else None
