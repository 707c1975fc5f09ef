"""Planning: everything looked up and evaluated before any work, and what cannot be rendered
refused, all at once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dreamer.errors import Problem, RecipeError, did_you_mean
from dreamer.recipe.aiming import planned_targets
from dreamer.recipe.climbing import Climbing, planned_ascent
from dreamer.recipe.clip_times import settled
from dreamer.recipe.clips import paced, planned_clip
from dreamer.recipe.colors import rgb
from dreamer.recipe.facts import ClipFacts, Facts, NetworkFacts, PictureFacts
from dreamer.recipe.filming import refuse_films
from dreamer.recipe.fitting import needs_of, refuse_unfit
from dreamer.recipe.joining import joined
from dreamer.recipe.moving import (
    STILL,
    edges_of,
    margin_of,
    planned_closing,
    planned_motion,
)
from dreamer.recipe.parsed import MASKS, WITHOUT_FILE, Parsed
from dreamer.recipe.parts import MOST_PIXELS
from dreamer.recipe.plan import Plan
from dreamer.recipe.planned import ColorWords, PlannedTarget
from dreamer.recipe.reckoning import RANGES, Reckoning
from dreamer.recipe.schedules import Clock
from dreamer.recipe.sounding import refuse_sound
from dreamer.recipe.tiling import refuse_tiles
from dreamer.recipe.unheard import refuse_unheard

DEFAULT_SIZE = 512
MOST_FRAMES = 1_000_000
WINDOW = 240
UNLIKE = 0.02  # that the shape of a mask may be unlike the canvas's
TILES = {"auto": None, "off": 0}


def plan(recipe: Parsed, facts: Facts, window: tuple[int, int] | None = None) -> Plan:
    """Look everything up and evaluate everything.

    Args:
        recipe: the recipe.
        facts: about all that `recipe.wants()`.
        window: (first frame, count), to plan only these; an endless film is planned so, by default
            its first frames.

    Raises:
        RecipeError: all that cannot be rendered.
    """
    recipe = settled(recipe, facts)
    frames = recipe.frames
    start, count = window or (0, WINDOW if frames is None else min(frames, MOST_FRAMES))
    if frames is not None:
        count = max(0, min(count, frames - start))
    here = Reckoning(recipe, facts, Clock(start, count, frames, recipe.fps, recipe.lead))
    if frames is not None and frames > MOST_FRAMES:
        if recipe.scenes:
            here.refuse(("scenes",), f"have {frames} frames together; at most {MOST_FRAMES}")
        else:
            here.refuse(("length",), f"more than {MOST_FRAMES} frames; use endless")
        raise RecipeError(here.problems)
    if recipe.scenes and recipe.clip() is not None:
        here.refuse(("scenes",), "a film that is dreamt on has no scenes but its own; leave it out")
        raise RecipeError(here.problems)
    closing = planned_closing(here)
    refuse_sound(here)
    made = _planned(here) if not recipe.scenes else _of_scenes(here)
    if here.problems:
        raise RecipeError(here.problems)
    return replace(made, closing=closing)


def _of_scenes(here: Reckoning) -> Plan:
    """The plan of a film of scenes; all that is wrong with it or any of them is refused."""
    recipe, facts, plans = here.recipe, here.facts, list[Plan]()
    problems: list[Problem] = list(here.problems)
    fades = [scene.fade for scene in recipe.scenes[1:]] + [0]
    for scene, fade in zip(recipe.scenes, fades, strict=True):
        count = scene.frames + fade
        clock = Clock(0, count, scene.frames, recipe.fps)
        film = Clock(scene.start, count, recipe.frames, recipe.fps)
        try:
            plans.append(_planned(Reckoning(scene.recipe, facts, clock, film)))
        except RecipeError as error:
            problems += error.problems
    if problems:
        raise RecipeError(list(dict.fromkeys(problems)))  # what is said for all is wrong in each
    return joined(recipe, plans)


def _planned(here: Reckoning) -> Plan:
    words, clock, inpaint = here.words, here.clock, here.words.inpaint
    size = _size(here)
    targets = planned_targets(here)
    _judges(here)
    used = [facts for t in targets for facts in _networks_of(here, t)]
    needs = needs_of(used)
    climbing = planned_ascent(here, targets, needs.native)
    planned_motion(here)
    clip = planned_clip(here, climbing)
    _pictures(here, size)
    margin = margin_of(here, size)
    _canvas(here, climbing)
    refuse_films(here, size)
    refuse_unheard(here, climbing)
    refuse_unfit(here, (size[1], size[0]), climbing, targets, needs)
    refuse_tiles(here, targets, climbing.words)
    if here.problems:
        raise RecipeError(here.problems)
    files = {place.path: place.file for place in here.recipe.pictures()}
    top, left = margin
    return Plan(
        width=size[0] + 2 * left,
        height=size[1] + 2 * top,
        fps=clock.fps,
        frames=clock.frames,
        start=clock.start,
        count=clock.count,
        targets=targets,
        ascent=climbing.words,
        edges=edges_of(words),
        edge_color=rgb(words.motion.edge_color),
        tracks=here.tracks,
        own_octaves=climbing.own,
        first_steps=words.ascent.first_steps if clip is None else paced(here),
        samples=words.samples,
        seamless=words.seamless,
        transparent=here.recipe.transparent,
        inpaint=None if inpaint is None else files.get(("inpaint", "mask"), inpaint.mask),
        feather=0 if inpaint is None else inpaint.feather,
        colors=ColorWords(files.get(("colors", "palette")), words.colors.match),
        native=needs.native,
        smallest=needs.smallest,
        macs_per_pixel=_cost(here, targets),
        margin=margin,
        tiles=words.tiles if isinstance(words.tiles, int) else TILES[words.tiles],
        clip=clip,
    )


def _networks_of(here: Reckoning, target: PlannedTarget) -> list[NetworkFacts]:
    found = [here.facts.networks[target.network]]
    if target.other is not None:
        found.append(here.facts.networks[target.other.network])
    return [facts for facts in found if isinstance(facts, NetworkFacts)]


def _cost(here: Reckoning, targets: tuple[PlannedTarget, ...]) -> float:
    """Multiply-adds a pixel: each network's to its deepest layer that is looked at."""
    deepest: dict[str, float] = {}
    for target in (t for one in targets for t in (one, one.other) if t is not None):
        facts = here.facts.networks[target.network]
        assert isinstance(facts, NetworkFacts)
        macs = facts.macs.get(target.layer or "logits", 0.0)
        deepest[target.network] = max(macs, deepest.get(target.network, 0.0))
    return sum(deepest.values())


