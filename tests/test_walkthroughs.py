"""docs/networks.md is followed to the letter: its files are written, its commands are run."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from made_weights import caffemodel, googlenet
from PIL import Image

PAGE = Path(__file__).parents[1] / "docs" / "networks.md"
SMALLER = [(r"^size: \d+$", "size: 96"), (r"preset: deepdream-2015", "steps: 1, octaves: 1")]


def section(title: str) -> list[tuple[str, str]]:
    """The blocks of code below a heading, each with its language."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {title}")[2].partition("\n## ")[0]
    return re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)


def follow(blocks: list[tuple[str, str]], folder: Path) -> list[str]:
    """Write what begins with a file's name, run what is for a shell; gives what commands said."""
    said = []
    for language, text in blocks:
        named = re.match(r"# (\S+\.\w+)\n", text)
        if named:
            for pattern, smaller in SMALLER:
                text = re.sub(pattern, smaller, text, flags=re.MULTILINE)
            (folder / named[1]).write_text(text.removeprefix(named[0]))
            if language == "python":
                said.append(run([sys.executable, named[1]], folder))
        elif language == "sh":
            for line in text.strip().splitlines():
                assert line.startswith("dreamer "), line
                said.append(run([sys.executable, "-m", *shlex.split(line)], folder))
    return said


def run(command: list[str], folder: Path) -> str:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "DREAMER_HOME": str(folder / "home")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    noise = np.random.default_rng(1).integers(0, 255, (72, 96, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.jpg")
    return tmp_path


def test_from_places205s_archive_to_a_picture(folder: Path) -> None:
    name = "googlenet_places205/googlelet_places205_train_iter_2400000.caffemodel"
    data = caffemodel(googlenet(205))
    with tarfile.open(folder / "googlenet_places205.tar.gz", "w:gz", compresslevel=1) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    places = "".join(f"/p/place_{k} {k}\n" for k in range(205))
    (folder / "categoryIndex_places205.csv").write_text(places)
    said = follow(section("I have `googlenet_places205.tar.gz`"), folder)
    assert "bvlc-googlenet with 205 classes" in said[0]
    assert (folder / "places" / "places.png").is_file()
    assert re.search(r"place_\d+ \(score=0\.\d+\)", said[-1])


def test_from_a_network_of_ones_own_to_a_picture(folder: Path) -> None:
    said = follow(section("I trained a network myself"), folder)
    assert "torchvision:resnet18 with 3 classes" in said[1]
    assert "layer3" in said[2].splitlines()
    assert (folder / "bloom" / "bloom.png").is_file()
    assert re.search(r"(daisy|rose|tulip) \(score=", said[3])


def test_a_module_of_ones_own_in_python(folder: Path) -> None:
    ((_, text),) = section("Any module, in Python")
    before = (
        "from torchvision.models import squeezenet1_1\nnetwork = squeezenet1_1(num_classes=3)\n"
    )
    (folder / "dream.py").write_text(f"{before}{text}\nprint(picture.shape)\n")
    assert run([sys.executable, "dream.py"], folder) == "(72, 96, 3)\n"
