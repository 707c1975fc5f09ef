"""Targets planned: layers, channels and classes looked up, objectives given what they need."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from dreamer.recipe.asking import OBJECTIVES, find_objective
from dreamer.recipe.climbing import merged
from dreamer.recipe.facts import NetworkFacts, find_class, find_layer
from dreamer.recipe.marks import Path_, key_of
from dreamer.recipe.numbers import WordKeyframes
from dreamer.recipe.planned import Choice, PlannedTarget
from dreamer.recipe.reckoning import RANGES, Reckoning
from dreamer.recipe.schedules import Values, crossfades
from dreamer.recipe.targets import Choice as ChoiceWords
from dreamer.recipe.targets import Other, Target

Kind = Literal["layer", "class"]
ARGUMENTS = ("reference", "vector", "exponent", "place", "other")
EXAMPLES = {
    "reference": "reference: PICTURE",
    "vector": "vector: {12: 1}",
    "exponent": "exponent: 3",
    "other": "other: {network: NAME}",
}


def planned_targets(here: Reckoning) -> tuple[PlannedTarget, ...]:
    """All targets, their weights in tracks; what is wrong with them is refused."""
    planned: list[PlannedTarget] = []
    blamed: set[str] = set()
    for k, target in enumerate(here.words.target):
        ref = here.recipe.target_network(k)
        facts = here.facts.networks.get(ref.key, "not looked at")
        own: Path_ = ("target", k, "network") if target.network is not None else ("network",)
        if isinstance(facts, str):
            if ref.key not in blamed:
                here.refuse(own, facts)
            blamed.add(ref.key)
            continue
        kind: Kind = "layer" if target.layer is not None else "class"
        word = target.layer if target.layer is not None else target.class_
        path: Path_ = ("target", k)
        here.track("weight", target.weight, (*path, "weight"), RANGES["weight"])
        base = here.tracks.pop("weight")
        asked = _asked(here, target, kind, path)
        for value, fade in _words(here, word, (*path, kind)):
            found = _looked_up(here, facts, ref.key, kind, value, path)
            if found is None or asked is None:
                continue
            found = _completed(here, found, asked, target, facts, k)
            if found is not None:
                weights = tuple(a * b for a, b in zip(base, fade, strict=True))
                here.tracks[f"target.{len(planned)}.weight"] = weights
                key = key_of(here.recipe.written(path))
                planned.append(replace(found, key=key, number=k))
    return tuple(planned)


def _asked(here: Reckoning, target: Target, kind: Kind, path: Path_) -> str | None:
    """The target's objective, if it is given what it needs and nothing else."""
    key = "objective" if kind == "layer" else "class_objective"
    default = str(merged(here)[key])
    place: Path_ = ("ascent", key) if target.objective is None else (*path, "objective")
    try:
        name = find_objective(target.objective or default, kind)
    except ValueError as error:
        here.refuse(place, str(error))
        return None
    row, word = OBJECTIVES[name], name.removeprefix("class_")
    fits = True

    def refuse(where: Path_, message: str) -> None:
        nonlocal fits
        fits = False
        here.refuse(where, message)

    given = [key for key in ARGUMENTS if getattr(target, key) is not None]
    for choice in row.needs:
        there = [key for key in choice if key in given]
        if len(there) != 1:
            examples = " or ".join(EXAMPLES[key] for key in choice)
            found = f"not {' and '.join(there)}" if there else "and there is none"
            refuse((*path, choice[-1]), f"{word} needs {examples}, {found}")
    for key in given:
        if key not in row.keys:
            known = ", ".join(row.keys) or "none of these"
            refuse((*path, key), f"{word} does not take it; it takes {known}")
    if target.apart and not row.apart:
        refuse((*path, "apart"), f"{word} is not asked of channels one by one")
    if target.vector is not None and target.channels is not None:
        refuse((*path, "channels"), "vector says which channels; leave one of them out")
    if "exponent" in row.keys and target.exponent is not None and target.exponent < row.exponent:
        least = f"is at least {row.exponent:g} for {word}, not {target.exponent:g}"
        refuse((*path, "exponent"), least)
    chosen = isinstance(target.channels, ChoiceWords) and target.channels.but is None
    if name == "interpolation" and chosen:
        refuse((*path, "channels"), f"{word} is asked of channels by number")
    if row.batch and here.words.samples < 2:
        refuse((*path, "objective"), f"{word} compares several pictures; say samples: 4")
    return name if fits else None


def _words(here: Reckoning, word: Any, path: Path_) -> list[tuple[str | int, Values]]:
    if not isinstance(word, WordKeyframes):
        return [(word, (1.0,) * here.clock.count)]
    try:
        return crossfades(word, here.clock_of(path))
    except ValueError as error:
        here.refuse((*path, "keys"), str(error))
        return []


def _looked_up(
    here: Reckoning, facts: NetworkFacts, network: str, kind: Kind, value: str | int, path: Path_
) -> PlannedTarget | None:
    try:
        if kind == "class":
            number = find_class(facts, value)
            name = facts.classes[number]
            return PlannedTarget(network, kind, class_index=number, class_name=name)
        layer, before = find_layer(facts, str(value))
    except ValueError as error:
        here.refuse((*path, kind), str(error))
        return None
    return PlannedTarget(network, kind, layer, before)


