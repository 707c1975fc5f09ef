"""How pictures of one shape are shown in another: whole with bars, cropped, or whole before a
blurred copy of themselves; as parts of ffmpeg's filter graphs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import ffmpeg

from dreamer.errors import MediaError

SCALING = "accurate_rnd+full_chroma_int+full_chroma_inp+lanczos"
MOST_LARGER = 8  # times the canvas that a picture is scaled to, to be cropped
REACH = 4  # pixels beyond those that are seen, which scaling looks at
BLURRED = 24  # pixels of the shorter side that the copy behind is made from
DIMMED = 0.5  # how much of its light that copy has


@dataclass(frozen=True)
class Fitting:
    """Pictures of `size` (width, height) shown on `canvas`, by `how` (contain, cover or blur);
    bars have the colour `behind`, (red, green, blue) in [0, 1].
    """

    size: tuple[int, int]
    canvas: tuple[int, int]
    how: str = "contain"
    behind: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def inside(self) -> tuple[int, int, int, int]:
        """Where the picture lies whole: (left, top, width, height)."""
        (width, height), (across, down) = self.size, self.canvas
        scale = min(across / width, down / height)
        wide, high = (
            min(most, max(1, round(side * scale)))
            for side, most in zip(self.size, self.canvas, strict=True)
        )
        return (across - wide) // 2, (down - high) // 2, wide, high

    def __call__(self, picture: Any) -> Any:
        """`picture`, a stream of RGB, as it is shown."""
        if self.size == self.canvas:
            return picture
        if self.how == "contain":
            return self._barred(picture)
        if self.how == "cover":
            return self._covering(picture, self.canvas)
        if self.how == "blur":
            return self._blurred(picture)
        raise MediaError(f"no way to fit a picture: {self.how}")

    def _barred(self, picture: Any) -> Any:
        left, top, wide, high = self.inside
        across, down = self.canvas
        color = "0x" + "".join(f"{round(255 * level):02x}" for level in self.behind)
        picture = _scaled(picture, wide, high)
        if (wide, high) == self.canvas:
            return picture
        return picture.filter("pad", across, down, left, top, color=color)

    def _covering(self, picture: Any, canvas: tuple[int, int]) -> Any:
        (width, height), (across, down) = self.size, canvas
        scale = max(across / width, down / height)
        if width * height * scale**2 > MOST_LARGER * across * down:
            # Of a strip hardly anything is seen, and whole it would have no room in memory.
            kept = [
                min(side, 2 * math.ceil(shown / scale / 2 + REACH) + side % 2)
                for side, shown in zip(self.size, canvas, strict=True)
            ]
            left, top = ((side - keep) // 2 for side, keep in zip(self.size, kept, strict=True))
            picture = picture.filter("crop", *kept, left, top, exact=1)
            width, height = kept
        wide, high = max(across, round(width * scale)), max(down, round(height * scale))
        picture = _scaled(picture, wide, high)
        if (wide, high) == canvas:
            return picture
        return picture.filter(
            "crop", across, down, (wide - across) // 2, (high - down) // 2, exact=1
        )

    def _blurred(self, picture: Any) -> Any:
        """Small, smoothed, and large again by a bicubic, which is as good as a wide blur."""
        left, top, wide, high = self.inside
        across, down = self.canvas
        part = max(1.0, min(across, down) / BLURRED)
        small = max(4, round(across / part)), max(4, round(down / part))
        parts = picture.filter_multi_output("split", 2)
        back = self._covering(parts[0], small)
        back = back.filter("gblur", sigma=1.2)
        back = back.filter("colorchannelmixer", rr=DIMMED, gg=DIMMED, bb=DIMMED)
        back = back.filter("scale", across, down, flags="accurate_rnd+bicubic")
        front = _scaled(parts[1], wide, high)
        # `overlay` has 8 bits; xstack lays later ones over earlier ones, in one thread.
        layout = f"0_0|{left}_{top}"
        return ffmpeg.filter([back, front], "xstack", inputs=2, layout=layout, threads=1)


def _scaled(picture: Any, width: int, height: int) -> Any:
    return picture.filter("scale", width, height, flags=SCALING)
