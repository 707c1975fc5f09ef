"""Counts that no machine changes, of a frame that is told to a device and computed nowhere: how
often networks are run, what passes between host and device, and that a frame is like the last.

Tensors of torch's `meta` device have no values: whoever asks for one is an error.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
import torch
from dreams import FP32, dreamt

from dreamer.engine.build import next_state
from dreamer.engine.captured import Recorder
from dreamer.engine.execution import under
from dreamer.engine.outside import Outside
from dreamer.engine.recorders import Again, Run

META = replace(FP32, device="meta", precision="bfloat16")
GOOGLENET = {"architecture": "googlenet", "weights": "random"}
CONVOLUTIONS = 33  # of GoogLeNet to inception4c: three, and six in each of five modules
FILM = {"size": [320, 192], "length": 4, "fps": 4, "motion": {"zoom": 1.3, "rotate": 9}}
FEW = {"octaves": 1, "steps": 4}
STANDARD: dict[str, Any] = FILM | {
    "network": GOOGLENET,
    "target": "inception_4c",
    "ascent": {"preset": "deepdream-2015", "octaves": 3, "steps": 5},
}
WORKS: dict[str, dict[str, Any]] = {
    "standard": STANDARD,
    "house": FILM | {"ascent": FEW},
    "house, its classes and masks": FILM
    | {"ascent": FEW}
    | {"target": [{"class": "daisy", "mask": "left"}, {"layer": "inception_3b", "mask": "right"}]},
    "seamless, in momentum": FILM
    | {"seamless": True, "motion": {"move": [0.1, 0]}, "ascent": FEW | {"optimiser": "momentum"}},
    "dreamt inside a mask": FILM | {"inpaint": {"mask": "left"}, "ascent": FEW},
    "towards the frame": FILM
    | {"ascent": FEW}
    | {"target": {"layer": "inception_3b", "objective": "inversion", "reference": "frame"}},
    "scales, channels by strength": FILM
    | {
        "target": {"layer": "inception_3b", "channels": {"strongest": 3, "renew": True}},
        "ascent": FEW | {"normalize": "scales", "highlights": "soft"},
    },
}


class Counted(NamedTuple):
    done: Counter[str]
    passed: list[str]


class Replays(Again):
    """Records as `Again`, and then does nothing: what is left is what a graph leaves the host."""

    def record(self, run: Run) -> Run:
        super().record(run)
        return lambda: None


def counted(tree: dict[str, Any], frames: int, recorder: Recorder | None = None) -> list[Counted]:
    """What the last two of the first `frames` are made of."""
    film = dreamt(tree, frames=frames - 2, execution=META, recorder=recorder)
    state, found = film.states[-1], []
    for index in (frames - 2, frames - 1):
        with Outside("meta") as outside, under(META), torch.no_grad():
            state = next_state(film.made, film.ready.plan.at(index), state, film.source)
        found.append(Counted(Counter(outside.done), outside.passed))
    return found


@pytest.mark.parametrize("name", WORKS)
def test_within_a_frame_nobody_waits_and_each_is_like_the_last(name: str) -> None:
    before, frame = counted(WORKS[name], 3)
    assert frame.passed == ["_to_copy.default"]  # the frame's numbers, in one piece
    assert frame.done == before.done


@pytest.mark.parametrize("name", WORKS)
def test_every_step_can_be_recorded(name: str) -> None:
    film = dreamt(WORKS[name], execution=META, recorder=Again("meta"))
    told = film.made.captured.told()
    assert told["why"] == []
    assert told["other_steps"] == 0


def test_each_step_runs_the_network_once_and_back() -> None:
    (_, frame), steps = counted(STANDARD, 3), 3 * 5
    assert frame.done["convolution.default"] == CONVOLUTIONS * steps
    assert frame.done["convolution_backward.default"] == CONVOLUTIONS * steps


def test_a_recorded_step_is_two_things_to_say() -> None:
    """The numbers are put in their place, and the graph is started; the rest is a frame's."""
    whole = sum(counted(STANDARD, 3)[1].done.values())
    (_, frame), steps = counted(STANDARD, 3, Replays("meta")), 3 * 5
    assert not {name for name in frame.done if name.startswith("convolution")}
    said = sum(frame.done.values())
    fewer = {"ascent": STANDARD["ascent"] | {"steps": 4}}
    less = sum(counted(STANDARD | fewer, 3, Replays("meta"))[1].done.values())
    assert said - less == 3 * 2  # a row of the numbers is taken, and copied
    assert said < whole / steps
