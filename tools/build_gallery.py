"""Render recipes of recipes/ that need nothing but dreamer, and build gallery/site of them:
python tools/build_gallery.py [--renders DIR] [NAME…]

NAMEs are recipes in recipes/, or `collage/` or `objectives/` and one in there; a choice of them
unless given, which takes twenty minutes of one core or so. Films are encoded small. What was
rendered before is not rendered again, what was stopped goes on, and the site is of all that lies in
DIR.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from dreamer.batch.doing import do
from dreamer.batch.sweeping import jobs_of_sweep, sweep_at
from dreamer.engine.stopping import listening
from dreamer.errors import DreamerError
from dreamer.jobs.atlas import atlas
from dreamer.jobs.collage import collage
from dreamer.jobs.compile import compile_films
from dreamer.jobs.gallery import gallery
from dreamer.jobs.render import render
from dreamer.recipe.collage_recipe import parse_collage
from dreamer.recipe.parse import parse_recipe

ROOT = Path(__file__).parents[1]
RECIPES, SITE = ROOT / "recipes", ROOT / "gallery" / "site"
TITLE = "Dreams of the house network"
CHOSEN = (
    *("city-of-domes", "glass", "lotus-pond", "regatta", "flamingos", "eye-storm", "flower-field"),
    *("creatures", "deepdream-2015", "deepdream-guided", "neural-dream", "lucid", "cppn"),
    *("daemon-collage", "first-dream"),
    *("sweep-gardens", "sheet-of-gardens", "atlas-of-classes", "compilation"),
    *("collage/heap", "collage/mosaic", "collage/sheet", "collage/drift"),
    *("objectives/caricature", "objectives/channels", "objectives/channels-apart"),
    *("objectives/guide", "objectives/inpaint", "objectives/keep-colours", "objectives/logit"),
    *("objectives/masks", "objectives/momentum", "objectives/seamless"),
    *("objectives/standing-out", "objectives/style"),
)
CLASSES = (
    "daisy,sunflowers,lotus,poppy,dahlia,stained_glass,dome_outer,bell_tower,vault,water_lilly,"
    "peacock_eye,flamingo,rooster,owl,eye,shell,waves,ketch,lightning,strawberry,butterfly,"
    "mushroom,panda,dalmatian,pagoda"
)
# These need another network's weights, or a photograph of yours.
ELSEWHERE = {"deepdraw-googlenet", "googlenet-2015", "inversion", "photo-dream"}
SMALL_FILM = "video: mp4, crf: 24, preset: slow"
LONGEST = 360  # pixels of a film's longer side
LONGER = 320  # of what shows an objective, which is smaller in the docs
SMALL_COMPILATION = "output={video: mp4, crf: 32, preset: slow, poster: 30%}"


def known() -> dict[str, Path]:
    """All recipes that can be rendered here, by name."""
    found = {path.stem: path for path in sorted(RECIPES.glob("*.yaml"))}
    for folder in ("collage", "objectives"):
        found |= {f"{folder}/{p.stem}": p for p in sorted((RECIPES / folder).glob("*.yaml"))}
    return {name: path for name, path in found.items() if name not in ELSEWHERE}


def make(name: str, path: Path, renders: Path) -> None:
    """Have what a recipe makes in `renders`."""
    shown = path.relative_to(ROOT)
    if name == "compilation":
        changes = ["size=[640, 360]", SMALL_COMPILATION]
        compile_films([path], out=renders / "compilation.mp4", overrides=changes)
    elif name.startswith("collage/"):
        moves = parse_collage(path).frames is not None
        changes = [f"output={{{SMALL_FILM}, size: {LONGEST}}}"] if moves else []
        out = renders / name.replace("/", "-")
        collage([path], out=out, overrides=changes, command=f"dreamer collage {shown}")
    elif (sweep := sweep_at(path)) is not None:
        with listening() as stop:
            for job in jobs_of_sweep(sweep, out=renders / name).jobs:
                do(job, lambda told: None, stop)
    else:
        recipe = parse_recipe(path)
        sides = recipe.words.size
        small = isinstance(sides, tuple | list) and max(sides) <= LONGEST
        size = "" if small else f", size: {LONGEST}"
        changes = [] if recipe.still else [f"output={{{SMALL_FILM}, poster: 50%{size}}}"]
        if name.startswith("objectives/"):
            changes += [f"title={path.stem.replace('-', ' ').capitalize()}", f"size={LONGER}"]
        render(path, out=renders / name, overrides=changes, command=f"dreamer render {shown}")


def sheet_of_gardens(renders: Path) -> None:
    """A collage of what the sweep made, so that there are things made of others."""
    changes = ["title=All twelve of them", "collage.layout={grid: {columns: 3}}"]
    changes += ["collage.margin=16", "collage.gutter=8", "collage.background=#14161a"]
    swept, out = renders / "sweep-gardens", renders / "sheet-of-gardens"
    said = "dreamer collage sweep-gardens --set collage.columns=3"
    collage([swept], out=out, size=(1200, None), overrides=changes, command=said)


def atlas_of_classes(renders: Path) -> None:
    """Sheets of classes that are worth seeing."""
    atlas("house", renders / "atlas-house", classes=CLASSES)


BESIDES = {"sheet-of-gardens": sheet_of_gardens, "atlas-of-classes": atlas_of_classes}


def main(words: Sequence[str] | None = None) -> None:
    """Render what is asked for, then build the site of all that is there."""
    reader = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    reader.add_argument("--renders", type=Path, default=ROOT / "renders" / "recipes")
    reader.add_argument("names", nargs="*", metavar="NAME")
    asked, recipes = reader.parse_args(words), known()
    if unknown := sorted(set(asked.names) - recipes.keys() - BESIDES.keys()):
        reader.error(f"no recipe {unknown[0]}; there are {', '.join([*recipes, *BESIDES])}")
    asked.renders.mkdir(parents=True, exist_ok=True)
    for name in asked.names or CHOSEN:
        print(name, flush=True)
        try:
            if name in BESIDES:
                BESIDES[name](asked.renders)
            else:
                make(name, recipes[name], asked.renders)
        except DreamerError as error:
            print(f"{name}: {error}", flush=True)
    made = gallery([asked.renders], SITE, title=TITLE, small=True)
    print(made.as_text())
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"{size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
