"""Parts of an atlas: pictures made in a folder of their own, by a process of its own, and gathered
into the atlas's folder. Each picture says what it is of, so that whatever was made is taken.
"""

from __future__ import annotations

import logging
from contextlib import suppress

import torch

from dreamer.engine.atlas_folder import AtlasFolder
from dreamer.engine.atlas_ready import ReadyAtlas
from dreamer.engine.execution import under
from dreamer.engine.heap import kept
from dreamer.engine.making_plates import make_missing
from dreamer.engine.part_rooms import PARTS, let_go, rooms
from dreamer.engine.plates import Plate, all_plates
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Watcher
from dreamer.errors import BusyError, FolderError

log = logging.getLogger("dreamer")


def make_plate_part(
    home: AtlasFolder,
    ready: ReadyAtlas,
    name: str,
    plate: Plate,
    watch: Watcher,
    stop: Stop | None = None,
) -> AtlasFolder:
    """Make the pictures of `plate` that the atlas in `home` has not, under its execution, in the
    folder of the part `name`, and give that.

    Args:
        home: the atlas's folder, which is only read.
        ready: the atlas.
        name: of the part.
        plate: one of the atlas's, with only some of its numbers: whole batches.
        watch: told of progress.
        stop: asked between two steps.

    Raises:
        Stopped: `stop` asked for it; what is finished is kept.
        BusyError: another process makes it.
        FolderError: what lies there is a part of another atlas, or its device is not here.
    """
    execution, path = home.execution(), home.path / PARTS / name
    room = ready.folder(path)
    if not room.exists() and all(home.has(plate, number) for number in plate.numbers):
        return room
    home.require_here(execution)
    with room.locked(execution) as begun, under(execution), kept(), torch.no_grad():
        if begun != execution:
            raise FolderError(f"{path} was begun in another way than its atlas; take it away")
        seed = ready.words.seed
        make_missing(room, [plate], ready.card, ready.side, seed, execution, watch, stop, home)
    return room


def gather_plates(home: AtlasFolder, ready: ReadyAtlas) -> None:
    """Move the pictures of all parts into the atlas's folder, which this process has, and take the
    parts away. One that is being made is left alone.
    """
    if not (found := rooms(home.path)):
        return
    execution = home.execution()
    for path in found:
        room = ready.folder(path)
        try:
            with room.locked(execution):
                _take(home, room, ready)
                with suppress(FileNotFoundError):
                    let_go(path)
        except BusyError:
            continue
        except FolderError as error:
            log.warning("%s", error)


def _take(home: AtlasFolder, room: AtlasFolder, ready: ReadyAtlas) -> None:
    for plate in all_plates(ready.card):
        for number in room.there(plate, ready.card):
            if not home.has(plate, number):
                home.take(plate, number, room.tile(plate, number))
