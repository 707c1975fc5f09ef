"""Channels listed, and channels chosen by how strong they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny import noise

from dreamer.dreaming import selection


def theirs(activation: np.ndarray, mode: str, count: int) -> list[int]:
    """neural-dream's ranking of the channels of `(C, h, w)`: sorted pairs of mean and number."""
    ranked = [number for _, number in sorted((a.mean(), k) for k, a in enumerate(activation))]
    if mode == "strongest":
        return ranked[::-1][:count]
    if mode == "weakest":
        return ranked[:count]
    start = (len(ranked) - 1) // 2 - count // 2
    return ranked[start : start + count]


@pytest.mark.parametrize("mode", selection.MODES)
@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("channels", [10, 11])
def test_channels_are_ranked_as_neural_dream_does(mode: str, count: int, channels: int) -> None:
    activation = noise(3, channels, 4, 5)
    found = selection.by_strength(activation, mode, count)
    assert found.tolist() == [theirs(a, mode, count) for a in activation.numpy()]


def test_the_modes_differ_as_their_names_do() -> None:
    activation = torch.tensor([3.0, -1.0, 5.0, 0.0, 4.0]).view(1, 5, 1, 1)
    chosen = {m: selection.by_strength(activation, m, 2).tolist()[0] for m in selection.MODES}
    assert chosen == {"strongest": [2, 4], "weakest": [1, 3], "average": [3, 0]}


@pytest.mark.parametrize("mode", selection.MODES)
def test_all_channels_may_be_chosen(mode: str) -> None:
    for channels in (1, 4, 5):
        found = selection.by_strength(noise(1, channels, 3, 3), mode, channels)
        assert sorted(found[0].tolist()) == list(range(channels))


@pytest.mark.parametrize("mode", selection.MODES)
def test_of_equals_the_lower_number_comes_first(mode: str) -> None:
    found = selection.by_strength(torch.zeros(1, 300, 2, 2), mode, 300)
    assert found[0].tolist() == list(range(300))


def test_strength_is_asked_where_the_mask_is() -> None:
    activation = torch.zeros(1, 2, 1, 2)
    activation[0, 0, 0], activation[0, 1, 0] = torch.tensor([1.0, 0]), torch.tensor([0, 9.0])
    mask = torch.tensor([1.0, 0]).view(1, 1, 1, 2)
    assert selection.by_strength(activation, "strongest", 1).tolist() == [[1]]
    assert selection.by_strength(activation, "strongest", 1, mask).tolist() == [[0]]


def test_looking_leaves_no_gradient() -> None:
    assert not selection.strengths(noise(1, 3, 4, 4).requires_grad_()).requires_grad


def test_each_picture_gets_its_own_channels_and_their_gradient() -> None:
    leaf = noise(2, 4, 3, 3).requires_grad_()
    own = torch.tensor([[3, 0], [1, 2]])
    picked = selection.picked(leaf, own)
    for k in (0, 1):
        assert torch.equal(picked[k], leaf[k, own[k]])
    picked.sum().backward()
    assert leaf.grad is not None
    assert leaf.grad[:, :, 0, 0].tolist() == [[1, 0, 0, 1], [0, 1, 1, 0]]


def test_listed_channels_are_those() -> None:
    activation = noise(2, 4, 3, 3)
    found = selection.picked(activation, torch.tensor([2, 0]))
    assert torch.equal(found, activation[:, [2, 0]])
    assert selection.picked(activation, None) is activation


def test_impossible_choices_are_refused() -> None:
    activation = noise(2, 4, 3, 3)
    with pytest.raises(ValueError, match="not 'loudest'"):
        selection.by_strength(activation, "loudest", 1)
    for count in (0, 5):
        with pytest.raises(ValueError, match=f"{count} channels cannot be chosen of the layer's 4"):
            selection.by_strength(activation, "strongest", count)
    with pytest.raises(ValueError, match="no choice for 2 pictures"):
        selection.picked(activation, torch.zeros(3, 1, dtype=torch.int64))
