"""What mistakes of a sweep hide. Texts are read before networks are asked, so that a misspelt key
hides a class that is not there; without the values that are wrong, that is found too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dreamer.errors import Problem
from dreamer.recipe.sweep_expansion import Combination

# Without these others may mean nothing, and would be blamed for it.
DECIDING = (
    *("source", "network", "length", "scenes", "samples", "sound"),
    *("ascent.preset", "ascent.parameterisation", "ascent.begin", "ascent.octaves"),
)
Check = Callable[[Combination], Sequence[Problem]]


class Hidden:
    """What is wrong with values of a sweep behind other mistakes, by what `check` finds. Each value
    is looked at once, and none that was `right` in another combination.
    """

    def __init__(self, check: Check, right: Iterable[Combination]) -> None:
        self._check = check
        self._known: dict[tuple[str, str], tuple[Problem, ...]] = {}
        for one in right:
            self._known |= dict.fromkeys(_pairs(one).values(), ())

    def behind(self, one: Combination, problems: Sequence[Problem]) -> list[Problem]:
        """`problems` of a combination, and those that they hide."""
        found = dict.fromkeys(problems)
        left, wrong = _without(one, problems), [*problems]
        while left is not None and left.values:
            pairs = _pairs(left)
            if any(pair not in self._known for pair in pairs.values()):
                seen = self._check(left)
                blamed = {key: tuple(p for p in seen if _is_of(p, key)) for key in pairs}
                if not any(blamed.values()):
                    self._known |= dict.fromkeys(pairs.values(), ())
                self._known |= {pairs[key]: these for key, these in blamed.items() if these}
            wrong = [p for pair in pairs.values() for p in self._known.get(pair, ())]
            if not wrong:
                break
            found |= dict.fromkeys(wrong)
            left = _without(left, wrong)
        return [*found]


def _pairs(one: Combination) -> dict[str, tuple[str, str]]:
    """Its values as what can be looked up, by key."""
    said = one.coordinates.items()
    return {key: (key, json.dumps(value, sort_keys=True)) for key, value in said}


def _without(one: Combination, problems: Sequence[Problem]) -> Combination | None:
    """`one` without the values that are wrong, and those of keys inside them; None where none is
    known to be, or where what is left may mean something else.
    """
    wrong = [key for key in one.values if any(_is_of(problem, key) for problem in problems)]
    deciding = any(_begins(_words(key), _words(word)) for key in wrong for word in DECIDING)
    if not wrong or deciding:
        return None
    gone = [_words(key) for key in wrong]
    kept = {k: v for k, v in one.values.items() if not any(_begins(_words(k), g) for g in gone)}
    return replace(one, values=kept)


def _is_of(problem: Problem, key: str) -> bool:
    """Whether a problem is of what stands at `key`, in it, or of what it is in."""
    said, own = _words(problem.key), _words(key)
    return bool(said) and (_begins(said, own) or _begins(own, said))


def _begins(words: tuple[str, ...], with_: tuple[str, ...]) -> bool:
    return words[: len(with_)] == with_


def _words(key: str) -> tuple[str, ...]:
    """Of a key its words; a lone item of a list is told without its number."""
    return tuple(part for part in key.split(".") if not part.isdigit())
