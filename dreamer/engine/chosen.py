"""Classes that a person asks scores of: one, a kind of them (a card's `groups`), or several added
up. "How flowery is it?" is a question to many classes at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

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


class _Meaning(NamedTuple):
    """What a word means in one network: a name for it, those of its parts, and their classes."""

    name: str
    parts: tuple[str, ...]
    numbers: tuple[int, ...]


def _chosen(cards: Sequence[Card], word: str, option: str) -> Chosen:
    """What `word` means; where one network has something called so, it is no mere part of a name in
    another.
    """
    for wholly in (True, False):
        meanings: list[_Meaning | None] = []
        unknown: dict[str, None] = {}
        for card in cards:
            try:
                meanings.append(_meant(card, word, wholly))
            except _Unknown as error:
                meanings.append(None)
                unknown[str(error)] = None
            except ValueError as error:
                raise UsageError(f"{option} {word}: {error}") from error
        known = [meaning for meaning in meanings if meaning is not None]
        if not known:
            continue
        names = list({tuple(map(fold_class, one.parts)): one.name for one in known}.values())
        if not wholly and len(names) > 1:
            raise UsageError(f"{option} {word}: means {one_of(names)} to different networks")
        return Chosen(known[0].name, tuple(one.numbers if one else None for one in meanings))
    raise UsageError(f"{option} {word}: {'; '.join(unknown)}")


def _meant(card: Card, word: str, wholly: bool) -> _Meaning:
    if classes_called(network_facts(card), word)[1]:  # some are called "oil + vinegar"
        name, numbers = _part(card, word, wholly)
        return _Meaning(name, (name,), numbers)
    name, equals, sum_of = word.partition("=")
    words = (sum_of if equals else word).split("+")
    parts = [_part(card, part.strip(), wholly) for part in words]
    if equals and not name.strip():
        raise ValueError("a name is missing before '='")
    names = tuple(part for part, _ in parts)
    numbers = tuple(sorted({number for _, those in parts for number in those}))
    return _Meaning(name.strip() if equals else "+".join(names), names, numbers)


def _part(card: Card, word: str, wholly: bool) -> tuple[str, tuple[int, ...]]:
    """What a word that is no sum means in `card`'s network; `wholly` means all of a name."""
    facts = network_facts(card)
    kind, colon, said = word.partition(":")
    if not colon or kind not in ("class", "group"):
        kind, said = "", word
    if not said:
        raise ValueError("expected the name of a class or group, and there is none")
    groups = tuple(dict.fromkeys(card.groups))
    if said.isdecimal() and said not in card.classes and kind != "group":
        if wholly:
            raise _Unknown(f"{card.name} has no class called '{said}'")
        number = find_class(facts, int(said))
        return card.classes[number], (number,)
    classes, whole = classes_called(facts, said) if kind != "group" else ([], False)
    if not whole and kind != "class":
        wanted = fold_class(said)
        same = [group for group in groups if fold_class(group) == wanted]
        alike = same or [group for group in groups if fold_class(group).startswith(wanted)]
        if same or (len(alike) == 1 and not classes and not wholly):
            return _group(card, alike[0])
        if alike and not wholly:
            names = [*(f"group:{group}" for group in alike), *(card.classes[k] for k in classes)]
            raise ValueError(f"in {card.name}, '{said}' could be {one_of(names[:6])}; say which")
    if not classes or (wholly and not whole):
        raise _Unknown(_nothing(card, said, kind, groups) if not classes else "")
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
