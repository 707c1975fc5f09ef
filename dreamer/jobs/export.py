"""`networks export`: a network as a file for other programs, with its labels beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.engine.asked_file import file_name, free_file
from dreamer.engine.lookup import card_of, ref_of
from dreamer.errors import UsageError
from dreamer.media.durable import write_bytes, write_text
from dreamer.networks.onnx_file import INPUT, OPSET, OUTPUT, onnx_bytes, require_onnx


@dataclass(frozen=True)
class Exported:
    """The file and its labels, what goes in and out, its bytes, and how long it took to make."""

    file: Path
    labels: Path
    network: str
    size: int
    classes: int
    bytes: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "file": str(self.file),
            "labels": str(self.labels),
            "network": self.network,
            "format": f"ONNX, opset {OPSET}",
            "input": {"name": INPUT, "shape": ["batch", 3, self.size, self.size]},
            "output": {"name": OUTPUT, "shape": ["batch", self.classes]},
            "bytes": self.bytes,
            "seconds": round(self.seconds, 1),
        }

    def as_text(self) -> str:
        """The files, and what a program that uses them must know."""
        return (
            f"{self.file}\n{self.labels}\n"
            f"{self.network} as ONNX (opset {OPSET}), {self.bytes / 1e6:.1f} MB, in "
            f"{self.seconds:.1f} s\n"
            f"in: {INPUT}, float32 (batch, 3, {self.size}, {self.size}), RGB in [0, 1]; it "
            "normalises by itself\n"
            f"out: {OUTPUT}, float32 (batch, {self.classes}), in the order of the labels"
        )


def export(
    network: str,
    onnx: bool = False,
    out: Path | None = None,
    size: int | None = None,
    force: bool = False,
) -> Exported:
    """Write `network` as ONNX, and its labels, one a line, beside it.

    Args:
        network: a catalogue name, a card's file or a weight file; its weights must be here.
        onnx: as ONNX, the one format there is.
        out: a name ending in .onnx; NAME.onnx in this folder unless given. The labels are in the
            same name with .txt.
        size: side of the pictures that go in; the native one unless given.
        force: replace files that are there.

    Raises:
        UsageError: no format asked for, or `out` where no file can be.
        FolderError: a file is there already.
        NetworkError: a network that is not here, has no classes or cannot take such pictures; or
            packages that are missing.
    """
    if not onnx:
        raise UsageError(f"say as what to export {network}: --onnx")
    require_onnx()
    card = card_of(ref_of(network))
    name = Path(network).stem if network.endswith(".json") else card.name
    wanted = Path(f"{file_name(name)}.onnx") if out is None else out
    path = free_file("--out", wanted, force, ".onnx")
    labels = free_file("--out", path.with_suffix(".txt"), force)
    side, began = card.native if size is None else size, time.perf_counter()
    data = onnx_bytes(card, side)
    write_bytes(path, data)
    write_text(labels, "\n".join(card.classes) + "\n")
    took = time.perf_counter() - began
    return Exported(path, labels, card.name, side, len(card.classes), len(data), took)
