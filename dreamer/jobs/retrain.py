"""`retrain`: a network learns a person's own classes from a folder of class folders; the same
command goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from dreamer.engine.execution import decide
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.stopping import listening
from dreamer.engine.told import Told, Watcher
from dreamer.errors import UsageError
from dreamer.learn import ending, keeping
from dreamer.learn.deeper import refuse_layers
from dreamer.learn.listed import listed_folder
from dreamer.learn.retrained import Work, retrained
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.retraining import parse_retraining

GOES_ON = "in the middle; what is finished is kept, and the same command goes on"


@dataclass(frozen=True)
class Retrained:
    """Where the weights are, how good they are on what they have not seen, and how long it took."""

    weights: Path
    report: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"weights": str(self.weights), "report": self.report}

    def as_text(self) -> str:
        head = self.report["head_only"]["test_accuracy"]
        if len(self.report["stages"]) == 1:
            head = None
        card = self.weights.with_suffix(".json")
        return "\n".join(
            [
                f"{card}: {ending.in_words(self.report)}",
                *([] if head is None else [f"with the head alone: {100 * head:.1f} %"]),
                *self.report["warnings"],
                f"report: {self.weights.with_name(ending.PAGE)}",
                f"in a recipe: network: {card}",
            ]
        )


def retrain(
    source: Path,
    *,
    data: Path | None = None,
    out: Path | None = None,
    options: Mapping[str, Any] | None = None,
    overrides: Sequence[str] = (),
    watch: Watcher = lambda told: None,
) -> Retrained:
    """Retrain a network on the class folders of `source`, or of `data` as a recipe `source` says.

    Args:
        source: a folder of class folders, or a retraining recipe (.yaml).
        data: the folder, where `source` is a recipe.
        out: where to; `trainings/<name>` unless given.
        options: keys of the recipe, from the command line.
        overrides: `KEY=VALUE`.
        watch: told how far it is.

    Raises:
        RecipeError: a recipe that cannot be followed.
        UsageError: no folder of pictures.
        DataError: pictures that are not there, or too few of them.
        NetworkError: no such network, or one without a class head.
        FolderError: `out` holds something else, or was begun with other pictures.
        Stopped: a signal asked to stop; the same command goes on.
    """
    recipe = None if source.is_dir() else source
    if recipe is not None and data is None:
        if not recipe.suffix.lower().startswith(".y"):
            raise UsageError(f"{source}: no such folder of class folders, and no recipe (.yaml)")
        parse_retraining(recipe, options or {}, overrides)  # it may be none for this verb
        raise UsageError(f"{source} is a recipe: say where the pictures are with --data FOLDER")
    if recipe is None and data is not None:
        raise UsageError(f"{source} is a folder already; leave --data away")
    pictures = data if data is not None else source
    parsed = parse_retraining(recipe, options or {}, overrides)
    words = parsed.words
    card = card_of(ref_of(words.base))
    data_name = pictures.resolve().name
    found = listed_folder(pictures, words.split_as or data_name, words.classes)
    name = keeping.usable(words.name or (recipe.stem if recipe else f"{data_name}-{card.name}"))
    refuse_layers(words, card)
    device = torch.device(decide(words.device, words.precision).device)
    work = Work(words, name, data_name, out or Path("trainings") / name, card, device)
    with keeping.held(work.folder, as_yaml(parsed.canonical())), listening() as stop:
        last, first, began = -1, 0, 0.0

        def check(done: int, of: int, what: str) -> None:
            nonlocal last, first, began
            if done < last or last < 0:  # something else goes on now
                first, began = done, time.monotonic()
            last = done
            watch(Told(done, of, time.monotonic() - began, done - first, what=what))
            stop.check(GOES_ON)

        weights, report = retrained(work, found, check)
    return Retrained(weights, report)
