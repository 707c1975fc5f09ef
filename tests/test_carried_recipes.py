"""Pictures and films carry their recipes: they render again, and open nothing of a stranger's."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import yaml


@pytest.mark.slow
def test_a_picture_carries_its_recipe_and_renders_again(still: Path, dreamer) -> None:
    dreamer("render", still, "--out", "first")
    picture = still.parent / "first" / "still.png"
    shown = yaml.safe_load(dreamer("show", picture).stdout)
    assert shown["source"] == {"image": "sources/photo.png"}
    assert shown["seed"] == 5
    (still.parent / "photo.png").unlink()  # the render's folder has its own copy
    again = dreamer("render", picture, "--out", "second")
    assert "stained_glass" in again.stderr, "a stranger's recipe is shown first"
    assert (still.parent / "second" / "still.png").read_bytes() == picture.read_bytes()
    frame = still.parent / "first" / "frames" / "000000.png"
    dreamer("render", frame, "--out", "third")
    found = (still.parent / "third" / "000000.png").read_bytes()
    assert found == picture.read_bytes()


def test_a_film_carries_its_recipe_and_renders_again(small: Path, dreamer) -> None:
    dreamer("render", small, "--out", "first")
    film = small.parent / "first" / "small.mp4"
    assert yaml.safe_load(dreamer("show", film).stdout)["title"] == "Small"
    dreamer("render", film, "--out", "second")
    assert (small.parent / "second" / "small.mp4").read_bytes() == film.read_bytes()


@pytest.mark.slow
def test_a_strangers_recipe_opens_only_its_own_folder(still: Path, dreamer) -> None:
    dreamer("render", still, "--out", "first")
    (still.parent / "away").mkdir()
    moved = still.parent / "away" / "gift.png"
    shutil.copy(still.parent / "first" / "still.png", moved)
    missing = dreamer("render", moved, "--out", "a", check=False)
    assert missing.returncode == 2
    assert "no such file" in missing.stderr
    secret = still.parent / "secret.png"
    shutil.copy(still.parent / "photo.png", secret)
    from dreamer.media.pictures import encode_png

    text = "source: {image: '../secret.png'}\nascent: {steps: 1, octaves: 1}\n"
    moved.write_bytes(encode_png(np.zeros((3, 64, 64), np.float32), 8, {"dreamer:recipe": text}))
    refused = dreamer("render", moved, "--out", "b", check=False)
    assert refused.returncode == 2
    assert "may not open it" in refused.stderr
    assert "--trust" in refused.stderr
    dreamer("render", moved, "--out", "c", "--trust")
    dreamer("render", moved, "--out", "d", "--set", "source.image=secret.png")


def test_metadata_says_nothing_of_here_and_now(still: Path, dreamer) -> None:
    dreamer("render", still, "--out", "out")
    data = (still.parent / "out" / "still.png").read_bytes()
    assert str(still.parent).encode() not in data
    assert b"tIME" not in data
    assert time.strftime("%Y-%m").encode() not in data
