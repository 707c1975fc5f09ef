"""A collage's pictures looked over, each decoded once and made small at once: their colours, what
matters in them, and which of them are damaged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial

import numpy as np
import torch

from dreamer.dreaming.oklab import oklab_of_srgb
from dreamer.engine.collage_inputs import Entry
from dreamer.engine.collage_kept import Kept, Look, key_of
from dreamer.engine.execution import Execution
from dreamer.engine.focus import SIDE, focus
from dreamer.engine.looking import AHEAD, ahead, readers
from dreamer.engine.scores import BATCH
from dreamer.engine.stopping import Stop
from dreamer.errors import MediaError
from dreamer.media.small_pictures import one_large, read_square
from dreamer.networks.cards import Card

COARSE = 32  # pixels on a side, in which colours are counted
HUES = 36  # of which the commonest counts
GREY = 0.02  # of chroma: below it a picture has no hue
NEVER = Stop()


def look_over(
    entries: Sequence[Entry],
    kept: Kept,
    card: Card | None,
    execution: Execution,
    stop: Stop = NEVER,
    on_looks: Callable[[int], None] = lambda count: None,
) -> dict[str, str]:
    """Look at all of `entries` that `kept` does not know yet, and keep what is seen; why those that
    cannot be read cannot, by their files.

    Args:
        entries: pictures.
        kept: what is known, to which is added.
        card: of the network that finds what matters in a picture; None where nobody asks.
        execution: what that runs under.
        stop: asked after every batch; where somebody did, it ends there.
        on_looks: told after every batch how many of `entries` are known.
    """
    key = "" if card is None else key_of(card)
    places = kept.focus.setdefault(key, {}) if card else {}
    wanted = {
        entry.sha256: entry
        for entry in entries
        if entry.sha256 not in kept.looks or (card and entry.sha256 not in places)
    }
    find = focus(card, execution) if card and wanted else None
    failed: dict[str, str] = {}
    done = len({entry.sha256 for entry in entries}) - len(wanted)
    batch: list[tuple[str, np.ndarray]] = []

    def see() -> None:
        if find is not None and batch:
            shas, squares = zip(*batch, strict=True)
            places.update(zip(shas, find(np.stack(squares)), strict=True))
        batch.clear()
        on_looks(done)

    calls = (partial(_square, entry) for entry in wanted.values())
    with closing(ahead(calls, readers(), AHEAD)) as squares:
        for entry, square in zip(wanted.values(), squares, strict=True):
            done += 1
            if isinstance(square, str):
                failed[str(entry.file)] = square
                continue
            kept.looks[entry.sha256] = look_of(square)
            batch.append((entry.sha256, square))
            if len(batch) == BATCH:
                see()
                if stop:
                    return failed
    see()
    return failed


def _square(entry: Entry) -> np.ndarray | str:
    """A picture squashed, `(SIDE, SIDE, 3)` uint8, or why it cannot be read."""
    try:
        with one_large(entry.file):
            return read_square(entry.file, SIDE, "squash")
    except MediaError as error:
        return str(error)
    except MemoryError:
        return f"{entry.file} is too large for the memory there is"


def look_of(square: np.ndarray) -> Look:
    """What a picture `(S, S, 3)` uint8 looks like: mean lightness and chroma in Oklab, and the
    commonest hue, each place counting by its chroma.
    """
    levels = torch.from_numpy(square).permute(2, 0, 1)[None].float() / 255
    coarse = torch.nn.functional.interpolate(levels, size=COARSE, mode="area")
    light, a, b = oklab_of_srgb(coarse)[0].flatten(1).double().numpy()
    chroma = np.hypot(a, b)
    mean = float(chroma.mean())
    if mean < GREY:
        return Look(0.0, round(mean, 5), round(float(light.mean()), 5))
    angles = np.arctan2(b, a)
    bins = ((angles / (2 * np.pi) % 1) * HUES).astype(int) % HUES
    counts = np.bincount(bins, chroma, HUES)
    near = counts + np.roll(counts, 1) + np.roll(counts, -1)
    top = (near.argmax() + 0.5) / HUES * 2 * np.pi
    close = np.cos(angles - top) > np.cos(np.pi / 6)
    hue = np.angle((chroma * np.exp(1j * angles))[close].sum()) / (2 * np.pi) % 1
    return Look(round(float(hue), 5), round(mean, 5), round(float(light.mean()), 5))
