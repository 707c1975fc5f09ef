"""Words below pieces: evenly spaced however small, in the font that is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import ImageFont

from dreamer.draw.dress import Dress
from dreamer.draw.fonts import undrawn
from dreamer.draw.framing import framed
from dreamer.draw.layouts.placement import Frame, Placement
from dreamer.draw.piece import prepare


@pytest.fixture
def latin(tmp_path: Path) -> Path:
    """Another font, which has no Cyrillic: Pillow's own."""
    file = tmp_path / "latin.ttf"
    file.write_bytes(ImageFont.load_default(10).path.getvalue())
    return file


def ink(words: str, size: int, font: Path | None = None) -> np.ndarray:
    """How dark each pixel of a caption in letters of `size` pixels is, `(h, w)`."""
    room = size / 0.42
    paper = framed(
        np.ones((4, 4, 4), np.float32),
        Frame(0, 0, 0, room),
        0,
        0,
        (300, round(room) + 4),
        words,
        font,
    )
    return np.asarray(1 - paper[0])


def middles(columns: np.ndarray) -> list[float]:
    """Where strokes with white between them stand, in pixels from the left."""
    at = np.flatnonzero(columns > 1e-3)
    runs = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
    return [float((columns[run] * run).sum() / columns[run].sum()) for run in runs]


@pytest.mark.parametrize("size", [9, 10, 11, 12, 13, 14, 17, 24])
def test_letters_are_evenly_spaced(size: int) -> None:
    """As far apart at every size as their font has them."""
    strokes = middles(ink("l l l l l l l l l", size).sum(0))
    assert len(strokes) == 9
    apart = np.diff(strokes)
    assert np.ptp(apart) < 0.5
    assert apart.mean() == pytest.approx((0.278 + 0.318) * size, abs=0.1)  # DejaVu's, in sizes


def test_words_stand_in_the_middle_of_their_room() -> None:
    drawn = ink("HHHH", 20)
    down, across = np.nonzero(drawn > 0.5)
    assert (across.min() + across.max()) / 2 == pytest.approx(149.5, abs=1)
    assert (down.min() + down.max()) / 2 == pytest.approx(4 + 20 / 0.42 / 2, abs=4)


def test_in_a_low_border_letters_stay_readable() -> None:
    """Nine pixels high, of which a capital is 0.73, where there is room for no more than that."""
    for room in (13, 16, 21):
        dark = np.flatnonzero(ink("HHHH", round(0.42 * room, 2)).max(1) > 0.5)
        assert np.ptp(dark) + 1 == pytest.approx(0.73 * 9, abs=1)


def test_words_that_are_too_long_become_smaller_and_then_shorter() -> None:
    columns = [np.flatnonzero(ink(words, 20).sum(0) > 0.01) for words in ("w" * 20, "w" * 200)]
    for found in columns:
        assert found.min() >= 0.05 * 300
        assert found.max() <= 0.95 * 300
    heights = [np.ptp(np.flatnonzero(ink(w, 20).sum(1) > 0.01)) for w in ("w", "w" * 20)]
    assert heights[1] < heights[0]


def test_a_font_of_ones_own_is_drawn_with(latin: Path) -> None:
    assert np.abs(ink("Words", 14, latin) - ink("Words", 14)).sum() > 10
    frame = Frame(4, 4, 4, 30)
    card, picture = Placement(0, 50, 50, 90, 90, frame=frame, caption="Words"), np.ones((3, 8, 8))
    own, other = (
        prepare(picture.astype(np.float32), card, Dress(font=font)) for font in (None, latin)
    )
    assert (own.pixels != other.pixels).any()


def test_letters_that_it_lacks_become_question_marks(latin: Path) -> None:
    assert (ink("мир", 14, latin) == ink("???", 14, latin)).all()
    assert (undrawn("мир é", latin), undrawn("мир é")) == (["м", "и", "р"], [])
