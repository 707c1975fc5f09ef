"""The split is stable, attacks stay in their ball and find what they look for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from parted import squares_of
from PIL import Image

from dreamer.learn.attack import l2, one_step, pgd
from dreamer.learn.listed import listed
from dreamer.learn.split import part_of

NAMES = [f"flowers/daisy/{k}.jpg" for k in range(4000)]


def test_a_name_that_is_no_utf8_has_a_part_and_utf8_keeps_its_own() -> None:
    for name in ("flowers/caf\udce9/1.jpg", "flowers/\ud800.jpg"):  # as Linux and Windows have them
        assert part_of(name) == part_of(name)
    assert len({part_of(f"\udce9/{k}.jpg") for k in range(60)}) == 3
    for name in (*NAMES, "blüten/löwenzahn.jpg", "花/菊.png"):
        where = int.from_bytes(hashlib.sha256(name.encode("utf-8")).digest()[:8], "big") / 2**64
        assert (part_of(name, validation=0) == "test") == (where < 0.1)


def test_the_split_has_the_parts_asked_for() -> None:
    parts = [part_of(name) for name in NAMES]
    assert parts.count("test") == pytest.approx(400, abs=70)
    assert parts.count("validation") == pytest.approx(400, abs=70)


def test_a_larger_test_part_keeps_what_was_in_it() -> None:
    small = {n for n in NAMES if part_of(n, test=0.1) == "test"}
    large = {n for n in NAMES if part_of(n, test=0.2) == "test"}
    assert small < large


def test_variants_stay_together_and_separators_do_not_matter() -> None:
    assert len({part_of(f"a/b_nohash_{k}.jpg") for k in range(50)}) == 1
    assert part_of(Path("a") / "b.jpg") == part_of("a/b.jpg")


def linear(x: torch.Tensor) -> torch.Tensor:
    """Two classes: light above grey, and below."""
    margin = (x - 0.5).sum((1, 2, 3))
    return torch.stack([margin, -margin], 1)


def test_attacks_stay_in_their_ball_and_in_range() -> None:
    x = torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    y = torch.zeros(4, dtype=torch.long)
    for found in (
        pgd(linear, x, y, 0.7),
        one_step(
            linear, x, y, torch.full((4, 1, 1, 1), 0.7), 1.2, torch.Generator().manual_seed(1)
        ),
    ):
        assert (l2(found - x) <= 0.7001).all()
        assert (l2(found - x) > 0.6).all(), "and go nearly to its edge"
        assert found.min() >= 0
        assert found.max() <= 1


def test_pgd_finds_the_worst_direction_of_a_linear_classifier() -> None:
    x = torch.full((1, 3, 8, 8), 0.5)
    found = pgd(linear, x, torch.zeros(1, dtype=torch.long), 0.5)
    expected = x - 0.5 / (3 * 64) ** 0.5
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_pgd_measures_where_gradients_are_switched_off() -> None:
    x = torch.full((1, 3, 8, 8), 0.5)
    with torch.no_grad():
        found = pgd(linear, x, torch.zeros(1, dtype=torch.long), 0.5)
    assert l2(found - x).item() == pytest.approx(0.5, abs=1e-4)


def test_squares_are_read_by_part_with_their_groups(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    for folder in ("flowers/daisy", "buildings/train/vault", "buildings/test/vault"):
        (tmp_path / folder).mkdir(parents=True)
        for k in range(12):
            pixels = chance.integers(0, 255, (30, 44, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / folder / f"{k}.png")
    folders = ("flowers", "buildings/train", "buildings/test")
    found = squares_of(listed(tmp_path, folders), 16, "training")
    assert found.classes == ("daisy", "vault")
    assert found.groups == ("flowers", "buildings")
    assert found.pictures.shape[1:] == (3, 16, 16)
    expected = sum(part_of(p.relative_to(tmp_path)) == "training" for p in tmp_path.rglob("*.png"))
    assert len(found.labels) == len(found.names) == expected