def _size(here: Reckoning) -> tuple[int, int]:
    """(width, height)."""
    size, image = here.words.size, here.recipe.image()
    picture: PictureFacts | ClipFacts | str | None = None
    if image is not None:
        picture = here.facts.pictures.get(image, "not looked at")
    if here.recipe.clip() is not None:
        picture = here.facts.clip
    motif = here.words.source.class_
    if motif is not None and motif not in here.facts.motifs:
        near = did_you_mean(motif, here.facts.motifs)
        known = near or f"; there are {', '.join(here.facts.motifs)}"
        here.refuse(("source", "class"), f"no motif '{motif}'{known}")
    if isinstance(size, tuple):
        return size
    if isinstance(picture, PictureFacts | ClipFacts):
        longest = max(picture.width, picture.height)
        scale = 1.0 if size is None else size / longest
        width, height = (max(1, round(n * scale)) for n in (picture.width, picture.height))
        if width * height > MOST_PIXELS:
            here.refuse(("size",), f"more than {MOST_PIXELS // 10**6} megapixels")
        return width, height
    side = size or DEFAULT_SIZE
    return side, side


def _pictures(here: Reckoning, size: tuple[int, int]) -> None:
    """Refuse pictures that cannot be had, and masks of another shape than the canvas."""
    image, clip = here.recipe.image(), here.facts.clip
    lost = isinstance(here.facts.pictures.get(image or ""), str) or isinstance(clip, str)
    known = not lost or isinstance(here.words.size, tuple | list)  # whose size is the source's
    for place in here.recipe.pictures():
        found = here.facts.pictures.get(place.file, "not looked at")
        if isinstance(found, str):
            drawn = {"mask": MASKS, "reference": WITHOUT_FILE}.get(str(place.path[-1]), ())
            here.refuse(place.path, found + did_you_mean(Path(place.file).name, drawn))
        elif place.path[-1] != "mask" or not known:
            continue
        elif not _alike((found.width, found.height), size):
            here.refuse(
                place.path,
                f"the mask is {found.width}×{found.height}, and the picture {size[0]}×{size[1]}: "
                "both must have one shape",
            )


