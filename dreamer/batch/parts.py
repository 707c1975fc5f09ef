"""Parts of a job, which several processes make at once, wherever they are: segments of films and
batches of an atlas's plates. Who spreads them is not known here.

A part is made in a folder of its own inside the job's. What the parts made is gathered into the
job's folder as if it had been made there, and then the job is done as any other: it finds its
frames, and makes the film, the scores and the report of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dreamer.batch.job import Done, Job
from dreamer.engine.part_rooms import PARTS

if TYPE_CHECKING:  # which need torch
    from dreamer.engine.stopping import Stop
    from dreamer.engine.told import Watcher

LEAST = 20.0  # megapixel-steps of a part: fewer take less time than a network takes to be read


@dataclass(frozen=True)
class Part:
    """Frames `first` to `last` of a job's film, both of them its own; or the pictures of a `plate`
    of an atlas that are at these places among the plate's. `name` is that of its folder, `job` the
    job's id, `cost` counts megapixel-steps, `of` the pictures of the whole job.
    """

    job: str
    name: str
    first: int
    last: int
    plate: str = ""
    cost: float = 0.0
    of: int = 0

    @property
    def shown(self) -> str:
        """What it is of its job, as people are told: frames as their files are named, pictures as
        they are counted on their plate, from 1.
        """
        first, last, of = f"{self.first:06}", f"{self.last:06}", ""
        if self.plate:
            first, last, of = f"{self.first + 1}", f"{self.last + 1}", f" of plate {self.plate}"
        kind = "picture" if self.plate else "frame"
        return f"{kind} {first}{of}" if first == last else f"{kind}s {first} to {last}{of}"


def part_folder(job: Job, part: Part) -> Path:
    """Where `part` is made."""
    return job.out / PARTS / part.name


def begin(job: Job, execution: Mapping[str, Any] | None = None) -> None:
    """Make the job's folder, with all that its parts need to know, where it is not there yet.

    Args:
        job: one that may have parts.
        execution: as `decided` told it on another machine; what this one decides unless said.

    Raises:
        BusyError: another process has the folder.
        FolderError: the folder is another's, or what the job is made of changed since it was added.
        DreamerError: what else keeps it from being begun.
    """
    from dreamer.batch import atlas_parts, film_parts
    from dreamer.engine.execution import execution_from

    given = None if execution is None else execution_from(execution)
    if job.kind == "atlas":
        atlas_parts.begin(job, given)
    elif job.kind == "render":
        film_parts.begin(job, given)


def decided(job: Job) -> dict[str, Any]:
    """How the job would be computed if it were begun on this machine, as execution.json says it.

    Raises:
        UsageError: its device is not here.
    """
    import torch

    from dreamer.engine.execution import decide
    from dreamer.recipe.parse import recipe_from_text

    torch.set_num_threads(job.threads)
    if job.kind == "atlas":
        return decide(job.device).as_json()
    words = recipe_from_text(job.recipe, job.base, f"{job.name}.yaml").words
    return decide(words.device, words.precision).as_json()


def parts_of(job: Job, most: int, least: float = LEAST) -> list[Part]:
    """What of `job` is not made yet, as parts that may be made at once; nothing where that cannot
    be, or is not worth it. Parts that were begun come first, as they were, also those that are
    being made right now; those that are whole and wait to be gathered are not among them. Only
    reads.

    Args:
        job: the job, best begun: until then its batches are those of this machine.
        most: how many parts are wanted; there may be more where some were begun.
        least: megapixel-steps that make a part worth it.

    Raises:
        DreamerError: what the job is made of cannot be had.
    """
    if job.kind == "atlas":
        from dreamer.batch.atlas_parts import parts_of_atlas

        return parts_of_atlas(job, most, least)
    if job.kind == "render":
        from dreamer.batch.film_parts import parts_of_film

        return parts_of_film(job, most, least)
    return []


def do_part(job: Job, part: Part, watch: Watcher, stop: Stop) -> Done:
    """Make `part` in its folder, or go on there; the job was begun. Gives that folder, and its
    pictures by their names there: none, if the job has them already.

    Args:
        job: the job.
        part: one of `parts_of`.
        watch: told of progress, which counts the part's own pictures.
        stop: asked at every good moment to stop at.

    Raises:
        Stopped: `stop` asked for it; what is finished is kept.
        BusyError: another process makes this part.
        FolderError: the job was not begun, or is another now.
        DreamerError: what went wrong.
    """
    from dreamer.batch.atlas_parts import do_plate_part
    from dreamer.batch.film_parts import do_segment

    return (do_plate_part if part.plate else do_segment)(job, part, watch, stop)


def gather(job: Job) -> int:
    """Move what the job's parts made into its folder; how many pictures are there now, of a film
    without a hole from the first on. Segments are moved whole, and in order: those behind one that
    is not made wait.

    Raises:
        BusyError: another process has the job's folder.
        FolderError: the job was not begun, or is another now.
    """
    from dreamer.batch import atlas_parts, film_parts

    return atlas_parts.gather(job) if job.kind == "atlas" else film_parts.gather(job)


def needed(job: Job) -> list[Path]:
    """The files of the begun job's folder that its parts read, relative to it: with these, a part
    can be made in a copy of the folder elsewhere.
    """
    names = ("atlas.json", "recipe.yaml", "execution.json", "provenance.json")
    found = [Path(name) for name in names if (job.out / name).is_file()]
    sources = sorted(path for path in (job.out / "sources").rglob("*") if path.is_file())
    return [*found, *(path.relative_to(job.out) for path in sources)]
