"""What a recipe says to nobody is told so; what somebody hears is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dreamer.recipe.facts import Facts
from dreamer.recipe.parse import recipe_from_text
from dreamer.recipe.planning import plan

MOVED = "moves what is not seen, for the ascent begins with noise; say ascent: {begin: frame}"
# name: (text, messages after "x.yaml:")
UNHEARD: dict[str, tuple[str, list[str]]] = {
    "momentum of adam": (
        "ascent: {optimiser: adam, momentum: 0.5}",
        ["1: ascent.momentum: adam has none; say optimiser: momentum, or leave it out"],
    ),
    "a match without a palette": (
        "colors: {match: sliced, strength: 0.5}",
        [
            "1: colors.match: is of a palette, and there is none; say palette: PICTURE",
            "1: colors.strength: is of a palette, and there is none; say palette: PICTURE",
        ],
    ),
    "highlights of coefficients": (
        "ascent: {preset: lucid, highlights: gamut}",
        [
            "1: ascent.highlights: is of pixels, and fourier never leaves black and white; "
            "leave it out"
        ],
    ),
    "a first octave's ratio": (
        "ascent: {octaves: [{scale: 1.2, steps: 3}, {steps: 3}]}",
        [
            "1: ascent.octaves.0.scale: the first octave has none below it; leave it out, "
            "or say the second's"
        ],
    ),
    "detail of noise": (
        "ascent: {preset: deepdraw, carry: detail}",
        [
            "1: ascent.carry: what begins with noise is carried whole from octave to octave; "
            "leave it out"
        ],
    ),
    "first steps of octaves that say theirs": (
        "ascent:\n  first_steps: 9\n  octaves: [{steps: 3}, {steps: 0}]",
        ["2: ascent.first_steps: every octave says its own steps; leave it out, or their steps"],
    ),
    "motion of nothing": (
        "length: 3\nascent: {preset: lucid}\nmotion:\n  zoom: 1.2\n"
        "  rotate: {keys: [{at: 0, value: 0}, {at: 2, value: 3}]}\n  move: [0, {expr: t}]",
        [f"4: motion.zoom: {MOVED}", f"5: motion.rotate: {MOVED}", f"6: motion.move: {MOVED}"],
    ),
    "motion beside a source": (
        "ascent: {preset: lucid}\nmotion: {zoom: 2}\n"
        "target: {layer: conv1, channels: {strongest: 2}}",
        [f"2: motion.zoom: {MOVED}"],
    ),
    "a source for channels that are chosen anew": (
        "source: {procedural: rings}\nascent: {preset: lucid}\n"
        "target: {layer: conv1, channels: {strongest: 2, renew: true}}",
        [
            "1: source: is not seen, for the ascent begins with noise; say ascent: {begin: "
            "frame}, or refer to it"
        ],
    ),
}
HEARD = (
    "ascent: {optimiser: momentum, momentum: 0.5}",
    "colors: {palette: guide.jpg, match: sliced, strength: 0.5}",
    "ascent: {octaves: [{steps: 3}, {scale: 1.2}], first_steps: 9}",
    "ascent: {highlights: late, carry: whole}",
    "source: {procedural: rings}\nascent: {preset: lucid}\n"
    "target: {layer: conv1, channels: {strongest: 2}}",
    "ascent: {preset: lucid}\nmotion: {zoom: 2}\ncolors: {keep: 0.5}",
    "source: {procedural: rings}\nascent: {preset: lucid}\nmotion: {zoom: 2}\n"
    "target: {layer: conv1, objective: inversion, reference: frame}",
    "ascent: {preset: lucid}\nmotion: {zoom: 1, rotate: 0, move: [0, 0]}",
)


@pytest.mark.parametrize("name", UNHEARD)
def test_what_nobody_hears_is_refused(name: str, refusals: Callable[[str], list[str]]) -> None:
    text, expected = UNHEARD[name]
    assert refusals(text) == expected


@pytest.mark.parametrize("text", HEARD)
def test_what_somebody_hears_is_planned(text: str, world: Facts, tmp_path: Path) -> None:
    assert plan(recipe_from_text(text, tmp_path, "x.yaml"), world).count


def test_colours_kept_later_are_seen_from_the_first(world: Facts, tmp_path: Path) -> None:
    text = (
        "length: endless\nascent: {preset: lucid}\nmotion: {zoom: 2}\n"
        "colors: {keep: {keys: [{at: 0, value: 0}, {at: 90s, value: 1}]}}"
    )
    assert plan(recipe_from_text(text, tmp_path, "x.yaml"), world).count
