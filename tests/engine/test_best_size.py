"""How many pictures are best rendered together: measured once, kept, and frozen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from by_chance import tiny
from groups import still

from dreamer.engine import best_plate_size, best_size
from dreamer.engine.best_size import best_for_stills, hardly_longer
from dreamer.engine.ready import Ready
from dreamer.jobs.atlas import atlas

LONG = {"ascent": {"octaves": 1, "steps": 40}}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def found() -> Callable[[dict[int, float]], tuple[int, list[int]]]:
    """What is found best where sizes take these seconds, and all that was tried."""

    def find(seconds: dict[int, float], key: str = "key") -> tuple[int, list[int]]:
        tried: list[int] = []

        def measured(size: int) -> float:
            tried.append(size)
            return seconds[size]

        best = best_size.best_size(key, tuple(seconds), measured, 8)
        assert best is not None
        return best.size, tried

    return find


def test_the_smallest_that_takes_hardly_longer_is_best() -> None:
    assert hardly_longer({1: 1.0, 2: 0.8, 4: 0.72, 8: 0.70, 16: 0.71}) == 4
    assert hardly_longer({1: 1.0, 2: 0.8, 4: 0.722, 8: 0.70}) == 8
    assert hardly_longer({1: 1.0, 2: 1.1}) == 1


def test_what_was_measured_once_is_not_measured_again(found) -> None:
    assert found({1: 1.0, 2: 0.5}) == (2, [1, *[1, 2] * best_size.ROUNDS])
    assert found({1: 0.1, 2: 0.5}) == (2, [])  # whatever the day is like
    assert found({1: 0.1, 2: 0.5}, "another")[0] == 1


def test_what_is_kept_and_cannot_be_is_measured_again(found, home: Path) -> None:
    found({1: 1.0, 2: 0.5})
    kept = home / "calibration.json"
    sizes = dict.fromkeys(json.loads(kept.read_text())["sizes"], 5.0)
    kept.write_text(json.dumps({"sizes": sizes}))
    assert found({1: 0.1, 2: 0.5})[0] == 1


def test_the_fastest_of_several_rounds_counts() -> None:
    took = iter([99.0, 1.0, 9.0, 1.0, 0.5, 1.0, 9.0])
    best = best_size.best_size("key", (1, 2), lambda size: next(took), 8)
    assert best is not None
    assert best.taken == {1: 1.0, 2: 0.5}
    assert best.as_text().startswith("the best of 1, 2, measured in 0.0 s")


def test_where_there_is_time_for_one_only_nothing_is_found_or_kept(
    found, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as impatient:
        impatient.setattr(best_size, "PATIENCE", -1)
        made = best_size.best_size("key", (1, 2), float, 8)
        assert made is not None
        assert (made.size, made.as_text()) == (8, "not measured: a few steps of one take 0.0 s")
    assert not home.exists()
    assert found({1: 1.0, 2: 0.5})[0] == 2


def test_a_cold_start_costs_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best_size, "PATIENCE", 0.2)
    cold = [0.3]

    def seconds(size: int) -> float:
        time.sleep(cold.pop() if cold else 0)
        return 1 / size

    made = best_size.best_size("key", (1, 2, 4), seconds, 8)
    assert made is not None
    assert list(made.taken) == [1, 2, 4]


def test_all_that_is_tried_is_a_fourth_of_the_work_at_most() -> None:
    for work in range(80, 300, 4):
        tried: list[int] = []

        def seconds(size: int, tried: list[int] = tried) -> float:
            tried.append(size)
            return 1.0

        best_size.best_size(
            f"{work}", (1, 2, 4), seconds, 8, best_size.rounds_worth(3, (1, 2, 4), work)
        )
        assert 3 * sum(tried) * 4 <= work
        assert tried or work < 3 * 8 * 4
    assert sum(tried) == 1 + 7 * best_size.ROUNDS


def best(ready: Ready, threads: int = 1, count: int = 100) -> best_size.BestSize | None:
    return best_for_stills(ready, threads, count, most=4, otherwise=8)


def test_real_stills_are_tried_and_the_choice_is_kept(home: Path) -> None:
    first = best(still(**LONG))
    assert first is not None
    assert not first.failed
    assert list(first.taken) == [1, 2, 4]
    assert all(0 < seconds < 10 for seconds in first.taken.values())
    again = best(still(**LONG, seed=7))
    assert again == best_size.BestSize(first.size)
    assert len(json.loads((home / "calibration.json").read_text())["sizes"]) == 1


def test_other_sizes_threads_and_precisions_are_measured_by_themselves(home: Path) -> None:
    for ready, threads in (
        (still(**LONG), 1),
        (still(**LONG), 2),
        (still(**LONG, size=64), 1),
        (still(**LONG, precision="float32"), 1),
    ):
        made = best(ready, threads)
        assert made is not None
        assert made.taken
    assert len(json.loads((home / "calibration.json").read_text())["sizes"]) == 4


def test_few_stills_are_not_worth_it_unless_it_is_known(home: Path) -> None:
    assert best(still(**LONG), count=2) is None
    assert not home.exists()
    known = best(still(**LONG))
    assert known is not None
    assert best(still(**LONG), count=2) == best_size.BestSize(known.size)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_where_it_cannot_be_measured_that_is_said() -> None:
    found = best(still(**LONG, device="cuda"))
    assert found is not None
    assert found.size == 4  # not 8, of which no more than 4 fit
    assert found.as_text().startswith("not measured: ")


@pytest.fixture
def network(tmp_path: Path) -> str:
    return str(tiny(tmp_path))


def tiles(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.png"))}


def test_an_atlas_keeps_how_many_of_its_pictures_are_made_together(
    network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(name: str, channels: str = "0-7") -> Path:
        atlas(network, tmp_path / name, ["stage2"], channels, side=32)
        return tmp_path / name

    monkeypatch.setattr(best_size, "WORTH", 1)
    monkeypatch.setattr(best_plate_size._Trial, "seconds", lambda self, size: 1 / min(size, 4))
    first = asked("first")
    assert json.loads((first / "atlas.json").read_text())["together"] == 4
    whole = tiles(first)
    assert len(whole) == 8

    monkeypatch.setattr(best_plate_size._Trial, "seconds", lambda self, size: float(size))
    (tmp_path / "home" / "calibration.json").unlink()  # and now another number would be best
    for number in (1, 6):
        (first / "tiles" / "003-stage2" / f"{number:05d}.png").unlink()
    assert tiles(asked("first")) == whole
    assert json.loads((first / "atlas.json").read_text())["together"] == 4
    assert json.loads((asked("second") / "atlas.json").read_text())["together"] == 1


def test_pictures_of_an_atlas_are_really_tried(network: str, tmp_path: Path, caplog) -> None:
    caplog.set_level("INFO", "dreamer")
    for name in ("a", "b"):
        atlas(network, tmp_path / name, ["stage2"], "0-7", side=32)
    said = [record.getMessage() for record in caplog.records]
    assert "the best of 1, 2, 4, 8, measured in" in said[0]
    assert said[1].endswith("as measured before")
    assert tiles(tmp_path / "a") == tiles(tmp_path / "b")


def test_of_large_pictures_only_so_many_are_made_together(
    network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(best_plate_size, "MOST_PIXELS", 3 * 32 * 32)
    atlas(network, tmp_path / "a", ["stage2"], "0-3", side=32)
    assert json.loads((tmp_path / "a" / "atlas.json").read_text())["together"] in (1, 2, 3)


@pytest.mark.parametrize("together", [0, "many", 65])
def test_a_damaged_number_is_refused(network: str, tmp_path: Path, together: object) -> None:
    from dreamer.errors import FolderError

    atlas(network, tmp_path / "a", ["stage2"], "0", side=32)
    path = tmp_path / "a" / "atlas.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"together": together}))
    with pytest.raises(FolderError, match=r"atlas\.json is damaged"):
        atlas(network, tmp_path / "a", ["stage2"], "1", side=32)
