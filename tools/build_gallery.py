"""Render the recipes in recipes/ that need nothing but dreamer, and build gallery/site of them:
python tools/build_gallery.py [--renders DIR] [--draft] [NAME…]

NAMEs are recipes in recipes/, or `collage/` and one in recipes/collage/; all of them unless given.
Stills are rendered as they are; films as they are too, unless --draft, and encoded small. What was
rendered before is not rendered again, and what was stopped goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import dreamer
from dreamer.batch.doing import do
from dreamer.batch.sweeping import jobs_of_sweep, sweep_at
from dreamer.engine.stopping import listening
from dreamer.errors import DreamerError
from dreamer.jobs.collage import collage
from dreamer.jobs.gallery import gallery
from dreamer.jobs.render import render
from dreamer.recipe.collage_recipe import parse_collage
from dreamer.recipe.parse import parse_recipe

ROOT = Path(__file__).parents[1]
RECIPES, SITE = ROOT / "recipes", ROOT / "gallery" / "site"
# These need another network's weights, or a photograph of yours.
ELSEWHERE = {"deepdraw-googlenet", "googlenet-2015", "inversion", "photo-dream"}
SMALL_FILM = "output={video: mp4, size: 360, crf: 24, preset: slow, poster: 50%}"


def known() -> dict[str, Path]:
    """All recipes that can be rendered here, by name."""
    found = {path.stem: path for path in sorted(RECIPES.glob("*.yaml"))}
    found |= {f"collage/{p.stem}": p for p in sorted((RECIPES / "collage").glob("*.yaml"))}
    return {name: path for name, path in found.items() if name not in ELSEWHERE}


def make(name: str, path: Path, renders: Path, draft: bool) -> None:
    """Have the render of a recipe in `renders`."""
    out, shown = renders / name.replace("/", "-"), path.relative_to(ROOT)
    if name.startswith("collage/"):
        changes = [SMALL_FILM] if parse_collage(path).frames is not None else []
        collage([path], out=out, overrides=changes, command=f"dreamer collage {shown}")
        return
    if (sweep := sweep_at(path)) is not None:
        with listening() as stop:
            for job in jobs_of_sweep(sweep, out=out).jobs:
                do(job, lambda told: None, stop)
        return
    film = not parse_recipe(path).still
    changes = [SMALL_FILM] if film else []
    quick = draft and film
    said = f"dreamer render {shown}{' --draft' if quick else ''}"
    render(path, out=out, overrides=changes, draft=quick, command=said)


def main() -> None:
    """Render what is asked for, then build the site of all that is there."""
    reader = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    reader.add_argument("--renders", type=Path, default=ROOT / "renders" / "recipes")
    reader.add_argument("--draft", action="store_true", help="films at a quarter of their size")
    reader.add_argument("names", nargs="*", metavar="NAME")
    asked, recipes = reader.parse_args(), known()
    if unknown := sorted(set(asked.names) - recipes.keys()):
        reader.error(f"no recipe {unknown[0]}; there are {', '.join(recipes)}")
    for name in asked.names or recipes:
        print(name, flush=True)
        try:
            make(name, recipes[name], asked.renders, asked.draft)
        except DreamerError as error:
            print(f"{name}: {error}", flush=True)
    made = gallery([asked.renders], SITE, title=f"dreamer {dreamer.__version__}", small=True)
    print(made.as_text())
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"{size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
