"""Which films a recipe asks for, a render's or a collage's, where they lie in its folder, and what
each is to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from dreamer.engine.collage_told import texts_inside
from dreamer.engine.folder import Folder
from dreamer.engine.run import embedded
from dreamer.engine.soundtrack import soundtrack
from dreamer.media import durable
from dreamer.media.codecs import encoder_of
from dreamer.media.film import Chapter, Film
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.output import Output
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.times import parse_time

Filmed = Parsed | ParsedCollage  # what has frames that films are made of


def texts_of(recipe: Filmed, folder: Folder) -> Mapping[str, str]:
    """What travels inside the films of `recipe` in `folder`."""
    if isinstance(recipe, ParsedCollage):
        return texts_inside(recipe)
    return embedded(recipe, folder)


def film_of(output: Output, recipe: Filmed, folder: Folder, count: int | None = None) -> Film:
    """The film that `output` asks for of the frames of `folder`, of which `count` are there if not
    all are; `video: none` asks for none. What its container has no place for (sound, chapters) it
    goes without.
    """
    box = output.container
    assert box is not None
    film = film_as(output, recipe.fps, texts_of(recipe, folder))
    if isinstance(recipe, ParsedCollage):
        return film
    shown = None if count is None else max(0, count - recipe.lead)
    return replace(
        film,
        chapters=chapters_of(recipe, shown) if box.chapters else (),
        sound=soundtrack(recipe, folder) if box.sound else None,
    )


def film_as(output: Output, fps: Fraction, texts: Mapping[str, str]) -> Film:
    """The film that `output` asks for of frames that follow each other at `fps`, silent and without
    chapters; `texts` travel inside.
    """
    rate = output.rate
    return Film(
        fps=fps if rate is None else rate,
        container=output.video,
        codec=output.codec_name,
        crf=output.crf,
        preset=output.preset,
        pixel_format=output.pixel_format or "",
        side=output.size,
        of=None if rate is None else fps,
        loop=output.loop,
        plays=output.plays,
        texts=texts,
    )


def chapters_of(recipe: Parsed, shown: int | None = None) -> tuple[Chapter, ...]:
    """The scenes of `recipe`, if any of them has a title; those that are in the first `shown`
    frames, where that is not all.
    """
    if not any(scene.title for scene in recipe.scenes):
        return ()
    ends = [scene.start + scene.frames for scene in recipe.scenes]
    most = max(ends) if shown is None else shown
    return tuple(
        Chapter(
            Fraction(scene.start) / recipe.fps,
            Fraction(min(end, most)) / recipe.fps,
            scene.title or f"Scene {number}",
        )
        for number, (scene, end) in enumerate(zip(recipe.scenes, ends, strict=True), 1)
        if scene.start < most
    )


def _stem(output: Output, folder: Folder) -> str:
    return folder.name() + (f"-{output.name}" if output.name else "")


def film_path(output: Output, folder: Folder) -> Path:
    """Where the film of `output` lies."""
    assert output.container is not None
    return folder.path / f"{_stem(output, folder)}{output.container.ending}"


def places_of(recipe: Filmed, folder: Folder) -> dict[Path, Output]:
    """Where in `folder` the films lie that `recipe` asks for, and by which word; a still asks for
    none.
    """
    if recipe.still:
        return {}
    asked = [output for output in recipe.words.output if output.container is not None]
    return {film_path(output, folder): output for output in asked}


def films_of(recipe: Filmed, folder: Folder, count: int | None = None) -> dict[Path, Film]:
    """Every film that `recipe` asks for, by its place in `folder`, of its first `count` frames
    where that is not all.
    """
    asked = places_of(recipe, folder)
    return {place: film_of(output, recipe, folder, count) for place, output in asked.items()}


def require_encoders(outputs: Iterable[Output]) -> None:
    """Refuse films that the ffmpeg that is here cannot write.

    Raises:
        MediaError: one of them, and what it can write.
    """
    for output in outputs:
        if output.codec_name:
            encoder_of(output.codec_name)


def keep_poster(output: Output, recipe: Filmed, folder: Folder, count: int, beside: Path) -> Path:
    """Put the frame that `output` wants as its poster, of `count` frames, where the still beside
    the film `beside` lies; its path.

    A film that was stopped before that moment has its last frame.
    """
    assert output.poster is not None
    lead = min(recipe.lead, count - 1)
    frame = lead + round(parse_time(output.poster).frame(recipe.fps, count - lead))
    path = beside.with_name(f"{beside.stem}-poster.png")
    durable.write_bytes(path, folder.frame_path(min(frame, count - 1)).read_bytes())
    return path


def keep_posters(recipe: Filmed, folder: Folder, count: int) -> list[Path]:
    """Put all stills beside films that `recipe` asks for where they lie; their paths."""
    if recipe.still:
        return []
    return [
        keep_poster(output, recipe, folder, count, folder.path / f"{_stem(output, folder)}.film")
        for output in recipe.words.output
        if output.poster is not None
    ]
