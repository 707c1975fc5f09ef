"""Perceptions agree with the whole network, stop early, and leave their taps untouched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from dreamer.errors import NetworkError
from dreamer.networks.architectures import ARCHITECTURES, Architecture, initialise
from dreamer.networks.house import House, folded_state
from dreamer.networks.pooling import _MaxPool
from dreamer.networks.trace import LOGITS, Point, Traced, multiply_adds


def network(name: str, classes: int = 12) -> tuple[torch.nn.Module, Traced]:
    kind = ARCHITECTURES[name]
    module = kind.build(classes).eval()
    initialise(module, 1)
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            generator = torch.Generator().manual_seed(2)
            part.running_mean.normal_(0, 0.1, generator=generator)
            part.running_var.uniform_(0.5, 2, generator=generator)
    twin = kind.build(classes).eval()
    twin.load_state_dict(module.state_dict())
    return module, Traced(twin, kind)


@pytest.fixture
def picture() -> torch.Tensor:
    return torch.randn(2, 3, 96, 80, generator=torch.Generator().manual_seed(0))


FLATTENED = ("caffenet", "bvlc-alexnet", "caffe-vgg16", "alexnet-bn", "keras-mnist")
MEANS = [n for n in ARCHITECTURES if n not in FLATTENED and "auxil" not in n]


@pytest.mark.parametrize("name", MEANS)
@torch.no_grad()
def test_logits_everywhere_average_to_the_networks_own(name: str, picture: torch.Tensor) -> None:
    module, traced = network(name)
    (everywhere,) = traced.perception([Point(LOGITS)])(picture)
    torch.testing.assert_close(everywhere.mean((2, 3)), module(picture), rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_taps_are_what_hooks_on_the_whole_network_see(picture: torch.Tensor) -> None:
    module, traced = network("torchvision-googlenet")
    seen = {}
    for path in ("inception4a", "inception4a.branch3.0.bn"):
        part = module.get_submodule(path)
        part.register_forward_hook(lambda m, i, o, path=path: seen.update({path: o.clone()}))
    module(picture)
    points = [Point("inception_4a"), Point("inception_4a/5x5_reduce", True)]
    block, before = traced.perception(points)(picture)
    torch.testing.assert_close(block, seen["inception4a"], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(before, seen["inception4a.branch3.0.bn"], rtol=1e-4, atol=1e-5)
    assert before.min() < 0


@torch.no_grad()
def test_both_sides_of_an_activation_at_once(picture: torch.Tensor) -> None:
    _, traced = network("torchvision-googlenet")
    points = [Point("inception_3a", True), Point("inception_3a")]
    before, after = traced.perception(points)(picture)
    torch.testing.assert_close(F.relu(before), after)


def test_nothing_runs_beyond_the_deepest_tap() -> None:
    _, traced = network("house")
    shallow = traced.perception([Point("inception_3a")])
    deep = traced.perception([Point("inception_4c"), Point("inception_3a")])
    assert multiply_adds(shallow, 64, 64) < 0.5 * multiply_adds(deep, 64, 64)
    assert not any("inception_4d" in name for name, _ in deep.named_modules())


def test_no_batch_norm_is_left_and_no_relu_is_copied() -> None:
    _, traced = network("torchvision-googlenet")
    cut = traced.perception([Point("inception_4c")])
    assert not [m for m in cut.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    relus = [node for node in cut.graph.nodes if node.target is F.relu]
    assert relus
    assert all(node.kwargs["inplace"] for node in relus)


def test_layers_come_in_order_of_depth() -> None:
    _, traced = network("house")
    order = traced.layers
    assert order.index("conv1") < order.index("inception_3a/5x5") < order.index("inception_3a")
    assert order.index("inception_3a") < order.index("inception_4c") < order.index("inception_5b")


def test_an_unknown_layer_names_the_nearest() -> None:
    _, traced = network("house")
    with pytest.raises(NetworkError, match="inception_4c"):
        traced.perception([Point("inception_4cc")])


def test_gradients_flow_to_the_picture_and_not_to_weights(picture: torch.Tensor) -> None:
    _, traced = network("torchvision-googlenet")
    cut = traced.perception([Point("inception_3b")])
    leaf = picture.clone().requires_grad_()
    cut(leaf)[0].square().sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.abs().sum() > 0
    assert not any(p.requires_grad for p in cut.parameters())


@torch.no_grad()
def test_folding_the_house_network_changes_nothing() -> None:
    trained = House(5, norm=True)
    initialise(trained, 0)
    trained.train()
    for seed in range(3):  # gives the norms statistics of their own
        trained(torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(seed)))
    trained.eval()
    folded = House(5)
    folded.load_state_dict(folded_state(trained))
    x = torch.randn(2, 3, 48, 32, generator=torch.Generator().manual_seed(9))
    torch.testing.assert_close(folded.eval()(x), trained(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "ceil"), [(3, 2, 0, True), (3, 1, 1, False), (2, 2, 0, True)]
)
def test_max_pooling_without_atomics_has_the_same_gradient(
    kernel: int, stride: int, padding: int, ceil: bool
) -> None:
    x = torch.randn(2, 3, 13, 10, generator=torch.Generator().manual_seed(0))
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    _MaxPool.apply(ours, kernel, stride, padding, ceil).sin().sum().backward()
    F.max_pool2d(theirs, kernel, stride, padding, ceil_mode=ceil).sin().sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_max_pooling_adds_gradients_in_float32_and_keeps_the_layout(
    layout: torch.memory_format,
) -> None:
    """A peak that wins nine windows gets all of 256 + 8 · 1, though bfloat16 knows no 257."""
    x = torch.zeros(1, 2, 5, 5)
    x[..., 2, 2] = 1
    leaf = x.bfloat16().contiguous(memory_format=layout).requires_grad_()
    slope = torch.ones(1, 2, 3, 3, dtype=torch.bfloat16)
    slope[..., 0, 0] = 256
    (grad,) = torch.autograd.grad(_MaxPool.apply(leaf, 3, 1, 0, False), leaf, slope)
    assert grad[..., 2, 2].tolist() == [[264, 264]]
    assert grad.is_contiguous(memory_format=layout)


def test_perceptions_do_not_share_their_weights(picture: torch.Tensor) -> None:
    _, traced = network("house")
    first, second = (traced.perception([Point("conv1")]) for _ in range(2))
    before = second(picture)[0].clone()
    for weight in first.parameters():
        weight.zero_()
    torch.testing.assert_close(second(picture)[0], before)


class Pooling(torch.nn.Module):
    """A network of one pooling and a head."""

    def __init__(self, pool: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.pool, self.head = pool, torch.nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(x) * 1
        return self.head(x.mean((2, 3)))


@pytest.mark.parametrize(
    "pool",
    [
        torch.nn.MaxPool2d(3, dilation=2),
        torch.nn.MaxPool2d((3, 2)),
        lambda x: F.max_pool2d(x, (3, 2)),
        lambda x: torch.max_pool2d(x, 3, 2, 1, 2),
    ],
)
def test_max_pooling_that_cannot_be_done_exactly_is_refused(
    pool: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    names = {"pool": "pool"} if isinstance(pool, torch.nn.Module) else {}
    kind = Architecture(lambda _: Pooling(pool), names, "pool", "head")
    traced = Traced(Pooling(pool), kind)
    traced._nodes["pool"] = traced.head.source
    with pytest.raises(NetworkError, match="max pooling must be"):
        traced.perception([Point("pool")])
