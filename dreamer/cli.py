"""The command line: a few lines a verb. Torch is imported only inside the verbs that need it."""

from __future__ import annotations

import errno
import json
import logging
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from dreamer import __version__
from dreamer.cli_atlas import atlas
from dreamer.cli_batch import batch_app
from dreamer.cli_classify import classify
from dreamer.cli_collage import collage
from dreamer.cli_compile import compile_
from dreamer.cli_dataset import dataset_app
from dreamer.cli_gallery import gallery_app
from dreamer.cli_imports import quickly
from dreamer.cli_networks import networks_app
from dreamer.cli_output import Json, Told, report
from dreamer.cli_sweep import sweep
from dreamer.cli_training import retrain, train
from dreamer.errors import DreamerError, UsageError, printable
from dreamer.file_names import readable

app = typer.Typer(
    name="dreamer",
    help="Renders what neural networks see: stills, zoom films and label scores from YAML recipes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(networks_app, name="networks")
app.add_typer(dataset_app, name="dataset")
app.add_typer(batch_app, name="batch")
app.add_typer(gallery_app, name="gallery")

Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key, as in --set ascent.steps=20."),
]
Draft = Annotated[bool, typer.Option("--draft", help="A quarter of the size, 6 frames a second.")]
Trust = Annotated[
    bool,
    typer.Option("--trust", help="Let a recipe found in a picture open files outside its folder."),
]
Directory = Annotated[Path, typer.Argument(metavar="DIR", help="A render's folder.")]
RecipeFile = Annotated[
    Path, typer.Argument(metavar="RECIPE", help="A recipe, or a picture or film with one inside.")
]


INTERRUPTED = 130


def _version(wanted: bool) -> None:
    if wanted:
        print(f"dreamer {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def render(
    recipe: RecipeFile,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; renders/<name>-<hash> unless said."),
    ] = None,
    sets: Sets = None,
    draft: Draft = False,
    trust: Trust = False,
    as_json: Json = False,
) -> None:
    """Render a recipe; the same command goes on where it was stopped."""
    with quickly():
        from dreamer.jobs.render import render as job
        from dreamer.progress import watching

    said = shlex.join(["dreamer", *sys.argv[1:]])
    with watching(quiet=as_json) as watch:
        outcome = job(
            recipe,
            out=out,
            overrides=sets or (),
            draft=draft,
            trust=trust,
            command=said,
            watch=watch,
        )
    report(outcome, as_json)


@app.command()
def plan(
    recipe: RecipeFile,
    sets: Sets = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="PNG", help="Draw all schedules.")
    ] = None,
    storyboard: Annotated[
        Path | None,
        typer.Option("--storyboard", metavar="PNG", help="A sheet of quick small frames."),
    ] = None,
    draft: Draft = False,
    trust: Trust = False,
    as_json: Json = False,
) -> None:
    """Check a recipe and show its frames, sizes and cost, without rendering."""
    from dreamer.recipe.compilation import is_compilation

    if is_compilation(recipe):
        from dreamer.jobs.compile import planned_film

        of_renders = {"--plot": plot, "--storyboard": storyboard, "--draft": draft}
        for option in (option for option, said in of_renders.items() if said):
            raise UsageError(f"{option} is of renders, and {recipe} is a recipe for a compilation")
        report(planned_film(recipe, sets or ()), as_json)
        return
    with quickly():
        from dreamer.jobs.plan import Reckoning
        from dreamer.jobs.plan import plan as job

    found = job(
        recipe, overrides=sets or (), plot=plot, storyboard=storyboard, draft=draft, trust=trust
    )
    if storyboard is not None and isinstance(found, Reckoning):
        from dreamer.jobs.storyboard import storyboard as board
        from dreamer.progress import watching

        with watching(quiet=as_json) as watch:
            board(found.recipe, storyboard, watch)
    print(json.dumps(found.as_json(), indent=1) if as_json else found.as_text())


@app.command()
def resume(directory: Directory, as_json: Json = False) -> None:
    """Go on with a render that was stopped; the result is what it would have been unbroken."""
    with quickly():
        from dreamer.jobs.resume import resume as job
        from dreamer.progress import watching

    with watching(quiet=as_json) as watch:
        outcome = job(directory, watch=watch)
    report(outcome, as_json)


@app.command()
def extend(
    directory: Directory,
    length: Annotated[str, typer.Argument(metavar="LENGTH", help="How much longer: 20s, 240.")],
    as_json: Json = False,
) -> None:
    """Make a film longer by LENGTH, going on from its last frame."""
    with quickly():
        from dreamer.jobs.extend import extend as job
        from dreamer.progress import watching

    with watching(quiet=as_json) as watch:
        outcome = job(directory, length, watch=watch)
    report(outcome, as_json)


