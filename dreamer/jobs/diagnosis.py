"""`atlas --class NAME`: pictures of one class, what another network sees in them beside it, and
where the score comes from. Has the network learnt the right thing?
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from dreamer.draw.heat import heated
from dreamer.draw.sheet import PAPER, sheet
from dreamer.engine.diagnosis import SEED, Diagnosis, Place, Seen, class_pictures, diagnosis
from dreamer.engine.diagnosis_page import page, percent, ranking, verdict
from dreamer.engine.execution import decide, under
from dreamer.engine.facts import network_facts
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.report_about import described
from dreamer.engine.reports import PAGE, SHEET, taken_for, write_report
from dreamer.engine.saliency import viewer
from dreamer.engine.scores import ranked
from dreamer.engine.stopping import listening
from dreamer.errors import UsageError, printable
from dreamer.media.png import encode_png
from dreamer.networks.cards import Card
from dreamer.recipe.facts import find_class

JUDGE = "judge"
TOP = 5
METHOD = "integrated gradients from the picture's mean colour"
IN_A_ROW, CELL = 9, 144


@dataclass(frozen=True)
class Diagnosed:
    """Where a diagnosis lies, and all its numbers, as `report.json` has them."""

    folder: Path
    data: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"folder": str(self.folder), **self.data}

    def as_text(self) -> str:
        """What was found, in a few lines."""
        data = self.data
        sides = [data[who] for who in ("network", "judge") if who in data]
        width = max(len(side["name"]) for side in sides)
        lines = [f"{len(data['pictures'])} pictures of {data['class']} in {self.folder}"]
        lines += [f"  {side['name']:<{width}}  {ranking(side['labels'])}" for side in sides]
        if "judge" in data:
            lines += [verdict(data), *map(_line, filter(_told, data["judge"]["beside"]))]
            lines += [
                f"  {percent(place['share'])} of the score comes from where {data['judge']['name']}"
                f" sees {place['class']}, {percent(place['area'])} of the picture"
                for place in data["judge"]["places"]
            ]
            lines.append(str(self.folder / PAGE))
        return printable("\n".join(lines))


def _told(row: Mapping[str, Any]) -> bool:
    return bool(row["beside"])


def _line(row: Mapping[str, Any]) -> str:
    named, neutral = row["named"], row["neutral_named"]
    return (
        f"  {row['class']}: in {named[0]} of {named[1]} pictures, {neutral[0]} of {neutral[1]} "
        "of other classes"
    )


def diagnose(
    network: str | Card,
    name: str,
    samples: int = 9,
    judge: str | Card = JUDGE,
    out: Path | None = None,
    report: bool = True,
    seed: int = SEED,
) -> Diagnosed:
    """Draw what `network` takes for the class `name`, and say what comes with it.

    Args:
        network: a catalogue name, a card's file, or a card.
        name: the class; its number, wordnet id or an unambiguous part of its name will do.
        samples: pictures of it.
        judge: the network that says what else is in them; its classes may be others.
        out: folder; `atlas/NETWORK-CLASS` unless given.
        report: write the diagnosis; otherwise only the pictures and their sheet.
        seed: of all chance.

    Raises:
        UsageError: no such class, no samples, or a folder that holds other things.
        FolderError: the folder is another process's, or cannot be written.
        Stopped: a signal asked for it; nothing is written.
        NetworkError: no such network, or one whose classes cannot be looked for.
    """
    if samples < 1:
        raise UsageError(f"--samples: expected at least 1, not {samples}")
    card = network if isinstance(network, Card) else card_of(ref_of(network))
    number = _number(card, name)
    asked = card.classes[number]
    other = None
    if report:
        other = judge if isinstance(judge, Card) else card_of(ref_of(judge))
        if not other.classes:
            raise UsageError(f"--judge: {other.name} has no classes to name")
    if out is None:
        out = Path("atlas", f"{_plain(card.name)}-{_plain(asked)}")
    about = described(card, number, other, samples, seed)
    execution = decide("cpu", "float32")
    with taken_for(out, about) as old, listening() as stop:
        if other is None:
            pictures = class_pictures(card, number, samples, seed, execution, stop)
            with under(execution):
                seen = viewer(card, execution).probabilities(pictures)
            data = {**_head(about, card, seen), "seed": seed}
            files = _pictures(pictures)
        else:
            found = diagnosis(card, number, other, samples, seed, execution, stop)
            data = {**_data(found, about), "seed": seed}
            files = {**_pictures(found.pictures), **_maps(found)}
            files[PAGE] = page(data).encode()
        files[SHEET] = _png(_sheet(files, data))
        stop.check("before anything was written")
        write_report(out, files, {"about": about, "files": sorted(files), **data}, old)
    return Diagnosed(out, data)


def _number(card: Card, name: str) -> int:
    if not card.classes:
        raise UsageError(f"--class: {card.name} has no classes; show its layers with --layer")
    try:
        word = int(name) if name.isdecimal() and name not in card.classes else name
        return find_class(network_facts(card), word)
    except ValueError as error:
        raise UsageError(f"--class: {error}") from error


def _plain(words: str) -> str:
    """A name as a part of a file's."""
    return re.sub(r"[^\w]+", "-", words).strip("-")[:60] or "class"


