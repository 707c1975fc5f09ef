"""Parts of an atlas: which of its pictures are to be made, made elsewhere, and gathered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dreamer.batch.doing import atlas_of
from dreamer.batch.job import Done, Job
from dreamer.batch.parts import Part
from dreamer.engine.atlas_folder import AtlasFolder
from dreamer.engine.atlas_parts import gather_plates, make_plate_part
from dreamer.engine.atlas_ready import ReadyAtlas
from dreamer.engine.best_plate_size import best_together
from dreamer.engine.execution import Execution, decide
from dreamer.engine.making_plates import batches
from dreamer.engine.plates import Plate
from dreamer.engine.portraits import megapixel_steps
from dreamer.engine.spreading import shared_out
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Watcher
from dreamer.errors import FolderError
from dreamer.networks.locate import sha256_of


def begin(job: Job, execution: Execution | None) -> None:
    """Make the folder of the atlas `job`, as `parts.begin` has it."""
    import torch

    torch.set_num_threads(job.threads)
    ready, begun = atlas_of(job), execution or decide(job.device)
    folder = ready.folder(job.out)
    together = None if folder.exists() else best_together(ready, begun)
    with folder.locked(begun, together):
        pass


def parts_of_atlas(job: Job, most: int, least: float) -> list[Part]:
    """The parts of the atlas `job`, as `parts.parts_of` has it."""
    ready = atlas_of(job)
    folder = ready.folder(job.out)
    execution = folder.execution() if folder.exists() else decide(job.device)
    missing = list(_missing(folder, ready, execution))
    shares = shared_out([cost for *_, cost in missing], most, least)
    found: list[Part] = []
    for (plate, first, last, cost), begins in zip(missing, shares, strict=False):
        if begins or (found[-1].plate, found[-1].last) != (plate.name, first - 1):
            found.append(_part(job, ready, plate, first, last, cost))
        else:
            cost += found[-1].cost
            found[-1] = _part(job, ready, plate, found[-1].first, last, cost)
    return found


def _missing(
    folder: AtlasFolder, ready: ReadyAtlas, execution: Execution
) -> Iterator[tuple[Plate, int, int, float]]:
    """The batches of which pictures are missing: plate, first and last place there, cost."""
    many = folder.together() if folder.exists() else None
    for plate in ready.plates:
        first = 0
        for batch in batches(plate, ready.card, execution, many):
            last = first + len(batch.numbers) - 1
            if not folder.exists() or not all(folder.has(plate, n) for n in batch.numbers):
                yield (
                    plate,
                    first,
                    last,
                    megapixel_steps(plate.way, ready.side) * (last - first + 1),
                )
            first = last + 1


def _part(job: Job, ready: ReadyAtlas, plate: Plate, first: int, last: int, cost: float) -> Part:
    name = f"{plate.name}-{first:05d}-{last:05d}"
    return Part(job.id, name, first, last, plate.name, cost, ready.pictures)


def do_plate_part(job: Job, part: Part, watch: Watcher, stop: Stop) -> Done:
    """Make a part of the atlas `job`, as `parts.do_part` has it."""
    ready = atlas_of(job)
    folder = ready.folder(job.out)
    if not folder.exists():
        raise FolderError(f"{job.out} was not begun, and has no parts")
    plate = _plate(folder, ready, part)
    room = make_plate_part(folder, ready, part.name, plate, watch, stop)
    tiles = [room.tile(plate, number) for number in plate.numbers]
    there = {path.relative_to(room.path).as_posix(): path for path in tiles if path.is_file()}
    return Done(room.path, {name: sha256_of(path) for name, path in there.items()})


def _plate(folder: AtlasFolder, ready: ReadyAtlas, part: Part) -> Plate:
    """The plate that `part` is of, with its numbers alone.

    Raises:
        FolderError: it does not consist of whole batches.
    """
    execution, many = folder.execution(), folder.together()
    for plate in ready.plates:
        if plate.name == part.plate:
            mine = replace(plate, numbers=plate.numbers[part.first : part.last + 1])
            whole = {batch.numbers for batch in batches(plate, ready.card, execution, many)}
            own = batches(mine, ready.card, execution, many)
            if all(batch.numbers in whole for batch in own):
                return mine
    raise FolderError(f"{folder.path} has no part {part.name}; ask for its parts again")


def gather(job: Job) -> int:
    """Gather the parts of the atlas `job`, as `parts.gather` has it."""
    ready = atlas_of(job)
    folder = ready.folder(job.out)
    with folder.locked(folder.execution()):
        gather_plates(folder, ready)
    return sum(folder.has(plate, n) for plate in ready.plates for n in plate.numbers)
