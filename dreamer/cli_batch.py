"""The command line of queues: many recipes, made one after another or side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dreamer.cli_output import Json, report

batch_app = typer.Typer(
    help="Many recipes: a queue in a file, and workers that empty it.", no_args_is_help=True
)
QueueFile = Annotated[
    Path | None,
    typer.Option(
        "--queue", metavar="FILE", help="The queue; DREAMER_QUEUE, else batch.sqlite here."
    ),
]
Jobs = Annotated[
    list[str],
    typer.Argument(
        metavar="ID…",
        help="Jobs, by the beginning of their ids, or by names or folders; sweeps too.",
    ),
]
SomeJobs = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID…]", help="Which: jobs, or sweeps with all of their jobs."),
]


@batch_app.command()
def add(
    recipes: Annotated[
        list[Path],
        typer.Argument(metavar="RECIPES…", help="Recipes of renders, collages, compilations."),
    ],
    queue: QueueFile = None,
    priority: Annotated[int, typer.Option(help="Higher ones are begun first.")] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Make again beside what was made already.")
    ] = False,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a key of all of them."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where their folders are made; renders/ …"),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="How many each computes with: 1 for stills, else 4."),
    ] = None,
    together: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="The most small stills rendered as one group; what is best here."
        ),
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Add those that are right though others are not.")
    ] = False,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Let recipes found in pictures open files elsewhere."),
    ] = False,
    shared: Annotated[
        bool,
        typer.Option(
            "--shared", help="Let other hosts use the queue too, though its disk is ours."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Check recipes and put them into the queue; equal ones are made once."""
    from dreamer.batch.asked import add_recipes

    found = add_recipes(
        _place(queue),
        recipes,
        priority=priority,
        force=force,
        overrides=sets or (),
        out=out,
        threads=threads,
        together=together,
        keep_going=keep_going,
        trust=trust,
        shared=shared,
    )
    report(found, as_json)
    raise typer.Exit(2 if found.problems else 0)


@batch_app.command()
def run(
    queue: QueueFile = None,
    workers: Annotated[
        int | None,
        typer.Option(help="How many processes; one a CUDA device, else by cores and threads."),
    ] = None,
    devices: Annotated[
        str, typer.Option(help="auto, cpu, or numbers of CUDA devices: 0,2.")
    ] = "auto",
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Every N-th job from the I-th on.")
    ] = "1/1",
    stay: Annotated[bool, typer.Option("--stay", help="Wait for more when it is empty.")] = False,
    back_off: Annotated[
        float,
        typer.Option(min=0, help="Seconds before what can heal is tried again; doubled each time."),
    ] = 30.0,
    memory: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="GB", help="The most that each worker may have."),
    ] = None,
    on: Annotated[
        str, typer.Option(metavar="WHERE", help="here, or ray: on a cluster of Ray's.")
    ] = "here",
    address: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="The cluster's head; else the one we are part of."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make what is in the queue, until it is empty."""
    from dreamer.batch.places import shard_of
    from dreamer.batch.running import run_by
    from dreamer.batch.shown import living

    path, part = _place(queue), shard_of(shard)
    run_ = run_by(on, address, memory)
    with living(path, plain=as_json) as (tick, table):
        found = run_(
            path,
            workers=workers,
            devices=devices,
            shard=part,
            stay=stay,
            back_off=back_off,
            quiet=as_json or table,
            tick=tick,
        )
    report(found, as_json)
    raise typer.Exit(0 if found.well else 1)


@batch_app.command()
def status(
    queue: QueueFile = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="A live table, until nothing waits or runs.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say how the queue stands: what runs, what is left, what went wrong."""
    from dreamer.batch.queue import Queue
    from dreamer.batch.shown import watched
    from dreamer.batch.status import status_of

    if watch and not as_json:
        watched(_place(queue))
        return
    with Queue(_place(queue)) as there:
        report(status_of(there), as_json)


@batch_app.command("list")
def list_(
    jobs: SomeJobs = None,
    queue: QueueFile = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help="Only these: waiting, running, done, failed, quarantined, cancelled."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List jobs, all or some, in the order of adding."""
    from dreamer.batch.changing import list_jobs

    report(list_jobs(_place(queue), state or (), jobs or ()), as_json)


@batch_app.command()
def pause(queue: QueueFile = None, as_json: Json = False) -> None:
    """Let nothing new be begun; what runs ends."""
    from dreamer.batch.changing import paused

    report(paused(_place(queue), True), as_json)


@batch_app.command()
def resume(queue: QueueFile = None, as_json: Json = False) -> None:
    """Let jobs be begun again after a pause."""
    from dreamer.batch.changing import paused

    report(paused(_place(queue), False), as_json)


@batch_app.command()
def retry(
    jobs: Annotated[
        list[str] | None, typer.Argument(metavar="[ID…]", help="Which; else all that went wrong.")
    ] = None,
    queue: QueueFile = None,
    as_json: Json = False,
) -> None:
    """Try jobs again that failed, were quarantined or cancelled."""
    from dreamer.batch.changing import retry

    report(retry(_place(queue), jobs or ()), as_json)


@batch_app.command()
def cancel(
    jobs: SomeJobs = None,
    queue: QueueFile = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help="Only what is waiting or running, of all or of those."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that waits or runs.")] = False,
    as_json: Json = False,
) -> None:
    """Take jobs out of the queue; what runs stops at its next good moment."""
    from dreamer.batch.changing import cancel

    states = state or (("waiting", "running") if every else ())
    report(cancel(_place(queue), jobs or (), states), as_json)


@batch_app.command(context_settings={"ignore_unknown_options": True})  # -5 is a priority
def priority(
    number: Annotated[int, typer.Argument(metavar="N", help="Higher ones are begun first.")],
    jobs: Jobs,
    queue: QueueFile = None,
    as_json: Json = False,
) -> None:
    """Begin jobs that wait sooner or later than others."""
    from dreamer.batch.changing import prioritised

    report(prioritised(_place(queue), number, jobs), as_json)


@batch_app.command()
def logs(
    job: Annotated[str, typer.Argument(metavar="ID", help="A job, by its id, name or folder.")],
    queue: QueueFile = None,
    as_json: Json = False,
) -> None:
    """Print what a job said in each of its runs, and how each ended."""
    from dreamer.batch.asked import logs_of

    report(logs_of(_place(queue), job), as_json)


def _place(queue: Path | None) -> Path:
    from dreamer.batch.queue_file import place_of

    return place_of(queue)
