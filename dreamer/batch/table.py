"""A queue's status as a table that lives on a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from dreamer.batch.status import Running, Status, duration
from dreamer.errors import printable

COLOURS = {
    "done": "green",
    "running": "cyan",
    "waiting": "bright_black",
    "failed": "red",
    "quarantined": "magenta",
    "cancelled": "yellow",
}
ORDER = ("done", "running", "failed", "quarantined", "cancelled", "waiting")
WIDE = 100
BAR, PART, NAME, MOST_PLACE = 60, 18, 34, 20
MOST = 16  # of what runs
GONE = "its worker is gone"


def drawn(status: Status, width: int = WIDE) -> RenderableType:
    """The status as a bar of all jobs, a table of what runs, and what went wrong, on a terminal of
    so many columns.
    """
    parts: list[RenderableType] = [_head(status), _whole(status), _legend(status)]
    parts += [Text(printable(line), style="italic") for line in status.notes()]
    if status.running:
        parts.append(Padding(_running(status.running, width), (1, 0, 0, 0)))
    if status.failures:
        parts.append(Padding(_failures(status), (1, 0, 0, 0)))
    return Group(*parts)


def _head(status: Status) -> Text:
    done = status.counts.get("done", 0)
    head = Text(f"{done} of {status.total} done", style="bold", no_wrap=True, overflow="ellipsis")
    return head.append(f"   {printable(str(status.path))}", style="not bold bright_black")


def _whole(status: Status) -> Text:
    """One bar of all jobs; each state that any is in has a cell at least."""
    bar = Text()
    total, begun, cells = max(1, status.total), 0, 0
    for state in ORDER:
        count = status.counts.get(state, 0)
        begun += count
        wide = max(round(begun / total * BAR) - cells, 1 if count else 0)
        bar.append(("━" if state != "waiting" else "─") * wide, style=COLOURS[state])
        cells += wide
    return bar


def _legend(status: Status) -> Text:
    line = Text()
    for state in ORDER:
        if count := status.counts.get(state, 0):
            line.append("●\u00a0", style=COLOURS[state]).append(f"{count}\u00a0{state}  ")
    return line


def _running(running: tuple[Running, ...], width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black", expand=False)
    bar = PART if width >= WIDE else PART // 2
    most = NAME if width >= WIDE else NAME * 2 // 3
    table.add_column("running", no_wrap=True, max_width=most, overflow="ellipsis")
    table.add_column("", width=bar)
    table.add_column("")  # which is made narrower where there is no room: it is told in one line
    lots = _lots(running)
    took = [duration(one.seconds) for one, _ in lots[:MOST]]
    places = [_place(one) for one, _ in lots[:MOST]]
    table.add_column("for", justify="right", no_wrap=True, min_width=max(map(len, took)))
    if scattered := len({*places}) > 1 and width >= WIDE:
        widest = min(max(map(len, places)), MOST_PLACE)
        table.add_column("on", no_wrap=True, min_width=widest, max_width=widest)
    for (one, others), spent, place in zip(lots[:MOST], took, places, strict=True):
        job = one.queued.job
        name = Text(f"{job.shown} ", style="bright_black")
        name.append(printable(job.name), style="default")
        part = ProgressBar(
            total=1.0,
            completed=one.part or 0.0,
            width=bar,
            complete_style="cyan",
            finished_style="cyan",
        )
        beside = f"{others + 1} together, " if others else ""
        words = beside + (printable(one.queued.said) or "beginning") if one.alive else GONE
        style = "" if one.alive else "red"
        said = Text(words, style=style, no_wrap=True, overflow="ellipsis")
        where = [Text(place, overflow="ellipsis")] if scattered else []
        table.add_row(name, part, said, Text(spent), *where)
    if len(lots) > MOST:
        table.add_row(Text(f"and {len(lots) - MOST} more", style="bright_black"))
    return table


def _lots(running: tuple[Running, ...]) -> list[tuple[Running, int]]:
    """What each worker does: the first of a group, and how many others run with it."""
    lots: dict[tuple[str | None, int], list[Running]] = {}
    for one in running:
        lots.setdefault((one.queued.worker, one.queued.lot), []).append(one)
    return [(members[0], len(members) - 1) for members in lots.values()]


def _place(one: Running) -> str:
    return printable(one.host if one.device == "cpu" else f"{one.host} {one.device}")


def _failures(status: Status) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black", expand=False)
    table.add_column("went wrong", no_wrap=True, max_width=34, overflow="ellipsis")
    table.add_column("")
    for one in status.failures:
        name = Text(f"{one.job.shown} ", style="bright_black")
        name.append(printable(one.job.name), style=COLOURS[one.state])
        first = printable(one.reason.strip().splitlines()[0]) if one.reason.strip() else ""
        table.add_row(name, Text(f"{one.state}: {first}"))
    return table
