"""Rendering into a folder: from whatever is durable there to the last frame, or to where
somebody stops it.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple

from dreamer import __version__
from dreamer.engine import sources
from dreamer.engine.build import build
from dreamer.engine.execution import Execution, under
from dreamer.engine.facts import Gathered
from dreamer.engine.folder import Folder
from dreamer.engine.loop import Frame, frames
from dreamer.engine.stopping import Stop, listening
from dreamer.engine.writer import Finished, Writer
from dreamer.errors import FolderError, Stopped
from dreamer.recipe.parse import Parsed, as_yaml
from dreamer.recipe.plan import FramePlan, Plan
from dreamer.recipe.planning import plan

ENDLESS_WINDOW = 240


class Ready(NamedTuple):
    """A recipe with all that is known about what it names, checked and planned."""

    recipe: Parsed
    gathered: Gathered
    plan: Plan


class Told(NamedTuple):
    """What a watcher is told: frames durable so far, frames in all (None: endless), seconds
    spent.
    """

    done: int
    of: int | None
    seconds: float
    rendered: int


Watcher = Callable[[Told], None]


def frame_plans(ready: Ready, start: int) -> Iterator[FramePlan]:
    """The plans of all frames from `start` on; an endless film is planned in windows."""
    if ready.plan.frames is not None:
        for index in range(start, ready.plan.frames):
            yield ready.plan.at(index)
        return
    for window in count(start // ENDLESS_WINDOW):
        first = window * ENDLESS_WINDOW
        planned = plan(ready.recipe, ready.gathered.facts, (first, ENDLESS_WINDOW))
        for index in range(max(first, start), first + ENDLESS_WINDOW):
            yield planned.at(index)


def embedded(ready: Ready, folder: Folder) -> Mapping[str, str]:
    """What travels inside every picture and film: enough to make it again, nothing about here
    and now.
    """
    home = folder.path.resolve()

    def named(path: str) -> str:
        inside = Path(path).is_relative_to(home)
        return Path(path).relative_to(home).as_posix() if inside else Path(path).name

    return {
        "dreamer:recipe": as_yaml(ready.recipe.with_files(named)),
        "dreamer:seed": str(ready.recipe.words.seed),
        "dreamer:version": __version__,
    }


def render_into(folder: Folder, ready: Ready, watch: Watcher = lambda told: None) -> int:
    """Render all that is missing in `folder`; returns how many frames are there afterwards.

    Raises:
        Stopped: a signal asked for it; what is finished is kept.
        FolderError: the folder is another process's, or cannot be written.
    """
    execution = folder.execution()
    folder.lock()
    try:
        with listening() as stop, under(execution):
            return _render(folder, ready, execution, watch, stop)
    finally:
        folder.unlock()


def _render(folder: Folder, ready: Ready, execution: Execution, watch: Watcher, stop: Stop) -> int:
    done = folder.whole_frames()
    if done and ready.plan.frames is not None and done >= ready.plan.frames:
        return done
    state = folder.state_before(done)
    start = 0 if state is None else state.index + 1
    need = ready.plan.width * ready.plan.height * 3 * ((ready.plan.frames or 1) - start)
    if folder.free_bytes() < need // 2 + (1 << 24):
        free = folder.free_bytes() / 1e6
        raise FolderError(
            f"{folder.path}: about {need / 2e6:.0f} MB are needed, {free:.0f} MB are free"
        )
    size = (ready.plan.height, ready.plan.width)
    source = sources.first_picture(ready.recipe, size, ready.gathered.source)
    made = build(ready.plan, ready.gathered.cards, ready.recipe.words.seed, execution)
    every = max(1, round(ready.plan.fps))
    text = embedded(ready, folder)
    began = last = time.monotonic()
    rendered = 0

    def durable_now(index: int) -> None:
        watch(Told(index + 1, ready.plan.frames, time.monotonic() - began, index + 1 - start))

    with Writer(
        folder,
        lambda _: text,
        16 if ready.recipe.words.output.frames == "png16" else 8,
        durable_now,
    ) as writer:
        for frame in frames(made, frame_plans(ready, start), source.to(execution.device), state):
            now = time.monotonic()
            index = frame.state.index
            final = index + 1 == ready.plan.frames
            due = final or bool(stop) or index % every == every - 1
            if index >= done:
                writer.put(_finished(frame, now - last, due))
            rendered, last = index + 1, now
            if stop and not final:
                break
    if stop.signal is not None and rendered != ready.plan.frames:
        name = signal.Signals(stop.signal).name
        raise Stopped(
            f"stopped by {name} after frame {rendered - 1}; `dreamer resume {folder.path}` goes on",
            stop.signal,
        )
    return rendered


def _finished(frame: Frame, seconds: float, due: bool) -> Finished:
    pixels = frame.state.image[0].cpu().numpy()
    return Finished(
        frame.state.index, pixels, seconds, frame.plan.values(), frame.state if due else None
    )
