"""On a GPU: recorded steps give the bytes of steps run one by one, twice and after a resume, and
nobody waits for them.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dreams import Dreamt, drawing, dreamt, saved
from recorded import FILM, LAYER, SAME

from dreamer.engine.build import next_state
from dreamer.engine.captured import Captured
from dreamer.engine.crossing import Fetching
from dreamer.engine.execution import decide, under
from dreamer.engine.folder import Folder
from dreamer.engine.outside import Uncapturable
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.recorders import Run
from dreamer.engine.run import render_into
from dreamer.engine.stopping import Stop
from dreamer.errors import FrameError, Stopped
from dreamer.recipe.parse import recipe_from_tree

pytestmark = pytest.mark.gpu
GOOGLENET = {"architecture": "googlenet", "weights": "random"}
STANDARD: dict[str, Any] = {
    "size": [320, 192],
    "length": 8,
    "fps": 4,
    "source": {"noise": "plasma"},
    "network": GOOGLENET,
    "target": "inception_4c",
    "ascent": {"preset": "deepdream-2015", "octaves": 3, "steps": 5},
    "motion": {"zoom": 1.3, "rotate": 9},
    "classify": "off",
}


class Refusing:
    """Records nothing."""

    name = "nothing"

    def record(self, run: Run) -> Run:
        raise Uncapturable("asked to run them one by one")

    def ahead(self, pixels: int) -> None: ...


def captured(found: Dreamt) -> Captured:
    assert found.made.captured is not None
    return found.made.captured


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16"])
@pytest.mark.parametrize("name", SAME)
def test_recorded_steps_are_the_same_bytes(name: str, precision: str, tmp_path: Path) -> None:
    saved(tmp_path / "guide.png", drawing(40, 48))
    execution, tree = decide("cuda", precision), FILM | SAME[name]
    alone = dreamt(tree, tmp_path, 3, execution, Refusing())
    found = dreamt(tree, tmp_path, 3, execution)
    again = dreamt(tree, tmp_path, 3, execution)
    assert captured(found).told()["why"] == []
    assert captured(found).replayed > 0
    for one, other, third in zip(alone.states, found.states, again.states, strict=True):
        assert torch.equal(one.image, other.image)
        assert torch.equal(other.image, third.image)


def test_the_standard_work_is_near_to_the_processors() -> None:
    still = {k: v for k, v in STANDARD.items() if k not in ("length", "fps", "motion")}
    here = dreamt(still, execution=decide("cuda", "float32")).image.cpu()
    there = dreamt(still, execution=decide("cpu", "float32")).image
    assert (here - there).abs().mean() < 0.02


def test_within_a_frame_nobody_waits() -> None:
    found = dreamt(STANDARD, frames=3, execution=decide("cuda"))
    state, plans = found.states[-1], [found.ready.plan.at(k) for k in (3, 4)]
    fetching = Fetching("cuda")
    with under(decide("cuda")), torch.no_grad():
        torch.cuda.set_sync_debug_mode("error")
        try:
            for plan in plans:
                state = next_state(found.made, plan, state, found.source)
                get = fetching.pixels(state, (0, 0))
        finally:
            torch.cuda.set_sync_debug_mode("default")
    np.testing.assert_array_equal(get(), state.image[0].cpu().numpy())


@pytest.fixture
def torch_deterministic(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("name", ["2015", "house preset", "classes", "chosen channels", "scales"])
def test_torch_finds_nothing_that_is_not_deterministic(
    name: str, torch_deterministic: None
) -> None:
    """It raises where a kernel has no order, and takes its own ordered one where there are two."""
    execution, tree = decide("cuda", "float32"), FILM | SAME[name]
    found = dreamt(tree, frames=2, execution=execution, recorder=Refusing())
    torch.use_deterministic_algorithms(False)
    assert torch.equal(found.image, dreamt(tree, frames=2, execution=execution).image)


def test_a_film_takes_no_more_memory_frame_by_frame() -> None:
    found = dreamt(STANDARD | {"length": 24}, frames=4, execution=decide("cuda"))
    state, taken = found.states[-1], []
    with under(decide("cuda")), torch.no_grad():
        for index in range(4, 16):
            state = next_state(found.made, found.ready.plan.at(index), state, found.source)
            torch.cuda.synchronize()
            taken.append(torch.cuda.memory_allocated())
    assert max(taken[2:]) - min(taken[2:]) < 4 << 20  # blocks of memory differ a little
    assert captured(found).made == 3


class After(Stop):
    """Asked for once somebody has looked so often whether it was."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times

    def __bool__(self) -> bool:
        self._left -= 1
        if self._left == 0:
            self.ask(signal.SIGINT)
        return super().__bool__()


def rendered(place: Path, tree: dict[str, Any], stop_after: int | None = None) -> Folder:
    """The film of `tree`, stopped once and taken up again if `stop_after` says when."""
    folder = Folder(place)
    ready = prepare(folder, checked(recipe_from_tree(tree, place.parent)), "test")
    if stop_after is not None:
        with pytest.raises(Stopped):
            render_into(folder, ready, stop=After(stop_after))
        assert 0 < folder.whole_frames() < 8
    render_into(folder, ready)
    return folder


def test_a_film_is_the_same_bytes_twice_and_after_a_resume(tmp_path: Path) -> None:
    tree = STANDARD | {"device": "cuda"}
    folders = [
        rendered(tmp_path / name, tree, after)
        for name, after in (("one", None), ("two", None), ("three", 60))
    ]
    one, two, three = ([p.read_bytes() for p in sorted(f.frames.iterdir())] for f in folders)
    assert len(one) == 8
    assert one == two
    assert one == three
    told = folders[0].read_json("state/steps.json")
    assert (told["by"], told["why"]) == ("CUDA graphs", [])
    assert [e.index for e in folders[0].journal().entries.values()] == list(range(8))


def test_what_is_no_picture_is_refused_and_what_is_before_it_kept(tmp_path: Path) -> None:
    loud = {"layer": "conv1", "objective": "power", "exponent": 16, "weight": 1e6}
    wild = {"normalize": "none", "highlights": "late", "step": 1000, "steps": 9}
    tree = {"size": 64, "length": 4, "target": loud, "ascent": wild, "classify": "off"}
    tree |= {"device": "cuda", "precision": "float32"}
    folder = Folder(tmp_path / "wild")
    ready = prepare(folder, checked(recipe_from_tree(tree, tmp_path)), "test")
    with pytest.raises(FrameError, match="frame 0 came out as no picture"):
        render_into(folder, ready)
    assert folder.whole_frames() == 0


def test_a_mask_stays_where_other_octaves_are_recorded() -> None:
    """Recordings share their memory: none may write where another one reads."""
    tree = FILM | {
        "length": 6,
        "target": [{"layer": LAYER, "mask": "left"}, {"class": "daisy", "mask": "right"}],
        "ascent": {"octaves": 3, "steps": 5, "optimiser": "adam"},
    }
    execution = decide("cuda")
    alone = dreamt(tree, frames=6, execution=execution, recorder=Refusing())
    found = dreamt(tree, frames=6, execution=execution)
    assert [torch.equal(a.image, b.image) for a, b in zip(alone.states, found.states, strict=True)]
    assert torch.equal(alone.image, found.image)
