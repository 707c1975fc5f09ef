"""Small films made by ffmpeg from numbers, to be looked at."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from dreamer.media.ffmpeg import ffmpeg_binary


def run(*arguments: object) -> None:
    """Ffmpeg, which must succeed."""
    command = [ffmpeg_binary(), "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def film(
    path: Path,
    frames: Iterable[np.ndarray],
    fps: Fraction | int = 24,
    options: Sequence[object] = ("-c:v", "libx264", "-qp", 0, "-pix_fmt", "yuv444p"),
) -> Path:
    """A film of `frames` `(H, W, 3)` uint8."""
    pixels = list(frames)
    height, width = pixels[0].shape[:2]
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps))
    command = [ffmpeg_binary(), "-v", "error", "-y", *raw, "-i", "-", *map(str, options), str(path)]
    data = b"".join(np.ascontiguousarray(p).tobytes() for p in pixels)
    subprocess.run(command, input=data, check=True, capture_output=True)
    return path


def numbered(count: int, height: int = 32, width: int = 48) -> list[np.ndarray]:
    """Grey frames, each a little lighter than the one before: its level says which it is."""
    return [np.full((height, width, 3), level(k), np.uint8) for k in range(count)]


def level(number: int) -> int:
    """How light frame `number` of `numbered` is."""
    return 20 + 4 * number


def number_of(pixels: np.ndarray) -> int:
    """Which frame of `numbered` the picture `(3, H, W)` in [0, 1] is."""
    return round((float(pixels.mean()) * 255 - 20) / 4)


def place(seed: int, height: int = 120, width: int = 400) -> np.ndarray:
    """A scene larger than a frame, `(H, W, 3)` uint8: clouds of all sizes, of its own."""
    rng = np.random.default_rng(seed)
    scene = np.zeros((height, width, 3))
    for cells in (3, 7, 19, 45):
        coarse = rng.integers(0, 256, (cells, cells * width // height, 3), dtype=np.uint8)
        clouds = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        scene += np.asarray(clouds, float) / cells**0.5
    scene = (scene - scene.min()) / (scene.max() - scene.min())
    return (20 + 215 * scene).astype(np.uint8)


def pan(scene: np.ndarray, count: int, pace: int) -> list[np.ndarray]:
    """What a camera sees that goes along `scene` by `pace` pixels a frame, `(72, 128, 3)` each."""
    return [scene[20:92, k * pace : k * pace + 128] for k in range(count)]
