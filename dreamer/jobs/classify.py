"""`classify`: what networks see in pictures, films, renders and folders of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from dreamer.engine.chosen import Chosen, choose, with_sorting
from dreamer.engine.execution import decide
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.scoring import Asked, scored
from dreamer.engine.seen import Classified, Scored, Sums
from dreamer.engine.seen_files import Files
from dreamer.engine.seen_pictures import Judges
from dreamer.engine.stopping import listening
from dreamer.engine.subjects import subjects
from dreamer.engine.told import Told, Watcher
from dreamer.errors import UsageError
from dreamer.networks.cards import Card
from dreamer.recipe.times import Time, parse_time

log = logging.getLogger("dreamer")
TOP = 5


def classify(
    places: Sequence[Path],
    *,
    networks: Sequence[str | Card] = ("house",),
    top: int | None = None,
    classes: Sequence[str] = (),
    sort: str | None = None,
    every: str = "1s",
    table: Path | None = None,
    bars: Path | None = None,
    sheet: Path | None = None,
    curves: Path | None = None,
    force: bool = False,
    watch: Watcher = lambda told: None,
) -> Classified:
    """Score every picture, film and render that `places` name.

    A file that cannot be read is named among the failed and does not stop the others. A signal
    that asks to stop ends it with what was scored by then, and all of that written.

    Args:
        places: files, folders, and folders of renders.
        networks: by which networks, names or cards.
        top: how many of the likeliest classes; five unless given.
        classes: whose scores are wanted, as `engine.chosen.choose` reads them.
        sort: the class by which things are ordered, likeliest first.
        every: how far apart a film's frames are, `0.5s` or a number of frames.
        table: a CSV file to write.
        bars: a picture, or a folder of pictures, of things with bars of their scores.
        sheet: a picture of all things with their scores; more of them beside it where they are
            many.
        curves: a picture, or a folder of pictures, of scores over time, each with a CSV.
        force: replace files that are there; in folders, and beside what was named, only those
            that `classify` made.
        watch: told how far it is.

    Raises:
        UsageError: nothing to score, no such class, or a place where nothing can be written.
        FolderError: a file that is there already, or is not ours to replace.
        NetworkError: a network that cannot be used.
    """
    cards = tuple(
        card_of(ref_of(one)) if isinstance(one, str) else one for one in dict.fromkeys(networks)
    )
    for card in cards:
        if not card.classes:
            raise UsageError(f"--network: {card.name} has no classes to score")
    chosen, by = choose(cards, classes), None
    if sort is not None:
        chosen, by = with_sorting(cards, chosen, sort)
    _warn_of_all(cards, chosen)
    asked = Asked(cards, chosen, top or TOP, _every(every), rows=curves is not None and not chosen)
    judges = Judges(asked, _names(cards, networks), by)
    files = Files(judges, table, bars, sheet, curves, force)
    listed = subjects(places)
    found = [subject for subject in listed if not files.hold(subject)]
    if not found:
        raise UsageError(
            f"nothing is left to score: {listed[0].name} and all others are pictures that "
            "classify made and would replace; name other files"
            if len(listed) > 1
            else f"nothing is left to score: {listed[0].name} is a picture that classify made and "
            "would replace; name another file"
        )
    files.require_room(found)
    execution = decide("auto", "float32")
    sums = [Sums(card.classes) for card in cards]
    things: list[Scored] = []
    failed: dict[str, str] = {}
    unwritten: dict[str, str] = {}
    began = time.monotonic()
    films = any(subject.film for subject in found)

    def told(count: int) -> None:
        watch(Told(count, None if films else len(found), time.monotonic() - began, count))

    with listening() as stop:
        for thing in scored(found, asked, execution, sums, stop, told):
            if thing.problem:
                failed[thing.subject.name] = thing.problem
            else:
                _made(unwritten, partial(files.make_of, thing))
                things.append(thing)
        if by is not None:
            things.sort(key=lambda thing: -_score(thing, by))
        summaries = tuple(sums[k].summary(k, chosen, asked.top) for k in range(len(cards)))
        result = Classified(
            networks=judges.names,
            classes=tuple(card.classes for card in cards),
            chosen=chosen,
            things=tuple(things),
            failed=failed,
            summaries=summaries,
            top=top if chosen else asked.top,
            made=files.made,
        )
        _made(unwritten, partial(files.make_of_all, result))
        return replace(result, unwritten=unwritten, stopped=stop.signal)


def _made(unwritten: dict[str, str], make: Callable[[], None]) -> None:
    """Let `make` write, and note where it could not: what was looked at is told all the same."""
    try:
        make()
    except OSError as error:
        unwritten[str(error.filename or "a file")] = error.strerror or str(error)


def _warn_of_all(cards: Sequence[Card], chosen: Sequence[Chosen]) -> None:
    """Say which of what is chosen is all that a network knows, and so always certain."""
    for one in chosen:
        for card, numbers in zip(cards, one.numbers, strict=True):
            if numbers is not None and len(set(numbers)) == len(card.classes) > 1:
                log.warning(
                    "%s is all that %s knows, so that it is certain of it whatever it sees; "
                    "a network that learns other things too can tell",
                    one.name,
                    card.name,
                )


def _every(word: str) -> Time:
    try:
        found = parse_time(int(word) if word.isdecimal() else word)
    except ValueError as error:
        raise UsageError(f"--every: {error}") from error
    if found.unit == "%" or found.value <= 0:
        raise UsageError(f"--every: expected seconds (0.5s) or a number of frames (12), not {word}")
    return found


def _names(cards: Sequence[Card], said: Sequence[str | Card]) -> tuple[str, ...]:
    """What to call each network: its name, and where several have the same, what a person typed."""
    names = [card.name for card in cards]
    words = [one if isinstance(one, str) else one.name for one in dict.fromkeys(said)]
    return tuple(
        word if names.count(name) > 1 else name for name, word in zip(names, words, strict=True)
    )


def _score(thing: Scored, by: int) -> float:
    """What the first network that knows it gives what things are sorted by."""
    scores = (seen.chosen[by] for seen in thing.seen)
    return next(score for score in scores if score is not None)
