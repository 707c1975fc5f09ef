"""The first picture of a render: noise, a drawing, a colour, or a picture of the user's."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.draw.motifs.scene import scene
from dreamer.draw.noise import NOISES
from dreamer.draw.procedural import PROCEDURALS
from dreamer.dreaming.randomness import integers, normals
from dreamer.dreaming.seamless import tileable
from dreamer.engine.footage import frames_of
from dreamer.media.pictures import read_picture
from dreamer.recipe.colors import rgb
from dreamer.recipe.parsed import Parsed

GRAIN = 1 / 255


def first_picture(
    recipe: Parsed,
    size: tuple[int, int],
    picture: Path | None,
    frame: int = 0,
    margin: tuple[int, int] = (0, 0),
) -> Tensor:
    """The source of `recipe` at (height, width) `size`, `(1, 3, H, W)` float32 in [0, 1].

    `picture` is where the picture of an `image:` source lies, which is continued by reflection in
    the rows and columns of `margin` at each edge; or the film or folder that is dreamt on, of which
    the first frame wanted is number `frame`.
    """
    source, seed = recipe.words.source, recipe.words.seed
    height, width = size
    if source.color is not None:
        color = torch.tensor(rgb(source.color))[None, :, None, None]
        return color.expand(1, 3, height, width).contiguous()
    if source.class_ is not None:
        return scene(source.class_, 1, size, torch.Generator().manual_seed(seed), calm=True)
    if source.procedural is not None:
        return PROCEDURALS[source.procedural](height, width, seed)
    if source.video is not None or source.folder is not None:
        assert picture is not None
        with closing(frames_of(picture, [frame])) as frames:
            return fitted(torch.from_numpy(next(frames))[None], size, source.fit)
    if source.image is not None:
        assert picture is not None
        inner = (height - 2 * margin[0], width - 2 * margin[1])
        found = fitted(torch.from_numpy(read_picture(picture))[None], inner, source.fit)
        return found if margin == (0, 0) else mirrored(found, size)
    assert source.noise is not None
    noise = NOISES[source.noise](height, width, seed)
    return noise if source.contrast is None else spread(noise, source.contrast)


def first_pictures(
    recipe: Parsed,
    size: tuple[int, int],
    picture: Path | None,
    frame: int = 0,
    margin: tuple[int, int] = (0, 0),
) -> Tensor:
    """The sources of all samples, `(B, 3, H, W)` float32 in [0, 1]: noise and drawings by a seed
    of each, others the same but for a grain of `GRAIN`, which lets them part.
    """
    seed = recipe.words.seed
    found = [first_picture(recipe, size, picture, frame, margin)]
    for k in range(1, recipe.words.samples):
        own = recipe.words.model_copy(update={"seed": integers(1, 0, 2**31, seed, "sample", k)[0]})
        made = first_picture(replace(recipe, words=own), size, picture, frame, margin)
        grain = GRAIN * normals(tuple(made.shape), seed, "grain", k)
        found.append((made + grain).clamp(0, 1))
    return beginning(torch.cat(found), recipe)


def beginning(pictures: Tensor, recipe: Parsed) -> Tensor:
    """`pictures` `(B, 3, H, W)` as `recipe` begins with them: tiling, if its dream is to tile."""
    return tileable(pictures).clamp(0, 1) if recipe.words.seamless else pictures


def spread(noise: Tensor, contrast: float) -> Tensor:
    """`noise` with the standard deviation `contrast` about its mean, bent into [0, 1] without
    clipping.
    """
    mean = noise.mean((2, 3), keepdim=True)
    scaled = (noise - mean) / noise.std().clamp(min=1e-6) * contrast
    return mean + torch.where(scaled > 0, 1 - mean, mean) * torch.tanh(
        scaled / torch.where(scaled > 0, 1 - mean, mean)
    )


def fitted(picture: Tensor, size: tuple[int, int], fit: str) -> Tensor:
    """`picture` `(1, 3, h, w)` at `size`: `cover` crops, `contain` mirrors beyond its edges,
    `stretch` distorts.
    """
    height, width = size
    if picture.shape[2:] == size:
        return picture
    ratios = (height / picture.shape[2], width / picture.shape[3])
    if fit == "stretch":
        return _resized(picture, size)
    scale = max(ratios) if fit == "cover" else min(ratios)
    inner = tuple(
        (max if fit == "cover" else min)(wanted, max(1, round(n * scale)))
        for wanted, n in zip(size, picture.shape[2:], strict=True)
    )
    resized = _resized(picture, (inner[0], inner[1]))
    if fit == "cover":
        top, left = (inner[0] - height) // 2, (inner[1] - width) // 2
        return resized[:, :, top : top + height, left : left + width].contiguous()
    return mirrored(resized, size)


def mirrored(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """`picture` `(1, 3, h, w)` in the middle of (height, width) `size`, continued by reflection."""
    rows, columns = (_mirrored(n, m) for n, m in zip(size, picture.shape[2:], strict=True))
    return picture[:, :, rows][:, :, :, columns].contiguous()


def _mirrored(wanted: int, given: int) -> Tensor:
    """Indices that continue `given` pixels by reflection to `wanted`, centred."""
    places = np.arange(wanted) - (wanted - given) // 2
    folded = places % (2 * given)
    return torch.from_numpy(np.where(folded < given, folded, 2 * given - 1 - folded))


def _resized(picture: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(picture, size=size, mode="bicubic", antialias=True).clamp(0, 1)
