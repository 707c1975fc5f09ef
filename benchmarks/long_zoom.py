"""Does a long zoom drift, slow down or grow? python benchmarks/long_zoom.py [--frames 2000]

Renders a feedback zoom through the whole program and prints, for each tenth of it: mean colour and
contrast of its frames, how many pixels lie at black or white, frames a second, and memory.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np

from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.run import Told, render_into
from dreamer.media.pictures import read_picture
from dreamer.recipe.parse import recipe_from_tree


def memory_mib() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def main() -> None:
    """Render, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--size", type=int, nargs=2, default=(144, 96))
    parser.add_argument("--target", default="daisy,dome_outer")
    parser.add_argument("--keep", type=Path, help="a folder for the frames, to look at")
    asked = parser.parse_args()
    tree = {
        "seed": 1,
        "size": list(asked.size),
        "target": [{"class": name} for name in asked.target.split(",")],
        "ascent": {"first_steps": 16, "steps": 2},
        "motion": {"zoom": 1.3, "rotate": {"expr": "6*sin(tau*t/9)"}},
        "length": asked.frames,
        "classify": "off",
    }
    place = Path(tempfile.mkdtemp())
    memory: dict[int, float] = {}
    try:
        folder = Folder(place / "zoom")

        def watch(told: Told) -> None:
            memory[told.done] = memory_mib()

        ready = prepare(folder, checked(recipe_from_tree(tree, place)), "long_zoom")
        render_into(folder, ready, watch)
        seconds = [e.seconds for _, e in sorted(folder.journal().entries.items())]
        print("frames        red  green  blue   contrast  clipped  frames/s  MiB")
        tenth = max(1, asked.frames // 10)
        for start in range(0, asked.frames, tenth):
            part = range(start, min(start + tenth, asked.frames))
            pictures = np.stack([read_picture(folder.frame_path(k)) for k in part])
            red, green, blue = pictures.mean((0, 2, 3))
            clipped = ((pictures <= 0.002) | (pictures >= 0.998)).mean()
            rate = len(part) / sum(seconds[k] for k in part)
            print(
                f"{start:5d}–{part[-1]:5d}  {red:.3f} {green:.3f}  {blue:.3f}  {pictures.std():.3f}"
                f"     {100 * clipped:5.2f} %  {rate:8.2f}  {memory[part[-1] + 1]:.0f}"
            )
        if asked.keep:
            shutil.copytree(folder.frames, asked.keep)
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
