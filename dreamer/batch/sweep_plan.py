"""`sweep --dry-run`: what a sweep would make, how much of it, and about how long that takes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dreamer.batch.adding import reckoned, threads_of
from dreamer.batch.group_sizes import Alone, best_of
from dreamer.batch.grouping import MOST_TOGETHER, cut
from dreamer.batch.places import places_of
from dreamer.batch.status import duration
from dreamer.batch.sweeping import distinct, each
from dreamer.engine.calibration import Calibration, calibrated
from dreamer.engine.likeness import likeness, most_together
from dreamer.engine.ready import Ready
from dreamer.engine.states import KEPT
from dreamer.errors import RecipeError
from dreamer.media.png import encode_png
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.sweep import ParsedSweep
from dreamer.recipe.sweep_expansion import Combination, brief, equal, expanded

SHOWN = 20
WIDEST = 28
# Seconds, measured of small stills on a core: a job's opening, scoring and closing, and a worker's
# start.
A_JOB, A_WORKER = 0.4, 4.0
FLOAT = 4  # bytes
TRIED = 256  # pixels of a side that is encoded to see how long that takes


@dataclass(frozen=True)
class Reckoned:
    """What one combination would be: (width, height), frames, work, bytes on the disk, and seconds,
    where they are known.
    """

    combination: Combination
    size: tuple[int, int]
    frames: int
    megapixel_steps: float
    gigamacs: float
    bytes: int
    seconds: float | None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "index": self.combination.index,
            "coordinates": self.combination.coordinates,
            "size": list(self.size),
            "frames": self.frames,
            "megapixel_steps": round(self.megapixel_steps, 3),
            "gigamacs": round(self.gigamacs, 1),
            "bytes": self.bytes,
            "seconds": None if self.seconds is None else round(self.seconds, 2),
        }


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep would make; `side_by_side` is how many workers `batch run` would start here."""

    name: str
    rows: tuple[Reckoned, ...]
    notes: tuple[str, ...]
    calibration: Calibration
    side_by_side: int
    device: str

    @property
    def seconds(self) -> float | None:
        """About how long it takes on this machine: as long as the longest, at least."""
        each_takes = [row.seconds for row in self.rows]
        known = [seconds for seconds in each_takes if seconds is not None]
        if len(known) < len(each_takes):
            return None
        return A_WORKER + max(sum(known) / min(self.side_by_side, len(known)), *known)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "count": len(self.rows),
            "frames": sum(row.frames for row in self.rows),
            "megapixel_steps": round(sum(row.megapixel_steps for row in self.rows), 3),
            "gigamacs": round(sum(row.gigamacs for row in self.rows), 1),
            "bytes": sum(row.bytes for row in self.rows),
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "workers": self.side_by_side,
            "device": self.device,
            "calibration": {
                "seconds": round(self.calibration.seconds, 2),
                "measured": self.calibration.measured,
                "recalled": self.calibration.recalled,
                "failed": list(self.calibration.failed),
            },
            "combinations": [row.as_json() for row in self.rows],
            "notes": list(self.notes),
        }

    def as_text(self) -> str:
        """The same for people: how many, a table of the first, sizes, work, disk, time."""
        found = self.as_json()
        stills = sum(row.frames == 1 for row in self.rows)
        films = [row.frames for row in self.rows if row.frames != 1]
        kinds = [_count(stills, "still")] if stills else []
        kinds += [f"{_count(len(films), 'film')} of {_span(films)} frames"] if films else []
        lines = [f"{self.name}: {' and '.join(kinds)}, {_sizes(self.rows)}", ""]
        lines += [*_table(self.rows[:SHOWN])]
        if len(self.rows) > SHOWN:
            lines.append(f"… and {len(self.rows) - SHOWN} more")
        lines += [
            "",
            f"work: {found['megapixel_steps']:,} megapixel-steps, about {found['gigamacs']:,} GMAC",
            f"disk: about {_bytes(found['bytes'])}",
            self._time(),
        ]
        return "\n".join([*lines, *self.notes])

    def _time(self) -> str:
        known = self.calibration
        if self.seconds is None:
            return f"time: not known here: {'; '.join(known.failed) or 'nothing was measured'}"
        beside = f", {self.side_by_side} side by side" if self.side_by_side > 1 else ""
        kinds = known.measured + known.recalled
        steps = f"a few steps of {_count(kinds, 'kind')} of work"
        how = "as measured before" if kinds else "with no steps to measure"
        if known.measured:
            how = f"by {steps}, in {duration(known.seconds)}"
        return f"time: about {_about(self.seconds)} on this machine ({self.device}{beside}), {how}"


