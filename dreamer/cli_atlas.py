"""`dreamer atlas`: what a network sees, measured, on sheets and a page, or as a film."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from dreamer.cli_output import Json, report
from dreamer.errors import UsageError

# What each way of the command listens to; without any of them it makes sheets.
LISTENS = {
    "--class": ("--samples", "--report", "--judge", "--out", "--json"),
    "--measure": ("--each", "--judge", "--json"),
    "--journey": ("--length", "--side", "--out", "--json"),
    "--queue": ("--layer", "--channels", "--classes", "--side", "--html", "--out", "--json"),
    "": ("--layer", "--channels", "--classes", "--side", "--html", "--out", "--json"),
}


def _refuse_unheard(context: typer.Context) -> None:
    """Refuse an option that would change nothing.

    Raises:
        UsageError: one of another way of the command.
    """
    options = {p.opts[0]: p.name for p in context.command.params if p.opts[0].startswith("--")}
    said = []
    for word, parameter in options.items():
        source = context.get_parameter_source(parameter or "")
        if source is not None and source.name == "COMMANDLINE":
            said.append(word)
    way = next((way for way in LISTENS if way in said), "")
    unfit = [word for word in said if word != way and word not in LISTENS[way]]
    if not unfit:
        return
    if way:
        raise UsageError(f"{way}: not together with {unfit[0]}")
    if unfit[0] in ("--report", "--samples"):
        raise UsageError(f"{unfit[0]}: of which class? Say it with --class NAME")
    ways = [way for way, heard in LISTENS.items() if unfit[0] in heard]
    raise UsageError(f"{unfit[0]}: only together with {' or '.join(ways)}")


def atlas(
    context: typer.Context,
    network: Annotated[
        str, typer.Argument(metavar="NETWORK", help="A network's name, or a card or weight file.")
    ] = "house",
    layer: Annotated[
        list[str] | None,
        typer.Option("--layer", metavar="L", help="Layers whose channels to show; the blocks."),
    ] = None,
    channels: Annotated[
        str, typer.Option(metavar="0-15,40", help="Which of each layer's channels, or all; some.")
    ] = "",
    classes: Annotated[
        str,
        typer.Option(metavar="NAME,NAME", help="Which classes, all or none; without --layer, all."),
    ] = "",
    side: Annotated[
        int | None,
        typer.Option(min=16, max=2048, help="Pixels a side; 96, a film's shorter side 320."),
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Also write DIR/index.html.")] = False,
    journey: Annotated[
        bool,
        typer.Option("--journey", help="Instead a film through the layers, first to last."),
    ] = False,
    length: Annotated[str, typer.Option(metavar="20s", help="How long the film is.")] = "20s",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to; atlas/<network>.")
    ] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure how fit it is to dream with, as numbers.")
    ] = False,
    each: Annotated[
        int, typer.Option(min=1, help="Pictures of each class that a judge is shown.")
    ] = 8,
    judge: Annotated[
        str, typer.Option(metavar="NETWORK", help="Which network judges its pictures.")
    ] = "judge",
    name: Annotated[
        str | None,
        typer.Option("--class", metavar="NAME", help="Instead several pictures of one class."),
    ] = None,
    samples: Annotated[
        int, typer.Option(min=1, help="With --class: how many, from different noises.")
    ] = 9,
    diagnosis: Annotated[
        bool,
        typer.Option("--report", help="With --class: what a judge sees beside it, and where."),
    ] = False,
    queue: Annotated[
        Path | None,
        typer.Option("--queue", metavar="FILE", help="Put it into this queue, for batch run."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a network's classes, channels and layers look like; the same command goes on where
    it was stopped.
    """
    from dreamer.progress import watching

    _refuse_unheard(context)
    if name is not None:
        from dreamer.jobs.diagnosis import diagnose

        report(diagnose(network, name, samples, judge, out, diagnosis), as_json)
        return
    folder = out or Path("atlas", Path(network).stem)
    if measure:
        from dreamer.jobs.measuring import measure as measurements

        report(measurements(network, each, judge), as_json)
        return
    if journey:
        from dreamer.jobs.journey import journey as film

        said = shlex.join(["dreamer", *sys.argv[1:]])
        with watching(quiet=as_json) as watch:
            outcome = film(network, folder, length, side, command=said, watch=watch)
        report(outcome, as_json)
        return
    if queue is not None:
        from dreamer.batch.asked import add_atlas
        from dreamer.engine.atlas_ready import AtlasWords

        words = AtlasWords(network, tuple(layer or ()), channels, classes, side, html)
        report(add_atlas(queue, words, out), as_json)
        return
    from dreamer.jobs.atlas import atlas as pictures

    with watching(quiet=as_json, what="picture") as watch:
        made = pictures(network, folder, layer or (), channels, classes, side, html, watch=watch)
    report(made, as_json)
