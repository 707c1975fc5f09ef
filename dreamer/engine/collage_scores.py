"""What networks see in a collage's pieces: scores that decide what it looks like, and the table of
all pieces. The classifier is `classify`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dreamer.engine.chosen import Chosen, choose
from dreamer.engine.collage_inputs import Entry
from dreamer.engine.collage_kept import Kept, key_of
from dreamer.engine.execution import Execution
from dreamer.engine.lookup import card_of
from dreamer.engine.scores import ranked
from dreamer.engine.scoring import Asked, scored
from dreamer.engine.seen import Classified, Scored, Seen, Sums
from dreamer.engine.stopping import Stop
from dreamer.engine.subjects import Subject
from dreamer.errors import NetworkError, Problem, RecipeError, UsageError
from dreamer.networks.cards import Card
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.facts import NetworkRef
from dreamer.recipe.marks import Path_

log = logging.getLogger("dreamer")


@dataclass(frozen=True)
class Judging:
    """Who is asked what: networks, first the one that decides what the collage looks like; and what
    each of the recipe's words for a class means. `silent` says in words who is not asked for what,
    as it is all they know: every picture would be all of it.
    """

    cards: tuple[Card, ...]
    chosen: Mapping[str, Chosen]
    silent: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[Chosen, ...]:
        """What is asked for, each once, of whoever may tell."""
        told = (one for one in self.chosen.values() if any(one.numbers))
        return tuple(dict.fromkeys(told))


def judging(recipe: ParsedCollage, given: Mapping[str, Card] | None = None) -> Judging:
    """The networks and classes that `recipe` asks for; none where nobody is to score anything.

    Args:
        recipe: a collage's.
        given: cards by name that no catalogue has.

    Raises:
        RecipeError: no such network, none that classifies, or no such class.
    """
    words = recipe.words
    if words.classify is None and not words.collage.scored:
        return Judging((), {})
    said = _said(recipe)
    wanted: list[tuple[NetworkRef, Path_]] = []
    if said or words.classify is None or words.classify.networks is None:
        wanted.append((recipe.network(), (*recipe.at, "network")))
    wanted += [(ref, ("classify", "networks", k)) for k, ref in enumerate(recipe.judges())]
    problems: list[Problem] = []
    cards: dict[str, Card] = {}
    for ref, where in wanted:
        try:
            card = cards[ref.key] = (given or {}).get(ref.key) or card_of(ref)
            if not card.classes:
                problems.append(recipe.tree.problem(where, f"{card.name} has no classes to score"))
        except NetworkError as error:
            problems.append(recipe.tree.problem(where, str(error)))
    if problems:
        raise RecipeError(problems)
    judges = tuple(cards.values())
    chosen: dict[str, Chosen] = {}
    silent: list[str] = []
    for word, path in said.items():
        try:
            meaning = _meaning(judges, word)
        except UsageError as error:
            problems.append(recipe.problem(path, str(error).removeprefix(f"class {word}: ")))
            continue
        chosen[word], knowing = _without_all(judges, meaning)
        if judges[0].name in knowing and words.collage.scored:
            what = f"{meaning.name} is all that {judges[0].name} knows"
            message = f"{what}: every picture is 100 % of it; name one of its classes"
            problems.append(recipe.problem(path, message))
        silent += [
            f"{name} knows nothing but {meaning.name}, and is not asked how much of it there is"
            for name in knowing
        ]
    if problems:
        raise RecipeError(problems)
    return Judging(judges, chosen, tuple(silent))


def _without_all(cards: Sequence[Card], meaning: Chosen) -> tuple[Chosen, list[str]]:
    """`meaning` without those networks of which it means all classes, and their names."""
    pairs = list(zip(cards, meaning.numbers, strict=True))
    whole = [numbers is not None and len(numbers) == len(card.classes) for card, numbers in pairs]
    numbers = tuple(None if all_ else n for all_, n in zip(whole, meaning.numbers, strict=True))
    names = [card.name for all_, card in zip(whole, cards, strict=True) if all_]
    return Chosen(meaning.name, numbers), names


def _said(recipe: ParsedCollage) -> dict[str, Path_]:
    """The words for classes that a collage says, and where."""
    words = recipe.words.collage
    said: list[tuple[str | None, Path_]] = [
        (words.class_, ("class",)),
        (words.sort.class_, ("sort", "class")),
    ]
    said += [(one.class_, ("only", k, "class")) for k, one in enumerate(words.only or ())]
    found: dict[str, Path_] = {}
    for word, path in said:
        if word is not None:
            found.setdefault(word, path)
    return found


def _meaning(cards: Sequence[Card], word: str) -> Chosen:
    """What `word` means to the first network, which must know it, and to each of the others, as if
    it were asked alone.
    """
    (first,) = choose(cards[:1], [word], "class")
    numbers = list(first.numbers)
    for card in cards[1:]:
        try:
            numbers += choose([card], [word], "class")[0].numbers
        except UsageError:
            numbers.append(None)
    return Chosen(first.name, tuple(numbers))


class _Rows(Sums):
    """Sums that remember what was added last."""

    def add(self, probabilities: np.ndarray) -> None:
        super().add(probabilities)
        self.last = probabilities.astype(np.float32)


def score(
    entries: Sequence[Entry],
    judges: Judging,
    kept: Kept,
    execution: Execution,
    stop: Stop | None = None,
    on_looks: Callable[[int], None] = lambda count: None,
) -> dict[str, str]:
    """Have every network look at those of `entries` that `kept` does not know of it, and keep what
    it says; why those that cannot be read cannot, by their files.

    Args:
        entries: pictures.
        judges: who looks.
        kept: what is known, to which is added.
        execution: what networks run under.
        stop: asked after every picture; where somebody did, it ends there.
        on_looks: told after every batch how many of `entries` are known.

    Raises:
        NetworkError: weights that are missing.
    """
    rows = [_whole(kept, card) for card in judges.cards]
    files = {entry.sha256: entry.file for entry in entries}
    new = {sha: file for sha, file in files.items() if any(sha not in known for known in rows)}
    known = len(files) - len(new)
    if not new:
        return {}
    sums = [_Rows(card.classes) for card in judges.cards]
    subjects = (Subject(str(file), str(file)) for file in new.values())
    failed: dict[str, str] = {}
    things = scored(
        subjects, Asked(judges.cards), execution, sums, stop, lambda count: on_looks(known + count)
    )
    # `things` first, to be heard to their end; fewer than there are, where somebody stops it
    for thing, sha256 in zip(things, new, strict=False):
        if thing.problem:
            failed[thing.subject.file] = thing.problem
            continue
        for network, total in zip(rows, sums, strict=True):
            network[sha256] = total.last
    return failed


def _whole(kept: Kept, card: Card) -> dict[str, np.ndarray]:
    """What is known of a network, without what cannot be its own."""
    key, count = key_of(card), len(card.classes)
    known = kept.rows.get(key, {})
    kept.rows[key] = {sha256: row for sha256, row in known.items() if len(row) == count}
    return kept.rows[key]


@dataclass(frozen=True)
class Scores:
    """What networks say of pieces, by `kept`: `judges.cards` know all of them."""

    judges: Judging
    kept: Kept

    def rows(self, network: int, entries: Sequence[Entry]) -> np.ndarray:
        """Probabilities of one network, `(N, classes)` float64."""
        card = self.judges.cards[network]
        known = self.kept.rows.get(key_of(card), {})
        found = [known[entry.sha256] for entry in entries]
        return np.array(found, np.float64).reshape(len(found), len(card.classes))

    def of(self, entries: Sequence[Entry], word: str) -> np.ndarray:
        """What the deciding network gives each of `entries` for the recipe's `word`, `(N,)`."""
        found = self.judges.chosen[word].score(0, self.rows(0, entries))
        assert found is not None  # as `judging` refuses what it does not know
        return found

    def name(self, word: str) -> str:
        """What to call what the recipe's `word` means."""
        return self.judges.chosen[word].name

    def table(self, entries: Sequence[Entry], top: int) -> Classified:
        """All of `entries` with their scores, and those of all of them together, as `classify` has
        them.
        """
        asked, cards = self.judges.asked, self.judges.cards
        rows = [self.rows(k, entries) for k in range(len(cards))]
        sums = [Sums(card.classes) for card in cards]
        things = []
        for n, entry in enumerate(entries):
            seen = []
            for k, card in enumerate(cards):
                row = rows[k][n]
                sums[k].add(row)
                scores = [one.score(k, row[None]) for one in asked]
                chosen = tuple(None if p is None else round(float(p[0]), 6) for p in scores)
                seen.append(Seen(ranked(row, card.classes, top), chosen, 0.0))
            things.append(Scored(Subject(str(entry.file), str(entry.file)), tuple(seen)))
        return Classified(
            networks=tuple(card.name for card in cards),
            classes=tuple(card.classes for card in cards),
            chosen=asked,
            things=tuple(things),
            failed={},
            summaries=tuple(one.summary(k, asked, top) for k, one in enumerate(sums)),
            top=top,
        )