@app.command()
def verify(directory: Directory, as_json: Json = False) -> None:
    """Check every frame of a render against its journal."""
    from dreamer.jobs.verify import verify as job

    found = job(directory)
    print(json.dumps(found.as_json(), indent=1) if as_json else found.as_text())
    raise typer.Exit(0 if found.whole else 1)


@app.command()
def encode(
    directory: Directory,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to; its ending says the container."),
    ] = None,
    video: Annotated[
        str | None, typer.Option(help="mp4, mov, mkv, webm, gif, webp or apng.")
    ] = None,
    codec: Annotated[
        str | None, typer.Option(help="h264, h265, vp9, av1 or prores, where the container fits.")
    ] = None,
    crf: Annotated[
        int | None, typer.Option(help="Quality, less is better: 0 … 51 of h264 (17).")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="How hard it tries: ultrafast … medium … veryslow.")
    ] = None,
    pixel_format: Annotated[str | None, typer.Option(help="yuv420p, yuv444p, yuv420p10 …")] = None,
    size: Annotated[int | None, typer.Option(help="The longest side of a smaller copy.")] = None,
    fps: Annotated[str | None, typer.Option(help="A lower rate: 12, 24000/1001.")] = None,
    loop: Annotated[bool | None, typer.Option(help="There and back again.")] = None,
    plays: Annotated[
        int | None, typer.Option(help="GIF, WebP, APNG: how often they are played; 0 for ever.")
    ] = None,
    poster: Annotated[
        str | None, typer.Option(metavar="TIME", help="A still beside it: 12, 1.5s, 50%, end.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a render's films again from its durable frames, or another one, at any time."""
    from dreamer.jobs.encode import encode as job

    made = job(
        directory,
        out=out,
        video=video,
        codec=codec,
        crf=crf,
        preset=preset,
        pixel_format=pixel_format,
        size=size,
        fps=fps,
        loop=loop,
        plays=plays,
        poster=int(poster) if poster and poster.isascii() and poster.isdigit() else poster,
    )
    names = [str(path) for path in made]
    print(json.dumps({"product": names[0], "products": names}) if as_json else "\n".join(names))


@app.command()
def show(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A picture or film dreamer made, or a folder.")
    ],
    as_json: Json = False,
) -> None:
    """Print the recipe inside a picture or film, or of a render's folder."""
    from dreamer.jobs.show import show as job

    found = job(file)
    print(
        json.dumps(found, indent=1) if as_json else found["dreamer:recipe"],
        end="\n" if as_json else "",
    )


app.command()(classify)
app.command()(collage)
app.command("compile")(compile_)


app.command()(train)
app.command()(retrain)
app.command()(atlas)
app.command()(sweep)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this machine has, and what is missing."""
    from dreamer.jobs.doctor import doctor as job

    found = job()
    print(json.dumps(found.as_json(), indent=1) if as_json else found.as_text())
    raise typer.Exit(0 if found.well else 1)


def main() -> None:
    """Run the command line; errors end in one clear message and the exit code that fits."""
    logging.basicConfig(level=logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(Told("%(message)s"))
    logging.getLogger("dreamer").setLevel(logging.INFO)
    try:
        code = app(standalone_mode=False) or 0  # what typer.Exit says comes back as a value
        if code == INTERRUPTED:  # by typer, of a KeyboardInterrupt
            raise KeyboardInterrupt
        sys.exit(code)
    except DreamerError as error:
        print(printable(readable(str(error))), file=sys.stderr)
        sys.exit(error.exit_code)
    except (typer.Abort, KeyboardInterrupt):  # typer makes the one of the other
        print(
            "stopped at once; what is finished is kept, and the same command goes on",
            file=sys.stderr,
        )
        sys.exit(INTERRUPTED)
    except OSError as error:
        print(printable(f"{_where(error)}{error.strerror or error}"), file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        sys.exit(_usage(error))


def _where(error: OSError) -> str:
    """The file or folder that could not be read or written, for all verbs: `media.durable` puts its
    name into errors of a full disk, which have none.
    """
    if error.filename:
        return f"{error.filename}: "
    try:  # what else is written has its name, so that this was being printed, if it is there
        full = os.fstatvfs(sys.stdout.fileno()).f_bavail == 0
    except (AttributeError, OSError, ValueError):
        full = False
    return "what is printed: " if full and error.errno == errno.ENOSPC else ""


def _usage(error: Exception) -> int:
    """Exit code 2 for the argument errors of typer's parser, which says what they are; others
    rise.
    """
    if hasattr(error, "exit_code") and hasattr(error, "show"):
        error.show()
        return int(error.exit_code)
    raise error
