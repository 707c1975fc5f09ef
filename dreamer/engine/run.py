"""Rendering into a folder: all that is missing there, or until somebody stops it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from functools import cache
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import Tensor

from dreamer import __version__
from dreamer.engine import sources, tile_memory
from dreamer.engine.build import build
from dreamer.engine.crossing import Fetching
from dreamer.engine.execution import Execution, require_here, under
from dreamer.engine.filming import Filming
from dreamer.engine.folder import Folder
from dreamer.engine.heap import kept
from dreamer.engine.loop import Frame, frames
from dreamer.engine.missing import Missing, missing_in, require_room
from dreamer.engine.perceive import Through
from dreamer.engine.ready import Ready
from dreamer.engine.shelf import Shelf
from dreamer.engine.showing import Shown, always, following
from dreamer.engine.steps_told import note_steps
from dreamer.engine.stopping import Stop, listening
from dreamer.engine.together import in_row
from dreamer.engine.told import Told, Watcher, Within
from dreamer.engine.viewing import as_first, crossfaded
from dreamer.engine.writer import Finished, Writer, encoders
from dreamer.errors import RecipeError, Stopped
from dreamer.media.pictures import read_picture
from dreamer.recipe.beginnings import beginning_of
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.plan import FramePlan, Plan
from dreamer.recipe.planning import plan

log = logging.getLogger("dreamer")
ENDLESS_WINDOW = 240
# A film's frame is finished before the render stops, unless that would take longer than a person
# or a batch system waits.
PATIENCE_SECONDS = 5.0


class Segment(NamedTuple):
    """Frames `first` to `end` (None: endless), that one not included, of the film whose folder is
    `home`; the first looks at none before it.
    """

    home: Folder
    first: int
    end: int | None


def frame_plans(ready: Ready, start: int) -> Iterator[FramePlan]:
    """The plans of all frames from `start` on.

    An endless film is planned in windows, and ends where its schedules leave their range.
    """
    if ready.plan.frames is not None:
        for index in range(start, ready.plan.frames):
            yield ready.plan.at(index)
        return
    for first in count(start // ENDLESS_WINDOW * ENDLESS_WINDOW, ENDLESS_WINDOW):
        there = range(max(first, start), first + ENDLESS_WINDOW)
        try:
            planned = plan(ready.recipe, ready.gathered.facts, (first, ENDLESS_WINDOW))
        except RecipeError:
            yield from _until_refused(ready, there)
            return
        for index in there:
            yield planned.at(index)


def _until_refused(ready: Ready, there: range) -> Iterator[FramePlan]:
    for index in there:
        try:
            yield plan(ready.recipe, ready.gathered.facts, (index, 1)).at(index)
        except RecipeError as error:
            log.warning("the film ends before frame %d, which cannot be made:\n%s", index, error)
            return


def embedded(recipe: Parsed, folder: Folder) -> Mapping[str, str]:
    """What travels inside every picture and film: enough to make it again, nothing about here
    and now.
    """
    home = folder.path.resolve()

    def named(path: str) -> str:
        inside = Path(path).is_relative_to(home)
        return Path(path).relative_to(home).as_posix() if inside else Path(path).name

    return {
        "dreamer:recipe": as_yaml(recipe.with_files(named)),
        "dreamer:seed": str(recipe.words.seed),
        "dreamer:version": __version__,
    }


def render_into(
    folder: Folder,
    ready: Ready,
    watch: Watcher = lambda told: None,
    stop: Stop | None = None,
    filming: Filming | None = None,
    through: Through | None = None,
    segment: Segment | None = None,
) -> int:
    """Render all that is missing in `folder`; returns how many frames are there afterwards. With
    `segment`, which the folder is for, that is all there is to render.

    `stop` is asked instead of listening to signals here; `filming` is told of each frame that is
    durable. Networks are run by `through`: that of a meeting, or as the folder's execution says.

    Raises:
        Stopped: somebody asked for it; what is finished is kept.
        FolderError: the folder is another process's, cannot be written, or was begun on a device
            that is not here.
    """
    part = segment or Segment(folder, 0, ready.plan.frames)
    with folder.locked():
        folder.make_rooms()
        folder.cut_journal()
        missing = missing_in(folder, part.end)
        filming = filming or Filming(folder, {})
        filming.begin(missing.have, missing.among)
        if missing.none:
            return missing.have
        execution = folder.execution()
        require_here(execution, folder.path)
        require_room(folder, ready.plan, missing, ready.recipe.bits)
        with listening() if stop is None else nullcontext(stop) as asked:

            def rendered(through: Through) -> int:
                def attempted(execution: Execution, missing: Missing) -> int:
                    with under(execution), kept():
                        return _render(
                            folder, ready, part, execution, missing, watch, asked, filming, through
                        )

                return _as_memory_allows(folder, ready, part, missing, attempted)

            if through is not None:
                return rendered(through)
            return in_row(rendered, execution.row, execution.rows)


def _as_memory_allows(
    folder: Folder,
    ready: Ready,
    part: Segment,
    missing: Missing,
    attempted: Callable[[Execution, Missing], int],
) -> int:
    """What `attempted` returns, under the folder's execution, or under one with smaller tiles, by
    which the folder goes on, where memory runs out.
    """
    execution = folder.execution()
    while True:
        try:
            return attempted(execution, missing)
        except (RuntimeError, MemoryError) as error:
            execution = tile_memory.with_smaller_tiles(
                execution, ready.plan, ready.gathered.cards, error
            )
        # Not in the handler, where the error still holds all that was in memory.
        tile_memory.free(execution.device)
        folder.freeze_execution(execution)
        missing = missing_in(folder, part.end)


def _render(
    folder: Folder,
    ready: Ready,
    part: Segment,
    execution: Execution,
    missing: Missing,
    watch: Watcher,
    stop: Stop,
    filming: Filming,
    through: Through,
) -> int:
    goes_on = f"`dreamer resume {part.home.path}` goes on"
    bits = ready.recipe.bits
    state, start = folder.state_before(missing.first), beginning_of(ready.plan, missing.first)
    if state is not None and state.index >= start - 1:
        start = state.index + 1
    else:
        state = None

    whole = None if part.end is None else part.end - part.first
    going: FramePlan | None = None  # the first frame, until it is durable

    def noted(plans: Iterator[FramePlan]) -> Iterator[FramePlan]:
        nonlocal going
        for frame in plans:
            going = frame if frame.index == start else None
            yield frame

    def on_step(octave: int, step: int) -> None:
        if going is not None:
            here = Within(octave + 1, len(going.octaves), step + 1, going.octaves[octave].steps)
            watch(Told(start - part.first, whole, time.monotonic() - began, 0, here))
        if ready.recipe.still or stop.waited > PATIENCE_SECONDS:
            stop.check(f"in the middle of a frame; {goes_on}")

    size = (ready.plan.height, ready.plan.width)
    path, number = ready.gathered.source, ready.plan.first_source
    source = sources.first_pictures(ready.recipe, size, path, number, ready.plan.margin)
    shelf = Shelf(folder.path / "state")
    source = shelf.put(source.to(execution.device))
    seed = ready.recipe.words.seed

    def frame(index: int) -> np.ndarray:
        writer.flush()
        return read_picture(folder.frame_path(index))

    @cache
    def first() -> Tensor:
        return as_first(frame(0), ready.plan)

    cards = ready.gathered.cards
    made = build(ready.plan, cards, seed, execution, source, on_step, first, through, shelf)
    every = max(1, round(ready.plan.fps))
    text = embedded(ready.recipe, part.home)
    have, last, unkept = missing.have, time.monotonic(), None
    began = asked = last
    fetching, threads = Fetching(execution.device), encoders(execution.device)

    def durable_now(index: int) -> None:
        filming.durable(index)
        there = index + 1 - part.first
        watch(Told(there, whole, time.monotonic() - began, index + 1 - start))

    with (
        _shown(ready, start, source) as shown,
        Writer(folder, lambda _: text, bits, durable_now, filming.make_room, threads) as writer,
    ):
        try:
            for done in frames(made, noted(frame_plans(ready, start)), shown, state):
                now, index = time.monotonic(), done.state.index
                final = index == missing.last
                due = not ready.recipe.still and (final or bool(stop) or index % every == every - 1)
                if due or index in missing:
                    wanted = None
                    if index in missing:
                        wanted = _pixels(fetching, done, ready.plan, frame)
                    share = 1 / execution.rows  # of what its group takes
                    took, waited = (now - last) * share, (asked - last) * share
                    kept = fetching.state(done.state) if due else None
                    writer.put(Finished(index, wanted, took, done.plan.values(), kept, waited))
                unkept = None if due else done.state
                have, last = max(have, index + 1), now
                asked = time.monotonic()
                if final or stop:
                    break
        except (Stopped, RuntimeError, MemoryError):
            if unkept is not None:
                alone = fetching.state(unkept)
                writer.put(Finished(unkept.index, None, 0.0, {}, alone))
            raise
        finally:
            if made.captured is not None:
                note_steps(folder, made.captured.told())
    stop.check(f"after {have} frame{'' if have == 1 else 's'}; {goes_on}")
    return have


def _pixels(
    fetching: Fetching, done: Frame, plan: Plan, frame: Callable[[int], np.ndarray]
) -> Callable[[], np.ndarray]:
    """What is saved of a frame; `frame` gives what was saved of another."""
    shown, index = fetching.pixels(done.state, plan.margin), done.state.index
    if plan.closing is None:
        return shown
    # here, for the thread that writes is the one that `frame` waits for
    faded = crossfaded(plan, index, shown(), frame)
    return lambda: faded


@contextmanager
def _shown(ready: Ready, start: int, source: Tensor) -> Iterator[Iterator[Shown]]:
    """What frames from `start` on are dreamt on, `source` being the first picture of all."""
    clip, path = ready.plan.clip, ready.gathered.source
    if clip is None or path is None:
        yield always(source)
        return
    size, fit = (source.shape[2], source.shape[3]), ready.recipe.words.source.fit
    device = str(source.device)
    with closing(following(path, clip.numbers, start, size, fit, device)) as found:
        yield found
