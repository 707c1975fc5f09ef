"""Letters that can be drawn: Pillow's own font, which is always there and the same everywhere, has
ASCII and little else, and draws boxes for the rest.
"""

from __future__ import annotations

import unicodedata

DRAWN = frozenset("…·°")  # what it has beyond ASCII, of what is used here
INSTEAD = {
    "ß": "ss",
    "ẞ": "SS",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "þ": "th",
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "x",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "€": "EUR",
    "§": "S.",
}


def legible(text: str) -> str:
    """`text` in letters that are drawn as they are: accents fall away, some letters become two, and
    those of other scripts question marks.
    """
    return "".join(map(_drawn, text))


def undrawn(text: str) -> list[str]:
    """The letters of `text` that become question marks."""
    return [letter for letter in dict.fromkeys(text) if letter != "?" and _drawn(letter) == "?"]


def _drawn(letter: str) -> str:
    if letter.isascii() or letter in DRAWN:
        return letter
    if letter in INSTEAD:
        return INSTEAD[letter]
    plain = unicodedata.normalize("NFKD", letter)
    kept = "".join(c for c in plain if c.isascii() or c in DRAWN)
    return kept or ("" if unicodedata.combining(letter) else "?")
