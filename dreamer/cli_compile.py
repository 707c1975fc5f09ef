"""`dreamer compile`: films, stills and titles become one film."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from dreamer.cli_output import Json, report
from dreamer.errors import UsageError


def compile_(
    things: Annotated[
        list[str],
        typer.Argument(
            metavar="RECIPE|FILES…",
            help="A compilation's recipe (.yaml); or films, pictures, renders, folders, patterns.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Where to; its ending says the container. NAME.mp4 here."
        ),
    ] = None,
    still: Annotated[
        str | None, typer.Option(metavar="3s", help="How long pictures and titles are seen.")
    ] = None,
    crossfade: Annotated[
        str | None, typer.Option(metavar="1s", help="Fade each clip into the next for so long.")
    ] = None,
    transition: Annotated[
        str | None, typer.Option(metavar="KIND", help="crossfade, wipe_left, fade_black …")
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="1280x720", help="Of the film; the first film's.")
    ] = None,
    fps: Annotated[
        str | None, typer.Option(help="Frames a second; the first film's, else 24.")
    ] = None,
    fit: Annotated[
        str | None, typer.Option(help="contain, cover or blur, for clips of another shape.")
    ] = None,
    sound: Annotated[
        str | None, typer.Option(metavar="FILE", help="What is heard under the whole film.")
    ] = None,
    wall: Annotated[
        str | None, typer.Option(metavar="3x2", help="All at once, on walls of 3 by 2.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a key, as in --set fit=blur."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the plan, and what ffmpeg would be told.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    as_json: Json = False,
) -> None:
    """Cut films, stills, renders and titles into one film."""
    from dreamer.jobs.compile import compile_films
    from dreamer.progress import watching

    options: dict[str, str] = {
        key: value
        for key, value in (("still", still), ("fps", fps), ("fit", fit))
        if value is not None
    }
    if sound is not None:
        options["sound"] = _quoted(sound)
    if size is not None:
        options["size"] = _pair(size)
    if crossfade is not None or transition is not None:
        over = "" if crossfade is None else f", over: {_quoted(crossfade, whole=True)}"
        options["transition"] = f"{{kind: {_quoted(transition or 'crossfade')}{over}}}"
    ways = {"--transition": transition, "--crossfade": crossfade}
    called = {"transition": " ".join(option for option, said in ways.items() if said is not None)}
    columns, rows = _wall(wall)
    with watching(quiet=as_json) as watch:
        found = compile_films(
            things,
            out=out,
            overrides=sets or (),
            options=options,
            called=called,
            columns=columns,
            rows=rows,
            dry_run=dry_run,
            force=force,
            watch=watch,
        )
    report(found, as_json)


def _quoted(word: str, whole: bool = False) -> str:
    """`word` as YAML takes it for a word, or, with `whole`, for a number where it is one."""
    import json

    return word if whole and word.isdecimal() else json.dumps(word)


def _pair(word: str) -> str:
    sides = re.fullmatch(r"(\d{1,6})\s*[x×:]\s*(\d{1,6})", word.strip())
    if sides is None:
        raise UsageError(f"--size: expected width and height like 1280x720, not {word}")
    return f"[{int(sides[1])}, {int(sides[2])}]"


def _wall(word: str | None) -> tuple[int | None, int | None]:
    if word is None:
        return None, None
    sides = re.fullmatch(r"([1-9]\d?)(?:\s*[x×]\s*([1-9]\d?))?", word.strip())
    if sides is None:
        raise UsageError(f"--wall: expected columns and rows like 3x2, or columns, not {word}")
    return int(sides[1]), None if sides[2] is None else int(sides[2])
