"""All layouts by name, and the words that each takes: what recipes may say is held to this."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dreamer.draw.layouts import (
    contact,
    grid,
    justified,
    masonry,
    mosaic,
    polaroid,
    scatter,
    spiral,
    treemap,
)
from dreamer.draw.layouts.placement import Laid, Layout, Piece, Sheet
from dreamer.draw.layouts.words import Words
from dreamer.errors import did_you_mean, one_of


@dataclass(frozen=True)
class Named:
    """A layout.

    Args:
        lay: the function: pieces, a sheet and words.
        words: which words it takes, and what they may be. A scatter's are those of each of its
            passes (`scatter.Pass`).
        needs: what it must be given besides, that is no word: arrays.
    """

    lay: Layout
    words: Words
    needs: tuple[str, ...] = ()


def laid(name: str, pieces: Sequence[Piece], sheet: Sheet, **words: Any) -> Laid:
    """`pieces` on `sheet` by the layout of that name.

    Raises:
        ValueError: no layout or word of the name, or what the layout itself refuses.
    """
    if name not in LAYOUTS:
        raise ValueError(f"{name}: no layout{_instead(name, LAYOUTS)}")
    layout = LAYOUTS[name]
    known = {"passes"} if name == "scatter" else {*layout.words, *layout.needs}
    for word in words:
        if word not in known:
            raise ValueError(f"{name}: {word}: unknown word{_instead(word, known)}")
    for word in layout.needs:
        if word not in words:
            raise ValueError(f"{name}: {word}: expected an array")
    return layout.lay(pieces, sheet, **words)


def _instead(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    return did_you_mean(name, names) or f"; expected {one_of(names)}"


LAYOUTS: dict[str, Named] = {
    "grid": Named(grid.grid, grid.WORDS),
    "justified": Named(justified.justified, justified.WORDS),
    "masonry": Named(masonry.masonry, masonry.WORDS),
    "treemap": Named(treemap.treemap, treemap.WORDS),
    "scatter": Named(scatter.scatter, scatter.PASS_WORDS),
    "polaroid": Named(polaroid.polaroid, polaroid.WORDS),
    "spiral": Named(spiral.spiral, spiral.WORDS),
    "contact": Named(contact.contact, contact.WORDS),
    "mosaic": Named(mosaic.mosaic, mosaic.WORDS, ("target", "features")),
}
