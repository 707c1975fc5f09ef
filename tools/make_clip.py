"""Make recipes/moth-and-reef.mp4, the little film that recipes/video-dream.yaml dreams on:
python tools/make_clip.py

Two shots of drawings from numbers, so that everybody has it: a moth over mountains, the camera
going along with it, and after a cut a fish and a jellyfish before a reef. It has what films have:
noise, a pan, things before other things, and a little sound.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from dreamer.draw.motifs.canvas import Chance, Draw
from dreamer.draw.motifs.catalogue import MOTIFS
from dreamer.draw.motifs.colours import palettes
from dreamer.draw.motifs.scene import grid, scene
from dreamer.dreaming.camera import seen_at
from dreamer.dreaming.flow import places_of
from dreamer.media.ffmpeg import feed, local

OUT = Path(__file__).parents[1] / "recipes" / "moth-and-reef.mp4"
HEIGHT, WIDTH, FPS, SHOT = 270, 480, 24, 72
GRAIN = 0.008


class Thing(NamedTuple):
    """A drawing that can be laid over others: colours times alpha, and alpha, `(1, 4, h, w)`."""

    painted: Tensor

    def over(self, picture: Tensor, x: float, y: float) -> Tensor:
        """`picture` with this on it, its middle at the place (x, y) in pixels."""
        height, width = self.painted.shape[2:]
        wide = torch.zeros(1, 4, max(height, HEIGHT), max(width, WIDTH))
        wide[..., :height, :width] = self.painted
        far = torch.tensor([width / 2 - x, height / 2 - y])[None, :, None, None]
        shift = far.expand(1, 2, *wide.shape[2:])
        moved = seen_at(wide, places_of(shift))[..., :HEIGHT, :WIDTH].clamp(0, 1)
        return moved[:, :3] + picture * (1 - moved[:, 3:])


def thing(name: str, side: int, seed: int, turn: float = 0.0, blur: float = 1.2) -> Thing:
    """The motif `name` in its own colours, `side` pixels large, turned by `turn` radians."""
    chance = Chance(1, (side, side), torch.Generator().manual_seed(seed))
    x, y = (1.25 * p for p in grid(chance))
    x, y = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
    own = [bytes.fromhex(word) for word in palettes()[name][0].split()]
    colours = tuple(torch.tensor(list(c))[None, :, None, None] / 255 for c in own)
    ink = MOTIFS[name].draw(Draw(x, y, chance.between(1, 1) * 2.5 * blur / side, colours, chance))
    edge = torch.maximum(*(p.abs() for p in grid(chance)))
    alpha = (ink.alpha * ((0.98 - edge) / 0.06).clamp(0, 1))[:, None]  # some reach beyond
    return Thing(torch.cat([ink.colour * alpha, alpha], 1))


def seen(wide: Tensor, left: float, top: float = 0.0) -> Tensor:
    """What a camera sees of a picture larger than the film, from (left, top) on, in pixels."""
    shift = torch.tensor([left, top])[None, :, None, None].expand(1, 2, *wide.shape[2:])
    return seen_at(wide, places_of(shift))[..., :HEIGHT, :WIDTH].clamp(0, 1)


def mountains() -> Iterator[Tensor]:
    """A moth comes over the mountains from the left, the camera going along more slowly."""
    generator = torch.Generator().manual_seed(4)
    back = scene("mountain", 1, (HEIGHT, 900), generator, calm=True)
    moth = thing("moth", 150, 5)
    for n in range(SHOT):
        t = n / FPS
        picture = seen(back, 90 + 66 * t)
        yield moth.over(picture, 60 + 118 * t, 128 + 34 * math.sin(2.1 * t + 0.4))


def reef() -> Iterator[Tensor]:
    """A fish passes before a jellyfish that rises; the camera sinks."""
    back = scene("agate", 1, (420, 640), torch.Generator().manual_seed(12), calm=True)
    deep = torch.linspace(1.0, 0.62, 420)[:, None] * torch.tensor([0.62, 0.9, 1.0])[:, None, None]
    back = back * deep
    coral, jelly, fish = (
        thing("coral", 190, 3),
        thing("jellyfish", 170, 6),
        thing("fish", 170, 2, -0.12),
    )
    for n in range(SHOT):
        t = n / FPS
        picture = seen(back, 60 + 22 * t, 20 + 34 * t)
        picture = coral.over(picture, 400 - 22 * t, 268 - 34 * t + 60)
        picture = jelly.over(picture, 318 - 14 * t, 176 - 30 * t + 5 * math.sin(3 * t))
        yield fish.over(picture, 470 - 104 * t, 128 + 9 * math.sin(2.5 * t))


def frames() -> Iterator[bytes]:
    """All frames, 8-bit RGB, with a little noise."""
    generator = torch.Generator().manual_seed(1)
    for shot in (mountains(), reef()):
        for picture in shot:
            noisy = picture + GRAIN * torch.randn(picture.shape, generator=generator)
            levels = (noisy.clamp(0, 1)[0] * 255).round().byte()
            yield levels.permute(1, 2, 0).contiguous().numpy().tobytes()


def main() -> None:
    """Write the film."""
    length = 2 * SHOT / FPS
    # Two shots, two chords: soft fifths that swell and fade.
    chord = "+".join(f"0.07*sin({math.tau:.6f}*{note}*t)" for note in (146.83, 220.0, 293.66))
    after = "+".join(f"0.07*sin({math.tau:.6f}*{note}*t)" for note in (130.81, 196.0, 329.63))
    swell = f"min(1,min(t,{length}-t)*2)*(0.75+0.25*sin(2.2*t))"
    sound = f"aevalsrc='({swell})*if(lt(t,{length / 2}),{chord},{after})':d={length}:s=48000"
    bt709 = [f"-{key}" for key in ("colorspace", "color_primaries", "color_trc")]
    arguments = [
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS)),
        *("-i", "pipe:", "-f", "lavfi", "-i", sound),
        *("-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"),
        *(part for key in bt709 for part in (key, "bt709")),
        *("-c:v", "libx264", "-crf", "25", "-preset", "slow", "-threads", "2"),
        *("-c:a", "aac", "-b:a", "64k", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        *("-flags:a", "+bitexact", "-movflags", "+faststart", "-shortest", "-y", local(OUT)),
    ]
    feed(arguments, frames(), str(OUT))
    print(OUT, OUT.stat().st_size // 1000, "kB")


if __name__ == "__main__":
    main()
