"""`dreamer dataset`: pictures to learn from, fetched, looked over, divided and packed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dreamer.cli_output import Json, report

dataset_app = typer.Typer(help="Pictures to learn from.", no_args_is_help=True)


@dataset_app.command("fetch")
def fetch(
    lists: Annotated[
        list[Path],
        typer.Argument(
            metavar="LISTS…", help="Addresses: a text file a class, tables, or folders of them."
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where to: DIR/<class>/<hash>.jpg.")
    ],
    again: Annotated[
        bool, typer.Option("--again", help="Ask once more for what failed in a way that may pass.")
    ] = False,
    placeholders: Annotated[
        list[Path] | None,
        typer.Option("--placeholders", metavar="FILE", help="More hashes of placeholders."),
    ] = None,
    repeats: Annotated[
        int, typer.Option(min=2, help="Addresses with the same bytes that are a placeholder.")
    ] = 5,
    least_bytes: Annotated[int, typer.Option(min=0, help="Smaller files are left out.")] = 5000,
    least_side: Annotated[int, typer.Option(min=1, help="Smaller pictures are left out.")] = 32,
    most_bytes: Annotated[int, typer.Option(min=1, help="Larger files are not read on.")] = (
        30_000_000
    ),
    at_once: Annotated[int, typer.Option(min=1, max=256, help="Requests side by side.")] = 32,
    of_a_host: Annotated[int, typer.Option(min=1, max=16, help="Of them, of one host.")] = 2,
    delay: Annotated[float, typer.Option(min=0, help="Seconds between two of one host.")] = 0.1,
    tries: Annotated[int, typer.Option(min=1, help="Of an address, in all.")] = 3,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for the next bytes.")] = 15.0,
    total: Annotated[float, typer.Option(min=0.1, help="Seconds for a whole request.")] = 120.0,
    contact: Annotated[
        str, typer.Option(metavar="WORDS", help="An address for hosts, in the User-Agent.")
    ] = "",
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Ask one's own network too, not the public.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch pictures by class from lists of addresses; the same command goes on where it was
    stopped.
    """
    from dreamer.datasets.gathering import Wants
    from dreamer.datasets.hosts import Manners
    from dreamer.datasets.placeholders import placeholders as known
    from dreamer.jobs.dataset_fetch import fetch as job
    from dreamer.progress import watching

    manners = Manners(
        at_once=at_once,
        of_a_host=of_a_host,
        delay=delay,
        tries=tries,
        timeout=timeout,
        total=total,
    )
    wants = Wants(
        manners=manners,
        least_bytes=least_bytes,
        least_side=least_side,
        most_bytes=most_bytes,
        repeats=repeats,
        placeholders=known(placeholders or ()),
        allow_private=allow_private,
        contact=contact,
    )
    with watching(quiet=as_json, what="URL") as watch:
        found = job(lists, out, wants, again, watch)
    report(found, as_json)
    raise typer.Exit(1 if found.empty else 0)


@dataset_app.command("check")
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of class folders.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write report.json and contact sheets there."),
    ] = None,
    network: Annotated[
        str, typer.Option(metavar="N", help="By whose eyes pictures are compared, or none.")
    ] = "house",
    least_bytes: Annotated[int, typer.Option(min=0, help="Smaller files are tiny.")] = 5000,
    least_side: Annotated[int, typer.Option(min=1, help="Smaller pictures are tiny.")] = 32,
    as_json: Json = False,
) -> None:
    """Find broken, tiny, doubled and mislabelled-looking pictures in a folder of class folders."""
    from dreamer.jobs.dataset_check import check as job
    from dreamer.progress import watching

    with watching(quiet=as_json, what="picture") as watch:
        found = job(folder, out, network, least_bytes, least_side, watch)
    report(found, as_json)
    raise typer.Exit(0 if found.sound else 1)


@dataset_app.command("split")
def split(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What train gets as --data.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PLACE", help="A .csv to write, or a folder for copies."),
    ] = None,
    link: Annotated[
        bool, typer.Option("--link", help="With --out FOLDER: hard links instead of copies.")
    ] = False,
    validation: Annotated[float, typer.Option(help="The fraction held out while learning.")] = 0.1,
    test: Annotated[float, typer.Option(help="The fraction kept for testing.")] = 0.1,
    as_json: Json = False,
) -> None:
    """Show which pictures are learnt from and which are kept for testing, as training has it."""
    from dreamer.jobs.dataset_split import split as job
    from dreamer.progress import watching

    with watching(quiet=as_json, what="picture") as watch:
        found = job(folder, out, link, validation, test, watch)
    report(found, as_json)


@dataset_app.command("pack")
def pack(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A folder of class folders' folders.")
    ],
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The file to make.")],
    folder: Annotated[
        list[str] | None, typer.Option("--folder", help="Which folders below DATA; all.")
    ] = None,
    side: Annotated[int, typer.Option(min=16, help="Side of the squares, in pixels.")] = 128,
    as_json: Json = False,
) -> None:
    """Put all photographs into one small file, for `train --data FILE` on another machine."""
    from dreamer.jobs.dataset_pack import pack as job

    report(job(data, out, folder or (), side), as_json)
