"""The table of a network's layers as people and programs read it, the picture its first row, so
that its columns add up to the totals.

VGG16, whoever made its card, is said in the words of the CS231n notes, whose table of it most
people learnt this from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dreamer.networks.table import CS231N_FOOTNOTE, FLOAT32, LayerRow, Totals

COUNTED = (
    "activations: numbers that layers put out for one picture and that are kept: of convolutions, "
    "linear layers and poolings, and the picture itself; what can write into its input counts none",
    "memory: of the activations, 4 bytes each (float32); 1 KB is 1000 bytes, 1 MB 10^6, 1 MiB 2^20",
    "parameters: weights and biases, scales and shifts of batch norms included",
    "multiply-adds: of convolutions and linear layers, biases left out; one is one, not two",
    "receptive field: side, in pixels, of the part of the picture that one place depends on",
    "class head: after a mean over all places it counts once, though dreamer has it at every place",
)
WEIGHTS_NOTE = (
    "Their 'weights' leave biases out, and the parameters here have them: the first conv3-64 has "
    "1,728 there and 1,792 here. Both come to their 'TOTAL params: 138M': 138,344,128 weights with "
    "13,416 biases, where there are 1000 classes."
)
BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
NOTHING = "·"
HEADINGS = (
    "layer",
    "type",
    "C×H×W",
    "activations",
    "memory",
    "parameters",
    "multiply-adds",
    "receptive field",
)


def picture_row(size: int) -> LayerRow:
    """The row of a picture of `size` pixels a side, which is kept like a layer's output."""
    return LayerRow("picture", "input", (3, size, size), 3 * size * size, 0, 0, 1)


def cs231n_words(rows: Sequence[LayerRow]) -> dict[str, str]:
    """What the CS231n notes call the layers that count, by layer, if `rows` are VGG16's: conv3-64,
    pool2, FC-4096. Of any other network, nothing.
    """
    parts: list[tuple[str, int, str]] = []
    for block in BLOCKS:
        parts += [("conv 3×3", width, f"conv3-{width}") for width in block]
        parts.append(("max pool 2×2/2", block[-1], "pool2"))
    counting = [row for row in rows if row.activations or row.parameters]
    maps, full = counting[: len(parts)], counting[len(parts) :]
    right = [(row.kind, row.shape[0]) for row in maps] == [part[:2] for part in parts]
    if not right or [row.shape[0] for row in full[:-1]] != [4096, 4096]:
        return {}
    words = {row.name: part[2] for row, part in zip(maps, parts, strict=True)}
    return words | {row.name: f"FC-{row.shape[0]}" for row in full}


def amount(size: int) -> str:
    """A number of bytes in KB or MB, as fits."""
    unit, name = (10**6, "MB") if size >= 10**6 else (10**3, "KB")
    digits = 0 if size >= 100 * unit else 1
    return f"{size / unit:,.{digits}f} {name}"


def as_data(rows: Sequence[LayerRow], totals: Totals) -> tuple[list[dict[str, Any]], Any]:
    """The rows and the totals as plain values."""
    table = [
        {
            "layer": row.name,
            "type": row.kind,
            "shape": list(row.shape),
            "activations": row.activations,
            "memory": row.memory,
            "parameters": row.parameters,
            "multiply-adds": row.multiply_adds,
            "receptive field": row.receptive_field,
        }
        for row in (picture_row(totals.size), *rows)
    ]
    sums: dict[str, Any] = {"size": totals.size}
    for name, count in (("activations", totals.activations), ("parameters", totals.parameters)):
        sums |= {
            name: count,
            f"{name} in MB": round(FLOAT32 * count / 1e6, 3),
            f"{name} in MiB": round(FLOAT32 * count / 2**20, 3),
        }
    return table, {**sums, "multiply-adds": totals.multiply_adds}


def as_text(rows: Sequence[LayerRow], totals: Totals) -> str:
    """The rows as lines in columns, the totals, what was counted, and for VGG16 how its famous
    table differs.
    """
    words = cs231n_words(rows)
    all_rows = (picture_row(totals.size), *rows)
    lines = [HEADINGS, *(_cells(row, words.get(row.name, row.kind)) for row in all_rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(HEADINGS))]
    table = [
        "  ".join(
            cell.ljust(width) if k < 2 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    notes = (CS231N_FOOTNOTE, WEIGHTS_NOTE) if words else ()
    return "\n".join((*table, "", *_sums(totals), "", *COUNTED, *(("", *notes) if notes else ())))


def _cells(row: LayerRow, kind: str) -> tuple[str, ...]:
    numbers = (row.parameters, row.multiply_adds)
    return (
        row.name,
        kind,
        "×".join(map(str, row.shape)),
        f"{row.activations:,}" if row.activations else NOTHING,
        amount(row.memory) if row.memory else NOTHING,
        *(f"{number:,}" if number else NOTHING for number in numbers),
        "all" if row.receptive_field is None else f"{row.receptive_field:,}",
    )


def _sums(totals: Totals) -> list[str]:
    lines = [f"totals for one picture of {totals.size}×{totals.size} pixels:"]
    for name, count in (("activations", totals.activations), ("parameters", totals.parameters)):
        size = FLOAT32 * count
        lines.append(
            f"  {name:<14}{count:>16,}  {size / 1e6:>9,.2f} MB {size / 2**20:>9,.2f} MiB (float32)"
        )
    macs, a_pixel = totals.multiply_adds, totals.multiply_adds / totals.size**2 / 1000
    words = (
        f"  {'multiply-adds':<14}{macs:>16,}  {macs / 1e9:>9,.2f} G  {a_pixel:>9,.2f} kMAC a pixel"
    )
    return [*lines, words]
