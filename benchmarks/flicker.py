"""How much less a dream on a film flickers where it is carried by flow:
python benchmarks/flicker.py FILM FOLDER [frames] [keep …]

Renders the film's first frames into FOLDER with each `keep`, then without flow, frame by frame from
the source, at the same strength of dream: the step is chosen so that both are as far from their
source (root mean square, in 8-bit levels, over the last half of the frames). `dreaming.flicker`
says what is measured; the source's own is taken off.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import numpy as np
import torch

import dreamer
from dreamer.dreaming.carrying import motion_of
from dreamer.dreaming.flicker import flicker
from dreamer.engine.footage import frames_of
from dreamer.media.pictures import read_picture

TARGET, STEPS, STEP = "inception_4c", 2, 1.5


def render(
    film: Path, folder: Path, frames: int, first: int, **changes: object
) -> list[np.ndarray]:
    recipe = folder.with_suffix(".yaml")
    recipe.write_text(
        f"source: {{video: {film.resolve()}, start: {first}}}\ntarget: {TARGET}\nclassify: off\n"
        f"length: {frames}\nascent: {{steps: {STEPS}, step: {STEP}}}\n"
    )
    made = dreamer.render(recipe, folder, **changes)
    return [read_picture(path) for path in sorted((made.folder / "frames").iterdir())]


def distance(dreamt: list[np.ndarray], source: list[np.ndarray]) -> float:
    pairs = list(zip(dreamt, source, strict=True))[len(dreamt) // 2 :]
    return 255 * float(np.sqrt(np.mean([np.square(a - b).mean() for a, b in pairs])))


def main() -> None:
    film, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 24
    keeps = [float(k) for k in sys.argv[4:]] or [0.9]
    source = list(frames_of(film, range(count)))
    pictures = [torch.from_numpy(p)[None] for p in source]
    motions = [motion_of(b, a) for a, b in pairwise(pictures)]

    def flickers(dreamt: list[np.ndarray]) -> float:
        shown = [torch.from_numpy(p)[None] for p in dreamt]
        found = [flicker(b, a, m) for a, b, m in zip(shown, shown[1:], motions, strict=False)]
        return 255 * fmean(found[len(found) // 2 :])

    own = flickers(source)
    print(f"source: flicker {own:.2f} levels", flush=True)
    for keep in keeps:
        with_flow = render(film, folder / f"keep-{keep}", count, 0, follow__keep=keep)
        far, flow = distance(with_flow, source), flickers(with_flow)
        print(f"keep {keep}: distance {far:.1f}, flicker {flow:.2f}, less own {flow - own:.2f}")
        # Without flow every frame is alone: a few tell how strong it must be.
        low, high, step = 0.0, 40.0, STEP * 3
        for number in range(4):
            place = folder / f"keep-{keep}-try-{number}"
            alone = {"follow__flow": False, "ascent__steps": 6, "ascent__step": step}
            near = distance(render(film, place, 1, count - 1, **alone), source[-1:])
            low, high = (step, high) if near < far else (low, step)
            if abs(near / far - 1) < 0.03:
                break
            step = min(max(step * far / near, low), high)
        bare = render(film, folder / f"keep-{keep}-alone", count, 0, **alone)
        far, still = distance(bare, source), flickers(bare)
        print(f"without flow, step {step:.2f}: distance {far:.1f}, flicker {still:.2f}, less own")
        print(
            f"  {still - own:.2f}; flow leaves {100 * (flow - own) / (still - own):.0f} %",
            flush=True,
        )


if __name__ == "__main__":
    main()
