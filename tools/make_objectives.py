"""Render the recipes of recipes/objectives/ and write docs/objectives.md about them:
python tools/make_objectives.py [NAME…]

NAMEs are recipes whose pictures are made anew; all unless given. `--text` writes the page alone.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

import dreamer

ROOT = Path(__file__).parents[1]
RECIPES, PICTURES = ROOT / "recipes" / "objectives", ROOT / "docs" / "objectives"
PAGE = ROOT / "docs" / "objectives.md"
QUALITY, MOST_BYTES = 84, 40_000
INTRODUCTION = """# What can be asked of a network

Every picture here is made by the recipe below it, with the network that dreamer ships;
`tools/make_objectives.py` writes this page. The recipes are in `recipes/objectives/` and lay a few
lines over `base.yaml`:

```yaml
{base}```

Everything goes with everything: targets add up with weights, each may have its own objective,
channels, mask and network; what is climbed, by which steps and under which transforms is the
ascent's; colours and canvas come last. What cannot be had together is said before any work.
[recipe.md](recipe.md) has every key, and tables of the objectives and presets at its end.
"""
SECTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Layers": (
        "`objective` says what is asked of a layer. What says nothing is asked as the preset "
        "asks: `house` for what stands out, `deepdream-2015` for energy, `lucid` for the mean.",
        (
            "energy",
            "mean",
            "mean-square",
            "absolute-mean",
            "absolute-sum",
            "norm",
            "power",
            "softplus",
            "variation",
            "standing-out",
            "neuron",
            "direction",
        ),
    ),
    "Other pictures": (
        "`reference` is a picture's file, `source`, or `frame`, what the frame begins with. A "
        "guide, a style and a direction see it at its own size, up to the dream's; inversion and "
        "caricature lay it under the dream, and move it as the dream is moved.",
        ("direction-of-a-picture", "cosine", "guide", "style", "inversion", "caricature"),
    ),
    "Classes": (
        "Classes of a network that are asked for alike share the picture.",
        (
            "logit",
            "mixture",
            "probability",
            "log-probability",
            "margin",
            "against",
            "layers-and-networks",
            "difference",
            "layer-difference",
        ),
    ),
    "Several samples": (
        "`samples` are climbed together and laid out side by side.",
        ("diversity", "alignment", "interpolation"),
    ),
    "Channels, masks, octaves": (
        "Channels go by number, or are chosen by how active they are. A mask weighs places; what "
        "the network sees from there reaches a little beyond (for a hard edge see *Canvas*).",
        (
            "channels",
            "channels-strongest",
            "channels-weakest",
            "channels-apart",
            "masks",
            "targets-by-octave",
        ),
    ),
    "Parameterisations": (
        "What is climbed need not be pixels. Phases (MACO) and networks of coordinates (CPPN) "
        "cannot be found for a given picture, so they begin with noise.",
        ("pixels", "logits", "pyramid", "fourier", "maco", "cppn"),
    ),
    "Priors, transforms, optimisers": (
        "What a step pays for, what a picture must survive, and how a slope becomes a step.",
        (
            "variation-of-the-picture",
            "blur",
            "scales",
            "falloff",
            "transforms",
            "momentum",
            "adam",
        ),
    ),
    "Colour": (
        "All in Oklab, so that light and hue do not leak into each other. A grey picture stays "
        "grey.",
        ("keep-colours", "palette", "palette-sliced", "gamut"),
    ),
    "Canvas": (
        "Edges, shape, and what is left out.",
        ("seamless", "inpaint", "transparency", "any-shape"),
    ),
}


def page() -> str:
    """The text of docs/objectives.md."""
    parts = [INTRODUCTION.format(base=_body(RECIPES / "base.yaml"))]
    for title, (text, names) in SECTIONS.items():
        parts.append("\n".join(filter(None, (f"## {title}", text))))
        for name in names:
            path = RECIPES / f"{name}.yaml"
            said = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
            picture = f"![{name}](objectives/{name}.jpg)"
            parts.append(f"### {name}\n{said}\n\n{picture}\n\n```yaml\n{_body(path)}```")
    return "\n\n".join(parts) + "\n"


def _body(path: Path) -> str:
    """A recipe without its first comment and what it lies over."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)[1:]
    return "".join(line for line in lines if not line.startswith("extends:"))


def pictured(name: str) -> None:
    """Render a recipe into its picture, a transparent one over white."""
    with tempfile.TemporaryDirectory() as place:
        outcome = dreamer.render(RECIPES / f"{name}.yaml", Path(place, "render"))
        (frame,) = (outcome.folder / "frames").iterdir()
        shown = Image.open(frame)
        if shown.mode == "RGBA":
            paper = Image.new("RGBA", shown.size, "white")
            shown = Image.alpha_composite(paper, shown)
        path = PICTURES / f"{name}.jpg"
        for quality in range(QUALITY, 40, -6):
            shown.convert("RGB").save(path, quality=quality, optimize=True)
            if path.stat().st_size < MOST_BYTES:
                break
        print(name, path.stat().st_size // 1000, "kB", flush=True)


def main() -> None:
    """Make what the command line asks for."""
    words = sys.argv[1:]
    if "--text" not in words:
        PICTURES.mkdir(exist_ok=True)
        for name in words or [name for _, names in SECTIONS.values() for name in names]:
            pictured(name)
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
