"""A collage made: pieces scored and chosen, laid, drawn, and the whole scored, in a folder that
another run goes on in.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from dreamer.draw.fonts import undrawn
from dreamer.engine.collage_again import changed_files, is_same, keep_layout, settle_film
from dreamer.engine.collage_ahead import look_ahead
from dreamer.engine.collage_drawing import PREVIEW, draw_film, draw_picture, sheet_of
from dreamer.engine.collage_ground import chosen_ground, hidden_on_ground
from dreamer.engine.collage_layout import LAYOUT, Layout, Source, reached
from dreamer.engine.collage_ready import ReadyCollage, can_be_called, with_kept_first
from dreamer.engine.collage_scores import judging
from dreamer.engine.collage_table import TABLE, shares_of, write_table
from dreamer.engine.collage_told import provenance, texts_inside, words_from
from dreamer.engine.collage_whole import score_whole
from dreamer.engine.collaged import Collaged
from dreamer.engine.execution import decide, require_here
from dreamer.engine.films import places_of
from dreamer.engine.folder import Folder
from dreamer.engine.laying import laid
from dreamer.engine.layout import EXECUTION, PROVENANCE, RECIPE, REPORT
from dreamer.engine.moving_pieces import at_frame, courses
from dreamer.engine.picking import SEEN, Picked, picked
from dreamer.engine.stopping import Stop, listening
from dreamer.engine.told import Watcher
from dreamer.errors import DreamerError, FolderError, MediaError, Stopped
from dreamer.file_names import readable
from dreamer.media import durable
from dreamer.networks.locate import sha256_of
from dreamer.recipe.dumping import as_yaml

log = logging.getLogger("dreamer")
SHOWN = 6  # letters that are named
STUMP = (RECIPE, PROVENANCE, EXECUTION, LAYOUT, TABLE, f"state/{SEEN}", "state/lock")
TOP = 5  # labels in the table of pieces, where nobody says


def make_collage(
    ready: ReadyCollage,
    out: Path | Folder | None = None,
    command: str | None = None,
    watch: Watcher = lambda told: None,
    *,
    stop: Stop | None = None,
    of: Mapping[str, Any] | None = None,
) -> Collaged:
    """Make the collage of `ready` in the folder `out`, or go on there; what is done stays. `stop`
    is asked instead of listening to signals here; `of` is what a new folder's provenance says more.

    Raises:
        FolderError: another collage's folder, no collage's, or another process's.
        RecipeError: what cannot be laid or drawn.
        MediaError: a picture that cannot be read, or a film that could not be made.
        Stopped: a signal, or `stop`, asked for it; what is finished is kept.
    """
    if not can_be_called(ready.recipe.name):
        what = f"'{ready.recipe.name}' is the name of no picture, and a collage's is its recipe's"
        raise FolderError(f"{what}; call that otherwise")
    folder = out if isinstance(out, Folder) else Folder(out or ready.default_folder)
    if not folder.exists():  # what cannot be begun leaves no folder
        folder.refuse_foreign()
        judges = look_ahead(ready).judges
        decide(ready.recipe.words.device)
    else:
        judges = judging(ready.recipe)
    if hidden := hidden_on_ground(ready.recipe):
        log.warning("%s", hidden)
    listened = listening() if stop is None else nullcontext(stop)
    with _taken(folder, ready, command, of or {}), listened as asked:
        if (folder.path / REPORT).is_file() and (made := _finished(folder, ready)) is not None:
            log.info("%s is finished; nothing is missing there", folder.path)
            return made
        for problem in ready.recipe.unheard():
            log.warning("%s", problem)
        began, execution = time.monotonic(), folder.execution()
        require_here(execution, folder.path)
        pick = picked(with_kept_first(ready), judges, folder, execution, asked, watch)
        layout = ready.layout or _laid(ready, pick)
        sheet, frames = sheet_of(ready.recipe, layout), ready.recipe.frames
        ways = courses(ready.recipe, layout, frames) if frames is not None else ()
        keep_layout(folder, ready.recipe, layout)
        texts = texts_inside(ready.recipe)
        numbers = {one.place.number for one in layout.placed}
        lying = [entry for entry in pick.entries if entry.number in numbers]
        wanted = ready.recipe.words.classify
        table = write_table(folder, pick.scores, lying, TOP if wanted is None else wanted.top)
        failed: list[str] = []
        drawn: list[Tensor] = []
        if frames is None:
            seers = () if wanted is None else judges.cards
            drawn = draw_picture(folder, sheet, texts, seers, asked, watch, layout.dpi)
        else:
            moving = partial(at_frame, layout, ways)
            exact = [way.moves for way in ways]
            failed = draw_film(folder, ready.recipe, sheet, moving, exact, texts, asked, watch)
        scores, whole = score_whole(folder, ready, judges, table, execution, asked, drawn)
        left_out = {**ready.failed, **pick.failed}
        report = {
            "pieces": len(lying),
            "not_laid": len(layout.sources) - len(lying),
            "placed": len(layout.placed),
            "size": list(layout.size),
            "left_out": {
                reached(Path(file), folder.path): readable(why) for file, why in left_out.items()
            },
            "sha256": _sealed(folder, ready),
            "seconds": round(time.monotonic() - began, 2),
            "shares": shares_of(table, whole),
            "said": [
                *judges.silent,
                *_not_laid(len(layout.sources), len(lying)),
                *layout.said,
                *chosen_ground(ready.recipe),
            ],
            "execution": execution.as_json(),
        }
        if ready.recipe.frames is not None:
            report["frames"] = ready.recipe.frames
        if failed:
            words = "\n".join(failed)
            raise MediaError(f"{words}\nall frames are kept, and the same command goes on")
        folder.write_json(REPORT, report)
        return Collaged(folder.path, _products(folder, ready), scores, report)


def _laid(ready: ReadyCollage, pick: Picked) -> Layout:
    sources = {e.number: Source(e.number, e.file, e.sha256) for e in pick.entries}
    found = laid(ready.recipe, pick.pieces, sources)
    said = ready.recipe.words.collage.font
    font = None if said is None else ready.recipe.file(("font",), said)
    _tell_of_letters({one.place.caption for one in found.placed}, font)
    return found


def _not_laid(of: int, lying: int) -> list[str]:
    if lying == of:
        return []
    what = "1 is" if of - lying == 1 else f"{of - lying} are"
    return [f"of {of} pictures {what} not laid; what is said of pieces is said of the others"]


def _tell_of_letters(captions: Collection[str], font: Path | None) -> None:
    """Say which letters of captions the font lacks, where it lacks some."""
    lost = {caption: undrawn(caption, font) for caption in captions}
    letters = sorted({letter for found in lost.values() for letter in found})
    if letters:
        count = sum(bool(found) for found in lost.values())
        what = "1 caption has" if count == 1 else f"{count} captions have"
        more = ", …" if len(letters) > SHOWN else ""
        log.warning(
            "%s letters that %s cannot draw (%s%s); they become question marks; font: FILE takes "
            "another font, and captions: given other words",
            *(what, font.name if font else "the font which comes with dreamer"),
            *(", ".join(letters[:SHOWN]), more),
        )


@contextmanager
def _taken(
    folder: Folder, ready: ReadyCollage, command: str | None, of: Mapping[str, Any]
) -> Iterator[None]:
    """Have the folder for `ready`. One that is made here is taken away again where something is
    refused before anything is drawn: nobody could go on there.
    """
    absent = [path for path in (folder.path, *folder.path.parents) if not path.exists()]
    with folder.locked():
        new = not folder.exists()
        if not new:
            if folder.read_json(PROVENANCE).get("parent_sha256") == ready.identity:
                raise FolderError(
                    f"{folder.path} was made longer than this recipe says; "
                    f"`dreamer resume {folder.path}` goes on there, --out makes this one beside it"
                )
            if not is_same(folder, ready):
                raise FolderError(
                    f"{folder.path} holds another collage or render, or this one of other "
                    "pictures; name another folder with --out"
                )
            settle_film(folder, ready)
        else:
            folder.write_json(PROVENANCE, {**provenance(ready, folder.path, command), **of})
            folder.freeze_execution(decide(ready.recipe.words.device, "float32"))
            folder.freeze_recipe(as_yaml(words_from(ready.recipe, folder.path)))
            durable.sync_folder(folder.path.parent)
        try:
            yield
        except DreamerError as error:
            if new and not isinstance(error, Stopped):
                _take_away(folder, absent)
            raise


def _take_away(folder: Folder, absent: Sequence[Path]) -> None:
    """Remove what `folder` has before anything is drawn, if it has nothing else, and those of the
    folders that were `absent`.
    """
    there = {path for path in folder.path.rglob("*") if not path.is_dir()}
    ours = {folder.path / name for name in STUMP}
    if not there <= ours:
        return
    for path in there:
        path.unlink()
    with suppress(OSError):  # other folders in it, or other collages beside it
        (folder.path / "state").rmdir()
        for path in absent:
            path.rmdir()


def _products(folder: Folder, ready: ReadyCollage) -> tuple[Path, ...]:
    if ready.recipe.still:
        return (folder.path / f"{folder.name()}.png",)
    return tuple(places_of(ready.recipe, folder))


def _sealed(folder: Folder, ready: ReadyCollage) -> dict[str, str]:
    """SHA-256 of what was made but for frames, which the journal has, and films, which may be made
    otherwise by `encode`.
    """
    names = [LAYOUT, TABLE, "scores.json", "scores.csv", PREVIEW]
    names += [path.name for path in _products(folder, ready)] if ready.recipe.still else []
    return {name: sha256_of(folder.path / name) for name in names if (folder.path / name).is_file()}


def _finished(folder: Folder, ready: ReadyCollage) -> Collaged | None:
    """What was made here before, if all of it is there."""
    products, words = _products(folder, ready), ready.recipe.words
    beside = [LAYOUT, PREVIEW]
    if words.classify is not None or words.collage.scored:
        beside.append(TABLE)
    if not all(path.is_file() for path in (*products, *(folder.path / name for name in beside))):
        return None
    if changed_files(folder, ready.recipe)[2]:
        return None
    if folder.whole_frames() < (ready.recipe.frames or 0):
        return None
    scores = {}
    if words.classify is not None:
        try:
            scores = json.loads((folder.path / "scores.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
    return Collaged(folder.path, products, scores, folder.read_json(REPORT))
