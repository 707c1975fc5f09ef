"""Which steps a plan takes, as plain numbers and in words: what effort and presets come to."""

from __future__ import annotations

from typing import Any

from dreamer.recipe.plan import OctavePlan, Plan


def steps_of(plan: Plan) -> dict[str, Any]:
    """The steps of the octaves of the first and the last planned frame, each with the size of the
    first and what it comes to; and the effort.
    """
    first, last = plan.at(plan.start), plan.at(plan.start + plan.count - 1)
    return {
        "steps": [_numbers(octave) for octave in first.octaves],
        "steps_at_last": [_numbers(octave) for octave in last.octaves],
        "effort": plan.ascent.effort,
    }


def told_steps(plan: Plan) -> str:
    """The steps of the first frame, and of the last one where those are others, in a line."""
    found, pixels = steps_of(plan), plan.ascent.parameterisation == "pixels"
    first, last = (_told(found[key], pixels) for key in ("steps", "steps_at_last"))
    told = f"steps: {first}" if first == last else f"steps: {first}; at last {last}"
    effort = plan.ascent.effort
    return told if effort == 1 else f"{told} (effort {effort:g})"


def _numbers(octave: OctavePlan) -> list[float]:
    return [octave.steps, round(octave.step, 6), round(octave.step_end, 6)]


def _told(octaves: list[list[float]], pixels: bool) -> str:
    """What octaves take, told once where it is the same in all."""
    unit = " levels" if pixels else ""
    sizes = [f"{a:.4g}" if a == b else f"{a:.4g} to {b:.4g}" for _, a, b in octaves]
    counts = [f"{count:g}" for count, _, _ in octaves]
    if len(set(counts)) == 1:
        return f"{counts[0]} of {', '.join(sizes if len(set(sizes)) > 1 else sizes[:1])}{unit}"
    return ", ".join(f"{n} of {size}{unit}" for n, size in zip(counts, sizes, strict=True))
