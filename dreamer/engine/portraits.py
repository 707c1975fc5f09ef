"""What a network takes its classes, channels and layers to be: many pictures climbed at once, each
towards its own, by two parameterisations.

Chance is each picture's own: a picture begins as its seed says, wherever in a batch it lies and
whatever lies beside it, and all are shifted alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from dreamer.draw.noise import NOISES
from dreamer.dreaming import climb, colour, fourier, objectives, optimisers, priors, randomness
from dreamer.dreaming.objectives import Tap
from dreamer.dreaming.optimisers import Optimiser
from dreamer.dreaming.parameterisation import Parameters, batched
from dreamer.engine.deviations import of_taps
from dreamer.engine.execution import Execution
from dreamer.engine.perceive import cut, normaliser
from dreamer.networks.cards import Card
from dreamer.networks.trace import LOGITS, Point

Score = Callable[[Tensor, Tensor], Tensor]  # pictures, what each is to show → how much it does
Where = Sequence[int | str]
AT_ONCE = 16  # on a processor, whose caches more would not fit
AT_ONCE_CUDA = 64
STEPS, STEP, FALLOFF, REACH = 60, 3 / 255, 0.9, 8  # of pixels
HOLD = 0.01  # a channel that sees only how dark it is shows that, and more than black
RATE, ROUNDS = 0.05, 100  # of Fourier coefficients, as lucid has them


def at_once(execution: Execution) -> int:
    """How many pictures make a batch."""
    return AT_ONCE_CUDA if execution.device.startswith("cuda") else AT_ONCE


def megapixel_steps(way: str, side: int) -> float:
    """The work of a picture of `side` pixels that is made in the way `way`."""
    return side * side * (ROUNDS if way == "fourier" else STEPS) / 1e6


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


def channel_score(card: Card, point: Point, execution: Execution) -> Score:
    """The mean of each picture's channel at `point`, beside the mean of all channels."""
    network, normalised = cut(card, [point], execution), normaliser(card, execution)

    def score(pictures: Tensor, channels: Tensor) -> Tensor:
        (activation,) = network(normalised(pictures))
        mean = activation.float().mean((2, 3))
        wanted: Tensor = mean.gather(1, channels[:, None])[:, 0] - 0.1 * mean.mean(1)
        return wanted

    return score


def layer_score(card: Card, point: Point, execution: Execution) -> Score:
    """What stands out at `point`, all channels together, as dreams amplify a layer; what a picture
    is to show is not asked.
    """
    network, normalised = cut(card, [point], execution), normaliser(card, execution)
    tap = Tap(card.name, point.layer, point.before)
    std = of_taps({card.name: card}, [tap], execution)[tap]

    def score(pictures: Tensor, _: Tensor) -> Tensor:
        (activation,) = network(normalised(pictures))
        return objectives.standing_out(activation, std)

    return score


def _shifted(score: Score, shown: Tensor, where: Where, number: int, pictures: Tensor) -> Tensor:
    """`score` of what step `number` sees. How far it shifts are numbers of the host, which no
    device is handed by a copy.
    """
    shift = randomness.integers(2, -REACH, REACH, *where, number)
    return score(torch.roll(pictures, shift, (2, 3)), shown)


def _after(
    sizes: Sequence[float],
    parameters: Parameters,
    picture: Callable[[Parameters], Tensor],
    optimiser: Optimiser,
    score: Callable[[int, Tensor], Tensor],
    on_step: Callable[[], None],
    shape: Callable[[Tensor], Tensor] = lambda slope: slope,
    settle: Callable[[Tensor, Tensor], Tensor] = lambda before, after: after,
) -> Tensor:
    """The pictures after a step of each of `sizes`; `score(number of the step, pictures)` is
    climbed, and the rest is as `climb.step` has it.
    """
    states = optimisers.begun(optimiser, parameters)
    for number, size in enumerate(sizes):
        on_step()
        parameters, states, _ = climb.step(
            parameters,
            states,
            size,
            picture=picture,
            slope=climb.whole(partial(score, number)),
            shape=shape,
            optimiser=optimiser,
            settle=settle,
        )
    return picture(parameters).clamp(0, 1)


def by_size(gradient: Tensor) -> Tensor:
    """`gradient` over its root mean square, of each picture, `(B, 3, H, W)`: one that would only
    have all pixels lighter has no deviation to divide by, and would end in white at once.
    """
    return gradient / gradient.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-20)


def climbed(
    score: Score,
    shown: Sequence[int],
    seeds: Sequence[int],
    side: int,
    where: Where,
    execution: Execution,
    on_step: Callable[[], None] = lambda: None,
    size: Callable[[Tensor], Tensor] = priors.by_deviation,
    hold: float = 0.0,
) -> Tensor:
    """Pixel ascent with a 1/f-weighted gradient along natural colours, from soft noise.

    Args:
        score: what to climb.
        shown: what each picture is to show: numbers that `score` knows.
        seeds: which noise each picture begins with.
        side: of the pictures, in pixels.
        where: decides with a step's number how far all pictures are shifted in it.
        execution: on what device.
        on_step: told before each step; may raise to stop.
        size: what a gradient is divided by.
        hold: part of a picture's drift from its first mean and deviation taken back each step.

    Returns: `(len(shown), 3, side, side)` in [0, 1], on the device.
    """
    device = execution.device
    waves = priors.wavenumbers((side, side)).to(device)
    axes = colour.natural_axes().to(device)
    begun = torch.cat([NOISES["plasma"](side, side, seed) for seed in seeds])
    image = (0.5 + 0.35 * (begun - 0.5)).to(device)
    anchor = colour.statistics(image)

    def shape(slope: Tensor) -> Tensor:
        return size(colour.along_natural_colours(priors.falloff(slope, FALLOFF, waves), axes))

    def settle(before: Tensor, after: Tensor) -> Tensor:
        return colour.hold(colour.add_softly(before, after - before), anchor, hold)

    return _after(
        [STEP * (1 - 0.7 * k / STEPS) for k in range(STEPS)],
        (image,),
        lambda parameters: parameters[0],
        optimisers.plain(),
        partial(_shifted, score, torch.tensor(shown, device=device), where),
        on_step,
        shape,
        settle,
    )


def fourier_climbed(
    score: Score,
    shown: Sequence[int],
    seeds: Sequence[int],
    side: int,
    where: Where,
    execution: Execution,
    on_step: Callable[[], None] = lambda: None,
) -> Tensor:
    """Adam on decorrelated Fourier coefficients, as lucid has it; arguments as `climbed`."""
    device = execution.device
    way = fourier.fourier((side, side), device)
    return _after(
        [RATE] * ROUNDS,
        batched([way.start(seed) for seed in seeds]),
        way.picture,
        optimisers.adam(),
        partial(_shifted, score, torch.tensor(shown, device=device), where),
        on_step,
    )


PARAMETERISATIONS: dict[str, Callable[..., Tensor]] = {
    "pixels": partial(climbed, size=by_size, hold=HOLD),
    "fourier": fourier_climbed,
}
