"""A word of a command as others may read it: without the folders of the machine that it was typed
on. Where a folder's name ends nobody can tell from a word, so that rather too much is cut.
"""

from __future__ import annotations

import re
import shlex

CUT = "…/"
# Of a whole path: from the root, a drive or a person's home, or out of the folder one is in.
_ROOT = r"(?:~[^\s/\\]*[/\\]|[A-Za-z]:[/\\]|[/\\](?=\S)|\.\.[/\\])"
_START = rf"(?<![\w.~-]){_ROOT}"
_NEXT = rf"""[:,]\ ["']?{_ROOT}|,\ [\w.]+:\ """  # of a list or mapping: `{image: /a/b, size: 3}`
_FOLDERS = re.compile(rf"{_START}(?:(?!{_NEXT}).)*[/\\]", re.DOTALL | re.VERBOSE)
_HOME = re.compile(r"(?<![\w.~-])~[^\s/\\]+[/\\]")
_GLUED = re.compile(rf"-[A-Za-z]+?(?={_ROOT}.*[/\\])", re.DOTALL | re.VERBOSE)


def shortened(word: str) -> str:
    """`word`, as it is quoted, with every whole path in it cut to its last part: `…/night`."""
    glued = _GLUED.match(word)  # `-o/home/jane/night`
    option = glued[0] if glued else ""
    cut = _HOME.sub(CUT, _FOLDERS.sub(CUT, word[len(option) :]))
    told = option + cut
    quoted = shlex.quote(told.replace(CUT, "x"))
    return told if quoted == told.replace(CUT, "x") else shlex.quote(told)
