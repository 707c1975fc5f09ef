"""What layers do is seen as it is, and looking changes nothing."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from small_trainings import CLASSES, learnt, network, pictures
from torch import Tensor, nn

from dreamer.learn.activity import activity
from dreamer.learn.health import findings
from dreamer.learn.history import History, LayerActivity
from dreamer.networks.judge import Judge


def test_units_under_a_negative_bias_are_dead_and_named_by_layer() -> None:
    module = network()
    with torch.no_grad():
        module[0].bias[:9] = -100
    history = learnt(module, 0.05)
    (found,) = findings(history)
    assert (found.kind, found.layer, found.value) == ("dead-units", "1", 9 / 12)
    assert "1: 9 of 12 units are dead (75 %)" in found.message
    for way in ("smaller learning rate (it is 0.05", "batch norm", "leaky ReLU or SiLU"):
        assert way in found.advice


def test_a_leaky_unit_under_the_same_bias_lives() -> None:
    module = network(nn.LeakyReLU)
    with torch.no_grad():
        module[0].bias[:9] = -100
    assert [layer.dead for layer in activity(module, pictures(64, 5)[0]).layers] == [0, 0]


def test_a_step_far_too_long_kills_units() -> None:
    """Nothing is made up: the weights are thrown to where nothing comes through."""
    history = learnt(network(), 5.0, steps=60)
    assert [f.layer for f in findings(history) if f.kind == "dead-units"] == ["1", "4"]


def test_a_few_dead_units_are_nothing_to_speak_of() -> None:
    layers = (LayerActivity("conv1", 64, 6, 3.0), LayerActivity("conv2", 4, 1, 3.0))
    assert findings(History(4, (), layers)) == []


def test_many_dead_layers_are_one_finding_that_names_the_worst() -> None:
    layers = tuple(
        LayerActivity(f"relu{k}", 10, dead, 1.0) for k, dead in enumerate((0, 4, 9, 3, 4))
    )
    (found,) = findings(History(4, (), layers))
    assert (found.layer, found.value) == ("", 0.5)
    assert found.message.startswith("4 of 5 layers have many dead units, 50 % of theirs")
    assert "the worst is relu2 (90 %)" in found.message
    assert [f.layer for f in findings(History(4, (), layers[:4]))] == ["relu1", "relu2", "relu3"]


def test_functions_instead_of_modules_are_watched_where_their_values_go() -> None:
    class Functional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 8, 3), nn.Linear(8, CLASSES)

        def forward(self, x: Tensor) -> Tensor:
            logits: Tensor = self.fc(F.relu(self.conv(x)).mean((2, 3)))
            return logits

    module = Functional()
    with torch.no_grad():
        module.conv.bias[:5] = -100
    (layer,) = activity(module, pictures(16, 1)[0]).layers
    assert (layer.layer, layer.channels, layer.dead) == ("into fc", 8, 5)


def test_looking_leaves_a_network_as_it_was() -> None:
    """Hooks, modes (a frozen part's too), running means and chance; also when it breaks."""
    module = Judge(CLASSES).train()
    module.bn1.eval()
    x, wrong = torch.randn(4, 3, 32, 32), torch.randn(4, 5, 32, 32)
    before = {k: v.clone() for k, v in module.state_dict().items()}
    modes = [(part.training, vars(part).get("track_running_stats")) for part in module.modules()]
    chance = torch.get_rng_state()
    found = activity(module, x)
    with pytest.raises(RuntimeError):
        activity(module, wrong)
    after = [(part.training, vars(part).get("track_running_stats")) for part in module.modules()]
    assert after == modes
    assert torch.equal(torch.get_rng_state(), chance)
    assert all(torch.equal(v, before[k]) for k, v in module.state_dict().items())
    assert not any(p._forward_hooks or p._forward_pre_hooks for p in module.modules())
    assert len(found.layers) == 17
    assert {"relu", "stage1.relu", "stage1.relu (use 2)"} <= {layer.layer for layer in found.layers}
    assert not found.layers[0].largest > 1e3


def test_what_was_seen_is_what_the_network_gives() -> None:
    module, (x, _) = network(), pictures(16, 3)
    found = activity(module, x)
    with torch.no_grad():
        first, logits = F.relu(module[0](x)), module(x)
    still = [(first[:, k] == first[0, k, 0, 0]).all().item() for k in range(12)]
    assert found.layers[0] == LayerActivity("1", 12, sum(still), first.max().item())
    assert found.largest_logit == logits.abs().max().item()


def test_a_batch_norm_is_seen_by_its_batch_while_it_learns_and_not_when_frozen() -> None:
    norm, x = nn.BatchNorm2d(3), pictures(16, 4)[0]
    norm.running_mean.fill_(1000)
    module = nn.Sequential(norm, nn.Dropout(0.9), nn.ReLU(), nn.Flatten()).train()
    expected = F.batch_norm(x, None, None, training=True).relu().max().item()
    assert activity(module, x).largest_logit == pytest.approx(expected)
    assert [layer.dead for layer in activity(module, x).layers] == [0]
    norm.eval()
    assert [layer.dead for layer in activity(module, x).layers] == [3]
    assert (norm.running_mean == 1000).all()
    assert norm.num_batches_tracked == 0


def test_one_picture_alone_cannot_move() -> None:
    with pytest.raises(ValueError, match="at least two pictures"):
        activity(network(), pictures(1, 0)[0])
