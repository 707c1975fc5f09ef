"""From a collage's words to how its pieces are drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dreamer.draw.cutouts import Mask
from dreamer.draw.dress import Dress
from dreamer.draw.looks import Chosen
from dreamer.draw.shadows import Shadow
from dreamer.recipe.colors import rgb
from dreamer.recipe.dressing import Dressed, Look


def dress_of(words: Dressed, short: float, font: Path | None = None) -> Dress:
    """How a piece whose shorter side is `short` pixels is drawn: what words say in parts of it
    becomes pixels. Its caption is written in the font in the file `font`, or dreamer's own.
    """
    blend, mask, shadow = words.blend, words.mask, words.shadow
    cast = None
    if shadow is not None and shadow.alpha > 0:
        across, down = (part * short for part in shadow.offset)
        cast = Shadow((across, down), shadow.blur * short, hexadecimal(shadow.color), shadow.alpha)
    return Dress(
        mode="normal" if blend is None else blend.mode,
        linear=blend is not None and blend.light == "linear",
        mask=None if mask is None else Mask(**{**mask.model_dump(), "points": _points(mask)}),
        shadow=cast,
        looks=looks_of(tuple(words.looks or ())),
        font=font,
    )


def looks_of(looks: tuple[Look, ...]) -> tuple[Chosen, ...]:
    """Looks with what they take."""
    return tuple((look.name, _value(look)) for look in looks)


def _points(mask: Any) -> tuple[tuple[float, float], ...]:
    return tuple(mask.points or ())


def _value(look: Look) -> Any:
    colours = isinstance(look.value, list | tuple)
    return tuple(map(hexadecimal, look.value)) if colours else look.value


def hexadecimal(color: str) -> str:
    """`color` as `#203040`, whatever a recipe calls it."""
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb(color))


def worn(own: Dressed, otherwise: Dressed) -> Dressed:
    """What `own` says of how pieces are drawn, and `otherwise` where it says nothing."""
    said = {key: getattr(own, key) for key in Dressed.model_fields}
    return Dressed(**{k: getattr(otherwise, k) if v is None else v for k, v in said.items()})
