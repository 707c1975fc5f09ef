"""The pictures of an atlas, made in batches of one plate's on one device: those that its folder has
not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from dreamer.dreaming import randomness
from dreamer.engine.atlas_folder import AtlasFolder
from dreamer.engine.execution import Execution
from dreamer.engine.plates import Plate
from dreamer.engine.portraits import (
    PARAMETERISATIONS,
    Score,
    at_once,
    channel_score,
    class_score,
    layer_score,
)
from dreamer.engine.stopping import Stop, listening
from dreamer.engine.told import Told, Watcher
from dreamer.networks.cards import Card
from dreamer.networks.trace import Point
from dreamer.networks.weights import contents_of


@dataclass(frozen=True)
class Batch:
    """Pictures of a plate climbed together; `score` makes what they climb."""

    plate: Plate
    numbers: tuple[int, ...]
    score: Callable[[], Score]


def batches(
    plate: Plate, card: Card, execution: Execution, together: int | None = None
) -> Iterator[Batch]:
    """All batches of a plate, whether or not they are there: pictures that are made again after a
    stop lie beside the same others, and come out with the same bytes. `together` is how many they
    are of, as the atlas's folder has it.
    """
    many = together or at_once(execution)
    if plate.kind == "layers":
        for number in plate.numbers:
            point = Point(card.layers[number].name)
            yield Batch(plate, (number,), partial(layer_score, card, point, execution))
        return
    made: list[Score] = []

    def score() -> Score:
        if not made:
            point = Point(plate.layer, plate.before)
            kind = plate.kind == "classes"
            found = class_score(card, execution) if kind else channel_score(card, point, execution)
            made.append(found)
        return made[0]

    for start in range(0, len(plate.numbers), many):
        yield Batch(plate, plate.numbers[start : start + many], score)


def make_missing(
    folder: AtlasFolder,
    plates: Sequence[Plate],
    card: Card,
    side: int,
    seed: int,
    execution: Execution,
    watch: Watcher,
    stop: Stop | None = None,
    beside: AtlasFolder | None = None,
) -> int:
    """Make the pictures of `plates` that are not there, nor in the folder `beside`, each a pure
    function of `seed`, its plate and number, but for the rounding of what it is computed beside;
    gives how many were made.

    Each batch is durable before the next is begun, and only then read back from the device. `stop`
    is asked instead of listening to signals here.

    Raises:
        Stopped: a signal, or `stop`, asked for it, between two steps.
        FolderError: a picture of another atlas lies where one is to lie.
    """
    places = [folder] if beside is None else [folder, beside]
    absent = {
        plate.name: {n for n in plate.numbers if not any(place.has(plate, n) for place in places)}
        for plate in plates
    }
    asked = sum(len(plate.numbers) for plate in plates)
    began, done = time.monotonic(), asked - sum(map(len, absent.values()))
    first = done
    many = (beside or folder).together()
    held = contents_of(card) if done < asked else None  # the file is read once for all layers

    def go_on() -> None:
        asking.check(f"with {done} of {asked} pictures made; the same command goes on")

    with listening() if stop is None else nullcontext(stop) as asking:
        for batch in (b for plate in plates for b in batches(plate, card, execution, many)):
            missing = absent[batch.plate.name].intersection(batch.numbers)
            if not missing:
                continue
            where = (seed, batch.plate.name)
            chances = (randomness.integers(1, 0, 2**62, *where, k) for k in batch.numbers)
            pictures = PARAMETERISATIONS[batch.plate.way](
                batch.score(),
                batch.numbers,
                [chance for (chance,) in chances],
                side,
                (seed, "atlas"),
                execution,
                go_on,
            )
            for number, pixels in zip(batch.numbers, pictures.cpu().numpy(), strict=True):
                if number in missing:
                    folder.keep(batch.plate, number, pixels)
            done += len(missing)
            watch(Told(done, asked, time.monotonic() - began, done - first))
    del held
    return done - first
