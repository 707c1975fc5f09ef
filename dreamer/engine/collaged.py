"""What a collage came to, told as lines and as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.engine.collage_table import sentences
from dreamer.engine.folder import Folder
from dreamer.engine.scores import line
from dreamer.file_names import readable


@dataclass(frozen=True)
class Collaged:
    """What a collage came to: its folder, its picture or films, the scores by network (of the mean
    over its pieces, `before`, and of the whole, `after`), and the report.
    """

    folder: Path
    products: tuple[Path, ...]
    scores: Mapping[str, Mapping[str, Any]]
    report: Mapping[str, Any]

    @property
    def product(self) -> Path:
        """The picture or first film."""
        return self.products[0] if self.products else Folder(self.folder).frames

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "folder": readable(str(self.folder)),
            "product": readable(str(self.product)),
            "products": [readable(str(path)) for path in self.products],
            "scores": self.scores,
            "report": self.report,
        }

    def as_text(self) -> str:
        """What networks see in it and in its pieces, then the picture or film."""
        lines = []
        for network, parts in self.scores.items():
            lines.append(f"{network} sees in the whole:")
            lines += [f"  {line(label, score)}" for label, score in parts["after"]]
            lines.append(f"{network} sees in its pieces, on average:")
            lines += [f"  {line(label, score)}" for label, score in parts["before"]]
        lines += sentences(self.report, self.folder)
        lines += self.report.get("said", [])
        lines += (readable(str(path)) for path in self.products or [self.product])
        return "\n".join(lines)
