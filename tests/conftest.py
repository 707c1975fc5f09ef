"""What many tests need: small recipes, and dreamer run as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import torch
from PIL import Image

SMALL = """
title: Small
seed: 3
source: {noise: plasma}
size: [80, 64]
network: house
target: [{class: daisy}, {layer: inception_3b, weight: 0.5}]
ascent: {octaves: 2, steps: 2, jitter: 4}
motion: {zoom: 1.5, rotate: {expr: "10*sin(t)"}, move: [0.05, 0]}
length: 10
fps: 5
output: {crf: 20, preset: ultrafast}
classify: {top: 3, every: 4}
"""
STILL = """
seed: 5
source: {image: photo.png}
target: {class: stained_glass}
ascent: {octaves: 1, steps: 2}
classify: {top: 2}
"""

torch.set_num_threads(1)


# The same examples each time and however long they take, that no commit fails by luck or on a
# crowded machine; --hypothesis-profile=default searches.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")
# What a person keeps of networks and labels is not what tests are about.
os.environ["DREAMER_HOME"] = tempfile.mkdtemp(prefix="dreamer-home-")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Let every test begin with one thread, whatever the one before it asked for."""
    yield
    torch.set_num_threads(1)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A film of ten small frames."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def still(tmp_path: Path) -> Path:
    """A still that dreams on a picture beside it."""
    noise = np.random.default_rng(1).integers(0, 255, (72, 96, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    path = tmp_path / "still.yaml"
    path.write_text(STILL)
    return path


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def dreamer(tmp_path: Path) -> Run:
    """`dreamer("render", "x.yaml")` in the test's folder, one thread, output as text."""

    def run(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "dreamer", *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run
