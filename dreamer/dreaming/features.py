"""What an activation is like: a neuron, a direction among the channels, the features of another
picture.

Every comparison is a map of places first, so that a mask may weigh it (`masking`); only where a
formula is over a whole layer (`caricature`, `style`) does the mask enter its sums. What has places
of its own (a reference picture, a mask, a neuron) must be rolled as the picture is: the caller
passes it as it lies under the picture now.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.dreaming.masking import CENTRE, Place, averaged, on_grid, rooted, summed
from dreamer.dreaming.objectives import wide

LEAST_COSINE = 0.1  # lucid's: what points elsewhere is still pulled, a little
TINY = 1e-4  # lucid's; beside lengths, so that silent places have a cosine of 0
AT_ONCE = 1 << 24  # dot products held at a time while looking for the best column


def neuron(activation: Tensor, place: Place = CENTRE, mask: Tensor | None = None) -> Tensor:
    """The channels' mean at one place (lucid's `neuron` for one channel), `(B,)`.

    Args:
        activation: `(B, C, h, w)`, of the channels meant.
        place: fractions of height and width in [0, 1); the default is lucid's centre.
        mask: `(1 or B, 1, H, W)` in [0, 1].

    Raises:
        ValueError: a place outside the picture.
    """
    return averaged(wide(activation).mean(1), mask, place)


def direction(
    activation: Tensor,
    vector: Tensor,
    exponent: float = 0.0,
    place: Place | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The mean over places, or at one, of a·v · max(0.1, cos(a, v))ᵖ (lucid's `direction`,
    Carter et al., *Activation Atlas*, 2019).

    The dot product alone is raised as well by what is merely loud in some of the channels; with
    p of 1 to 4 the activation has to point where the vector does.

    Args:
        activation: `(B, C, h, w)`.
        vector: `(C,)`, or each picture's own `(B, C)`, or another at each place `(B, C, h, w)`.
        exponent: p, 0 or more.
        place: fractions of height and width in [0, 1).
        mask: `(1 or B, 1, H, W)` in [0, 1].

    Returns: `(B,)`.

    Raises:
        ValueError: a vector of another number of channels, or a negative exponent.
    """
    here = wide(activation)
    dot, cosine = _compared(here, _field(vector, here))
    return averaged(_sharpened(dot, cosine, exponent), mask, place)


