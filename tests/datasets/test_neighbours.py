"""Which pictures look mislabelled by their neighbours, against the definition written out."""

from __future__ import annotations

import numpy as np
import pytest

from dreamer.datasets.neighbours import suspicions


def slow_suspicions(features: np.ndarray, labels: list[int], k: int = 10):
    """Shares and likenesses one picture at a time, from their definition."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    shares, like = [], []
    for i in range(len(unit)):
        cosines = [(float(unit[i] @ unit[j]), j) for j in range(len(unit)) if j != i]
        nearest = [labels[j] for _, j in sorted(cosines, reverse=True)[:k]]
        shares.append(nearest.count(labels[i]) / k)
        own = sorted((c for c, j in cosines if labels[j] == labels[i]), reverse=True)[:5]
        like.append(sum(own) / len(own))
    return shares, like


def test_suspicions_are_those_of_leaving_one_out() -> None:
    random = np.random.default_rng(4)
    labels = [k % 3 for k in range(90)]
    features = np.eye(3, 8)[labels] * 2 + random.normal(0, 0.6, (90, 8))
    features[0] = features[1] + 0.01  # a picture of class 0 among those of class 1
    features[4] = -features[4]  # unlike anything
    found = suspicions(features.astype(np.float32), labels)
    shares, like = slow_suspicions(features, labels)
    assert [s.own for s in found] == pytest.approx(shares, abs=1e-6)
    assert (found[0].is_mislabelled, found[0].other) == (True, 1)
    assert sum(s.is_mislabelled for s in found) <= 3
    assert found[4].is_unlike
    mine = np.array([v for v, label in zip(like, labels, strict=True) if label == 1])
    spread = 1.4826 * np.median(np.abs(mine - np.median(mine)))
    assert found[4].unlike == pytest.approx((np.median(mine) - like[4]) / spread, rel=1e-3)


def test_copies_do_not_stand_up_for_each_other() -> None:
    random = np.random.default_rng(4)
    labels = [k % 2 for k in range(60)]
    features = (np.eye(2, 6)[labels] + random.normal(0, 0.2, (60, 6))).astype(np.float32)
    features[0:22:2] = features[1] * 1.01  # eleven copies of one, all with the other's label
    same = [(i, j) for i in range(0, 22, 2) for j in range(i + 2, 22, 2)]
    assert not suspicions(features, labels)[0].is_mislabelled
    assert suspicions(features, labels, same)[0].is_mislabelled
