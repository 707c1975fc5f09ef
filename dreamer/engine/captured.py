"""Steps of pixels that are recorded once and run again: what the host has to say to a GPU for one
of them, some hundred kernels, is said once a render and not forty times a frame.

A recorded step works on tensors that stay where they are: the picture, what the optimiser
remembers, the numbers of the step, and what the frame gives. Whatever else it reads stays as it is.
It computes what the step computes, so that it makes no difference to bytes whether one is recorded;
where it cannot be, steps run each by itself, and the reason is told once.
"""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict
from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, Protocol

import torch
from torch import Tensor

from dreamer.dreaming.optimisers import State
from dreamer.engine.outside import Uncapturable
from dreamer.engine.recorders import Run

if TYPE_CHECKING:
    from dreamer.engine.slopes import Standing
    from dreamer.engine.steps import Steps

log = logging.getLogger("dreamer")
WORTH = 4  # steps alike, of all frames so far, from which on recording costs less than it saves
MOST = 32  # recordings of a render that are kept
FEW = 16  # steps a recording, of so many recordings: frames do not repeat themselves


class Recorder(Protocol):
    """`record(run)` gives what does again, on the same tensors, what `run` does; `run` is done at
    least once for it, and what that leaves in those tensors is of no meaning. `ahead(pixels)` is
    told after each step, and may wait so that the host does not run away.

    Raises (`record`):
        Uncapturable: that cannot be.
    """

    name: str

    def record(self, run: Run) -> Run: ...

    def ahead(self, pixels: int) -> None: ...


class Kind(NamedTuple):
    """What steps must have in common to be one recording."""

    owner: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    led: bool
    shifted: bool
    fallen: bool
    sigma: float
    costs: tuple[float, ...]
    standing: tuple[tuple[Standing, tuple[int, ...], tuple[int, ...], torch.dtype], ...]


class _Recorded:
    """One recording: a step over tensors of its own.

    Args:
        steps: such steps, which it learns from.
        number: which of theirs it is like.
        picture: such a picture.
        standing: what they see of the frame.
    """

    def __init__(
        self, steps: Steps, number: int, picture: Tensor, standing: Mapping[Standing, Tensor]
    ) -> None:
        self.picture = picture.clone()
        self.states = _cloned(steps.states)
        self.row = steps.numbers[number].clone()
        self.standing = {name: x.clone() for name, x in standing.items()}
        self.attribution = steps.attributed(picture).clone() if steps.ascent.attributed else None
        self._loaded: dict[Standing, tuple[Tensor, int]] = {}
        self._number = number
        rows = self.row.expand(len(steps.numbers), -1)
        self._steps = steps.over(rows, self.standing)
        self.again: Run = self.run

    def run(self) -> None:
        """The step, in the place of what it had before."""
        steps = self._steps
        steps.states, steps.attribution = self.states, self.attribution
        picture = steps.stepped(self.picture, self._number)
        _put(self.picture, picture)
        for mine, made in zip(_leaves(self.states), _leaves(steps.states), strict=True):
            _put(mine, made)
        if self.attribution is not None and steps.attribution is not None:
            _put(self.attribution, steps.attribution)
        steps.states, steps.attribution = (), None

    def load(self, steps: Steps, picture: Tensor, standing: Mapping[Standing, Tensor]) -> None:
        """Let the next step be one of `steps`, with `picture`."""
        self.picture.copy_(picture)
        for mine, theirs in zip(_leaves(self.states), _leaves(steps.states), strict=True):
            mine.copy_(theirs)
        if self.attribution is not None:
            self.attribution.copy_(steps.attributed(picture))
        for name, x in standing.items():
            before = self._loaded.get(name)
            if before is None or before[0] is not x or before[1] != x._version:
                self.standing[name].copy_(x)
                self._loaded[name] = (x, x._version)

    def unload(self, steps: Steps, last: bool) -> Tensor:
        """The picture, a copy; what `steps` remember is as it is after these, but for what nobody
        asks for after the `last` of them.
        """
        steps.states = () if last else _cloned(self.states)
        if self.attribution is not None:
            steps.attribution = self.attribution.clone()
        return self.picture.clone()


