"""Classes that a person asks scores of: one, a kind of them (a card's `groups`), or several added
up. "How flowery is it?" is a question to many classes at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dreamer.engine.facts import network_facts
from dreamer.errors import UsageError, did_you_mean, one_of
from dreamer.networks.cards import Card
from dreamer.recipe.facts import classes_called, find_class, fold_class


@dataclass(frozen=True)
class Chosen:
    """What is asked for, and the classes it is of each network, whose probabilities are added;
    None of a network that knows no such class.
    """

    name: str
    numbers: tuple[tuple[int, ...] | None, ...]

    def score(self, network: int, probabilities: np.ndarray) -> np.ndarray | None:
        """What network `network` gives it, `(N,)`, where it says `probabilities` `(N, classes)`."""
        numbers = self.numbers[network]
        return None if numbers is None else probabilities[:, numbers].sum(1)


class _Unknown(UsageError):
    """No such class or group in this network; another may know it."""


def choose(
    cards: Sequence[Card], words: Sequence[str], option: str = "--class"
) -> tuple[Chosen, ...]:
    """What each of `words` means in the networks of `cards`; what is asked for twice is there once.

    A word is a class or a group, `A+B` several added up, `NAME=A+B` the same under a name of its
    own. A class called exactly so comes before a group called so, and a group before classes of
    whose name the word is a part; `class:NAME` and `group:NAME` say which is meant.

    Raises:
        UsageError: a word that none of the networks knows, that one cannot tell from others, or a
            name that is given to two things.
    """
    found: list[Chosen] = []
    for word in words:
        asked = _chosen(cards, word, option)
        if any(other.name == asked.name and other.numbers != asked.numbers for other in found):
            raise UsageError(f"{option} {word}: '{asked.name}' is the name of something else")
        if asked not in found:
            found.append(asked)
    return tuple(found)


def with_sorting(
    cards: Sequence[Card], chosen: Sequence[Chosen], word: str
) -> tuple[tuple[Chosen, ...], int]:
    """`chosen` with what `word` means, if it is not among them by name or meaning, and which of
    them that is.
    """
    names = [fold_class(asked.name) for asked in chosen]
    if fold_class(word) in names:
        return tuple(chosen), names.index(fold_class(word))
    (asked,) = choose(cards, [word], "--sort")
    meanings = [other.numbers for other in chosen]
    if asked.numbers in meanings:
        return tuple(chosen), meanings.index(asked.numbers)
    return (*chosen, asked), len(chosen)


def _chosen(cards: Sequence[Card], word: str, option: str) -> Chosen:
    names: list[str] = []
    numbers: list[tuple[int, ...] | None] = []
    unknown: list[str] = []
    for card in cards:
        try:
            name, those = _meant(card, word)
            names.append(name)
            numbers.append(those)
        except _Unknown as error:
            numbers.append(None)
            unknown.append(str(error))
        except ValueError as error:
            raise UsageError(f"{option} {word}: {error}") from error
    if not names:
        raise UsageError(f"{option} {word}: {'; '.join(dict.fromkeys(unknown))}")
    return Chosen(names[0], tuple(numbers))


def _meant(card: Card, word: str) -> tuple[str, tuple[int, ...]]:
    """A name for what `word` means in `card`'s network, and the numbers of its classes."""
    if classes_called(network_facts(card), word)[1]:  # some are called "oil + vinegar"
        return _part(card, word)
    name, equals, sum_of = word.partition("=")
    parts = [_part(card, part.strip()) for part in (sum_of if equals else word).split("+")]
    if equals and not name.strip():
        raise ValueError("a name is missing before '='")
    called = name.strip() if equals else "+".join(part for part, _ in parts)
    return called, tuple(sorted({number for _, those in parts for number in those}))


def _part(card: Card, word: str) -> tuple[str, tuple[int, ...]]:
    facts = network_facts(card)
    kind, colon, said = word.partition(":")
    if not colon or kind not in ("class", "group"):
        kind, said = "", word
    if not said:
        raise ValueError("expected the name of a class or group, and there is none")
    groups = tuple(dict.fromkeys(card.groups))
    if said.isdecimal() and said not in card.classes and kind != "group":
        number = find_class(facts, int(said))
        return card.classes[number], (number,)
    classes, whole = classes_called(facts, said) if kind != "group" else ([], False)
    if not whole and kind != "class":
        wanted = fold_class(said)
        alike = [group for group in groups if fold_class(group) == wanted]
        alike = alike or [group for group in groups if fold_class(group).startswith(wanted)]
        same = len(alike) == 1 and fold_class(alike[0]) == wanted
        if same or (len(alike) == 1 and not classes):
            return _group(card, alike[0])
        if alike:
            names = [*(f"group:{group}" for group in alike), *(card.classes[k] for k in classes)]
            raise ValueError(f"in {card.name}, '{said}' could be {one_of(names[:6])}; say which")
    if not classes:
        raise _Unknown(_nothing(card, said, kind, groups))
    number = find_class(facts, said)
    return card.classes[number], (number,)


def _group(card: Card, group: str) -> tuple[str, tuple[int, ...]]:
    numbers = tuple(k for k, other in enumerate(card.groups) if other == group)
    shadowed = classes_called(network_facts(card), group)[1]
    return f"group:{group}" if shadowed else group, numbers


def _nothing(card: Card, word: str, kind: str, groups: tuple[str, ...]) -> str:
    """Why `word` is nothing in `card`'s network, with the nearest names."""
    if kind == "group" or groups:
        what = "group" if kind == "group" else kind or "class or group"
        names = {"group": groups, "class": card.classes}.get(kind, (*card.classes, *groups))
        known = f"; there are {', '.join((*groups, *card.classes[:8]))} …" if not kind else ""
        if kind == "group":
            known = f"; its groups are {', '.join(groups)}" if groups else "; it has no groups"
        return f"{card.name} has no {what} '{word}'{did_you_mean(word, names) or known}"
    try:
        find_class(network_facts(card), word)
    except ValueError as error:
        return str(error)
    raise AssertionError(word)  # it is asked only of what is not found
