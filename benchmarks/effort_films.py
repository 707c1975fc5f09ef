"""What films reach for the work that is done for them: python benchmarks/effort_films.py FOLDER
[FILM]

A zoom film, whose frames go on from the one before as the camera sees it, and a dream on FILM, each
frame alone and carried along by the film's motion, at several efforts. Every film is measured over
its last half: the objective (mean over fixed shifts), how strong the picture is (deviation of its
lightness in 8-bit levels; on a film the distance from it), its spectrum, and how much it flickers
beyond what moves. Work is in megapixel-steps a frame.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import torch
import torch.nn.functional as F
from effort import Eyes, shares
from torch import Tensor

import dreamer
from dreamer.dreaming.carrying import motion_of
from dreamer.dreaming.flicker import flicker
from dreamer.engine.facts import gather
from dreamer.engine.footage import frames_of
from dreamer.engine.viewing import viewing
from dreamer.media.pictures import read_picture
from dreamer.recipe.parse import parse_recipe
from dreamer.recipe.plan import Plan
from dreamer.recipe.planning import plan

ZOOM = """
seed: 12
source: {noise: plasma}
size: [240, 160]
target: TARGET
ascent: {preset: house, ASCENT}
motion: {zoom: 1.35, rotate: 4}
length: 30
fps: 12
precision: float32
output: {video: none, frames: png16}
classify: off
"""
ON_FILM = """
seed: 12
source: {video: FILM, start: 0}
size: 240
target: TARGET
ascent: {preset: house, ASCENT}
follow: {FOLLOW}
length: 24
precision: float32
output: {video: none, frames: png16}
classify: off
"""
ZOOMS = {
    "first_steps: 24, steps: 12, step: 0.5": (1, 0.5, 0.25, 0.167, 0.0834),
    "first_steps: 24, steps: 4, step: 0.5": (1, 0.5, 0.25),
}
CARRIED = {  # the first two go as long a way: what 12 steps of 2 need to stay as strong
    "first_steps: 12, steps: 4, step: 1": (1, 0.5, 0.25),
    "first_steps: 12, steps: 2, step: 2": (1, 0.5),
}
ALONE = {"steps: 12, step: 2": (1, 0.5, 0.25)}


def rendered(text: str, folder: Path) -> tuple[list[Tensor], Plan, Eyes]:
    """The frames of a film, rendered into `folder` unless they are there."""
    recipe = folder.with_name(f"{folder.name}.yaml")
    recipe.write_text(text)
    opened = parse_recipe(recipe)
    gathered = gather(opened)
    made = plan(opened, gathered.facts)
    paths = sorted((folder / "frames").glob("*.png"))
    if len(paths) < made.count:
        dreamer.render(recipe, folder)
        paths = sorted((folder / "frames").glob("*.png"))
    frames = [torch.from_numpy(read_picture(path))[None] for path in paths]
    return frames, made, Eyes(made, gathered.cards, frames[0])


def shown(film: Path, size: Sequence[int], count: int) -> list[Tensor]:
    """The first frames of a film as large as what was dreamt on them."""
    pictures = [torch.from_numpy(p)[None] for p in frames_of(film, range(count))]
    return [
        F.interpolate(p, size=tuple(size), mode="bicubic", antialias=True).clamp(0, 1)
        for p in pictures
    ]


def late(frames: Sequence[Tensor]) -> Sequence[Tensor]:
    """Every third frame of the last half."""
    return frames[len(frames) // 2 :: 3]


def of_zoom(frames: list[Tensor], made: Plan, eyes: Eyes) -> dict[str, object]:
    """What is measured of a zoom film."""
    view = viewing(made)
    apart = [
        float((here - view(before, made.at(k))).abs().mean())
        for k, (before, here) in enumerate(pairwise(frames), 1)
    ]
    light = [frame.mean(1)[0] for frame in late(frames)]
    return {
        "work_a_frame": round(made.megapixel_steps_of(made.count - 1), 4),
        "objective": fmean(map(eyes.objective, late(frames))),
        "strength": 255 * fmean(float(one.std()) for one in light),
        "bands": [fmean(column) for column in zip(*map(shares, light), strict=True)],
        "flicker": 255 * fmean(apart[len(apart) // 2 :]),
    }


def on_film(
    frames: list[Tensor], made: Plan, eyes: Eyes, source: list[Tensor]
) -> dict[str, object]:
    """What is measured of a dream on a film."""
    motions = [motion_of(here, before) for before, here in pairwise(source)]

    def flickers(film: list[Tensor]) -> float:
        pairs = zip(film[1:], film, motions, strict=False)
        found = [flicker(here, before, motion) for here, before, motion in pairs]
        return 255 * fmean(found[len(found) // 2 :])

    change = [frame - own for frame, own in zip(late(frames), late(source), strict=True)]
    return {
        "work_a_frame": round(made.megapixel_steps_of(made.count - 1), 4),
        "objective": fmean(map(eyes.objective, late(frames))),
        "of the source": fmean(map(eyes.objective, late(source))),
        "strength": 255 * fmean(float(one.square().mean().sqrt()) for one in change),
        "bands": [fmean(c) for c in zip(*(shares(one.mean(1)[0]) for one in change), strict=True)],
        "flicker": flickers(frames) - flickers(source),
    }


def main() -> None:
    """Render and measure what is not there yet, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("film", type=Path, nargs="?")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    asked.folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []

    def told(kind: str, target: str, words: str, found: dict[str, object]) -> None:
        rows.append({"kind": kind, "target": target, "ascent": words, **found})
        print(json.dumps(rows[-1]), flush=True)
        (asked.folder / "films.json").write_text(json.dumps(rows, indent=1))

    def films(kind: str, text: str, schedules: dict[str, tuple[float, ...]]) -> None:
        for said, efforts in schedules.items():
            for effort in efforts:
                words = f"{said}, effort: {effort}"
                folder = (
                    asked.folder / f"{kind}-{word}-{''.join(c for c in words if c not in ' :')}"
                )
                frames, made, eyes = rendered(text.replace("ASCENT", words), folder)
                if made.clip is None:
                    told(kind, word, words, of_zoom(frames, made, eyes))
                else:
                    source = shown(asked.film, frames[0].shape[2:], made.count)
                    told(kind, word, words, on_film(frames, made, eyes, source))

    for target in ("inception_4c", "{class: flamingo}"):
        word = target.strip("{}").split()[-1]
        films("zoom", ZOOM.replace("TARGET", target), ZOOMS)
        if asked.film is not None:
            text = ON_FILM.replace("TARGET", target).replace("FILM", str(asked.film.resolve()))
            films("carried", text.replace("FOLLOW", "keep: 0.9"), CARRIED)
            films("alone", text.replace("FOLLOW", "flow: false"), ALONE)


if __name__ == "__main__":
    main()
