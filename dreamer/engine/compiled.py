"""What came of a compilation, or would: its plan and its films, told as lines and as plain data."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.recipe.shots import Cut, Placed

BETWEEN = (
    "# Raw pictures and samples go from one to the next through pipes; words are drawn and sounds\n"
    "# mixed, on the way. What is only used on the way, .texts (recipe and chapters), .silent and\n"
    "# sound.wav, lies in a folder that is removed."
)


@dataclass(frozen=True)
class Compiled:
    """What was made, or would be: the plan, the films and stills, and what ffmpeg is told.

    `made` says that frames were made for it now, `whole` that the films lie there, made now or
    before.
    """

    cut: Cut
    products: tuple[Path, ...]
    made: bool
    commands: tuple[tuple[str, list[str]], ...] = ()
    whole: bool = False

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        names = [str(path) for path in self.products]
        found: dict[str, Any] = {
            "product": names[0],
            "products": names,
            "made": self.made,
            "whole": self.whole,
            "frames": self.cut.frames,
            "fps": str(self.cut.fps),
            "seconds": round(float(self.cut.seconds), 6),
            "size": list(self.cut.size),
            "clips": [_row(placed) for placed in self.cut.shots],
        }
        if self.commands:
            found["commands"] = [{"what": what, "command": said} for what, said in self._told()]
        return found

    def as_text(self) -> str:
        """As lines."""
        if self.whole:
            return "\n".join(map(str, self.products))
        cut = self.cut
        rate = f"{cut.frames} frames at {cut.fps} a second, {float(cut.seconds):.6g} s"
        lines = [f"{self.products[0]}: {cut.size[0]}×{cut.size[1]}, {rate}"]
        for placed in cut.shots:
            row = _row(placed)
            way = f", {row['transition']} over {placed.over}" if placed.over else ""
            size = f", {row['size'][0]}×{row['size'][1]}" if row["size"] else ""
            what = f"{row['kind']} {row['name']!r}"
            lines.append(f"  {placed.first:6d}  {placed.shot.frames:6d} frames  {what}{size}{way}")
        if self.commands:
            lines += ["", BETWEEN]
        for what, said in self._told():
            lines += [f"# {what}", shlex.join(said)]
        return "\n".join(lines)

    def _told(self) -> Iterator[tuple[str, list[str]]]:
        for what, arguments in self.commands:
            yield what, [ffmpeg_binary(), "-hide_banner", "-nostdin", *arguments]


def _row(placed: Placed) -> dict[str, Any]:
    shot = placed.shot
    return {
        "kind": shot.kind,
        "name": " ".join(shot.name.split()),
        "first": placed.first,
        "frames": shot.frames,
        "transition": placed.xfade or "cut",
        "over": placed.over,
        "size": list(shot.file.size) if shot.file is not None else None,
        "clips": len(shot.cells) or None,
    }
