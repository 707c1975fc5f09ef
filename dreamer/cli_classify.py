"""`dreamer classify`: what networks see in pictures, films and folders of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dreamer.cli_output import Json


def classify(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILES…", help="Pictures, films, renders and folders of them."),
    ],
    network: Annotated[
        list[str] | None,
        typer.Option("--network", metavar="N", help="By which network; house. Several may be."),
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="How many labels; 5, with --class none.")
    ] = None,
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            metavar="NAME",
            help="A class or group of classes to be told of; A+B adds them up, NAME=A+B names it.",
        ),
    ] = None,
    sort: Annotated[
        str | None, typer.Option(metavar="NAME", help="First what is most of this class or group.")
    ] = None,
    every: Annotated[
        str, typer.Option(metavar="1s", help="How far apart a film's frames are: 0.5s, 12.")
    ] = "1s",
    table: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a table of everything.")
    ] = None,
    bars: Annotated[
        Path | None,
        typer.Option(metavar="FILE|DIR", help="Draw each picture with bars of its scores."),
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw all pictures on a sheet.")
    ] = None,
    curves: Annotated[
        Path | None,
        typer.Option(metavar="FILE|DIR", help="Draw each film's scores over time; with a CSV."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    as_json: Json = False,
) -> None:
    """Score pictures, films, renders and folders by what networks see in them."""
    from dreamer.engine.seen_words import json_pieces, lines
    from dreamer.jobs.classify import classify as job
    from dreamer.progress import watching

    with watching(quiet=as_json, what="picture") as watch:
        found = job(
            files,
            networks=tuple(network or ("house",)),
            top=top,
            classes=classes or (),
            sort=sort,
            every=every,
            table=table,
            bars=bars,
            sheet=sheet,
            curves=curves,
            force=force,
            watch=watch,
        )
    if as_json:
        sys.stdout.writelines(json_pieces(found))
    else:
        for line in lines(found):
            print(line)
    if found.stopped is not None:
        print("stopped; what was scored by then is told and written", file=sys.stderr)
        raise typer.Exit(128 + found.stopped)
    raise typer.Exit(1 if found.failed or found.unwritten else 0)