def _rankings(probabilities: Tensor, card: Card) -> list[list[list[Any]]]:
    return [
        [[name, round(p, 4)] for name, p in ranked(row, card.classes, TOP)]
        for row in probabilities.numpy()
    ]


def _labels(probabilities: Tensor, card: Card) -> list[list[Any]]:
    return _rankings(probabilities.mean(0, keepdim=True), card)[0]


def _head(about: Mapping[str, str], card: Card, seen: Tensor) -> dict[str, Any]:
    return {
        "class": about["class"],
        "network": {"name": card.name, "labels": _labels(seen, card)},
        "pictures": [
            {"file": f"samples/{k + 1:02d}.png", "labels": {"network": labels}}
            for k, labels in enumerate(_rankings(seen, card))
        ],
    }


def _places_of(found: Diagnosis) -> Iterator[tuple[str, Place]]:
    """Every place with the end of its pictures' names."""
    for who, seen in (("judge", found.judge), ("own", found.own)):
        for k, place in enumerate(seen.places):
            yield f"-{who}{k + 1}", place


def _side(seen: Seen) -> dict[str, Any]:
    return {
        "name": seen.card.name,
        "labels": _labels(seen.probabilities, seen.card),
        "beside": [companion.as_json() for companion in seen.companions],
        "places": [
            {
                "class": p.name,
                "area": round(p.area, 4),
                "share": round(p.share, 4),
                "elsewhere": None if p.elsewhere is None else round(p.elsewhere, 4),
            }
            for p in seen.places
        ],
    }


def _data(found: Diagnosis, about: Mapping[str, str]) -> dict[str, Any]:
    data = _head(about, found.own.card, found.own.probabilities)
    data |= {"network": _side(found.own), "judge": _side(found.judge)}
    judged = _rankings(found.judge.probabilities, found.judge.card)
    for k, picture in enumerate(data["pictures"]):
        picture["labels"]["judge"] = judged[k]
        picture["saliency"] = f"saliency/{k + 1:02d}.png"
        picture["places"] = [
            {"of": place.name, "file": f"saliency/{k + 1:02d}{ending}.png"}
            for ending, place in _places_of(found)
        ]
    data["saliency"] = {
        "method": METHOD,
        "whole": round(found.faithful.whole, 3),
        "without_salient": round(found.faithful.salient, 3),
        "without_chance": round(found.faithful.chance, 3),
    }
    return data


def _pictures(pictures: Tensor) -> dict[str, bytes]:
    return {
        f"samples/{k + 1:02d}.png": encode_png(picture.numpy(), 8)
        for k, picture in enumerate(pictures)
    }


def _maps(found: Diagnosis) -> dict[str, bytes]:
    maps = [("", found.shares), *((end, place.shares) for end, place in _places_of(found))]
    return {
        f"saliency/{k + 1:02d}{ending}.png": encode_png(
            heated(picture.numpy(), shares[k, 0].numpy()), 8
        )
        for ending, shares in maps
        for k, picture in enumerate(found.pictures)
    }


def _sheet(files: Mapping[str, bytes], data: Mapping[str, Any]) -> Image.Image:
    """The pictures in rows of nine, each row above those of its maps."""

    def opened(name: str) -> Image.Image:
        small = Image.open(io.BytesIO(files[name]))
        times = max(1, CELL // small.width)
        return small.resize((small.width * times,) * 2, Image.Resampling.NEAREST)

    cells, pictures = [], data["pictures"]
    columns = min(IN_A_ROW, len(pictures))
    blank = Image.new("RGB", (1, 1), PAPER)
    for start in range(0, len(pictures), columns):
        row = pictures[start : start + columns]
        who = "judge" if "judge" in data else "network"
        lines = [[(opened(p["file"]), ranking(p["labels"][who], 2)) for p in row]]
        if "judge" in data:
            lines.append([(opened(p["saliency"]), f"score: {data['class']}") for p in row])
            for k in range(len(row[0]["places"])):
                places = [p["places"][k] for p in row]
                lines.append([(opened(p["file"]), f"seen: {p['of']}") for p in places])
        for line in lines:
            cells += line + [(blank, "")] * (columns - len(line))
    return sheet(cells, columns=columns, cell=(CELL, CELL))


def _png(image: Image.Image) -> bytes:
    return encode_png(np.asarray(image, np.float32).transpose(2, 0, 1) / 255, 8)
