"""The pieces of a collage picked: looked at, scored, chosen, and told to layouts. What was seen is
kept in the collage's folder, so that nothing is looked at twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dreamer.draw.layouts.placement import Piece
from dreamer.engine.choosing import COLOURS, by_headers, chosen, ordered
from dreamer.engine.collage_inputs import Entry, none_whole, tell_of_broken
from dreamer.engine.collage_kept import Kept, key_of, load_kept, save_kept
from dreamer.engine.collage_looks import look_over
from dreamer.engine.collage_pieces import pieces_of
from dreamer.engine.collage_ready import ReadyCollage
from dreamer.engine.collage_scores import Judging, Scores, score
from dreamer.engine.execution import Execution
from dreamer.engine.focus import CENTRE
from dreamer.engine.folder import Folder
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Told, Watcher
from dreamer.errors import RecipeError
from dreamer.recipe.collage import Collage
from dreamer.recipe.collage_unheard import crops

SEEN = "seen.json"  # beside the lock: what was seen of pieces
OFTEN = 10.0  # seconds: what was seen for longer is lost to no kill
PART = 20  # of which writing it takes one at most


@dataclass(frozen=True)
class Picked:
    """Pieces in the order that they are laid in, as the engine and as layouts know them; their
    scores, where anybody is asked; why those of `failed` could not be read.
    """

    entries: tuple[Entry, ...]
    pieces: tuple[Piece, ...]
    scores: Scores | None
    failed: Mapping[str, str]


def picked(
    ready: ReadyCollage,
    judges: Judging,
    folder: Folder,
    execution: Execution,
    stop: Stop,
    watch: Watcher,
) -> Picked:
    """The pieces of `ready`, scored by `judges`; what was seen is kept in `folder`.

    Raises:
        RecipeError: none of the pictures can be read, or none stays.
        Stopped: a signal asked for it; what was seen is kept.
    """
    recipe, words = ready.recipe, ready.recipe.words.collage
    path = folder.path / "state" / SEEN
    kept = load_kept(path)
    failed: dict[str, str] = {}
    seen: list[Entry] = []  # those that can be read
    keeping = _Keeping(path, kept, watch)
    try:
        for entries in _in_turn(ready, seen):
            part = replace(ready, entries=entries)
            failed |= _seen(part, judges, kept, execution, stop, keeping)
            seen += [entry for entry in entries if str(entry.file) not in failed]
            if stop:
                break
    finally:
        save_kept(path, kept)
    stop.check(f"while its pieces were looked at; the same command goes on in {folder.path}")
    tell_of_broken(failed)
    files = {entry.file for entry in seen}
    whole = [entry for entry in ready.entries if entry.file in files]  # as they were named
    if not whole:
        raise RecipeError([none_whole(recipe, failed)])
    scores = Scores(judges, kept) if judges.cards else None
    laid = tuple(whole)
    if ready.layout is None:
        look = kept.looks.__getitem__
        laid = chosen(whole, recipe, lambda entry: look(entry.sha256), scores, ready.first)
    places = kept.focus.get(key_of(ready.networks[0]), {}) if _salient(words) else {}
    pieces = pieces_of(laid, words, lambda e: places.get(e.sha256, CENTRE), scores)
    return Picked(laid, tuple(pieces), scores, failed)


def _in_turn(ready: ReadyCollage, seen: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
    """Which pictures to look at: all, or, where files' headers decide which are laid, only as many
    as its `limit` asks for, and one more for each that turns out not to be among the `seen`.
    """
    limit = ready.recipe.words.collage.limit
    if ready.layout is not None or limit is None or not by_headers(ready.recipe):
        yield ready.entries
        return
    waiting = ordered(ready.entries, ready.recipe, first=ready.first)
    at = 0
    while at < len(waiting) and len(seen) < limit:
        part = waiting[at : at + limit - len(seen)]
        at += len(part)
        yield part


class _Keeping:
    """Who is told of progress, and keeps what is known by then in the file `path`."""

    def __init__(self, path: Path, kept: Kept, watch: Watcher) -> None:
        self._path, self._kept, self._watch = path, kept, watch
        self._next = time.monotonic() + OFTEN

    def __call__(self, told: Told) -> None:
        self._watch(told)
        began = time.monotonic()
        if began >= self._next:
            save_kept(self._path, self._kept)
            ended = time.monotonic()
            self._next = ended + max(OFTEN, PART * (ended - began))


def _seen(
    ready: ReadyCollage,
    judges: Judging,
    kept: Kept,
    execution: Execution,
    stop: Stop,
    watch: Watcher,
) -> dict[str, str]:
    """Look at all pictures, each decoded whole at least once; those that cannot be read, and
    why.
    """
    words, began, of = ready.recipe.words.collage, time.monotonic(), len(ready.entries)
    told = partial(_told, watch, began, of)
    failed: dict[str, str] = {}
    if judges.cards:
        failed |= score(ready.entries, judges, kept, execution, stop, told)
    salient = _salient(words)
    if not judges.cards or salient or words.sort.by in COLOURS:
        card = ready.networks[0] if salient else None
        whole = [entry for entry in ready.entries if str(entry.file) not in failed]
        failed |= look_over(whole, kept, card, execution, stop, told)
    return failed


def _salient(words: Collage) -> bool:
    return words.crop == "saliency" and crops(words)


def _told(watch: Watcher, began: float, of: int, done: int) -> None:
    watch(Told(done, of, time.monotonic() - began, done, what="picture"))
