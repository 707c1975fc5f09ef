"""`dreamer sweep`: what it would make, what it queues, and that what comes of it says its sweep."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from dreamer.batch.adding import job_of_render, reckoned
from dreamer.batch.doing import do
from dreamer.batch.job import Done, Job
from dreamer.batch.queue import Queue
from dreamer.engine.opening import open_recipe
from dreamer.engine.stopping import Stop
from dreamer.media.metadata import RECIPE
from dreamer.recipe.layering import extended
from dreamer.recipe.marks import read_yaml
from dreamer.recipe.sweep import ParsedSweep, parse_sweep, sweep_of
from dreamer.recipe.sweep_expansion import expanded, recipe_of
from recipes import batch, listed, ran

BASE = """
title: Four
source: {noise: plasma}
size: [64, 64]
target: {layer: inception_3a}
ascent: {octaves: 1}
classify: off
"""
FOUR = BASE + "matrix: {ascent.steps: [1, 2], seed: [1, 2]}\n"


@pytest.fixture
def four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sweep of four stills, in a folder of its own where we are, with nothing measured yet."""
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "four.yaml"
    path.write_text(FOUR)
    return path


def made(queue: Path) -> list[tuple[Job, Done]]:
    """All that waits in a queue, done here and now."""
    with Queue(queue) as there:
        jobs = [there.job(one.job.id).job for one in there.jobs(["waiting"])]
    return [(job, do(job, lambda told: None, Stop())) for job in jobs]


def test_a_dry_run_counts_what_plan_counts(four: Path) -> None:
    found = json.loads(ran(four.parent, "sweep", four, "--dry-run", "--json"))
    assert found["count"] == len(found["combinations"]) == 4
    (four.parent / "plain.yaml").write_text(BASE)
    for one in found["combinations"]:
        sets = [f"{key}={value}" for key, value in one["coordinates"].items()]
        words = [word for text in sets for word in ("--set", text)]
        plan = json.loads(ran(four.parent, "plan", "plain.yaml", "--json", *words))
        for key in ("size", "frames", "megapixel_steps", "gigamacs"):
            assert one[key] == plan[key], key
    assert found["bytes"] == 4 * 2 * 64 * 64 * 3 // 2  # and no state: nothing follows a still
    assert not (four.parent / "batch.sqlite").exists()
    assert not (four.parent / "renders").exists()


def test_a_machine_is_measured_once(four: Path) -> None:
    def measured() -> tuple[int, int]:
        found = json.loads(ran(four.parent, "sweep", four, "--dry-run", "--json"))
        assert found["seconds"] > 0
        return found["calibration"]["measured"], found["calibration"]["recalled"]

    assert measured() == (1, 0)
    assert measured() == (0, 1)
    (kept,) = (four.parent / "home").glob("*.json")
    kept.write_text("[not what it was")
    assert measured() == (1, 0)
    kept.unlink()
    kept.mkdir()  # where nothing can be kept
    assert measured() == (1, 0)
    four.write_text(FOUR.replace("64, 64", "300, 300"))
    assert measured() == (1, 0)


def test_what_makes_no_step_takes_no_time_to_measure(four: Path) -> None:
    said = ran(four.parent, "sweep", four, "--set", "matrix.ascent.steps=[0]", "--dry-run")
    assert "time: about " in said
    assert "with no steps to measure" in said


def test_a_dry_run_is_told_in_lines(four: Path) -> None:
    text = FOUR.replace("seed: [1, 2]", f"seed: {[*range(1, 13)]}, size: [[64, 64], [96, 64]]")
    four.write_text(text)
    lines = ran(four.parent, "sweep", four, "--dry-run").splitlines()
    assert lines[0] == "four: 48 stills, 2 sizes from 64×64 to 96×64"
    assert lines[2].split() == ["ascent.steps", "seed", "size"]
    assert lines[3].split() == ["1", "1", "1", "64", "64"]
    assert lines[22].split() == ["20", "1", "10", "96", "64"]
    assert lines[23] == "… and 28 more"
    assert lines[25].startswith("work: 0.3")  # 24 · 1.5 · (64² + 96 · 64)
    assert lines[27].startswith("time: about ")


