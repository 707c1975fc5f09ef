"""`plan`: a recipe checked and reckoned, without rendering; a render's without torch, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from dreamer.draw.schedules import Mark, Panel, panels
from dreamer.engine.drawings import keep_drawing, require_place
from dreamer.engine.dreamt_collages import on_its_collage, planned_collage
from dreamer.engine.facts import gather
from dreamer.engine.opening import is_of_collage, open_collage, open_recipe
from dreamer.engine.plan_notes import notes_of
from dreamer.engine.ready import Ready
from dreamer.errors import UsageError
from dreamer.recipe.clip_times import settled
from dreamer.recipe.facts import ClipFacts
from dreamer.recipe.following import Following, drawn_signals, following
from dreamer.recipe.parse import draft_of
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.plan import Plan
from dreamer.recipe.planned import PlannedTarget
from dreamer.recipe.planning import plan as make_plan
from dreamer.recipe.schedules import Values
from dreamer.recipe.steps_told import steps_of, told_steps

if TYPE_CHECKING:  # which needs torch
    from dreamer.engine.collage_plan import CollagePlan


@dataclass(frozen=True)
class Reckoning:
    """A recipe and its plan; `heard` is whether its film has a sound, where it can."""

    recipe: Parsed
    plan: Plan
    notes: tuple[str, ...] = ()
    following: Following | None = None
    heard: bool = False

    def schedules(self) -> dict[str, Values]:
        """What changes, by its name in the recipe; a target's weight with what it weighs."""
        names = {
            f"target.{k}.weight": f"{t.key}.weight ({t.name})"
            for k, t in enumerate(self.plan.targets)
        }
        return {
            names.get(name, name): track
            for name, track in self.plan.tracks.items()
            if min(track) != max(track) and not name.startswith("sway")
        }

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        plan = self.plan
        seconds = None if plan.frames is None else float(plan.frames / plan.fps)
        return {
            "title": self.recipe.words.title,
            "size": [plan.shown[1], plan.shown[0]],
            "frames": plan.frames,
            "fps": str(plan.fps),
            "seconds": None if self.recipe.still else seconds,
            "octaves": [[w, h] for h, w in plan.at(plan.start).sizes],
            **steps_of(plan),
            "targets": [f"{self._called(t)}: {t.name}{self._asked(t)}" for t in plan.targets],
            "megapixel_steps": round(plan.megapixel_steps(), 3),
            "gigamacs": round(plan.megapixel_steps() * plan.macs_per_pixel / 1e3 * 3, 1),
            "schedules": {
                name: [min(track), max(track)] for name, track in self.schedules().items()
            },
            "films": self._films(),
            **({} if plan.clip is None else {"cuts": sorted(plan.clip.shots)}),
            "notes": list(self.notes),
        } | ({"sound": self._sound()} if self.following is not None else {})

    def _sound(self) -> dict[str, Any]:
        found, words = self.following, self.recipe.words.sound
        assert found is not None
        assert words is not None
        return {
            "file": words.file,
            "seconds": round(found.seconds, 3),
            "tempo": round(found.heard.tempo, 1),
            "beats": len(self.beats()),
        }

    def beats(self) -> list[float]:
        """The frames, not rounded, that beats of the sound are at."""
        found, plan = self.following, self.plan
        if found is None or len(found.beats.moments) < 2:
            return []
        last = min(found.seconds - found.start + found.offset, float(plan.count / plan.fps))
        moments = [moment for moment in found.beats.moments if moment < last]
        frames = [moment * float(plan.fps) + found.lead for moment in moments]
        return [frame for frame in frames if frame <= plan.count - 1]

    def _of(self, target: PlannedTarget) -> Parsed:
        """The recipe, or the scene, that a target is first said in."""
        scenes = self.recipe.scenes
        return scenes[target.scene].recipe if scenes else self.recipe

    def _called(self, target: PlannedTarget) -> str:
        return self._of(target).network_called(target.number)

    def _films(self) -> list[str]:
        """What is made of the frames."""
        if self.recipe.still:
            return []
        height, width = self.plan.shown
        films = []
        for output in self.recipe.words.output:
            mute = output.container is not None and output.container.sound is None
            silent = ", silent" if mute and self.heard else ""
            films.append(output.told(self.plan.fps, (width, height)) + silent)
        return films

    def _asked(self, target: PlannedTarget) -> str:
        """What the recipe says of a target beside its name."""
        said = self._of(target).words.target[target.number]
        words = [said.objective or ""]
        if target.channels is not None and said.channels is not None:
            words.append(f"{len(target.channels)} channels")
        if said.reference is not None:
            words.append(f"of {said.reference}")
        if said.mask is not None:
            words.append(f"mask {said.mask}")
        if said.octaves is not None:
            words.append(f"octaves {', '.join(map(str, said.octaves))}")
        words = list(filter(None, words))
        return f" ({'; '.join(words)})" if words else ""

    def as_text(self) -> str:
        """The same for people."""
        found = self.as_json()
        frames = "endless" if found["frames"] is None else f"{found['frames']} frames"
        kind = "a still" if self.recipe.still else f"{frames} at {found['fps']} a second"
        lines = [
            f"{found['title'] or self.recipe.name}: {found['size'][0]}×{found['size'][1]}, {kind}",
            "targets: " + ", ".join(found["targets"]),
            "octaves: " + ", ".join(f"{w}×{h}" for w, h in found["octaves"]),
            told_steps(self.plan),
        ]
        lines += filter(None, (self._scenes(), self._closing()))
        lines += [f"{name} {_course(track)}" for name, track in self.schedules().items()]
        lines += [f"film: {film}" for film in found["films"]]
        if "sound" in found:
            lines.append(_heard(found["sound"]))
        of = " for each 240 frames" if found["frames"] is None else ""
        lines.append(
            f"work{of}: {found['megapixel_steps']} megapixel-steps, about {found['gigamacs']} GMAC"
        )
        return "\n".join([*lines, *self.notes])

    def _scenes(self) -> str:
        """The scenes with when they begin, in seconds."""
        fps = float(self.plan.fps)
        told = []
        for k, scene in enumerate(self.recipe.scenes, 1):
            faded = f", fading in for {scene.fade / fps:g} s" if scene.fade else ""
            told.append(f"{scene.title or k} from {scene.start / fps:g} s{faded}")
        return f"scenes: {'; '.join(told)}" if told else ""

    def _closing(self) -> str:
        """How the film's end meets its beginning."""
        closing = self.plan.closing
        if closing is None:
            return ""
        seconds = f"{closing.frames / float(self.plan.fps):g} s"
        if closing.by == "return":
            return f"it returns to its first frame in its last {seconds}"
        return f"its last {seconds} fade into the {closing.lead} frames before its first"


