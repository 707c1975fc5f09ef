"""What tests of classifying compare with, and how they read what was found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from colours import CLASSES, RGB, by_hand

from dreamer.engine.seen import Classified
from dreamer.engine.seen_words import json_pieces, lines

SCORES = {name: dict(zip(CLASSES, by_hand(rgb), strict=True)) for name, rgb in RGB.items()}
WARM = {name: scores["red"] + scores["yellow"] for name, scores in SCORES.items()}


def as_json(found: Classified) -> dict[str, Any]:
    return json.loads("".join(json_pieces(found)))


def as_text(found: Classified) -> str:
    return "\n".join(lines(found))


def stems(found: Classified) -> list[str]:
    return [Path(thing.subject.name).stem for thing in found.things]