def test_each_is_queued_in_a_folder_that_says_what_it_is(four: Path) -> None:
    told = ran(four.parent, "sweep", four)
    home = four.parent / "renders" / "four"
    assert told == f"four: 4 wait, for {home}\n`dreamer batch run` makes them\n"
    found = listed(four.parent)
    assert [job["name"] for job in found] == ["four-001", "four-002", "four-003", "four-004"]
    assert [job["coordinates"] for job in found] == [
        {"ascent.steps": steps, "seed": seed} for steps in (1, 2) for seed in (1, 2)
    ]
    names = [Path(job["out"]).relative_to(home).name for job in found]
    assert [name.rpartition("-")[0] for name in names] == [
        *("001-steps-1-seed-1", "002-steps-1-seed-2", "003-steps-2-seed-1", "004-steps-2-seed-2"),
    ]
    assert "4 waited already" in ran(four.parent, "sweep", four)
    assert "4 waited already" in batch(four.parent, "add", four)
    more = ran(four.parent, "sweep", four, "--set", "matrix.seed=[1, 2, 3]", "--out", "elsewhere")
    assert f"2 wait, for {four.parent / 'elsewhere'}; 4 waited already" in more


def test_what_comes_of_it_is_what_render_makes_and_says_its_sweep(four: Path) -> None:
    ran(four.parent, "sweep", four)
    first, *_, last = made(four.parent / "batch.sqlite")
    plain = four.parent / "plain.yaml"
    plain.write_text(BASE)
    recipe = open_recipe(plain, ["seed=2", "ascent.steps=2"])
    alone = job_of_render(recipe, folder=four.parent / "alone")
    assert alone.id == last[0].id
    do(alone, lambda told: None, Stop())
    frame = Path("frames", "000000.png")
    assert (alone.out / frame).read_bytes() == (last[1].folder / frame).read_bytes()
    said = [
        json.loads((done.folder / "provenance.json").read_text())["sweep"]
        for _, done in (first, last)
    ]
    assert said[0]["name"] == "four"
    assert said[0]["sha256"] == said[1]["sha256"]
    assert [one["index"] for one in said] == [1, 4]
    assert said[1]["coordinates"] == {"ascent.steps": 2, "seed": 2}


def test_a_gallery_shows_it_as_a_table(four: Path) -> None:
    ran(four.parent, "sweep", four)
    made(four.parent / "batch.sqlite")
    ran(four.parent, "gallery", "build", "renders", "--out", "site")
    page = (four.parent / "site" / "index.html").read_text()
    assert re.search(r'"sweeps": ?\[\["[0-9a-f]{8}", ?"four", ?\[\["ascent.steps"', page)


def test_run_makes_them_too(four: Path) -> None:
    four.write_text(FOUR.replace("[1, 2], seed: [1, 2]", "[1], seed: [1]"))
    told = ran(four.parent, "sweep", four, "--run")
    assert "four: 1 wait" in told
    assert "1 done" in told
    (picture,) = (four.parent / "renders" / "four").glob("001-*/four-001.png")
    again = json.loads(ran(four.parent, "sweep", four, "--run", "--json"))
    assert again["counts"] == {"done": 1}
    (job,) = again["jobs"]
    assert (job["state"], job["out"], job["new"]) == ("done", str(picture.parent), False)


def test_nothing_is_queued_where_one_is_wrong(four: Path) -> None:
    four.write_text(FOUR.replace("seed: [1, 2]", "target.layer: [inception_3a, inception_9z]"))
    said = ran(four.parent, "sweep", four, code=2)
    assert "four.yaml:8: target.layer: " in said
    assert "(in 2 of 4; the first is 2: steps 1, layer inception_9z)" in said
    assert said.count("inception_9z") == 2
    assert not (four.parent / "batch.sqlite").exists()
    left = batch(four.parent, "add", "--keep-going", four, code=2)
    assert "four: 2 wait" in left
    assert ran(four.parent, "sweep", four, "--dry-run", code=2) == said


def test_different_words_for_one_picture_are_made_once(four: Path) -> None:
    words = "target: [inception_3a, {class: daisy}, {layer: inception_3a}]"
    four.write_text(FOUR.replace("ascent.steps: [1, 2], seed: [1, 2]", words))
    told = ran(four.parent, "sweep", four)
    assert "four: 2 wait" in told
    assert "equal combinations are made once: 3 is 1 again" in told


def test_endless_films_are_refused(four: Path) -> None:
    four.write_text(FOUR.replace("seed: [1, 2]", "length: [endless, 3]"))
    said = ran(four.parent, "sweep", four, code=2)
    assert "a film without an end would never be done" in said
    assert "in 2 of 4" in said


def test_a_plain_recipe_is_swept_by_set_and_refused_without(four: Path) -> None:
    four.write_text(BASE)
    said = ran(four.parent, "sweep", four, code=2)
    assert "this is a recipe for pictures; run `dreamer render" in said
    assert "four: 3 wait" in ran(four.parent, "sweep", four, "--set", "matrix.seed=[4, 5, 6]")


