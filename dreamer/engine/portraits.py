"""What a network takes each of its classes or channels to be: many pictures climbed at once, each
towards its own, by two parameterisations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from dreamer.draw.noise import NOISES
from dreamer.dreaming import ascent, colour, fourier, priors, randomness
from dreamer.dreaming.objectives import Activations, Tap, Term
from dreamer.engine.execution import Execution
from dreamer.engine.perceive import cut, normaliser
from dreamer.networks.cards import Card
from dreamer.networks.trace import LOGITS, Point

Score = Callable[[Tensor, Tensor], Tensor]  # pictures, what each is to show → how much it does
SCORE = Tap("", "score")
SCORED = Term((SCORE,), (0,), lambda seen, weights: weights[0] * seen[SCORE])
AT_ONCE = 16
STEPS, STEP, FALLOFF, REACH = 60, 3.0, 0.9, 8  # of pixels; STEP in 8-bit levels
RATE, ROUNDS = 0.03, 100  # of Fourier coefficients, as lucid has them


def class_score(card: Card, execution: Execution) -> Score:
    """The logit of each picture's class, plus its log-probability beside all others."""
    network, normalised = cut(card, [Point(LOGITS)], execution), normaliser(card, execution)

    def score(pictures: Tensor, classes: Tensor) -> Tensor:
        (logits,) = network(normalised(pictures))
        mean = logits.float().mean((2, 3))
        surely = torch.log_softmax(mean, 1)
        wanted: Tensor = (mean + surely).gather(1, classes[:, None])[:, 0]
        return wanted

    return score


def channel_score(card: Card, layer: str, execution: Execution) -> Score:
    """The mean of each picture's channel of `layer`, beside the mean of all channels."""
    network, normalised = cut(card, [Point(layer)], execution), normaliser(card, execution)

    def score(pictures: Tensor, channels: Tensor) -> Tensor:
        (activation,) = network(normalised(pictures))
        mean = activation.float().mean((2, 3))
        wanted: Tensor = mean.gather(1, channels[:, None])[:, 0] - 0.1 * mean.mean(1)
        return wanted

    return score


def _scored(score: Score, classes: Tensor, pictures: Tensor) -> Activations:
    return {SCORE: score(pictures, classes)}


def _shift(seed: int, start: int, number: int) -> Sequence[int]:
    return randomness.integers(2, -REACH, REACH, seed, start, 0, number)


def climbed(score: Score, shown: Sequence[int], side: int, seed: int) -> Tensor:
    """Pixel ascent with a 1/f-weighted gradient along natural colours, from soft noise.

    Args:
        score: what to climb.
        shown: what each picture is to show: numbers that `score` knows.
        side: of the pictures, in pixels.
        seed: decides all chance.

    Returns: `(len(shown), 3, side, side)` in [0, 1].
    """
    done, waves, axes = [], priors.wavenumbers((side, side)), colour.natural_axes()

    def shape(slope: Tensor, falloff: Tensor) -> Tensor:
        return priors.by_deviation(
            colour.along_natural_colours(priors.falloff(slope, falloff, waves), axes)
        )

    for start in range(0, len(shown), AT_ONCE):
        mine = torch.tensor(shown[start : start + AT_ONCE])
        begun = [NOISES["plasma"](side, side, seed + start + k) for k in range(len(mine))]
        image = 0.5 + 0.35 * (torch.cat(begun) - 0.5)
        for number in range(STEPS):
            fading = STEP * (1 - 0.7 * number / STEPS)
            image = ascent.step(
                image,
                ascent.controls(_shift(seed, start, number), fading, FALLOFF, (1.0,)),
                perceive=partial(_scored, score, mine),
                terms=(SCORED,),
                shape=shape,
                add=colour.add_softly,
            )
        done.append(image.clamp(0, 1))
    return torch.cat(done)


def fourier_climbed(score: Score, shown: Sequence[int], side: int, seed: int) -> Tensor:
    """Adam on decorrelated Fourier coefficients, with lucid's rate; arguments as `climbed`."""
    done, size = [], (side, side)
    for start in range(0, len(shown), AT_ONCE):
        mine = torch.tensor(shown[start : start + AT_ONCE])
        generator = torch.Generator().manual_seed(seed + start)
        waves = fourier.begin(len(mine), size, generator).requires_grad_(True)
        optimiser = torch.optim.Adam([waves], RATE)
        for number in range(ROUNDS):
            shift = _shift(seed, start, number)
            optimiser.zero_grad()
            with torch.enable_grad():
                image = ascent.rolled(fourier.decode(waves, size), torch.tensor(shift))
                torch.autograd.backward(-score(image, mine).sum())
            optimiser.step()
        done.append(fourier.decode(waves.detach(), size))
    return torch.cat(done)


PARAMETERISATIONS = {"pixels": climbed, "fourier": fourier_climbed}
