"""Pictures of flat patches to make films of, and what of them is found in a film again."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamer.film_formats import CONTAINERS
from dreamer.media.codecs import available_codecs
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.pictures import encode_png

PAIRS = [(box, codec) for box, c in CONTAINERS.items() for codec in c.codecs]
NTSC = Fraction(24000, 1001)
PATCHES = [
    *((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (0, 0, 0), (0.5, 0.5, 0.5)),
    *((0.8, 0.3, 0.1), (0.1, 0.4, 0.7), (0.9, 0.9, 0.2), (0.2, 0.1, 0.3), (1, 0.5, 0.7), (0, 1, 1)),
]
WORDS = {"dreamer:recipe": "seed: 1\ntitle: 'Über <&> ☁'\n", "dreamer:seed": "1"}


def patches(height: int, width: int) -> np.ndarray:
    """Twelve flat patches, three rows of four, `(3, H, W)`."""
    table = np.array(PATCHES, np.float32).reshape(3, 4, 3)
    rows, columns = np.arange(height) * 3 // height, np.arange(width) * 4 // width
    return table[rows][:, columns].transpose(2, 0, 1)


def numbered(folder: Path, count: int, height: int = 96, width: int = 128) -> list[Path]:
    """Patches, each frame with its number: a bar along the top, longer by a part in each."""
    paths = []
    for k in range(count):
        pixels = patches(height, width).copy()
        pixels[:, : height // 16, : width * (k + 1) // count] = 0.75
        paths.append(folder / f"{k:06d}.png")
        paths[-1].write_bytes(encode_png(pixels))
    return paths


def decoded(path: Path, width: int, height: int) -> np.ndarray:
    """Every frame, `(N, H, W, 3)` 8 bits: films by ffmpeg alone, pictures that move by Pillow."""
    if path.suffix in (".gif", ".webp", ".apng"):
        shown = []
        with Image.open(path) as picture:
            for k in range(picture.n_frames):
                picture.seek(k)
                shown.append(np.asarray(picture.convert("RGB")))
        return np.stack(shown)
    command = [ffmpeg_binary(), "-v", "error", "-i", str(path), "-fps_mode", "passthrough"]
    exact = ["-sws_flags", "accurate_rnd+full_chroma_int", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    raw = subprocess.run([*command, *exact, "-"], capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def worst_patch(shown: np.ndarray) -> float:
    """How many levels the mean of any patch's middle is off."""
    height, width = shown.shape[:2]
    off = []
    for k, colour in enumerate(PATCHES):
        y, x = (2 * (k // 4) + 1) * height // 6, (2 * (k % 4) + 1) * width // 8
        mean = shown[y - 2 : y + 3, x - 2 : x + 3].astype(float).mean((0, 1))
        off.append(np.abs(mean - np.rint(np.array(colour) * 255)).max())
    return max(off)


def bar(shown: np.ndarray) -> float:
    """How far the bar of a frame goes."""
    row = shown[shown.shape[0] // 32].astype(int)
    return float((np.abs(row - 191).max(1) < 24).mean())


def skip_without(codec: str) -> None:
    if codec not in available_codecs():
        pytest.skip(f"this ffmpeg has no {codec}")
