"""Where a ReLU stops the whole gradient of a picture, it passes; elsewhere it is ordinary."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from built import network
from torch import Tensor, fx, nn

from dreamer.dreaming.objectives import Tap
from dreamer.engine import execution
from dreamer.engine.perceive import perceiver, perceivers
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.modules import from_module
from dreamer.networks.redirected import redirected, redirected_relu
from dreamer.networks.trace import Point, Traced

FP32 = execution.decide("cpu", "float32")
RNG = np.random.default_rng(7)


def by_hand(x: np.ndarray, grad: np.ndarray, most: float) -> np.ndarray:
    """The gradient before a ReLU from the one behind it, one value after the other."""
    found = np.where((x > 0) & (x < most), grad, 0)
    for k in range(len(x)):
        if found[k].any():
            continue
        for place in np.ndindex(*x[k].shape):
            value, pull = x[k][place], grad[k][place]
            away = (value < 0 and pull < 0) or (value > most and pull > 0)
            found[k][place] = 0 if away else pull
    return found


def slope(function: object, x: Tensor, weights: Tensor) -> Tensor:
    leaf = x.detach().requires_grad_(True)
    (found,) = torch.autograd.grad((function(leaf) * weights).sum(), leaf)  # type: ignore[operator]
    return found


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("most", [None, 6.0])
def test_the_gradient_is_the_one_worked_out_by_hand(most: float | None, dtype: torch.dtype) -> None:
    x = torch.from_numpy(RNG.normal(0, 5, (6, 4, 3, 5))).to(dtype)
    weights = torch.from_numpy(RNG.normal(size=(6, 4, 3, 5))).to(dtype)
    x[1], x[2, :, 0] = -x[1].abs() - 0.5, 0  # closed below; exactly on the edge in places
    x[3] = x[3].abs() + 7  # closed above, for ReLU6
    x[4], x[4, 0, 0, 0], weights[4, 0, 0, 0] = -x[4].abs() - 0.5, 3, 0  # open where nothing comes
    weights[5] = 0
    found = slope(lambda leaf: redirected_relu(leaf, most), x, weights)
    wanted = by_hand(x.double().numpy(), weights.double().numpy(), most or np.inf)
    np.testing.assert_array_equal(found.double().numpy(), wanted)
    assert found.dtype == dtype
    plain = F.relu if most is None else F.relu6
    assert torch.equal(redirected_relu(x, most), plain(x))
    ordinary = slope(plain, x, weights)
    same = [torch.equal(a, b) for a, b in zip(found, ordinary, strict=True)]
    assert same == [True, False, True, most is None, False, True]


class Tiny(nn.Module):
    """ReLUs as module, function, method and ReLU6, over one layer each."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(3, 3, 1).double() for _ in range(5))
        self.relu, self.relu6 = nn.ReLU(), nn.ReLU6()

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(input=self.layers[0](x))
        x = self.relu6(self.layers[1](x))
        x = self.layers[2](x).relu()
        x = F.relu6(self.layers[3](x))
        return torch.relu(self.relu(self.layers[4](x)))


