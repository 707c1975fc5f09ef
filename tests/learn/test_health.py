"""Small networks that really are ill are found to be, healthy ones are not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from small_trainings import CLASSES, Batch, kinds, learnt, network, pictures
from torch import nn

from dreamer.learn.activity import activity
from dreamer.learn.augment import centred
from dreamer.learn.drawings import HELD_OUT, draw_bank
from dreamer.learn.health import findings
from dreamer.learn.history import History, Moment
from dreamer.networks.cards import catalogue_card
from dreamer.networks.unlearnt import MEAN, STD
from dreamer.networks.weights import load_module


@pytest.mark.parametrize("act", [nn.ReLU, nn.SiLU, nn.Tanh])
def test_a_healthy_training_has_no_findings(act: Callable[[], nn.Module]) -> None:
    history = learnt(network(act), 0.1)
    assert history.moments[-1].validation_accuracy == pytest.approx(1, abs=0.02), "it learns"
    assert findings(history) == []


def test_a_training_that_has_not_begun_has_no_findings() -> None:
    assert findings(History(CLASSES)) == []
    assert findings(History(CLASSES, (Moment(1, training_loss=9.0),))) == [], "too early to say"


def test_a_rate_far_too_high_makes_logits_explode_until_the_loss_ends() -> None:
    history = learnt(network(nn.Identity), 1e3)
    found = {finding.kind: finding for finding in findings(history)}
    ended, loud = found["loss-ended"], found["logits-explode"]
    assert ended.step == history.moments[-1].step
    assert not math.isfinite(ended.value)
    assert "a smaller learning rate (it is 1000; try 100)" in ended.advice
    assert "clipped gradients" in ended.advice
    assert "float32" not in ended.advice, "it is"
    assert "logits explode" in loud.message
    assert ended.as_json()["value"] is None


def test_exploding_logits_are_named_before_the_loss_ends() -> None:
    history = learnt(network(nn.Tanh), 30.0, steps=60)
    assert all(math.isfinite(moment.training_loss) for moment in history.moments)
    (found,) = (f for f in findings(history) if f.kind == "logits-explode")
    assert found.value == history.moments[-1].largest_logit > 100
    assert "up from" in found.message
    assert "weight decay" in found.advice


def test_a_loss_that_ends_in_bfloat16_is_told_to_try_float32() -> None:
    history = History(4, (Moment(7, training_loss=math.inf, rate=0.1),), precision="bfloat16")
    (found,) = findings(history)
    assert found.message == "the loss of step 7 is infinite: nothing is learnt any more"
    assert "float32 instead of bfloat16" in found.advice


@pytest.mark.parametrize(
    ("logits", "ill"),
    [
        ([5, 20, 60], False),  # rising as it learns
        ([120, 130, 140], False),  # loud from the start, as some heads are, and not rising
        ([20, 60, 150], True),
        ([2e4, 2e4], True),  # exploded before it was looked at
        ([5, math.nan], True),
        ([500, 5], False),  # it came back
    ],
)
def test_loud_logits_explode_only_where_they_rise(logits: list[float], ill: bool) -> None:
    moments = tuple(Moment(10 * k, largest_logit=value) for k, value in enumerate(logits, 1))
    assert (kinds(findings(History(4, moments))) == ["logits-explode"]) is ill


def test_networks_that_learnt_well_are_quiet() -> None:
    """Our own, on drawings they never saw: no limit is near what healthy networks do."""
    bank = draw_bank(1, 80, HELD_OUT["test"], torch.device("cpu"))
    seen = (centred(bank.pictures, 64) - MEAN) / STD
    for name in ("judge", "house"):
        found = activity(load_module(catalogue_card(name)), seen)
        assert (
            findings(History(185, (Moment(9, largest_logit=found.largest_logit),), found.layers))
            == []
        )
        assert found.largest_logit < 20
        assert max(layer.dead / layer.channels for layer in found.layers) < 0.05


def test_labels_by_chance_are_not_learnt() -> None:
    def shuffled(step: int) -> Batch:
        x, y = pictures(32, step)
        return x, y[torch.randperm(32, generator=torch.Generator().manual_seed(step))]

    (found,) = findings(learnt(network(), 0.02, batch=shuffled))
    assert found.kind == "not-learning"
    assert f"guessing among 4 classes costs {math.log(4):.3g}" in found.message
    assert "whether labels fit their pictures" in found.advice
    assert "ten times as much, and a tenth" in found.advice


def test_a_rate_far_too_low_does_not_learn() -> None:
    assert kinds(findings(learnt(network(), 1e-7))) == ["not-learning"]


def test_a_few_pictures_again_and_again_are_learnt_by_heart() -> None:
    """Sixteen with labels of their own: all right in the end, and no better than chance on
    others.
    """
    x, _ = pictures(16, 1)
    y = torch.randint(CLASSES, (16,), generator=torch.Generator().manual_seed(2))
    history = learnt(network(), 0.1, batch=lambda _: (x, y), steps=200)
    assert history.moments[-1].training_accuracy == 1
    (found,) = findings(history)
    assert found.kind == "overfitting"
    assert found.value == pytest.approx(1 - history.moments[-1].validation_accuracy)
    for way in ("augmentation", "weight decay", "fewer parameters"):
        assert way in found.advice


def test_a_gap_that_few_pictures_may_show_by_chance_is_none() -> None:
    moments = (Moment(50, training_accuracy=0.88, validation_accuracy=0.7),)
    many = History(4, moments, training_pictures=500, validation_pictures=500)
    (found,) = findings(many)
    assert found.kind == "overfitting"
    assert found.message == (
        "at step 50, 88 % of the training pictures are right and 70 % of those kept for "
        "validation: it learns its pictures by heart"
    )
    assert kinds(findings(History(4, moments))) == ["overfitting"], "nobody says how few they were"
    assert findings(replace(many, validation_pictures=10)) == []
    assert findings(replace(many, training_pictures=16)) == []


def test_early_stopping_is_advised_at_the_step_that_was_best() -> None:
    moments = tuple(
        Moment(step, training_accuracy=0.99, validation_accuracy=value)
        for step, value in ((100, 0.6), (200, 0.7), (300, 0.65))
    )
    (found,) = findings(History(4, moments))
    assert "stop early (step 200 was the best)" in found.advice
    (still,) = findings(History(4, moments[:2]))
    assert "stop early" not in still.advice, "it gets better yet"


def test_a_validation_loss_that_rises_while_training_falls_is_overfitting() -> None:
    def history(rise: float, fall: float) -> History:
        return History(
            4,
            tuple(
                Moment(
                    step,
                    training_loss=1 - fall * step / 90,
                    validation_loss=0.9 + rise * max(0, step - 30) / 60,
                )
                for step in range(10, 100, 10)
            ),
        )

    (found,) = findings(history(0.5, 0.8))
    assert found.kind == "overfitting"
    assert found.value == pytest.approx(0.5)
    assert "from 0.9 at step 10 to" in found.message
    assert findings(history(0.02, 0.8)) == [], "too little"
    dip = Moment(80, training_loss=0.2, validation_loss=0.8)
    jump = Moment(90, training_loss=0.1, validation_loss=1.2)
    lately = replace(history(0, 0.8), moments=(*history(0, 0.8).moments[:-2], dip, jump))
    assert findings(lately) == [], "once, and just now"
    assert findings(history(0.5, -0.1)) == [], "training's rises too: that is no learning by heart"


@pytest.mark.parametrize("least", [0.0, 1e-6])
def test_a_loss_of_next_to_nothing_may_be_a_hundred_times_as_much(least: float) -> None:
    moments = [Moment(10 * k, training_loss=1 / k, validation_loss=least) for k in range(1, 9)]
    last = Moment(90, training_loss=0.01, validation_loss=100 * least + 1e-3)
    assert findings(History(4, (*moments, last))) == []


def test_measurements_that_were_none_hide_no_illness() -> None:
    losses = [math.nan, 0.2, 0.3, 0.4, math.nan, 0.8]
    moments = [
        Moment(10 * k, training_loss=1 / k, validation_loss=v) for k, v in enumerate(losses, 1)
    ]
    (found,) = findings(History(4, tuple(moments)))
    assert found.value == pytest.approx(0.6)


def test_findings_are_known_again_and_told_in_a_line() -> None:
    first, again = (findings(History(4, (Moment(s, largest_logit=1e6),)))[0] for s in (10, 20))
    assert first.key == again.key
    assert first != again
    assert first.as_text() == f"{first.message}; {first.advice}"
