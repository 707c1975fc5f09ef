"""Near duplicates: the same photograph however it was saved, and no other."""

from __future__ import annotations

import io
import itertools
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_site import photograph, saved
from PIL import Image, ImageEnhance

from dreamer.datasets.likeness import MOST_BITS, Likeness, alike, likeness, pairs


def again(picture: Image.Image, **how: object) -> Image.Image:
    return Image.open(io.BytesIO(saved(picture, **how))).convert("RGB")


@pytest.mark.parametrize(
    "change",
    [
        partial(again, quality=50),
        partial(again, kind="webp", quality=60),
        lambda p: p.resize((p.width // 2, p.height // 2), Image.Resampling.LANCZOS),
        lambda p: p.resize((p.width * 3, p.height * 3), Image.Resampling.BICUBIC),
        lambda p: again(p.resize((p.width // 2, p.height // 2)), quality=70),
    ],
)
def test_a_picture_saved_anew_is_the_same(change) -> None:
    for seed in range(8):
        picture = photograph(seed)
        assert alike(likeness(picture), likeness(change(picture)))


def test_other_pictures_are_not() -> None:
    seen = [likeness(photograph(seed)) for seed in range(60)]
    assert pairs(seen) == []


def test_the_same_shapes_in_other_colours_are_another_picture() -> None:
    picture = photograph(3)
    red, green, blue = picture.split()
    turned = Image.merge("RGB", (green, red, blue))
    darker = ImageEnhance.Brightness(picture).enhance(0.5)
    assert not alike(likeness(picture), likeness(turned))
    assert not alike(likeness(picture), likeness(darker))


def test_the_signs_are_those_of_the_cosine_transform() -> None:
    """Term by term from its definition."""
    picture = photograph(5)
    grey = np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.LANCZOS), float)
    place = (np.arange(32) + 0.5) * np.pi / 32
    low = np.array(
        [
            [(grey * np.outer(np.cos(v * place), np.cos(u * place))).sum() for u in range(8)]
            for v in range(8)
        ]
    )
    bits = "".join("01"[int(x > np.median(low))] for x in low.ravel())
    assert likeness(picture).signs == int(bits, 2)


@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 63), max_size=9)), max_size=30),
)
def test_every_pair_is_found(roots: list[int], changes: list[tuple[int, set[int]]]) -> None:
    """Against comparing all with all; hashes lie up to nine bits from a few."""
    signs = [roots[k % len(roots)] ^ sum(1 << b for b in bits) for k, bits in changes]
    found = pairs([Likeness(one, bytes(192)) for one in signs])
    wanted = [
        (i, j)
        for i, j in itertools.combinations(range(len(signs)), 2)
        if (signs[i] ^ signs[j]).bit_count() <= MOST_BITS
    ]
    assert found == wanted
