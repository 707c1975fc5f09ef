"""Which kind of recipe a file is, so that one given to the wrong verb is told the
right one, and not its own keys as unknown.
"""

from __future__ import annotations

import shlex
from typing import Literal, NamedTuple

from dreamer.errors import Problem
from dreamer.recipe.marks import Tree

Verb = Literal[
    "render",
    "collage",
    "train",
    "retrain",
    "compile",
    "sweep",
]


class Kind(NamedTuple):
    """What a kind of recipe is called, how it is followed, and the keys that no other kind has."""

    called: str
    command: str
    keys: frozenset[str]


def kind_of(tree: Tree, wanted: Verb) -> Verb:
    """The verb that follows `tree`, by the keys of its file that only one kind has; `wanted` where
    those do not speak against it.
    """
    written = {key for key in tree.value if not tree.mark((key,)).said_now}
    if KINDS["sweep"].keys & written:  # whose other keys are those of the recipe that it varies
        return "sweep"
    found = {verb: len(kind.keys & written) for verb, kind in KINDS.items()}
    if found[wanted]:
        return wanted
    most = max(found, key=lambda verb: found[verb])
    if found[most]:
        return most
    learns = bool(OF_TRAININGS & written)
    return "retrain" if learns and wanted == "render" else wanted


def misplaced(tree: Tree, wanted: Verb) -> list[Problem]:
    """That `tree`, which is no recipe for `wanted`, is one for another verb, in one line; nothing
    where it is not.
    """
    verb = kind_of(tree, wanted)
    if verb == wanted:
        return []
    file, kind = tree.mark(()).file, KINDS[verb]
    data = " --data FOLDER" if verb == "retrain" or "photographs" in tree.value else ""
    message = f"this is {kind.called}; run `{kind.command} {shlex.quote(file)}{data}`"
    return [Problem(file, 0, "", message)]


def _keys(words: str) -> frozenset[str]:
    return frozenset(words.split())


OF_TRAININGS = _keys("augment average balance base keep label_smoothing licence name sources split")
KINDS: dict[Verb, Kind] = {
    "render": Kind(
        "a recipe for pictures",
        "dreamer render",
        _keys(
            "ascent close colors follow inpaint motion network samples scenes seamless source "
            "target tiles"
        ),
    ),
    "collage": Kind("a recipe for a collage", "dreamer collage", _keys("collage finish")),
    "train": Kind(
        "a recipe for training",
        "dreamer train",
        _keys(
            "architecture attack batch look measure motifs normalise optimiser photographs "
            "sampling stages stored"
        ),
    ),
    "retrain": Kind(
        "a recipe for retraining", "dreamer retrain", _keys("classes head split_as unfreeze")
    ),
    "compile": Kind(
        "a recipe for a compilation",
        "dreamer compile",
        _keys(
            "background broken clips clips_sound color fade_in fade_out fit font rates still "
            "transition"
        ),
    ),
    "sweep": Kind("a sweep", "dreamer sweep", _keys("matrix random zip")),
}
