"""What all our HTML pages share: how one begins, and colours for paper and ink in the light and in
the dark.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from dreamer.errors import printable

LONGEST = 80  # letters of a stranger's name that are shown

# `--soft` is what is said aside, `--loud` what needs to be seen; `--one` and `--two` tell two
# things apart.
LIGHT = {
    "paper": "#fbfaf7",
    "ink": "#1d2024",
    "soft": "#5d646d",
    "line": "#d9d6cf",
    "mark": "#9a4d00",
    "loud": "#b3261e",
    "one": "#1f63d6",
    "two": "#c2570c",
}
DARK = {
    "paper": "#16181c",
    "ink": "#d8dce2",
    "soft": "#9aa2ad",
    "line": "#33373e",
    "mark": "#f0b060",
    "loud": "#ff9d7a",
    "one": "#74a9ff",
    "two": "#f0a04b",
}


def _said(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


COLOURS = f"""
:root {{ color-scheme: light dark; {_said(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_said(DARK)} }} }}
"""


def beginning(title: str, style: str) -> str:
    """A page up to its body, in the colours above; `style` is CSS of our own, `title` anybody's."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(printable(title))}</title>\n<style>{COLOURS}{style}</style>\n</head>\n<body>\n"
    )


def shown(name: str, longest: int = LONGEST) -> str:
    """A stranger's text as HTML of an element or a quoted attribute: escaped, in one line, without
    letters that a page would obey, and cut where it is longer than a name should be.
    """
    line = " ".join(printable(name).split())
    return escape(line if len(line) <= longest else line[: longest - 1] + "…")
