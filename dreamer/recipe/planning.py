"""Planning: everything looked up and evaluated before any work, and what cannot be rendered
refused, all at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, NamedTuple

from dreamer.errors import Problem, RecipeError, did_you_mean
from dreamer.recipe.colors import rgb
from dreamer.recipe.facts import Facts, NetworkFacts, PictureFacts, find_class, find_layer
from dreamer.recipe.marks import Path_, key_of
from dreamer.recipe.numbers import Expression, Keyframes, WordKeyframes
from dreamer.recipe.parse import Parsed
from dreamer.recipe.parts import MOST_PIXELS
from dreamer.recipe.plan import AscentWords, Plan, PlannedTarget
from dreamer.recipe.presets import PRESETS
from dreamer.recipe.schedules import Clock, Values, crossfades, values_of

DEFAULT_SIZE = 512
MOST_FRAMES = 1_000_000
WINDOW = 240


class Range(NamedTuple):
    """What a number may be at any frame; `above` leaves the least value itself out."""

    least: float
    most: float
    above: bool = False

    def refusal(self, value: float) -> str:
        """Why not, or nothing."""
        if value > self.most:
            return f"is above {self.most:g}"
        if value < self.least or (self.above and value == self.least):
            return f"is not above {self.least:g}" if self.above else f"is below {self.least:g}"
        return ""


RANGES: dict[str, Range] = {
    "ascent.octaves": Range(1, 20),
    "ascent.scale": Range(1, 4, above=True),
    "ascent.steps": Range(0, 1000),
    "ascent.step": Range(0, 100),
    "ascent.persistence": Range(0, 2, above=True),
    "ascent.jitter": Range(0, 512),
    "ascent.falloff": Range(0, 2),
    "ascent.hold": Range(0, 1),
    "motion.zoom": Range(0, 100, above=True),
    "motion.rotate": Range(-36_000, 36_000),
    "motion.move.0": Range(-100, 100),
    "motion.move.1": Range(-100, 100),
    "motion.center.0": Range(-1, 2),
    "motion.center.1": Range(-1, 2),
    "weight": Range(-1e6, 1e6),
}


def plan(recipe: Parsed, facts: Facts, window: tuple[int, int] | None = None) -> Plan:
    """Look everything up and evaluate everything.

    Args:
        recipe: the recipe.
        facts: about all that `recipe.wants()`.
        window: (first frame, count), to plan only these; an endless film is planned so, by default
            its first frames.

    Raises:
        RecipeError: all that cannot be rendered.
    """
    return _Planner(recipe, facts, window).plan()


class _Planner:
    def __init__(self, recipe: Parsed, facts: Facts, window: tuple[int, int] | None) -> None:
        self.recipe, self.words, self.facts = recipe, recipe.words, facts
        self.problems: list[Problem] = []
        frames = recipe.frames
        start, count = window or (0, WINDOW if frames is None else min(frames, MOST_FRAMES))
        if frames is not None:
            count = max(0, min(count, frames - start))
        self.clock = Clock(start, count, frames, recipe.fps)
        self.tracks: dict[str, Values] = {}

    def refuse(self, path: Path_, message: str) -> None:
        self.problems.append(self.recipe.problem(path, message))

    def plan(self) -> Plan:
        if self.clock.frames is not None and self.clock.frames > MOST_FRAMES:
            self.refuse(("length",), f"more than {MOST_FRAMES} frames; use endless")
            raise RecipeError(self.problems)
        width, height = self._size()
        targets = self._targets()
        self._judges()
        ascent = self._ascent()
        self._motion()
        used = [
            f for t in targets if isinstance(f := self.facts.networks.get(t.network), NetworkFacts)
        ]
        native = max((f.native for f in used), default=1)
        smallest = max((f.smallest for f in used), default=1)
        if used and min(width, height) < smallest:
            names = " and ".join(dict.fromkeys(f.name for f in used if f.smallest == smallest))
            message = f"{width}×{height} is too small: {names} needs {smallest} pixels a side"
            self.refuse(("size",), message)
        if self.problems:
            raise RecipeError(self.problems)
        reached = [self.facts_of(t).macs.get(t.layer or "logits", 0.0) for t in targets]
        return Plan(
            width=width,
            height=height,
            fps=self.clock.fps,
            frames=self.clock.frames,
            start=self.clock.start,
            count=self.clock.count,
            targets=targets,
            ascent=AscentWords(*(str(ascent[k]) for k in AscentWords.__annotations__)),
            edges=self.words.motion.edges,
            edge_color=rgb(self.words.motion.edge_color),
            tracks=self.tracks,
            auto_octaves=ascent["octaves"] == "auto",
            first_steps=self.words.ascent.first_steps,
            native=native,
            smallest=smallest,
            macs_per_pixel=max(reached, default=0.0),
        )

    def facts_of(self, target: PlannedTarget) -> NetworkFacts:
        found = self.facts.networks[target.network]
        assert isinstance(found, NetworkFacts)
        return found

    def _size(self) -> tuple[int, int]:
        """(width, height)."""
        size, image = self.words.size, self.recipe.image()
        picture = None if image is None else self.facts.pictures.get(image, "not looked at")
        if isinstance(picture, str):
            self.refuse(("source", "image"), picture)
        motif = self.words.source.class_
        if motif is not None and motif not in self.facts.motifs:
            near = did_you_mean(motif, self.facts.motifs)
            known = near or f"; there are {', '.join(self.facts.motifs)}"
            self.refuse(("source", "class"), f"no motif '{motif}'{known}")
        if isinstance(size, tuple):
            return size
        if isinstance(picture, PictureFacts):
            longest = max(picture.width, picture.height)
            scale = 1.0 if size is None else size / longest
            width, height = (max(1, round(n * scale)) for n in (picture.width, picture.height))
            if width * height > MOST_PIXELS:
                self.refuse(("size",), f"more than {MOST_PIXELS // 10**6} megapixels")
            return width, height
        side = size or DEFAULT_SIZE
        return side, side

    def _track(
        self, name: str, number: Any, path: Path_, known_range: Range, log: bool = False
    ) -> None:
        """Evaluate a number for all frames into `tracks`, refusing what it may not be."""
        self.tracks[name] = (1.0,) * self.clock.count
        try:
            found = values_of(number, self.clock, log)
        except ValueError as error:
            part = "keys" if isinstance(number, Keyframes) else "expr"
            constant = not isinstance(number, Keyframes | Expression)
            self.refuse(path if constant else (*path, part), str(error))
            return
        for offset, value in enumerate(found):
            if why := known_range.refusal(value):
                changing = isinstance(number, Keyframes | Expression)
                moment = f" at frame {self.clock.start + offset}" if changing else ""
                self.refuse(path, f"{value:g}{moment} {why}")
                return
        self.tracks[name] = found

    def _ascent(self) -> dict[str, Any]:
        said = self.words.ascent
        given = {k: v for k, v in said if v is not None}
        merged: dict[str, Any] = PRESETS[said.preset] | given
        for key in (
            "octaves",
            "scale",
            "steps",
            "step",
            "persistence",
            "jitter",
            "falloff",
            "hold",
        ):
            if merged[key] != "auto":
                name = f"ascent.{key}"
                self._track(name, merged[key], ("ascent", key), RANGES[name])
        return merged

    def _motion(self) -> None:
        motion = self.words.motion
        for key in ("zoom", "rotate"):
            name = f"motion.{key}"
            number = getattr(motion, key)
            self._track(name, number, ("motion", key), RANGES[name], log=key == "zoom")
        for key in ("move", "center"):
            for k, number in enumerate(getattr(motion, key)):
                name = f"motion.{key}.{k}"
                self._track(name, number, ("motion", key, k), RANGES[name])

    def _judges(self) -> None:
        """Refuse judges that cannot be had before the film they would judge is rendered."""
        named = self.words.classify is not None and self.words.classify.networks is not None
        for k, ref in enumerate(self.recipe.judges()):
            found = self.facts.networks.get(ref.key, "not looked at")
            if isinstance(found, str):
                self.refuse(("classify", "networks", k) if named else ("network",), found)

    def _targets(self) -> tuple[PlannedTarget, ...]:
        planned: list[PlannedTarget] = []
        blamed: set[str] = set()
        for k, target in enumerate(self.words.target):
            ref = self.recipe.target_network(k)
            facts = self.facts.networks.get(ref.key, "not looked at")
            own: Path_ = ("target", k, "network") if target.network is not None else ("network",)
            if isinstance(facts, str):
                if ref.key not in blamed:
                    self.refuse(own, facts)
                blamed.add(ref.key)
                continue
            kind: Literal["layer", "class"] = "layer" if target.layer is not None else "class"
            word = target.layer if target.layer is not None else target.class_
            path: Path_ = ("target", k, kind)
            self._track("weight", target.weight, ("target", k, "weight"), RANGES["weight"])
            base = self.tracks.pop("weight")
            for value, fade in self._words(word, path):
                found = self._looked_up(facts, ref.key, kind, value, target.channels, path)
                if found is not None:
                    weights = tuple(a * b for a, b in zip(base, fade, strict=True))
                    self.tracks[f"target.{len(planned)}.weight"] = weights
                    key = key_of(self.recipe.tree.as_written(("target", k)))
                    planned.append(replace(found, key=key))
        return tuple(planned)

    def _words(self, word: Any, path: Path_) -> list[tuple[str | int, Values]]:
        if not isinstance(word, WordKeyframes):
            return [(word, (1.0,) * self.clock.count)]
        try:
            return crossfades(word, self.clock)
        except ValueError as error:
            self.refuse((*path, "keys"), str(error))
            return []

    def _looked_up(
        self,
        facts: NetworkFacts,
        network: str,
        kind: Literal["layer", "class"],
        value: str | int,
        channels: list[int] | None,
        path: Path_,
    ) -> PlannedTarget | None:
        try:
            if kind == "class":
                number = find_class(facts, value)
                name = facts.classes[number]
                return PlannedTarget(network, kind, class_index=number, class_name=name)
            layer, before = find_layer(facts, str(value))
        except ValueError as error:
            self.refuse(path, str(error))
            return None
        width = facts.channels.get(layer)
        for channel in channels or ():
            if channel < 0 or (width is not None and channel >= width):
                most = "" if width is None else f" to {width - 1}"
                where = (*path[:-1], "channels")
                self.refuse(where, f"{layer} has channels 0{most}, not {channel}")
                return None
        return PlannedTarget(
            network, kind, layer, before, None if channels is None else tuple(channels)
        )
