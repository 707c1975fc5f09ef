"""Which films a recipe asks for, where they lie in a render's folder, and what each is to be."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from dreamer.engine.folder import Folder
from dreamer.engine.run import embedded
from dreamer.engine.soundtrack import soundtrack
from dreamer.media import durable
from dreamer.media.codecs import encoder_of
from dreamer.media.film import Chapter, Film
from dreamer.recipe.output import Output
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.times import parse_time


def film_of(output: Output, recipe: Parsed, folder: Folder) -> Film:
    """The film that `output` asks for of the frames of `folder`; `video: none` asks for none."""
    rate = output.rate
    return Film(
        fps=recipe.fps if rate is None else rate,
        container=output.video,
        codec=output.codec_name,
        crf=output.crf,
        preset=output.preset,
        pixel_format=output.pixel_format or "",
        side=output.size,
        of=None if rate is None else recipe.fps,
        loop=output.loop,
        plays=output.plays,
        texts=embedded(recipe, folder),
        chapters=chapters_of(recipe),
        sound=soundtrack(recipe),
    )


def chapters_of(recipe: Parsed) -> tuple[Chapter, ...]:
    """The scenes of `recipe`, if any of them has a title."""
    if not any(scene.title for scene in recipe.scenes):
        return ()
    return tuple(
        Chapter(
            Fraction(scene.start) / recipe.fps,
            Fraction(scene.start + scene.frames) / recipe.fps,
            scene.title or f"Scene {number}",
        )
        for number, scene in enumerate(recipe.scenes, 1)
    )


def _stem(output: Output, folder: Folder) -> str:
    return folder.name() + (f"-{output.name}" if output.name else "")


def film_path(output: Output, folder: Folder) -> Path:
    """Where the film of `output` lies."""
    assert output.container is not None
    return folder.path / f"{_stem(output, folder)}{output.container.ending}"


def films_of(recipe: Parsed, folder: Folder) -> dict[Path, Film]:
    """Every film that `recipe` asks for, by its place in `folder`; a still asks for none."""
    if recipe.still:
        return {}
    asked = [output for output in recipe.words.output if output.container is not None]
    return {film_path(output, folder): film_of(output, recipe, folder) for output in asked}


def require_encoders(outputs: Iterable[Output]) -> None:
    """Refuse films that the ffmpeg that is here cannot write.

    Raises:
        MediaError: one of them, and what it can write.
    """
    for output in outputs:
        if output.codec_name:
            encoder_of(output.codec_name)


def keep_poster(output: Output, recipe: Parsed, folder: Folder, count: int, beside: Path) -> Path:
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


def keep_posters(recipe: Parsed, folder: Folder, count: int) -> list[Path]:
    """Put all stills beside films that `recipe` asks for where they lie; their paths."""
    if recipe.still:
        return []
    return [
        keep_poster(output, recipe, folder, count, folder.path / f"{_stem(output, folder)}.film")
        for output in recipe.words.output
        if output.poster is not None
    ]
