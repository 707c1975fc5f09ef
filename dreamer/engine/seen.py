"""What networks saw: values, kept small, as there may be a hundred thousand of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dreamer.engine.chosen import Chosen
from dreamer.engine.scores import Ranking, ranked
from dreamer.engine.spooled import Spool
from dreamer.engine.subjects import Subject


@dataclass(frozen=True)
class Frames:
    """What a network saw in F frames of a film, one by one.

    `numbers` and `seconds` `(F,)`; the K likeliest classes of each, `labels` and `scores` `(F, K)`;
    what was `chosen` `(F, C)`, NaN where the network does not know it. `rows` are all classes,
    where somebody asked for them, on the disk until these frames are let go.
    """

    numbers: np.ndarray
    seconds: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    chosen: np.ndarray
    rows: Spool | None = None

    def rankings(self, classes: Sequence[str]) -> Iterator[tuple[int, Ranking]]:
        """Each frame's number and likeliest classes."""
        for number, labels, scores in zip(self.numbers, self.labels, self.scores, strict=True):
            pairs = zip(labels, scores, strict=True)
            yield int(number), [(classes[k], round(float(p), 6)) for k, p in pairs]

    def strongest(self, label: int, chosen: int | None = None) -> int:
        """The number of the frame where class `label`, or what was `chosen`, is likeliest."""
        if chosen is not None and not np.isnan(self.chosen[:, chosen]).any():
            return int(self.numbers[self.chosen[:, chosen].argmax()])
        return int(self.numbers[np.where(self.labels == label, self.scores, 0).max(1).argmax()])


@dataclass(frozen=True, slots=True)
class Seen:
    """What a network saw in a subject: its likeliest classes, what was chosen (None where it knows
    no such class), and how many seconds a look took it; of a film, means over its `frames`.
    """

    labels: Ranking
    chosen: tuple[float | None, ...]
    seconds: float
    frames: Frames | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A subject with what each network saw, in their order; or `problem`, why it was not read.

    `partial` is a film that somebody stopped in its middle.
    """

    subject: Subject
    seen: tuple[Seen, ...] = ()
    problem: str = ""
    partial: bool = False

    def close(self) -> None:
        """Let go of what lies on the disk."""
        for seen in self.seen:
            if seen.frames is not None and seen.frames.rows is not None:
                seen.frames.rows.close()


@dataclass(frozen=True)
class Summary:
    """What a network saw in all subjects together: mean probabilities of the likeliest classes and
    of what was chosen, and in how many subjects each of these classes came first.
    """

    labels: Ranking
    firsts: tuple[int, ...]
    chosen: tuple[float | None, ...]


class Sums:
    """Probabilities of one network's `classes`, added up subject by subject."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = classes
        self._total = np.zeros(len(classes))
        self._firsts = np.zeros(len(classes), int)
        self._count = 0

    def add(self, probabilities: np.ndarray) -> None:
        """One more subject's `(classes,)`."""
        self._total += probabilities
        self._firsts[probabilities.argmax()] += 1
        self._count += 1

    def summary(self, network: int, chosen: Sequence[Chosen], top: int) -> Summary:
        """What they are on average, by the `top` likeliest."""
        mean = self._total / max(1, self._count)
        order = np.argsort(-mean, kind="stable")[:top]
        asked = tuple(one.score(network, mean[None]) for one in chosen)
        return Summary(
            ranked(mean, self._classes, top),
            tuple(int(n) for n in self._firsts[order]),
            tuple(None if p is None else round(float(p[0]), 6) for p in asked),
        )


@dataclass(frozen=True)
class Classified:
    """All that was scored, in the order to be shown in, and what could not be read with the reason.

    Args:
        networks: their names.
        classes: of each of them.
        chosen: what was asked for.
        things: what was scored.
        failed: what was not, by its name.
        summaries: of all things together, a network each.
        top: how many labels to show; None where only what was chosen is.
        made: files that were written.
        stopped: the signal that ended it early.
        unwritten: files that could not be, by their names, and why.
    """

    networks: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    chosen: tuple[Chosen, ...]
    things: tuple[Scored, ...]
    failed: Mapping[str, str]
    summaries: tuple[Summary, ...]
    top: int | None = None
    made: list[Path] = field(default_factory=list)
    stopped: int | None = None
    unwritten: Mapping[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long one look took a network, on average over things."""
        taken = [seen.seconds for thing in self.things for seen in thing.seen]
        return sum(taken) / max(1, len(taken))
