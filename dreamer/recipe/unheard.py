"""Words that nobody would hear: a recipe says them, and they are for another way of climbing than
its own. Whoever wrote them expects something, and would wait for it in vain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dreamer.recipe.climbing import Climbing
from dreamer.recipe.marks import Path_
from dreamer.recipe.numbers import Expression, Keyframes
from dreamer.recipe.parsed import WITHOUT_FILE
from dreamer.recipe.reckoning import Reckoning
from dreamer.recipe.targets import Choice


def refuse_unheard(here: Reckoning, climbing: Climbing) -> None:
    """Refuse what the recipe says itself, and not its preset, to nobody."""
    for path, message in (*_of_ascent(here, climbing), *_of_colors(here)):
        here.refuse(path, message)
    if climbing.words.begin == "noise":
        _from_noise(here)


def _of_ascent(here: Reckoning, climbing: Climbing) -> Iterator[tuple[Path_, str]]:
    said, words, own = here.words.ascent.said(), climbing.words, climbing.own
    if "momentum" in said and words.optimiser != "momentum":
        what = f"{words.optimiser} has none; say optimiser: momentum, or leave it out"
        yield ("ascent", "momentum"), what
    if "highlights" in said and words.parameterisation != "pixels":
        what = f"is of pixels, and {words.parameterisation} never leaves black and white"
        yield ("ascent", "highlights"), f"{what}; leave it out"
    if "carry" in said and words.begin == "noise":
        what = "what begins with noise is carried whole from octave to octave; leave it out"
        yield ("ascent", "carry"), what
    if "octaves" in said and own and own[0].scale is not None:
        what = "the first octave has none below it; leave it out, or say the second's"
        yield ("ascent", "octaves", 0, "scale"), what
    if "first_steps" in said and own and all(octave.steps is not None for octave in own):
        what = "every octave says its own steps; leave it out, or their steps"
        yield ("ascent", "first_steps"), what


def _of_colors(here: Reckoning) -> Iterator[tuple[Path_, str]]:
    colors = here.words.colors
    for key in ("match", "strength"):
        if key in colors.said() and colors.palette is None:
            yield ("colors", key), "is of a palette, and there is none; say palette: PICTURE"


def _from_noise(here: Reckoning) -> None:
    """Refuse a source, and motion of frames, that an ascent from noise never looks at."""
    words = here.words
    if _ever(words.colors.keep, 0.0):
        return
    begins = "for the ascent begins with noise; say ascent: {begin: frame}"
    references = {target.reference for target in words.target}
    chosen = [t.channels for t in words.target if isinstance(t.channels, Choice)]
    seen = references & set(WITHOUT_FILE) or any(c.but is None and not c.renew for c in chosen)
    if words.source.noise is None and not seen:
        here.refuse(("source",), f"is not seen, {begins}, or refer to it")
    if "frame" in references:
        return
    wobble = words.motion.wobble
    moving: dict[str, tuple[tuple[Any, ...], float]] = {
        "zoom": ((words.motion.zoom,), 1.0),
        "rotate": ((words.motion.rotate,), 0.0),
        "move": (words.motion.move, 0.0),
        "look_at": (words.motion.look_at, 0.5),
        "wobble": ((wobble.move, wobble.rotate, wobble.zoom), 0.0),
    }
    for key, (numbers, still) in moving.items():
        if any(_ever(number, still) for number in numbers):
            here.refuse(("motion", key), f"moves what is not seen, {begins}")


def _ever(number: float | Keyframes | Expression, none: float) -> bool:
    """Whether a number is ever another than `none`, in whatever frame."""
    if isinstance(number, Keyframes):
        return any(key.value != none for key in number.keys)
    return isinstance(number, Expression) or number != none
