"""A collage's picture, or its film's frames, put into its folder: whole, or not there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

import numpy as np
from PIL import Image
from torch import Tensor

from dreamer.draw.looks import Chosen
from dreamer.engine.collage_ground import ground_of
from dreamer.engine.collage_layout import Layout, Placed
from dreamer.engine.dressed import looks_of
from dreamer.engine.filming import Filming
from dreamer.engine.films import films_of
from dreamer.engine.folder import Folder
from dreamer.engine.held_pieces import Held
from dreamer.engine.missing import missing_in
from dreamer.engine.pasting import MOST_WHOLE, Sheet, bands, needs_whole
from dreamer.engine.scores import fit_rows
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Told, Watcher
from dreamer.errors import RecipeError
from dreamer.media import durable
from dreamer.media.banded import PngInBands
from dreamer.media.levels import on_paper
from dreamer.media.pictures import encode_jpeg
from dreamer.media.png import encode_png, quantised
from dreamer.media.small_pictures import Rows
from dreamer.networks.cards import Card
from dreamer.recipe.collage_recipe import ParsedCollage

PREVIEW = "preview.jpg"
SMALL = 1280  # pixels of its longer side
Texts = Mapping[str, str]


def sheet_of(recipe: ParsedCollage, layout: Layout) -> Sheet:
    """What is to be drawn.

    Raises:
        RecipeError: a look at the whole of more than can be held.
        MediaError: a background that cannot be read.
    """
    finish = refuse_finish(recipe, layout.size)
    files = {number: source.file for number, source in layout.sources.items()}
    font = recipe.words.collage.font
    return Sheet(
        layout.size,
        ground_of(recipe, layout.size),
        layout.placed,
        files.__getitem__,
        finish,
        None if font is None else recipe.file(("font",), font),
    )


def refuse_finish(recipe: ParsedCollage, size: tuple[int, int]) -> tuple[Chosen, ...]:
    """The looks at the whole of a sheet of (width, height) `size`, if it can be held for them.

    Raises:
        RecipeError: it cannot.
    """
    finish = looks_of(tuple(recipe.words.finish))
    width, height = size
    if (name := needs_whole(finish)) and width * height > MOST_WHOLE:
        megapixels = f"{width * height / 1e6:.0f} megapixels"
        message = (
            f"{name} looks at the whole at once, which is {megapixels} here; at most "
            f"{MOST_WHOLE // 10**6} can be held, or let pieces have it (collage.looks)"
        )
        raise RecipeError([recipe.tree.problem(("finish",), message)])
    return finish


def draw_picture(
    folder: Folder,
    sheet: Sheet,
    texts: Texts,
    cards: Sequence[Card],
    stop: Stop,
    watch: Watcher,
    dpi: float | None = None,
) -> list[Tensor]:
    """Draw `sheet` as the picture of `folder`, and a small one beside it; what of it each network
    of `cards` is to see, made small as it is drawn: a print is never whole in memory.

    Raises:
        Stopped: a signal asked for it; nothing is left of the picture then.
    """
    out = folder.path / f"{folder.name()}.png"
    folder.drop_partial(out.name)
    (width, height), began = sheet.size, time.monotonic()
    small = _Small(width, height)
    drawn = bands(sheet, on_rows=partial(_told, watch, began, height))
    first = next(drawn)

    def written() -> Iterator[np.ndarray]:
        for band in chain([first], drawn):
            stop.check(f"while it was drawn; the same command draws it anew in {folder.path}")
            levels = quantised(band, 8)
            png.write(levels)
            small.add(band)
            yield on_paper(levels.transpose(2, 0, 1).astype(np.float32) / 255, 1)

    with PngInBands(out, width, height, texts, len(first) == 4, dpi) as png:
        seen = fit_rows(Rows((height, width), written()), cards)
    durable.write_bytes(folder.path / PREVIEW, small.jpeg())
    return seen


def _told(watch: Watcher, began: float, of: int, rows: int) -> None:
    watch(Told(rows, of, time.monotonic() - began, rows, what="row"))


class _Small:
    """A picture made small band by band: means of blocks."""

    def __init__(self, width: int, height: int) -> None:
        self._by = max(1, -(-max(width, height) // SMALL))
        self._waiting: list[np.ndarray] = []
        self._rows: list[np.ndarray] = []

    def add(self, band: np.ndarray) -> None:
        """The next rows `(3 or 4, h, W)`; what is transparent, over white."""
        whole = np.concatenate([*self._waiting, on_paper(band, 1)], 1)
        usable = whole.shape[1] // self._by * self._by
        self._waiting = [whole[:, usable:]] if usable < whole.shape[1] else []
        if usable:
            self._rows.append(self._mean(whole[:, :usable]))

    def _mean(self, rows: np.ndarray) -> np.ndarray:
        channels, high, wide = rows.shape
        columns = max(1, wide // self._by)
        part = rows[:, :, : columns * self._by]
        block = part.reshape(channels, high // self._by, self._by, columns, -1)
        found: np.ndarray = block.mean((2, 4))
        return found

    def jpeg(self) -> bytes:
        """All of it."""
        if not self._rows:  # lower than a block
            self._rows = [rows.mean(1, keepdims=True) for rows in self._waiting]
        return encode_jpeg(np.concatenate(self._rows, 1))


def draw_film(
    folder: Folder,
    recipe: ParsedCollage,
    sheet: Sheet,
    moving: Callable[[int], Sequence[Placed]],
    exact: Sequence[bool],
    texts: Texts,
    stop: Stop,
    watch: Watcher,
) -> list[str]:
    """Draw the frames of `sheet` that are missing in `folder`, its pieces at every frame where
    `moving` says, those that are `exact` between pixels, and make its films of them; what failed
    of those, in words.

    Raises:
        Stopped: a signal asked for it; the frames that are finished are kept.
    """
    frames = recipe.frames
    assert frames is not None
    held = Held(lasting=True)
    folder.make_rooms()
    folder.cut_journal()
    missing = missing_in(folder, frames)
    began, done = time.monotonic(), 0
    with Filming(folder, films_of(recipe, folder)) as filming:
        filming.begin(missing.have, missing.among)
        for index in range(frames):
            if index < missing.have and index not in missing.among:
                continue
            stop.check(f"after {index} frames; the same command goes on")
            since = time.monotonic()
            drawn = bands(replace(sheet, placed=tuple(moving(index))), exact, held=held)
            png = encode_png(np.concatenate(list(drawn), 1), 8, texts)
            folder.keep_frame(index, png, time.monotonic() - since, {})
            filming.durable(index)
            done += 1
            watch(Told(index + 1, frames, time.monotonic() - began, done, what="frame"))
        failed = filming.finish(frames, lambda: stop.check("with every frame made"))
    durable.write_bytes(folder.path / PREVIEW, _preview(folder))
    return [f"{out.name}: {error}" for out, error in failed.items()]


def _preview(folder: Folder) -> bytes:
    with Image.open(folder.frame_path(0)) as picture:
        shown = picture.convert("RGBA")
    white = Image.new("RGBA", shown.size, "white")
    small = Image.alpha_composite(white, shown).convert("RGB")
    small.thumbnail((SMALL, SMALL))
    return encode_jpeg(np.asarray(small, np.float32).transpose(2, 0, 1) / 255)
