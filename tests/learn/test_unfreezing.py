"""Only what is said learns, faster the nearer to the head; rates are found where losses fall."""

from __future__ import annotations

import pytest
import torch
from courses import course
from torch import nn

from dreamer.errors import NetworkError
from dreamer.learn.course import Stage
from dreamer.learn.deeper import first_path, units
from dreamer.learn.draws import Draws
from dreamer.learn.loop import new_learner, steps
from dreamer.learn.model import trainable
from dreamer.learn.rates import found_rate
from dreamer.learn.squares import Squares
from dreamer.learn.unfreezing import awake, rate_factors
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.recipe.retraining import UnfreezeWords


def colours(each: int = 12) -> Squares:
    levels = torch.tensor([[200, 60, 60], [60, 200, 60]])
    noise = torch.randint(
        -25, 26, (2 * each, 3, 32, 32), generator=torch.Generator().manual_seed(0)
    )
    pictures = levels.repeat_interleave(each, 0)[:, :, None, None] + noise
    labels = torch.arange(2).repeat_interleave(each)
    return Squares(pictures.clamp(0, 255).to(torch.uint8), labels, ("red", "green"), ("a", "a"))


def test_nothing_below_the_first_layer_moves() -> None:
    model = trainable("judge", 2, 1)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    own = course(first="net.stage4", stages=(Stage(32, 3),), weight_decay=0.1)
    learner = new_learner(model, own, "net.fc")
    for _ in steps(learner, Draws(colours(), own), torch.float32):
        pass
    moved = {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}
    assert {name.split(".")[1] for name in moved} == {"stage4", "stage4b", "fc"}, (
        "not even the running means of batch norms"
    )
    assert "net.stage4.bn1.running_mean" in moved


def test_factors_fall_from_the_head_along_a_line_of_logarithms() -> None:
    module = nn.Sequential(*(nn.Linear(2, 2, bias=False) for _ in range(5)))
    found = rate_factors(module, "1", 0.1, "4")
    assert found == pytest.approx(
        {
            "0.weight": 0,
            "1.weight": 0.1,
            "2.weight": 0.1 ** (2 / 3),
            "3.weight": 0.1 ** (1 / 3),
            "4.weight": 1,
        }
    )
    with pytest.raises(NetworkError, match="'7' has no weights that could learn"):
        rate_factors(module, "7", 0.1, "4")


def test_the_rate_of_a_group_is_its_factor_of_the_courses() -> None:
    own = course(first="net.stage4", bottom=0.25, stages=(Stage(32, 1),))
    learner = new_learner(trainable("judge", 2, 1), own, "net.fc")
    next(steps(learner, Draws(colours(), own), torch.float32))
    rates = {group["of"]: group["lr"] for group in learner.optimiser.param_groups}
    assert rates[1.0] == pytest.approx(1e-2)
    assert min(r for r in rates.values() if r) == pytest.approx(0.25e-2)


def test_what_sleeps_is_as_it_is_used() -> None:
    model = nn.Sequential(nn.BatchNorm2d(3), nn.Dropout(0.5), nn.Conv2d(3, 2, 1))
    model[0].requires_grad_(False)
    awake(model)
    assert [part.training for part in model] == [False, True, True]


@pytest.mark.parametrize(
    ("name", "depth", "expected"),
    [
        ("house", 1.0, "conv1"),
        ("house", 0.2, "inception_5a"),
        ("torchvision:mobilenet_v3_large", 0.1, "features.16"),
    ],
)
def test_a_depth_is_a_part_of_the_network(name: str, depth: float, expected: str) -> None:
    row = ARCHITECTURES[name]
    assert first_path(row.build(2), row, UnfreezeWords(depth=depth)) == expected


def test_units_are_the_parts_with_weights_in_turn() -> None:
    net = ARCHITECTURES["torchvision:mobilenet_v3_large"].build(2)
    found = units(net)
    assert found[-1] == "classifier.3"
    names = [name for name, _ in net.named_parameters()]
    places = [next(k for k, n in enumerate(names) if n.startswith(f"{path}.")) for path in found]
    assert places == sorted(places)
    assert all(any(name.startswith(f"{path}.") for path in found) for name in names)


def test_a_rate_is_found_where_the_loss_falls_and_leaves_the_learner_as_it_was() -> None:
    own = course()
    learner = new_learner(trainable("judge", 2, 1), own)
    before = {k: v.clone() for k, v in learner.model.state_dict().items()}
    found = found_rate(learner, Draws(colours(), own), torch.float32)
    assert all(torch.equal(v, before[k]) for k, v in learner.model.state_dict().items())
    assert learner.done == 0
    rates, losses = zip(*found.curve, strict=True)
    assert list(rates) == sorted(rates)
    assert found.rate == pytest.approx(rates[losses.index(min(losses))] / 10)
    assert 1e-6 <= found.rate < 0.1
    tried = new_learner(trainable("judge", 2, 1), course(peak=found.rate, schedule="constant"))
    told = [step.loss for step in steps(tried, Draws(colours(), course()), torch.float32)]
    assert sum(told[-8:]) < 0.8 * sum(told[:8]), "it learns at that rate"
