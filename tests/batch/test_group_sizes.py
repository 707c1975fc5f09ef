"""How many stills of a queue make a group: what is best here, measured once and kept with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dreamer.batch import grouping
from dreamer.batch.adding_atlas import job_of_atlas
from dreamer.batch.parts import begin, parts_of
from dreamer.engine import best_plate_size, best_size
from dreamer.engine.atlas_ready import AtlasWords
from recipes import batch, bytes_of, listed, ran, still, worked


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("dreamer.batch.places.cores", lambda: 1)
    return tmp_path / "home"


@pytest.fixture
def recipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(best_size, "WORTH", 0)  # so few are worth it
    return [still(tmp_path, f"r{k}", k) for k in range(6)]


def best(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let groups of `size` be the fastest, by far."""

    def seconds(ready: object, count: int, steps: int, clock: object) -> float:
        return 1.0 if count == size else 2.0

    monkeypatch.setattr(best_size, "seconds_a_picture", seconds)


def sizes(folder: Path) -> list[int]:
    return [job["group"][2] if job["group"] else 1 for job in listed(folder)]


def test_groups_are_as_large_as_is_best_here(
    tmp_path: Path, recipes: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    best(monkeypatch, 2)
    said = batch(tmp_path, "add", *recipes)
    assert "6 stills (r0 …): 2 at a time, the best of 1, 2, 4, 8, 16, measured in" in said
    assert sizes(tmp_path) == [2] * 6


def test_it_is_measured_once_and_frozen_with_what_waits(
    tmp_path: Path, recipes: list[Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    best(monkeypatch, 2)
    batch(tmp_path, "add", *recipes[:3])
    best(monkeypatch, 1)  # another day
    said = batch(tmp_path, "add", *recipes)
    assert "3 stills (r3 …): 2 at a time, as measured before" in said
    assert sizes(tmp_path) == [1, 2, 2] * 2
    (home / "calibration.json").unlink()
    assert "stills" not in batch(tmp_path, "add", *recipes)  # they wait already
    assert sizes(tmp_path) == [1, 2, 2] * 2


def test_each_by_itself_where_that_is_best(
    tmp_path: Path, recipes: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    best(monkeypatch, 1)
    assert "each by itself" in batch(tmp_path, "add", *recipes)
    assert sizes(tmp_path) == [1] * 6


def test_whoever_says_how_many_has_nothing_measured(
    tmp_path: Path, recipes: list[Path], home: Path
) -> None:
    batch(tmp_path, "add", *recipes, "--together", 3)
    assert sizes(tmp_path) == [3] * 6
    assert not (home / "calibration.json").exists()


def test_where_it_is_not_worth_it_the_rule_decides(tmp_path: Path, home: Path) -> None:
    recipes = [still(tmp_path, f"r{k}", k) for k in range(6)]
    assert "at a time" not in batch(tmp_path, "add", *recipes)
    assert sizes(tmp_path) == [min(6, grouping.TOGETHER)] * 6
    assert not (home / "calibration.json").exists()


def test_a_sweeps_dry_run_measures_what_the_sweep_then_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(best_size, "WORTH", 0)
    best(monkeypatch, 4)
    text = still(tmp_path, "s", 1).read_text().replace("seed: 1\n", "")
    (tmp_path / "s.yaml").write_text(text + "matrix: {seed: [1, 2, 3, 4, 5, 6, 7, 8]}\n")
    ran(tmp_path, "sweep", "s.yaml", "--dry-run")
    best(monkeypatch, 1)
    ran(tmp_path, "sweep", "s.yaml")
    assert sizes(tmp_path) == [4] * 8


def test_a_dry_run_measures_stills_as_they_are_made_whatever_films_are_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Films compute with more threads."""
    seen: list[int] = []

    def noting(ready: object, threads: int, count: int, most: int, otherwise: int) -> None:
        seen.append(threads)

    monkeypatch.setattr("dreamer.batch.group_sizes.best_for_stills", noting)
    monkeypatch.setattr("dreamer.batch.adding.os.cpu_count", lambda: 4)
    text = still(tmp_path, "s", 1).read_text().replace("seed: 1\n", "")
    (tmp_path / "s.yaml").write_text(text + "matrix: {seed: [1, 2], length: [null, 2]}\n")
    ran(tmp_path, "sweep", "s.yaml", "--dry-run")
    ran(tmp_path, "sweep", "s.yaml")
    assert seen == [1, 1]


def test_a_file_that_went_before_the_trial_fails_no_other(
    tmp_path: Path, recipes: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(ready: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "photo.png")

    monkeypatch.setattr("dreamer.batch.group_sizes.checked", gone)
    said = batch(tmp_path, "add", *recipes)
    assert "6 stills (r0 …): 8 at a time, not measured: " in said
    assert "photo.png" in said
    assert sizes(tmp_path) == [6] * 6


def test_what_was_measured_for_real_makes_the_same_bytes_twice(
    tmp_path: Path, recipes: list[Path]
) -> None:
    """The second queue is filled later, as it was found best at first."""
    made = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        said = batch(folder, "add", *recipes[:4])
        assert ("measured in" if name == "one" else "as measured before") in said
        assert worked(folder) == {"done": 4}
        jobs = listed(folder)
        made.append([bytes_of(Path(job["out"])) for job in jobs])
        made[-1].append([job["group"] and job["group"][1:] for job in jobs])
    assert made[0] == made[1]
    assert len(json.dumps(made[0][0])) > 50


def test_an_atlas_that_is_spread_is_begun_with_what_is_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def seconds(self: object, size: int) -> float:
        tried.append(size)
        return 1 / min(size, 8)

    monkeypatch.setattr(best_plate_size._Trial, "seconds", seconds)
    monkeypatch.chdir(tmp_path)
    words = AtlasWords("house", ("inception_3a",), "0-19", side=32)
    job = job_of_atlas(words, threads=1)
    begin(job)
    begin(job)
    assert tried[:6] == [1, 1, 2, 4, 8, 16]
    assert json.loads((job.out / "atlas.json").read_text())["together"] == 8
    parts = parts_of(job, 3, 1e-6)
    assert [(part.first, part.last) for part in parts] == [(0, 7), (8, 15), (16, 19)]
