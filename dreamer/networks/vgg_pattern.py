"""VGGs by their layer pattern, made when they are asked for: `vgg:64,64,M,128,128,M/fc512@64`.

    vgg:LAYERS[/WORDS][@SIDE]

`LAYERS`, with commas between: the channels of a 3×3 convolution, or M for a max pooling that
halves; or A, B, D, E, the published patterns (VGG11, 13, 16, 19: Simonyan and Zisserman 2014,
table 1). `WORDS`, with commas between, in any order but that of the fc among themselves:

- `bn`: a batch norm after every convolution;
- `fcN`: a fully connected layer of N; the class head follows the last;
- `dropoutP` (`dropout.5`): after each of these, P of it is dropped while learning; .5 unless said;
- `mean`: the mean over all places goes to them, instead of the whole map.

`SIDE` is that of the pictures it is made for, 64 unless said. Without `fcN` the class head follows
the mean over all places, with dropout before it if that is said; a published pattern has fc4096,
fc4096 and 224 pixels unless its words say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor, nn

from dreamer.errors import NetworkError, did_you_mean, one_of
from dreamer.networks.convolved import Convolved

PREFIX = "vgg:"
POOL = "M"
PUBLISHED: dict[str, str] = {
    "A": "64,M,128,M,256,256,M,512,512,M,512,512,M",
    "B": "64,64,M,128,128,M,256,256,M,512,512,M,512,512,M",
    "D": "64,64,M,128,128,M,256,256,256,M,512,512,512,M,512,512,512,M",
    "E": "64,64,M,128,128,M,256,256,256,256,M,512,512,512,512,M,512,512,512,512,M",
}
WORDS = ("bn", "fc", "dropout", "mean")
DROPOUT = 0.5
SIDE, SIDES = 64, (8, 1024)
MOST_LAYERS = 64
WIDEST, WIDEST_FULL = 4096, 16384
MOST_PARAMETERS = 500_000_000  # a name in a stranger's recipe must not fill the memory


@dataclass(frozen=True)
class Pattern:
    """What such a name says: `layers` are channels, and 0 for a pooling; `full` the widths of the
    fully connected layers; `mean` whether these see the mean over all places; `side` in pixels.
    """

    layers: tuple[int, ...]
    full: tuple[int, ...] = ()
    norm: bool = False
    mean: bool = True
    dropout: float = DROPOUT
    side: int = SIDE

    @cached_property
    def named(self) -> dict[str, int]:
        """Caffe's names of all convolutions, with their channels, and of the poolings, with 0."""
        found: dict[str, int] = {}
        block = number = 1
        for width in self.layers:
            found[f"conv{block}_{number}" if width else f"pool{block}"] = width
            block, number = (block, number + 1) if width else (block + 1, 1)
        return found

    @property
    def linear(self) -> tuple[str, ...]:
        """Names of the fully connected layers, the class head last: numbered on from the last
        block, as VGG16's fc6, fc7 and fc8 are.
        """
        (block, *_) = re.findall("[0-9]+", next(reversed(self.named)))
        return tuple(f"fc{int(block) + 1 + k}" for k in range(len(self.full) + 1))

    @property
    def grid(self) -> int:
        """Places a side of the last map, for pictures of `side`; each pooling rounds down."""
        return self.side >> self.layers.count(0)

    def parameters(self, classes: int) -> int:
        """Weights and biases, scales and shifts of batch norms."""
        total, before = 0, 3
        for width in filter(None, self.layers):
            total += 9 * before * width + (2 if self.norm else 1) * width
            before = width
        before *= 1 if self.mean else self.grid**2
        for width in (*self.full, classes):
            total += (before + 1) * width
            before = width
        return total


def parsed(name: str) -> Pattern:
    """What `vgg:…` asks for.

    Raises:
        NetworkError: what is no such name, with the part of it, what was expected there, and the
            nearest right one.
    """
    rest, at, side = name.removeprefix(PREFIX).replace(" ", "").partition("@")
    layers, _, words = rest.partition("/")
    published = layers.upper() in PUBLISHED
    said = _words(name, words.split(",") if words else [])
    if published and not said.full and not said.mean:
        said = _Said(said.norm, (4096, 4096), False, said.dropout)
    pattern = Pattern(
        layers=_layers(name, PUBLISHED.get(layers.upper(), layers)),
        full=said.full,
        norm=said.norm,
        mean=said.mean or not said.full,
        dropout=(DROPOUT if said.full else 0.0) if said.dropout is None else said.dropout,
        side=_number(name, side, *SIDES, "a side in pixels") if at else 224 if published else SIDE,
    )
    if not pattern.grid:
        raise NetworkError(
            f"{name}: {pattern.layers.count(0)} poolings leave nothing of {pattern.side} pixels; "
            f"expected at least @{1 << pattern.layers.count(0)}, or fewer M"
        )
    if (count := pattern.parameters(1000)) > MOST_PARAMETERS:
        raise NetworkError(
            f"{name}: it would have {count:,} parameters with 1000 classes; expected at most "
            f"{MOST_PARAMETERS:,}"
        )
    return pattern


