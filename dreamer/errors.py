"""What can go wrong, said so that a person can mend it: what, where, what was expected, the
nearest right name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HALVES = re.compile("[\ud800-\udfff]")


class DreamerError(Exception):
    """Anything dreamer refuses or fails at on purpose; `exit_code` is what the command line ends
    with.
    """

    exit_code = 1


class UsageError(DreamerError):
    """Arguments that cannot be meant."""

    exit_code = 2


class MediaError(DreamerError):
    """A picture or film that cannot be read or written."""


class NetworkError(DreamerError):
    """A network, its card or its weights that cannot be used."""


class DataError(DreamerError):
    """Pictures to learn from that are not there, or not what they should be."""


class FolderError(DreamerError):
    """A render's folder that is not what it should be: taken, damaged, or another recipe's."""


class BusyError(FolderError):
    """A folder that another process is writing into, which will end."""


class NoRoomError(FolderError):
    """A disk that has no room for what is to be written."""


class Stopped(DreamerError):
    """A signal asked to stop; everything finished is kept and the render can be resumed."""

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number

    def __reduce__(self) -> tuple[type, tuple[str, int]]:
        """For another process, as all that comes from one."""
        return type(self), (str(self), self.exit_code - 128)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a recipe; prints as `recipes/x.yaml:12: ascent.stepp: unknown key;
    …`.
    """

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        said = not self.key or self.file == f"--set {self.key}"
        return f"{where}: {self.message}" if said else f"{where}: {self.key}: {self.message}"


class RecipeError(DreamerError):
    """A recipe that cannot be rendered, with all its problems at once."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type, tuple[tuple[Problem, ...]]]:
        """For another process."""
        return type(self), (self.problems,)


class FrameError(DreamerError):
    """A frame that came out as no picture."""


def printable(text: str) -> str:
    """`text` with what a terminal would obey instead of show (escapes, marks that turn the order of
    letters) written out, as strangers' texts must be.
    """
    return "".join(
        c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text
    )


def in_unicode(text: str) -> str:
    """`text` as UTF-8 can hold it: U+FFFD in place of each byte of a file's name that is none,
    which Python has as half of a surrogate pair.
    """
    return HALVES.sub("\ufffd", text)


def did_you_mean(word: str, names: Iterable[str], most: int = 2) -> str:
    """`; did you mean 'step' or 'steps'?` for the names nearest to `word`, or nothing where none
    is near.
    """
    known = set(names)
    if word in known:
        return ""  # it is not its spelling that is wrong
    near = difflib.get_close_matches(word, sorted(known), n=most, cutoff=0.6)
    return f"; did you mean {one_of(near)}?" if near else ""


def one_of(names: Sequence[str]) -> str:
    """`'a', 'b' or 'c'`."""
    quoted = [f"'{n}'" for n in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
