"""What a notebook does with pictures that it holds: dream on one, and say what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dreamer.networks.cards import Card

if TYPE_CHECKING:
    from dreamer.engine.seen import Seen

CANVAS = ("colors", "inpaint", "seamless")  # keys of a recipe that `dream` takes by name


def dream(
    image: np.ndarray | str | Path,
    network: str | Mapping[str, Any] | Card = "house",
    target: Any = "inception_4c",
    seed: int = 0,
    size: int | Sequence[int] | None = None,
    ascent: Mapping[str, Any] | None = None,
    **keys: Any,
) -> np.ndarray:
    """Dream on one picture, without files.

    Args:
        image: `(H, W, 3)` or `(3, H, W)`, float in [0, 1] or uint8; or a picture file.
        network: a catalogue name, a file, a mapping as in a recipe, or a card of a module of yours
            (`dreamer.networks.from_module`).
        target: a layer, or targets as in a recipe.
        seed: decides all chance.
        size: of the result, as in a recipe: the longest side, or width and height; the picture's
            own unless given.
        ascent: a recipe's `ascent`: `{"steps": 20}`.
        keys: the same, a key each: `steps=20`, `preset="deepdream-2015"`; and what a recipe says of
            colours and canvas: `colors={"keep": 1}`, `inpaint={"mask": "left"}`, `seamless=True`.

    Returns: `(H, W, 3)` float32 in [0, 1].

    Raises:
        RecipeError: what cannot be dreamt.
        MediaError: a file that is no picture.
        UsageError: an array that is none.
    """
    import torch

    from dreamer.engine.build import build, next_state
    from dreamer.engine.crossing import finite, require_finite
    from dreamer.engine.execution import decide, under
    from dreamer.engine.preparing import checked
    from dreamer.engine.sources import beginning, fitted
    from dreamer.recipe.parse import recipe_from_tree

    picture = _as_picture(image)
    tree = {
        "seed": seed,
        "source": {"color": "black"},
        "size": _size(size, picture.shape[2], picture.shape[1]),
        "network": network if isinstance(network, str | Mapping) else network.name,
        "target": target,
        "ascent": {**(ascent or {}), **{k: v for k, v in keys.items() if k not in CANVAS}},
        "classify": None,
        **{k: v for k, v in keys.items() if k in CANVAS},
    }
    given = {} if isinstance(network, str | Mapping) else {network.name: network}
    ready = checked(recipe_from_tree(tree, name="dream"), given)
    execution = decide()
    with under(execution), torch.no_grad():
        wanted = (ready.plan.height, ready.plan.width)
        fitting = fitted(torch.from_numpy(picture)[None], wanted, "cover")
        source = beginning(fitting, ready.recipe).to(execution.device)
        made = build(ready.plan, ready.gathered.cards, seed, execution, source)
        state = next_state(made, ready.plan.at(0), None, source)
        require_finite(0, finite(state.image))
    # Highlights that are approached softly may overstep a little.
    result = state.image[0].clamp(0, 1).cpu().numpy()
    return np.ascontiguousarray(result.transpose(1, 2, 0))


def _size(wanted: int | Sequence[int] | None, width: int, height: int) -> Any:
    """Width and height of a picture of `width` and `height` at the size `wanted`."""
    if isinstance(wanted, int | np.integer):
        scale = int(wanted) / max(width, height)
        return [max(1, round(width * scale)), max(1, round(height * scale))]
    return [width, height] if wanted is None else [int(n) for n in wanted]


def classify(
    image: np.ndarray | str | Path,
    network: str | Card = "house",
    top: int = 5,
    classes: Sequence[str] = (),
) -> list[tuple[str, float]]:
    """The `top` likeliest labels of one picture with their probabilities, likeliest first.

    Args:
        image: `(H, W, 3)` or `(3, H, W)`, float in [0, 1] or uint8; or the file of a picture or
            film, or a render's folder. A film's are means over frames a second apart.
        network: a catalogue name, a file, or a card.
        top: how many.
        classes: instead of the likeliest, these, in this order: names of classes and of groups of
            them, `"roses+tulips"` for several added up.

    Raises:
        MediaError: a file that cannot be read.
        UsageError: an array that is no picture, or no such class.
        Stopped: a signal asked for it, in the middle of a film.
    """
    from dreamer.engine.chosen import choose
    from dreamer.engine.execution import decide, under
    from dreamer.engine.lookup import card_of, ref_of
    from dreamer.engine.scores import classifier, ranked

    card = card_of(ref_of(network)) if isinstance(network, str) else network
    chosen = choose([card], classes, "classes")
    if isinstance(image, str | Path):
        seen = _seen(Path(image), card, top, classes)
        if not classes:
            return seen.labels
        pairs = zip(chosen, seen.chosen, strict=True)
        return [(one.name, score) for one, score in pairs if score is not None]
    execution = decide("auto", "float32")
    with under(execution):
        scores = classifier(card, execution)([_as_picture(image)])
    if not classes:
        return ranked(scores[0], card.classes, top)
    sums = [(one.name, one.score(0, scores)) for one in chosen]
    return [(name, round(float(p[0]), 6)) for name, p in sums if p is not None]


def _seen(place: Path, card: Card, top: int, classes: Sequence[str]) -> Seen:
    """What the network of `card` sees in the one thing at `place`."""
    from dreamer.engine.subjects import subjects
    from dreamer.errors import MediaError, Stopped, UsageError
    from dreamer.jobs.classify import classify as job

    if not place.exists():
        raise MediaError(f"no such file: {place}")
    if len(subjects([place])) > 1:
        raise UsageError(f"{place} holds several pictures; dreamer.classify_files takes them all")
    found = job([place], networks=[card], top=top, classes=classes)
    if found.stopped is not None:
        raise Stopped(f"stopped while {place} was looked at", found.stopped)
    for why in found.failed.values():
        raise MediaError(why)
    return found.things[0].seen[0]


def _as_picture(image: Any) -> np.ndarray:
    """`image` as `(3, H, W)` float32 in [0, 1]."""
    from dreamer.errors import UsageError
    from dreamer.media.pictures import read_picture

    if isinstance(image, str | Path):
        return read_picture(Path(image))
    array = np.asarray(image)
    if array.ndim != 3 or 3 not in (array.shape[0], array.shape[2]) or not array.size:
        raise UsageError(f"expected a picture (H, W, 3) or (3, H, W), not {array.shape}")
    if array.shape[0] != 3:
        array = array.transpose(2, 0, 1)
    scaled = array.astype(np.float32) / (255 if array.dtype == np.uint8 else 1)
    if scaled.min() < 0 or scaled.max() > 1 or not np.isfinite(scaled).all():
        raise UsageError("expected values in [0, 1], or uint8")
    return np.ascontiguousarray(scaled)
