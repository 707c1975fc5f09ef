"""Pictures are varied as far as is said, each in its own way, and in no way that is not."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
import torch
from courses import course

from dreamer.learn.augment import centred
from dreamer.learn.course import Course, Stage
from dreamer.learn.draws import Draws
from dreamer.learn.squares import Squares
from dreamer.learn.variation import Variation, varied


def gradient_squares(count: int = 6, side: int = 40) -> torch.Tensor:
    """Squares that grow lighter to the right in red, and downwards in green."""
    across = torch.linspace(40, 200, side).round()
    picture = torch.stack([across.expand(side, side), across[:, None].expand(side, side)] * 2)[:3]
    return picture.to(torch.uint8).expand(count, -1, -1, -1).contiguous()


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_nothing_said_is_the_middle_that_is_looked_at() -> None:
    squares = gradient_squares()
    for part, side in ((1.0, 40), (0.8, 32)):
        found = varied(squares, side, part, Variation(), chance())
        torch.testing.assert_close(found, centred(squares, side, part), atol=2e-3, rtol=0)


def test_flips_mirror_about_half() -> None:
    squares = gradient_squares(400, 20)
    found = varied(squares, 20, 1.0, Variation(flip=True), chance())
    mirrored = found[:, 0, 10, 2] > found[:, 0, 10, 17]
    assert 150 < int(mirrored.sum()) < 250
    whole = squares.float() / 255
    torch.testing.assert_close(found[mirrored], whole[mirrored].flip(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(found[~mirrored], whole[~mirrored], atol=1e-5, rtol=0)


def test_a_shift_moves_and_reflects_as_numpy_does() -> None:
    squares = torch.randint(0, 256, (200, 3, 16, 16), dtype=torch.uint8, generator=chance(1))
    found = varied(squares, 16, 1.0, Variation(shift=0.25), chance()).numpy()
    whole = squares.numpy().astype(np.float32) / 255
    moved = np.pad(whole, ((0, 0), (0, 0), (4, 4), (4, 4)), mode="symmetric")
    distance = []
    for k in range(len(found)):
        places = [(i, j) for i in range(9) for j in range(9)]
        off = [np.abs(moved[k, :, i : i + 16, j : j + 16] - found[k]).mean() for i, j in places]
        distance.append(np.array(places[int(np.argmin(off))]) - 4)
    spread = np.abs(distance)
    assert spread.max() == 4, "a quarter of the side, and no further"
    assert len({tuple(d) for d in distance}) > 50, "each moves in its own way"


def test_turns_stay_within_their_degrees() -> None:
    across = gradient_squares(300, 64)
    found = varied(across, 64, 1.0, Variation(rotate=20), chance())[:, 0, 24:40, 24:40]
    right = (found[:, :, -1] - found[:, :, 0]).mean(1)
    down = (found[:, -1] - found[:, 0]).mean(1)
    degrees = torch.rad2deg(torch.atan2(down, right)).abs()
    assert degrees.max() <= 20.5
    assert degrees.max() > 17
    assert degrees.mean() == pytest.approx(10, abs=1.5)


def test_crops_enlarge_and_stay_inside() -> None:
    squares = gradient_squares(300, 60)
    found = varied(squares, 48, 0.8, Variation(crop=0.4), chance())
    spans = (found[:, 0, 24, -1] - found[:, 0, 24, 0]) * 255 / 160
    assert spans.min() == pytest.approx(0.6, abs=0.03)
    assert spans.max() == pytest.approx(1.0, abs=0.04)
    assert found.min() * 255 > 38
    assert found.max() * 255 < 202


@pytest.mark.parametrize(
    ("variation", "most"),
    [(Variation(brightness=0.2), 0.2), (Variation(cast=0.1), 0.1)],
)
def test_light_is_added_to_either_side(variation: Variation, most: float) -> None:
    squares = torch.full((500, 3, 4, 4), 128, dtype=torch.uint8)
    off = varied(squares, 4, 1.0, variation, chance())[:, 0, 0, 0] - 128 / 255
    assert off.abs().max() <= most + 1e-6
    assert off.min() < -0.9 * most
    assert off.max() > 0.9 * most
    assert off.mean().abs() < 0.1 * most


def test_contrast_keeps_grey_and_colour_keeps_light() -> None:
    squares = gradient_squares(200, 8)
    contrasted = varied(squares, 8, 1.0, Variation(contrast=0.3), chance())
    factor = (contrasted - 0.5) / (squares.float() / 255 - 0.5)
    per_picture = factor.flatten(1)
    torch.testing.assert_close(per_picture.amin(1), per_picture.amax(1), atol=1e-3, rtol=0)
    assert per_picture.min() > 0.699
    assert per_picture.max() < 1.301
    coloured = varied(squares, 8, 1.0, Variation(colour=0.5), chance())
    weights = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
    inside = ((coloured > 0) & (coloured < 1)).all(1)
    off = ((coloured - squares.float() / 255) * weights).sum(1)
    assert off[inside].abs().max() < 1e-5
    assert inside.float().mean() > 0.95


def plain(**changes: object) -> Course:
    """Four pictures a step, seen as they are."""
    small = {"stages": (Stage(16, 30),), "batch": 4, "variation": Variation(), "part": 1.0}
    return course(**{**small, **changes})


def numbered(count: int, classes: int = 2) -> Squares:
    """Squares of one level each, by which they are known again; mostly of class 0."""
    pictures = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 16, 16)
    labels = torch.zeros(count, dtype=torch.long)
    labels[: classes - 1] = torch.arange(1, classes)
    return Squares(pictures, labels, tuple("abc"[:classes]), ("g",) * classes)


def seen(draws: Draws, step: int) -> list[int]:
    pictures, *_ = draws.batch(step)
    return [round(level * 255) for level in pictures[:, 0, 8, 8].tolist()]


def test_an_epoch_shows_every_picture_once_in_another_order() -> None:
    draws = Draws(numbered(10), plain(sampling="epochs"))
    assert draws.per_epoch == 3
    first = [seen(draws, k) for k in range(3)]
    assert [len(batch) for batch in first] == [4, 4, 2]
    assert sorted(chain(*first)) == list(range(10))
    second = list(chain(*(seen(draws, k) for k in range(3, 6))))
    assert sorted(second) == list(range(10))
    assert second != list(chain(*first))
    assert seen(Draws(numbered(10), plain(sampling="epochs")), 4) == second[4:8], "from any step"


def test_one_left_over_joins_the_last_step() -> None:
    draws = Draws(numbered(9), plain(sampling="epochs"))
    assert [len(seen(draws, k)) for k in range(4)] == [4, 5, 4, 5]


def test_classes_are_drawn_alike_where_that_is_said() -> None:
    squares = numbered(50)  # one picture of b, 49 of a
    for sampling, expected in (("even", 0.5), ("roots", 1 / 8)):
        draws = Draws(squares, plain(sampling=sampling, batch=400))
        _, labels, *_ = draws.batch(1)
        assert labels.float().mean().item() == pytest.approx(expected, abs=0.08)


def test_a_balanced_loss_weighs_rare_classes_more() -> None:
    assert Draws(numbered(50), plain()).loss_weight is None
    weight = Draws(numbered(50), plain(balance=True)).loss_weight
    assert weight is not None
    assert weight.tolist() == pytest.approx([50 / 2 / 49, 50 / 2 / 1])
