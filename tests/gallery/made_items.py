"""Folders as dreamer leaves them, written by hand: renders, sweeps, films, collages, in moments."""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from dreamer.media.durable import share_or_copy
from dreamer.media.ffmpeg import run

WHEN = 1_790_000_000  # seconds since 1970, when the first of all was made
LABELS = ("daisy", "tulips", "dome_outer", "vault", "eye", "fern", "cloud", "moon")


def picture(size: tuple[int, int], seed: int) -> Image.Image:
    """Soft blots of colour, as large as `size`."""
    blots = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    return Image.fromarray(blots).resize(size, Image.Resampling.BICUBIC)


@cache
def _film(place: Path, size: tuple[int, int]) -> Path:
    path = place / f"film-{size[0]}x{size[1]}.mp4"
    drawn = ["-f", "lavfi", "-i", f"testsrc2=size={size[0]}x{size[1]}:rate=6:duration=2"]
    run([*drawn, "-pix_fmt", "yuv420p", "-y", str(path)], "a film")
    return path


def render(
    folder: Path,
    recipe: str,
    name: str = "dream",
    size: tuple[int, int] = (96, 64),
    seed: int = 1,
    film: bool = False,
    sweep: Mapping[str, Any] | None = None,
    scores: Mapping[str, Any] | None = None,
    made_of: Sequence[str] = (),
    parent: str | None = None,
    look: Path | None = None,
    when: int = 0,
    **report: Any,
) -> str:
    """A finished render in `folder`; its recipe's hash. `look` is a picture to copy."""
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text(recipe, encoding="utf-8")
    identity = hashlib.sha256(f"{recipe} {folder}".encode(errors="surrogateescape")).hexdigest()
    said = {
        "name": name,
        "recipe_sha256": identity,
        "parent_sha256": parent,
        "sources": {f"piece {k}": sha for k, sha in enumerate(made_of)},
        "weights": {"house": "3cdf" * 16},
        "versions": {"dreamer": "0.1.0", "torch": "2.15.0"},
        "command": f"dreamer render {name}.yaml --out /home/somebody/renders/{name}",
    }
    if sweep is not None:
        said["sweep"] = sweep
    (folder / "provenance.json").write_text(json.dumps(said), encoding="utf-8")
    if scores is not None:
        (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    (folder / "frames").mkdir()
    frames = 12 if film else 1
    if film:
        picture(size, seed).save(folder / "frames" / "000000.png")
        share_or_copy(_film(folder.parent, size), folder / f"{name}.mp4")
    elif look is not None:
        share_or_copy(look, folder / f"{name}.png")
    else:
        picture(size, seed).save(folder / f"{name}.png")
    told = {
        "frames": frames,
        "seconds": 4.25,
        "frames_a_second": round(frames / 4.25, 3),
        "megapixel_steps_a_second": 0.125,
        "execution": {"device": "cpu", "device_name": "CPU (AVX512)", "precision": "float32"},
    }
    (folder / "report.json").write_text(json.dumps(told | report), encoding="utf-8")
    os.utime(folder / "report.json", (WHEN + when, WHEN + when))
    return identity


def seen(network: str, before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, Any]:
    """scores.json of one network."""
    ranks = {"before": before, "after": after}
    return {network: {k: [[n, p] for n, p in v.items()] for k, v in ranks.items()} | {"frames": {}}}


def compilation(path: Path, recipe: str) -> Path:
    """A film with a recipe inside, as `dreamer compile` leaves it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=6:duration=1", "-pix_fmt", "yuv420p"]
    texts = ["-movflags", "use_metadata_tags", "-metadata", f"dreamer:recipe={recipe}"]
    run([*drawn, *texts, "-y", str(path)], "a compilation")
    return path


def carrying(path: Path, recipe: str) -> Path:
    """A picture with a recipe inside, alone."""
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("dreamer:recipe", recipe)
    picture((64, 48), 9).save(path, pnginfo=texts)
    return path


def atlas(folder: Path, sheets: int = 2) -> None:
    """An atlas with sheets, and tiles that nobody wants to see alone."""
    (folder / "tiles" / "classes").mkdir(parents=True)
    (folder / "atlas.json").write_text(json.dumps({"network": "house", "side": 96}))
    picture((96, 96), 3).save(folder / "tiles" / "classes" / "00000.png")
    for k in range(sheets):
        picture((300, 200), k).save(folder / f"house-plate-{k}.jpg")


def sweep_of(place: Path, name: str, axes: Mapping[str, Sequence[Any]], first: int = 0) -> None:
    """All combinations of two coordinates."""
    (across, columns), (down, rows) = axes.items()
    for k, (a, b) in enumerate((a, b) for a in columns for b in rows):
        words = {across: a, down: b}
        recipe = f"seed: 5\ntarget: {words['target']}\nascent: {{steps: {words['ascent.steps']}}}\n"
        render(
            place / f"{k:04d}",
            recipe,
            seed=first + k,
            size=(64, 64),
            sweep={"name": name, "sha256": f"{first:064x}", "index": k, "coordinates": words},
            when=first + k,
        )


def many(place: Path, count: int, size: tuple[int, int] = (640, 416), distinct: int = 40) -> None:
    """`count` stills like those of a long night, some of them in a sweep, with scores."""
    place.mkdir(parents=True)
    looks = []
    for k in range(distinct):
        looks.append(place / f".look-{k}.png")
        wide = (size[0] * (2 + k % 3) // 3, size[1])
        picture(wide, k).save(looks[-1], compress_level=1)
    chance = random.Random(5)
    for k in range(count):
        label, layer = chance.choice(LABELS), chance.choice(("3b", "4a", "4c", "4e", "5b"))
        steps = chance.choice((4, 8, 16, 32))
        recipe = (
            f"title: 'Night {k}'\nseed: {k}\nsize: [640, 416]\ntarget:\n- class: {label}\n"
            f"- layer: inception_{layer}\n  weight: 0.5\nascent:\n  steps: {steps}\n  step: 1.5\n"
        )
        shares = sorted((chance.random() for _ in range(5)), reverse=True)
        after = dict(zip(chance.sample(LABELS, 5), shares, strict=True))
        before = dict(zip(chance.sample(LABELS, 5), sorted(shares), strict=True))
        render(
            place / f"{k:05d}-night",
            recipe,
            look=looks[k % distinct],
            scores=seen("house", before, after),
            when=60 * k,
        )
