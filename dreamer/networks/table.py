"""A network's layers as rows: what a card needs, and the whole reckoning of what a picture costs.

Everything is reckoned from shapes at the native size; nothing is computed, and a network needs no
weights for it.

- An *activation* is a number that a layer puts out for one picture and that has to be kept: outputs
  of convolutions, linear layers and poolings, and the picture itself. ReLUs, normalisations and
  dropout can write into their input, and a concatenation is its parts: they count nothing.
- *Parameters* are weights and biases, scales and shifts of batch norms included.
- *Multiply-adds* are those of convolutions and linear layers, without biases; batch norms are
  folded away. One multiply-add is one: others count it as two operations.
- The class head of a network that takes the mean over all positions counts as the network has it:
  the mean and one linear layer, although dreamer applies that at every position.
- The *receptive field* is the side, in pixels of the picture, of the square that one place of a
  layer depends on, before the picture's edge cuts it; None where it is the whole picture.

A row counts what no row before it has counted, so that rows add up to the totals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import fx, nn

from dreamer.networks.architectures import ARCHITECTURES, Architecture
from dreamer.networks.costs import counts_of, field_after, kind_of
from dreamer.networks.operations import part_of
from dreamer.networks.shapes import shapes
from dreamer.networks.trace import LOGITS, Traced
from dreamer.networks.unfilled import Unfilled

CS231N_FOOTNOTE = (
    "The CS231n notes gave VGG16 'TOTAL memory: 24M * 4 bytes ~= 93MB / image' at 224 pixels. The "
    "rows of their own table add up to 15.2M numbers (58 MiB in float32): 15,237,608 activations, "
    "the picture included."
)
FLOAT32 = 4


@dataclass(frozen=True)
class LayerRow:
    """One layer: what it is, `(C, H, W)` at the native size, and what it adds to the totals."""

    name: str
    kind: str
    shape: tuple[int, ...]
    activations: int
    parameters: int
    multiply_adds: int
    receptive_field: int | None

    @property
    def memory(self) -> int:
        """Bytes of its activations in float32."""
        return self.activations * FLOAT32


@dataclass(frozen=True)
class Totals:
    """Of a whole network with its class head, for one picture of `size` pixels a side."""

    size: int
    activations: int
    parameters: int
    multiply_adds: int

    @property
    def memory(self) -> int:
        """Bytes of all activations in float32; a picture's gradient needs about as many again."""
        return self.activations * FLOAT32


class _Reckoning:
    """What is known of every operation of a network at one size."""

    def __init__(self, traced: Traced, size: int, head_once: bool = False) -> None:
        self.traced = traced
        once = traced.head is not None and head_once and not traced.head.crops
        self.once = set(traced.head.instead.values()) if traced.head is not None and once else set()
        self.root = traced.root
        self.sizes = shapes(traced.root, traced.graph, size, size)
        self.counted: set[fx.Node] = set()
        self.named: dict[fx.Node, str] = {}
        self.fields: dict[fx.Node, tuple[int, int] | None] = {}
        for node in traced.graph.nodes:
            inputs = [self.fields[n] for n in node.all_input_nodes if n in self.fields]
            if node.op == "placeholder":
                self.fields[node] = (1, 1)
            elif inputs:
                known = [pair for pair in inputs if pair is not None]
                widest = max(known) if len(known) == len(inputs) else None
                self.fields[node] = field_after(node, self.root, widest)

    def new(self, node: fx.Node) -> list[fx.Node]:
        """Operations that `node` needs and that nobody has counted yet, deepest first."""
        found: list[fx.Node] = []
        open_ = [node]
        while open_:
            here = open_.pop()
            if here not in self.counted:
                self.counted.add(here)
                found.append(here)
                open_.extend(here.all_input_nodes)
        return found

    def counts(self, node: fx.Node) -> tuple[int, int, int]:
        """Activations, parameters and multiply-adds of `node`."""
        found = counts_of(node, self.root, self.sizes)
        if node not in self.once:
            return found
        part = part_of(node, self.root)
        assert isinstance(part, nn.Conv2d)
        return part.in_channels + part.out_channels, found[1], part.weight.numel()

    def row(self, name: str) -> LayerRow:
        node = self.traced.node(name)
        mine = self.new(node)
        counts = [self.counts(n) for n in mine]
        field = self.fields.get(node)
        first = self.named.setdefault(node, name)
        known = kind_of(node, self.root) if first == name else f"= {first}"
        return LayerRow(
            name,
            _words([kind_of(n, self.root) for n in reversed(mine)]) or known,
            self.sizes[node][1:],
            activations=sum(activations for activations, _, _ in counts),
            parameters=sum(parameters for _, parameters, _ in counts),
            multiply_adds=sum(macs for _, _, macs in counts),
            receptive_field=field[0] if field is not None else None,
        )


