"""Stills rendered as one group: each as it is alone, to a level, in whatever company."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from groups import alone, group, levels, members, promised, still
from PIL import Image

from dreamer.engine import folder as folders
from dreamer.engine import together as meetings
from dreamer.engine.folder import Folder
from dreamer.engine.grouped import Member, render_together
from dreamer.engine.likeness import likeness, most_together
from dreamer.engine.outcome import see_through
from dreamer.engine.preparing import checked, kept
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Told
from dreamer.engine.tried_steps import seconds_a_picture
from dreamer.errors import FolderError, FrameError, Stopped
from dreamer.recipe.parse import parse_recipe, recipe_from_tree

OBJECTIVES = Path(__file__).parents[2] / "recipes" / "objectives"


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures each pass that is climbed had."""
    found: list[int] = []
    run = meetings._run

    def noted(asking: list[Any], rows: int) -> Any:
        found.extend([rows * len(asking[0].asked.pictures)] * asking[0].asked.climbed)
        return run(asking, rows)

    monkeypatch.setattr(meetings, "_run", noted)
    return found


# In whose states (if not in their pictures) it is seen with how many others they were rendered.
EXACT = {"precision": "float32", "ascent": {"octaves": 2, "steps": 4}}
RECIPES: dict[str, dict[str, Any]] = {
    "pixels": {"ascent": {"preset": "deepdream-2015", "octaves": 2, "steps": 3}},
    "sizes by chance": {"ascent": {"preset": "lucid", "steps": 3}},
    "a window": {"ascent": {"octaves": 1, "steps": 3, "window": 36}},
    "classes in masks": {
        "target": [{"class": "daisy", "mask": "left"}, {"class": "flamingo", "mask": "right"}]
    },
    "a guide": {
        "target": {"layer": "inception_3b", "objective": "guide", "reference": "guide.png"}
    },
    "inversion": {
        "target": {"layer": "inception_3b", "objective": "inversion", "reference": "guide.png"},
        "ascent": {"preset": "inversion", "steps": 3},
    },
    "inside a mask": {"inpaint": {"mask": "middle", "feather": 4}},
    "two networks": {"target": ["inception_3b", {"layer": "stage2b", "network": "judge"}]},
    "samples": {
        "samples": 2,
        "target": ["inception_3b", {"layer": "inception_3a", "objective": "diversity"}],
    },
    "chosen channels": {
        "target": {"layer": "inception_3b", "objective": "energy", "channels": {"strongest": 5}}
    },
    "a tile": {"seamless": True},
}


