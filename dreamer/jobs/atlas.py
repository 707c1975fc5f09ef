"""`atlas`: what a network's classes, channels and layers look like, on sheets and a page."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from dreamer.draw.atlas_page import Section, Shown, page
from dreamer.draw.sheet import sheet
from dreamer.engine.atlas_folder import AtlasFolder
from dreamer.engine.atlas_parts import gather_plates
from dreamer.engine.atlas_ready import SEED, AtlasWords, ReadyAtlas, ready_atlas
from dreamer.engine.best_plate_size import best_together
from dreamer.engine.execution import decide, under
from dreamer.engine.heap import kept
from dreamer.engine.making_plates import make_missing
from dreamer.engine.part_rooms import clear
from dreamer.engine.plates import Plate, all_plates
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Watcher
from dreamer.errors import NetworkError
from dreamer.media import durable
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Card
from dreamer.networks.table import layer_rows

log = logging.getLogger("dreamer")
ON_A_SHEET = 300
PAGE = "index.html"


@dataclass(frozen=True)
class Atlas:
    """What was made: the folder, its sheets and page, how many pictures were asked for, and how
    many of them were not there yet.
    """

    folder: Path
    sheets: tuple[Path, ...]
    page: Path | None
    pictures: int
    rendered: int

    @property
    def files(self) -> tuple[Path, ...]:
        """What a person opens, the page last."""
        return self.sheets if self.page is None else (*self.sheets, self.page)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "folder": str(self.folder),
            "sheets": list(map(str, self.sheets)),
            "page": None if self.page is None else str(self.page),
            "pictures": self.pictures,
            "rendered": self.rendered,
        }

    def as_text(self) -> str:
        """The files that a person opens, the page last."""
        return "\n".join(map(str, self.files))


def atlas(
    network: str,
    out: Path,
    layers: Sequence[str] = (),
    channels: str = "",
    classes: str = "",
    side: int | None = None,
    html: bool = False,
    seed: int = SEED,
    watch: Watcher = lambda told: None,
) -> Atlas:
    """Show what `network` sees, in the folder `out`, or go on there.

    An atlas grows: what was made there before, by whatever command, stays on its sheets and page.

    Args:
        network: a catalogue name, a card's file or a weight file.
        out: the folder.
        layers: whose channels to show, `channels` which of them, `classes` which classes: as
            `asked_plates` has it.
        channels: see `layers`.
        classes: see `layers`.
        side: of the pictures, in pixels; 96, or more where the network needs it.
        html: also write a page.
        seed: decides all chance.
        watch: told of progress.

    Raises:
        UsageError: what the network has not; a folder that holds something else.
        FolderError: a folder that holds another atlas.
        NetworkError: a network that is not here.
        Stopped: a signal asked for it; what is finished is kept.
    """
    words = AtlasWords(network, tuple(layers), channels, classes, side, html, seed)
    return make_atlas(ready_atlas(words), out, watch)


def make_atlas(
    ready: ReadyAtlas, out: Path, watch: Watcher = lambda told: None, stop: Stop | None = None
) -> Atlas:
    """Make what `ready` asks for in the folder `out`, or go on there, as `atlas` does. `stop` is
    asked instead of listening to signals here.

    Raises:
        UsageError: a folder that holds something else.
        FolderError: a folder that holds another atlas, or one of a device that is not here.
        BusyError: another process is making it.
        Stopped: somebody asked for it; what is finished is kept.
    """
    card, side, plates, here = ready.card, ready.side, ready.plates, decide()
    folder = ready.folder(out)
    folder.refuse_foreign()
    together = None if folder.exists() else best_together(ready, here)
    with folder.locked(here, together) as execution:
        folder.require_here(execution)
        with under(execution), kept(), torch.no_grad():
            folder.warn_of_differences(execution, here)
            gather_plates(folder, ready)
            rendered = make_missing(
                folder, plates, card, side, ready.words.seed, execution, watch, stop
            )
            clear(out)
            made: list[Path] = []
            for plate in plates:
                made += _sheets(folder, plate, card, side)
            written = _page(folder, card, side) if ready.words.html else None
    return Atlas(out, tuple(made), written, ready.pictures, rendered)


def _sheets(folder: AtlasFolder, plate: Plate, card: Card, side: int) -> list[Path]:
    """All pictures of a plate that are there, on as many sheets as it takes."""
    numbers = folder.there(plate, card)
    parts = [numbers[k : k + ON_A_SHEET] for k in range(0, len(numbers), ON_A_SHEET)]
    made = []
    for k, part in enumerate(parts, 1):
        captioned = []
        for number in part:
            words = plate.caption(card, number)
            if plate.kind == "channels":
                words = f"{_short(plate.title)} {words}"
            elif plate.kind == "layers":
                words = _short(words)
            with Image.open(folder.tile(plate, number)) as picture:
                captioned.append((picture.convert("RGB"), words))
        own = f"-{k}" if len(parts) > 1 else ""
        name = re.sub(r"[^\w.-]", "_", card.name)
        path = folder.path / f"{name}-{plate.name}{own}.jpg"
        drawn = io.BytesIO()
        sheet(captioned, cell=(side, side)).save(drawn, "jpeg", quality=88)
        if not path.is_file() or path.read_bytes() != drawn.getvalue():  # else it keeps its date
            durable.write_bytes(path, drawn.getvalue())
        made.append(path)
    return made


def _short(layer: str) -> str:
    """A layer's name as it fits below a small picture: its end tells it from others."""
    return layer.removeprefix("inception_")[-9:]


def _page(folder: AtlasFolder, card: Card, side: int) -> Path:
    fields = _receptive_fields(card)
    sections = []
    for plate in all_plates(card):
        numbers = folder.there(plate, card)
        if not numbers:
            continue
        shown = []
        for number in numbers:
            words = plate.caption(card, number)
            what = f"{plate.title}, channel {words}" if plate.kind == "channels" else words
            address = folder.tile(plate, number).relative_to(folder.path).as_posix()
            shown.append(Shown(address, words, what))
        note = _note(plate, card, len(numbers), fields)
        sections.append(Section(plate.name, plate.title, note, tuple(shown)))
    count = sum(len(section.pictures) for section in sections)
    note = f"{card.title}. {count} pictures of {side} pixels, each of what it answers to most."
    path = folder.path / PAGE
    durable.write_text(path, page(f"What {card.name} sees", note, sections, side))
    return path


def _note(plate: Plate, card: Card, count: int, fields: dict[str, int | None]) -> str:
    """What is known of a section's pictures: of a layer its channels, its grid, how far it sees."""
    if plate.kind == "layers":
        return "All channels together, from the first block to the last."
    if plate.kind == "classes":
        return f"{count} of {len(card.classes)} classes"
    row = card.layer(plate.layer)
    shown = "all" if count == row.channels else str(count)
    grid = "pixel" if row.stride == 1 else f"{row.stride} pixels"
    words = [f"{shown} of {row.channels} channels", f"a place every {grid}"]
    if plate.layer in fields:
        field = fields[plate.layer]
        words.append(
            "sees the whole picture" if field is None else f"sees {field} × {field} pixels"
        )
    return ", ".join(words)


def _receptive_fields(card: Card) -> dict[str, int | None]:
    """How many pixels a side each layer depends on, None being all; nothing where nobody knows."""
    if card.architecture not in ARCHITECTURES:
        return {}
    try:
        rows, _ = layer_rows(card.architecture, max(1, len(card.classes)), card.native)
    except NetworkError as error:
        log.warning("%s: receptive fields are not known: %s", card.name, error)
        return {}
    return {row.name: row.receptive_field for row in rows}
