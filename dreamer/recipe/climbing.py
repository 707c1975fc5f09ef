"""An ascent planned: the preset's words with the recipe's on top, evaluated, and those refused
that do not go together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from dreamer.recipe.ascent import Octave, Transform
from dreamer.recipe.planned import AscentWords, PlannedTarget
from dreamer.recipe.presets import PRESETS
from dreamer.recipe.reckoning import RANGES, Reckoning
from dreamer.recipe.sizes import OwnOctave

NUMBERS = (
    "octaves",
    "scale",
    "steps",
    "step",
    "step_end",
    "persistence",
    "jitter",
    "falloff",
    "hold",
    "blur",
    "blur_end",
    "variation",
    "l1",
    "l2",
)
FACTORS = 11  # of a scale, as lucid's


class Climbing(NamedTuple):
    """How a picture climbs, but for its numbers."""

    words: AscentWords
    own: tuple[OwnOctave, ...]


def merged(here: Reckoning) -> dict[str, Any]:
    """The preset's words with the recipe's on top."""
    said = here.words.ascent
    return dict(PRESETS[said.preset]) | {k: v for k, v in said if v is not None}


def planned_ascent(
    here: Reckoning,
    targets: tuple[PlannedTarget, ...],
    native: int,
) -> Climbing:
    """Evaluate the ascent's numbers into tracks.

    Args:
        here: the recipe.
        targets: what it amplifies.
        native: what the networks like to see, in pixels.
    """
    words = merged(here)
    for key in NUMBERS:
        name, number = f"ascent.{key}", words[key]
        if number is not None and not isinstance(number, str | list):
            here.track(name, number, ("ascent", key), RANGES[name])
    own: tuple[OwnOctave, ...] = ()
    if isinstance(words["octaves"], list):
        own = tuple(map(_own, words["octaves"]))
    window = native if words["window"] == "native" else words["window"]
    found = AscentWords(
        parameterisation=words["parameterisation"],
        begin=words["begin"],
        optimiser=words["optimiser"],
        momentum=words["momentum"],
        normalize=words["normalize"],
        color=words["color"],
        highlights=words["highlights"],
        transforms=_transforms(words["transforms"], native),
        window=window,
        redirect=words["redirect"],
        resize=words["resize"],
        passes=words["passes"],
        carry=words["carry"],
        effort=words["effort"],
    )
    _together(here, words, found, targets, own)
    return Climbing(found, own)


def _own(said: Octave | dict[str, Any]) -> OwnOctave:
    """An octave as a recipe says it, or as a preset has it."""
    return OwnOctave(**(said if isinstance(said, dict) else dict(said)))


def _transforms(
    said: str | list[Transform], native: int
) -> tuple[tuple[str, tuple[float, ...]], ...]:
    if isinstance(said, str):
        return () if said == "none" else ((said, (native,)),)
    found: list[tuple[str, tuple[float, ...]]] = []
    for one in said:
        if one.scale is not None:
            low, high = one.scale
            factors = [low + (high - low) * k / (FACTORS - 1) for k in range(FACTORS)]
            found.append(("scale", tuple(factors)))
        elif one.flip is not None:
            found.append(("flip", (one.flip != "down", one.flip != "across")))
        elif one.crops is not None:
            found.append(("crops", (one.crops.count, native, *one.crops.boxes, one.crops.spread)))
        else:
            found.extend((key, (float(value),)) for key, value in one if value is not None)
    return tuple(found)


def _together(
    here: Reckoning,
    words: dict[str, Any],
    found: AscentWords,
    targets: tuple[PlannedTarget, ...],
    own: tuple[OwnOctave, ...],
) -> None:
    """Refuse words that do not go together."""
    way, pixels = found.parameterisation, found.parameterisation == "pixels"
    tracks = here.tracks
    if way in ("maco", "cppn"):
        if found.begin == "frame":
            what = "no picture turns into its parameters, so frames cannot be fed to it"
            here.refuse(("ascent", "parameterisation"), f"{way}: {what}; say begin: noise")
        if (
            len(own) > 1
            or words["octaves"] == "auto"
            or max(tracks.get("ascent.octaves", (1,))) > 1
        ):
            here.refuse(("ascent", "octaves"), f"{way} climbs one octave; say octaves: 1")
        if found.passes > 1:
            here.refuse(("ascent", "passes"), f"{way} climbs one octave once; say passes: 1")
    if not pixels:
        only = {"falloff": 0.0, "blur": 0.0}
        for key, none in only.items():
            if max(tracks.get(f"ascent.{key}", (none,))) > 0:
                here.refuse(("ascent", key), f"is of pixels, not of {way}; say {key}: 0")
        if found.color != "rgb":
            here.refuse(("ascent", "color"), f"{way} has colour axes of its own; say color: rgb")
        if found.normalize == "scales" and way != "logits":
            here.refuse(("ascent", "normalize"), f"scales are those of pixels, not of {way}")
        if found.window is not None:
            here.refuse(("ascent", "window"), f"is a part of pixels, not of {way}")
    if found.effort != 1:
        for what in _with_effort(here, found, own):
            here.refuse(("ascent", "effort"), f"{what}; say fewer steps instead")
    if found.window is not None and found.optimiser != "plain":
        what = f"a window moves, and {found.optimiser} remembers places; say optimiser: plain"
        here.refuse(("ascent", "window"), what)
    crops = any(name in ("crops", "maco") for name, _ in found.transforms)
    moving = [name for name, _ in found.transforms if name in ("crops", "maco", "flip")]
    for target in targets:
        if target.place is not None and (moving or found.window is not None):
            how = moving[0] if moving else "a window"
            here.refuse(
                ("target", target.number, "place"),
                f"no place stays where it is under {how}; say a mask",
            )
        if crops and target.batch:
            what = f"{target.objective} compares whole samples, not crops of them"
            here.refuse(("target", target.number, "objective"), what)


def _with_effort(here: Reckoning, found: AscentWords, own: tuple[OwnOctave, ...]) -> Iterator[str]:
    """Why fewer and longer steps would make another picture (docs/effort.md)."""
    plain, pixels = found.optimiser == "plain", found.parameterisation == "pixels"
    if not (plain and pixels):
        theirs = (
            found.parameterisation if plain else f"{found.optimiser} on {found.parameterisation}"
        )
        yield f"is of plain steps on pixels, which longer ones stand in for, not of {theirs}"
        return
    said = (blur for octave in own for blur in (octave.blur, octave.blur_end) if blur)
    tracks = (here.tracks.get(f"ascent.{key}", ()) for key in ("blur", "blur_end"))
    if any(said) or any(any(track) for track in tracks):
        yield "is of steps that nothing smooths, and fewer ones would be smoothed less (blur)"
    if found.redirect:
        yield "is of steps that are alike, and the first ones are led past dead ReLUs (redirect)"
    parts = [name for name, _ in found.transforms if name in ("crops", "maco")]
    if found.window is not None or parts:
        how = "a window comes" if found.window is not None else "crops come"
        yield f"is of steps that see the whole picture, and {how} to fewer places in fewer"
