"""Several members whose networks are run once: what each gets is its own, whoever else is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn

from dreamer.engine.perceive import Through, alone
from dreamer.engine.together import together


class Watched(nn.Module):
    """A network of two taps that notes the thread it runs in and how many pictures it gets."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.near = nn.Conv2d(3, 4, 3, padding=1).requires_grad_(False)
        self.far = nn.Conv2d(4, 5, 3, stride=2).requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        near = torch.relu(self.near(x))
        return near, self.far(near)


def watched(noted: list[Any]) -> fx.GraphModule:
    network = fx.symbolic_trace(Watched())
    network.register_forward_pre_hook(
        lambda _, given: noted.append((threading.current_thread(), tuple(given[0].shape)))
    )
    return network


def picture(seed: int, side: int = 12) -> Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(seed))


def climber(
    network: fx.GraphModule, seed: int, steps: int = 3, side: int = 12
) -> Callable[[Through], Tensor]:
    """A picture that goes uphill."""

    def act(through: Through) -> Tensor:
        x = picture(seed, side)
        for _ in range(steps):
            leaf = x.clone().requires_grad_(True)
            near, far = through(network, leaf)
            score = near.square().sum() + seed * far.square().sum()
            x = x + torch.autograd.grad(score, leaf)[0] / 100
        return x

    return act


def test_each_climbs_as_it_does_alone() -> None:
    noted: list[Any] = []
    network = watched(noted)
    wanted = [climber(network, seed)(alone) for seed in range(4)]
    noted.clear()
    found = together([climber(network, seed) for seed in range(4)])
    torch.testing.assert_close(found, wanted)
    assert [shape for _, shape in noted] == [(4, 3, 12, 12)] * 3
    assert {thread for thread, _ in noted} == {threading.current_thread()}


def test_one_alone_is_the_same_to_the_bit() -> None:
    network = watched([])
    (found,) = together([climber(network, 7)])
    assert torch.equal(found, climber(network, 7)(alone))  # type: ignore[arg-type]


def test_a_members_bytes_depend_on_nobody() -> None:
    """Neither on what the others are, nor on whether they are there, nor on when they end."""
    network = watched([])
    first = together([climber(network, seed) for seed in (1, 2, 3)])[1]

    def failing(through: Through) -> Tensor:
        through(network, picture(5).requires_grad_(True))
        raise ValueError("halfway")

    others: list[Any] = [
        [climber(network, seed) for seed in (8, 2, 9)],
        [None, climber(network, 2), None],
        [failing, climber(network, 2), climber(network, 9, steps=1)],
        [climber(network, 4, steps=5), climber(network, 2), climber(network, 9, side=16)],
    ]
    for acts in others:
        assert torch.equal(together(acts)[1], first)  # type: ignore[arg-type]


def test_what_one_raises_is_its_own() -> None:
    network = watched([])

    def failing(through: Through) -> Tensor:
        with torch.no_grad():
            through(network, picture(5))
        raise ValueError("halfway")

    found = together([climber(network, 1), failing, None])
    assert isinstance(found[0], Tensor)
    assert isinstance(found[1], ValueError)
    assert found[2] is None


def test_a_pass_that_fails_is_told_to_those_who_asked_for_it() -> None:
    network = watched([])

    def wrong(through: Through) -> Tensor:
        return through(network, torch.rand(1, 7, 12, 12))[0]  # of seven colours

    found = together([wrong, climber(network, 1), wrong])
    assert [type(one) for one in found] == [RuntimeError, Tensor, RuntimeError]


def test_a_member_may_catch_what_failed_and_go_on() -> None:
    network = watched([])

    def second(through: Through) -> Tensor:
        with pytest.raises(RuntimeError):
            through(network, torch.rand(1, 7, 12, 12))
        return climber(network, 2)(through)

    found = together([climber(network, 1), second])
    torch.testing.assert_close(found, [climber(network, seed)(alone) for seed in (1, 2)])


def test_slopes_may_be_asked_for_at_different_moments() -> None:
    """Forwards in one order by all, backwards in another by one."""
    networks = watched([]), watched([])

    def slope(order: Sequence[int]) -> Callable[[Through], Tensor]:
        def act(through: Through) -> Tensor:
            leaf = picture(3).requires_grad_(True)
            seen = [through(network, leaf)[1] for network in networks]
            parts = [torch.autograd.grad(seen[k].sum(), leaf)[0] * (k + 1) for k in order]
            return parts[0] + parts[1]

        return act

    found = together([slope((0, 1)), slope((1, 0)), slope((0, 1))])
    torch.testing.assert_close(found, [slope((0, 1))(alone)] * 3)


def test_an_interrupted_caller_ends_all() -> None:
    """Members tidy up, one after another, and no thread is left."""
    noted: list[Any] = []
    network, ended = watched(noted), []

    def act(number: int) -> Callable[[Through], Tensor]:
        def going(through: Through) -> Tensor:
            try:
                return climber(network, number, steps=9)(through)
            finally:
                ended.append(number)

        return going

    def interrupt(*_: object) -> None:
        if len(noted) == 3:
            raise KeyboardInterrupt

    network.register_forward_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        together([act(0), act(1), act(2)])
    assert ended == [0, 1, 2]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("member-")]


def test_settings_are_each_members_own() -> None:
    """What one sets holds for it and its passes, and not for who runs between."""
    network, seen = watched([]), []

    def act(threads: int) -> Callable[[Through], None]:
        def going(through: Through) -> None:
            torch.set_num_threads(threads)
            torch.backends.cudnn.deterministic = threads == 2
            for _ in range(2):
                through(network, picture(1))
                seen.append((threads, torch.get_num_threads(), torch.backends.cudnn.deterministic))

        return going

    before = torch.get_num_threads(), torch.backends.cudnn.deterministic
    network.register_forward_hook(lambda *_: seen.append(("pass", torch.get_num_threads())))
    together([act(1), act(2)])
    assert (torch.get_num_threads(), torch.backends.cudnn.deterministic) == before
    turn = [("pass", 1), ("pass", 2), (1, 1, False), (2, 2, True)]
    assert seen == turn * 2


@pytest.mark.gpu
def test_on_cuda_each_climbs_as_it_does_alone() -> None:
    """Where all backward passes would be one thread's."""
    network = watched([]).to("cuda")

    def act(seed: int) -> Callable[[Through], Tensor]:
        def going(through: Through) -> Tensor:
            leaf = picture(seed).cuda().requires_grad_(True)
            return torch.autograd.grad(through(network, leaf)[1].square().sum(), leaf)[0]

        return going

    found = together([act(seed) for seed in range(3)])
    torch.testing.assert_close(found, [act(seed)(alone) for seed in range(3)])
