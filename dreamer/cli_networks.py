"""`dreamer networks …`: the catalogue, and how networks come into it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dreamer.cli_output import Json, report, shown

networks_app = typer.Typer(help="Networks that recipes may name.", no_args_is_help=True)
NetworkName = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A name of the catalogue, a card (.json), a weight file, or ARCHITECTURE:random.",
    ),
]


@networks_app.command("list")
def networks_list(as_json: Json = False) -> None:
    """All networks of the catalogue, and whether their weights are here."""
    from dreamer.jobs.networks import listing

    shown(listing(), as_json)


@networks_app.command("show")
def networks_show(
    name: NetworkName,
    size: Annotated[
        int | None,
        typer.Option("--size", min=1, metavar="N", help="Side of the picture; the native one."),
    ] = None,
    as_json: Json = False,
) -> None:
    """What a network wants, its layers with their shapes and costs, its labels and licence."""
    from dreamer.jobs.networks import showing

    shown(showing(name, size), as_json)


@networks_app.command("filters")
def networks_filters(
    name: NetworkName,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The PNG; NAME-filters.png.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Draw the filters of a network's first layer; its weights must be here."""
    from dreamer.jobs.filters import filters

    report(filters(name, out, force), as_json)


@networks_app.command("layers")
def networks_layers(name: NetworkName, as_json: Json = False) -> None:
    """The names a recipe may use for a network's layers."""
    from dreamer.jobs.networks import layers

    shown(layers(name), as_json)


@networks_app.command("import")
def networks_import(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Weights (.caffemodel, .pth, .pt, .safetensors), an archive of them, or labels.",
        ),
    ],
    name: Annotated[str, typer.Option("--name", help="What to call it.")] = "",
    labels: Annotated[
        Path | None, typer.Option("--labels", metavar="FILE", help="The names of its classes.")
    ] = None,
    architecture: Annotated[
        str,
        typer.Option(
            "--architecture",
            help="Where the file does not tell: one of the catalogue's, or torchvision:NAME.",
        ),
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Replace another network of that name.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a network of a weight file, of whatever program; what it is, its bytes tell."""
    from dreamer.jobs.imports import import_file

    report(import_file(file, name, labels, architecture, force), as_json)


@networks_app.command("fetch")
def networks_fetch(
    names: Annotated[list[str], typer.Argument(metavar="NAME...")], as_json: Json = False
) -> None:
    """Bring a network's weights here from where its authors published them."""
    from dreamer.jobs.fetch import fetch

    for name in names:
        report(fetch(name), as_json)


@networks_app.command("export")
def networks_export(
    name: NetworkName,
    onnx: Annotated[
        bool, typer.Option("--onnx", help="As ONNX, for phones, browsers and other programs.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The file; NAME.onnx.")
    ] = None,
    size: Annotated[
        int | None,
        typer.Option("--size", min=1, metavar="N", help="Side of the pictures; the native one."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    as_json: Json = False,
) -> None:
    """Write a network for use elsewhere: pictures in, probabilities out, labels beside it."""
    from dreamer.jobs.export import export

    report(export(name, onnx, out, size, force), as_json)
