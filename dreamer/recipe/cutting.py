"""From a compilation's words to its plan: every frame of every clip, before any work; whatever
cannot be is refused, all of it at once.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from dreamer.errors import Problem
from dreamer.recipe.clip_times import part_of, shown_at
from dreamer.recipe.compilation import MOST_CELLS, Clip, ParsedCompilation
from dreamer.recipe.facts import ClipFacts
from dreamer.recipe.filming import problems_of_film
from dreamer.recipe.joins import CUT, Transition, as_xfade
from dreamer.recipe.lettered import Caption
from dreamer.recipe.marks import Path_
from dreamer.recipe.parts import Source
from dreamer.recipe.rates import parse_fps
from dreamer.recipe.shots import Cut, FileFacts, Lasting, Placed, Shot
from dreamer.recipe.times import parse_time

Found = Mapping[Path, Sequence[FileFacts]]
SIZE, FPS = (1280, 720), Fraction(24)
SHEET = 24  # pictures on a sheet that does not say how far apart they are
MOST_FRAMES = 24 * 60 * 60 * 24  # a day of film


class Cutting:
    """A recipe being planned with what was `found` of the files it names; `problems` are all that
    is wrong so far.
    """

    def __init__(self, recipe: ParsedCompilation, found: Found) -> None:
        self.recipe, self.words, self._found = recipe, recipe.words, found
        self.problems: list[Problem] = []
        first = next((f for f in self._files() if f.film is not None), None)
        film = None if first is None else first.film
        self.size = self.words.size or (first.size if first else SIZE)
        self.fps = parse_fps(self.words.fps or (film and film.fps) or FPS)

    def refuse(self, path: Path_, message: str) -> None:
        """Note that what is written at `path` cannot be."""
        self.problems.append(self.recipe.tree.problem(path, message))

    def cut(self) -> Cut | None:
        """The plan; None where something is wrong."""
        shots = [
            shot
            for number, clip in enumerate(self.words.clips)
            for shot in self._shots(clip, ("clips", number), self.size)
        ]
        placed = list(self._placed(shots))
        frames = placed[-1].end if placed else 0
        fades = [self.frames(word) for word in (self.words.fade_in, self.words.fade_out)]
        if placed:
            for key, fade in zip(("fade_in", "fade_out"), fades, strict=True):
                if fade > frames:
                    self.refuse((key,), f"takes {fade} frames, and the film has {frames}")
        if frames > MOST_FRAMES:
            self.refuse((), f"{frames} frames are more than a film may have, {MOST_FRAMES}")
        self._outputs(frames)
        if self.problems:
            return None
        return Cut(self.size, self.fps, frames, tuple(placed), *fades)

    def lasting(self, shot: Shot) -> list[Lasting]:
        """The captions of `shot`, to the frame."""
        found = []
        for number, caption in enumerate(shot.words.caption or ()):
            path = (*shot.path, "caption", number)
            moments = [self._moment(word, shot.frames) for word in (caption.start, caption.end)]
            start, end = moments[0], min(moments[1], shot.frames)
            if start >= end:
                what = f"the clip has {shot.frames} frames, and this would be seen from {start}"
                self.refuse(path, f"{what} to {moments[1]}")
            found.append(Lasting(caption, path, start, end, self._faded(caption, end - start)))
        return found

    def _faded(self, caption: Caption, frames: int) -> int:
        return min(self.frames(caption.fade), max(frames // 2, 0))

    def frames(self, word: int | str) -> int:
        """A length in frames."""
        return round(parse_time(word).frame(self.fps, None))

    def _moment(self, word: int | str, frames: int) -> int:
        time = parse_time(word)
        if time.unit == "%":
            return round(time.value / 100 * frames)
        return round(time.frame(self.fps, frames))

    def _files(self) -> Iterator[FileFacts]:
        """All files of clips, in order."""
        for number, clip in enumerate(self.words.clips):
            for path, word in files_of(clip, ("clips", number)):
                yield from self._of(path, word)

    def _of(self, path: Path_, word: str) -> Sequence[FileFacts]:
        return self._found.get(self.recipe.place(path, word), ())

    def _good(self, path: Path_, word: str) -> Iterator[FileFacts]:
        """The files that `word` names; what is wrong with one is refused."""
        for file in self._of(path, word):
            if file.problem:
                self.refuse(path, file.problem)
            else:
                yield file

    def _shots(self, clip: Clip, path: Path_, size: tuple[int, int]) -> Iterator[Shot]:
        if clip.title is not None:
            yield Shot("title", path, clip, self._length(clip), size)
        elif clip.wall is not None:
            yield from self._wall(clip, clip.wall, path, size)
        elif clip.sheet is not None:
            for file in self._good((*path, "sheet"), clip.sheet):
                yield from self._sheet(clip, (*path, "sheet"), file, size)
        elif clip.file is not None:
            written = (*path, "file")
            for file in self._good(written, clip.file):
                made = self._film if file.film is not None else self._still
                yield from made(clip, path, file, size)

    def _length(self, clip: Clip) -> int:
        return max(1, self.frames(self.words.still if clip.length is None else clip.length))

    def _still(
        self, clip: Clip, path: Path_, file: FileFacts, size: tuple[int, int]
    ) -> Iterator[Shot]:
        said = clip.model_fields_set
        for key in sorted(said & {"start", "end", "speed", "rates", "volume"}):
            self.refuse((*path, key), f"is of films, and {file.name} is a picture; leave it out")
        moves = clip.zoom is not None or clip.center is not None
        fit = clip.fit or ("cover" if moves else self.words.fit)
        yield Shot("still", path, clip, self._length(clip), size, fit, file)

    def _film(
        self, clip: Clip, path: Path_, file: FileFacts, size: tuple[int, int]
    ) -> Iterator[Shot]:
        for key in sorted(clip.model_fields_set & {"zoom", "center", "ease"}):
            self.refuse((*path, key), f"is of pictures, and {file.name} is a film; leave it out")
        assert file.film is not None
        part = self._part(clip, path, file)
        if part is None:
            return
        source, start, most = part
        frames = most if clip.length is None else self.frames(clip.length)
        if frames > most:
            what = f"{file.name} has {most} frames here at {self.fps} a second, and not {frames}"
            self.refuse((*path, "length"), f"{what}; say less, or speed: {most / frames:.3g}")
            frames = most
        frames = max(1, frames)
        pace = self.fps / Fraction(clip.speed).limit_denominator(10**6)
        numbers = shown_at(source, file.film, pace, 0, frames)
        mixed: tuple[float, ...] = ()
        if (clip.rates or self.words.rates) == "blend":
            mixed = tuple(_parts(file.film, numbers, start, pace))
        fit = clip.fit or self.words.fit
        yield Shot("film", path, clip, frames, size, fit, file, numbers, mixed, start)

    def _part(
        self, clip: Clip, path: Path_, file: FileFacts
    ) -> tuple[Source, Fraction, int] | None:
        """The part of a film that `clip` shows, the second it begins at, and its frames here."""
        assert file.film is not None
        if file.film.damage and clip.end == "end":
            whole = math.floor(float(file.film.times[-1] * file.film.unit) * 100) / 100
            what = f"{file.name} breaks off after {len(file.film.times)} frames"
            what = f"{what} ({file.film.damage}); for what is whole, say end: {whole:g}s"
            self.refuse(path, what)
            return None
        source = Source(video=str(file.file), start=clip.start, end=clip.end)
        pace = self.fps / Fraction(clip.speed).limit_denominator(10**6)
        try:
            part = part_of(source, file.film, pace)
        except ValueError as error:
            key, _, why = str(error).rpartition(":")
            self.refuse((*path, key), f"{file.name}: {why}")
            return None
        return source, part.start, part.frames(pace)

    def _wall(
        self, clip: Clip, cells: Sequence[Clip], path: Path_, size: tuple[int, int]
    ) -> Iterator[Shot]:
        for number, cell in enumerate(cells):
            where = (*path, "wall", number)
            if cell.wall is not None:
                self.refuse((*where, "wall"), "a wall inside a wall; give it the clips themselves")
            if cell.transition is not None:
                self.refuse((*where, "transition"), "clips of a wall are seen at once")
        fit = {} if clip.fit is None else {"fit": clip.fit}
        listed = [
            (n, c if c.fit or c.file is None else c.model_copy(update=fit))
            for n, c in enumerate(cells)
            if c.wall is None
        ]
        tried = [s for n, c in listed for s in self._shots(c, (*path, "wall", n), size)]
        if not tried:
            return
        if len(tried) > MOST_CELLS:
            self.refuse((*path, "wall"), f"has {len(tried)} clips; at most {MOST_CELLS}")
            return
        columns = min(clip.columns or math.ceil(math.sqrt(len(tried))), len(tried))
        rows = math.ceil(len(tried) / columns)
        across, down = _cell(size, columns, rows, clip.gutter)
        if min(across, down) < 16:
            what = f"{columns} × {rows} clips on {size[0]}×{size[1]} are smaller than 16 pixels"
            self.refuse((*path, "wall"), what)
            return
        already = len(self.problems)  # told above
        shots = [s for n, c in listed for s in self._shots(c, (*path, "wall", n), (across, down))]
        del self.problems[already:]
        moving = [shot.frames for shot in shots if shot.kind == "film"]
        longest = max(moving or [shot.frames for shot in shots])
        frames = longest if clip.length is None else max(1, self.frames(clip.length))
        yield Shot(
            "wall", path, clip, frames, size, cells=tuple(shots), columns=columns,
            cell=(across, down),
        )  # fmt: skip

    def _sheet(
        self, clip: Clip, path: Path_, file: FileFacts, size: tuple[int, int]
    ) -> Iterator[Shot]:
        if file.film is None:
            self.refuse(path, f"{file.name} is a picture; a sheet is of a film's frames")
            return
        if (part := self._part(clip, path[:-1], file)) is None:
            return
        source, start, frames = part
        if clip.every is None:
            apart = Fraction(max(1, frames), SHEET)
        else:
            time = parse_time(clip.every)
            rate = self.fps if time.unit == "s" else Fraction(1)
            apart = Fraction(time.value).limit_denominator(10**6) * rate
        count = min(math.ceil(frames / apart), 40 * 40)
        wanted = shown_at(source, file.film, self.fps / apart, 0, count)
        aspect = Fraction(*file.size)
        columns = clip.columns or _columns(count, aspect, size, clip.gutter)
        rows = math.ceil(count / columns)
        across, down = _cell(size, columns, rows, clip.gutter)
        across, down = min(across, math.floor(down * aspect)), min(down, math.ceil(across / aspect))
        if min(across, down) < 16:
            what = f"{count} frames on {size[0]}×{size[1]} are smaller than 16 pixels"
            self.refuse(path, f"{what}; say every: {frames / 24 / self.fps:.2g}s")
            return
        moments = tuple(float(start + k * apart / self.fps) for k in range(count))
        yield Shot(
            "sheet", path[:-1], clip, self._length(clip), size, file=file, numbers=wanted,
            columns=columns, cell=(across, down), moments=moments,
        )  # fmt: skip

    def _placed(self, shots: Sequence[Shot]) -> Iterator[Placed]:
        first, before = 0, 0  # frames of the shot before that its own transition leaves
        for number, shot in enumerate(shots):
            said = shot.words.transition
            if number == 0:
                if said is not None:
                    what = "nothing comes before the first clip; to come out of black say fade_in"
                    self.refuse((*shot.path, "transition"), f"{what}: 1s for the film")
                yield Placed(shot, 0)
                first, before = shot.frames, shot.frames
                continue
            transition = said or self.words.transition
            over = self._over(transition)
            where = (*shot.path, "transition") if said is not None else ("transition",)
            for who, left in ((shots[number - 1], before), (shot, shot.frames)):
                if over > left:
                    spent = "" if left == who.frames else ", less the transition before it,"
                    what = f"takes {over} frames, and {who.name}{spent} has {left}"
                    self.refuse(where, f"{what}; say a shorter one, or a longer clip")
                    over = left
                    break
            yield Placed(shot, first - over, over, as_xfade(transition.kind) if over else "")
            first += shot.frames - over
            before = shot.frames - over

    def _over(self, transition: Transition) -> int:
        return 0 if transition.kind == CUT else self.frames(transition.over)

    def _outputs(self, frames: int) -> None:
        taken: dict[Any, int] = {}
        for k, output in enumerate(self.words.output):
            for key in output.model_fields_set & {"frames", "transparency"}:
                self.refuse(("output", k, key), "is of renders; leave it out")
            if output.container is None:
                self.refuse(("output", k, "video"), "a compilation is a film; say mp4")
                continue
            if output.loop:
                what = "a compilation goes one way; leave it out"
                self.refuse(("output", k, "loop"), what)
            for key, message in problems_of_film(output, self.size, self.fps, frames or None):
                self.refuse(("output", k, key) if key else ("output", k), message)
            name = ((output.name or "").casefold(), output.video)
            if (other := taken.setdefault(name, k)) != k:
                what = f"would be the same file as output.{other}; say name: WORD in one of them"
                self.refuse(("output", k), what)


def files_of(clip: Clip, path: Path_) -> Iterator[tuple[Path_, str]]:
    """The files that `clip` names, and those inside it, with where it says so."""
    for key in ("file", "sheet"):
        if (word := getattr(clip, key)) is not None:
            yield (*path, key), word
    for number, cell in enumerate(clip.wall or ()):
        yield from files_of(cell, (*path, "wall", number))


def _parts(
    film: ClipFacts, numbers: Sequence[int], start: Fraction, pace: Fraction
) -> Iterator[float]:
    """How far each moment is on the way from its frame to the next."""
    for k, number in enumerate(numbers):
        here = film.times[number] * film.unit
        after = bisect_right(film.times, film.times[number])
        ends = film.times[after] if after < len(film.times) else None
        if ends is None:
            yield 0.0
            continue
        part = float((start + k / pace - here) / (ends * film.unit - here))
        yield min(max(part, 0.0), 1.0)


def _cell(size: tuple[int, int], columns: int, rows: int, gutter: int) -> tuple[int, int]:
    """How large a cell is of so many on `size`."""
    across, down = size
    return (across - gutter * (columns - 1)) // columns, (down - gutter * (rows - 1)) // rows


def _columns(count: int, aspect: Fraction, size: tuple[int, int], gutter: int) -> int:
    """How many columns make cells of `aspect` largest."""

    def width(columns: int) -> Fraction:
        across, down = _cell(size, columns, math.ceil(count / columns), gutter)
        return min(Fraction(across), down * aspect)

    return max(range(1, min(count, 40) + 1), key=width)
