"""A recipe's draft: the same picture or film, smaller, of the same shape, and with it all that the
recipe says in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from dreamer.recipe.rates import parse_fps
from dreamer.recipe.times import in_seconds

FPS = 6
PART = 0.25
LEAST = 64  # pixels of the shorter side, and of what networks are to see
WHOLE = ("jitter", "feather", "pad", "crop")  # pixels that are counted, and stay at least one
SMOOTH = ("blur", "blur_end")
SIDES = ("size", "window")


def drafted(tree: Mapping[str, Any], size: tuple[int, int], fps: Fraction) -> dict[str, Any]:
    """A recipe's plain words as those of its draft.

    Both sides shrink to a quarter, or to what leaves the shorter one 64 pixels. Numbers in pixels
    shrink alike where they are constants; those that change, and a preset's, stay. A draft has
    fewer octaves, so that its targets are asked for in all of them.

    Args:
        tree: words as `Parsed.canonical` gives them.
        size: (width, height) of the whole.
        fps: frames a second of the whole; the draft has at most 6.
    """
    part = min(1.0, max(PART, LEAST / min(size)))
    made: dict[str, Any] = _unframed(tree, fps)
    made["size"] = [max(1, round(n * part)) for n in size]
    made["fps"] = str(min(fps, Fraction(FPS)))
    outputs = made.get("output", [])
    outputs = outputs if isinstance(outputs, list) else [outputs]
    for output in outputs:
        if "fps" in output and parse_fps(output["fps"]) > min(fps, Fraction(FPS)):
            del output["fps"]  # the draft itself has no more
    groups = [made.get("inpaint") or {}, *outputs]
    for one in (made, *made.get("scenes", ())):
        for target in one.get("target", ()):
            target.pop("octaves", None)
        ascent = one.get("ascent", {})
        groups.append(ascent)
        for key in ("octaves", "transforms"):
            groups += ascent[key] if isinstance(ascent.get(key), list) else []
    for group in groups:
        group.update({key: _shrunk(key, value, part) for key, value in group.items()})
    return made


def _shrunk(key: str, value: Any, part: float) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if key in WHOLE:
        return max(min(1, value), round(value * part))
    if key in SIDES:
        return max(min(LEAST, value), round(value * part))
    return value * part if key in SMOOTH else value


def _unframed(value: Any, fps: Fraction) -> Any:
    """`value` with every moment that counts frames said in seconds."""
    if isinstance(value, list):
        return [_unframed(v, fps) for v in value]
    if not isinstance(value, dict):
        return value
    moments = ("at", "blend", "length", "every", "transition", "over", "poster")
    found: dict[str, Any] = {
        k: in_seconds(v, fps) if k in moments else _unframed(v, fps) for k, v in value.items()
    }
    cuts = found.get("cuts")
    if isinstance(cuts, list):
        found["cuts"] = [in_seconds(cut, fps) for cut in cuts]
    return found
