"""A head learnt from bottlenecks is what torch's AdamW would learn, on features as they are."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from dreamer.learn.head import Features, HeadCourse, learnt


def blobs(count: int, seed: int) -> Features:
    """Three classes about three points, in features of very different sizes."""
    generator = torch.Generator().manual_seed(seed)
    centres = torch.tensor([[0.0, 0, 0, 5], [0, 900, 0, 5], [0, 0, 0.02, 5]])
    spread = torch.tensor([1.0, 300.0, 0.01, 0.0])  # the last says nothing, to begin with
    labels = torch.arange(count) % 3
    noise = torch.randn(count, 4, generator=generator) * spread
    return Features(centres[labels] + noise, labels)


def course(**changes: object) -> HeadCourse:
    numbers: dict[str, object] = {
        "epochs": 8,
        "batch": 32,
        "rate": 0.03,
        "weight_decay": 0.1,
        "label_smoothing": 0.1,
        "balance": False,
        "seed": 5,
    }
    return HeadCourse(**{**numbers, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("balance", [False, True])
def test_it_is_what_torch_learns(balance: bool) -> None:
    training, held = blobs(200, 0), blobs(60, 1)
    if balance:
        training = Features(training.values[:150], training.labels[:150].clamp(max=1))
    own = course(balance=balance)
    *_, found = learnt(training, held, 3, own)
    values, labels = training
    mean, std = values.mean(0), values.std(0, correction=0)
    std[3] = torch.inf  # not listened to
    generator = torch.Generator().manual_seed(own.seed)
    weight = (torch.randn(3, 4, generator=generator) * 1e-3).requires_grad_()
    bias = torch.zeros(3, requires_grad=True)
    optimiser = torch.optim.AdamW(
        [{"params": [weight]}, {"params": [bias], "weight_decay": 0.0}],
        own.rate,
        weight_decay=own.weight_decay,
    )
    per_epoch = -(-len(labels) // own.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, own.epochs * per_epoch)
    weights = (
        len(labels) / 3 / torch.bincount(labels, minlength=3).clamp(min=1) if balance else None
    )
    for _ in range(own.epochs):
        for pick in torch.split(torch.randperm(len(labels), generator=generator), own.batch):
            logits = F.linear((values[pick] - mean) / std, weight, bias)
            loss = F.cross_entropy(logits, labels[pick], weight=weights, label_smoothing=0.1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        expected = F.linear((held.values - mean) / std, weight, bias)
    shown = F.linear(held.values, found.weight, found.bias)
    torch.testing.assert_close(shown, expected, atol=2e-3, rtol=1e-3)


def test_what_it_says_of_itself_is_so() -> None:
    training, held = blobs(200, 0), blobs(90, 1)
    heads = list(learnt(training, held, 3, course()))
    assert [head.epoch for head in heads] == list(range(1, 9))
    for head in heads:
        logits = F.linear(held.values, head.weight, head.bias)
        right = (logits.argmax(1) == held.labels).float().mean().item()
        assert head.held_accuracy == pytest.approx(right)
        assert head.held_loss == pytest.approx(
            F.cross_entropy(logits, held.labels).item(), abs=1e-3
        )
    assert heads[-1].held_accuracy > 0.85
    assert heads[-1].loss < heads[0].loss


def test_what_wakes_only_in_other_pictures_decides_nothing() -> None:
    """A feature that is dead while learning, as those of ReLUs are with few pictures."""
    training, held = blobs(200, 0), blobs(90, 1)
    awake = held.values.clone()
    awake[:, 3] += torch.randn(90, generator=torch.Generator().manual_seed(2)) * 10
    *_, plain = learnt(training, held, 3, course())
    *_, woken = learnt(training, Features(awake, held.labels), 3, course())
    assert woken.held_loss == pytest.approx(plain.held_loss)


def test_the_same_seed_learns_the_same() -> None:
    training, held = blobs(100, 0), blobs(30, 1)
    *_, one = learnt(training, held, 3, course())
    *_, other = learnt(training, held, 3, course())
    *_, third = learnt(training, held, 3, course(seed=6))
    assert torch.equal(one.weight, other.weight)
    assert not torch.equal(one.weight, third.weight)
