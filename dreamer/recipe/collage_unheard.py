"""Words of a collage that nobody hears. Those that deny each other are refused, and those that are
for another layout are only told of: who tries one layout after another keeps the words of all.
"""

from __future__ import annotations

from collections.abc import Iterator

from dreamer.recipe.collage import Collage
from dreamer.recipe.marks import Path_
from dreamer.recipe.parts import Classify

CAPTIONED = ("contact", "polaroid")


def refused_unheard(classify: Classify | None, frames: int | None) -> Iterator[tuple[Path_, str]]:
    """What a collage of `frames` frames (None: a picture) says of another kind, by where."""
    if classify is not None and frames is None and "every" in classify.said():
        yield ("classify", "every"), "is of a film, and this is a picture; say length: 10s"


def unheard(collage: Collage) -> Iterator[tuple[Path_, str]]:
    """What changes nothing about `collage`, by where below it that is said."""
    name = collage.layout.name
    if collage.captions != "off" and name not in CAPTIONED:
        what = f"a {name} has no place for words; {' and '.join(CAPTIONED)} have"
        yield ("captions",), f"changes nothing: {what}"
    if collage.weights != "equal" and name != "treemap":
        yield ("weights",), f"changes nothing: only a treemap's areas go by them, not a {name}'s"
    if collage.crop == "saliency" and not crops(collage):
        yield ("crop",), f"changes nothing: this {name} shows all of every piece"
    if collage.gutter and not _has_gutters(collage):
        yield ("gutter",), f"changes nothing: pieces of this {name} lie over each other"
    for key, by in (("weight", "weights"), ("caption", "captions")):
        said = (k for k, taken in enumerate(collage.pictures) if key in taken.said())
        if getattr(collage, by) != "given" and (first := next(said, None)) is not None:
            yield ("pictures", first, key), f"changes nothing without {by}: given"


def crops(collage: Collage) -> bool:
    """Whether pieces may lose something, so that it matters what is in their middle."""
    layout = collage.layout
    if layout.polaroid is not None:
        return layout.polaroid.shape == "square"
    if layout.spiral is not None:
        return layout.spiral.shape == "square"
    return layout.scatter is None and layout.contact is None


def _has_gutters(collage: Collage) -> bool:
    layout = collage.layout
    if layout.scatter is not None:
        return any(one.placing == "poisson" for one in layout.scatter.each())
    return layout.polaroid is None
