"""`plan --storyboard`: a film at a glance, a sheet of quick small frames in the order of time."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

from dreamer.draw.sheet import sheet
from dreamer.engine.drawings import keep_drawing
from dreamer.engine.execution import decide
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked
from dreamer.engine.ready import Ready
from dreamer.engine.run import render_into
from dreamer.engine.told import Watcher
from dreamer.errors import UsageError
from dreamer.recipe.parse import draft_of, recipe_from_tree
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.presets import PRESETS
from dreamer.recipe.reckoning import RANGES

SIDE, LEAST = 192, 64  # pixels of a frame's longer and shorter side
MOST_FRAMES = 120  # that a storyboard renders, where one a second allows it
SHOWN, COLUMNS = 16, 4


def storyboard(recipe: Parsed, out: Path, watch: Watcher = lambda told: None) -> None:
    """Render the film of `recipe` small and with few frames, and draw some of them at `out`, each
    with its moment and its scene; nothing else is kept.

    The pictures are those of a smaller film: what they are of, their colours and their pace are
    the film's, their detail is not.

    Raises:
        UsageError: a still, or an endless film.
    """
    ready = checked(recipe)
    if ready.recipe.still or ready.plan.frames is None:
        kind = "a still" if ready.recipe.still else "an endless film"
        raise UsageError(f"--storyboard: {kind} has no story; say a length")
    sketch = _sketch(ready)
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place) / "storyboard")
        words = sketch.recipe.words
        with folder.locked():  # whose sources are not copied: a film may be larger than the disk
            folder.create("", decide(words.device, words.precision))
            count = render_into(folder, sketch, watch)
        lead = sketch.recipe.lead
        cells = []
        for k in moments(count - lead, [s.start for s in sketch.recipe.scenes]):
            with Image.open(folder.frame_path(lead + k)) as frame:
                cells.append((frame.convert("RGB"), _caption(sketch, k)))
    size = cells[0][0].size
    scale = 320 / max(size)
    cell = (round(size[0] * scale), round(size[1] * scale))
    enlarged = [(p.resize(cell, Image.Resampling.BICUBIC), words) for p, words in cells]
    keep_drawing(out, sheet(enlarged, min(COLUMNS, len(enlarged)), cell), "storyboard")


def moments(count: int, scenes: Sequence[int]) -> list[int]:
    """Which of `count` frames are shown: evenly spread, the last one, and the middle of each of
    the `scenes` that begin at these frames.
    """
    even = {round(k * (count - 1) / (SHOWN - 1)) for k in range(SHOWN)}
    ends = [*scenes[1:], count][: len(scenes)]
    middles = {(start + end) // 2 for start, end in zip(scenes, ends, strict=True)}
    crowded = max(1, count // (2 * SHOWN))
    kept = {k for k in even if all(abs(k - m) >= crowded for m in middles)}
    return sorted(kept | middles | {0, count - 1})


def _sketch(ready: Ready) -> Ready:
    """A recipe's draft, still smaller, and with no more frames than are worth waiting for."""
    height, width = ready.plan.shown
    part = min(1.0, max(SIDE / max(width, height), LEAST / min(width, height)))
    draft = draft_of(ready.recipe, (width, height))
    seconds = (ready.plan.frames or 1) / ready.plan.fps
    rate = min(draft.fps, max(Fraction(1), Fraction(round(MOST_FRAMES / seconds, 3))))
    tree = draft.canonical() | {
        "size": [max(1, round(width * part)), max(1, round(height * part))],
        "fps": str(rate.limit_denominator(1000)),
        "classify": "off",
    }
    times = float(ready.plan.fps / rate)
    said = tree.setdefault("ascent", {})
    if ready.plan.clip is None:  # which has a pace of its own
        said.setdefault("steps", PRESETS[ready.recipe.words.ascent.preset]["steps"])
    for ascent in (said, *(scene.get("ascent", {}) for scene in tree.get("scenes", ()))):
        octaves = ascent.get("octaves")
        for group in (ascent, *(octaves if isinstance(octaves, list) else ())):
            if "steps" in group:
                group["steps"] = _more(group["steps"], times)
    place = ready.recipe.tree.mark(()).folder
    return checked(recipe_from_tree(tree, place, ready.recipe.name, ready.recipe.tree.marks))


def _more(steps: Any, times: float) -> Any:
    """As many steps a second in fewer frames, where a frame may have so many."""
    most = RANGES["ascent.steps"].most
    if isinstance(steps, int | float):
        return min(max(1, round(steps * times)), int(most)) if steps else steps
    if "expr" in steps:
        lowest, highest = steps.get("clamp") or (0, most)
        clamp = [min(lowest * times, most), min(highest * times, most)]
        return steps | {"expr": f"({steps['expr']})*{times:.6g}", "clamp": clamp}
    keys = [key | {"value": min(key["value"] * times, most)} for key in steps["keys"]]
    return steps | {"keys": keys}


def _caption(ready: Ready, frame: int) -> str:
    words = f"{frame / float(ready.plan.fps):.1f} s"
    before = [scene for scene in ready.recipe.scenes if scene.start <= frame]
    return f"{words}, {before[-1].title}" if before and before[-1].title else words
