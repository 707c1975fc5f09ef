"""What a plan must know of the world: networks' layers and classes, pictures' sizes. Gathered
elsewhere, read here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from dreamer.errors import did_you_mean, one_of


@dataclass(frozen=True)
class NetworkRef:
    """A network as a recipe names it: from the catalogue, or architecture and weights; files are
    whole paths.
    """

    name: str | None = None
    architecture: str | None = None
    weights: str | None = None
    labels: str | None = None
    seed: int = 0

    @property
    def key(self) -> str:
        """A word for it that no other network has."""
        if self.name is not None:
            return self.name
        return f"{self.architecture}:{self.weights}:{self.labels or ''}:{self.seed}"


@dataclass(frozen=True)
class NetworkFacts:
    """A network's layers in order of depth with their channels, strides and cost, its classes, the
    sizes it can take.

    `aliases` are other names of layers, folded (`LAYER:pre` is one before its activation); `macs`
    are multiply-adds a pixel to reach a layer; `synsets` are the classes' wordnet ids, or none.
    """

    name: str
    layers: tuple[str, ...]
    classes: tuple[str, ...]
    native: int
    smallest: int
    channels: Mapping[str, int] = field(default_factory=dict)
    strides: Mapping[str, int] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    macs: Mapping[str, float] = field(default_factory=dict)
    synsets: tuple[str, ...] = ()


@dataclass(frozen=True)
class PictureFacts:
    """A picture's size and what is in it."""

    width: int
    height: int
    sha256: str


@dataclass(frozen=True)
class ClipFacts:
    """A film, or a folder of pictures, that is dreamt on.

    `times` are when its frames are shown and `ends` when the last one goes, counted in `unit`
    seconds from the first; a folder's pictures are one `unit` apart, and its `fps` is None. `cuts`
    are the frames that begin another shot, `begins` the seconds of the file before the first frame,
    `others` how many pictures are of another size than the first. `damage` says why no more frames
    could be read, `light` what its light is made for, where that is brighter screens.
    """

    width: int
    height: int
    sha256: str
    fps: Fraction | None
    unit: Fraction
    times: Sequence[int]
    ends: int
    cuts: tuple[int, ...] = ()
    begins: Fraction = Fraction(0)
    has_audio: bool = False
    others: int = 0
    damage: str = ""
    light: str = ""


@dataclass(frozen=True)
class HeardFacts:
    """What is heard in a sound: beats a minute (0 where it has none), when its beats are, and its
    envelopes by name, 0 to 1, `rate` a second from its beginning on.
    """

    tempo: float
    beats: tuple[float, ...]
    rate: float
    envelopes: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class SoundFacts:
    """A sound's length in seconds (0 where its header says none), what is in its file, and what is
    heard in it, where a recipe follows that.
    """

    seconds: float
    sha256: str
    heard: HeardFacts | None = None


@dataclass(frozen=True)
class Facts:
    """Networks by their key, pictures and sounds by their whole path, and the film or folder that
    is dreamt on; a text instead says why there is none. `motifs` are the classes of drawings.
    """

    networks: Mapping[str, NetworkFacts | str] = field(default_factory=dict)
    pictures: Mapping[str, PictureFacts | str] = field(default_factory=dict)
    motifs: tuple[str, ...] = ()
    clip: ClipFacts | str | None = None
    sounds: Mapping[str, SoundFacts | str] = field(default_factory=dict)


def fold(layer: str) -> str:
    """A layer's name without what people write differently: `mixed4c`, `inception_4c/output`,
    `Inception4c` are one.
    """
    word = layer.strip().lower().replace("mixed", "inception").removesuffix("/output")
    return re.sub(r"[\s_./-]", "", word)


