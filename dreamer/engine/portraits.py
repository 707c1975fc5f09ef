"""What a network takes each of its classes to be: many class pictures climbed at once, each its
own, by two parameterisations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from dreamer.draw.noise import NOISES
from dreamer.dreaming import ascent, colour, fourier, priors, randomness

Logits = Callable[[Tensor], Tensor]
AT_ONCE = 16
CLIMB = {"steps": 60.0, "step": 3.0, "falloff": 0.9, "jitter": 8.0}
RATE, ROUNDS = 0.03, 100


def _wanted(logits: Tensor, classes: Tensor) -> Tensor:
    """The logit of each picture's own class, beside what all others have together."""
    mean = logits.float().mean((2, 3))
    own = mean.gather(1, classes[:, None])[:, 0]
    return own + torch.log_softmax(mean, 1).gather(1, classes[:, None])[:, 0]


def climbed(logits: Logits, classes: Sequence[int], side: int, seed: int) -> Tensor:
    """Pixel ascent with a 1/f-weighted gradient along natural colours, from soft noise.

    Args:
        logits: pictures `(B, 3, H, W)` in [0, 1] → `(B, classes, h, w)`, differentiable.
        classes: what each picture is to show.
        side: of the pictures, in pixels.
        seed: decides all chance.

    Returns: `(len(classes), 3, side, side)` in [0, 1].
    """
    done = []
    for start in range(0, len(classes), AT_ONCE):
        mine = torch.tensor(classes[start : start + AT_ONCE])
        begun = [NOISES["plasma"](side, side, seed + start + k) for k in range(len(mine))]
        image = 0.5 + 0.35 * (torch.cat(begun) - 0.5)
        for number in range(int(CLIMB["steps"])):
            reach = int(CLIMB["jitter"])
            shift = torch.tensor(
                randomness.integers(2, -reach, reach, seed, start, 0, number), dtype=torch.float32
            )
            moved = ascent.rolled(image, shift).requires_grad_(True)
            with torch.enable_grad():
                wanted = _wanted(logits(moved), mine).sum()
                (slope,) = torch.autograd.grad(wanted, moved)
            slope = priors.falloff(slope, CLIMB["falloff"], side / 2)
            slope = priors.by_deviation(colour.along_natural_colours(slope))
            fading = CLIMB["step"] / 255 * (1 - 0.7 * number / CLIMB["steps"])
            image = ascent.rolled(colour.add_softly(moved.detach(), slope * fading), -shift)
        done.append(image.clamp(0, 1))
    return torch.cat(done)


def fourier_climbed(logits: Logits, classes: Sequence[int], side: int, seed: int) -> Tensor:
    """Adam on decorrelated Fourier coefficients, with lucid's rate; arguments as `climbed`."""
    done = []
    for start in range(0, len(classes), AT_ONCE):
        mine = torch.tensor(classes[start : start + AT_ONCE])
        generator = torch.Generator().manual_seed(seed + start)
        waves = fourier.begin(len(mine), (side, side), generator).requires_grad_(True)
        optimiser = torch.optim.Adam([waves], RATE)
        for number in range(ROUNDS):
            shift = torch.tensor(
                randomness.integers(2, -8, 8, seed, start, 1, number), dtype=torch.float32
            )
            optimiser.zero_grad()
            with torch.enable_grad():
                image = ascent.rolled(fourier.decode(waves, (side, side)), shift)
                torch.autograd.backward(-_wanted(logits(image), mine).sum())
            optimiser.step()
        done.append(fourier.decode(waves.detach(), (side, side)))
    return torch.cat(done)


PARAMETERISATIONS = {"pixels": climbed, "fourier": fourier_climbed}
