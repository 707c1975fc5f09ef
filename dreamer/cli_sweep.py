"""The command line of sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dreamer.cli_output import Json, report


def sweep(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A recipe with matrix, zip or random in it; or a picture, and --set.",
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would make, and how long that takes.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The sweep's folder; renders/<its name>."),
    ] = None,
    queue: Annotated[
        Path | None,
        typer.Option(
            "--queue", metavar="FILE", help="The queue; DREAMER_QUEUE, else batch.sqlite here."
        ),
    ] = None,
    run: Annotated[
        bool, typer.Option("--run", help="And make what is in the queue, until it is empty.")
    ] = False,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a key, as in --set random.n=40."),
    ] = None,
    priority: Annotated[int, typer.Option(help="Higher ones are begun first.")] = 0,
    together: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="The most small stills rendered as one group; what is best here."
        ),
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Let a recipe found in a picture open files elsewhere.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make many pictures or films of one recipe: put every combination into the queue."""
    from dreamer.batch.sweeping import open_sweep

    found = open_sweep(file, sets or (), trust)
    if dry_run:
        from dreamer.batch.sweep_plan import plan_sweep

        report(plan_sweep(found, together), as_json)
        return
    from dreamer.batch.asked import add_sweep
    from dreamer.batch.queue_file import place_of

    path = place_of(queue)
    added = add_sweep(path, found, out, together, priority)
    if not run:
        report(added, as_json)
        return
    from dreamer.batch.runner import run_queue
    from dreamer.batch.shown import living

    if not as_json:
        report(added, as_json)
    with living(path, plain=as_json) as (tick, table):
        ran = run_queue(path, quiet=as_json or table, tick=tick)
    report(added.after(ran) if as_json else ran, as_json)
    raise typer.Exit(0 if ran.well else 1)
