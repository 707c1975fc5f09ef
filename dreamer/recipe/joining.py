"""The plans of scenes as the plan of their film: numbers fade into each other, and what is
amplified in one scene fades out while the next one's fades in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

from dreamer.errors import Problem, RecipeError
from dreamer.recipe.easing import EASINGS
from dreamer.recipe.marks import Path_
from dreamer.recipe.moving import sways
from dreamer.recipe.parsed import Parsed, Staged
from dreamer.recipe.plan import Plan
from dreamer.recipe.planned import PlannedTarget
from dreamer.recipe.schedules import Values

RATIOS = ("motion.zoom", "ascent.scale")  # which fade in equal ratios
WORDS = {  # of a plan that all its frames share, with where a recipe says them
    "own_octaves": ("ascent", "octaves"),
    "edges": ("motion", "edges"),
    "edge_color": ("motion", "edge_color"),
    "colors": ("colors", "palette"),
}


def joined(film: Parsed, plans: Sequence[Plan]) -> Plan:
    """The plan of `film` from those of its scenes, each planned through the fade into the next.

    Raises:
        RecipeError: scenes that no film can have together.
    """
    problems = [p for k, made in enumerate(plans) for p in _unlike(film.scenes[k], plans[0], made)]
    if problems:
        raise RecipeError(problems)
    shares = [_shares(film.scenes, k) for k in range(len(plans))]
    targets: dict[PlannedTarget, PlannedTarget] = {}
    weights: dict[PlannedTarget, list[float]] = {}
    count = _frames(film.scenes)
    for k, (scene, made) in enumerate(zip(film.scenes, plans, strict=True)):
        for number, target in enumerate(made.targets):
            alike = replace(target, key="", number=0)
            targets.setdefault(alike, replace(target, scene=k))
            track = weights.setdefault(alike, [0.0] * count)
            said = made.tracks[f"target.{number}.weight"]
            for frame, share in shares[k]:
                track[frame] += share * said[frame - scene.start]
    tracks = {
        name: _faded(film.scenes, [made.tracks[name] for made in plans], shares, name in RATIOS)
        for name in plans[0].tracks
        if not name.startswith("target.")
    }
    for name in [name for name in tracks if name.startswith("swayed.")]:
        sway = name.replace("swayed", "sway", 1)
        tracks[sway] = sways(tracks[name], tracks[name][0] - plans[0].tracks[sway][0])
    tracks |= {f"target.{k}.weight": tuple(track) for k, track in enumerate(weights.values())}
    return replace(
        plans[0],
        frames=count,
        start=0,
        count=count,
        targets=tuple(targets.values()),
        tracks=tracks,
        native=max(made.native for made in plans),
        smallest=max(made.smallest for made in plans),
        macs_per_pixel=_mean_cost(film, plans),
    )


def _shares(scenes: Sequence[Staged], k: int) -> list[tuple[int, float]]:
    """The frames that scene `k` has a part in, and how much of each is its own."""
    scene = scenes[k]
    there = range(scene.start, scene.start + scene.frames)
    found = [(frame, _come(scene, frame)) for frame in there]
    if k + 1 < len(scenes):
        after = scenes[k + 1]
        there = range(after.start, after.start + after.fade)
        found += [(frame, 1 - _come(after, frame)) for frame in there]
    return found


def _come(scene: Staged, frame: int) -> float:
    """How far a scene has come in at `frame`, 0 to 1."""
    since = frame - scene.start
    if since >= scene.fade:
        return 1.0
    # Some ways overshoot; steps below none and weights that push away would come of that.
    return min(max(EASINGS[scene.ease](since / scene.fade), 0.0), 1.0)


def _faded(
    scenes: Sequence[Staged],
    tracks: Sequence[Values],
    shares: Sequence[list[tuple[int, float]]],
    ratio: bool,
) -> Values:
    parts: list[list[tuple[float, float]]] = [[] for _ in range(_frames(scenes))]
    for scene, track, mine in zip(scenes, tracks, shares, strict=True):
        for frame, share in mine:
            parts[frame].append((share, track[frame - scene.start]))
    return tuple(_blended(part, ratio) for part in parts)


def _blended(parts: Sequence[tuple[float, float]], ratio: bool) -> float:
    """The mean of (share, value) pairs, itself where all are one."""
    values = {value for share, value in parts if share}
    if len(values) == 1:
        return values.pop()
    if ratio:
        return math.exp(sum(share * math.log(value) for share, value in parts))
    return sum(share * value for share, value in parts)


def _frames(scenes: Sequence[Staged]) -> int:
    return scenes[-1].start + scenes[-1].frames


def _mean_cost(film: Parsed, plans: Sequence[Plan]) -> float:
    """Multiply-adds a pixel, on average over the film's frames."""
    pairs = zip(film.scenes, plans, strict=True)
    return sum(s.frames * made.macs_per_pixel for s, made in pairs) / _frames(film.scenes)


def _unlike(scene: Staged, first: Plan, made: Plan) -> Iterator[Problem]:
    """Why a scene cannot stand in one film with the first."""

    def refuse(path: Path_, message: str) -> Problem:
        return scene.recipe.problem(path, message)

    for field in fields(first.ascent):
        name = field.name
        before, here = getattr(first.ascent, name), getattr(made.ascent, name)
        if before != here:
            what = f"is one for the whole film; the first scene has {before}, this one {here}"
            yield refuse(("ascent", name), what)
    for name, path in WORDS.items():
        if getattr(first, name) != getattr(made, name):
            yield refuse(path, "is one for the whole film; the first scene has another")
    if first.margin != made.margin:
        said = scene.recipe.says(("motion", "overscan"))
        what = "how much is dreamt beyond the edges is one for the whole film; say it for all"
        yield refuse(("motion", "overscan" if said else "edges"), what)
    unlike = {name for name in first.tracks.keys() ^ made.tracks.keys() if name[:7] != "target."}
    for name in sorted(unlike):
        what = "is a number in one scene and not in another, and cannot fade; say it in all"
        yield refuse(tuple(name.split(".")), what)
    if first is not made and ("ascent", "first_steps") in scene.recipe.own:
        yield refuse(("ascent", "first_steps"), "is of a film's first frame; leave it out here")