ROOT = Path(__file__).parents[2]


def planned(sweep: ParsedSweep, step: int) -> int:
    """How many combinations there are; of every `step`-th it is seen that it can be rendered."""
    found = expanded(sweep)
    assert found.notes == ()
    for one in found.combinations[::step]:
        assert reckoned(recipe_of(sweep, found, one))[1].recipe.still
    return len(found.combinations)


@pytest.mark.parametrize(("page", "count"), [("docs/sweeps.md", 240), ("README.md", 30)])
def test_what_the_pages_show_can_be_swept(page: str, count: int) -> None:
    texts = [one.partition("```")[0] for one in (ROOT / page).read_text().split("```yaml\n")]
    (text,) = [one for one in texts if one.startswith("extends: glass.yaml")]
    tree = read_yaml(text, page, ROOT / "recipes")
    assert planned(sweep_of(extended(tree, ()), "shown"), count // 6) == count


def test_our_own_sweeps_can_be_rendered() -> None:
    assert [planned(parse_sweep(p), 1) for p in (ROOT / "recipes").glob("sweep-*.yaml")] == [12]


def told_of(four: Path, matrix: str) -> list[str]:
    """What is told of a sweep that is wrong, without the file and how many share it."""
    four.write_text(BASE + f"matrix:\n{matrix}")
    lines = ran(four.parent, "sweep", four, code=2).splitlines()
    return [line.split(": ", 1)[1].partition(" (in ")[0] for line in lines]


def test_a_mistake_hides_no_other(four: Path) -> None:
    assert told_of(
        four,
        """  ascent.stepz: [3]
  target: [{class: starfsh}, {class: daisy}]
  sede: [1, 2]
  ascent.steps: [2, -3]
""",
    ) == [
        "ascent.stepz: unknown key; did you mean 'step' or 'steps'?",
        "target.class: house has no class 'starfsh'; did you mean 'starfish' or 'stairs'?",
        "sede: unknown key; did you mean 'seed' or 'scenes'?",
        "ascent.steps: -3 is below 0",
    ]
    found = told_of(four, "  size: [many]\n  ascent.steps: [a, -3, 1e9]\n")
    assert [line.split(",")[0] for line in found] == [
        "size: expected [width",
        "ascent.steps: -3 is below 0",
        "ascent.steps: 1e+09 is above 10000",
        "ascent.steps: expected a number",
    ]
    both = "  target.3.weight: [1]\n  ascent.preset: [lucid, nonesuch]\n"
    assert [line.split(":")[0] for line in told_of(four, both)] == [
        "target.3.weight",
        "ascent.preset",
    ]


def test_what_means_nothing_without_a_wrong_value_is_not_blamed(four: Path) -> None:
    (told,) = told_of(four, "  source: [{video: none.mp4}]\n  follow.keep: [0.5]\n")
    assert told.startswith("source.video: ")


def test_a_picture_is_varied_as_its_recipe_is(four: Path) -> None:
    four.write_text(BASE)
    ran(four.parent, "sweep", four, "--set", "matrix.seed=[7]", "--run")
    (picture,) = (four.parent / "renders" / "four").glob("*/four-001.png")
    said = ran(four.parent, "sweep", picture, "--set", "matrix.seed=[7, 8]", "--dry-run")
    assert said.startswith("four-001: 2 stills, 64×64")
    told = batch(four.parent, "add", picture, "--set", "matrix.seed=[7, 8]", "--set", "title=Two")
    assert "four-001: 2 wait" in told
    assert "varies it (docs" in ran(four.parent, "sweep", picture, code=2)


def test_a_strangers_picture_opens_no_file_elsewhere(four: Path) -> None:
    pixels = Image.fromarray(np.zeros((64, 64, 3), np.uint8))
    (four.parent / "other").mkdir()
    pixels.save(mine := four.parent / "other" / "mine.png")
    (four.parent / "got").mkdir()
    got = four.parent / "got" / "got.png"
    carried = PngInfo()
    carried.add_text(RECIPE, BASE.replace("noise: plasma", "image: ../other/mine.png"))
    pixels.save(got, pnginfo=carried)
    vary = ("--set", "matrix.seed=[1, 2]", "--dry-run")
    refused = ran(four.parent, "sweep", got, *vary, code=2)
    assert "a recipe found in a picture may not open it" in refused
    assert "2 stills" in ran(four.parent, "sweep", got, *vary, "--trust")
    assert "2 stills" in ran(four.parent, "sweep", got, *vary, "--set", f"source.image={mine}")