def _layers(name: str, text: str) -> tuple[int, ...]:
    words = text.split(",")
    if len(words) == 1 and not words[0].isdigit():
        known = f"{one_of(tuple(PUBLISHED))}, or channels and M with commas between"
        near = did_you_mean(words[0].upper(), PUBLISHED)
        raise NetworkError(f"{name}: expected {known}, not '{words[0]}'{near}")
    found = []
    for word in words:
        if word.upper() == POOL:
            found.append(0)
        else:
            found.append(_number(name, word, 1, WIDEST, f"channels, or {POOL} for a pooling"))
    if not found[0] or len(found) > MOST_LAYERS:
        what = "begin with a convolution" if not found[0] else f"have at most {MOST_LAYERS} layers"
        raise NetworkError(f"{name}: its pattern must {what}")
    return tuple(found)


def _number(name: str, word: str, least: int, most: int, what: str) -> int:
    """`word` as a whole number between `least` and `most`."""
    if re.fullmatch("[0-9]{1,9}", word) and least <= int(word) <= most:
        return int(word)
    digits = re.sub("[^0-9]", "", word)[:9]
    near = f"; did you mean '{int(digits)}'?" if digits and least <= int(digits) <= most else ""
    if not digits and len(word) == 1 and POOL in what:
        near = f"; did you mean '{POOL}'?"
    raise NetworkError(f"{name}: expected {what} ({least} to {most}), not '{word}'{near}")


@dataclass(frozen=True)
class _Said:
    """What the words after the slash say; `dropout` None where they say nothing of it."""

    norm: bool
    full: tuple[int, ...]
    mean: bool
    dropout: float | None


def _words(name: str, words: list[str]) -> _Said:
    norm = mean = False
    full: list[int] = []
    dropout: float | None = None
    for word in words:
        stem, rest = re.fullmatch(r"([^0-9.]*)(.*)", word.lower(), re.DOTALL).groups()  # type: ignore[union-attr]
        if word.lower() in ("bn", "mean"):
            if (norm, mean)[stem == "mean"]:
                raise NetworkError(f"{name}: '{word}' is there twice")
            norm, mean = norm or stem == "bn", mean or stem == "mean"
        elif stem == "fc" and rest:
            full.append(_number(name, rest, 1, WIDEST_FULL, "the width of a fully connected layer"))
        elif stem == "dropout" and re.fullmatch(r"0?\.[0-9]{1,4}|0", rest):
            if dropout is not None:
                raise NetworkError(f"{name}: dropout is there twice")
            dropout = float(rest)
        else:
            near = did_you_mean(stem, WORDS, most=1)
            if near and rest:
                near = near.replace("'?", f"{rest}'?")
            expected = "bn, mean, fcN (fc512) or dropoutP (dropout.5)"
            raise NetworkError(f"{name}: expected {expected}, not '{word}'{near}")
    return _Said(norm, tuple(full), mean, dropout)


class VggByPattern(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, H, W)`, normalised as the card says.

    Fully connected layers see a map as large as that of pictures of `pattern.side`; another map is
    brought to that many places, as torchvision's VGG does.
    """

    def __init__(self, classes: int, pattern: Pattern) -> None:
        super().__init__()
        self.steps, self.mean, self.linear = tuple(pattern.named), pattern.mean, pattern.linear
        channels = 3
        for name, width in pattern.named.items():
            part = (
                Convolved(channels, width, 3, padding=1, norm=pattern.norm)
                if width
                else nn.MaxPool2d(2)
            )
            self.add_module(name, part)
            channels = width or channels
        self.grid = nn.AdaptiveAvgPool2d(pattern.grid)
        before = channels if self.mean else channels * pattern.grid**2
        for name, width in zip(self.linear, (*pattern.full, classes), strict=True):
            self.add_module(name, nn.Linear(before, width))
            if name != self.linear[-1]:
                self.add_module(f"relu{name[2:]}", nn.ReLU())
            before = width
        self.dropout = nn.Dropout(pattern.dropout)

    def forward(self, x: Tensor) -> Tensor:
        for name in self.steps:
            x = self.get_submodule(name)(x)
        x = x.mean((2, 3)) if self.mean else self.grid(x).flatten(1)
        *hidden, head = self.linear
        if not hidden:
            x = self.dropout(x)
        for name in hidden:
            x = self.dropout(self.get_submodule(f"relu{name[2:]}")(self.get_submodule(name)(x)))
        logits: Tensor = self.get_submodule(head)(x)
        return logits


def built(pattern: Pattern) -> Callable[[int], nn.Module]:
    """What builds such a network for a number of classes."""
    return lambda classes: VggByPattern(classes, pattern)


def layer_names(pattern: Pattern) -> dict[str, str]:
    """Caffe's name of each layer; fully connected ones with their ReLUs."""
    full = {name: f"relu{name[2:]}" for name in pattern.linear[:-1]}
    return {name: name for name in pattern.named} | full
