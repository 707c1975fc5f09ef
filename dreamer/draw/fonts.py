"""Fonts: dreamer's own and those that a person names, and whether they have the letters they are to
draw: a font draws a box, or nothing, for what it lacks, and says nothing of it.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from PIL import ImageFont, features

from dreamer.draw.lettering import legible

Font = ImageFont.FreeTypeFont
# DejaVu Sans (its licence lies beside it): Latin, Greek, Cyrillic, signs and arrows. Pillow's own
# has English letters and little else.
OURS = Path(__file__).parents[1] / "data" / "fonts" / "DejaVuSans.ttf"
LOOK = 48  # pixels that letters are compared at
NO_LETTER = "\U0010ffff"  # which no font has
RIGHT_TO_LEFT = ("R", "AL", "AN")


def font_at(file: Path | None, size: int) -> Font:
    """The font in `file`, or dreamer's own, `size` pixels high.

    Raises:
        ValueError: it is no font.
    """
    try:
        if file is not None and not file.is_file():
            raise ValueError(f"no such file: {file}")
        return ImageFont.truetype(str(file or OURS), size)
    except OSError as error:
        raise ValueError(f"{file or OURS} is no font that can be read ({error})") from error
    except ImportError as error:
        raise ValueError("this Pillow has no FreeType, and draws no letters") from error


def refuse_undrawn(text: str, file: Path | None) -> None:
    """Refuse `text` where the font in `file`, or dreamer's own, lacks one of its letters.

    Raises:
        ValueError: which letters, of which font, and what to do.
    """
    font = font_at(file, LOOK)
    lacking = [letter for letter in dict.fromkeys(spelt(text)) if not _has(file, letter)]
    called = "the font that comes with dreamer" if file is None else f"the font {file.name}"
    if lacking:
        named = ", ".join(_named(letter) for letter in lacking[:4])
        more = f" and {len(lacking) - 4} more" if len(lacking) > 4 else ""
        family = "" if file is None else f" ({' '.join(filter(None, font.getname()))})"
        raise ValueError(
            f"{called}{family} cannot draw {named}{more}; say font: FILE, of one that has "
            f"{'it' if len(lacking) == 1 else 'them'}, or write it otherwise"
        )
    turned = [letter for letter in text if unicodedata.bidirectional(letter) in RIGHT_TO_LEFT]
    if turned and not features.check("raqm"):
        raise ValueError(
            f"{_named(turned[0])} is written from right to left, which this Pillow cannot lay out "
            f"(it lacks libraqm)"
        )


def spelt(text: str) -> str:
    """`text` as it is drawn: letters with their accents as one, where there is one."""
    return unicodedata.normalize("NFC", text)


def drawable(text: str, file: Path | None = None) -> str:
    """`text` as the font in `file`, or dreamer's own, can draw it, where nobody wrote it to be
    drawn (names of files): letters that it lacks as `lettering.legible` has them.
    """
    return "".join(one if _has(file, one) else legible(one) for one in spelt(text))


def undrawn(text: str, file: Path | None = None) -> list[str]:
    """The letters of `text` that `drawable` makes question marks of."""
    return [one for one in dict.fromkeys(spelt(text)) if one != "?" and drawable(one, file) == "?"]


def _named(letter: str) -> str:
    name = unicodedata.name(letter, "a letter without a name")
    shown = f"'{letter}' " if letter.isprintable() else ""
    return f"{shown}(U+{ord(letter):04X}, {name.lower()})"


@cache
def _has(file: Path | None, letter: str) -> bool:
    """Whether the font draws `letter` otherwise than what it draws for none, which is as good as
    its table says, and is asked of whatever kind of font it is.
    """
    if letter.isspace():
        return True
    font = font_at(file, LOOK)
    drawn, none = (_drawn(font, one) for one in (letter, NO_LETTER))
    empty = drawn[1].strip(b"\0") == b""
    return drawn != none and not (empty and not _invisible(letter))


def _invisible(letter: str) -> bool:
    """Whether nothing is to be seen of it: joiners, marks of direction, variants."""
    return unicodedata.category(letter) in ("Cf", "Mn", "Zs", "Cc")


def _drawn(font: Font, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)
