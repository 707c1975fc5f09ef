"""What a classifier's head can be asked for beside `class_logit` and `class_mixture`, in the
network's own terms.

A logit grows without end, and often by what all classes share; a probability is fought for against
all classes and stops pulling once it is won; its logarithm never stops pulling on what is lost;
a margin is fought for against the strongest rival only.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.dreaming.masking import on_grid, weighed
from dreamer.dreaming.objectives import box_mean, wide


def class_probability(
    logits: Tensor,
    classes: Tensor,
    weights: Tensor,
    window: int | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Σ wₖ · mean over parts of p(class k), `(B,)`.

    Args:
        logits: `(B, classes, h, w)`, the head applied at every position.
        classes: numbers of the classes, `(k,)` int64 on the same device.
        weights: `(k,)`, one for each of them; negative ones suppress.
        window: side of a part in positions, odd; `None` for the whole picture, which makes it
            what the network answers after its global mean.
        mask: `(1 or B, 1, H, W)` in [0, 1], weighs parts by their middles; of the whole picture,
            the positions it is the mean of.

    Raises:
        ValueError: weights of another number than classes, or a window of even side.
    """
    parts = _parts(logits, classes, weights, window, mask)
    return _added(torch.softmax(parts, 1)[:, classes], weights, window, mask, logits)


def class_log_probability(
    logits: Tensor,
    classes: Tensor,
    weights: Tensor,
    window: int | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Σ wₖ · mean over parts of log p(class k), `(B,)`: minus the cross-entropy. As
    `class_probability`.
    """
    parts = _parts(logits, classes, weights, window, mask)
    return _added(torch.log_softmax(parts, 1)[:, classes], weights, window, mask, logits)


def class_margin(
    logits: Tensor,
    classes: Tensor,
    weights: Tensor,
    window: int | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Σ wₖ · mean over parts of the logit of class k over that of its strongest rival, `(B,)`
    (Carlini & Wagner, 2017); above 0 where the class has won. As `class_probability`.

    Raises:
        ValueError: also for a head of one class, which has no rival.
    """
    count = logits.shape[1]
    if count < 2:
        raise ValueError("a head of one class has no rival to be ahead of")
    parts = _parts(logits, classes, weights, window, mask)
    own = classes[:, None] == torch.arange(count, device=classes.device)
    rivals = parts[:, None].masked_fill(own[None, :, :, None, None], -torch.inf).amax(2)
    return _added(parts[:, classes] - rivals, weights, window, mask, logits)


def _parts(
    logits: Tensor, classes: Tensor, weights: Tensor, window: int | None, mask: Tensor | None
) -> Tensor:
    """The logits of parts: `(B, classes, h, w)`, or `(B, classes, 1, 1)` of the whole."""
    if classes.shape != weights.shape:
        raise ValueError(
            f"classes {tuple(classes.shape)} and weights {tuple(weights.shape)} must be as many"
        )
    everywhere = wide(logits)
    if window is not None:
        if window < 1 or window % 2 == 0:
            raise ValueError(f"the window's side is odd and at least 1, not {window}")
        return box_mean(everywhere, window)
    if mask is None:
        return everywhere.mean((2, 3), keepdim=True)
    share = on_grid(mask, everywhere).sum((1, 2)).clamp(min=torch.finfo(everywhere.dtype).eps)
    return (weighed(everywhere, mask).sum((2, 3)) / share[:, None])[:, :, None, None]


def _added(
    values: Tensor, weights: Tensor, window: int | None, mask: Tensor | None, logits: Tensor
) -> Tensor:
    """Σ wₖ of the values' means `(B, k, h, w)`; what was masked before is weighed by the mask's
    mean.
    """
    if window is not None:
        return (weighed(values, mask).mean((2, 3)) * weights).sum(1)
    whole = (values[:, :, 0, 0] * weights).sum(1)
    return whole if mask is None else whole * on_grid(mask, logits).mean((1, 2))
