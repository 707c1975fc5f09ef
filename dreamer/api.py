"""What a notebook needs: render a recipe, dream on an array, classify."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dreamer.engine.outcome import Outcome


def render(recipe: str | Path, out: str | Path | None = None, **changes: Any) -> Outcome:
    """Render the recipe file `recipe`, as `dreamer render` does.

    Args:
        recipe: a YAML file, or a picture or film that dreamer made.
        out: the folder; renders/<name>-<hash8> unless given.
        changes: keys to change, with `__` for the dot: `ascent__steps=20`.
    """
    import json

    from dreamer.jobs.render import render as job

    overrides = [f"{key.replace('__', '.')}={json.dumps(value)}" for key, value in changes.items()]
    return job(recipe, out=None if out is None else Path(out), overrides=overrides)


def dream(
    image: np.ndarray | str | Path,
    network: str | Mapping[str, Any] = "house",
    target: Any = "inception_4c",
    seed: int = 0,
    **ascent: Any,
) -> np.ndarray:
    """Dream on one picture, without files.

    Args:
        image: `(H, W, 3)` or `(3, H, W)`, float in [0, 1] or uint8; or a picture file.
        network: a catalogue name, or a mapping as in a recipe.
        target: a layer, or targets as in a recipe.
        seed: decides all chance.
        ascent: keys of a recipe's `ascent`: `steps=20`, `preset="deepdream-2015"`.

    Returns: `(H, W, 3)` float32 in [0, 1].

    Raises:
        RecipeError: what cannot be dreamt.
        MediaError: a file that is no picture.
    """
    import torch

    from dreamer.engine.build import build, next_state
    from dreamer.engine.execution import decide, under
    from dreamer.engine.preparing import checked
    from dreamer.recipe.parse import recipe_from_tree

    picture = _as_picture(image)
    height, width = picture.shape[1:]
    tree = {
        "seed": seed,
        "source": {"color": "black"},
        "size": [width, height],
        "network": network,
        "target": target,
        "ascent": ascent,
        "classify": None,
    }
    ready = checked(recipe_from_tree(tree, name="dream"))
    execution = decide()
    with under(execution), torch.no_grad():
        made = build(ready.plan, ready.gathered.cards, seed, execution)
        source = torch.from_numpy(picture)[None].to(execution.device)
        state = next_state(made, ready.plan.at(0), None, source)
    return np.ascontiguousarray(state.image[0].cpu().numpy().transpose(1, 2, 0))


def classify(
    image: np.ndarray | str | Path | Sequence[str | Path], network: str = "house", top: int = 5
) -> list[tuple[str, float]]:
    """The `top` likeliest labels of one picture with their probabilities, likeliest first."""
    from dreamer.engine.execution import decide, under
    from dreamer.engine.facts import card_of
    from dreamer.engine.scores import classifier, ranked
    from dreamer.recipe.facts import NetworkRef

    card, execution = card_of(NetworkRef(name=network)), decide("auto", "float32")
    with under(execution):
        scores = classifier(card, execution)([_as_picture(image)])
    return ranked(scores[0], card.classes, top)


def _as_picture(image: Any) -> np.ndarray:
    """`image` as `(3, H, W)` float32 in [0, 1]."""
    from dreamer.errors import UsageError
    from dreamer.media.pictures import read_picture

    if isinstance(image, str | Path):
        return read_picture(Path(image))
    array = np.asarray(image)
    if array.ndim != 3 or 3 not in (array.shape[0], array.shape[2]):
        raise UsageError(f"expected a picture (H, W, 3) or (3, H, W), not {array.shape}")
    if array.shape[0] != 3:
        array = array.transpose(2, 0, 1)
    scaled = array.astype(np.float32) / (255 if array.dtype == np.uint8 else 1)
    if scaled.min() < 0 or scaled.max() > 1 or not np.isfinite(scaled).all():
        raise UsageError("expected values in [0, 1], or uint8")
    return np.ascontiguousarray(scaled)