def hand_slope(tiny: Tiny, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    mosts = (np.inf, 6, np.inf, 6, np.inf)
    before, value = [], x
    for layer, most in zip(tiny.layers, mosts, strict=True):
        matrix, bias = layer.weight[:, :, 0, 0].numpy(), layer.bias.numpy()
        before.append(np.einsum("oi,bihw->bohw", matrix, value) + bias[:, None, None])
        value = np.clip(before[-1], 0, most)
    grad = by_hand(value, weights, np.inf)  # the second ReLU of the last line
    for layer, most, into in zip(tiny.layers[::-1], mosts[::-1], before[::-1], strict=True):
        matrix = layer.weight[:, :, 0, 0].numpy()
        grad = np.einsum("oi,bohw->bihw", matrix, by_hand(into, grad, most))
    return grad


@pytest.mark.parametrize("seed", range(8))
@torch.no_grad()
def test_every_kind_of_relu_in_a_network(seed: int) -> None:
    torch.manual_seed(seed)
    tiny = Tiny()
    for layer in tiny.layers:
        layer.weight.normal_(0, 2)
        layer.bias.normal_(-2, 2)
    x, weights = torch.randn(5, 3, 2, 2).double(), torch.randn(5, 3, 2, 2).double()
    with torch.enable_grad():
        found = slope(redirected(fx.symbolic_trace(tiny)), x, weights)
    np.testing.assert_allclose(found.numpy(), hand_slope(tiny, x.numpy(), weights.numpy()))


def test_a_stopped_picture_changes_nothing_for_its_neighbour() -> None:
    x = torch.tensor([[-1.0, 2.0], [-1.0, -2.0], [-3.0, -4.0]])
    weights = torch.tensor([[5.0, 1.0], [5.0, -1.0], [0.0, 1e-30]])
    found = slope(redirected_relu, x, weights)
    assert found.tolist() == [[0, 1], [5, 0], [0, pytest.approx(1e-30)]]
    # too small for its square to be a number, and yet something came through
    assert slope(redirected_relu, torch.tensor([[1.0, -1.0]]), torch.full((1, 2), 1e-30))[0, 1] == 0


def test_a_gradient_that_nothing_stops_is_autograds_own() -> None:
    x = torch.randn(3, 4, 5, 5, dtype=torch.float64)
    x = (x + 0.1 * x.sign()).requires_grad_(True)  # away from the corner
    weights = torch.randn(x.shape, dtype=x.dtype)  # of one place alone, all may be stopped
    assert torch.autograd.gradcheck(lambda leaf: (redirected_relu(leaf) * weights).sum(), (x,))


@pytest.mark.parametrize("end", [(-2.0, 1.0), (8.0, -1.0)])
def test_what_is_dead_wakes_up(end: tuple[float, float]) -> None:
    start, pull = end
    for function, wakes in ((redirected_relu, True), (lambda x, most: F.relu6(x), False)):
        x = torch.full((1, 1, 2, 2), start)
        for _ in range(16):
            x = x + 0.2 * slope(lambda leaf, f=function: f(leaf, 6.0), x, torch.full_like(x, pull))
        assert bool(((x > 0) & (x < 6)).all()) == wakes


RELUS = [
    ("torchvision-googlenet", "inception_4a"),
    ("bvlc-googlenet", "inception_3b"),
    ("torchvision:resnet18", "layer2.0"),
    ("torchvision:mobilenet_v2", "features.4"),
    ("house", "inception_4a"),
]


@pytest.mark.parametrize(("name", "layer"), RELUS)
def test_networks_have_the_same_values_weights_and_open_gradients(name: str, layer: str) -> None:
    traced = Traced(network(name), ARCHITECTURES[name])
    perception = traced.perception([Point(layer), Point(layer)])
    before = [(n.op, n.target, n.args, n.kwargs) for n in perception.graph.nodes]
    other = redirected(perception)
    assert [(n.op, n.target, n.args, n.kwargs) for n in perception.graph.nodes] == before
    for node in other.graph.nodes:
        part = other.get_submodule(node.target) if node.op == "call_module" else None
        assert not isinstance(part, nn.ReLU | nn.ReLU6)
        assert node.target not in (F.relu, F.relu6, torch.relu, "relu", "relu_")
    targets = [node.target for node in other.graph.nodes]
    assert (redirected_relu in targets) == (name != "house"), "the house network has SiLUs alone"
    mine = {k: v.data_ptr() for k, v in perception.state_dict().items()}
    assert mine == {k: v.data_ptr() for k, v in other.state_dict().items()}
    x = torch.randn(2, 3, 64, 48)
    weights = torch.randn(perception(x)[0].shape)
    assert torch.equal(perception(x)[0], other(x)[0])
    wanted = slope(lambda leaf: perception(leaf)[0], x, weights)
    assert wanted.abs().amax((1, 2, 3)).min() > 0
    assert torch.equal(slope(lambda leaf: other(leaf)[0], x, weights), wanted)


def test_no_value_is_read_back() -> None:
    x = torch.empty(2, 3, 4, 4, device="meta")  # has none
    for most in (None, 6.0):
        assert slope(lambda leaf, m=most: redirected_relu(leaf, m), x, x).is_meta


def test_the_gradient_keeps_its_layout() -> None:
    x = -torch.rand(2, 3, 4, 5).to(memory_format=torch.channels_last)
    found = slope(redirected_relu, x, torch.ones_like(x))
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_perceivers_share_their_networks_and_differ_only_where_all_is_stopped() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 1))
    nn.init.constant_(module[0].bias, -50.0)
    cards = {"own": from_module(module, "own", native=16)}
    taps = [Tap("own", "1"), Tap("own", "2"), Tap("own", "1", True)]
    plain, other = perceivers(cards, taps, FP32)
    picture, weights = torch.rand(2, 3, 16, 16), torch.ones(2, 4, 16, 16)
    for tap, stopped in zip(taps, (True, True, False), strict=True):
        seen = [perceive(picture)[tap] for perceive in (plain, other)]
        assert torch.equal(*seen)
        assert torch.equal(seen[0], perceiver(cards, taps, FP32)(picture)[tap])
        found = [slope(lambda x, p=p, t=tap: p(x)[t], picture, weights) for p in (plain, other)]
        assert torch.equal(*found) == (not stopped)
        assert bool(found[0].any()) == (not stopped)
        assert found[1].abs().amax((1, 2, 3)).min() > 0
    leaves = [{p.data_ptr() for p in parameters(perceive)} for perceive in (plain, other)]
    assert leaves[0] == leaves[1]
    assert leaves[0]


def parameters(perceive: object) -> list[Tensor]:
    cells = [cell.cell_contents for cell in perceive.__closure__]  # type: ignore[attr-defined]
    (parts,) = (cell for cell in cells if isinstance(cell, list))
    return [p for _, network in parts for p in network.parameters()]
