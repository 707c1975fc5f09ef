"""Films that cannot be made of a recipe's frames, refused before any work: each output against the
canvas, the rate and the length, and against the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from dreamer.film_formats import CODECS, padded
from dreamer.recipe.output import Output
from dreamer.recipe.times import parse_time

if TYPE_CHECKING:  # which knows whole recipes, whose parts ask here too
    from dreamer.recipe.reckoning import Reckoning

MOST_FRAMES = 24 * 60 * 60 * 24  # a day of film: of compilations and collages


def refuse_films(here: Reckoning, size: tuple[int, int]) -> None:
    """Refuse outputs that do not go with frames of `size` (width, height), or with each other."""
    outputs = here.words.output
    for k, output in enumerate(outputs):
        if here.recipe.still:
            _still(here, k, output)
            continue
        frames = here.film.frames
        shown = None if frames is None else frames - here.recipe.lead
        found = problems_of_film(output, size, here.film.fps, shown)
        for key, message in found:
            here.refuse(("output", k, key) if key else ("output", k), message)
    if len(outputs) > 1:
        _together(here, outputs)


def _still(here: Reckoning, k: int, output: Output) -> None:
    for key in output.said_of_films():
        here.refuse(("output", k, key), "is of a film, and this is a still; say length: 10s")
    if k:
        here.refuse(("output", k), "a still is one picture; for a film say length: 10s")


def problems_of_film(
    output: Output, size: tuple[int, int], fps: Fraction, frames: int | None
) -> Iterator[tuple[str, str]]:
    """What is wrong with `output` for a film of `frames` (None: endless) frames of `size`, `fps` a
    second: by the key that says it, "" where none does.
    """
    if output.transparency is not None:
        yield "transparency", "is had of a still; leave length out"
    if output.poster is not None:
        yield from _of_poster(output.poster, fps, frames)
    container, rate = output.container, output.rate
    if container is None:
        for key in ("size", "fps", "name"):
            if getattr(output, key) is not None and not (key == "name" and output.poster):
                yield key, "is of a film, and video: none makes none"
        return
    if rate is not None and rate > fps:
        yield "fps", f"there are {fps} frames a second, and a film may show fewer, not {rate}"
    if container.most_fps is not None and rate is None and fps > container.most_fps:
        what = f"{container.title} shows at most {container.most_fps} frames a second"
        yield "", f"{what}, and there are {fps}; say fps: 25 for this output"
    if output.size is not None and output.size > max(size):
        what = f"the frames are {size[0]}×{size[1]}, and a copy can only be smaller"
        yield "size", f"{what}, not {output.size}"
    else:
        yield from _of_sides(output, size)


def _of_sides(output: Output, size: tuple[int, int]) -> Iterator[tuple[str, str]]:
    codec = CODECS[output.codec_name]
    part = 1 if output.size is None else Fraction(output.size, max(size))
    pixels = output.pixel_format or "".join(codec.pixel_formats[:1])
    sides = padded(output.codec_name, pixels, *(max(1, round(n * part)) for n in size))
    if min(sides) < codec.least:
        what = f"{codec.title} needs sides of {codec.least} pixels and more"
        yield "", f"{what}, and these would be {sides[0]}×{sides[1]}"


def _of_poster(moment: int | str, fps: Fraction, frames: int | None) -> Iterator[tuple[str, str]]:
    try:
        frame = parse_time(moment).frame(fps, frames)
    except ValueError as error:
        yield "poster", str(error)
        return
    if frames is not None and round(frame) >= frames:
        yield "poster", f"{moment} is past the last frame, {frames - 1}; say end for that"


def _together(here: Reckoning, outputs: list[Output]) -> None:
    """Refuse outputs that would be one file, or want other frames."""
    taken: dict[tuple[str, str], int] = {}
    posters: dict[str, int] = {}
    for k, output in enumerate(outputs):
        if output.transparency is not None and here.recipe.still:
            here.refuse(("output", k, "transparency"), "is of the only output")
        name = (output.name or "").casefold()
        if output.poster is not None:
            first = posters.setdefault(name, k)
            if outputs[first].poster != output.poster:
                what = f"output.{first} has a poster of the same name"
                here.refuse(("output", k, "poster"), f"{what}; say name: WORD in one of them")
        if output.container is None:
            continue
        first = taken.setdefault((name, output.video), k)
        if first != k:
            what = f"would be the same file as output.{first}, ending in {output.container.ending}"
            here.refuse(("output", k), f"{what}; say name: WORD in one of them")
    said = {k: o.frames for k, o in enumerate(outputs) if "frames" in o.model_fields_set}
    for k, bits in said.items():
        if bits != next(iter(said.values())):
            what = f"output.{next(iter(said))} says {next(iter(said.values()))}"
            here.refuse(("output", k, "frames"), f"{what}, and there is one set of frames")