def _words(kinds: list[str]) -> str:
    shown = [k for k in kinds if k not in ("picture", "at_least", "same", "getitem", "size")]
    if len(shown) < 5:
        return " + ".join(dict.fromkeys(shown))
    return "block: " + ", ".join([k for k in shown if k.startswith("conv")] or shown[-1:])


def _traced(architecture: str | Architecture, classes: int) -> tuple[Traced, int]:
    kind = ARCHITECTURES[architecture] if isinstance(architecture, str) else architecture
    with Unfilled():
        return Traced(kind.build(classes), kind), kind.native


def layer_rows(
    architecture: str | Architecture, classes: int, size: int = 0
) -> tuple[tuple[LayerRow, ...], Totals]:
    """Every layer in order of depth, the class head last, and the totals, at `size` pixels a side
    (0: the native size).

    Raises:
        NetworkError: no such architecture, or a size too small for it.
    """
    traced, native = _traced(architecture, classes)
    reckoning = _Reckoning(traced, size or native, head_once=True)
    (picture,) = [n for n in traced.graph.nodes if n.op == "placeholder"]
    reckoning.counted.add(picture)
    found = [reckoning.row(name) for name in traced.layers]
    if traced.head is not None:
        last = reckoning.row(LOGITS)
        found.append(last)
    totals = Totals(
        size or native,
        sum(row.activations for row in found) + torch.Size(reckoning.sizes[picture]).numel(),
        sum(row.parameters for row in found),
        sum(row.multiply_adds for row in found),
    )
    return tuple(found), totals


def card_rows(traced: Traced, size: int) -> list[list[object]]:
    """`[name, channels, stride, multiply-adds a pixel]` of every layer and of the class head: what
    it costs to come that far, on pictures of `size` pixels.
    """
    reckoning = _Reckoning(traced, size)
    twice = shapes(traced.root, traced.graph, 2 * size, 2 * size)
    names = (*traced.layers, *((LOGITS,) if traced.head is not None else ()))
    table: list[list[object]] = []
    for name in names:
        node = traced.node(name)
        reckoning.counted.clear()
        macs = sum(counts_of(n, traced.root, reckoning.sizes)[2] for n in reckoning.new(node))
        field = reckoning.fields.get(node)
        more = twice[node][3] - reckoning.sizes[node][3]
        stride = field[1] if field is not None else max(1, round(size / max(more, 1)))
        table.append([name, reckoning.sizes[node][1], stride, round(macs / size**2, 1)])
    return table


def rows(architecture: str, classes: int, size: int = 0) -> list[list[object]]:
    """`card_rows` of an architecture, at its native size or `size`."""
    traced, native = _traced(architecture, classes)
    return card_rows(traced, size or native)


def smallest_of(traced: Traced, native: int, least: int = 32) -> int:
    """The smallest picture, in steps of 16 pixels, that leaves every layer a grid of two places a
    side (of those that have one at the native size).
    """
    for size in range(least, native, 16):
        try:
            found: Mapping[fx.Node, tuple[int, ...]] = shapes(traced.root, traced.graph, size, size)
        except Exception:
            continue
        if all(min(found[traced.node(name)][2:]) >= 2 for name in _maps(traced)):
            return size
    return native


def _maps(traced: Traced) -> list[str]:
    head = traced.head
    of_head = set() if head is None else {head.end, *head.instead.values()}
    return [name for name in traced.layers if traced.node(name) not in of_head]
