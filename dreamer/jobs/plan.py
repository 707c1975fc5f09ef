"""`plan`: a recipe checked and reckoned, without rendering and without torch."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dreamer.draw.plot import curves
from dreamer.engine.facts import gather
from dreamer.engine.opening import open_recipe
from dreamer.errors import UsageError
from dreamer.media import durable
from dreamer.recipe.clips import settled
from dreamer.recipe.facts import ClipFacts
from dreamer.recipe.parse import Parsed
from dreamer.recipe.plan import Plan, PlannedTarget
from dreamer.recipe.planning import plan as make_plan
from dreamer.recipe.schedules import Values

SHOTS = 8  # cuts that are told one by one


@dataclass(frozen=True)
class Reckoning:
    """A recipe and its plan."""

    recipe: Parsed
    plan: Plan
    notes: tuple[str, ...] = ()

    def schedules(self) -> dict[str, Values]:
        """What changes, by its name in the recipe; a target's weight with what it weighs."""
        names = {
            f"target.{k}.weight": f"{t.key}.weight ({t.name})"
            for k, t in enumerate(self.plan.targets)
        }
        return {
            names.get(name, name): track
            for name, track in self.plan.tracks.items()
            if min(track) != max(track)
        }

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        plan = self.plan
        seconds = None if plan.frames is None else float(plan.frames / plan.fps)
        return {
            "title": self.recipe.words.title,
            "size": [plan.width, plan.height],
            "frames": plan.frames,
            "fps": str(plan.fps),
            "seconds": None if self.recipe.still else seconds,
            "octaves": [[w, h] for h, w in plan.at(plan.start).sizes],
            "targets": [f"{t.network}: {t.name}{self._asked(t)}" for t in plan.targets],
            "megapixel_steps": round(plan.megapixel_steps(), 3),
            "gigamacs": round(plan.megapixel_steps() * plan.macs_per_pixel / 1e3 * 3, 1),
            "schedules": {
                name: [min(track), max(track)] for name, track in self.schedules().items()
            },
            **({} if plan.clip is None else {"cuts": sorted(plan.clip.shots)}),
            "notes": list(self.notes),
        }

    def _asked(self, target: PlannedTarget) -> str:
        """What the recipe says of a target beside its name."""
        said = self.recipe.words.target[target.number]
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
        ]
        lines += [
            f"{name} goes from {low:g} to {high:g}"
            for name, (low, high) in found["schedules"].items()
        ]
        of = " for each 240 frames" if found["frames"] is None else ""
        lines.append(
            f"work{of}: {found['megapixel_steps']} megapixel-steps, about {found['gigamacs']} GMAC"
        )
        return "\n".join([*lines, *self.notes])


def plan(
    recipe: Path,
    *,
    overrides: Sequence[str] = (),
    plot: Path | None = None,
    draft: bool = False,
    trust: bool = False,
) -> Reckoning:
    """Check and reckon `recipe`, or its draft; with `plot`, draw its schedules there.

    Raises:
        RecipeError: all that cannot be rendered.
        UsageError: `plot` is no name of a PNG.
    """
    if plot is not None and plot.suffix.lower() != ".png":
        raise UsageError(f"--plot: expected a name ending in .png, not {plot.name}")
    if plot is not None and not plot.parent.is_dir():
        raise UsageError(f"--plot: there is no folder {plot.parent}")
    opened = open_recipe(recipe, overrides, trust)
    facts = gather(opened).facts
    made, opened = make_plan(opened, facts), settled(opened, facts)
    if draft:
        opened = opened.draft((made.width, made.height))
        facts = gather(opened).facts
        made, opened = make_plan(opened, facts), settled(opened, facts)
    found = Reckoning(opened, made, (*_notes(opened), *_of_clip(made, facts.clip)))
    if plot is not None:
        shown = found.schedules() or {
            k: v for k, v in found.plan.tracks.items() if k == "motion.zoom"
        }
        fps = float(found.plan.fps)
        lines = {name: [(k / fps, v) for k, v in enumerate(track)] for name, track in shown.items()}
        file = io.BytesIO()
        title = found.recipe.words.title or found.recipe.name
        curves(lines, title, "seconds", "value, a second where it moves").save(file, "PNG")
        durable.write_bytes(plot, file.getvalue())
        found = replace(found, notes=(*found.notes, f"schedules drawn: {plot}"))
    return found


def _of_clip(made: Plan, clip: ClipFacts | str | None) -> Iterator[str]:
    """What a person should know of the film or folder that is dreamt on."""
    if made.clip is None or not isinstance(clip, ClipFacts):
        return
    rate = f" at {float(clip.fps):.6g} a second" if clip.fps is not None else ""
    kind = "pictures" if clip.fps is None else "frames"
    shots = [f"{float(frame / made.fps):.2f}" for frame in sorted(made.clip.shots)]
    more = ", …" if len(shots) > SHOTS else ""
    cut = f"cuts at {', '.join(shots[:SHOTS])}{more} s" if shots else "no cuts"
    yield f"source: {clip.width}×{clip.height}, {len(clip.times)} {kind}{rate}; {cut}"
    if clip.others:
        yield f"{clip.others} pictures are of another size than the first; they are fitted to it"
    if clip.light:
        yield f"source: made for bright screens ({clip.light}); its light is toned down"


def _notes(recipe: Parsed) -> tuple[str, ...]:
    """What will stand in the way here, though not on another machine."""
    if recipe.words.device != "cuda":
        return ()
    from dreamer.engine.execution import is_here  # loads torch, so only for such a recipe

    here = is_here("cuda")
    return () if here else ("device: cuda is not to be had on this machine; it cannot render this",)
