r"""Ffmpeg's text format for metadata, written and read exactly: in it texts of any length travel,
where an argument may have 128 kB at most.

A backslash escapes `=`, `;`, `#`, itself and the ends of lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dreamer.media.film import Chapter

HEADER = ";FFMETADATA1\n"


def write_ffmetadata(texts: Mapping[str, str], chapters: Sequence[Chapter] = ()) -> str:
    """`texts` and `chapters` in ffmpeg's format; chapters to the microsecond."""
    # Ffmpeg takes the end of a line for escaped after any backslash, an escaped one too; the zero
    # ends a text that ends with one.
    rows = [f"{_escaped(key)}={_escaped(text)}\0\n" for key, text in texts.items()]
    for one in chapters:
        start, end = (round(moment * 10**6) for moment in (one.start, one.end))
        rows.append(f"[CHAPTER]\nTIMEBASE=1/1000000\nSTART={start}\nEND={end}\n")
        rows.append(f"title={_escaped(one.title)}\0\n")
    return HEADER + "".join(rows)


def _escaped(text: str) -> str:
    return re.sub(r"([=;#\\\n\r])", r"\\\1", text)


def read_ffmetadata(words: str) -> dict[str, str]:
    """The texts of a whole file, by key, out of what ffmpeg wrote; those of its chapters and
    streams are left.
    """
    found: dict[str, str] = {}
    key: str | None = None
    part: list[str] = []
    for letters in re.findall(r"\\.|[^\\=\n]+|[=\n]", words.removeprefix(HEADER), re.DOTALL):
        if letters == "=" and key is None:
            key, part = "".join(part), []
        elif letters != "\n":
            part.append(letters[1:] if letters[0] == "\\" else letters)
        else:
            if key is not None:
                found[key] = "".join(part)
            elif part and part[0].startswith("["):
                break
            key, part = None, []
    return found