def _heard(sound: Mapping[str, Any]) -> str:
    """A sound in a line."""
    words = f"sound: {sound['file']}, {sound['seconds']:.1f} s"
    if not sound["beats"]:
        return f"{words}, no beats"
    return f"{words}, {sound['tempo']:.0f} beats a minute, {sound['beats']} beats in the film"


def _course(track: Values) -> str:
    """Where a schedule begins and ends, in that order, and how far it goes on the way."""
    first, last, low, high = track[0], track[-1], min(track), max(track)
    if first == last:
        return f"goes between {low:g} and {high:g}"
    beyond = "" if {first, last} == {low, high} else f", between {low:g} and {high:g}"
    return f"goes from {first:g} to {last:g}{beyond}"


def plan(
    recipe: Path,
    *,
    overrides: Sequence[str] = (),
    plot: Path | None = None,
    storyboard: Path | None = None,
    draft: bool = False,
    trust: bool = False,
) -> Reckoning | CollagePlan:
    """Check and reckon `recipe`, or its draft; with `plot`, draw its schedules there. Of a collage
    there is nothing to draw.

    `storyboard` is where somebody will draw that, so that it is refused before any work.

    Raises:
        RecipeError: all that cannot be rendered.
        UsageError: `plot` or `storyboard` is no name of a PNG, or is asked of a collage.
        FolderError: a file is there that is neither.
        NetworkError: tiles are asked for, and a network looks at the whole picture.
    """
    if is_of_collage(recipe):
        for option, asked in (("plot", plot), ("storyboard", storyboard), ("draft", draft)):
            if asked:
                raise UsageError(f"--{option} is of renders, and {recipe} is of a collage")
        from dreamer.engine.collage_plan import planned

        return planned(open_collage(recipe, overrides, trust))
    for option, path in (("--plot", plot), ("--storyboard", storyboard)):
        if path is not None:
            require_place(option, path)
    if plot is not None and plot == storyboard:
        raise UsageError("--storyboard: would be the same file as --plot; name another")
    opened = _with_collage(open_recipe(recipe, overrides, trust), made=storyboard is not None)
    gathered = gather(opened, listen=True)
    facts = gathered.facts
    made, opened = make_plan(opened, facts), settled(opened, facts)
    if draft:
        opened = draft_of(opened, made.shown[::-1])
        gathered = gather(opened, listen=True)
        facts = gathered.facts
        made, opened = make_plan(opened, facts), settled(opened, facts)
    heard = following(opened, facts, made.frames, opened.lead)
    notes = notes_of(Ready(opened, gathered, made))
    clip = facts.clip
    sounds = opened.sound() is not None or (isinstance(clip, ClipFacts) and clip.has_audio)
    found = Reckoning(opened, made, notes, heard, sounds)
    if plot is not None:
        keep_drawing(plot, drawn(found), "schedules")
        found = replace(found, notes=(*found.notes, f"schedules drawn: {plot}"))
    return found


