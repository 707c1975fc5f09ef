"""Contact sheets: whole pictures in equal cards, captions in line."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from rectangles import PIECES, SHEETS, gaps, photographs, shape_shown, within

from dreamer.draw.layouts.contact import contact
from dreamer.draw.layouts.placement import WHOLE, Piece, Sheet


def captioned(count: int) -> list[Piece]:
    return [dataclasses.replace(p, caption=f"picture {p.number}") for p in photographs(count)]


@given(PIECES, SHEETS)
def test_cards_are_equal_and_apart_and_pictures_whole(pieces: list[Piece], sheet: Sheet) -> None:
    laid = contact(pieces, sheet)
    assert [p.number for p in laid.placements] == [p.number for p in pieces]
    assert within(laid, sheet.margin)
    assert (gaps(laid.placements) >= sheet.gutter - 1e-6).all()
    assert len({(p.width, p.height) for p in laid.placements}) == 1
    for piece, placement in zip(pieces, laid.placements, strict=True):
        assert placement.crop == WHOLE
        if max(piece.width / piece.height, piece.height / piece.width) < 100:
            assert shape_shown(piece, placement) == pytest.approx(1, rel=1e-6)
        frame = placement.frame
        assert frame is not None
        assert min(frame.left, frame.top, frame.right, frame.bottom) >= 0


def test_captions_are_in_line_and_high_enough_for_letters() -> None:
    laid = contact(captioned(300), Sheet(1600, 1200, margin=10, gutter=6))
    feet = {p.frame.foot for p in laid.placements if p.frame}
    assert len(feet) == 1
    assert min(feet) >= 13
    assert [p.caption for p in laid.placements][:2] == ["picture 0", "picture 1"]
    assert contact(captioned(9), Sheet(900, 700), caption=55).placements[0].frame.foot == 55


def test_pictures_are_in_the_middle_of_what_captions_leave() -> None:
    wide, high = Piece(0, 90, 20, caption="x"), Piece(1, 20, 90, caption="x")
    laid = contact([wide, high], Sheet(400, 240), columns=2, caption=40)
    for card in laid.placements:
        frame = card.frame
        assert frame is not None
        assert frame.left == pytest.approx(frame.right)
        edge = 0.03 * 200  # of a cell of 200 × 240, of which 200 are for the picture
        assert frame.top - edge == pytest.approx(frame.bottom - frame.foot)


def test_more_pictures_make_smaller_cells_on_the_same_sheet() -> None:
    areas = []
    for count in (10, 100, 1000):
        laid = contact(captioned(count), Sheet(1600, 1200))
        assert laid.size == (1600, 1200)
        areas.append(laid.placements[0].width * laid.placements[0].height * count)
    assert min(areas) > 0.8 * 1600 * 1200


def test_no_other_number_of_columns_has_larger_pictures() -> None:
    pieces = [Piece(k, 30, 20, caption="x") for k in range(47)]
    sheet = Sheet(1000, 700, gutter=4)

    def picture(columns: int | None) -> float:
        card = contact(pieces, sheet, columns=columns).placements[0]
        assert card.frame is not None
        return card.width - card.frame.left - card.frame.right

    assert picture(None) >= max(picture(columns) for columns in range(1, 48)) * 0.97


def test_without_a_height_rows_are_added() -> None:
    pieces = [Piece(k, 30, 20, caption="x") for k in range(120)]
    short = contact(pieces[:12], Sheet(900, None), columns=6)
    long = contact(pieces, Sheet(900, None), columns=6)
    assert short.placements[0].width == long.placements[0].width == 150
    assert long.size[1] == pytest.approx(10 * short.size[1], abs=10)


def test_sheets_without_room_say_why() -> None:
    with pytest.raises(ValueError, match="leave less than a pixel for their pictures"):
        contact(photographs(3), Sheet(100, 100), caption=99.5, columns=3)
    with pytest.raises(ValueError, match="contact: columns: expected"):
        contact(photographs(3), Sheet(100, 100), columns=0)