def cosine(
    activation: Tensor,
    vector: Tensor,
    place: Place | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The mean cosine of activation and vector (lucid's `direction_cossim`), in [−1, 1]; arguments
    as `direction`.
    """
    here = wide(activation)
    return averaged(_compared(here, _field(vector, here))[1], mask, place)


def guide(activation: Tensor, reference: Tensor, mask: Tensor | None = None) -> Tensor:
    """Σ over places of the largest dot product with a feature column of the guide, `(B,)`.

    The gradient at each place is the guide's best matching column, which is how the 2015 notebook
    has it: the dream grows the guide's things, each where something like it already is.

    Args:
        activation: `(B, C, h, w)`.
        reference: `(1 or B, C, h', w')`, the same layer of the guide; its size may differ.
        mask: `(1 or B, 1, H, W)` in [0, 1].

    Raises:
        ValueError: a guide of another number of channels, or of another batch.
    """
    here = wide(activation)
    _same_channels(here, reference, "guide")
    columns = reference.detach().to(here).flatten(2)
    best = torch.stack(
        [
            columns[k % len(columns)].index_select(1, _best(one, columns[k % len(columns)]))
            for k, one in enumerate(here.detach().flatten(2))
        ]
    )
    return summed((here * best.view_as(here)).sum(1), mask)


def _best(activation: Tensor, columns: Tensor) -> Tensor:
    """For each of `(C, places)` the number of the column of `(C, n)` with the largest dot product.

    A few places at a time, since all products of a large picture and guide would fill the memory.
    """
    at_once = max(1, AT_ONCE // columns.shape[1])
    return torch.cat([(part.T @ columns).argmax(1) for part in torch.split(activation, at_once, 1)])


def gram(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """Which features go together, wherever they are: the mean over places of a aᵀ, `(B, C, C)`.

    Gatys, Ecker, Bethge, 2016. Places are averaged, so that pictures of other sizes compare; with
    a mask they are averaged as it weighs them, which makes it the masked region's.
    """
    here = wide(activation)
    columns = rooted(here, mask).flatten(2)
    products = columns @ columns.mT
    if mask is None:
        return products / columns.shape[2]
    share = on_grid(mask, here).sum((1, 2)).clamp(min=torch.finfo(here.dtype).eps)
    return products / share[:, None, None]


def style(activation: Tensor, reference: Tensor, mask: Tensor | None = None) -> Tensor:
    """−‖G − R‖² / ‖R‖², `(B,)`: how near the Gram matrix is to that of a guide; 0 is the same.

    Divided by the guide's own, so that layers weigh alike; times the mask's mean, so that a place
    is pulled no harder because there are few of them.

    Args:
        activation: `(B, C, h, w)`.
        reference: the same layer of the guide, `(1 or B, C, h', w')`, or `gram` of it,
            `(1 or B, C, C)`.
        mask: `(1 or B, 1, H, W)` in [0, 1].

    Raises:
        ValueError: a Gram matrix of another number of channels, or of another batch.
    """
    batch, channels = activation.shape[:2]
    if reference.dim() == 4:
        _same_channels(activation, reference, "guide")
        reference = gram(reference.detach())
    if reference.dim() != 3 or reference.shape[1:] != (channels, channels):
        raise ValueError(
            f"the Gram matrix of {channels} channels is (1 or B, {channels}, {channels}), not "
            f"{tuple(reference.shape)}"
        )
    if reference.shape[0] not in (1, batch):
        raise ValueError(f"{reference.shape[0]} Gram matrices do not fit {batch} pictures")
    found = gram(activation, mask)
    wanted = reference.detach().to(found)
    value = -_relative((found - wanted).square(), wanted)
    return value if mask is None else value * on_grid(mask, activation).mean((1, 2))


def inversion(activation: Tensor, reference: Tensor, mask: Tensor | None = None) -> Tensor:
    """−‖a − r‖² / ‖r‖², `(B,)`: the picture as far as this layer kept it (Mahendran & Vedaldi,
    2015); 0 is reached.

    Args:
        activation: `(B, C, h, w)`.
        reference: `(1 or B, C, h, w)`, the same layer of the picture to reconstruct.
        mask: `(1 or B, 1, H, W)` in [0, 1]; ‖r‖² stays the whole picture's.

    Raises:
        ValueError: a reference of another shape.
    """
    here = wide(activation)
    wanted = _beside(here, reference, "reference")
    away = rooted(here - wanted, mask).square()
    return -_relative(away, wanted)


def caricature(
    activation: Tensor, reference: Tensor, exponent: float = 1.0, mask: Tensor | None = None
) -> Tensor:
    """(a·r / places) · max(0.1, cos(a, r))ᵖ over the whole layer, `(B,)` (lucid's `dot_compare`,
    *Caricatures*): the picture's own features, and more of them.

    Unlike `inversion` it does not end at the picture. The cosine is a true one, where lucid's
    recipe divides by the reference's length only. For each place by itself, give `direction` the
    reference. Arguments and errors as `inversion`.
    """
    here = wide(activation)
    wanted = _beside(here, reference, "reference").expand_as(here)
    dot, cosine = _compared(rooted(here, mask).flatten(1), rooted(wanted, mask).flatten(1))
    places = activation.shape[2] * activation.shape[3]
    return _sharpened(dot / places, cosine, exponent)


def difference(activation: Tensor, other: Tensor, mask: Tensor | None = None) -> Tensor:
    """The mean of |a − b|, `(B,)`: where two networks of one architecture, or two layers of one
    shape, see most differently (lucid's `activation_difference`).

    Both follow the picture. Raises `ValueError` if their shapes differ.
    """
    if activation.shape != other.shape:
        raise ValueError(
            f"activations {tuple(activation.shape)} and {tuple(other.shape)} have no difference"
        )
    return averaged((wide(activation) - wide(other)).abs().mean(1), mask)


def _relative(squares: Tensor, wanted: Tensor) -> Tensor:
    """Sums of squares beside those of what is wanted; a reference of nothing divides by little."""
    whole = wanted.square().flatten(1).sum(1).clamp(min=torch.finfo(wanted.dtype).eps)
    return squares.flatten(1).sum(1) / whole


def _compared(here: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Dot product and cosine along dimension 1."""
    dot = (here * wanted).sum(1)
    lengths = (TINY + torch.linalg.vector_norm(here, dim=1)) * (
        TINY + torch.linalg.vector_norm(wanted, dim=1)
    )
    return dot, dot / lengths


def _sharpened(dot: Tensor, cosine: Tensor, exponent: float) -> Tensor:
    if exponent < 0:
        raise ValueError(f"the cosine's exponent is 0 or more, not {exponent:g}")
    return dot * cosine.clamp(min=LEAST_COSINE).pow(exponent) if exponent else dot


def _field(vector: Tensor, here: Tensor) -> Tensor:
    """A direction as `(1 or B, C, 1 or h, 1 or w)`."""
    field = vector.detach().to(here)
    if field.dim() == 4:
        return _beside(here, field, "direction")
    if field.dim() == 1:
        field = field[None]
    _same_channels(here, field, "direction")
    return field[:, :, None, None]


def _beside(activation: Tensor, reference: Tensor, what: str) -> Tensor:
    """The reference as the activation's dtype, if it lies on the same grid."""
    _same_channels(activation, reference, what)
    if reference.shape[2:] != activation.shape[2:]:
        raise ValueError(
            f"the {what} has {tuple(reference.shape[2:])} places, the picture "
            f"{tuple(activation.shape[2:])}: both must have one size"
        )
    return reference.detach().to(activation)


def _same_channels(activation: Tensor, reference: Tensor, what: str) -> None:
    batch, channels = activation.shape[:2]
    if reference.dim() < 2 or reference.shape[1] != channels:
        raise ValueError(
            f"the {what} has the shape {tuple(reference.shape)}, and the layer {channels} channels"
        )
    if reference.shape[0] not in (1, batch):
        raise ValueError(f"{reference.shape[0]} of {what} do not fit {batch} pictures")
