"""`classify`: what networks see in pictures, films and folders of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dreamer.engine.execution import decide, under
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.scores import Ranking, batches, classifier, line, ranked
from dreamer.errors import DreamerError, UsageError
from dreamer.media.kinds import PICTURE_ENDINGS
from dreamer.media.pictures import read_picture
from dreamer.media.video import ENDINGS as FILM_ENDINGS
from dreamer.media.video import probe, read_frames


@dataclass(frozen=True)
class Seen:
    """What a network sees in a file; of a film, the mean over frames a second apart, and each of
    them.
    """

    file: Path
    network: str
    labels: Ranking
    seconds: float
    frames: dict[str, Ranking]


@dataclass(frozen=True)
class Classified:
    """All files, and those that could not be read with the reason."""

    seen: tuple[Seen, ...]
    failed: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        rows = [
            {
                "file": str(s.file),
                "network": s.network,
                "labels": s.labels,
                "seconds": round(s.seconds, 4),
                **({"frames": s.frames} if s.frames else {}),
            }
            for s in self.seen
        ]
        return {"files": rows, "failed": self.failed}

    def as_text(self) -> str:
        """A block a file and network."""
        blocks = []
        several = len({s.network for s in self.seen}) > 1
        for s in self.seen:
            name = f"{s.file} ({s.network})" if several else str(s.file)
            if len(s.frames) > 1:
                name += f", the mean of {len(s.frames)} frames a second apart"
            blocks.append("\n".join([f"{name}:", *(f"  {line(*label)}" for label in s.labels)]))
        blocks += [f"{file}: not read: {why}" for file, why in self.failed.items()]
        if self.seen:
            mean = sum(s.seconds for s in self.seen) / len(self.seen)
            blocks.append(f"Evaluation time (1-image): {mean:.3f}s")
        return "\n".join(blocks)


def files_in(places: Sequence[Path]) -> list[Path]:
    """The pictures and films that `places` name; folders are searched through.

    Raises:
        UsageError: a place that is not there, or none of them holds a picture.
    """
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            known = PICTURE_ENDINGS | FILM_ENDINGS
            found += sorted(
                p for p in place.rglob("*") if p.suffix.lower() in known and p.is_file()
            )
        elif place.exists():
            found.append(place)
        else:
            raise UsageError(f"no such file or folder: {place}")
    if not found:
        raise UsageError(f"no pictures or films in {', '.join(map(str, places))}")
    return found


def classify(
    places: Sequence[Path], *, networks: Sequence[str] = ("house",), top: int = 5
) -> Classified:
    """Score every picture and film that `places` name.

    A file that cannot be read is named among the failed and does not stop the others.

    Raises:
        UsageError: nothing to score.
        NetworkError: a network that cannot be used.
    """
    files = files_in(places)
    execution = decide("auto", "float32")
    cards = [card_of(ref_of(name)) for name in networks]
    seen: list[Seen] = []
    failed: dict[str, str] = {}
    with under(execution):
        judges = [classifier(card, execution) for card in cards]
        for file in files:
            try:
                for card, judge in zip(cards, judges, strict=True):
                    began = time.perf_counter()
                    numbers, rows = [], []
                    for batch in batches(_pictures(file)):
                        numbers += [n for n, _ in batch]
                        rows.append(judge([p for _, p in batch]))
                    took = (time.perf_counter() - began) / len(numbers)
                    scores = np.concatenate(rows)
                    film = len(numbers) > 1 or file.suffix.lower() in FILM_ENDINGS
                    frames = (
                        {
                            str(n): ranked(s, card.classes, top)
                            for n, s in zip(numbers, scores, strict=True)
                        }
                        if film
                        else {}
                    )
                    labels = ranked(scores.mean(0), card.classes, top)
                    seen.append(Seen(file, card.name, labels, took, frames))
            except DreamerError as error:
                failed[str(file)] = str(error)
    return Classified(tuple(seen), failed)


def _pictures(file: Path) -> Iterator[tuple[int, np.ndarray]]:
    """The picture in `file`, or its frames a second apart, with their numbers."""
    if file.suffix.lower() in FILM_ENDINGS - {".gif"}:
        yield from read_frames(file, max(1, round(probe(file).fps)))
    else:
        yield 0, read_picture(file)