def find_layer(network: NetworkFacts, word: str) -> tuple[str, bool]:
    """The layer that `word` means, and whether its value before the activation (`:pre`).

    Raises:
        ValueError: no such layer, with the nearest names.
    """
    name, _, suffix = word.partition(":")
    if suffix not in ("", "pre"):
        raise ValueError(f"'{word}': after a layer's name only ':pre' may stand")
    if name in network.layers:
        return name, suffix == "pre"
    alike = [layer for layer in network.layers if fold(layer) == fold(name)]
    if len(alike) > 1:
        raise ValueError(f"'{name}' could be {one_of(alike)}; say which")
    found, _, before = (alike or [network.aliases.get(fold(name), "")])[0].partition(":")
    if not found:
        near = did_you_mean(name, network.layers) or did_you_mean(
            fold(name), [layer for layer in network.layers if "/" not in layer]
        )
        blocks = [layer for layer in network.layers if "/" not in layer]
        known = near or f"; there are {', '.join(blocks[:12])} …"
        if fold(name) == "logits":
            known = "; its classes are named by {class: NAME}"
        elif fold_class(name) in (*map(fold_class, network.classes), *network.synsets):
            known = f"; '{name}' is a class: {{class: {name}}}"
        raise ValueError(f"{network.name} has no layer '{name}'{known}")
    return found, "pre" in (suffix, before)


def fold_class(word: str) -> str:
    """A class's name without what people write differently: `Dome_inner`, `dome inner` are one."""
    return re.sub(r"[\s_/-]+", " ", word.lower()).strip()


def _called(name: str) -> list[str]:
    """What a class is called, folded: its whole name, then each of its synonyms ("tench, Tinca
    tinca").
    """
    return [fold_class(part) for part in (name, *name.split(","))]


def classes_called(network: NetworkFacts, word: str) -> tuple[list[int], bool]:
    """The classes that `word` may mean, by the first way that finds any, and whether it is all of
    what they are called: a name, a wordnet id or a synonym, not a part of one.
    """
    wanted = fold_class(word)
    names = [_called(name) for name in network.classes]
    whole = (
        [k for k, name in enumerate(network.classes) if name == word],
        [k for k, synset in enumerate(network.synsets) if synset == wanted],
        [k for k, name in enumerate(names) if name[0] == wanted],
        [k for k, name in enumerate(names) if wanted in name],
    )
    parts = (
        [k for k, name in enumerate(names) if any(part.startswith(wanted) for part in name)],
        [k for k, name in enumerate(names) if wanted in name[0]],
    )
    for found in whole if wanted else whole[:1]:
        if found:
            return found, True
    return next(filter(None, parts if wanted else ()), []), False


def find_class(network: NetworkFacts, word: str | int) -> int:
    """The number of the class that `word` means: a number, a name, a wordnet id, one of the
    synonyms a name consists of, or a part that only one class has.

    Raises:
        ValueError: none, with the nearest names, or several.
    """
    count = len(network.classes)
    if not count:
        raise ValueError(f"{network.name} has no classes; name a layer")
    if isinstance(word, int):
        if not 0 <= word < count:
            raise ValueError(f"{network.name} has classes 0 to {count - 1}, not {word}")
        return word
    matches, _ = classes_called(network, word)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise ValueError(f"'{word}' could be {_choice(network, matches)}; say which")
    near = did_you_mean(word, network.classes)
    parts = (part for name in network.classes for part in _called(name))
    near = near or did_you_mean(fold_class(word), parts)
    near = near or f"; there are {', '.join(network.classes[:12])} …"
    raise ValueError(f"{network.name} has no class '{word}'{near}")


def _choice(network: NetworkFacts, matches: list[int]) -> str:
    """The classes to choose from by name; where that does not tell them apart, by number or wordnet
    id.
    """
    shown = matches[:6]
    names = [network.classes[k] for k in shown]
    if len({fold_class(name) for name in names}) < len(names):
        ids = [f", {network.synsets[k]}" if network.synsets else "" for k in shown]
        names = [f"{k} ({name}{i})" for k, name, i in zip(shown, names, ids, strict=True)]
        listed = " or ".join(names)
    else:
        listed = one_of(names)
    return listed if len(shown) == len(matches) else f"{listed} ({len(matches)} in all)"
