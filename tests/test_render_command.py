"""`render` as a person meets it: what it makes of a recipe, and what it refuses beforehand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
from PIL import Image


def test_a_film_and_its_scores(small: Path, dreamer) -> None:
    found = dreamer("render", small, "--out", "out")
    assert re.search(r"^  \w+ \(score=0\.\d{5}\)$", found.stdout, re.M)
    assert "out/small.mp4" in found.stdout
    folder = small.parent / "out"
    scores = json.loads((folder / "scores.json").read_text())["house"]
    assert list(scores["frames"]) == ["0", "4", "8"]
    for ranking in (scores["before"], scores["after"], *scores["frames"].values()):
        assert len(ranking) == 3
        assert ranking == sorted(ranking, key=lambda pair: -pair[1])
    table = (folder / "scores.csv").read_text().splitlines()
    assert table[0] == "network,when,rank,label,score"
    assert len(table) == 1 + 5 * 3
    with Image.open(folder / "scores.png") as chart:
        assert chart.size == (960, 480)
    with Image.open(folder / "preview.jpg") as preview:
        assert preview.size == (80, 64)
    assert json.loads((folder / "report.json").read_text())["frames"] == 10


def test_the_dream_raises_what_it_was_told_to(tmp_path: Path, dreamer) -> None:
    (tmp_path / "glass.yaml").write_text(
        "seed: 5\nsource: {noise: plasma}\nsize: [96, 72]\ntarget: {class: stained_glass}\n"
        "ascent: {octaves: 1, steps: 24}\nclassify: {top: 200}\n"
    )
    dreamer("render", "glass.yaml", "--out", "out")
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())["house"]
    before, after = dict(scores["before"]), dict(scores["after"])
    assert max(after, key=after.__getitem__) == "stained_glass"
    assert after["stained_glass"] > 100 * before["stained_glass"]


def test_the_same_recipe_gives_the_same_picture(still: Path, dreamer) -> None:
    for name in ("a", "b"):
        dreamer("render", still, "--out", name)
    pictures = [(still.parent / n / "still.png").read_bytes() for n in ("a", "b")]
    assert pictures[0] == pictures[1]
    dreamer("render", still, "--out", "c", "--set", "seed=6")
    assert (still.parent / "c" / "still.png").read_bytes() != pictures[0]


def test_no_steps_and_no_motion_return_the_source(still: Path, dreamer) -> None:
    dreamer("render", still, "--out", "a", "--set", "ascent.steps=0")
    with (
        Image.open(still.parent / "a" / "still.png") as found,
        Image.open(still.parent / "photo.png") as source,
    ):
        assert np.array_equal(np.asarray(found), np.asarray(source))


def test_a_draft_is_a_quarter_at_six_frames_a_second(small: Path, dreamer) -> None:
    text = small.read_text().replace("[80, 64]", "[320, 256]").replace("fps: 5", "fps: 10")
    small.write_text(text)
    found = json.loads(dreamer("render", small, "--draft", "--out", "d", "--json").stdout)
    assert found["product"] == "d/small-draft.mp4"
    with Image.open(small.parent / "d" / "frames" / "000000.png") as frame:
        assert frame.size == (80, 64)
    assert found["report"]["frames"] == 6


def test_a_wrong_recipe_ends_with_two_and_all_its_problems(small: Path, dreamer) -> None:
    small.write_text(small.read_text() + "sed: 3\n")
    found = dreamer("render", small, "--set", "target.0.class=dasy", check=False)
    assert found.returncode == 2
    assert "small.yaml:14: sed: unknown key; did you mean 'seed'?" in found.stderr
    small.write_text(small.read_text().replace("sed: 3\n", ""))
    found = dreamer("render", small, "--set", "target.0.class=dasy", check=False)
    assert found.returncode == 2
    assert "house has no class 'dasy'; did you mean 'daisy'?" in found.stderr


def test_a_damaged_source_is_refused_before_anything_is_made(still: Path, dreamer) -> None:
    picture = still.parent / "photo.png"
    picture.write_bytes(picture.read_bytes()[:-2000])
    found = dreamer("render", still, "--out", "out", check=False)
    assert found.returncode == 1
    assert "photo.png is a damaged picture" in found.stderr or "breaks off" in found.stderr
    assert not (still.parent / "out").exists()


def test_a_photograph_in_place_of_a_recipe(tmp_path: Path, dreamer) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "me.jpg")
    found = dreamer("render", "me.jpg", check=False)
    assert found.returncode == 2
    assert "--set source.image=me.jpg" in found.stderr
    assert "is a folder; expected a recipe" in dreamer("render", ".", check=False).stderr
