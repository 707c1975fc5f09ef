"""`verify`: every frame of a render against its journal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dreamer.engine.folder import Folder
from dreamer.engine.preparing import kept


@dataclass(frozen=True)
class Verdict:
    """How many frames there are, how many there should be (None: endless), and what is wrong."""

    directory: Path
    frames: int
    wanted: int | None
    problems: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether every frame is there as it was written."""
        return not self.problems and (self.wanted is None or self.frames == self.wanted)

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "whole": self.whole,
            "frames": self.frames,
            "wanted": self.wanted,
            "problems": list(self.problems),
        }

    def as_text(self) -> str:
        """What is wrong, then a summary."""
        of = "" if self.wanted is None else f" of {self.wanted}"
        lines = [*self.problems, f"{self.frames}{of} frames are as they were written"]
        if not self.whole:
            lines.append(f"`dreamer resume {self.directory}` makes what is missing")
        return "\n".join(lines)


def verify(directory: Path) -> Verdict:
    """Read every frame of `directory` and compare it with the journal.

    Raises:
        FolderError: no render's folder, or a damaged journal.
    """
    folder = Folder(directory).require()
    found = folder.problems()
    wrong = tuple(problem for problem in found if problem)
    return Verdict(directory, len(found) - len(wrong), kept(folder).plan.frames, wrong)
