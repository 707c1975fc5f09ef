"""docs/networks.md and docs/training.md are followed to the letter: files written, commands run."""

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

DOCS = Path(__file__).parents[1] / "docs"
SMALLER = [
    (r"^size: \d+$", "size: 96"),
    (r"preset: deepdream-2015", "steps: 1, octaves: 1"),
    (r"side: 96, steps: 300", "side: 32, steps: 3"),
]


def section(title: str, page: str = "networks.md") -> list[tuple[str, str]]:
    """The blocks of code below a heading, each with its language."""
    text = (DOCS / page).read_text(encoding="utf-8").partition(f"# {title}")[2]
    text = text.partition("\n## ")[0]
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_from_a_folder_of_pictures_to_a_network(folder: Path) -> None:
    chance = np.random.default_rng(2)
    for name, colour in (("daisy", (230, 220, 80)), ("rose", (200, 30, 60))):
        (folder / "pictures" / "flowers" / name).mkdir(parents=True)
        for k in range(24):
            noise = (chance.integers(-30, 30, (48, 48, 3)) + colour).clip(0, 255)
            picture = Image.fromarray(noise.astype(np.uint8))
            picture.save(folder / "pictures" / "flowers" / name / f"{k}.png")
    said = follow(section("Retraining", "training.md"), folder)
    assert "my-flowers.json: right on" in said[0]
    assert re.search(r"(daisy|rose) \(score=", said[1])
    assert (folder / "dream" / "my-dream.png").is_file()
    assert "my-flowers: house with 2 classes" in said[3]
    said = follow(section("Training: from nothing", "training.md"), folder)
    assert "flowers-from-house/my-flowers.safetensors: right on" in said[0]
    assert re.search(r"(daisy|rose) \(score=", said[1])
