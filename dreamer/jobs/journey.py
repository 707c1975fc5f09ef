"""`atlas --journey`: a film through a network's layers, from the first to the last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dreamer.engine.atlas_folder import JOURNEY, JOURNEY_RECIPE
from dreamer.engine.folder import Folder
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.opening import open_recipe
from dreamer.engine.outcome import Outcome, see_through
from dreamer.engine.preparing import checked, taken
from dreamer.engine.told import Watcher
from dreamer.errors import FolderError, UsageError
from dreamer.media import durable
from dreamer.networks.blocks import blocks, evenly
from dreamer.networks.cards import Card
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.times import parse_time

SIDE, FPS = 320, 12
STAY = 1.5  # seconds a layer at least: faster, none takes shape
# Early layers are satisfied by contrast alone: short steps and a firm hold leave them their
# colours. (how deep, from 0 to 1; step; hold)
PACE = ((0.0, 0.5, 0.2), (0.3, 0.7, 0.2), (0.65, 1.4, 0.05), (1.0, 1.4, 0.05))


def journey(
    network: str,
    out: Path,
    length: str = "20s",
    side: int | None = None,
    seed: int = 8,
    command: str | None = None,
    watch: Watcher = lambda told: None,
) -> Outcome:
    """Write the recipe of a film through the layers of `network` into the folder `out` and render
    it there, or go on with it.

    Args:
        network: a catalogue name, a card's file or a weight file.
        out: the folder; the film is made in `out/journey`.
        length: of the film, as a recipe says it.
        side: the film's shorter side in pixels; 320 unless given.
        seed: decides all chance.
        command: the command line this is, for the provenance.
        watch: told of progress.

    Raises:
        UsageError: no length of a film.
        FolderError: `out` holds another journey.
        RecipeError: what cannot be rendered, as a film smaller than the network can see.
        Stopped: a signal asked for it.
    """
    card = card_of(ref_of(network))
    # A file's whole path: the recipe stands in another folder than the command.
    name = str(Path(network).resolve()) if ref_of(network).weights else card.name
    text = as_yaml(words(card, name, _seconds(length), side or SIDE, seed))
    path = out / JOURNEY_RECIPE
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is not a folder")
    if path.exists() and path.read_bytes() != text.encode():
        raise FolderError(
            f"{path} is the recipe of another journey; `dreamer render {path}` renders it, or name "
            "another folder with --out"
        )
    out.mkdir(parents=True, exist_ok=True)
    durable.write_text(path, text)
    ready = checked(open_recipe(path))
    folder = Folder(out / JOURNEY)
    with taken(folder, ready, command) as kept:
        return see_through(folder, kept, watch)


def _seconds(length: str) -> float:
    try:
        time = parse_time(int(length) if length.isascii() and length.isdigit() else length)
    except ValueError as error:
        raise UsageError(f"--length {length}: {error}") from error
    if time.unit == "%" or time.value <= 0:
        raise UsageError(
            f"--length {length}: expected a film's length, as 20s or a number of frames"
        )
    seconds = float(time.value) if time.unit == "s" else float(time.value) / FPS
    if round(seconds * FPS) < 2:
        raise UsageError(
            f"--length {length}: a film has two frames or more, {FPS} of them a second"
        )
    return seconds


def words(card: Card, network: str, seconds: float, side: int, seed: int) -> dict[str, Any]:
    """The recipe, as plain data: as many of the network's blocks as its length has time for, each
    fading into the next.
    """
    stops = evenly(blocks(card), max(2, int(seconds / STAY)))
    stay = seconds / len(stops)
    keys: list[dict[str, Any]] = []
    for number, row in enumerate(stops):
        key: dict[str, Any] = {"at": _time(number * stay), "value": row.name}
        keys.append(key | ({"blend": _time(stay / 2)} if number else {}))

    def paced(column: int) -> dict[str, Any]:
        return {"keys": [{"at": _time(row[0] * seconds), "value": row[column]} for row in PACE]}

    seen = {"networks": [network], "top": 3, "every": "1s"}
    return {
        "title": f"A journey through the layers of {card.name}",
        "seed": seed,
        "source": {"noise": "plasma"},
        "size": [side * 3 // 4 * 2, side],
        "network": network,
        "target": {"layer": {"keys": keys}},
        "ascent": {"first_steps": 16, "steps": 2, "step": paced(1), "hold": paced(2)},
        "motion": {"zoom": 1.3, "rotate": 3},
        "length": _time(seconds),
        "fps": FPS,
        "output": {"video": "mp4", "crf": 17},
        "classify": seen if card.classes else None,
    }


def _time(seconds: float) -> str:
    return f"{seconds:.2f}".rstrip("0").rstrip(".") + "s"