def _alike(mask: tuple[int, int], size: tuple[int, int]) -> bool:
    """Whether a mask has the shape of the canvas, as near as small sizes and drafts can."""
    (width, height), (across, down) = mask, size
    return abs(width * down - height * across) <= UNLIKE * height * across


def _canvas(here: Reckoning, climbing: Climbing) -> None:
    """Refuse canvases that cannot be had together."""
    words, ascent = here.words, climbing.words
    for key in ("keep", "strength"):
        number = getattr(words.colors, key)
        here.track(f"colors.{key}", number, ("colors", key), RANGES[f"colors.{key}"])
    still = here.recipe.still
    if words.samples > 1 and not still:
        here.refuse(("samples",), "several samples make a still, not a film; leave length out")
    if here.recipe.transparent and still and words.samples > 1:
        what = "is had of one picture, not of several samples"
        here.refuse(("output", 0, "transparency"), what)
    if words.inpaint is not None and ascent.parameterisation != "pixels":
        what = f"dreams inside a mask climb pixels, not {ascent.parameterisation}"
        here.refuse(("inpaint",), what)
    elif words.inpaint is not None and ascent.begin == "noise":
        what = "dreams inside a mask begin with the picture around it; say ascent: {begin: frame}"
        here.refuse(("inpaint",), what)
    if words.seamless:
        if "edges" in words.motion.model_fields_set and words.motion.edges != "wrap":
            what = f"a seamless picture goes on at its other side: wrap, not {words.motion.edges}"
            here.refuse(("motion", "edges"), what)
        for name, unmoved in STILL.items():
            if any(value != unmoved for value in here.tracks[name]):
                what = "a seamless picture can be moved, not zoomed or turned: its edges would part"
                here.refuse(tuple(name.split(".")), what)
        if ascent.parameterisation in ("cppn", "pyramid"):
            what = f"{ascent.parameterisation} makes no tiles"
            here.refuse(("seamless",), f"{what}; say parameterisation: pixels, logits or fourier")
        if ascent.resize != "bicubic":
            here.refuse(("seamless",), "octaves are resized seamlessly by resize: bicubic only")
        moved = [name for name, _ in ascent.transforms if name not in ("flip", "noise")]
        if moved:
            here.refuse(("seamless",), f"a seamless picture has no edges for {moved[0]} to cut")
        if ascent.window is not None:
            here.refuse(("seamless",), "a seamless picture is seen whole, not through a window")


def _judges(here: Reckoning) -> None:
    """Refuse judges that cannot be had before the film they would judge is rendered."""
    named = here.words.classify is not None and here.words.classify.networks is not None
    for k, ref in enumerate(here.recipe.judges()):
        found = here.facts.networks.get(ref.key, "not looked at")
        if isinstance(found, str):
            here.refuse(("classify", "networks", k) if named else ("network",), found)
