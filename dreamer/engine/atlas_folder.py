"""An atlas's folder: the only reader and writer of what lies in it.

A picture is durable before anything is made of it, and carries what it is a picture of: a stopped
atlas goes on, and pictures of another network or in another size are never taken for its own.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from dreamer import __version__
from dreamer.engine.execution import Execution, differences, execution_from, is_here
from dreamer.engine.facts import weights_of
from dreamer.engine.plates import Plate
from dreamer.errors import BusyError, FolderError, MediaError, UsageError
from dreamer.media import durable
from dreamer.media.locks import taken
from dreamer.media.png import encode_png, read_png_text
from dreamer.networks.cards import Card

log = logging.getLogger("dreamer")
ATLAS, LOCK, TILES, TEXT = "atlas.json", ".lock", "tiles", "dreamer:atlas"
TOGETHER, MOST_TOGETHER = "together", 64
JOURNEY_RECIPE, JOURNEY = "journey.yaml", "journey"  # a film's, which lies beside the sheets
_NUMBER = re.compile(r"\d{5,}\.png", re.ASCII)


def settings(card: Card, side: int, seed: int) -> dict[str, Any]:
    """What all pictures of an atlas have in common: of which network, how large, by what chance."""
    return {
        "dreamer": __version__,
        "network": card.name,
        "weights": weights_of(card),
        "input": [card.architecture, list(card.mean), list(card.std), card.scale, card.order],
        "side": side,
        "seed": seed,
    }


class AtlasFolder:
    """The folder at `path`, which is to hold the atlas that `said` (`settings`) describes; making
    one touches nothing.
    """

    def __init__(self, path: Path, said: Mapping[str, Any]) -> None:
        self.path = path
        self._said = dict(said)

    @contextmanager
    def locked(self, execution: Execution, together: int | None = None) -> Iterator[Execution]:
        """Have the folder, made if need be, for this process alone while the block runs; gives the
        execution that its pictures are made under: that it was begun with, or `execution`. A new
        one's are made so many `together`, where that is said.

        Raises:
            UsageError: it is no folder, or holds something that is no atlas.
            FolderError: it holds another atlas.
            BusyError: it is another process's.
        """
        self.refuse_foreign()
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            lock = taken(self.path / LOCK)
        except BlockingIOError as error:
            raise BusyError(f"another process is making the atlas in {self.path}") from error
        with lock:
            if not self.exists():
                said = {**self._said, "execution": execution.as_json()}
                if together is not None:
                    said[TOGETHER] = together
                durable.write_text(self.path / ATLAS, json.dumps(said, indent=1) + "\n")
            yield self.execution()

    def require_here(self, execution: Execution) -> None:
        """See that pictures can be made on this machine under `execution`, which is the folder's.

        Raises:
            FolderError: its device is not here.
        """
        if not is_here(execution.device):
            raise FolderError(
                f"{self.path} was begun on {execution.device} ({execution.device_name}), which is "
                "not to be had here; go on where there is one, or name another folder with --out"
            )

    def exists(self) -> bool:
        """Whether an atlas lives here."""
        return (self.path / ATLAS).is_file()

    def refuse_foreign(self) -> None:
        """Let nothing be made where something lies that is no atlas.

        Raises:
            UsageError: something else does.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"{self.path} is not a folder")
        if self.exists() or not self.path.exists():
            return
        names = {path.name for path in self.path.iterdir()}
        begun = (ATLAS, JOURNEY_RECIPE)
        own = {LOCK, *(f".{name}{durable.PARTIAL}" for name in begun)}  # a process killed at once
        if JOURNEY_RECIPE in names:
            own |= {JOURNEY_RECIPE, JOURNEY}
        others = sorted(names - own)
        if others:
            raise UsageError(
                f"{self.path} holds other things ({others[0]}); name another folder with --out"
            )

    def execution(self) -> Execution:
        """The execution that the atlas was begun under.

        Raises:
            FolderError: it is another atlas, or says nothing of itself.
        """
        return self._begun()[0]

    def together(self) -> int | None:
        """How many pictures are made together, as it was decided when the atlas was begun; None
        where it was not.

        Raises:
            FolderError: as `execution`.
        """
        return self._begun()[1]

    def _begun(self) -> tuple[Execution, int | None]:
        path = self.path / ATLAS
        try:
            there = json.loads(path.read_text(encoding="utf-8"))
            execution = execution_from(there.pop("execution"))
            together = there.get(TOGETHER)
            if together is not None and not 1 <= int(together) <= MOST_TOGETHER:
                raise ValueError(f"{TOGETHER} is {together}")
        except (
            OSError,
            ValueError,
            LookupError,
            AttributeError,
            TypeError,
            RecursionError,
        ) as error:
            raise FolderError(f"{path} is damaged: {error}") from error
        for key, mine in self._said.items():
            if there.get(key) != mine:
                raise FolderError(
                    f"{self.path} holds the atlas of another network or in another way: its {key} "
                    f"is {there.get(key)}, not {mine}; name another folder with --out"
                )
        return execution, None if together is None else int(together)

    def warn_of_differences(self, kept: Execution, here: Execution) -> None:
        """Say where this machine differs from that which the atlas was begun on."""
        for difference in differences(kept, here):
            log.warning("%s; new pictures may differ a little", difference)

    def tile(self, plate: Plate, number: int) -> Path:
        """Where a picture lies."""
        return self.path / TILES / plate.name / f"{number:05d}.png"

    def has(self, plate: Plate, number: int) -> bool:
        """Whether a picture is there, whole.

        Raises:
            FolderError: a picture of something else lies there.
        """
        path = self.tile(plate, number)
        if not path.is_file():
            return False
        try:
            text = read_png_text(path).get(TEXT)
        except MediaError as error:
            log.warning("%s; it is made again", error)
            return False
        if text != self._text(plate, number):
            raise FolderError(f"{path} is not a picture of this atlas; take it away to go on")
        return True

    def there(self, plate: Plate, card: Card) -> tuple[int, ...]:
        """The numbers of all pictures of a plate that are there, in order."""
        folder = self.path / TILES / plate.name
        names = (p.name for p in folder.glob("*.png") if _NUMBER.fullmatch(p.name))
        numbers = sorted(int(name.removesuffix(".png")) for name in names)
        return tuple(n for n in numbers if n < plate.count(card) and self.has(plate, n))

    def keep(self, plate: Plate, number: int, pixels: np.ndarray) -> None:
        """Make a picture `(3, H, W)` in [0, 1] durable."""
        path = self.tile(plate, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        png = encode_png(pixels, 8, {TEXT: self._text(plate, number)})
        durable.write_bytes(path, png)

    def take(self, plate: Plate, number: int, path: Path) -> None:
        """Move a picture here that another atlas of the same disk has at `path`."""
        tile = self.tile(plate, number)
        tile.parent.mkdir(parents=True, exist_ok=True)
        path.replace(tile)
        durable.sync_folder(tile.parent)

    def _text(self, plate: Plate, number: int) -> str:
        shown = {"plate": plate.name, "way": plate.way, "number": number}
        return json.dumps({**self._said, **shown}, sort_keys=True)
