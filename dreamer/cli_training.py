"""`dreamer train` and `dreamer retrain`: from pictures to a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dreamer.cli_output import Json, report

Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key, as in --set seed=2."),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="trainings/<name> unless said.")
]


def train(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="A training recipe.")],
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="The photographs, or a pack.")
    ] = None,
    out: Out = None,
    sets: Sets = None,
    as_json: Json = False,
) -> None:
    """Train a network from nothing; the same command goes on where it was stopped."""
    from dreamer.jobs.train import train as job
    from dreamer.progress import watching

    with watching(quiet=as_json, what="step") as watch:
        found = job(recipe, out=out, data=data, overrides=sets or (), watch=watch)
    report(found, as_json)


def retrain(
    source: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Class folders of pictures, or a recipe (.yaml)."),
    ],
    base: Annotated[
        str | None, typer.Option("--base", metavar="N", help="The network to start from; house.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FOLDER", help="The class folders, for a recipe."),
    ] = None,
    out: Out = None,
    head_only: Annotated[
        bool, typer.Option("--head-only", help="Learn the class head alone, in seconds.")
    ] = False,
    sets: Sets = None,
    as_json: Json = False,
) -> None:
    """Teach a network the classes of a folder; the same command goes on where it was stopped."""
    from dreamer.jobs.retrain import retrain as job
    from dreamer.progress import watching

    options: dict[str, Any] = {} if base is None else {"base": base}
    if head_only:
        options["unfreeze"] = []
    with watching(quiet=as_json, what="step") as watch:
        found = job(source, data=data, out=out, options=options, overrides=sets or (), watch=watch)
    report(found, as_json)
