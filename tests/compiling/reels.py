"""Small clips whose frames say which they are, and a film's frames read back by ffmpeg alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import filmed
import numpy as np

from dreamer.media.ffmpeg import ffmpeg_binary

LOSSLESS = {"video": "mp4", "crf": 0, "pixel_format": "yuv444p", "preset": "ultrafast"}
SIZE = (48, 32)


def numbered(path: Path, count: int, fps: object = 24, base: int = 20, size=SIZE) -> Path:
    """A film whose frame k is grey of level base + 4k."""
    frames = [np.full((size[1], size[0], 3), base + 4 * k, np.uint8) for k in range(count)]
    return filmed.film(path, frames, fps)


def levels(path: Path) -> np.ndarray:
    """All frames of the film at `path`, `(N, H, W, 3)` float, by ffmpeg."""
    look = subprocess.run(
        [ffmpeg_binary(), "-v", "info", "-i", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    width, height = map(int, re.search(r"Video: .*? (\d{2,5})x(\d{2,5})[ ,]", look.stderr).groups())
    raw = subprocess.run(
        [ffmpeg_binary(), "-v", "error", "-i", str(path), "-fps_mode", "passthrough", "-f",
         "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True, check=True,
    )  # fmt: skip
    return np.frombuffer(raw.stdout, np.uint8).reshape(-1, height, width, 3).astype(float)


def greys(path: Path) -> list[float]:
    """The mean level of each frame."""
    return [float(frame.mean()) for frame in levels(path)]


def sound(path: Path) -> np.ndarray:
    """The sound of the film at `path`, 48,000 samples a second, one channel."""
    raw = subprocess.run(
        [ffmpeg_binary(), "-v", "error", "-i", str(path), "-map", "0:a:0", "-af",
         "pan=mono|c0=.5*c0+.5*c1,aresample=48000", "-f", "f32le", "-"],
        capture_output=True, check=True,
    )  # fmt: skip
    return np.frombuffer(raw.stdout, "<f4")
