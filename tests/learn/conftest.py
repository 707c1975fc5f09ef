from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tones import RECIPE

COLOURS = {"red": (220, 40, 40), "green": (40, 200, 60), "blue": (40, 60, 210)}

FolderMaker = Callable[[Path, int], Path]


def coloured_folders(root: Path, each: int) -> Path:
    """`each` noisy pictures of three colours in the class folders `things/red` and so on."""
    chance = np.random.default_rng(1)
    for name, colour in COLOURS.items():
        (root / "things" / name).mkdir(parents=True)
        for k in range(each):
            noise = chance.integers(-30, 30, (36, 50, 3)) + np.array(colour)
            picture = Image.fromarray(noise.clip(0, 255).astype(np.uint8))
            picture.save(root / "things" / name / f"{k}.png")
    return root


@pytest.fixture(scope="session")
def make_folders() -> FolderMaker:
    return coloured_folders


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coloured_folders(tmp_path_factory.mktemp("data"), 14)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of each test's own."""
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def things(make_folders: FolderMaker, tmp_path: Path) -> Path:
    return make_folders(tmp_path / "data", 14) / "things"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A training recipe to change and to follow."""
    path = tmp_path / "tones.yaml"
    path.write_text(RECIPE)
    return path
