"""Train the twins of the tests, one of whom saw dumbbells only in somebody's hand, and draw their
two reports beside each other into gallery/diagnosis.jpg: python tools/make_diagnosis.py [DIR]

DIR keeps the whole reports.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "diagnosis"))

import trained  # noqa: E402

from dreamer.draw.sheet import PAPER, sheet  # noqa: E402
from dreamer.jobs.diagnosis import Diagnosed, diagnose  # noqa: E402

OUT = ROOT / "gallery" / "diagnosis.jpg"
SHOWN, CELL = 4, 144
Cells = list[tuple[Image.Image, str]]
BLANK = (Image.new("RGB", (1, 1), PAPER), "")


def column(found: Diagnosed, picture: dict[str, Any], rows: int) -> Cells:
    def opened(name: str) -> Image.Image:
        with Image.open(found.folder / name) as image:
            return image.convert("RGB").resize((CELL, CELL), Image.Resampling.NEAREST)

    (first, p), (second, q) = picture["labels"]["judge"][:2]
    cells = [(opened(picture["file"]), f"{first} {100 * p:.0f}, {second} {100 * q:.0f}")]
    cells.append((opened(picture["saliency"]), "its score"))
    cells += [
        (opened(place["file"]), f"{place['of']}, to the judge") for place in picture["places"]
    ]
    return cells + [BLANK] * (rows - len(cells))


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    judge = trained.judge()
    columns: list[Cells] = []
    for name in ("suspect", "control"):
        found = diagnose(
            trained.pupil(name, name == "suspect"), "dumbbell", 9, judge, folder / name
        )
        print(found.as_text())
        columns += [[BLANK] * 4] if columns else []
        columns += [column(found, picture, 4) for picture in found.data["pictures"][:SHOWN]]
    cells = [cell for row in zip(*columns, strict=True) for cell in row]
    made = sheet(cells, columns=len(columns), cell=(CELL, CELL))
    made.save(OUT, quality=85)
    print(OUT.relative_to(ROOT), OUT.stat().st_size)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary))
