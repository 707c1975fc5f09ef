"""From what a folder says and the pictures that were made of it to what a gallery shows."""

from __future__ import annotations

import hashlib
import re
import shlex
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import PurePath
from typing import Any

from dreamer.draw.site.values import Item
from dreamer.engine.gallery_pictures import Seen
from dreamer.engine.gallery_things import Thing
from dreamer.engine.gallery_typed import shortened
from dreamer.engine.gallery_words import aims_of, described, joined, source_of, told, words_of
from dreamer.errors import in_unicode

LONGEST_SLUG = 40
SEEDLESS = ("atlas", "compilation")  # without chance, or a word for it
OF_RENDERS: dict[str, Any] = {  # what recipes leave out
    "source": {"noise": "plasma"},
    "target": [{"layer": "inception_4c"}],
    "network": "house",
}
FPS = 24
RATE = re.compile(r"[\d./]{1,24}")
MOST = 1e12  # of what anybody counts: seconds, frames, a rate


def key_of(thing: Thing) -> str:
    """A name for a thing that it keeps, and shares with no other: of what it was made and where
    below the folder that was asked for it lies.
    """
    slug = unicodedata.normalize("NFKD", thing.name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", slug).strip("-")[:LONGEST_SLUG].strip("-") or "item"
    said = f"{thing.identity}\0{thing.found.place}".encode("utf-8", "surrogateescape")
    return f"{slug}-{hashlib.sha256(said).hexdigest()[:8]}"


def item(key: str, thing: Thing, seen: Seen) -> Item:
    """What is shown of a thing."""
    tree = thing.tree
    if thing.kind in ("still", "film"):
        tree = _whole(tree)
        aims = aims_of(tree)
    else:
        judges = tuple(scores.network for scores in thing.scores)
        aims = aims_of({})._replace(networks=judges, layers=())
    if thing.kind == "atlas":
        aims = aims._replace(networks=(thing.name,))
    title = tree.get("title")
    titled = title if isinstance(title, str) and title.strip() else _plain(thing)
    return Item(
        key=key,
        kind=thing.kind,
        title=in_unicode(titled),
        place=in_unicode(thing.found.place),
        alt=in_unicode(_alt(thing, tree)),
        date=datetime.fromtimestamp(thing.made).strftime("%Y-%m-%d %H:%M"),
        stamp=round(thing.made),
        thumb=seen.thumb,
        large=seen.large,
        film=seen.film,
        more=tuple((in_unicode(name), picture) for name, picture in seen.more),
        recipe=thing.recipe,
        words=words_of(tree),
        seed="" if thing.kind in SEEDLESS else told(tree.get("seed", 0)),
        networks=aims.networks,
        layers=aims.layers,
        classes=aims.classes,
        scores=thing.scores,
        facts=tuple(_facts(thing, tree, seen)),
        command=_command(key, thing),
        typed=in_unicode(_typed(thing.said.get("command"))),
        sweep=thing.sweep,
        unfinished=in_unicode(thing.unfinished),
    )


def _whole(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """The recipe of a render with what it leaves out."""
    scenes = tree.get("scenes")
    aimed = isinstance(scenes, list) and all(isinstance(s, dict) and "target" in s for s in scenes)
    left_out = {key: value for key, value in OF_RENDERS.items() if key != "target" or not aimed}
    return {**left_out, **tree}


def _plain(thing: Thing) -> str:
    """What a thing without a title is called."""
    if thing.kind == "atlas":
        return f"What {thing.name} sees"
    if thing.sweep is not None and thing.sweep.coordinates:
        return thing.sweep.words
    name = thing.found.path.name if thing.kind in ("still", "film") else thing.name
    return name.replace("_", " ").replace("-", " ").strip() or thing.name


def _alt(thing: Thing, tree: Mapping[str, Any]) -> str:
    if thing.kind == "atlas":
        sheets = f"one of {1 + len(thing.sheets)} sheets" if thing.sheets else "a sheet"
        return f"What {thing.name} answers to, {sheets} of small pictures"
    pieces = thing.report.get("pieces")
    count = pieces if thing.kind == "collage" and isinstance(pieces, int) else thing.frames
    said = described(tree, thing.kind, count)
    words = "" if thing.sweep is None else thing.sweep.words
    return f"{said} ({words})" if words else said


def _facts(thing: Thing, tree: Mapping[str, Any], seen: Seen) -> list[tuple[str, str]]:
    report, execution = thing.report, thing.report.get("execution")
    execution = execution if isinstance(execution, dict) else {}
    found = [("source", source_of(tree)), ("size", _size(seen))]
    frames, fps = thing.frames if thing.kind == "film" else 0, _rate(tree.get("fps", FPS))
    if seen.facts is not None:
        frames, fps = seen.facts.frames, float(seen.facts.fps)
    if frames:
        seconds = f", {frames / fps:.3g} s at {fps:.4g} a second" if fps else ""
        found.append(("length", f"{frames} frames{seconds}"))
    if isinstance(report.get("pieces"), int):
        found.append(("pieces", str(report["pieces"])))
    if (took := _number(report.get("seconds"))) is not None:
        found.append(("time", _time(took)))
    if (speed := _number(report.get("megapixel_steps_a_second"))) is not None:
        found.append(("speed", f"{speed:.3g} megapixel steps a second"))
    if thing.frames > 1 and (rate := _number(report.get("frames_a_second"))) is not None:
        found.append(("frames a second", f"{rate:.3g}"))
    device = execution.get("device_name") or execution.get("device")
    if isinstance(device, str):
        precision = execution.get("precision")
        found.append(("device", f"{device}, {precision}" if precision else device))
    versions = thing.said.get("versions")
    if isinstance(versions, dict) and "dreamer" in versions:
        torch = f", torch {versions['torch']}" if "torch" in versions else ""
        found.append(("made with", f"dreamer {versions['dreamer']}{torch}"))
    weights = thing.said.get("weights")
    if isinstance(weights, dict) and weights:
        hashes = [f"{PurePath(str(name)).name} {str(sha)[:12]}" for name, sha in weights.items()]
        found.append(("weights", joined(hashes, 6)))
    if thing.identity:
        found.append(("recipe's hash", thing.identity[:12]))
    return [(name, in_unicode(value)) for name, value in found if value]


def _size(seen: Seen) -> str:
    """Of what is shown large, which small galleries have smaller than it was made."""
    return f"{seen.large.width} × {seen.large.height}"


def _rate(said: Any) -> float:
    """Frames a second; 0 of what is none."""
    text = str(said)
    if not RATE.fullmatch(text):  # an exponent of a million digits is a number, after an hour
        return 0.0
    try:
        rate = float(Fraction(text))
    except (ValueError, ArithmeticError):
        return 0.0
    return rate if 0 < rate <= MOST else 0.0


def _number(value: Any) -> float | None:
    """What is told as a number; None of what says nothing: below zero, endless, absurdly large."""
    return float(value) if isinstance(value, int | float) and 0 < value <= MOST else None


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _command(key: str, thing: Thing) -> str:
    """What makes it again from the recipe that lies in the gallery."""
    if thing.kind == "atlas":
        return f"dreamer atlas {shlex.quote(thing.name)}"
    verb = {"collage": "collage", "compilation": "compile"}.get(thing.kind, "render")
    out = f" --out {key}{thing.film.suffix}" if verb == "compile" and thing.film else ""
    return f"dreamer {verb} recipes/{key}.yaml{out}"


def _typed(command: Any) -> str:
    """The command as it was typed, without the folders of the machine that it was typed on; "" of
    a queue's, which does not say what it was for.
    """
    if not isinstance(command, str):
        return ""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    if words[:2] == ["dreamer", "batch"]:
        return ""
    return " ".join(map(shortened, words))
