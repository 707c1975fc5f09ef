"""A recipe as it was read: one frozen value that knows where each of its words was written, and
what it names that lies outside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from dreamer.errors import Problem
from dreamer.errors import RecipeError as RecipeError
from dreamer.recipe.dreamt_collage import collage_files
from dreamer.recipe.expressions import any_follows
from dreamer.recipe.facts import NetworkRef
from dreamer.recipe.marks import Path_, Tree, key_of
from dreamer.recipe.rates import parse_fps
from dreamer.recipe.schema import Recipe
from dreamer.recipe.sound import NO_SOUND
from dreamer.recipe.targets import Network
from dreamer.recipe.times import parse_time
from dreamer.recipe.wanted import Place, Wants

WITHOUT_FILE = ("source", "frame")  # references that are no files
FPS = 24  # of films that say none, and are of none
MASKS = ("left", "right", "top", "bottom", "middle", "around")  # masks that are none


@dataclass(frozen=True)
class Parsed:
    """A recipe: its words, and the tree they were read from. `name` is what its files are called
    after. Of a film of scenes, `scenes` are recipes too; `part` says of such a one where it stands
    in the film's, and `own` what of it was written there.
    """

    words: Recipe
    tree: Tree
    name: str
    scenes: tuple[Staged, ...] = ()
    part: Path_ = ()
    own: frozenset[Path_] = frozenset()

    @property
    def fps(self) -> Fraction:
        """Frames a second."""
        return parse_fps(FPS if self.words.fps is None else self.words.fps)

    @property
    def still(self) -> bool:
        """Whether it asks for one picture and not a film."""
        return self.words.length is None and not self.scenes and self.clip() is None

    @property
    def bits(self) -> int:
        """Bits a channel of its saved frames."""
        return 16 if any(output.frames == "png16" for output in self.words.output) else 8

    @property
    def transparent(self) -> bool:
        """Whether its picture is to be clear where nothing was looked at."""
        return any(output.transparency is not None for output in self.words.output)

    @property
    def frames(self) -> int | None:
        """How many frames it asks for; None is endless."""
        length = self.words.length
        if self.scenes:
            return self.scenes[-1].start + self.scenes[-1].frames
        if length is None:
            return 1
        if length == "endless":
            return None
        return max(1, round(parse_time(length).frame(self.fps, None))) + self.lead

    @property
    def lead(self) -> int:
        """How many frames are rendered before a film's first, for its end to fade into."""
        closing = self.words.close
        if closing is None or closing.by != "crossfade" or self.scenes:
            return 0
        time = parse_time(closing.over)
        return 0 if time.unit == "%" else round(time.frame(self.fps, None))

    def problem(self, path: Path_, message: str) -> Problem:
        """A problem with what was written at `path`."""
        mark = self.tree.mark(path)
        return Problem(mark.file, mark.line, key_of(self.written(path)), message)

    def written(self, path: Path_) -> Path_:
        """`path` as its text has it: below its scene, where it was said there."""
        said = self.tree.as_written(path)
        return (*self.part, *said) if self.says(path) else said

    def says(self, path: Path_) -> bool:
        """Whether a scene says what stands at `path` itself."""
        nearest = self.tree.nearest(path)
        return nearest != () and nearest in self.own

    def file(self, path: Path_, name: str) -> str:
        """The whole path of the file called `name` at `path` in the recipe."""
        return str(_whole(self.tree.mark(path).folder, name))

    def image(self) -> str | None:
        """The whole path of an `image:` source."""
        name = self.words.source.image
        return None if name is None else self.file(("source", "image"), name)

    def clip(self) -> Place | None:
        """The film or folder of pictures that is dreamt on, whose frames are the sources."""
        for key in ("video", "folder"):
            if (name := getattr(self.words.source, key)) is not None:
                return Place(("source", key), self.file(("source", key), name))
        return None

    @property
    def sounds(self) -> bool:
        """Whether it says a sound; what it says may turn out to be none."""
        return self.words.sound is not None and self.words.sound.file != NO_SOUND

    def sound(self) -> str | None:
        """The whole path of the file whose sound is heard; None also of a `source` without any."""
        sound = self.words.sound
        if sound is None or not self.sounds:
            return None
        if sound.own_file:
            return self.file(("sound", "file"), sound.file)
        film = getattr(self.words.source, "video", None)
        return None if film is None else self.file(("source", "video"), film)

    def follows(self) -> bool:
        """Whether an expression names a signal of the sound."""
        return self.sounds and any_follows(self.tree.value)

    def pictures(self) -> list[Place]:
        """Every picture file its words name, and where they do."""
        words = self.words
        named: list[tuple[Path_, str | None]] = [(("source", "image"), words.source.image)]
        for k, target in enumerate(words.target):
            named.append((("target", k, "reference"), target.reference))
            named.append((("target", k, "mask"), target.mask))
        named.append((("inpaint", "mask"), None if words.inpaint is None else words.inpaint.mask))
        named.append((("colors", "palette"), words.colors.palette))
        drawn = {"reference": WITHOUT_FILE, "mask": MASKS}
        found = [
            Place(path, self.file(path, name))
            for path, name in named
            if name is not None and name not in drawn.get(str(path[-1]), ())
        ]
        return found + [place for scene in self.scenes for place in scene.own(Parsed.pictures)]

    def network(self, word: str | Network, path: Path_) -> NetworkRef:
        """The network that `word`, written at `path`, names."""
        if isinstance(word, str):
            return NetworkRef(name=word)
        labels = None if word.labels is None else self.file((*path, "labels"), word.labels)
        weights = word.weights
        if weights != "random":
            weights = self.file((*path, "weights"), weights)
        return NetworkRef(None, word.architecture, weights, labels, word.seed)

    def target_network(self, number: int) -> NetworkRef:
        """The network of a target: its own, or the recipe's."""
        own = self.words.target[number].network
        if own is None:
            return self.network(self.words.network, ("network",))
        return self.network(own, ("target", number, "network"))

    def network_called(self, number: int) -> str:
        """What a person wrote for the network of a target, for people to read."""
        word = self.words.target[number].network or self.words.network
        if isinstance(word, str):
            return word
        if word.weights != "random":
            return word.weights
        return f"{word.architecture}:random" + (f" (seed {word.seed})" if word.seed else "")

    def other_network(self, number: int) -> NetworkRef:
        """The network of what a target is compared to: its own, or the target's."""
        other = self.words.target[number].other
        if other is None or other.network is None:
            return self.target_network(number)
        return self.network(other.network, ("target", number, "other", "network"))

    def judges(self) -> tuple[NetworkRef, ...]:
        """The networks that score what was rendered."""
        wanted = self.words.classify
        if wanted is None:
            return ()
        if wanted.networks is None:
            return (self.network(self.words.network, ("network",)),)
        paths = (("classify", "networks", k) for k in range(len(wanted.networks)))
        return tuple(map(self.network, wanted.networks, paths))

    def wants(self) -> Wants:
        """The networks and pictures it names."""
        count = range(len(self.words.target))
        refs = [self.target_network(k) for k in count] + [self.other_network(k) for k in count]
        refs += [self.network(self.words.network, ("network",)), *self.judges()]
        refs += [r for s in self.scenes for r in s.recipe.wants().networks.values()]
        pictures = tuple(dict.fromkeys(place.file for place in self.pictures()))
        return Wants({r.key: r for r in refs}, pictures, self.clip(), self.sound(), self.follows())

    def canonical(self) -> dict[str, Any]:
        """Its words as plain data, `extends` and `--set` applied, defaults left out; reads back
        as the same recipe.
        """
        tree: dict[str, Any] = _plain(
            self.words.model_dump(by_alias=True, exclude_defaults=True, mode="python")
        )
        if len(tree.get("output", ())) == 1:  # as most people write it
            tree["output"] = tree["output"][0]
        if self.words.scenes is not None:  # which may say a default where the recipe says another
            dumped = [s.model_dump(by_alias=True, exclude_unset=True) for s in self.words.scenes]
            tree["scenes"] = _plain(dumped)
        return tree

    def files(self) -> list[Place]:
        """Every file its words name, and where they do."""
        found = [place for place in self.pictures() if place.path[0] != "scenes"]
        found += [*filter(None, [self.clip()]), *collage_files(self.words, self.tree)]
        holders: list[tuple[Any, Path_]] = [(self.words.network, ("network",))]
        for k, target in enumerate(self.words.target):
            holders.append((target.network, ("target", k, "network")))
            if target.other is not None:
                holders.append((target.other.network, ("target", k, "other", "network")))
        sound = self.words.sound
        if sound is not None and sound.own_file:
            place = ("sound", "file")
            found.append(Place(place, self.file(place, sound.file)))
        judges = (self.words.classify and self.words.classify.networks) or ()
        holders += [(judge, ("classify", "networks", k)) for k, judge in enumerate(judges)]
        for network, path in holders:
            if isinstance(network, Network):
                ref = self.network(network, path)
                if ref.weights not in (None, "random"):
                    found.append(Place((*path, "weights"), str(ref.weights)))
                if ref.labels is not None:
                    found.append(Place((*path, "labels"), ref.labels))
        return found + [place for scene in self.scenes for place in scene.own(Parsed.files)]

    def with_files(self, rename: Callable[[str], str]) -> dict[str, Any]:
        """`canonical` with every file name replaced by `rename(whole path)`."""
        tree = self.canonical()
        for place in self.files():
            holder: Any = tree
            for part in place.path[:-1]:
                holder = holder[part]
            holder[place.path[-1]] = rename(place.file)
        return tree

    def digest(self, sha256: Mapping[str, str]) -> str:
        """SHA-256 of the recipe with files replaced by what is in them (`sha256` by whole path)."""
        tree = self.with_files(lambda path: sha256.get(path, path))
        return hashlib.sha256(json.dumps(tree, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Staged:
    """A scene as a recipe of its own: frames `start` to `start + frames` of the film, the first
    `fade` of them still part of the scene before.
    """

    recipe: Parsed
    title: str
    start: int
    frames: int
    fade: int
    ease: str

    def own(self, places: Callable[[Parsed], list[Place]]) -> list[Place]:
        """Those of its `places` that the scene says itself, where they stand in the film's."""
        recipe = self.recipe
        return [
            Place((*recipe.part, *place.path), place.file)
            for place in places(recipe)
            if recipe.says(place.path)
        ]


def _whole(folder: Path, name: str) -> Path:
    """The whole path of `name`, said in `folder`; whether there is such a file is not asked."""
    try:
        return (folder / Path(name).expanduser()).resolve()
    except RuntimeError:  # a user there is none of, or links that go round
        return folder.absolute() / name


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
