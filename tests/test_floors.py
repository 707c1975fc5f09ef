"""Imports point down: floors as docs/ARCHITECTURE.md has them, and the rooms of floor 1 apart."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "dreamer"
FLOORS = {
    "errors": 0,
    "file_names": 0,
    "film_formats": 0,
    "recipe": 1,
    "networks": 1,
    "dreaming": 1,
    "draw": 1,
    "media": 1,
    "engine": 2,
    "learn": 2,
    "datasets": 2,
    "jobs": 3,
    "progress": 3,
    "batch": 4,
    "api": 4,
    "api_arrays": 4,
    "cli_output": 4,
    "cli_imports": 4,
    "cli_gallery": 5,
    "cli_sweep": 5,
    "cli_networks": 5,
    "cli_atlas": 5,
    "cli_batch": 5,
    "cli_classify": 5,
    "cli_collage": 5,
    "cli_compile": 5,
    "cli_dataset": 5,
    "cli_training": 5,
    "cli": 6,
    "__main__": 7,
}
NO_TORCH = ("recipe", "media", "datasets")


def imports(path: Path) -> Iterator[str]:
    """All modules that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def crossings(package: Path) -> list[str]:
    found = []
    for path in package.rglob("*.py"):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        for name in imports(path):
            parts = name.split(".")
            if parts[0] != "dreamer" or len(parts) < 2 or parts[1] not in FLOORS:
                continue
            other = parts[1]
            if other != room and FLOORS[other] >= FLOORS[room]:
                found.append(f"{path.relative_to(package)} imports {name}")
    return found


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}
    assert rooms == set(FLOORS)


def test_imports_point_down() -> None:
    assert crossings(PACKAGE) == []


def test_the_test_can_fail(tmp_path: Path) -> None:
    for room in ("recipe", "dreaming"):
        (tmp_path / room).mkdir()
    (tmp_path / "recipe" / "a.py").write_text("from dreamer.engine import run\n")
    (tmp_path / "dreaming" / "b.py").write_text("def f():\n    import dreamer.media.png\n")
    assert len(crossings(tmp_path)) == 3  # the module, the name in it, and the hidden one


@pytest.mark.parametrize("room", NO_TORCH)
def test_rooms_that_do_without_torch(room: str) -> None:
    for path in (PACKAGE / room).rglob("*.py"):
        assert not [n for n in imports(path) if n.split(".")[0] in ("torch", "torchvision")], path


@pytest.mark.parametrize("module", ["dreamer", "dreamer.cli", "dreamer.engine.facts"])
def test_importing_does_not_load_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_jobs_do_not_know_each_other() -> None:
    for path in (PACKAGE / "jobs").glob("*.py"):
        assert not [n for n in imports(path) if n.startswith("dreamer.jobs")], path
