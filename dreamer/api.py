"""What the commands do, for Python: a function a verb, which takes and gives plain values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dreamer.engine.outcome import Outcome
from dreamer.engine.seen import Classified

if TYPE_CHECKING:
    from dreamer.engine.collaged import Collaged
    from dreamer.engine.compiled import Compiled
    from dreamer.engine.gallery import Built


def render(
    recipe: str | Path,
    out: str | Path | None = None,
    *,
    draft: bool = False,
    trust: bool = False,
    **changes: Any,
) -> Outcome:
    """Render the recipe file `recipe`, as `dreamer render` does.

    Args:
        recipe: a YAML file, or a picture or film that dreamer made.
        out: the folder; renders/<name>-<hash8> unless given.
        draft: a quarter of the size, 6 frames a second.
        trust: let a recipe found in a picture open files outside its folder.
        changes: keys to change, with `__` for the dot: `ascent__steps=20`.
    """
    from dreamer.jobs.render import render as job

    overrides = [f"{key.replace('__', '.')}={_as_text(value)}" for key, value in changes.items()]
    place = None if out is None else Path(out)
    return job(recipe, out=place, overrides=overrides, draft=draft, trust=trust)


def _as_text(value: Any) -> str:
    """`value` as --set takes it."""
    import json

    def plain(other: Any) -> Any:
        return other.tolist() if isinstance(other, np.ndarray | np.generic) else str(other)

    return json.dumps(value, default=plain)


def classify_files(places: Sequence[str | Path] | str | Path, **options: Any) -> Classified:
    """Score every picture, film and render that `places` name, as `dreamer classify` does.

    Args:
        places: files, folders, and folders of renders.
        options: as of `dreamer.jobs.classify.classify`: `networks=["house"]`, `top=5`,
            `classes=["flowers"]`, `sort="flowers"`, `sheet=Path("sheet.png")` …

    Returns: what was seen, in order (`things`), the means over all (`summaries`), and what could
        not be read (`failed`).

    Raises:
        UsageError: nothing to score, no such class, or a place where nothing can be written.
        NetworkError: a network that cannot be used.
    """
    from dreamer.jobs.classify import classify as job

    listed = [places] if isinstance(places, str | Path) else places
    return job([Path(place) for place in listed], **options)


def collage(
    pictures: Sequence[str | Path] | str | Path,
    layout: str | None = None,
    size: int | Sequence[int] | None = None,
    out: str | Path | None = None,
    **changes: Any,
) -> Collaged:
    """Put pictures together into one, as `dreamer collage` does.

    Args:
        pictures: a collage recipe, or a collage's layout.json; or pictures, folders and patterns.
        layout: `grid`, `scatter`, `mosaic` …; a mapping of its words goes by `collage__layout`.
        size: a width, or (width, height), in pixels.
        out: the folder; collages/<name>-<hash8> unless given.
        changes: keys to change, with `__` for the dot: `collage__blend="multiply"`.

    Returns: the picture or film (`product`), and what networks see in it (`scores`).

    Raises:
        RecipeError: what cannot be made.
        MediaError: a picture that cannot be read.
    """
    from dreamer.jobs.collage import collage as job

    listed = [pictures] if isinstance(pictures, str | Path) else pictures
    overrides = [f"{key.replace('__', '.')}={_as_text(value)}" for key, value in changes.items()]
    sides: tuple[int, int | None] | None = None
    if size is not None:
        sides = (size, None) if isinstance(size, int) else (size[0], size[1])
    place = None if out is None else Path(out)
    return job(list(listed), out=place, layout=layout, size=sides, overrides=overrides)


def compile_films(
    things: Sequence[str | Path] | str | Path,
    out: str | Path | None = None,
    size: Sequence[int] | None = None,
    *,
    columns: int | None = None,
    rows: int | None = None,
    dry_run: bool = False,
    force: bool = False,
    overrides: Sequence[str] = (),
    **changes: Any,
) -> Compiled:
    """Make one film of many, as `dreamer compile` does; nothing, where it lies there and nothing
    has changed.

    Args:
        things: a compilation's recipe (.yaml); or films, pictures, renders' folders, folders and
            patterns of them.
        out: where the film is to be; its ending says the container. NAME.mp4 here unless given.
        size: (width, height) of the film in pixels, 16 to 20,000 each; the first film's unless
            given.
        columns: show the things at once, on a wall of so many columns …
        rows: … and so many rows; those that are left on another one.
        dry_run: only say what would be done.
        force: replace files that are there, and make again what is whole.
        overrides: keys to change, as after `--set`: `"fit=blur"`.
        changes: the same, with `__` for the dot: `fps=24`, `still="2s"`,
            `transition={"kind": "crossfade", "over": "1s"}`, `output__crf=20`.

    Returns: the plan (`cut`) and the films and stills (`products`).

    Raises:
        RecipeError: all that is wrong with the recipe and what it names.
        UsageError, FolderError: nothing can be written there.
        MediaError: what ffmpeg complained about; nothing is left then.
    """
    from dreamer.jobs.compile import compile_films as job

    listed = [things] if isinstance(things, str | Path) else things
    sized = {} if size is None else {"size": [int(side) for side in size]}
    said = [f"{key.replace('__', '.')}={_as_text(value)}" for key, value in changes.items()]
    return job(
        listed,
        out=out,
        options={key: _as_text(value) for key, value in sized.items()},
        called={"size": "size"},
        columns=columns,
        rows=rows,
        dry_run=dry_run,
        force=force,
        overrides=[*overrides, *said],
    )


def gallery(
    places: Sequence[str | Path] | str | Path,
    out: str | Path = "gallery",
    title: str | None = None,
    link: bool = False,
    small: bool = False,
) -> Built:
    """Build a site of all that was made below `places`, or bring it up to date, as `dreamer gallery
    build` does.

    Args:
        places: folders, at any depth; or single renders and films.
        out: the site's folder: new, empty, or a gallery that dreamer built.
        title: what it is called; the name of the first place unless given.
        link: refer to pictures and films where they lie, instead of having copies.
        small: pictures as JPEGs of at most 300 kB and 1,280 pixels a side.

    Returns: the page to open (`index`), how many `items` there are, how many files were `written`
        and `removed`, and what was `left_out`, why.

    Raises:
        UsageError: a place that is not there, nothing to show, or `out` holds something else.
        FolderError: a file in `out` that is a person's.
    """
    from dreamer.jobs.gallery import gallery as job

    listed = [places] if isinstance(places, str | Path) else places
    return job(listed, out, title, link, small).built
