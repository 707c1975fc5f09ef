"""How a data set came out: what was kept, of which class and host, and why the rest was not."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dreamer.datasets.items import MAY_PASS, Item

FEWEST, THIN_SHARE = 20, 0.25
SHOWN = 8


@dataclass(frozen=True)
class Tally:
    """Numbers of items: kept by class, by host and by licence; left out by reason, and how many of
    those may come another time. `thin` are classes with fewer than 20 pictures, or than a quarter
    of what the middle one has.
    """

    classes: dict[str, dict[str, int]]
    reasons: dict[str, int]
    hosts: dict[str, int]
    licences: dict[str, int]
    thin: tuple[str, ...]
    may_pass: int

    @property
    def kept(self) -> int:
        return sum(row["kept"] for row in self.classes.values())

    @property
    def listed(self) -> int:
        return sum(row["listed"] for row in self.classes.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "kept": self.kept,
            "listed": self.listed,
            "classes": self.classes,
            "reasons": self.reasons,
            "hosts": self.hosts,
            "licences": self.licences,
            "thin": list(self.thin),
            "may_pass": self.may_pass,
        }

    def as_text(self) -> str:
        """A few lines for a person."""
        width = max((len(name) for name in self.classes), default=0)
        lines = [f"{self.kept} pictures of {self.listed} addresses"]
        for name, row in self.classes.items():
            thin = "   thin" if name in self.thin else ""
            lines.append(f"  {name:{width}}  {row['kept']:6d} of {row['listed']}{thin}")
        left = {r: n for r, n in self.reasons.items() if r not in ("kept", "here")}
        if left:
            lines.append("left out: " + ", ".join(f"{n} {reason}" for reason, n in left.items()))
        for what, counts in (("from", self.hosts), ("licences", self.licences)):
            if counts:
                lines.append(f"{what}: {_shown(counts)}")
        if self.thin:
            lines.append(f"thin classes: {', '.join(self.thin)}; list more addresses for them")
        if self.may_pass:
            lines.append(f"{self.may_pass} may come another time: the same command with --again")
        return "\n".join(lines)


def _shown(counts: dict[str, int]) -> str:
    names = [f"{name} {n}" for name, n in list(counts.items())[:SHOWN]]
    more = len(counts) - SHOWN
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def tally(items: Iterable[Item]) -> Tally:
    """Count what became of `items`; what is here but not settled counts as kept."""
    classes: dict[str, dict[str, int]] = {}
    reasons, hosts, licences = Counter[str](), Counter[str](), Counter[str]()
    may_pass = 0
    for item in items:
        row = classes.setdefault(item.category, {"listed": 0, "kept": 0})
        row["listed"] += 1
        reasons[item.reason] += 1
        may_pass += item.reason in MAY_PASS
        if item.reason in ("kept", "here"):
            row["kept"] += 1
            hosts[urlsplit(item.final_url or item.url).hostname or ""] += 1
            licences[item.licence or "not said"] += 1
    counts = [row["kept"] for row in classes.values()]
    least = max(FEWEST, THIN_SHARE * statistics.median(counts)) if counts else FEWEST
    thin = tuple(name for name, row in classes.items() if row["kept"] < least)
    known = dict(licences.most_common())
    return Tally(
        classes=classes,
        reasons=dict(reasons.most_common()),
        hosts=dict(hosts.most_common()),
        licences={} if set(known) <= {"not said"} else known,
        thin=thin,
        may_pass=may_pass,
    )