@pytest.fixture
def guide(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 255, (40, 52, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "guide.png")


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.usefixtures("guide")
def test_grouped_and_alone_are_a_level_apart_at_most(name: str, tmp_path: Path) -> None:
    recipe = RECIPES[name] | {"precision": "float32"}
    readies = [still(tmp_path, seed=seed, **recipe) for seed in (1, 2, 3)]
    together = group(tmp_path / "grouped", readies)
    for one, other in zip(together, alone(tmp_path / "alone", readies), strict=True):
        assert levels(one, other) <= 1
    first, second = together[:2]
    assert levels(first, second) > 1  # which a comparison of nothing would not see


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("path", sorted(OBJECTIVES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_objective_may_be_grouped(path: Path, precision: str, tmp_path: Path) -> None:
    side = 128 if "by-octave" in path.stem else 64
    few = [f"size={side}", "classify=off", f"precision={precision}", "ascent.steps=2"]
    few += ["ascent.octaves=1"] * ("by-octave" not in path.stem)
    readies = [checked(parse_recipe(path, [*few, f"seed={seed}"])) for seed in (1, 2)]
    together = group(tmp_path / "grouped", readies)
    for one, other in zip(together, alone(tmp_path / "alone", readies), strict=True):
        assert levels(one, other) <= 1


def test_members_share_their_passes(tmp_path: Path, passes: list[int]) -> None:
    group(tmp_path, [still(seed=seed) for seed in (1, 2, 3)])
    assert passes == [3] * 4  # two octaves of two steps


def test_the_same_group_gives_the_same_bytes(tmp_path: Path) -> None:
    readies = [still(seed=seed, **EXACT, classify={"top": 3}) for seed in (1, 2, 3)]
    for one, other in zip(
        group(tmp_path / "one", readies), group(tmp_path / "other", readies), strict=True
    ):
        assert promised(one.folder) == promised(other.folder)
        assert other.scores == one.scores


def test_a_folder_says_which_place_it_has(tmp_path: Path) -> None:
    (_, second) = group(tmp_path, [still(seed=1), still(seed=2)])
    execution = Folder(second.folder).execution()
    assert (execution.row, execution.rows) == (1, 2)
    (by_itself,) = group(tmp_path / "one", [still(seed=1)])
    assert "rows" not in Folder(by_itself.folder).read_json("execution.json")


def test_places_of_others_may_be_empty(tmp_path: Path) -> None:
    readies = [still(seed=seed, **EXACT) for seed in (1, 2, 3)]
    whole = group(tmp_path / "whole", readies)
    begun = members(tmp_path / "one", readies)
    found = render_together([None, begun[1], None])
    assert found[0] is found[2] is None
    assert promised(tmp_path / "one" / "1") == promised(whole[1].folder)


def test_one_that_ends_badly_costs_nobody_else(tmp_path: Path) -> None:
    readies = [still(seed=seed, **EXACT) for seed in (1, 2, 3)]
    whole = group(tmp_path / "whole", readies)
    (tmp_path / "bad" / "0").mkdir(parents=True)
    (tmp_path / "bad" / "0" / "foreign.txt").touch()
    wild = still(
        target={"layer": "conv1", "objective": "power", "exponent": 16, "weight": 1e6},
        ascent={"normalize": "none", "highlights": "late", "step": 1000, "steps": 9},
    )
    found = render_together(members(tmp_path / "bad", [readies[0], readies[1], wild]))
    assert isinstance(found[0], FolderError)
    assert isinstance(found[2], FrameError)
    assert promised(tmp_path / "bad" / "1") == promised(whole[1].folder)


def test_a_full_disk_is_one_members_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = folders.Folder.keep_frame

    def full(self: Folder, *frame: Any) -> None:
        if self.path.name == "1":
            raise OSError(28, "No space left on device")
        keep(self, *frame)

    readies = [still(seed=seed) for seed in (1, 2, 3)]
    with monkeypatch.context() as patched:
        patched.setattr(folders.Folder, "keep_frame", full)
        found = render_together(members(tmp_path / "a", readies))
    assert isinstance(found[1], FolderError)
    assert "the disk is full" in str(found[1])
    whole = group(tmp_path / "b", readies)
    again = group(tmp_path / "a", readies)
    for one, other in zip(again, whole, strict=True):
        assert promised(one.folder) == promised(other.folder)


def test_finished_ones_are_not_touched(tmp_path: Path, passes: list[int]) -> None:
    readies = [still(seed=seed, classify={"top": 2}) for seed in (1, 2)]
    first = group(tmp_path, readies)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    passes.clear()
    again = group(tmp_path, readies)
    assert passes == []
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")} == before
    assert [one.as_text() for one in again] == [one.as_text() for one in first]


@pytest.mark.parametrize("lost", ["still.png", "frames/000000.png", "scores.json", "report.json"])
def test_what_is_missing_of_one_is_made_again(lost: str, tmp_path: Path) -> None:
    readies = [still(seed=seed, classify={"top": 2}) for seed in (1, 2)]
    folder = group(tmp_path, readies)[1].folder
    before = promised(folder)
    (folder / lost).unlink()
    group(tmp_path, readies)
    assert promised(folder) == before
    assert (folder / lost).is_file()


def test_one_that_was_begun_by_itself_goes_on_so(tmp_path: Path) -> None:
    readies = [still(seed=seed, **EXACT) for seed in (1, 2)]
    (lonely,) = group(tmp_path / "alone", [readies[1]])
    (tmp_path / "both").mkdir()
    lonely.folder.rename(tmp_path / "both" / "1")
    before = promised(tmp_path / "both" / "1")
    (tmp_path / "both" / "1" / "frames" / "000000.png").unlink()
    found = group(tmp_path / "both", readies)
    assert len(found) == 2
    assert promised(tmp_path / "both" / "1") == before


def test_a_stop_ends_all_of_them_and_they_go_on(tmp_path: Path) -> None:
    readies = [still(seed=seed) for seed in (1, 2, 3)]
    whole, stop = group(tmp_path / "whole", readies), Stop()

    def watch(number: int, told: Told) -> None:
        if number == 1 and told.within is not None and told.within.step == 2:
            stop.ask(2)

    found = render_together(members(tmp_path / "cut", readies), watch, stop)
    assert [type(one) for one in found] == [Stopped] * 3
    for one, other in zip(group(tmp_path / "cut", readies), whole, strict=True):
        assert promised(one.folder) == promised(other.folder)


def test_each_may_be_resumed_by_itself(tmp_path: Path) -> None:
    readies = [still(seed=seed, **EXACT) for seed in (1, 2, 3)]
    for one in group(tmp_path, readies):
        before = promised(one.folder)
        (one.folder / "frames" / "000000.png").unlink()
        folder = Folder(one.folder)
        see_through(folder, kept(folder))
        assert promised(one.folder) == before


def test_what_cannot_be_a_member_is_refused(tmp_path: Path) -> None:
    film = checked(recipe_from_tree({"size": 48, "length": 2}, name="film"))
    with pytest.raises(ValueError, match="only stills"):
        render_together(members(tmp_path, [film, still()]))
    twice = Member(Folder(tmp_path / "one"), still())
    with pytest.raises(ValueError, match="one folder"):
        render_together([twice, twice])


ALIKE = {
    "another seed": {"seed": 9},
    "another source": {"source": {"noise": "white"}},
    "another step": {"ascent": {"octaves": 2, "steps": 2, "step": 3}},
    "other channels": {"target": {"layer": "inception_3b", "channels": [3]}},
    "another weight": {"target": {"layer": "inception_3b", "weight": 2}},
    "what has no weight": {"target": ["inception_3b", {"class": "daisy", "weight": 0}]},
    "a mask": {"target": {"layer": "inception_3b", "mask": "left"}},
    "other colours": {"colors": {"keep": 0.5}},
    "jitter": {"ascent": {"octaves": 2, "steps": 2, "jitter": 3}},
}
UNLIKE = {
    "another layer": {"target": "inception_3a"},
    "before the ReLU": {"target": "inception_3b:pre"},
    "a class": {"target": {"class": "daisy"}},
    "another network": {"network": "judge", "target": "stage2b"},
    "one network more": {"target": ["inception_3b", {"layer": "stage2b", "network": "judge"}]},
    "another size": {"size": [48, 50]},
    "more octaves": {"ascent": {"octaves": 1, "steps": 2}},
    "more steps": {"ascent": {"octaves": 2, "steps": 3}},
    "a tile": {"seamless": True},
    "samples": {"samples": 2},
    "a window": {"ascent": {"octaves": 2, "steps": 2, "window": 32}},
    "another precision": {"precision": "float32"},
    "channels by the source": {
        "target": {"layer": "inception_3b", "objective": "energy", "channels": {"strongest": 5}}
    },
    "a guide": {
        "target": {"layer": "inception_3b", "objective": "guide", "reference": "guide.png"}
    },
}


@pytest.mark.parametrize("name", ALIKE)
def test_alike(name: str, tmp_path: Path, passes: list[int]) -> None:
    """What is alike shares every pass."""
    readies = [still(), still(**ALIKE[name])]
    assert likeness(readies[0]) == likeness(readies[1]) is not None
    group(tmp_path, readies)
    assert passes == [2] * 4


@pytest.mark.parametrize("name", UNLIKE)
@pytest.mark.usefixtures("guide")
def test_unlike(name: str, tmp_path: Path) -> None:
    assert likeness(still()) != likeness(still(tmp_path, **UNLIKE[name]))


def test_sizes_by_chance_are_alike_for_one_seed() -> None:
    lucid = {"ascent": {"preset": "lucid", "steps": 3}}
    assert likeness(still(seed=1, **lucid)) != likeness(still(seed=2, **lucid))
    assert likeness(still(seed=1, **lucid)) == likeness(still(seed=1, title="again", **lucid))


def test_films_long_climbs_and_large_stills_are_rendered_by_themselves() -> None:
    assert likeness(checked(recipe_from_tree({"size": 48, "length": 2}))) is None
    assert likeness(still(ascent={"octaves": 2, "steps": 50})) is not None
    assert likeness(still(ascent={"octaves": 2, "steps": 61})) is None
    assert likeness(still(ascent={"preset": "lucid"})) is None
    assert likeness(still(size=1000)) is None
    assert most_together(still(size=1000)) == 1
    assert most_together(still(size=128)) == 16
    assert most_together(still(size=128, samples=4)) == 4
    assert most_together(still(size=256)) == 4


def test_seconds_a_picture_are_those_of_all_its_steps() -> None:
    few, many = (still(ascent={"octaves": 1, "steps": steps}) for steps in (4, 400))
    assert 20 < seconds_a_picture(many, 2) / seconds_a_picture(few, 2) < 500


PROGRAM = """
import sys
from pathlib import Path
from groups import members, still
from dreamer.engine.grouped import render_together
render_together(
    members(Path(sys.argv[1]), [still(seed=seed, classify={"top": 2}) for seed in (1, 2, 3)]),
    lambda number, told: print(number, told.done, flush=True),
)
"""


@pytest.mark.parametrize("lines", [7, 13])
def test_killed_anywhere_a_group_goes_on_to_the_same_bytes(lines: int, tmp_path: Path) -> None:
    """In the middle of the ascent, and when some of the frames are there."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "cut")],
        cwd=Path(__file__).parent,
        env=os.environ | {"OMP_NUM_THREADS": "1"},  # as here: bytes depend on it
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for _ in range(lines):
        process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    readies = [still(seed=seed, classify={"top": 2}) for seed in (1, 2, 3)]
    whole = group(tmp_path / "whole", readies)
    for one, other in zip(group(tmp_path / "cut", readies), whole, strict=True):
        assert promised(one.folder) == promised(other.folder)
