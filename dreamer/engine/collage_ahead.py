"""What can be known of a collage before any of its pictures is decoded: whether it can be made, how
large it gets. All that is refused for its words, names and numbers alone is refused here, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dreamer.draw.layouts.placement import Placement
from dreamer.engine.choosing import possible
from dreamer.engine.collage_drawing import refuse_finish
from dreamer.engine.collage_inputs import Entry
from dreamer.engine.collage_layout import Layout, Placed, Source
from dreamer.engine.collage_pieces import pieces_of
from dreamer.engine.collage_ready import ReadyCollage
from dreamer.engine.collage_scores import Judging, judging
from dreamer.engine.films import require_encoders
from dreamer.engine.laying import laid, sides_of
from dreamer.engine.moving_pieces import courses
from dreamer.errors import Problem, RecipeError
from dreamer.recipe.dressing import Dressed
from dreamer.recipe.laying import Mosaic

WAYS = 16  # pieces whose moves are reckoned ahead: the first, the last, some between


@dataclass(frozen=True)
class Ahead:
    """Who scores a collage, and as far as only files' headers say: how many pictures it may be of
    (all of them certain, where no score or colour decides which), its (width, height) in pixels,
    and how many pieces lie in it. None is what pixels decide.
    """

    judges: Judging
    pictures: int
    certain: bool
    size: tuple[int, int | None]
    placed: int | None


def look_ahead(ready: ReadyCollage) -> Ahead:
    """What is known of the collage of `ready`.

    Raises:
        RecipeError: all that cannot be made of it.
        MediaError: a film that the ffmpeg that is here cannot write.
    """
    recipe = ready.recipe
    problems: list[Problem] = []

    def tried(act: Callable[[], None]) -> None:
        try:
            act()
        except RecipeError as error:
            problems.extend(error.problems)

    judges = Judging((), {})
    left: Sequence[Entry] = ready.entries
    layout = ready.layout
    words = recipe.words.collage
    certain = not any(one.scored for one in words.only or ())

    def judged() -> None:
        nonlocal judges
        judges = judging(recipe)

    def chosen() -> None:
        nonlocal left
        if ready.layout is None:
            left = possible(ready.entries, recipe)[: words.limit]

    def placed() -> None:
        nonlocal layout
        if layout is None and not isinstance(words.layout.words, Mosaic):
            layout = _laid(ready, left if certain else left[:1])

    def moved() -> None:
        if recipe.frames is not None:
            courses(recipe, _some_way(ready, left), recipe.frames)

    def finished() -> None:
        if layout is not None and (certain or recipe.words.sides[1] is not None):
            refuse_finish(recipe, layout.size)

    for act in (judged, chosen, placed, moved, finished):
        tried(act)
    if problems:
        raise RecipeError(problems)
    if recipe.frames is not None:
        require_encoders(recipe.words.output)
    known = layout if certain else ready.layout
    size = sides_of(recipe) if known is None else known.size
    return Ahead(judges, len(left), certain, size, None if known is None else len(known.placed))


def _laid(ready: ReadyCollage, entries: Sequence[Entry]) -> Layout:
    """A layout of `entries` in some order, cropped and weighed by nothing that pixels decide."""
    recipe = ready.recipe
    unscored = {"weights": "equal", "captions": "off"}
    own = {key: value for key, value in unscored.items() if _scored(recipe.words.collage, key)}
    words = recipe.words.collage.model_copy(update=own)
    plain = replace(recipe, words=recipe.words.model_copy(update={"collage": words}))
    sources = {e.number: Source(e.number, e.file, e.sha256) for e in entries}
    return laid(plain, pieces_of(entries, words), sources)


def _scored(words: Dressed, key: str) -> bool:
    return bool(getattr(words, key) == "score")


def _some_way(ready: ReadyCollage, entries: Sequence[Entry]) -> Layout:
    """Some of what will be placed, somewhere: moves are reckoned by numbers and turn alone."""
    if ready.layout is not None:
        every = max(1, -(-len(ready.layout.placed) // WAYS))
        return replace(ready.layout, placed=ready.layout.placed[::every])
    sources = {e.number: Source(e.number, e.file, e.sha256) for e in entries}
    numbers = list(sources)
    some = {*numbers[:: max(1, -(-len(numbers) // WAYS))], numbers[-1]}
    placed = tuple(Placed(Placement(k, 0, 0, 1, 1), Dressed()) for k in numbers if k in some)
    return Layout((1, 1), sources, placed)
