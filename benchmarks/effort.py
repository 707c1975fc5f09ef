"""What a picture reaches for the work that is done for it: python benchmarks/effort.py PHOTOGRAPHS
FOLDER [--size 384] [--part calibrate | measure] [--presets …]

Work is counted, not timed: megapixel-steps, as `dreamer plan` says them. What is reached is the
objective at the finished picture, the mean over fixed shifts, from 0 (the source) to 1 (what the
preset's own schedule reaches). Any schedule reaches more by changing more, so all change the
source alike: each candidate's steps are as long as make it so (root mean square, found by
`calibrate` and written to FOLDER/calibrated.json). The look is then compared: the change's
spectrum, what is black or white, and how unlike the textures are (Gram matrices of three layers),
in units of how unlike they are where only the shifts' seed is another. Pictures and results.json
go to FOLDER.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import torch
from effort_schedules import CANDIDATES, EFFORTS, Octaves, efforts_of, work
from effort_tables import table
from torch import Tensor

from dreamer.dreaming.objectives import Tap, total
from dreamer.engine.build import build
from dreamer.engine.execution import decide, under
from dreamer.engine.facts import gather
from dreamer.engine.perceive import perceiver
from dreamer.engine.referring import perception
from dreamer.engine.sources import first_picture
from dreamer.media.png import encode_png
from dreamer.networks.cards import Card
from dreamer.recipe.parse import recipe_from_tree
from dreamer.recipe.plan import FramePlan, Plan
from dreamer.recipe.planning import plan

TEXTURES = ("conv2", "inception_3a", "inception_3b")
SHIFTS = [(0, 0), (5, 11), (-9, 4), (13, -7), (-3, -14), (8, 8)]
BANDS = (0.0, 0.06, 0.16, 0.75)  # waves a pixel
SEED, OTHER = 3, 1003


class Case(NamedTuple):
    """What is rendered."""

    preset: str
    source: str
    target: str

    @property
    def name(self) -> str:
        return f"{self.preset}-{Path(self.source).stem}-{self.target}"


def shares(light: Tensor) -> list[float]:
    """The power of `light` `(H, W)` in each of `BANDS`, as parts of one; its mean is left out."""
    power = torch.fft.fft2(light - light.mean()).abs().square()
    down, across = (torch.fft.fftfreq(n) for n in light.shape)
    waves = (down[:, None] ** 2 + across**2).sqrt()
    found = [float(power[(waves >= low) & (waves < high)].sum()) for low, high in pairwise(BANDS)]
    return [share / sum(found) for share in found]


class Eyes:
    """What is measured of pictures: what a plan's targets see in them, and their textures."""

    def __init__(self, planned: Plan, cards: Mapping[str, Card], source: Tensor) -> None:
        self.execution, self.weights = decide("cpu", "float32"), torch.tensor(planned.at(0).weights)
        self.sees = perception(planned, cards, self.execution, source)
        self.taps = [Tap(planned.targets[0].network, layer) for layer in TEXTURES]
        self.textures = perceiver(cards, self.taps, self.execution)

    def objective(self, picture: Tensor) -> float:
        """The objective at `picture`, the mean over fixed shifts."""
        terms, given = self.sees.objective.terms, self.sees.objective.constants
        found = []
        with torch.no_grad(), under(self.execution):
            for shift in SHIFTS:
                seen = self.sees.perceive[0](picture.roll(shift, (2, 3)))
                found.append(float(total(terms, {**seen, **given}, self.weights)))
        return fmean(found)

    def texture(self, picture: Tensor) -> list[Tensor]:
        """Gram matrices."""
        with torch.no_grad(), under(self.execution):
            seen = self.textures(picture)
        maps = [seen[tap].float().flatten(2)[0] for tap in self.taps]
        return [m @ m.T / m.shape[1] for m in maps]

    def unlike(self, picture: Tensor, other: Tensor) -> float:
        """How unlike two pictures' textures are, relative to how strong they are."""
        pairs = zip(self.texture(picture), self.texture(other), strict=True)
        return fmean(float((a - b).norm() / (a.norm() * b.norm()).sqrt()) for a, b in pairs)


