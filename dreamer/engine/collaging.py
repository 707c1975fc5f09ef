"""A collage made: pieces scored and chosen, laid, drawn, and the whole scored, in a folder that
another run goes on in.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from dreamer import __version__
from dreamer.draw.fonts import undrawn
from dreamer.engine.collage_drawing import PREVIEW, draw_film, draw_picture, sheet_of
from dreamer.engine.collage_layout import LAYOUT, Layout, Source, as_text, reached
from dreamer.engine.collage_ready import (
    ReadyCollage,
    can_be_called,
    provenance,
    with_kept_first,
    words_from,
    words_inside,
)
from dreamer.engine.collage_scores import judging
from dreamer.engine.collage_whole import score_whole
from dreamer.engine.execution import decide, require_here
from dreamer.engine.films import require_encoders
from dreamer.engine.folder import Folder
from dreamer.engine.laying import laid
from dreamer.engine.layout import PROVENANCE, REPORT
from dreamer.engine.picking import TABLE, Picked, picked
from dreamer.engine.scores import line
from dreamer.engine.stopping import listening
from dreamer.engine.told import Watcher
from dreamer.errors import FolderError, MediaError, in_unicode
from dreamer.media import durable
from dreamer.recipe.dumping import as_yaml

log = logging.getLogger("dreamer")
SHOWN = 6  # letters that are named
MOST_TITLE = 1000  # letters


@dataclass(frozen=True)
class Collaged:
    """What a collage came to: its folder, its picture or films, the scores by network (of the mean
    over its pieces, `before`, and of the whole, `after`), and the report.
    """

    folder: Path
    products: tuple[Path, ...]
    scores: Mapping[str, Mapping[str, Any]]
    report: Mapping[str, Any]

    @property
    def product(self) -> Path:
        """The picture or first film."""
        return self.products[0] if self.products else Folder(self.folder).frames

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "folder": str(self.folder),
            "product": str(self.product),
            "products": [str(path) for path in self.products],
            "scores": self.scores,
            "report": self.report,
        }

    def as_text(self) -> str:
        """What networks see in it and in its pieces, then the picture or film."""
        lines = []
        for network, parts in self.scores.items():
            lines.append(f"{network} sees in the whole:")
            lines += [f"  {line(label, score)}" for label, score in parts["after"]]
            lines.append(f"{network} sees in its pieces, on average:")
            lines += [f"  {line(label, score)}" for label, score in parts["before"]]
        lines += self.report.get("said", [])
        lines += map(str, self.products or [self.product])
        return "\n".join(lines)


def make_collage(
    ready: ReadyCollage,
    out: Path | None = None,
    command: str | None = None,
    watch: Watcher = lambda told: None,
) -> Collaged:
    """Make the collage of `ready` in the folder `out`, or go on there; what is done stays.

    Raises:
        FolderError: another collage's folder, no collage's, or another process's.
        RecipeError: what cannot be laid or drawn.
        MediaError: a picture that cannot be read, or a film that could not be made.
        Stopped: a signal asked for it; what is finished is kept.
    """
    if not can_be_called(ready.recipe.name):
        what = f"'{ready.recipe.name}' is the name of no picture, and a collage's is its recipe's"
        raise FolderError(f"{what}; call that otherwise")
    folder = Folder(out or ready.default_folder)
    judges = judging(ready.recipe)
    if not folder.exists():
        if ready.recipe.frames is not None:
            require_encoders(ready.recipe.words.output)
        decide(ready.recipe.words.device)  # what cannot be begun leaves no folder
    with _taken(folder, ready, command), listening() as stop:
        if (folder.path / REPORT).is_file() and (made := _finished(folder, ready)) is not None:
            return made
        for problem in ready.recipe.unheard():
            log.warning("%s", problem)
        began, execution = time.monotonic(), folder.execution()
        require_here(execution, folder.path)
        pick = picked(with_kept_first(ready), judges, folder, execution, stop, watch)
        layout = ready.layout or _laid(ready, pick)
        texts = _kept(folder, ready, layout)
        failed: list[str] = []
        drawn: list[Tensor] = []
        if ready.recipe.frames is None:
            sheet = sheet_of(ready.recipe, layout)
            drawn = draw_picture(folder, sheet, texts, ready.judges, stop, watch, layout.dpi)
        else:
            failed = draw_film(folder, ready.recipe, layout, texts, stop, watch)
        scores = score_whole(folder, ready, pick.before, execution, stop, drawn)
        left_out = {**ready.failed, **pick.failed}
        report = {
            "pieces": len(layout.sources),
            "placed": len(layout.placed),
            "size": list(layout.size),
            "left_out": {reached(Path(file), folder.path): why for file, why in left_out.items()},
            "seconds": round(time.monotonic() - began, 2),
            "said": list(pick.said),
            "execution": execution.as_json(),
        }
        if failed:
            words = "\n".join(failed)
            raise MediaError(f"{words}\nall frames are kept, and the same command goes on")
        folder.write_json(REPORT, report)
        return Collaged(folder.path, _products(folder, ready), scores, report)


def _laid(ready: ReadyCollage, pick: Picked) -> Layout:
    sources = {e.number: Source(e.number, e.file, e.sha256) for e in pick.entries}
    found = laid(ready.recipe, pick.pieces, sources)
    _tell_of_letters({one.place.caption for one in found.placed})
    return found


def _tell_of_letters(captions: Collection[str]) -> None:
    """Say which letters of captions are not there, where some are not."""
    lost = {caption: undrawn(caption) for caption in captions}
    letters = sorted({letter for found in lost.values() for letter in found})
    if letters:
        count = sum(bool(found) for found in lost.values())
        what = "1 caption has" if count == 1 else f"{count} captions have"
        more = ", …" if len(letters) > SHOWN else ""
        log.warning(
            "%s letters that the font which comes with dreamer cannot draw (%s%s); they become "
            "question marks, and captions: given takes other words",
            *(what, ", ".join(letters[:SHOWN]), more),
        )


@contextmanager
def _taken(folder: Folder, ready: ReadyCollage, command: str | None) -> Iterator[None]:
    with folder.locked():
        if folder.exists():
            if folder.read_json(PROVENANCE).get("recipe_sha256") != ready.identity:
                raise FolderError(
                    f"{folder.path} holds another collage or render, or this one of other "
                    "pictures; name another folder with --out"
                )
        else:
            folder.write_json(PROVENANCE, provenance(ready, folder.path, command))
            folder.freeze_execution(decide(ready.recipe.words.device, "float32"))
            folder.freeze_recipe(as_yaml(words_from(ready.recipe, folder.path)))
            durable.sync_folder(folder.path.parent)
        yield


def _kept(folder: Folder, ready: ReadyCollage, layout: Layout) -> dict[str, str]:
    """Keep layout.json; what travels inside the picture."""
    words = words_from(ready.recipe, folder.path)
    about = {"name": ready.recipe.name, "recipe": words}
    durable.write_text(folder.path / LAYOUT, as_text(layout, folder.path, about))
    title = in_unicode(ready.recipe.words.title)[:MOST_TITLE]
    titled = {"Title": title} if title and ready.recipe.frames is None else {}
    return {
        **titled,  # as PNG calls it
        "dreamer:recipe": as_yaml(words_inside(ready.recipe)),
        "dreamer:seed": str(ready.recipe.words.seed),
        "dreamer:version": __version__,
    }


def _products(folder: Folder, ready: ReadyCollage) -> tuple[Path, ...]:
    called = folder.name()
    if ready.recipe.frames is None:
        return (folder.path / f"{called}.png",)
    outputs = [one for one in ready.recipe.words.output if one.container is not None]
    return tuple(
        folder.path / f"{called}{'-' + one.name if one.name else ''}{one.container.ending}"
        for one in outputs
        if one.container is not None
    )


def _finished(folder: Folder, ready: ReadyCollage) -> Collaged | None:
    """What was made here before, if all of it is there."""
    products, words = _products(folder, ready), ready.recipe.words
    beside = [LAYOUT, PREVIEW]
    if words.classify is not None or words.collage.scored:
        beside.append(TABLE)
    if not all(path.is_file() for path in (*products, *(folder.path / name for name in beside))):
        return None
    scores = {}
    if words.classify is not None:
        try:
            scores = json.loads((folder.path / "scores.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
    return Collaged(folder.path, products, scores, folder.read_json(REPORT))
