"""The pieces of a collage picked: looked at, scored, chosen, and told to layouts. What was seen is
kept in the collage's folder, so that nothing is looked at twice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dreamer.draw.layouts.placement import Piece
from dreamer.engine.choosing import chosen
from dreamer.engine.collage_inputs import Entry, none_whole, tell_of_broken
from dreamer.engine.collage_kept import Kept, key_of, load_kept, save_kept
from dreamer.engine.collage_layout import reached
from dreamer.engine.collage_looks import look_over
from dreamer.engine.collage_pieces import pieces_of
from dreamer.engine.collage_ready import ReadyCollage
from dreamer.engine.collage_scores import Judging, Scores, score
from dreamer.engine.execution import Execution
from dreamer.engine.focus import CENTRE
from dreamer.engine.folder import Folder
from dreamer.engine.scores import Ranking
from dreamer.engine.seen import Classified
from dreamer.engine.seen_words import write_csv
from dreamer.engine.stopping import Stop
from dreamer.engine.subjects import Subject
from dreamer.engine.told import Told, Watcher
from dreamer.errors import RecipeError
from dreamer.media import durable
from dreamer.recipe.collage import Collage
from dreamer.recipe.collage_unheard import crops

SEEN = "seen.json"  # beside the lock: what was seen of pieces
TABLE = "pieces.csv"
TOP = 5
COLOURS = ("colour", "lightness")
OFTEN = 10.0  # seconds: what was seen for longer is lost to no kill
PART = 20  # of which writing it takes one at most


@dataclass(frozen=True)
class Picked:
    """Pieces in the order that they are laid in, as the engine and as layouts know them; what
    networks see in them on average, by name, and in words; why those of `failed` could not be read.
    """

    entries: tuple[Entry, ...]
    pieces: tuple[Piece, ...]
    before: Mapping[str, Ranking]
    said: tuple[str, ...]
    failed: Mapping[str, str]


def picked(
    ready: ReadyCollage,
    judges: Judging,
    folder: Folder,
    execution: Execution,
    stop: Stop,
    watch: Watcher,
) -> Picked:
    """The pieces of `ready`, scored by `judges`; their scores are written into `folder`.

    Raises:
        RecipeError: none of the pictures can be read, or none stays.
        Stopped: a signal asked for it; what was seen is kept.
    """
    recipe, words = ready.recipe, ready.recipe.words.collage
    path = folder.path / "state" / SEEN
    kept = load_kept(path)
    try:
        failed = _seen(ready, judges, kept, execution, stop, _Keeping(path, kept, watch))
    finally:
        save_kept(path, kept)
    stop.check(f"while its pieces were looked at; the same command goes on in {folder.path}")
    tell_of_broken(failed)
    whole = [entry for entry in ready.entries if str(entry.file) not in failed]
    if not whole:
        raise RecipeError([none_whole(recipe, failed)])
    scores = Scores(judges, kept) if judges.cards else None
    entries = tuple(whole)
    if ready.layout is None:
        look = kept.looks.__getitem__
        entries = chosen(whole, recipe, lambda entry: look(entry.sha256), scores, ready.first)
    places = kept.focus.get(key_of(ready.networks[0]), {}) if _salient(words) else {}
    pieces = pieces_of(entries, words, lambda e: places.get(e.sha256, CENTRE), scores)
    wanted = recipe.words.classify
    before, said = _table(None if wanted is None else wanted.top, scores, entries, folder)
    return Picked(entries, tuple(pieces), before, said, failed)


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


def _table(
    top: int | None, scores: Scores | None, entries: Sequence[Entry], folder: Folder
) -> tuple[dict[str, Ranking], tuple[str, ...]]:
    """Write the table of all pieces; what networks see in them on average, and in words."""
    if scores is None:
        return {}, ()
    found = _named_from(folder.path, scores.table(entries, top or TOP))
    with durable.replacing(folder.path / TABLE) as beside:
        write_csv(found, beside)
        durable.sync_file(beside)
    before = {
        name: summary.labels for name, summary in zip(found.networks, found.summaries, strict=True)
    }
    return before, tuple(_sentences(found))


def _named_from(home: Path, found: Classified) -> Classified:
    """`found`, its files called as they are reached from the folder `home`."""
    things = []
    for thing in found.things:
        name = reached(Path(thing.subject.file), home)
        things.append(replace(thing, subject=Subject(name, name)))
    return replace(found, things=tuple(things))


def _sentences(found: Classified) -> list[str]:
    """`its 300 pieces are 63 % daisy to house; most of it is ../daisies/7.jpg (0.99)`."""
    said = []
    count = f"its {len(found.things)} pieces are" if len(found.things) > 1 else "its only piece is"
    for k, one in enumerate(found.chosen):
        for n, network in enumerate(found.networks):
            mean = found.summaries[n].chosen[k]
            if mean is None:
                continue
            most = max(found.things, key=lambda thing: thing.seen[n].chosen[k] or 0.0)
            share = most.seen[n].chosen[k] or 0.0
            said.append(
                f"{count} {100 * mean:.0f} % {one.name} to {network}; most of it is "
                f"{most.subject.name} ({share:.2f})"
            )
    return said
