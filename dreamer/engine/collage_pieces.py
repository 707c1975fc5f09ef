"""Pictures of a collage as layouts know them: weights, captions, what matters in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dreamer.draw.layouts.placement import Piece
from dreamer.engine.choosing import day_of
from dreamer.engine.collage_inputs import Entry
from dreamer.engine.collage_scores import Scores
from dreamer.engine.focus import CENTRE
from dreamer.media.kinds import PICTURE_ENDINGS
from dreamer.recipe.collage import Collage

Place = tuple[float, float]


def pieces_of(
    entries: Sequence[Entry],
    words: Collage,
    focus: Callable[[Entry], Place] = lambda entry: CENTRE,
    scores: Scores | None = None,
) -> list[Piece]:
    """`entries` as pieces, in their order.

    Args:
        entries: pictures, as they were chosen.
        words: what the recipe says of them.
        focus: what matters in each, (across, down) as parts.
        scores: of all of them, where `words.scored`.
    """
    of: list[float] = []
    if "score" in (words.weights, words.captions):
        assert scores is not None
        of = scores.of(entries, words.class_ or "").tolist()
    return [
        Piece(
            entry.number,
            *entry.size,
            weight=_weight(entry, words, of[k] if of else 0.0),
            focus=focus(entry),
            caption=_caption(entry, words, scores, of[k] if of else 0.0),
        )
        for k, entry in enumerate(entries)
    ]


def _weight(entry: Entry, words: Collage, score: float) -> float:
    if words.weights == "given":
        return entry.weight
    if words.weights == "pixels":
        return float(entry.size[0] * entry.size[1])
    return score if words.weights == "score" else 1.0


def _caption(entry: Entry, words: Collage, scores: Scores | None, score: float) -> str:
    if words.captions == "off":
        return ""
    if words.captions == "date":
        return day_of(entry).isoformat()
    if words.captions == "score":
        assert scores is not None
        return f"{scores.name(words.class_ or '')} {100 * score:.0f} %"
    return entry.caption if words.captions == "given" else named(entry)


def named(entry: Entry) -> str:
    """What a person calls a picture, without the ending of its file."""
    stem, dot, ending = entry.name.rpartition(".")
    return stem if dot and stem and f".{ending.lower()}" in PICTURE_ENDINGS else entry.name
