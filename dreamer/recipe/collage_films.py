"""What a collage's `output` cannot be: of a picture, of its frames, or beside another one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from dreamer.recipe.filming import problems_of_film
from dreamer.recipe.marks import Path_
from dreamer.recipe.output import OF_FILMS, Output

Size = tuple[int, int | None]
NEVER = {
    "frames": "is of renders, and a collage has 8 bits; leave it out",
    "transparency": "is of renders; say collage.background: transparent",
    "poster": "is of renders; every collage has a preview.jpg",
}


def refused_outputs(
    outputs: list[Output], size: Size, fps: Fraction, frames: int | None, see_through: bool
) -> Iterator[tuple[Path_, str]]:
    """What is wrong with `outputs` of a collage of `frames` frames (None: a picture), by where it
    is said; `see_through` where its background is.
    """
    if frames is not None and see_through and any(output.container for output in outputs):
        what = "films are not see-through; say a colour, or output: {video: none} for the frames"
        yield ("collage", "background"), f"{what} alone"
    taken: dict[tuple[str, str], int] = {}
    for k, output in enumerate(outputs):
        for key in output.model_fields_set & NEVER.keys():
            yield ("output", k, key), NEVER[key]
        if frames is None:
            for key in OF_FILMS:
                if key in output.model_fields_set and key not in NEVER:
                    yield ("output", k, key), "is of a film, and this is a picture; say length: 10s"
            if k:
                yield ("output", k), "a collage is one picture; for a film say length: 10s"
            continue
        plain = output.model_copy(update={"poster": None, "transparency": None})
        assert size[1] is not None  # without which there are no films
        for key, message in problems_of_film(plain, (size[0], size[1]), fps, frames):
            yield ("output", k, key) if key else ("output", k), message
        if output.container is None:
            continue
        first = taken.setdefault(((output.name or "").casefold(), output.video), k)
        if first != k:
            what = f"would be the same file as output.{first}"
            yield ("output", k), f"{what}; say name: WORD in one of them"
