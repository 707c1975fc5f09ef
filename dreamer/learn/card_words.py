"""What a network's card says of how it was trained."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dreamer import __version__
from dreamer.learn.course import Course
from dreamer.learn.release import drawings_digest
from dreamer.learn.report import Report
from dreamer.networks.cards import Card
from dreamer.recipe.retraining import Retraining
from dreamer.recipe.training import ParsedTraining


def card_words(
    parsed: ParsedTraining, course: Course, report: Mapping[str, Any], unseen: str
) -> dict[str, Any]:
    """What a card says of a training and its end; `unseen` says what pictures it was judged on."""
    words, side = parsed.words, course.side(course.steps - 1)
    epsilon = {
        name: round(value * side / 64, 3)
        for name, value in (
            ("motifs", course.epsilon_motifs),
            ("photographs", course.epsilon_photographs),
        )
    }
    parts = {name: value for name, value in report.items() if isinstance(value, float)}
    shown = ", ".join(f"{name} {100 * part:.1f} %" for name, part in parts.items())
    return {
        "name": words.name or parsed.name,
        "title": words.title,
        "licence": words.licence,
        "sources": words.sources,
        "notes": f"On pictures that {unseen}, top-1: {shown}.",
        "measured": {
            "held_out": dict(report),
            "epsilon": epsilon,
            "side": side,
            "steps": course.steps,
            "seed": course.seed,
            "motifs": drawings_digest(),
            "dreamer": __version__,
            **_commit(),
        },
    }


def retrained_words(words: Retraining, base: Card, report: Report) -> dict[str, Any]:
    """What a card says of a network that was retrained from `base`."""
    found, made = report.evaluation, report.made
    low, high = found.interval
    return {
        "title": words.title or f"{made.data}: {base.name}, retrained",
        "licence": words.licence,
        "sources": words.sources,
        "notes": (
            f"Retrained from {base.name}. Right on {found.right} of {found.pictures} pictures that "
            f"{report.unseen}: {100 * found.accuracy:.1f} % (95 %: {100 * low:.1f} to "
            f"{100 * high:.1f})."
        ),
        "measured": {
            f"{report.judged_on}_accuracy": round(found.accuracy, 4),
            f"{report.judged_on}_pictures": found.pictures,
            "base": base.name,
            "base_weights": base.weights.sha256,
            "seed": made.seed,
            "dreamer": __version__,
            **_commit(),
        },
        "smallest": base.smallest,
        "default_layer": base.default_layer,
        **({"aliases": dict(base.aliases)} if base.aliases else {}),
    }


def _commit() -> dict[str, str]:
    """Which commit of dreamer trains, where it runs from a checkout of its own."""
    git, here = ["git", "-C", str(Path(__file__).parent)], Path(__file__).name
    try:
        for words in (["ls-files", "--error-unmatch", here], ["rev-parse", "--short=12", "HEAD"]):
            found = subprocess.run([*git, *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"commit": found.stdout.strip()}
