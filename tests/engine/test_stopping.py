"""Renders that are stopped: when a signal is heard, and that they go on to the same bytes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from kept_frames import frames_of
from PIL import Image

from dreamer.engine import run
from dreamer.engine.outcome import see_through
from dreamer.engine.preparing import kept
from dreamer.engine.run import render_into
from dreamer.errors import Stopped


def test_a_still_is_interrupted_in_its_frame(begun, monkeypatch) -> None:
    from dreamer.dreaming import climb

    folder, ready = begun(length=None, ascent={"steps": 1000, "octaves": 1})
    step, taken = climb.step, []

    def stepping(*arguments, **named):
        taken.append(1)
        if len(taken) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(*arguments, **named)

    monkeypatch.setattr(climb, "step", stepping)
    with pytest.raises(Stopped, match="stopped by SIGTERM in the middle of a frame") as stopped:
        see_through(folder, ready)
    assert stopped.value.exit_code == 143
    assert len(taken) < 10


def test_a_frame_that_takes_too_long_is_left_and_the_one_before_kept(begun, monkeypatch) -> None:
    from dreamer.dreaming import climb

    monkeypatch.setattr(run, "PATIENCE_SECONDS", -1)
    folder, ready = begun(fps=60, ascent={"steps": 4, "octaves": 1})
    step, taken = climb.step, []

    def stepping(*arguments, **named):
        taken.append(1)
        if len(taken) == 4 * 3 + 2:
            os.kill(os.getpid(), signal.SIGINT)
        return step(*arguments, **named)

    monkeypatch.setattr(climb, "step", stepping)
    with pytest.raises(Stopped, match="in the middle of a frame"):
        render_into(folder, ready)
    assert folder.whole_frames() == 3
    state = folder.state_before(8)
    assert state is not None
    assert state.index == 2


@pytest.mark.parametrize("moment", ["last frame", "film"])
def test_a_signal_at_the_very_end_is_heard(begun, monkeypatch, moment: str) -> None:
    from dreamer.engine import outcome

    folder, ready = begun(length=2)
    make = outcome.films_made

    def told(news: run.Told) -> None:
        if moment == "last frame" and news.done == news.of:
            os.kill(os.getpid(), signal.SIGINT)

    def making(*arguments, **named):
        os.kill(os.getpid(), signal.SIGINT)
        return make(*arguments, **named)

    if moment == "film":
        monkeypatch.setattr(outcome, "films_made", making)
    words = {"last frame": "after 2 frames; .* goes on", "film": "makes what is left"}[moment]
    with pytest.raises(Stopped, match=words) as stopped:
        see_through(folder, ready, told)
    assert stopped.value.exit_code == 130
    monkeypatch.undo()
    assert see_through(folder, ready).product.is_file()


ANY_WAY = {
    "fourier": {"ascent": {"parameterisation": "fourier", "begin": "frame", "optimiser": "adam"}},
    "momentum": {"ascent": {"optimiser": "momentum", "steps": 3}},
    "a window": {"ascent": {"window": 40, "steps": 3}},
    "from noise": {
        "ascent": {"preset": "lucid", "steps": 4, "transforms": "none"},
        "target": {"layer": "conv1", "objective": "inversion", "reference": "frame"},
    },
    "masks, colours, inside": {
        "target": [{"layer": "conv1", "mask": "left"}, {"class": "daisy", "mask": "right"}],
        "inpaint": {"mask": "middle", "feather": 4},
        "colors": {"keep": 0.3, "palette": "palette.png"},
    },
    "channels of the source": {"target": {"layer": "conv2", "channels": {"strongest": 3}}},
}


@pytest.mark.parametrize("name", ANY_WAY)
def test_a_film_of_any_kind_goes_on_to_the_same_bytes(name: str, begun, tmp_path: Path) -> None:
    Image.new("RGB", (9, 7), "olive").save(tmp_path / "palette.png")
    words = ANY_WAY[name]
    own = {"steps": 2, "octaves": 1} | words.get("ascent", {})
    if own.get("parameterisation") == "fourier":
        own |= {"falloff": 0, "color": "rgb", "normalize": "none"}
    changes = {**words, "ascent": own, "motion": {"zoom": 1.2}, "length": 6}
    whole, ready = begun("whole", **changes)
    render_into(whole, ready)
    broken, ready = begun("broken", **changes)
    stop = run.Stop()

    def told(news: run.Told) -> None:
        if news.done == 3:
            stop.ask(signal.SIGTERM)

    with pytest.raises(Stopped):
        render_into(broken, ready, told, stop)
    assert broken.whole_frames() >= 3
    render_into(broken, kept(broken))
    assert frames_of(broken) == frames_of(whole)