def _completed(
    here: Reckoning,
    found: PlannedTarget,
    objective: str,
    target: Target,
    facts: NetworkFacts,
    number: int,
) -> PlannedTarget | None:
    """`found` with all that its objective is given."""
    path: Path_ = ("target", number)
    before = len(here.problems)
    channels, chosen = _channels(here, found, target, facts, path)
    if target.vector is not None:
        _in_range(here, found, list(target.vector), facts, (*path, "vector"))
    found = replace(found, objective=objective, channels=channels, chosen=chosen)
    other = None if target.other is None else _other(here, found, target.other, facts, number)
    if len(here.problems) > before:
        return None
    files = {place.path: place.file for place in here.recipe.pictures()}
    return replace(
        found,
        batch=OBJECTIVES[objective].batch,
        apart=target.apart,
        reference=files.get((*path, "reference"), target.reference),
        vector=None if target.vector is None else tuple(sorted(target.vector.items())),
        exponent=target.exponent,
        place=target.place,
        other=other,
        mask=files.get((*path, "mask"), target.mask),
        octaves=None if target.octaves is None else tuple(target.octaves),
    )


def _channels(
    here: Reckoning, found: PlannedTarget, target: Target, facts: NetworkFacts, path: Path_
) -> tuple[tuple[int, ...] | None, Choice | None]:
    """Which channels: numbers, or how they are chosen."""
    said, where = target.channels, (*path, "channels")
    width = facts.channels.get(found.layer or "")
    if said is None:
        return None, None
    if isinstance(said, list):
        _in_range(here, found, said, facts, where)
        return tuple(said), None
    assert isinstance(said, ChoiceWords)
    if said.but is not None:
        _in_range(here, found, said.but, facts, (*where, "but"))
        left = tuple(k for k in range(width or 0) if k not in said.but)
        if not left:
            here.refuse((*where, "but"), f"none of {found.layer}'s channels is left")
        return left, None
    mode, count = next((m, n) for m, n in said if m != "renew" and n is not None)
    if width is not None and count > width:
        here.refuse((*where, mode), f"{found.layer} has {width} channels, not {count}")
    return None, Choice(mode, count, said.renew)


def _in_range(
    here: Reckoning,
    found: PlannedTarget,
    channels: list[int],
    facts: NetworkFacts,
    path: Path_,
) -> None:
    width = facts.channels.get(found.layer or "")
    for channel in channels:
        if channel < 0 or (width is not None and channel >= width):
            most = "" if width is None else f" to {width - 1}"
            here.refuse(path, f"{found.layer} has channels 0{most}, not {channel}")
            return
    if len(set(channels)) < len(channels):
        here.refuse(path, "a channel is named twice")


def _other(
    here: Reckoning, found: PlannedTarget, wanted: Other, facts: NetworkFacts, number: int
) -> PlannedTarget | None:
    """What the target `found` is compared to."""
    path: Path_ = ("target", number, "other")
    ref = here.recipe.other_network(number)
    theirs = here.facts.networks.get(ref.key, "not looked at")
    if isinstance(theirs, str):
        here.refuse((*path, "network") if wanted.network is not None else path, theirs)
        return None
    kind = found.kind
    stranger = "class_" if kind == "layer" else "layer"
    if getattr(wanted, stranger) is not None:
        here.refuse((*path, stranger.rstrip("_")), f"is compared to a {kind}; name a {kind}")
        return None
    word = wanted.layer if kind == "layer" else wanted.class_
    if word is None:
        word = found.layer if kind == "layer" else found.class_name
        word = f"{word}:pre" if found.before_relu else word
    assert word is not None
    made = _looked_up(here, theirs, ref.key, kind, word, path)
    if made is None:
        return None
    made = replace(made, channels=None if wanted.channels is None else tuple(wanted.channels))
    _other_channels(here, found, made, facts, theirs, path)
    elsewhere = made.channels is not None and set(made.channels) != set(found.channels or ())
    if (made.network, made.name) == (found.network, found.name) and not elsewhere:
        here.refuse(path, f"is {found.name} itself; name another network or {kind}")
        return None
    if found.objective == "difference":
        ours = facts.channels.get(found.layer or ""), facts.strides.get(found.layer or "")
        yours = theirs.channels.get(made.layer or ""), theirs.strides.get(made.layer or "")
        if ours != yours:
            here.refuse(
                path,
                f"{found.layer} has {ours[0]} channels at stride {ours[1]}, and {made.layer} "
                f"{yours[0]} at {yours[1]}: they have no difference",
            )
    return made


def _other_channels(
    here: Reckoning,
    found: PlannedTarget,
    made: PlannedTarget,
    facts: NetworkFacts,
    theirs: NetworkFacts,
    path: Path_,
) -> None:
    """Refuse channels that `made` does not have: its own, or the target's in their place."""
    if made.channels is not None:
        if found.objective != "interpolation":
            what = "is for interpolation; all else compares the target's own channels"
            here.refuse((*path, "channels"), what)
            return
        _in_range(here, made, list(made.channels), theirs, (*path, "channels"))
    elif found.objective == "interpolation":
        width = theirs.channels.get(made.layer or "")
        ours = found.channels or ()
        if found.chosen is not None:
            ours = (facts.channels.get(found.layer or "", 1) - 1,)
        if width is not None and max(ours, default=0) >= width:
            what = f"{made.layer} has channels 0 to {width - 1}, not {max(ours)}"
            here.refuse(path, f"{what}; say which: other: {{channels: [0]}}")
