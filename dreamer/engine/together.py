"""Several renders, whose networks are run once for all of them: the meeting.

Each member is an ordinary render on a thread of its own. Where it runs a network, forwards or
backwards, it waits; when all wait, the thread that called does what they ask for, those together
that ask alike, and they go on.

- **One at a time.** A member runs while it has the baton, from being given it until it asks or
  ends; then it gives it back. The caller waits for that one member alone, a member for the caller
  alone, and nobody for another member: there is no circle to wait in. (Nor may a member hold, while
  it asks, what another one waits for: renders share nothing but what is kept warm, which is not
  locked while it is made, and a folder's lock refuses instead of waiting.)
- **Everybody has a row.** A pass has rows for all members, whoever asks for it; those that do not
  (ended, failed, elsewhere by now) have zeros. A row is computed by itself, so that a member's
  bytes depend on how many members there are and which one it is, and neither on what the others
  are nor on whether they are there: finished ones need not be computed again.
- **Networks run in one thread**, the caller's, which alone has torch's threads working for it.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, fx

from dreamer.engine.execution import Settings, put, settings
from dreamer.engine.perceive import Through, alone

T = TypeVar("T")
Act = Callable[[Through], T]


class _Alike(NamedTuple):
    """What members must ask alike to have one pass."""

    network: int
    shape: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device
    climbed: bool
    settings: Settings


@dataclass(frozen=True)
class _Forward:
    """A network is to be run, with slopes later if `climbed`."""

    network: fx.GraphModule
    pictures: Tensor
    climbed: bool
    settings: Settings

    @property
    def alike(self) -> _Alike:
        x = self.pictures
        shape = tuple(x.shape)
        return _Alike(id(self.network), shape, x.dtype, x.device, self.climbed, self.settings)


@dataclass(eq=False)
class _Pass:
    """A network that was run for the members `there`: what went in and what came out, of all rows.
    `there` are those that have not asked for slopes.
    """

    inputs: Tensor
    outputs: tuple[Tensor, ...]
    there: set[int]


@dataclass(frozen=True)
class _Backward:
    """The slope at a pass's input, by those at its outputs (None where there is none)."""

    alike: _Pass
    slopes: tuple[Tensor | None, ...]
    settings: Settings


class _Seen(NamedTuple):
    """A member's rows of what came out of a pass, which is kept if it is `climbed`."""

    outputs: tuple[Tensor, ...]
    of: _Pass | None


class _Over(BaseException):
    """The meeting has ended before its members: they are to end too."""


class _Member(Generic[T]):
    """A member, and its thread."""

    def __init__(self, act: Act[T], number: int) -> None:
        self.number = number
        self.asked: _Forward | _Backward | None = None
        self.answer: Any = None
        self.ended = False
        self.result: T | BaseException | None = None
        self._act, self._has_baton = act, False
        self._given: SimpleQueue[None] = SimpleQueue()
        self._given_back: SimpleQueue[None] = SimpleQueue()
        name = f"member-{number}"
        self._thread = threading.Thread(
            target=self._live, args=(settings(),), name=name, daemon=True
        )

    def go_on(self) -> None:
        """Give it the baton, and wait until it gives that back."""
        self._has_baton = True
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._given.put(None)
        self.wait()

    def wait(self) -> None:
        """Until it has given the baton back."""
        while self._has_baton:
            self._given_back.get()

    def leave(self) -> None:
        """End it, wherever it is."""
        while not self.ended and self._thread.ident is not None:
            self.answer = _Over()
            self.go_on()

    def through(self, network: fx.GraphModule, pictures: Tensor) -> Sequence[Tensor]:
        """As `perceive.Through`, for all members at once."""
        if torch.is_grad_enabled() and pictures.requires_grad:
            found: tuple[Tensor, ...] = _Met.apply(pictures, network, self)
            return found
        seen: _Seen = self.ask(_Forward(network, pictures, False, settings()))
        return seen.outputs

    def ask(self, asked: _Forward | _Backward) -> Any:
        """Give the baton back until `asked` is answered."""
        self.asked = asked
        self._give_back()
        self._given.get()
        put(asked.settings)
        answer, self.asked, self.answer = self.answer, None, None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _give_back(self) -> None:
        self._has_baton = False
        self._given_back.put(None)

    def _live(self, here: Settings) -> None:
        try:
            put(here)
            # On CUDA all backward passes would be one thread's, and the first to wait there would
            # keep the others out.
            with torch.autograd.set_multithreading_enabled(False):
                self.result = self._act(self.through)
        except BaseException as error:
            traceback.clear_frames(error.__traceback__)  # which hold pictures and activations
            self.result = error
        finally:
            self.ended = True
            self._give_back()


