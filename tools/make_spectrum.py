"""Measure the mean Fourier magnitudes of natural pictures for MACO:
python tools/make_spectrum.py DATA

DATA has the folders of SETS, with pictures anywhere below them. Each set counts alike, however
many pictures it has. What the result was made of is written into it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from PIL import Image, ImageOps
from safetensors.torch import save_file

from dreamer.dreaming.colour import lucid_root
from dreamer.dreaming.maco import whitened
from dreamer.engine.spectrum import FILE, NAME
from dreamer.learn.split import part_of

SIDE = 64  # what the smallest pictures have
SETS = {
    "photos": "photographs and paintings, public domain and CC0",
    "flowers": "TensorFlow flower_photos, CC BY 2.0",
    "objects": "Caltech-101, CC BY 4.0",
    "buildings/train": "Architectural Heritage Elements, CC",
}
SPLIT = ("flowers", "objects")  # sets that are divided by name: their training part is read
TILED = {"photos": 4 * SIDE}  # few and large: cut into tiles at this shorter side


def squares(path: Path, short: int) -> Iterator[torch.Tensor]:
    """The squares `(3, SIDE, SIDE)` in [0, 1] that the picture holds at a shorter side of `short`,
    centred.
    """
    with Image.open(path) as opened:
        opened.draft("RGB", (short, short))
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    width, height = (max(short, round(side * short / min(picture.size))) for side in picture.size)
    picture = picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
    down, across = height // SIDE, width // SIDE
    top, left = (height - down * SIDE) // 2, (width - across * SIDE) // 2
    for row in range(top, top + down * SIDE, SIDE):
        for column in range(left, left + across * SIDE, SIDE):
            tile = picture.crop((column, row, column + SIDE, row + SIDE))
            values = torch.frombuffer(bytearray(tile.tobytes()), dtype=torch.uint8)
            yield values.view(SIDE, SIDE, 3).permute(2, 0, 1).float() / 255


def window() -> torch.Tensor:
    """Hann's, `(SIDE, SIDE)`, of mean square 1: where a picture ends is no part of its spectrum."""
    line = torch.hann_window(SIDE, dtype=torch.float64)
    square = torch.outer(line, line)
    return square / square.square().mean().sqrt()


def mean_of(paths: list[Path], short: int) -> tuple[torch.Tensor, int]:
    """Mean magnitudes `(3, SIDE, SIDE // 2 + 1)` along decorrelated colours, and of how many."""
    total, count, hann = torch.zeros(3, SIDE, SIDE // 2 + 1, dtype=torch.float64), 0, window()
    axes = torch.linalg.inv(lucid_root())
    for path in paths:
        for square in squares(path, short):
            plane = torch.einsum("dc,chw->dhw", axes, square.double())
            plane = plane - (plane * hann).mean((1, 2), keepdim=True) / hann.mean()
            total += torch.fft.rfft2(plane * hann).abs()
            count += 1
    return total / count, count


def main() -> None:
    data = Path(sys.argv[1])
    means, told = [], []
    for name, source in SETS.items():
        folder = data / name
        paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".png"))
        if name in SPLIT:
            paths = [p for p in paths if part_of(p.relative_to(folder)) == "training"]
        mean, count = mean_of(paths, TILED.get(name, SIDE))
        means.append(mean)
        told.append(f"{len(paths)} of {name} ({source})")
        print(f"{name}: {len(paths)} pictures, {count} squares")
    kept = whitened(torch.stack(means).mean(0))
    FILE.parent.mkdir(exist_ok=True)
    about = "Mean Fourier magnitudes of natural pictures times their frequency: " + "; ".join(told)
    save_file({NAME: kept.half().contiguous()}, FILE, {"about": about})
    print(FILE.stat().st_size, "bytes", [round(k, 3) for k in kept.mean((1, 2)).tolist()])


if __name__ == "__main__":
    main()
