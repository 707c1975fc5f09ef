"""What `effort.py` measured, in tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any

from effort_schedules import CANDIDATES, efforts_of


def needed(points: Sequence[Mapping[str, float]], share: float) -> str:
    """The least work that reaches `share` of what the default does, by straight lines between
    efforts.
    """
    curve = sorted((point["work"], point["reached"]) for point in points)
    if curve[0][1] >= share:
        return f"≤ {curve[0][0]:.2f}"
    for (less, low), (more, high) in pairwise(curve):
        if low < share <= high:
            return f"{less + (more - less) * (share - low) / (high - low):.2f}"
    return "–"


def table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What was measured, the mean over a preset's cases."""
    keys = ("work", "reached", "change", "finest", "cut", "unlike")
    for preset in dict.fromkeys(row["case"].rsplit("-", 2)[0] for row in rows):
        yield f"\n| {preset} | cases | {' | '.join(keys)} |\n" + "|---" * (len(keys) + 2) + "|"
        mine = [row for row in rows if row["case"].startswith(preset)]
        for name in dict.fromkeys(row["candidate"] for row in mine):
            for effort in sorted({r["effort"] for r in mine if r["candidate"] == name})[::-1]:
                some = [r for r in mine if (r["candidate"], r["effort"]) == (name, effort)]
                flat = [{**r, "finest": 100 * r["bands"][-1], "cut": 100 * r["cut"]} for r in some]
                told = " | ".join(f"{fmean(r[key] for r in flat):.3f}" for key in keys)
                yield f"| {name} {effort:g} | {len(some)} | {told} |"
        yield from curves(mine)


def curves(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The work that reaches 95 and 100 %, the mean over the cases that have all efforts."""
    for name in CANDIDATES:
        own = [row for row in rows if row["candidate"] == name and row["effort"] <= 1]
        cases = [
            case
            for case in dict.fromkeys(row["case"] for row in own)
            if {r["effort"] for r in own if r["case"] == case} >= set(efforts_of(name)) - {2.0}
        ]
        points = [{"work": 1.0, "reached": 1.0}] if 1.0 not in efforts_of(name) else []
        for effort in {row["effort"] for row in own} if cases else ():
            some = [r for r in own if r["effort"] == effort and r["case"] in cases]
            points.append({key: fmean(r[key] for r in some) for key in ("work", "reached")})
        if cases:
            shares = (f"{100 * part:g} % by {needed(points, part)}" for part in (0.9, 0.95, 1))
            yield f"{name}, {len(cases)} cases: {', '.join(shares)}"
