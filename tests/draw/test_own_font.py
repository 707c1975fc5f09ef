"""The font that comes with dreamer: the letters that people write, and those it refuses by name."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFont

from dreamer.draw.fonts import OURS, font_at, refuse_undrawn
from dreamer.draw.titling import Line, lettered


@pytest.mark.parametrize(
    "words",
    [
        "Größe, Fußgängerüberweg – „Öl“",
        "çà et là, où, naïve, œuvre … «n’est-ce pas»",
        "Łódź, Ďalší, Çiğdem, ăâîșț, Þórr, ñandú, ¿qué?",
        "Ελληνικά, Привет, Ґава",
        "½ ± µ √2 ≤ ≥ ∑ ∞ → ⇒ ♥ ✓ ★ € № ™ ° ─┼─ ■ ²₂",
        "e\u0301 is é, and x\u0302 is drawn of two",
        "\u2764\ufe0f, \u2066isolated\u2069, a\u00adb, a\u200bb",
    ],
)
def test_what_people_write_is_drawn(words: str) -> None:
    refuse_undrawn(words, None)
    drawn = lettered([Line(words, 0.1)], (1280, 720))
    assert drawn.pixels[..., 3].max() == 255


def test_an_umlaut_is_not_its_letter() -> None:
    umlaut, plain = (
        lettered([Line(word, 0.2)], (400, 300), style="plain").pixels[..., 3].astype(int).sum()
        for word in ("ä", "a")
    )
    assert umlaut > plain * 1.05


@pytest.mark.parametrize("letter", ["日", "😀", "ש", "م", "\a"])
def test_what_it_lacks_is_refused_by_name(letter: str) -> None:
    with pytest.raises(ValueError, match=rf"U\+{ord(letter):04X}.*say font: FILE"):
        refuse_undrawn(f"Good {letter}", None)


def test_it_may_be_shipped() -> None:
    licence = (OURS.parent / "LICENSE").read_text()
    assert "Bitstream Vera Fonts Copyright" in licence
    assert "Tavmjong Bah" in licence
    assert OURS.stat().st_size < 300_000
    family, _ = ImageFont.truetype(str(OURS), 10).getname()
    assert not {"Bitstream", "Vera", "Arev"} & set(family.split()), "changed, it needs another name"


def test_it_is_the_font_unless_another_is_said(tmp_path) -> None:
    assert font_at(None, 20).path == str(OURS)
    with pytest.raises(ValueError, match="no such file"):
        font_at(tmp_path / "no.ttf", 20)
    assert np.isfinite(font_at(None, 20).getlength("words"))
