"""`show`: the recipe inside a picture or film."""

from __future__ import annotations

from pathlib import Path

from dreamer.media.metadata import read_texts


def show(file: Path) -> dict[str, str]:
    """All that dreamer put into `file`: `dreamer:recipe`, `dreamer:seed`, `dreamer:version`.

    Raises:
        MediaError: it carries nothing.
    """
    return read_texts(file)
