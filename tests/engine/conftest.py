"""Small renders made in this process, for what happens inside a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.ready import Ready
from dreamer.engine.run import render_into
from dreamer.recipe.parse import recipe_from_tree

TINY: dict[str, Any] = {
    "size": 64,
    "length": 8,
    "fps": 2,
    "ascent": {"steps": 1, "octaves": 1},
    "classify": "off",
}
Make = Callable[..., tuple[Folder, Ready]]


@pytest.fixture
def tiny() -> dict[str, Any]:
    """A film of eight small frames."""
    return dict(TINY)


@pytest.fixture
def begun(tmp_path: Path) -> Make:
    """`begun("a", seed=3)`: a folder ready to render into, and its recipe."""

    def make(name: str = "film", **changes: Any) -> tuple[Folder, Ready]:
        folder = Folder(tmp_path / name)
        recipe = recipe_from_tree(TINY | changes, tmp_path)
        return folder, prepare(folder, checked(recipe))

    return make


@pytest.fixture
def rendered(begun: Make) -> Make:
    """As `begun`, with all frames."""

    def make(name: str = "film", **changes: Any) -> tuple[Folder, Ready]:
        folder, ready = begun(name, **changes)
        render_into(folder, ready)
        return folder, ready

    return make


@pytest.fixture
def another_process(monkeypatch) -> Callable[[], None]:
    """`another_process()`: from here on nothing is known of any film."""

    def forget() -> None:
        for known in ("_clips", "_surveys"):
            monkeypatch.setattr(f"dreamer.engine.clips.{known}", {})

    return forget
