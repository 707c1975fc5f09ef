"""The command line of galleries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dreamer.cli_output import Json, report

gallery_app = typer.Typer(
    help="Sites of what was made, to look through, compare and search.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@gallery_app.callback()
def _main() -> None:
    pass


@gallery_app.command()
def build(
    places: Annotated[
        list[Path], typer.Argument(metavar="DIRS…", help="Folders with renders, at any depth.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="SITE", help="The site's folder.")] = Path(
        "gallery"
    ),
    title: Annotated[
        str | None, typer.Option(help="What it is called; the first folder's name.")
    ] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Refer to pictures and films where they lie; no copies.")
    ] = False,
    small: Annotated[
        bool, typer.Option("--small", help="Pictures as JPEGs of at most 300 kB.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Build a site of renders, collages, compilations and atlases, or bring it up to date."""
    from dreamer.jobs.gallery import gallery
    from dreamer.progress import watching

    with watching(quiet=as_json, what="item") as watch:
        made = gallery(places, out, title, link, small, watch)
    report(made, as_json)
