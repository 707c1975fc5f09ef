"""Every figure of an evaluation against a plain count, picture by picture."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from judged import by_chance, outcomes

from dreamer.errors import DataError
from dreamer.learn.evaluation import Evaluation, evaluated
from dreamer.learn.intervals import wilson
from dreamer.learn.outcomes import Outcomes

CASES = {
    "several classes": by_chance(200, 7, 1),
    "many classes, most without a picture": by_chance(30, 80, 2),
    "two classes": by_chance(50, 2, 3),
    "ties everywhere": outcomes([0, 1, 2, 3], np.full((4, 4), 0.25)),
}


def counted(of: Outcomes) -> dict[str, float]:
    """The figures by loops and sorting, as one would count by hand."""
    right, top, loss = 0, 0, 0.0
    allowed = min(5, math.ceil(len(of.classes) / 2))
    for label, row in zip(of.labels.tolist(), of.probabilities.tolist(), strict=True):
        ranking = sorted(range(len(row)), key=lambda k, row=row: (-row[k], k))
        right += ranking[0] == label
        top += label in ranking[:allowed]
        loss -= math.log(row[label])
    count = len(of.labels)
    return {"accuracy": right / count, "top_accuracy": top / count, "log_loss": loss / count}


@pytest.mark.parametrize("case", CASES)
def test_shares_are_those_counted_by_hand(case: str) -> None:
    found = evaluated(CASES[case])
    for name, value in counted(CASES[case]).items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-6), name


@pytest.mark.parametrize("case", CASES)
def test_each_class_is_counted_by_hand(case: str) -> None:
    of, found = CASES[case], evaluated(CASES[case])
    said = [row.index(max(row)) for row in of.probabilities.tolist()]
    recalls = []
    for k, figures in enumerate(found.per_class):
        true = [s for s, t in zip(said, of.labels, strict=True) if t == k]
        claimed = [t for s, t in zip(said, of.labels, strict=True) if s == k]
        assert (figures.support, figures.said) == (len(true), len(claimed))
        assert figures.right == true.count(k)
        assert figures.recall == (true.count(k) / len(true) if true else None)
        assert figures.precision == (claimed.count(k) / len(claimed) if claimed else None)
        recalls += [figures.recall] if true else []
        for other in range(len(of.classes)):
            assert found.confusion[k, other] == true.count(other)
    assert found.balanced_accuracy == pytest.approx(sum(recalls) / len(recalls))


def test_f1_is_the_harmonic_mean() -> None:
    for figures in evaluated(CASES["several classes"]).per_class:
        p, r = figures.precision, figures.recall
        assert figures.f1 == pytest.approx(2 * p * r / (p + r))


def test_rows_of_the_confusion_are_true_classes() -> None:
    found = evaluated(outcomes([0, 0, 0], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]))
    assert found.confusion.tolist() == [[1, 2], [0, 0]]
    assert [(p.truth, p.said, p.count) for p in found.confused] == [(0, 1, 2)]
    assert found.confused[0].share == pytest.approx(2 / 3)


def test_what_nothing_is_known_of_is_none() -> None:
    """`b` has no test picture and is never said; `c` has one and is never said."""
    found = evaluated(outcomes([0, 2], [[1, 0, 0], [1, 0, 0]]))
    a, b, c = found.per_class
    assert (a.precision, a.recall) == (0.5, 1)
    assert (b.precision, b.recall, b.f1) == (None, None, None)
    assert (c.precision, c.recall, c.f1) == (None, 0, 0)
    assert found.balanced_accuracy == 0.5, "of the two classes with pictures"


def test_a_single_picture_says_little() -> None:
    found = evaluated(outcomes([1], [[0.2, 0.8]]))
    assert found.accuracy == 1
    assert found.interval == (pytest.approx(1 / (1 + 1.959964**2)), 1)
    assert found.mistakes == ()


def test_mistakes_come_surest_first_with_both_probabilities() -> None:
    found = evaluated(
        outcomes([0, 0, 1, 1], [[0.4, 0.6], [0.9, 0.1], [0.75, 0.25], [0.6, 0.4]], names="wxyz")
    )
    assert [m.name for m in found.mistakes] == ["y", "w", "z"]
    worst = found.mistakes[0]
    assert (worst.index, worst.truth, worst.said) == (2, 1, 0)
    assert (worst.confidence, worst.given_truth) == (0.75, 0.25)


def test_pairs_come_most_frequent_first_then_by_their_share_of_the_class() -> None:
    """Of `a` one of five is taken for `c`, of `b` one of two for `a`, of `c` two for `a`."""
    labels = [0, 0, 0, 0, 0, 1, 1, 2, 2]
    said = [2, 0, 0, 0, 0, 0, 1, 0, 0]
    found = evaluated(outcomes(labels, np.eye(3)[said]))
    pairs = [(p.truth, p.said, p.count, p.share) for p in found.confused]
    assert pairs == [(2, 0, 2, 1.0), (1, 0, 1, 0.5), (0, 2, 1, 0.2)]


def test_the_commonest_class_is_what_to_beat() -> None:
    assert evaluated(outcomes([1, 1, 1, 0], np.full((4, 2), 0.5))).commonest == 0.75


def test_a_probability_of_nothing_costs_much_and_not_everything() -> None:
    found = evaluated(outcomes([1], [[1.0, 0.0]]))
    assert found.log_loss == pytest.approx(-math.log(np.finfo(np.float32).tiny))


def test_all_of_it_is_strict_json() -> None:
    found = evaluated(CASES["many classes, most without a picture"])
    read = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert read["accuracy"] == found.accuracy
    assert read["interval_95"] == list(found.interval)
    assert np.array_equal(read["confusion"], found.confusion)
    assert read["mistakes"][0]["said"] == found.classes[found.mistakes[0].said]
    assert read["classes"][79]["recall"] is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([0.5, float("nan")], "no numbers"),
        ([float("inf"), float("-inf")], "no numbers"),
        ([1.5, -0.5], "beyond 0 to 1"),
        ([0.2, 0.2], "do not add up to 1"),
    ],
)
def test_what_is_no_probability_is_refused_by_name(row: list[float], said: str) -> None:
    names = ("daisy/good.jpg", "daisy/bad.jpg")
    with pytest.raises(DataError, match=rf"^daisy/bad\.jpg: .*{said}"):
        evaluated(outcomes([0, 1], [[0.5, 0.5], row], names=names))


@pytest.mark.parametrize("label", [-1, 2])
def test_a_label_of_no_class_is_refused_by_name(label: int) -> None:
    with pytest.raises(DataError, match=rf"^things/0\.jpg: label {label} is none of 2"):
        evaluated(outcomes([label], [[0.5, 0.5]]))


def test_no_pictures_and_wrong_shapes_are_refused() -> None:
    with pytest.raises(DataError, match="no pictures to evaluate on"):
        evaluated(outcomes([], np.zeros((0, 3))))
    with pytest.raises(DataError, match="2 pictures and 2 classes"):
        evaluated(Outcomes(("x", "y"), np.zeros(2, int), np.ones((2, 3)), ("a", "b")))


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    # Newcombe 1998, table I, method 3: the published examples
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(right: int, count: int, low: float, high: float) -> None:
    assert wilson(right, count) == pytest.approx((low, high), abs=5e-5)
    assert wilson(count - right, count) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    chance = np.random.default_rng(5)
    drawn = chance.binomial(60, 0.8, 4000)
    held = [wilson(int(n), 60)[0] <= 0.8 <= wilson(int(n), 60)[1] for n in drawn]
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_no_interval_leaves_what_a_share_may_be() -> None:
    for count in range(1, 300):
        assert wilson(0, count)[0] == 0
        assert wilson(count, count)[1] == 1


def test_an_interval_of_nothing_is_refused() -> None:
    for right, count in ((0, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="expected some"):
            wilson(right, count)


def test_an_evaluation_cannot_be_changed() -> None:
    found: Evaluation = evaluated(CASES["two classes"])
    with pytest.raises(AttributeError):
        found.accuracy = 1.0  # type: ignore[misc]
