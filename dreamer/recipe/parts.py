"""The parts of a recipe: every key with its type, default and meaning."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from dreamer.recipe.collage import Collage
from dreamer.recipe.colors import Color
from dreamer.recipe.numbers import Edges, Number, Plain, Time, Words, shown
from dreamer.recipe.rates import Rate
from dreamer.recipe.targets import NetworkWord
from dreamer.recipe.times import parse_time

MOST_PIXELS = 400_000_000
MOST_SIDE = 20_000
LEAST_TILE = 384  # pixels a side: below it a tile is overlap and little else
Noise = Literal["white", "pink", "brown", "plasma", "perlin", "voronoi"]
Procedural = Literal[
    "gradient", "rings", "spiral", "mandala", "checker", "waves", "stars", "cells", "motif"
]


# A collage's words, or the file of its recipe.
CollageWord = Annotated[
    Annotated[str, Tag("‹value›")] | Annotated[Collage, Tag("‹mapping›")],
    Discriminator(lambda value: "‹value›" if isinstance(value, str) else "‹mapping›"),
]


class Source(Words):
    """The first picture; or those of a film or folder, each of which is dreamt on."""

    noise: Noise | None = Field(None, description="Coloured noise of this kind.")
    color: Color | None = Field(None, description="One colour: '#203040' or a name.")
    image: str | None = Field(None, description="A picture file, relative to the recipe.")
    procedural: Procedural | None = Field(None, description="A drawing made from numbers.")
    class_: str | None = Field(
        None,
        alias="class",
        description="Which motif, for `procedural: motif`: shell, eye, …",
    )
    video: str | None = Field(
        None, description="A film to dream on, frame by frame; it gives rate, length and size."
    )
    folder: str | None = Field(
        None, description="A folder of pictures to dream on as a film's frames, 2 before 10."
    )
    collage: CollageWord | None = Field(
        None, description="A collage: its words, or the file of its recipe."
    )
    start: Time = Field(
        0, description="Where in a film or folder to begin: a frame of it, seconds or 50%."
    )
    end: Time = Field("end", description="Where to end; that frame is no more seen.")
    fps: Rate = Field(
        None,
        description="Pictures a second: how fast those of a folder follow each other, or how many "
        "of a film's frames are looked at; the film's own, and 24 for a folder.",
    )
    contrast: Plain | None = Field(
        None, gt=0, le=0.5, description="Noise: standard deviation of its values, 0 to 0.5."
    )
    fit: Literal["cover", "contain", "stretch"] = Field(
        "cover",
        description="How a picture fills another shape: cropped, mirrored outwards, stretched.",
    )

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"expected a mapping like {{noise: plasma}}, not {shown(value)}")
        if "color" in value and value["color"] is None:
            raise ValueError(
                "color: expected a colour like '#203040', in quotes, for # begins a comment"
            )
        return value

    @model_validator(mode="after")
    def _one(self) -> Source:
        kinds = ("noise", "color", "image", "procedural", "video", "folder", "collage")
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"expected one of {', '.join(kinds)}; found {found}")
        if self.procedural == "motif" and self.class_ is None:
            raise ValueError("procedural: motif needs a class: {procedural: motif, class: shell}")
        if self.procedural != "motif" and self.class_ is not None:
            raise ValueError("class belongs to procedural: motif")
        if self.video is None and self.folder is None:
            for key in ("start", "end", "fps"):
                if key in self.model_fields_set:
                    raise ValueError(f"{key} belongs to a video or a folder")
        if isinstance(self.collage, Collage) and self.collage.moves is not None:
            raise ValueError(
                "collage.moves: a dream is on a picture; for pieces that move, make a film of the "
                "collage first, and say source: {video: FILE}"
            )
        return self


class Wobble(Words):
    """A hand that holds the camera: smooth noise about where it would be, never drifting off."""

    move: Number = Field(0.0, description="Widths to either side, and as far up and down.")
    rotate: Number = Field(0.0, description="Degrees to either side.")
    zoom: Number = Field(0.0, description="Part of the size, nearer and farther: 0.02.")
    period: Plain = Field(2.0, ge=0.05, le=3600, description="Seconds from one sway to the next.")
    seed: int = Field(0, ge=0, le=2**31, description="Which noise.")


class Motion(Words):
    """How the camera moves; all values are a second."""

    zoom: Number = Field(1.0, description="Factor a second, above 0 to 100; above 1 goes in.")
    rotate: Number = Field(0.0, description="Degrees a second; positive is counter-clockwise.")
    move: tuple[Number, Number] = Field(
        (0.0, 0.0), description="Widths and heights a second the picture goes right and down."
    )
    center: tuple[Number, Number] = Field(
        (0.5, 0.5), description="What zoom and rotation leave in place, in widths and heights."
    )
    look_at: tuple[Number, Number] = Field(
        (0.5, 0.5),
        description="Where the camera heads: a place of the frame, in widths and heights, that "
        "comes to the middle, all of its way in a second.",
    )
    wobble: Wobble = Field(Wobble(), description="A hand that holds the camera.")
    edges: Edges = Field(
        "mirror",
        description="What is beyond the edges; `overscan` dreams a wider picture, mirrored far "
        "outside, of which the film shows the middle.",
    )
    overscan: Plain = Field(
        0.125,
        ge=0.01,
        le=0.5,
        description="How much wider on each side, in widths and heights; for `edges: overscan`.",
    )
    edge_color: Color = Field("black", description="The colour beyond the edges, for `color`.")

    @field_validator("move", "center", "look_at", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != 2:
            found = f"{len(value)} of them" if isinstance(value, list) else shown(value)
            raise ValueError(f"expected two numbers, not {found}")
        return tuple(value)


class Close(Words):
    """How a film's end meets its beginning, so that it can be played round and round."""

    by: Literal["return", "crossfade"] = Field(
        "return",
        description="`return`: a copy of the first frame grows out of the middle of the dream, as "
        "the camera comes to it; `crossfade`: the end fades into what came before the beginning, "
        "which takes as many frames more to render.",
    )
    over: Time = Field("2s", description="How long before the end that begins.")

    @field_validator("over")
    @classmethod
    def _some(cls, value: int | str) -> int | str:
        if parse_time(value).value <= 0:
            raise ValueError(f"expected 2s or a number of frames, above 0, not {shown(value)}")
        return value