class Bench:
    """A case, ready to be rendered by any schedule and measured."""

    def __init__(self, case: Case, size: int) -> None:
        noise = case.source == "plasma"
        tree: dict[str, object] = {
            "size": [size, size * 3 // 4] if noise else size,
            "seed": SEED,
            "source": {"noise": "plasma"} if noise else {"image": case.source},
            "target": case.target if "inception" in case.target else {"class": case.target},
            "ascent": {"preset": case.preset},
            "precision": "float32",
        }
        recipe = recipe_from_tree(tree, name="effort")
        gathered = gather(recipe)
        self.case, self.cards = case, gathered.cards
        self.plan = plan(recipe, gathered.facts)
        self.frame: FramePlan = self.plan.at(0)
        self.execution = decide("cpu", "float32")
        shape = (self.plan.height, self.plan.width)
        self.source = first_picture(recipe, shape, None if noise else Path(case.source))
        self.eyes = Eyes(self.plan, self.cards, self.source)
        self.floor = self.eyes.objective(self.source)
        self.default = self.render(self.frame.octaves, {}, SEED)
        self.ceiling = self.eyes.objective(self.default)
        self.way = self.change(self.default)

    def render(self, octaves: Octaves, words: Mapping[str, object], seed: int = SEED) -> Tensor:
        """The picture that a schedule makes."""
        planned = replace(self.plan, ascent=replace(self.plan.ascent, **words))
        made = build(planned, self.cards, seed, self.execution, self.source)
        with under(self.execution):
            frame = replace(self.frame, octaves=octaves)
            return made.dream(self.source, frame, self.source)[0].clamp(0, 1)

    def change(self, picture: Tensor) -> float:
        """How far `picture` is from the source: root mean square in 8-bit levels."""
        return 255 * float((picture - self.source).square().mean().sqrt())

    def measured(self, picture: Tensor, octaves: Octaves, apart: float) -> dict[str, Any]:
        """All that is compared of a picture."""
        return {
            "work": round(work(octaves) / work(self.frame.octaves), 4),
            "megapixel_steps": round(work(octaves), 4),
            "reached": (self.eyes.objective(picture) - self.floor) / (self.ceiling - self.floor),
            "change": self.change(picture) / self.way,
            "bands": shares((picture - self.source).mean(1)[0]),
            "cut": float(((picture <= 0.5 / 255) | (picture >= 254.5 / 255)).float().mean()),
            "unlike": self.eyes.unlike(picture, self.default) / apart,
        }


def calibrate(benches: Sequence[Bench], tries: int = 3) -> dict[str, float]:
    """The gain at which each candidate changes the sources as much as the default does, the mean
    over `benches`, by "candidate effort".
    """
    gains: dict[str, float] = {}
    for name, candidate in CANDIDATES.items():
        if name == "fewer":
            continue
        gain = candidate.guess
        for effort in efforts_of(name):
            for _ in range(tries):
                ratios = []
                for bench in benches:
                    octaves = candidate.octaves(bench.frame.octaves, effort, gain)
                    ratios.append(bench.change(bench.render(octaves, candidate.words)) / bench.way)
                off = math.exp(fmean(map(math.log, ratios)))
                if abs(off - 1) < 0.01:
                    break
                gain /= off
            gains[f"{name} {effort}"] = gain
            print(f"{name} {effort}: gain {gain:.3f} (then {off:.3f})", flush=True)
    return gains


def measure(
    bench: Bench,
    gains: Mapping[str, float],
    folder: Path,
    wanted: Sequence[tuple[str, float]],
) -> list[dict[str, Any]]:
    """A row of a case for each candidate and effort of `wanted`."""
    place = folder / bench.case.name
    place.mkdir(parents=True, exist_ok=True)
    own = bench.frame.octaves
    other = bench.render(own, {}, OTHER)
    apart = bench.eyes.unlike(other, bench.default)
    rows = []
    made = [("source", 0.0, bench.source, ()), ("default", 1.0, bench.default, own)]
    made.append(("another seed", 1.0, other, own))
    for name, effort in wanted:
        candidate = CANDIDATES[name]
        octaves = candidate.octaves(own, effort, gains.get(f"{name} {effort}", 1.0))
        made.append((name, effort, bench.render(octaves, candidate.words), octaves))
    for name, effort, picture, octaves in made:
        shown = picture.clamp(0, 1)[0].numpy()
        (place / f"{name.replace(' ', '-')}-{effort}.png").write_bytes(encode_png(shown))
        if name == "source":
            continue
        row = {"case": bench.case.name, "candidate": name, "effort": effort}
        rows.append(row | bench.measured(picture, octaves, apart))
    return rows


def place_of(row: Mapping[str, Any]) -> tuple[str, str, float]:
    """What sets a row apart from all others."""
    return row["case"], row["candidate"], row["effort"]


def main() -> None:
    """Calibrate, or measure, or both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--part", choices=("calibrate", "measure", "table"))
    parser.add_argument("--efforts", nargs="*", type=float, default=[2.0, *EFFORTS])
    parser.add_argument("--candidates", nargs="*", default=list(CANDIDATES))
    parser.add_argument("--presets", nargs="*", default=["house", "deepdream-2015"])
    parser.add_argument("--sources", nargs="*", default=["plasma", "canyon.jpg", "chelsea.jpg"])
    parser.add_argument("--targets", nargs="*", default=["inception_4c", "flamingo"])
    asked = parser.parse_args()
    torch.set_num_threads(1)
    asked.folder.mkdir(parents=True, exist_ok=True)
    sources = [s if s == "plasma" else str(asked.photographs / s) for s in asked.sources]
    results = asked.folder / "results.json"
    rows: list[dict[str, Any]] = json.loads(results.read_text()) if results.exists() else []
    for preset in asked.presets if asked.part != "table" else ():
        kept = asked.folder / f"calibrated-{preset}.json"
        cases = [Case(preset, s, t) for t in asked.targets for s in sources]
        if asked.part != "measure":
            few = [cases[0], cases[-1]]
            gains = calibrate([Bench(case, min(asked.size, 256)) for case in few])
            kept.write_text(json.dumps(gains, indent=1))
        if asked.part == "calibrate":
            continue
        gains = json.loads(kept.read_text())
        for case in cases:
            wanted = [
                (name, effort)
                for name in asked.candidates
                for effort in efforts_of(name)
                if effort in asked.efforts
            ]
            found = measure(Bench(case, asked.size), gains, asked.folder, wanted)
            new = set(map(place_of, found))
            rows = [row for row in rows if place_of(row) not in new] + found
            results.write_text(json.dumps(rows, indent=1))
            print(case.name, flush=True)
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
