"""The command line of collages."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from dreamer.cli_output import Json, report


def collage(
    places: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECIPE|PICTURES…",
            help="A recipe, a collage's picture or layout.json; or pictures, folders, patterns.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; collages/<name>-<hash> unless said."),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            help="grid, justified, masonry, treemap, scatter, polaroid, spiral, contact, mosaic."
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(metavar="WxH", help="Pixels: 1600x1200, or a width alone."),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Change a key, as in --set collage.blend=multiply."
        ),
    ] = None,
    trust: Annotated[
        bool,
        typer.Option(
            "--trust", help="Let a recipe found in a picture open files outside its folder."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Put many pictures together into one, or into a film of pieces that move."""
    from dreamer.jobs.collage import collage as job
    from dreamer.progress import watching

    said = shlex.join(["dreamer", *sys.argv[1:]])
    with watching(quiet=as_json, what="row") as watch:
        made = job(
            places,
            out=out,
            layout=layout,
            size=size,
            overrides=sets or (),
            trust=trust,
            command=said,
            watch=watch,
        )
    report(made, as_json)
