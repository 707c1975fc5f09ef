"""`show`: the recipe inside a picture or film, or of a render's folder."""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.layout import RECIPE
from dreamer.errors import printable
from dreamer.media.metadata import RECIPE as RECIPE_TEXT
from dreamer.media.metadata import read_texts


def show(file: Path) -> dict[str, str]:
    """All that dreamer put into `file`: `dreamer:recipe`, `dreamer:seed`, `dreamer:version`; of a
    render's folder its recipe. What a terminal would obey instead of show is written out.

    Raises:
        MediaError: it carries nothing.
    """
    if (file / RECIPE).is_file():
        return {RECIPE_TEXT: printable((file / RECIPE).read_text(encoding="utf-8"))}
    return {key: printable(text) for key, text in read_texts(file).items()}
