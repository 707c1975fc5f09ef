"""What a render's start costs, by what does not vary: modules imported and files read."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from dreamer.cli_imports import quickly

# Nothing that a still of a network of our own needs: each costs a good part of a second, or more.
NEEDLESS = [
    *("torch._dynamo", "torch._inductor", "sympy", "torchvision", "torch.utils.tensorboard"),
    *("tensorboard", "ray", "scipy", "kornia", "httpx", "google.protobuf", "sqlite3"),
    *("dreamer.engine.collaging", "dreamer.engine.collage_ready", "dreamer.learn", "dreamer.batch"),
    "dreamer.datasets",
]
RECIPE = """
size: [64, 48]
network: house
target: [inception_4c, {class: daisy}]
ascent: {octaves: 2, steps: 1}
classify: {networks: [house]}
"""
SCRIPT = """
import json, sys
opened = []
sys.addaudithook(lambda event, words: opened.append(words[0]) if event == "open" else None)
sys.argv = ["dreamer", *sys.argv[1:]]
from dreamer import cli
try:
    cli.main()
except SystemExit as ended:
    code = ended.code
read = [str(name) for name in opened if str(name).endswith(".safetensors")]
print(json.dumps({"code": code, "modules": sorted(sys.modules), "read": read}))
"""


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What a process imported and read to render and score a still."""
    folder = tmp_path_factory.mktemp("start")
    (folder / "still.yaml").write_text(RECIPE)
    command = [sys.executable, "-c", SCRIPT, "render", "still.yaml", "--out", "out", "--json"]
    said = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, timeout=120
    )
    assert (folder / "out" / "still.png").is_file()
    return json.loads(said.stdout.splitlines()[-1])


def test_a_still_imports_nothing_that_it_does_not_need(still: dict) -> None:
    assert still["code"] == 0
    assert "torch" in still["modules"]
    assert set(NEEDLESS) & set(still["modules"]) == set()


def test_weights_are_hashed_once_and_loaded_once_a_process(still: dict) -> None:
    """For what the render is made of, and for all that is run of it: dream, and both scores."""
    assert [Path(name).name for name in still["read"]] == ["house.safetensors"] * 2


def test_no_garbage_is_looked_for_while_a_verb_imports() -> None:
    before = gc.get_freeze_count()
    try:
        with quickly():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_whoever_looks_for_no_garbage_is_left_so() -> None:
    gc.disable()
    try:
        with quickly():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
