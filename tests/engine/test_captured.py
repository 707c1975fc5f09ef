"""Steps that are recorded and run again give the bytes of steps that run one by one."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch
from dreams import Dreamt, drawing, dreamt, saved
from recorded import FILM, LAYER, SAME

from dreamer.engine.captured import WORTH
from dreamer.engine.outside import Uncapturable, rehearsed
from dreamer.engine.recorders import Again
from dreamer.recipe.plan import OctavePlan


@pytest.mark.parametrize("name", SAME)
def test_recorded_steps_are_the_same_bytes(name: str, tmp_path: Path) -> None:
    saved(tmp_path / "guide.png", drawing(40, 48))
    tree = FILM | SAME[name]
    alone = dreamt(tree, tmp_path, 2)
    found = dreamt(tree, tmp_path, 2, recorder=Again())
    told = found.made.captured.told()
    assert told["recorded_steps"] > 0
    assert told["why"] == []
    for one, other in zip(alone.states, found.states, strict=True):
        assert torch.equal(one.image, other.image)
        assert torch.equal(one.anchor, other.anchor)


OTHERWISE = {
    "transforms": ({"ascent": {"transforms": "lucid", "steps": 4}}, "drawn anew"),
    "a window": ({"ascent": {"window": 40, "steps": 4}}, "a part of the picture"),
    "one place": ({"target": {"layer": LAYER, "objective": "neuron"}}, "one place"),
    "parameters": (
        {"ascent": {"preset": "lucid", "transforms": "none", "steps": 4}, "length": 1},
        "parameters",
    ),
    "what never repeats": (
        {"ascent": {"blur": 1.0, "blur_end": 0.1, "steps": 5, "octaves": 1}},
        None,
    ),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_cannot_be_recorded_is_stepped_and_the_reason_told(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    words, reason = OTHERWISE[name]
    tree = FILM | {"motion": {}} | words
    count = tree["length"] - 1 or 1
    alone = dreamt(tree, frames=count)
    with caplog.at_level(logging.INFO, "dreamer"):
        found = dreamt(tree, frames=count, recorder=Again())
    assert torch.equal(alone.image, found.image)
    told = found.made.captured.told()
    assert told["recorded_steps"] == 0
    assert told["other_steps"] == sum(o.steps for k in range(count) for o in octaves(found, k))
    said = [r.message for r in caplog.records if "one by one" in r.message]
    assert len(said) == (reason is not None)  # once, and not for what only is not worth it
    assert all(reason in text for text in (*told["why"], *said))


def octaves(found: Dreamt, frame: int) -> tuple[OctavePlan, ...]:
    return found.ready.plan.at(frame).octaves


def test_few_steps_a_frame_are_recorded_once_there_were_some() -> None:
    tree = FILM | {"length": 6, "ascent": {"steps": 1, "octaves": 1}}
    found = dreamt(tree, frames=6, recorder=Again())
    told = found.made.captured.told()
    assert (told["recordings"], told["other_steps"]) == (1, WORTH - 1)
    assert torch.equal(dreamt(tree, frames=6).image, found.image)


class Refusing:
    name = "nothing"

    def record(self, run: object) -> object:
        raise Uncapturable("there is no memory for it")

    def ahead(self, pixels: int) -> None: ...


def test_a_recording_that_fails_makes_no_render_fail() -> None:
    tree = FILM | {"ascent": {"optimiser": "momentum", "steps": 5, "octaves": 1}}
    found = dreamt(tree, frames=2, recorder=Refusing())
    assert torch.equal(dreamt(tree, frames=2).image, found.image)
    assert found.made.captured.told()["why"] == ["there is no memory for it"]


def test_where_frames_never_repeat_themselves_recording_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dreamer.engine.captured.MOST", 2)
    tree = FILM | {"length": 4, "ascent": {"variation": {"expr": "1+t"}, "steps": 4, "octaves": 1}}
    found = dreamt(tree, frames=4, recorder=Again())
    told = found.made.captured.told()
    assert (told["recordings"], told["recorded_steps"], told["other_steps"]) == (2, 8, 8)
    assert "change from frame to frame" in told["why"][0]
    assert torch.equal(dreamt(tree, frames=4).image, found.image)


def test_attribution_is_added_up_by_recorded_steps() -> None:
    tree = {"target": {"layer": LAYER}, "output": {"transparency": "attribution"}}
    tree |= {"size": 64, "ascent": {"octaves": 2, "steps": 5}}
    alone, found = dreamt(tree), dreamt(tree, recorder=Again())
    assert found.made.captured.told()["recorded_steps"] == 10
    assert torch.equal(alone.states[0].alpha, found.states[0].alpha)


def test_what_is_kept_from_call_to_call_stays_for_a_recording() -> None:
    cache: dict[str, torch.Tensor] = {}
    x, weight = torch.ones(3), torch.full((3,), 2.0)

    def run() -> None:
        cache.setdefault("it", torch.arange(3.0))
        x.copy_(x * weight + cache["it"])

    kept = rehearsed(run, "cpu")
    assert {id(t) for t in kept} >= {id(x), id(weight), id(cache["it"])}
    assert len(kept) == 3


def test_a_run_that_asks_for_a_value_is_refused() -> None:
    x = torch.ones(3, device="meta")
    with pytest.raises(RuntimeError, match="meta"):
        rehearsed(lambda: float(x.sum()), "meta")
    with pytest.raises(Uncapturable, match="lift_fresh"):
        rehearsed(lambda: x + torch.tensor([1.0, 2.0, 3.0], device="meta"), "meta")
    with pytest.raises(Uncapturable, match="copy"):
        rehearsed(lambda: x + torch.ones(3).to("meta"), "meta")
