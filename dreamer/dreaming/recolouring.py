"""A dream in the colours of another picture: its source's, place by place, or a palette's, as a
whole.

All is done in Oklab, so that light and hue do not leak into each other, and ends in `gamut`, so
that nothing is clipped. A grey picture stays grey, since colour that it does not have would be
made of rounding errors; a grey palette makes grey.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dreamer.dreaming import gamut, oklab

FAINT, PLAIN = 0.003, 0.015  # chroma (root mean square) of what counts as grey, as coloured
MOST_GAIN = 8.0


def kept(dream: Tensor, source: Tensor, strength: float = 1.0) -> Tensor:
    """The dream's lightness with the source's a and b, pixel by pixel.

    Args:
        dream: `(B, 3, H, W)` in [0, 1].
        source: `(B, 3, H, W)` or `(1, 3, H, W)` in [0, 1], of the same size.
        strength: 0 leaves the dream as it is, bit for bit; 1 takes all of the source's colours.

    Returns: `(B, 3, H, W)` in [0, 1].

    Raises:
        ValueError: pictures of different sizes, or a strength out of [0, 1].
    """
    if dream.shape[2:] != source.shape[2:]:
        raise ValueError(
            f"the source must have the dream's size {tuple(dream.shape[2:])}, "
            f"not {tuple(source.shape[2:])}"
        )
    lab = oklab.oklab_of_srgb(dream)
    goal = oklab.oklab_of_srgb(source)[:, 1:].expand_as(lab[:, 1:])
    return recoloured(dream, lab, torch.cat([lab[:, :1], goal], 1), strength, guarded=False)


def by_covariance(image: Tensor, palette: Tensor, strength: float = 1.0) -> Tensor:
    """The picture whose colours have the palette's mean and covariance in Oklab.

    Of all linear maps that do so this one moves colours least: Σ₁^−½ (Σ₁^½ Σ₂ Σ₁^½)^½ Σ₁^−½
    (Pitié & Kokaram, *The linear Monge–Kantorovitch colour mapping*, 2007). It is smooth, so it
    brings out no grain and suits films; the palette may be the source itself, against drift.

    Args:
        image: `(B, 3, H, W)` in [0, 1].
        palette: `(B, 3, h, w)` or `(1, 3, h, w)` in [0, 1], of any size.
        strength: 0 leaves the picture as it is, bit for bit.

    Returns: `(B, 3, H, W)` in [0, 1]. Contrast along no axis grows more than `MOST_GAIN`-fold.

    Raises:
        ValueError: a strength out of [0, 1].
    """
    lab = oklab.oklab_of_srgb(image)
    mean, covariance = moments(lab)
    goal_mean, goal_covariance = moments(oklab.oklab_of_srgb(palette))
    root = _of_eigenvalues(covariance, lambda x: x.clamp(min=1e-10).sqrt())
    inverse = _of_eigenvalues(covariance, lambda x: x.clamp(min=1e-10).rsqrt())
    middle = _of_eigenvalues(root @ goal_covariance @ root, lambda x: x.clamp(min=0).sqrt())
    change = _of_eigenvalues(inverse @ middle @ inverse, lambda x: x.clamp(0, MOST_GAIN))
    # products and sums in float64: matrix units round, and this is 9 numbers a pixel
    flat = (lab.double().flatten(2) - mean[:, :, None])[:, None]
    moved = (change[..., None] * flat).sum(2) + goal_mean[:, :, None]
    return recoloured(image, lab, moved.view(lab.shape).to(lab), strength)


def moments(lab: Tensor) -> tuple[Tensor, Tensor]:
    """Mean `(B, 3)` and covariance `(B, 3, 3)` of the colours of `(B, 3, H, W)`, in float64."""
    flat = lab.double().flatten(2)
    mean = flat.mean(2)
    centred = (flat - mean[:, :, None]).unbind(1)
    rows = [torch.stack([(x * y).mean(1) for y in centred], 1) for x in centred]
    return mean, torch.stack(rows, 1)


def _of_eigenvalues(symmetric: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    values, vectors = torch.linalg.eigh((symmetric + symmetric.mT) / 2)
    out: Tensor = (vectors * function(values)[:, None]) @ vectors.mT
    return out


def recoloured(
    image: Tensor, lab: Tensor, goal: Tensor, strength: float, *, guarded: bool = True
) -> Tensor:
    """`image` `(B, 3, H, W)`, which is `lab` in Oklab, moved to `goal` by the fraction `strength`.

    `guarded` fades the goal's colour out as the whole picture's chroma fades from `PLAIN` to
    `FAINT`; a goal with less chroma than the picture has is never in doubt.

    Raises:
        ValueError: a strength out of [0, 1].
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must be between 0 and 1, not {strength}")
    if strength == 0:
        return image
    if guarded:
        chroma, wanted = (
            x[:, 1:].square().sum(1, keepdim=True).mean((2, 3), keepdim=True).sqrt()
            for x in (lab, goal)
        )
        part = ((chroma - FAINT) / (PLAIN - FAINT)).clamp(0, 1)
        present = torch.where(wanted <= chroma, 1.0, part * part * (3 - 2 * part))
        colour = torch.lerp(lab[:, 1:], goal[:, 1:], present)
        goal = torch.cat([goal[:, :1], colour], 1)
    return gamut.shown(torch.lerp(lab, goal, strength))
