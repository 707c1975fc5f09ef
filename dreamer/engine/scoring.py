"""Scores of what there is: looks gathered into batches across files, given to every network, and
put together again for each file, in order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch

from dreamer.engine.chosen import Chosen
from dreamer.engine.execution import Execution
from dreamer.engine.looking import End, View, looks
from dreamer.engine.scores import BATCH, judge, ranked
from dreamer.engine.seen import Frames, Scored, Seen, Sums
from dreamer.engine.spooled import Spool
from dreamer.engine.stopping import Stop
from dreamer.engine.subjects import Subject
from dreamer.networks.cards import Card
from dreamer.recipe.times import Time

A_SECOND = Time(1.0, "s")
MOST_WAITING = 8 * BATCH  # looks and ends, where most files cannot be read


@dataclass(frozen=True)
class Asked:
    """What is wanted of networks: which, which classes, how many of the likeliest, how far apart a
    film's frames are, and whether all classes of every frame are kept.
    """

    cards: tuple[Card, ...]
    chosen: tuple[Chosen, ...] = ()
    top: int = 5
    every: Time = A_SECOND
    rows: bool = False


def scored(
    subjects: Iterable[Subject],
    asked: Asked,
    execution: Execution,
    sums: Sequence[Sums],
    stop: Stop | None = None,
    on_looks: Callable[[int], None] = lambda count: None,
) -> Iterator[Scored]:
    """Every one of `subjects` with its scores, in order, while others are read ahead.

    Where somebody asks to `stop`, it ends with what was looked at by then, of a film too.

    Args:
        subjects: what to look at.
        asked: what is wanted.
        execution: networks run under `scores.exact` of it.
        sums: of each network, to which subjects are added.
        stop: asked after every look.
        on_looks: told after every batch how many looks there were, with what could not be read.

    Raises:
        NetworkError: a network without a class head, or weights that are missing.
    """
    judges = [judge(card, execution) for card in asked.cards]
    tallies: list[_Tally] = []
    count, subject = 0, None
    with closing(looks(subjects, asked.cards, asked.every)) as looked:
        for batch in _batches(looked, stop):
            views = [look for look in batch if isinstance(look, View)]
            rows, costs = [], []
            for k, probabilities in enumerate(judges if views else ()):
                began = time.perf_counter()
                rows.append(probabilities(torch.cat([view.inputs[k] for view in views])))
                costs.append((time.perf_counter() - began) / len(views))
            at = 0
            for look in batch:
                if isinstance(look, End):
                    yield _ended(look.subject, tallies, sums, look.problem)
                    tallies = []
                    continue
                subject = look.subject
                tallies = tallies or [_Tally(asked, k) for k in range(len(judges))]
                for tally, row, cost in zip(tallies, rows, costs, strict=True):
                    tally.add(look, row[at], cost)
                at += 1
            new = at + sum(bool(look.problem) for look in batch if isinstance(look, End))
            count += new
            if new:
                on_looks(count)
        if tallies and subject is not None:
            yield _ended(subject, tallies, sums, partial=True)


def _batches(looked: Iterable[View | End], stop: Stop | None) -> Iterator[list[View | End]]:
    """What `looked` gives in lists with up to `BATCH` looks each, until somebody asks to stop."""
    waiting: list[View | End] = []
    views = 0
    for look in looked:
        waiting.append(look)
        views += isinstance(look, View)
        if views == BATCH or len(waiting) >= MOST_WAITING:
            yield waiting
            waiting, views = [], 0
        if stop and (isinstance(look, End) or look.subject.film):  # a picture is seen through
            break
    if waiting:
        yield waiting


class _Tally:
    """What one network sees in a subject, look by look."""

    def __init__(self, asked: Asked, network: int) -> None:
        self._asked, self._network = asked, network
        self._classes = asked.cards[network].classes
        self._total = np.zeros(len(self._classes))
        self._seconds = 0.0
        self._looks: list[tuple[int, float, np.ndarray, np.ndarray, list[float]]] = []
        self._rows: Spool | None = None
        self.count = 0

    def add(self, view: View, row: np.ndarray, seconds: float) -> None:
        """One more look, its probabilities `(classes,)`, and how long it took the network."""
        self._total += row
        self._seconds += seconds
        self.count += 1
        if not view.subject.film:
            return
        order = np.argsort(-row, kind="stable")[: self._asked.top]
        asked = [float("nan") if p is None else p for p in self._chosen(row)]
        self._looks.append((view.number, view.seconds, order.astype(np.int32), row[order], asked))
        if self._asked.rows:
            self._rows = self._rows or Spool(len(row))
            self._rows.add(row)

    @property
    def mean(self) -> np.ndarray:
        """Mean probabilities, `(classes,)`."""
        return self._total / self.count

    def _chosen(self, row: np.ndarray) -> list[float | None]:
        found = [one.score(self._network, row[None]) for one in self._asked.chosen]
        return [None if p is None else float(p[0]) for p in found]

    def seen(self) -> Seen:
        """All of it."""
        mean = self.mean
        chosen = tuple(None if p is None else round(p, 6) for p in self._chosen(mean))
        labels = ranked(mean, self._classes, self._asked.top)
        return Seen(labels, chosen, self._seconds / self.count, self._frames())

    def _frames(self) -> Frames | None:
        if not self._looks:
            return None
        numbers, seconds, labels, scores, chosen = zip(*self._looks, strict=True)
        return Frames(
            np.array(numbers),
            np.array(seconds),
            np.stack(labels),
            np.stack(scores),
            np.array(chosen, np.float32).reshape(len(numbers), -1),
            self._rows,
        )

    def drop(self) -> None:
        """Let go of what is kept on the disk."""
        if self._rows is not None:
            self._rows.close()


def _ended(
    subject: Subject,
    tallies: Sequence[_Tally],
    sums: Sequence[Sums],
    problem: str = "",
    partial: bool = False,
) -> Scored:
    if problem:
        for tally in tallies:
            tally.drop()
        return Scored(subject, problem=problem)
    for tally, total in zip(tallies, sums, strict=True):
        total.add(tally.mean)
    return Scored(subject, tuple(tally.seen() for tally in tallies), partial=partial)
