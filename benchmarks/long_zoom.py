"""Does a long zoom blur, ring, drift, slow down or grow?
python benchmarks/long_zoom.py [--frames 3000] [--out FOLDER] [--set KEY=VALUE …]

Renders `recipes/inceptionism-zoom.yaml`, its layers alone, at 480×270 with three steps a frame
through the whole program, and prints, for each tenth of it: the power of its lightness in three
bands of waves a pixel, and mean and spread of CIELAB's axes, all as the mean over the frames; how
many pixels lie at black or white; frames a second; memory. Then the same of the first two hundred
frames and the last. With `--out` the frames stay, and the same command goes on.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from dreamer.engine.folder import Folder
from dreamer.engine.opening import open_recipe
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.run import render_into
from dreamer.media.pictures import read_picture

RECIPE = Path(__file__).parent.parent / "recipes" / "inceptionism-zoom.yaml"
TARGET = "target=[inception_4c, {layer: inception_4e, weight: 0.6}]"
BANDS = ((0.08, 0.16), (0.16, 0.28), (0.28, 0.45))  # waves a pixel
AROUND = 200  # frames
TO_LAB = ImageCms.buildTransform(
    ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
)


def memory_mib() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def measured(path: Path) -> np.ndarray:
    """Of a frame: power in each of `BANDS`, mean and spread of L*, a* and b*, and the part of its
    values that lie at an end.
    """
    picture = read_picture(path)
    levels = np.round(picture.transpose(1, 2, 0) * 255).astype(np.uint8)
    applied = ImageCms.applyTransform(Image.fromarray(levels), TO_LAB)
    bytes_ = np.asarray(applied).reshape(-1, 3)
    lab = np.stack([bytes_[:, 0] / 2.55, *bytes_[:, 1:].astype(np.int8).T])
    light = lab[0].reshape(picture.shape[1:])
    window = np.hanning(light.shape[0])[:, None] * np.hanning(light.shape[1])
    power = np.abs(np.fft.fft2((light - light.mean()) * window)) ** 2
    waves = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, light.shape), indexing="ij"))
    bands = [power[(waves >= low) & (waves < high)].sum() / light.size for low, high in BANDS]
    clipped = ((picture <= 0.002) | (picture >= 0.998)).mean()
    return np.array([*bands, *lab.mean(1), *lab.std(1), clipped])


def told(rows: Iterable[np.ndarray]) -> str:
    """The mean of what `measured` says of frames, as a row of the table."""
    mean = np.mean(list(rows), 0)
    bands, lab, spread = (" ".join(f"{x:7.1f}" for x in part) for part in np.split(mean[:9], 3))
    return f"{bands}  {lab}  {spread}  {100 * mean[9]:5.2f} %"


def main() -> None:
    """Render, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=3000)
    parser.add_argument("--out", type=Path, help="a folder for the frames, to look at and go on in")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    own = [TARGET, "size=[480, 270]", "ascent.steps=3", f"length={asked.frames}"]
    place = Path(tempfile.mkdtemp()) if asked.out is None else asked.out
    memory: dict[int, float] = {}
    try:
        folder = Folder(place)
        recipe = open_recipe(RECIPE, [*own, "classify=off", *asked.set])
        render_into(
            folder,
            prepare(folder, checked(recipe), "long_zoom"),
            lambda told: memory.update({told.done: memory_mib()}),
        )
        seconds = [e.seconds for _, e in sorted(folder.journal().entries.items())]
        count = len(seconds)
        rows = [measured(folder.frame_path(k)) for k in range(count)]
        head = "frames      fine, finer, finest power       L*      a*      b*"
        print(f"{head}   spread of each          clipped  frames/s  MiB")
        tenth = max(1, count // 10)
        for start in range(0, count, tenth):
            part = range(start, min(start + tenth, count))
            rate = len(part) / sum(seconds[k] for k in part)
            now = memory.get(part[-1] + 1, float("nan"))
            print(f"{start:5d} {told(rows[k] for k in part)}  {rate:8.2f}  {now:.0f}")
        early, late = rows[:AROUND], rows[-AROUND:]
        for name, shown in (("first", early), ("last", late)):
            print(f"{name:5s} {told(shown)}  ({len(shown)} frames)")
        ratio = np.mean(late, 0)[:9] / np.mean(early, 0)[:9]
        print("last to first: power", ratio[:3].round(2), "spread", ratio[6:].round(2))
        print("moved in Lab:", (np.mean(late, 0) - np.mean(early, 0))[3:6].round(2))
    finally:
        if asked.out is None:
            shutil.rmtree(place)


if __name__ == "__main__":
    main()
