"""What networks saw, as a person or a program reads it: lines, JSON, CSV. All of them come piece by
piece, as there may be a hundred thousand things.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dreamer.engine.scores import Ranking, line
from dreamer.engine.seen import Classified, Scored, Summary
from dreamer.errors import printable
from dreamer.media import durable

WIDTH = 7  # of a score: 0.63012


def lines(found: Classified) -> Iterator[str]:
    """A table of what was chosen, or label_image's lines for each thing; what was not read; what
    all things are on average; label_image's last line.
    """
    texts = _table(found) if found.chosen and found.top is None else _blocks(found)
    yield from map(printable, texts)
    for name, why in found.failed.items():
        yield printable(f"{name}: not read: {why}")
    if len(found.things) > 1:
        for network, summary in enumerate(found.summaries):
            yield from map(printable, _summary(found, network, summary))
    if found.things:
        yield f"Evaluation time (1-image): {found.seconds:.3f}s"
    yield from (printable(str(path)) for path in found.made)
    yield from (printable(f"{name}: not written: {why}") for name, why in found.unwritten.items())


def _blocks(found: Classified) -> Iterator[str]:
    several = len(found.networks) > 1
    for thing in found.things:
        for network, seen in zip(found.networks, thing.seen, strict=True):
            name = f"{thing.subject.name} ({network})" if several else thing.subject.name
            yield f"{name}{_frames(thing)}:"
            for asked, score in zip(found.chosen, seen.chosen, strict=True):
                if score is not None:
                    yield f"  {line(asked.name, score)}"
            yield from (f"  {line(*label)}" for label in seen.labels)


def _frames(thing: Scored) -> str:
    frames = thing.seen[0].frames
    if frames is None or len(frames.numbers) == 1:
        return ", stopped at its first frame" if thing.partial else ""
    apart = float(frames.seconds[1] - frames.seconds[0])
    words = "a second" if round(apart, 2) == 1 else f"{apart:.3g} seconds"
    text = f", the mean of {len(frames.numbers)} frames {words} apart"
    return f"{text}, stopped before its end" if thing.partial else text


def columns(found: Classified) -> list[tuple[int, int, str]]:
    """Of each column of a table its network, what was chosen, and what to write above it."""
    several = len(found.networks) > 1
    return [
        (network, asked, f"{name}: {one.name}" if several else one.name)
        for network, name in enumerate(found.networks)
        for asked, one in enumerate(found.chosen)
        if one.numbers[network] is not None
    ]


def _table(found: Classified) -> Iterator[str]:
    if not found.things:
        return
    shown = columns(found)
    widths = [max(WIDTH, len(title)) for _, _, title in shown]
    titles = (title.rjust(w) for w, (_, _, title) in zip(widths, shown, strict=True))
    yield "  ".join([*titles, "file"])
    for thing in found.things:
        scores = (thing.seen[network].chosen[asked] for network, asked, _ in shown)
        cells = [f"{score:.5f}".rjust(w) for w, score in zip(widths, scores, strict=True)]
        yield "  ".join([*cells, f"{thing.subject.name}{_frames(thing)}"])


def counted(found: Classified) -> str:
    """`12 pictures and 2 films`."""
    films = sum(thing.subject.film for thing in found.things)
    counts = ((len(found.things) - films, "picture"), (films, "film"))
    return " and ".join(f"{n} {what}{'s' * (n > 1)}" for n, what in counts if n)


def _summary(found: Classified, network: int, summary: Summary) -> Iterator[str]:
    name = f" ({found.networks[network]})" if len(found.networks) > 1 else ""
    yield f"{counted(found)} on average{name}:"
    for asked, score in zip(found.chosen, summary.chosen, strict=True):
        if score is not None:
            yield f"  {line(asked.name, score)}"
    if not found.chosen or found.top is not None:
        for label, first in zip(summary.labels, summary.firsts, strict=True):
            yield f"  {line(*label)}" + (f", first in {first}" if first else "")


def json_pieces(found: Classified) -> Iterator[str]:
    """The texts that one after the other are a JSON document."""
    yield '{\n "files": ['
    comma = "\n"
    for thing in found.things:
        for network in range(len(found.networks)):
            yield f"{comma}  {_json(_row(found, thing, network))}"
            comma = ",\n"
    rest = {
        "failed": {_plain(name): _plain(why) for name, why in found.failed.items()},
        "unwritten": {_plain(name): _plain(why) for name, why in found.unwritten.items()},
        "chosen": {
            one.name: {
                name: [found.classes[k][number] for number in numbers]
                for k, (name, numbers) in enumerate(zip(found.networks, one.numbers, strict=True))
                if numbers is not None
            }
            for one in found.chosen
        },
        "summary": [
            {
                "network": name,
                "things": len(found.things),
                "labels": summary.labels,
                "first_in": list(summary.firsts),
                "chosen": _chosen(found, summary.chosen),
            }
            for name, summary in zip(found.networks, found.summaries, strict=True)
        ],
        "made": [_plain(str(path)) for path in found.made],
        "stopped": found.stopped is not None,
    }
    yield f"\n ],\n{json.dumps(rest, indent=1, ensure_ascii=False)[2:]}\n"


def _row(found: Classified, thing: Scored, network: int) -> dict[str, Any]:
    seen = thing.seen[network]
    row: dict[str, Any] = {
        "file": _plain(thing.subject.name),
        "network": found.networks[network],
        "labels": seen.labels,
        "seconds": round(seen.seconds, 4),
    }
    if thing.subject.file != thing.subject.name:
        row["picture"] = _plain(thing.subject.file)
    if found.chosen:
        row["chosen"] = _chosen(found, seen.chosen)
    if seen.frames is not None:
        rankings = seen.frames.rankings(found.classes[network])
        row["frames"] = {str(number): ranking for number, ranking in rankings}
        if found.chosen:
            row["chosen_frames"] = {
                one.name: [round(float(p), 6) for p in seen.frames.chosen[:, k]]
                for k, one in enumerate(found.chosen)
                if one.numbers[network] is not None
            }
    if thing.partial:
        row["partial"] = True
    return row


def _chosen(found: Classified, scores: tuple[float | None, ...]) -> dict[str, float]:
    pairs = zip(found.chosen, scores, strict=True)
    return {one.name: score for one, score in pairs if score is not None}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain(text: str) -> str:
    """`text` without what UTF-8 cannot say: names of files may be any bytes."""
    return text.encode("utf-8", "backslashreplace").decode()


def write_csv(found: Classified, path: Path) -> None:
    """A table at `path`: a row for each thing and network, and for each thing that was not read."""
    most = max((len(seen.labels) for thing in found.things for seen in thing.seen), default=0)
    chosen = [one.name for one in found.chosen]
    ranks = [f"{what}_{rank}" for rank in range(1, most + 1) for what in ("label", "score")]
    with durable.replacing(path) as beside:
        with beside.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(["file", "network", "frames", *chosen, *ranks, "problem"])
            for thing in found.things:
                for network, seen in zip(found.networks, thing.seen, strict=True):
                    scores = ["" if p is None else f"{p:.6f}" for p in seen.chosen]
                    count = "" if seen.frames is None else len(seen.frames.numbers)
                    labels = _flat(seen.labels, most)
                    table.writerow([thing.subject.name, network, count, *scores, *labels, ""])
            blank = [""] * (2 + len(chosen) + len(ranks))
            for name, why in found.failed.items():
                table.writerow([name, *blank, why])
        durable.sync_file(beside)


def _flat(ranking: Ranking, most: int) -> list[str]:
    cells = [cell for label, score in ranking for cell in (label, f"{score:.6f}")]
    return cells + [""] * (2 * most - len(cells))
