"""`networks filters`: the filters of a network's first layer, as a picture."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.draw.filters import filter_sheet
from dreamer.engine.asked_file import file_name, free_file
from dreamer.engine.lookup import described
from dreamer.media.durable import write_bytes
from dreamer.networks.filters import filter_families, first_layer_filters
from dreamer.networks.weights import load_module

NOTE = "mid-grey is zero; each filter by its own strongest weight"


@dataclass(frozen=True)
class Drawn:
    """The picture's file, and what is in it: how many filters of which size, and how many in each
    family.
    """

    file: Path
    network: str
    size: tuple[int, int]
    families: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "file": str(self.file),
            "network": self.network,
            "filters": sum(self.families),
            "size": list(self.size),
            "families": list(self.families),
        }

    def as_text(self) -> str:
        """The file alone, as a script wants it."""
        return str(self.file)


def filters(network: str, out: Path | None = None, force: bool = False) -> Drawn:
    """Draw the first filters of `network` into `out`.

    Args:
        network: a catalogue name, a card's file (.json), or ARCHITECTURE:random; its weights must
            be here.
        out: a name ending in .png; NAME-filters.png in this folder unless given.
        force: replace a file that is there.

    Raises:
        UsageError: `out` where no picture can be.
        FolderError: `out` is there already.
        NetworkError: no such network, weights that are not here, or no first filters of colour.
    """
    card = described(network)
    name = Path(network).stem if network.endswith(".json") else card.name
    own = Path(f"{file_name(name)}-filters.png")
    path = free_file("--out", own if out is None else out, force, ".png")
    module = load_module(card)
    shown = first_layer_filters(module, card.order)
    families = filter_families(module).tolist()
    count, _, height, width = shown.shape
    title = f"{name}: {count} filters of the first layer, {height} by {width}"
    file = io.BytesIO()
    filter_sheet(shown, families, title, NOTE).save(file, "PNG")
    write_bytes(path, file.getvalue())
    counts = tuple(families.count(family) for family in sorted(set(families)))
    return Drawn(path, name, (height, width), counts)
