"""What networks see in the pieces that lie in a collage: a table of them, what they are on average,
and how much of what was asked for they and the whole are, in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dreamer.engine.collage_inputs import Entry
from dreamer.engine.collage_layout import reached
from dreamer.engine.collage_scores import Scores
from dreamer.engine.folder import Folder
from dreamer.engine.scores import Ranking
from dreamer.engine.seen import Classified
from dreamer.engine.seen_words import write_csv
from dreamer.engine.subjects import Subject
from dreamer.media import durable

TABLE = "pieces.csv"
FEW = 0.0995  # a share below which a tenth of a percent is told


def write_table(
    folder: Folder, scores: Scores | None, laid: Sequence[Entry], top: int
) -> Classified | None:
    """What networks see in each of the pieces that are `laid`, with their `top` likeliest classes,
    also as a table in `folder`; None where nobody is asked.
    """
    if scores is None:
        return None
    found = _named_from(folder.path, scores.table(laid, top))
    with durable.replacing(folder.path / TABLE) as beside:
        write_csv(found, beside)
        durable.sync_file(beside)
    return found


def _named_from(home: Path, found: Classified) -> Classified:
    """`found`, its files called as they are reached from the folder `home`."""
    things = []
    for thing in found.things:
        name = reached(Path(thing.subject.file), home)
        things.append(replace(thing, subject=Subject(name, name)))
    return replace(found, things=tuple(things))


def means_of(found: Classified | None) -> dict[str, Ranking]:
    """What pieces are on average, by network."""
    if found is None:
        return {}
    return {
        name: summary.labels for name, summary in zip(found.networks, found.summaries, strict=True)
    }


def shares_of(
    found: Classified | None, whole: Mapping[str, Sequence[float | None]]
) -> list[dict[str, Any]]:
    """How much of each thing that was asked for the pieces of `found` are on average, and the
    `whole` is, by network (None where none scored that); and which piece is most of it.
    """
    if found is None:
        return []
    shares: list[dict[str, Any]] = []
    for k, one in enumerate(found.chosen):
        for n, network in enumerate(found.networks):
            mean = found.summaries[n].chosen[k]
            if mean is None:
                continue
            most = max(found.things, key=lambda thing: thing.seen[n].chosen[k] or 0.0)
            shares.append(
                {
                    "class": one.name,
                    "network": network,
                    "pieces": mean,
                    "whole": whole[network][k] if network in whole else None,
                    "most": most.subject.name,
                    "most_share": most.seen[n].chosen[k] or 0.0,
                }
            )
    return shares


def sentences(report: Mapping[str, Any], home: Path) -> Iterator[str]:
    """The shares of a collage's report as people read them: `its 300 pieces are 63 % daisy to
    house, and the whole is 71 %; most of it is daisies/7.jpg (0.99)`, that file as it is reached
    from where one is.
    """
    count = report["pieces"]
    pieces = f"its {count} pieces are" if count > 1 else "its only piece is"
    for one in report.get("shares", []):
        whole = "its last frame is" if "frames" in report else "the whole is"
        also = "" if one["whole"] is None else f", and {whole} {_percent(one['whole'])}"
        yield (
            f"{pieces} {_percent(one['pieces'])} {one['class']} to {one['network']}{also}; most of "
            f"it is {_from_here(home / one['most'])} ({one['most_share']:.2f})"
        )


def _percent(share: float) -> str:
    return f"{100 * share:.{0 if share >= FEW else 1}f} %"


def _from_here(file: Path) -> str:
    """`file` as it is reached from the current folder, or whole where that is shorter."""
    return min(reached(file, Path.cwd()), file.resolve().as_posix(), key=len)
