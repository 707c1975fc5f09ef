"""What `plan` tells beside numbers: what is dreamt on, how much of a large picture is seen at once,
and what stands in the way on this machine.
"""

from __future__ import annotations

from collections.abc import Iterator

from dreamer.engine.ready import Ready
from dreamer.errors import NetworkError
from dreamer.recipe.facts import ClipFacts
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.plan import Plan
from dreamer.recipe.tiling import SURELY, seen_at_once

SHOTS = 8  # cuts that are told one by one


def notes_of(ready: Ready) -> tuple[str, ...]:
    """All of it, a line each.

    Raises:
        NetworkError: tiles are asked for, and a network looks at the whole picture.
    """
    there = tuple(_not_here(ready.recipe))
    return (
        *there,
        *_of_clip(ready.plan, ready.gathered.facts.clip),
        *(() if there else _of_tiles(ready)),
    )


def _not_here(recipe: Parsed) -> Iterator[str]:
    """What will stand in the way here, though not on another machine."""
    if recipe.words.device != "cuda":
        return
    from dreamer.engine.execution import is_here  # loads torch, so only for such a recipe

    if not is_here("cuda"):
        yield "device: cuda is not to be had on this machine; it cannot render this"


def _of_tiles(ready: Ready) -> Iterator[str]:
    """How networks see a picture that may be too large for the memory there is."""
    plan = ready.plan
    if not plan.targets or (seen_at_once(plan) <= SURELY and not plan.tiles):
        return
    # loads torch and reads weights, so only for large pictures
    from dreamer.engine.tile_size import decided, told

    try:
        yield told(decided(ready), plan, ready.gathered.cards)
    except NetworkError as error:
        if plan.tiles:
            raise
        yield f"how much memory a step takes is not known: {error}"


def _of_clip(plan: Plan, clip: ClipFacts | str | None) -> Iterator[str]:
    """What a person should know of the film or folder that is dreamt on."""
    if plan.clip is None or not isinstance(clip, ClipFacts):
        return
    rate = f" at {float(clip.fps):.6g} a second" if clip.fps is not None else ""
    kind = "pictures" if clip.fps is None else "frames"
    shots = [f"{float(frame / plan.fps):.2f}" for frame in sorted(plan.clip.shots)]
    more = ", …" if len(shots) > SHOTS else ""
    cut = f"cuts at {', '.join(shots[:SHOTS])}{more} s" if shots else "no cuts"
    yield f"source: {clip.width}×{clip.height}, {len(clip.times)} {kind}{rate}; {cut}"
    if clip.others:
        yield f"{clip.others} pictures are of another size than the first; they are fitted to it"
    if clip.light:
        yield f"source: made for bright screens ({clip.light}); its light is toned down"
