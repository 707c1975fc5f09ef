"""No caption is drawn as boxes."""

from __future__ import annotations

import pytest
from PIL import Image, ImageFont

from dreamer.draw.lettering import DRAWN, INSTEAD, legible
from dreamer.draw.sheet import sheet

FONT = ImageFont.load_default(20)
BOX = bytes(FONT.getmask("\uffff"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ASCII 63 %", "plain ASCII 63 %"),
        ("Träume größer", "Traume grosser"),
        ("Éléphant · Øya – Łódź", "Elephant · Oya - Lodz"),
        ("e\u0301te\u0301", "ete"),  # as some file systems write it
        ("мечта 夢", "????? ?"),
    ],
)
def test_words_become_letters_that_are_drawn(text: str, expected: str) -> None:
    assert legible(text) == expected


def test_every_letter_that_is_left_has_a_shape_of_its_own() -> None:
    letters = {c for words in (*INSTEAD.values(), *DRAWN) for c in words}
    letters |= {chr(k) for k in range(33, 127)}
    assert all(bytes(FONT.getmask(c)) != BOX for c in letters)


def test_a_sheets_captions_are_legible() -> None:
    picture = Image.new("RGB", (40, 40))
    assert sheet([(picture, "Größe")], 1, (90, 60)) == sheet([(picture, "Grosse")], 1, (90, 60))