def _with_collage(recipe: Parsed, made: bool) -> Parsed:
    """`recipe` on the collage it dreams on, which has to be `made` only where it will be seen."""
    if not made or recipe.words.source.collage is None:
        return planned_collage(recipe)
    from dreamer.engine.collaging import make_collage  # scores pieces, which takes torch

    return on_its_collage(recipe, lambda ready: make_collage(ready).product)


ALIKE = (  # what schedules are of, and which of them share an axis
    ("zoom, a second", ("motion.zoom",)),
    ("degrees a second", ("motion.rotate",)),
    ("widths and heights a second", ("motion.move.",)),
    ("places, in widths and heights", ("motion.center.", "motion.look_at.")),
    ("wobble", ("motion.wobble.",)),
    ("steps", ("ascent.steps", "ascent.octaves", "ascent.jitter")),
    ("size of a step, in levels", ("ascent.step", "ascent.step_end")),
    ("parts", ("colors.", "ascent.hold", "ascent.falloff", "ascent.persistence")),
)


def _by_name(weights: Mapping[str, Values]) -> dict[str, Values]:
    """Weights by what they weigh, or, where two weigh one, by their places in the recipe too."""
    short = [name.partition("(")[2].rstrip(")") for name in weights]
    alone = len(set(short)) == len(short)
    return dict(zip(short if alone else weights, weights.values(), strict=True))


def _is_one_of(name: str, names: Sequence[str]) -> bool:
    """Whether a track is named, or is below one of `names` that end in a point."""
    return any(name == one or (one.endswith(".") and name.startswith(one)) for one in names)


def drawn(found: Reckoning) -> Image.Image:
    """All schedules of a plan as a picture; the zoom's, if nothing changes."""
    left = found.schedules() or {"motion.zoom": found.plan.tracks["motion.zoom"]}
    weights = _by_name({k: left.pop(k) for k in list(left) if ".weight (" in k})
    shown = [Panel("weights of targets", weights)] if weights else []
    for title, names in ALIKE:
        mine = {k: left.pop(k) for k in list(left) if _is_one_of(k, names)}
        shown += [Panel(title, mine)] if mine else []
    shown += [Panel(name, {name: track}) for name, track in left.items()]
    if found.following is not None:
        shown.append(Panel("sound", drawn_signals(found.following, found.plan.count)))
    scenes = found.recipe.scenes
    marks = [Mark(s.start, s.title or f"scene {k}") for k, s in enumerate(scenes, 1)]
    title = found.recipe.words.title or found.recipe.name
    return panels(shown, title, float(found.plan.fps), marks, found.beats())
