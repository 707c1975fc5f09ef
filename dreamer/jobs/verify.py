"""`verify`: every frame of a render against its journal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dreamer.engine.folder import Folder
from dreamer.engine.preparing import kept_recipe
from dreamer.engine.provenance import changed_sources


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
        return not self.problems and (self.wanted is None or self.frames >= self.wanted)

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
            # `resume` says itself what it cannot mend: sources that are others now.
            lines.append(f"`dreamer resume {self.directory}` makes what is missing")
        return "\n".join(lines)


def verify(directory: Path) -> Verdict:
    """Read every frame of `directory` and compare it with the journal, and the pictures it was made
    from with what they were. The networks it was made with need not be here.

    Raises:
        FolderError: no render's folder.
    """
    folder = Folder(directory).require()
    recipe = kept_recipe(folder)
    found = folder.problems()
    frames = [problem for problem in found if problem]
    others = [folder.journal().damage, *changed_sources(folder)]
    problems = (*frames, *filter(None, others))
    return Verdict(directory, len(found) - len(frames), recipe.frames, problems)