class Captured:
    """The recordings of a render, made by `recorder`; those not used for longest go first."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._kept: OrderedDict[Kind, _Recorded] = OrderedDict()
        self._met: Counter[Kind] = Counter()
        self.made = self.replayed = self.stepped = 0
        self.reasons: dict[str, None] = {}
        self._refused = False

    def told(self) -> dict[str, object]:
        """What came of it, in plain values: how steps were run, how many recordings there were,
        and why some steps were not recorded.
        """
        return {
            "by": self._recorder.name,
            "recordings": self.made,
            "recorded_steps": self.replayed,
            "other_steps": self.stepped,
            "why": list(self.reasons),
        }

    def climbed(self, steps: Steps, picture: Tensor) -> Tensor | None:
        """`picture` after all of `steps`; None where none of them can be recorded."""
        count, ascent = steps.plan.steps, steps.ascent
        if not count or self.passed_over(steps):
            return None
        standing = steps.slopes.standing(len(picture))
        kinds = [_kind(steps, number, picture, standing) for number in range(count)]
        self._met.update(kinds)
        for kind, alike in groupby(range(count), kinds.__getitem__):
            numbers = list(alike)
            recorded = self._recorded(kind, steps, numbers[0], picture, standing)
            if recorded is None:
                for number in numbers:
                    ascent.on_step(steps.octave, number)
                    picture = steps.stepped(picture, number)
                self.stepped += len(numbers)
                continue
            recorded.load(steps, picture, standing)
            for number in numbers:
                ascent.on_step(steps.octave, number)
                recorded.row.copy_(steps.numbers[number])
                recorded.again()
                self._recorder.ahead(len(picture) * steps.plan.size[0] * steps.plan.size[1])
            picture = recorded.unload(steps, numbers[-1] == count - 1)
            self.replayed += len(numbers)
        return picture

    def passed_over(self, steps: Steps) -> bool:
        """Whether none of `steps` can be recorded, which is told of."""
        reason = why_not(steps)
        if reason:
            self.stepped += steps.plan.steps
            self._tell(reason)
        return bool(reason)

    def _recorded(
        self,
        kind: Kind,
        steps: Steps,
        number: int,
        picture: Tensor,
        standing: Mapping[Standing, Tensor],
    ) -> _Recorded | None:
        if kind in self._kept:
            self._kept.move_to_end(kind)
            return self._kept[kind]
        if self._refused or self._met[kind] < WORTH:
            return None
        if self.made >= MOST and self.replayed < FEW * self.made:
            self._refuse("steps change from frame to frame more than they repeat themselves")
            return None
        try:
            made = _Recorded(steps, number, picture, standing)
            made.again = self._recorder.record(made.run)
        except Uncapturable as error:
            self._refuse(str(error))
            return None
        self.made += 1
        self._kept[kind] = made
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return made

    def _refuse(self, reason: str) -> None:
        self._refused = True
        self._tell(reason)

    def _tell(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons[reason] = None
            log.info("steps run one by one, not recorded, which is slower: %s", reason)


def why_not(steps: Steps) -> str:
    """What keeps `steps` from being recorded; nothing is an empty text."""
    ascent, size = steps.ascent, steps.plan.size
    if ascent.way is not None:
        return "parameters are climbed (ascent.parameterisation), and not pixels"
    if ascent.views.pictures:
        return "what the picture must survive (ascent.transforms) is drawn anew in every step"
    if ascent.window is not None and max(size) > ascent.window:
        return "each step works on a part of the picture (ascent.window)"
    if ascent.tiled is not None and ascent.tiled.larger(size):
        return "pictures this large are climbed tile by tile"
    if steps.slopes.placed:
        return "a target is looked for at one place, which moves with the picture (neuron)"
    return ""


def _kind(steps: Steps, number: int, picture: Tensor, standing: Mapping[Standing, Tensor]) -> Kind:
    frame = steps.frame
    return Kind(
        id(steps.ascent),
        tuple(picture.shape),
        picture.stride(),
        steps.slopes.led(number),
        bool(steps.plan.jitter),
        bool(frame.falloff),
        steps.plan.blur_at(number),
        (frame.variation, frame.l1, frame.l2),
        tuple((name, tuple(x.shape), x.stride(), x.dtype) for name, x in standing.items()),
    )


def _leaves(states: tuple[State, ...]) -> list[Tensor]:
    return [part for state in states for part in state]


def _cloned(states: tuple[State, ...]) -> tuple[State, ...]:
    return tuple(State(*(part.clone() for part in state)) for state in states)


def _put(mine: Tensor, made: Tensor) -> None:
    """`made` where `mine` is, if they lie alike: another layout could be summed up otherwise."""
    if (mine.shape, mine.stride(), mine.dtype) != (made.shape, made.stride(), made.dtype):
        raise Uncapturable(
            f"a step leaves {tuple(made.shape)} with strides {made.stride()} where it found "
            f"{tuple(mine.shape)} with {mine.stride()}"
        )
    mine.copy_(made)
