"""The frames of a film, one after the other."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np

from dreamer.media.ffmpeg import pieces
from dreamer.media.probing import PICTURES, VideoFacts, probe, reading

SCALING = "accurate_rnd+full_chroma_int+bicubic"


def read_frames(
    path: Path, every: int = 1, facts: VideoFacts | None = None
) -> Generator[tuple[int, np.ndarray], None, None]:
    """Every `every`-th frame of a film with its number, `(3, H, W)` float32 in [0, 1], as a player
    shows it: upright, its pixels square.

    Colours follow the film's own tags; without any, BT.709 from 720 lines on and BT.601 below.
    `facts` are what `probe` told of the film, where that was asked before.

    Raises:
        MediaError: no such file, no film, or, after its whole frames, one that breaks off.
    """
    facts = facts or probe(path)
    width, height = facts.width, facts.height
    scale = f"scale={width}:{height}:flags={SCALING}"
    if facts.matrix in ("unknown", "reserved") and facts.pixel_format.startswith("yuv"):
        scale += f":in_color_matrix={'bt709' if height >= 720 else 'bt601'}"
    arguments = [
        *reading(path),
        *("-map", PICTURES, "-vf", f"select='not(mod(n,{every}))',{scale}"),
        *("-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"),
    ]
    for number, piece in enumerate(pieces(arguments, width * height * 3, str(path))):
        levels = np.frombuffer(piece, np.uint8).reshape(height, width, 3).transpose(2, 0, 1)
        yield number * every, np.ascontiguousarray(levels).astype(np.float32) / 255
