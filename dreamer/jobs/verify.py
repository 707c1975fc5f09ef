"""`verify`: every frame of a render or collage against its journal, and what else was written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dreamer.engine.collage_again import (
    changed_files,
    changed_layout,
    changed_pieces,
    kept_collage,
)
from dreamer.engine.collage_homes import is_collage
from dreamer.engine.collage_layout import LAYOUT
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import kept_recipe
from dreamer.engine.provenance import changed_sources


@dataclass(frozen=True)
class Verdict:
    """How many frames there are, how many there should be (None: endless), and what is wrong. Of a
    collage that is a picture `what` says that files are counted. `notes` are of what lies outside.
    """

    directory: Path
    frames: int
    wanted: int | None
    problems: tuple[str, ...]
    what: str = "frames"
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every frame is there as it was written."""
        return not self.problems and (self.wanted is None or self.frames >= self.wanted)

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        found: dict[str, object] = {
            "whole": self.whole,
            self.what: self.frames,
            "wanted": self.wanted,
            "problems": list(self.problems),
        }
        return found | ({"notes": list(self.notes)} if self.notes else {})

    def as_text(self) -> str:
        """What is wrong, then a summary."""
        of = "" if self.wanted is None else f" of {self.wanted}"
        count = f"{self.frames}{of} {self.what} are as they were written"
        lines = [*self.problems, *self.notes, count]
        if not self.whole:
            # `resume` says itself what it cannot mend: sources that are others now.
            lines.append(f"`dreamer resume {self.directory}` makes what is missing")
        return "\n".join(lines)


def verify(directory: Path) -> Verdict:
    """Read every frame of `directory` and compare it with the journal, and the pictures it was made
    from with what they were. The networks it was made with need not be here. A collage is whole
    without its pieces, which lie elsewhere: of those that changed it is only said.

    Raises:
        FolderError: no render's folder.
    """
    folder = Folder(directory).require()
    if is_collage(directory):
        return _of_collage(folder)
    recipe = kept_recipe(folder)
    found = folder.problems()
    frames = [problem for problem in found if problem]
    others = [folder.journal().damage, *changed_sources(folder)]
    problems = (*frames, *filter(None, others))
    return Verdict(directory, len(found) - len(frames), recipe.frames, problems)


def _of_collage(folder: Folder) -> Verdict:
    recipe = kept_collage(folder)
    whole, of, wrong = changed_files(folder, recipe)
    others = changed_pieces(folder)
    notes: list[str] = []
    if changed_layout(folder):
        path = folder.path / LAYOUT
        notes.append(f"{path} was changed; `dreamer collage {path}` draws what it says")
    if others:
        many = "1 piece is" if len(others) == 1 else f"{len(others)} pieces are"
        notes.append(f"{many} not there as before, and it cannot be drawn anew: {others[0]}")
    if recipe.still:
        return Verdict(folder.path, whole, of, tuple(wrong), "files", tuple(notes))
    found = folder.problems()
    frames = [problem for problem in found if problem]
    problems = (*frames, *filter(None, [folder.journal().damage]), *wrong)
    count = len(found) - len(frames)
    return Verdict(folder.path, count, recipe.frames, problems, notes=tuple(notes))