class _Met(torch.autograd.Function):
    """A network that is run, forwards and backwards, for all members at once."""

    @staticmethod
    def forward(
        ctx: Any, pictures: Tensor, network: fx.GraphModule, member: _Member[Any]
    ) -> tuple[Tensor, ...]:
        ctx.set_materialize_grads(False)
        seen = member.ask(_Forward(network, pictures.detach(), True, settings()))
        ctx.member, ctx.of = member, seen.of
        return seen.outputs  # type: ignore[no-any-return]

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor | None) -> tuple[Tensor | None, None, None]:
        if all(slope is None for slope in slopes):
            return None, None, None
        return ctx.member.ask(_Backward(ctx.of, slopes, settings())), None, None


def together(acts: Sequence[Act[T] | None]) -> list[T | BaseException | None]:
    """What each of `acts` returns or raises, all run side by side, beginning with this thread's
    torch settings; None is a member that is not there, and has its rows anyway.

    Each is given what it must run its networks by.

    Raises:
        KeyboardInterrupt: whatever interrupts this thread, after all members have ended.
    """
    before = settings()
    members = [None if act is None else _Member(act, k) for k, act in enumerate(acts)]
    there = [member for member in members if member is not None]
    try:
        while going := [member for member in there if not member.ended]:
            for member in going:
                member.go_on()
            _answer([member for member in going if not member.ended], len(acts))
    finally:
        for member in there:
            member.wait()
        for member in there:
            member.leave()
        put(before)
    return [None if member is None else member.result for member in members]


def in_row(act: Act[T], row: int, rows: int) -> T:
    """What `act` returns, as member number `row` of `rows` of whom no other is there: to the same
    bytes as if they were. Of one row, nothing is shared.
    """
    if rows == 1:
        return act(alone)
    acts: list[Act[T] | None] = [None] * rows
    acts[row] = act
    found = together(acts)[row]
    if isinstance(found, BaseException):
        raise found
    return found  # type: ignore[return-value]


def _answer(members: Sequence[_Member[Any]], rows: int) -> None:
    """Do what all ask for, in the order of the first who does."""
    asked: dict[_Alike | _Pass, list[_Member[Any]]] = {}
    for member in members:
        assert member.asked is not None
        asked.setdefault(member.asked.alike, []).append(member)
    for alike, asking in asked.items():
        answers: Sequence[Any]
        try:
            if isinstance(alike, _Pass):
                answers = _back_through(alike, asking, rows)
            else:
                answers = _run(asking, rows)
        except Exception as error:  # of memory, most likely: it is theirs to tell of
            traceback.clear_frames(error.__traceback__)
            answers = [error] * len(asking)
        for member, answer in zip(asking, answers, strict=True):
            member.answer = answer


def _laid(parts: dict[int, Tensor], rows: int) -> Tensor:
    """What members have, by their numbers, one after another, zeros for those who have nothing."""
    any_ = next(iter(parts.values()))
    if rows == 1:
        return any_
    empty = torch.zeros_like(any_)
    return torch.cat([parts.get(number, empty) for number in range(rows)])


def _apart(whole: Tensor, rows: int, members: Sequence[_Member[Any]]) -> list[Tensor]:
    """The rows of each member."""
    parts = whole.detach().chunk(rows)
    return [parts[member.number] for member in members]


def _run(asking: Sequence[_Member[Any]], rows: int) -> list[_Seen]:
    asked: dict[int, _Forward] = {m.number: m.asked for m in asking}  # type: ignore[misc]
    first = asked[asking[0].number]
    put(first.settings)
    inputs = _laid({who: a.pictures for who, a in asked.items()}, rows)
    with torch.set_grad_enabled(first.climbed):
        inputs = inputs.detach().requires_grad_(first.climbed)
        outputs = tuple(first.network(inputs))
    kept = _Pass(inputs, outputs, set(asked)) if first.climbed else None
    parts = zip(*(_apart(output, rows, asking) for output in outputs), strict=True)
    return [_Seen(tuple(part), kept) for part in parts]


def _back_through(of: _Pass, asking: Sequence[_Member[Any]], rows: int) -> list[Tensor]:
    asked: dict[int, _Backward] = {m.number: m.asked for m in asking}  # type: ignore[misc]
    put(asked[asking[0].number].settings)
    wanted, slopes = [], []
    for number, output in enumerate(of.outputs):
        found = {who: slope for who, a in asked.items() if (slope := a.slopes[number]) is not None}
        if found:
            wanted.append(output)
            slopes.append(_laid(found, rows))
    of.there -= asked.keys()
    (slope,) = torch.autograd.grad(wanted, of.inputs, slopes, retain_graph=bool(of.there))
    return _apart(slope, rows, asking)
