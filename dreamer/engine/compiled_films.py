"""The films that a compilation asks for: where they lie, what each is to be, what is inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np

from dreamer import __version__
from dreamer.engine.asked_file import free_file
from dreamer.engine.compiling import film_frames
from dreamer.engine.footage import read_ahead
from dreamer.engine.making import Making
from dreamer.errors import MediaError, UsageError, did_you_mean
from dreamer.film_formats import CONTAINERS, container_of
from dreamer.media import durable
from dreamer.media.film import Chapter, Film, Sound
from dreamer.media.metadata import RECIPE, read_texts
from dreamer.media.pictures import encode_png
from dreamer.recipe.compilation import ParsedCompilation
from dreamer.recipe.output import Output
from dreamer.recipe.shots import Cut, with_cells
from dreamer.recipe.times import parse_time

LONGEST_TITLE = 120  # letters of a chapter's


def container_said(out: Path) -> str:
    """The container that the name of `out` asks for.

    Raises:
        UsageError: none.
    """
    kind = container_of(out.suffix)
    if kind is None:
        endings = [c.ending for c in CONTAINERS.values()]
        near = did_you_mean(out.suffix, endings)
        raise UsageError(
            f"--out: expected a name ending in {', '.join(endings)}, not {out.name}{near}"
        )
    return kind


def places_of(recipe: ParsedCompilation, out: Path) -> dict[Path, Output]:
    """Where the films of `recipe` lie, the first of them at `out`, and by which words."""
    found: dict[Path, Output] = {}
    for output in recipe.words.output:
        assert output.container is not None
        stem = out.stem + (f"-{output.name}" if output.name else "")
        found[out.with_name(stem + output.container.ending)] = output
    return found


def poster_of(place: Path) -> Path:
    """Where the still beside the film at `place` lies."""
    return place.with_name(f"{place.stem}-poster.png")


def require_free(recipe: ParsedCompilation, places: dict[Path, Output], force: bool) -> None:
    """Refuse to write over what somebody made: a film of this very recipe is made again, another
    file only with `force`.

    Raises:
        FolderError: there is a file.
        UsageError: nothing can be written there.
    """
    for path in written(places):
        free_file("--out", path, force=force or _is_of(recipe, path))


def _is_of(recipe: ParsedCompilation, path: Path) -> bool:
    try:
        return read_texts(path)[RECIPE] == recipe.carried()
    except MediaError:
        return False


def refuse_clips(recipe: ParsedCompilation, places: dict[Path, Output], cut: Cut) -> None:
    """Refuse to write a film, or the still beside it, over what the film is made of.

    Raises:
        UsageError: one of its clips, or its sound.
    """
    shots = with_cells(placed.shot for placed in cut.shots)
    used = {shot.file.file.resolve(): "one of the clips" for shot in shots if shot.file is not None}
    if recipe.words.sound is not None:
        used[recipe.place(("sound",), recipe.words.sound.file).resolve()] = "the sound"
    for path in written(places):
        if (what := used.get(path.resolve())) is not None:
            raise UsageError(f"{path} is {what}; name another with --out")


def written(places: dict[Path, Output]) -> list[Path]:
    """All that is written: the films, and the stills beside them."""
    return [*places, *(poster_of(p) for p, output in places.items() if output.poster is not None)]


def film_of(output: Output, recipe: ParsedCompilation, cut: Cut, heard: Path | None) -> Film:
    """The film that `output` asks for, with the sound in the file `heard`."""
    rate, box = output.rate, output.container
    assert box is not None
    return Film(
        fps=cut.fps if rate is None else rate,
        container=output.video,
        codec=output.codec_name,
        crf=output.crf,
        preset=output.preset,
        pixel_format=output.pixel_format or "",
        side=output.size,
        of=None if rate is None else cut.fps,
        plays=output.plays,
        texts=texts_of(recipe),
        chapters=chapters_of(recipe, cut) if box.chapters else (),
        sound=Sound(heard) if heard is not None and box.sound else None,
    )


def texts_of(recipe: ParsedCompilation) -> dict[str, str]:
    """What travels inside: its recipe, and by which dreamer."""
    return {RECIPE: recipe.carried(), "dreamer:version": __version__}


def chapters_of(recipe: ParsedCompilation, cut: Cut) -> tuple[Chapter, ...]:
    """A chapter from each title, and each clip that has a name, to the next."""
    named = [(p.first, p.shot.words.name or p.shot.words.title) for p in cut.shots]
    found = [(first, " ".join(name.split())[:LONGEST_TITLE]) for first, name in named if name]
    found = list(dict(found).items())  # what ends with the frame it begins with is no chapter
    if not found:
        return ()
    if found[0][0]:
        found.insert(0, (0, recipe.words.title or "Beginning"))
    ends = [*(first for first, _ in found[1:]), cut.frames]
    return tuple(
        Chapter(Fraction(first) / cut.fps, Fraction(end) / cut.fps, name)
        for (first, name), end in zip(found, ends, strict=True)
    )


class Reel:
    """The frames of a film by their numbers, made as they are asked for: in order, and anew from
    the first where an earlier one is wanted. Frames of `stills` are kept as they come by.
    """

    def __init__(self, making: Making, stills: Iterable[int] = ()) -> None:
        self._making, self._next = making, 0
        self._frames = read_ahead(lambda: film_frames(making))
        self._wanted, self._kept = set(stills), dict[int, np.ndarray]()

    def read(self, index: int) -> np.ndarray:
        """Frame `index`, `(H, W, 3)` uint16."""
        if index < self._next:
            self.close()
            self._next, self._frames = 0, read_ahead(lambda: film_frames(self._making))
        while True:
            frame = next(self._frames, None)
            if frame is None:
                raise MediaError(f"the film has {self._next} frames, and not frame {index}")
            if self._next in self._wanted:
                self._kept[self._next] = frame
            self._next += 1
            if self._next > index:
                return frame

    def still(self, index: int) -> np.ndarray:
        """Frame `index`, one of the `stills`."""
        return self._kept[index] if index in self._kept else self.read(index)

    def close(self) -> None:
        """Make no more."""
        self._frames.close()


def poster_frame(output: Output, cut: Cut) -> int:
    """The frame that `output` wants as its still."""
    assert output.poster is not None
    return min(cut.frames - 1, round(parse_time(output.poster).frame(cut.fps, cut.frames)))


def keep_posters(
    places: dict[Path, Output],
    recipe: ParsedCompilation,
    cut: Cut,
    still: Callable[[int], np.ndarray],
) -> None:
    """Put the stills that are asked for beside their films."""
    for place, output in places.items():
        if output.poster is not None:
            pixels = still(poster_frame(output, cut)).transpose(2, 0, 1).astype(np.float32) / 65535
            durable.write_bytes(poster_of(place), encode_png(pixels, 8, texts_of(recipe)))