class Colors(Words):
    """The colours of what was dreamt, in Oklab; nothing is clipped."""

    keep: Number = Field(
        0.0, description="How much of its colours a picture keeps, place by place, 0 to 1."
    )
    palette: str | None = Field(None, description="A picture whose colours are taken over.")
    match: Literal["covariance", "channels", "sliced"] = Field(
        "covariance",
        description="How: mean and covariance, which is smooth and suits films; the histograms of "
        "lightness and colour; or the whole distribution.",
    )
    strength: Number = Field(1.0, description="How much of the palette, 0 to 1.")


class Inpaint(Words):
    """Dreaming inside a mask only; all else stays as it is, bit for bit (in a film, as the camera
    leaves it: the mask does not move with it).
    """

    mask: str = Field(
        description="A picture of the canvas's shape: dreamt where it is white, kept where black; "
        "or left, right, top, bottom, middle, around."
    )
    feather: int = Field(
        0, ge=0, le=1000, description="Pixels over which the dream fades in, from its edge."
    )


class Classify(Words):
    """Label scores of what was rendered."""

    networks: list[NetworkWord] | None = Field(
        None, description="By which networks; the recipe's own."
    )
    top: int = Field(5, ge=1, le=1000, description="How many labels.")
    every: Time = Field("1s", description="A film: every how many frames or seconds.")

    @field_validator("networks")
    @classmethod
    def _asked(cls, value: list[NetworkWord] | None) -> list[NetworkWord] | None:
        if value is not None and not value:
            raise ValueError("expected at least one, or classify: off for no scores")
        return value

    @field_validator("every")
    @classmethod
    def _some(cls, value: int | str) -> int | str:
        if parse_time(value).value <= 0 or parse_time(value).unit == "%":
            raise ValueError("expected a number of frames or seconds above 0")
        return value