def plan_sweep(sweep: ParsedSweep, together: int | None = None) -> SweepPlan:
    """What `sweep` would make, and about how long that takes here, at most `together` stills as one
    group, or as many as are best here, which is measured once. Nothing is written but what was
    measured of this machine.

    Raises:
        RecipeError: all that is wrong with all of it.
    """
    expansion = expanded(sweep)

    def reckon(_: Combination, recipe: Parsed) -> tuple[str, Ready]:
        return reckoned(recipe)

    found, problems = each(sweep, expansion, reckon)
    if problems:
        raise RecipeError(problems)
    kept, again = distinct(found, lambda made: made[0])
    readies = [ready for _, (_, ready) in kept]
    threads = max(threads_of(ready.recipe) for ready in readies)
    places = places_of("auto", None, threads)
    alone = [_alone(ready) for ready in readies]
    most = [one.most for one in alone]
    if together is None:
        together, (most, _) = MOST_TOGETHER, best_of(alone)
    groups = cut([*zip((one.kind for one in alone), most, strict=True)], together, len(places))
    beside = [1 if group is None else group.rows for group in groups]
    calibration = calibrated(readies, threads, beside)
    saving = _saving()
    rows = tuple(
        _row(one, ready, many, calibration, saving)
        for (one, (_, ready)), many in zip(kept, beside, strict=True)
    )
    notes = (*expansion.notes, *([equal(again)] if again else []))
    return SweepPlan(sweep.name, rows, notes, calibration, len(places), places[0].device)


def _alone(ready: Ready) -> Alone:
    threads = threads_of(ready.recipe)  # as its job will have
    return Alone(likeness(ready), threads, most_together(ready), lambda: ready)


def _row(
    one: Combination, ready: Ready, together: int, calibration: Calibration, saving: float
) -> Reckoned:
    plan = ready.plan
    height, width = plan.shown
    frames, work = plan.count, plan.megapixel_steps()
    values = height * width * plan.samples * (4 if plan.transparent else 3)
    ascent = calibration.seconds_of(ready, together)
    seconds = None if ascent is None else A_JOB + ascent + frames * values * saving
    png = values * ready.recipe.bits // 8 // 2  # of a dream, half of what its levels are
    kept = 0 if ready.recipe.still else min(frames, KEPT)  # nothing follows a still
    states = kept * plan.height * plan.width * plan.samples * 3 * FLOAT
    size = png * (frames + ready.recipe.still) + states
    macs = work * plan.macs_per_pixel / 1e3 * 3
    return Reckoned(one, (width, height), frames, work, macs, size, seconds)


def _saving() -> float:
    """Seconds that a value of a frame takes to be encoded."""
    pixels = np.random.default_rng(0).random((3, TRIED, TRIED), dtype=np.float32) / 8
    begun = time.perf_counter()
    encode_png(pixels)
    return (time.perf_counter() - begun) / pixels.size


def _sizes(rows: Sequence[Reckoned]) -> str:
    sizes = Counter(row.size for row in rows)
    (width, height), _ = sizes.most_common(1)[0]
    if len(sizes) == 1:
        return f"{width}×{height}"
    small = min(sizes, key=lambda size: size[0] * size[1])
    large = max(sizes, key=lambda size: size[0] * size[1])
    return f"{len(sizes)} sizes from {small[0]}×{small[1]} to {large[0]}×{large[1]}"


def _span(counts: Sequence[int]) -> str:
    least, most = min(counts), max(counts)
    return str(least) if least == most else f"{least} to {most}"


def _table(rows: Sequence[Reckoned]) -> list[str]:
    """A line a combination, a column a key."""
    keys = list(dict.fromkeys(key for row in rows for key in row.combination.values))
    cells = [["", *keys]]
    for row in rows:
        said = row.combination.coordinates
        told = [brief(said[key]) if key in said else "" for key in keys]
        cells.append([f"{row.combination.index}", *told])
    cells = [[_cut(cell) for cell in line] for line in cells]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if k == 0 else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"


def _about(seconds: float) -> str:
    """Seconds as exactly as they are known."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
