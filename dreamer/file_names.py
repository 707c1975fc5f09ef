r"""Names of files as UTF-8 can hold them, from which the files are found again: a byte that is no
UTF-8, which Python has as half of a surrogate pair, is written `\xE4`, and a backslash that would
be read as such an escape `\x5C`. Of Windows, whose names are Unicode and whose folders are parted
by backslashes, all stays as it is.
"""

from __future__ import annotations

import os
import re

HALF = re.compile("[\udc80-\udcff]")
ESCAPED = re.compile(r"\\x([89A-F][0-9A-F]|5C)")
STRANGE = re.compile(f"{HALF.pattern}|{ESCAPED.pattern}")


def written_name(name: str) -> str:
    """The name or path `name` as UTF-8 can hold it."""
    if os.name == "nt":
        return name
    return STRANGE.sub(_escape, name)


def read_name(text: str) -> str:
    """The name that was `written_name`."""
    if os.name == "nt":
        return text
    return ESCAPED.sub(_byte, text)


def readable(text: str) -> str:
    """Any `text` that names files, to be read by people: its backslashes are left alone."""
    return HALF.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    text = found[0]
    return f"\\x{ord(text) - 0xDC00:02X}" if len(text) == 1 else f"\\x5C{text[1:]}"


def _byte(found: re.Match[str]) -> str:
    value = int(found[1], 16)
    return "\\" if value == 0x5C else chr(0xDC00 + value)
