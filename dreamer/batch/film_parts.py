"""Parts of a film: which of its frames can be made elsewhere, made there, and gathered."""

from __future__ import annotations

from collections.abc import Iterable

from dreamer.batch.doing import begun, computing, refuse_another
from dreamer.batch.job import Done, Job
from dreamer.batch.made_of import made_of
from dreamer.batch.parts import Part
from dreamer.engine.execution import Execution
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import kept
from dreamer.engine.ready import Ready
from dreamer.engine.segments import gather_segments, render_segment, room_of
from dreamer.engine.spreading import spans_left, spans_of
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Watcher
from dreamer.recipe.parse import recipe_from_text


def begin(job: Job, execution: Execution | None) -> None:
    """Make the folder of the render `job`, as `parts.begin` has it."""
    folder = Folder(job.out)
    if folder.exists():
        refuse_another(folder, job)
        return
    with computing(job), begun(job, folder, execution=execution):
        pass


def parts_of_film(job: Job, most: int, least: float) -> list[Part]:
    """The parts of the render `job`, as `parts.parts_of` has it."""
    folder = Folder(job.out)
    if folder.exists():
        refuse_another(folder, job)
        ready = kept(folder)
        spans = spans_left(folder, ready, most, least)
    else:
        _, ready = made_of(recipe_from_text(job.recipe, job.base, f"{job.name}.yaml"))
        frames = 0 if ready.recipe.still else ready.plan.frames or 0
        spans = spans_of(ready.plan, range(frames), most, least)
    return _named(job, ready, spans)


def _named(job: Job, ready: Ready, spans: Iterable[range]) -> list[Part]:
    folder, frames, found = Folder(job.out), ready.plan.frames or 0, []
    for span in spans:
        cost = round(sum(map(ready.plan.megapixel_steps_of, span)), 6)
        name = room_of(folder, span).path.name
        found.append(Part(job.id, name, span.start, span.stop - 1, cost=cost, of=frames))
    return found


def do_segment(job: Job, part: Part, watch: Watcher, stop: Stop) -> Done:
    """Make a segment of the render `job`, as `parts.do_part` has it."""
    folder, span = Folder(job.out).require(), range(part.first, part.last + 1)
    refuse_another(folder, job)
    room = render_segment(folder, kept(folder), span, watch, stop)
    entries = room.journal().entries
    names = {room.frame_path(k).relative_to(room.path).as_posix(): k for k in entries}
    return Done(room.path, {name: entries[index].sha256 for name, index in names.items()})


def gather(job: Job) -> int:
    """Gather the segments of the render `job`, as `parts.gather` has it."""
    folder = Folder(job.out).require()
    refuse_another(folder, job)
    gather_segments(folder, kept(folder))
    return len(folder.journal().entries)
