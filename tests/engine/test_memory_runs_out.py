"""What a render does when there is not enough memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dreamer.engine.execution import decide
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked
from dreamer.engine.tile_memory import ran_out, with_smaller_tiles
from dreamer.errors import DreamerError
from dreamer.recipe.parse import recipe_from_tree

RECIPE: dict[str, Any] = {
    "size": [1300, 1100],
    "seed": 1,
    "precision": "float32",
    "target": "inception_3b",
    "classify": "off",
    "ascent": {"octaves": 1, "steps": 1},
}
# A small render first, so that what every render needs is there before the limit is.
RENDER = """
import json, logging, resource, sys
from pathlib import Path
from dreamer.engine.folder import Folder
from dreamer.engine.outcome import see_through
from dreamer.engine.preparing import checked, prepare
from dreamer.recipe.parse import recipe_from_tree

logging.basicConfig()
tree, out, more = json.loads(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
for name, words in (("small", {"size": 96}), ("large", {})):
    ready = checked(recipe_from_tree(tree | words, name=name))
    ready = prepare(Folder(out / name), ready)
    if name == "large":
        status = Path("/proc/self/status").read_text().split("VmSize:")[1]
        limit = int(status.split()[0]) * 1024 + more * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    see_through(Folder(out / name), ready)
"""


def rendered(out: Path, more: int, **words: Any) -> subprocess.CompletedProcess[str]:
    """The recipe in a process that may take `more` MiB for it."""
    arguments = [json.dumps(RECIPE | words), str(out), str(more)]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-c", RENDER, *arguments], capture_output=True, text=True, env=alone
    )


def pixels(out: Path) -> np.ndarray:
    return np.asarray(Image.open(out / "large" / "frames" / "000000.png"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the system must hold a process to a limit")
def test_it_goes_on_in_tiles_to_the_same_bytes(tmp_path: Path) -> None:
    short = rendered(tmp_path / "short", 700)
    assert short.returncode == 0, short.stderr
    side = Folder(tmp_path / "short" / "large").execution().tile
    assert 500 < side < 1300
    said = f"memory ran out: it goes on in tiles of {side} × {side} pixels"
    assert short.stderr.count(said) == 1
    cut = rendered(tmp_path / "cut", 4000, tiles=side)
    assert cut.returncode == 0, cut.stderr
    assert np.array_equal(pixels(tmp_path / "short"), pixels(tmp_path / "cut"))


@pytest.mark.skipif(sys.platform != "linux", reason="the system must hold a process to a limit")
def test_what_cannot_be_cut_says_why(tmp_path: Path) -> None:
    target = {"layer": "inception_3b", "objective": "style", "reference": "source"}
    failed = rendered(tmp_path, 500, target=target)
    assert "cannot be cut into tiles: all of it is asked for objective: style" in failed.stderr


def test_tiles_halve_until_they_are_too_small() -> None:
    ready = checked(recipe_from_tree(RECIPE))
    plan, cards = ready.plan, ready.gathered.cards
    none = MemoryError("no room")
    sides, execution = [], decide("cpu")
    for _ in range(3):
        execution = with_smaller_tiles(execution, plan, cards, none)
        sides.append(execution.tile)
    assert sides == [896, 576, 384]
    with pytest.raises(DreamerError, match=r"memory ran out, and no smaller part of 1\.4 mega"):
        with_smaller_tiles(execution, plan, cards, none)


def test_another_error_is_none_of_it() -> None:
    ready = checked(recipe_from_tree(RECIPE))
    plan, cards = ready.plan, ready.gathered.cards
    with pytest.raises(RuntimeError, match="shapes"):
        with_smaller_tiles(decide("cpu"), plan, cards, RuntimeError("shapes do not fit"))
    with pytest.raises(MemoryError):  # of a group
        with_smaller_tiles(replace(decide("cpu"), rows=2), plan, cards, MemoryError())


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 10 GB"),
        RuntimeError("CUDA error: out of memory"),
    ],
)
def test_torch_says_so_in_several_ways(error: Exception) -> None:
    assert ran_out(error)
    assert not ran_out(RuntimeError("sizes do not match"))
