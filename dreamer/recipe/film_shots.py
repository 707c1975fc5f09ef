"""Which frames of a film a clip shows: those that are seen at its moments, to the frame."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction

from dreamer.recipe.clip import Clip
from dreamer.recipe.clip_times import part_of, shown_at
from dreamer.recipe.cutting import Cutting
from dreamer.recipe.facts import ClipFacts
from dreamer.recipe.marks import Path_
from dreamer.recipe.parts import Source
from dreamer.recipe.shots import FileFacts, Shot


def film_shot(
    cutting: Cutting, clip: Clip, path: Path_, file: FileFacts, size: tuple[int, int]
) -> Iterator[Shot]:
    """What `clip` shows of the film `file`."""
    for key in sorted(clip.model_fields_set & {"zoom", "center", "ease"}):
        cutting.refuse((*path, key), f"is of pictures, and {file.name} is a film; leave it out")
    assert file.film is not None
    if "volume" in clip.model_fields_set and not cutting.clips_heard:
        what = "is not heard, for `sound` is heard alone; say clips_sound: true too"
        cutting.refuse((*path, "volume"), what)
    part = part_shown(cutting, clip, path, file)
    if part is None:
        return
    source, start, most = part
    frames = most if clip.length is None else cutting.frames(clip.length)
    if frames > most:
        what = f"{file.name} has {most} frames here at {cutting.fps} a second, and not {frames}"
        cutting.refuse((*path, "length"), f"{what}; say less, or speed: {most / frames:.3g}")
        frames = most
    frames = max(1, frames)
    pace = cutting.fps / Fraction(clip.speed).limit_denominator(10**6)
    numbers = shown_at(source, file.film, pace, 0, frames)
    mixed: tuple[float, ...] = ()
    if (clip.rates or cutting.words.rates) == "blend":
        mixed = tuple(_parts(file.film, numbers, start, pace))
    fit = clip.fit or cutting.words.fit
    yield Shot("film", path, clip, frames, size, fit, file, numbers, mixed, start)


def part_shown(
    cutting: Cutting, clip: Clip, path: Path_, file: FileFacts
) -> tuple[Source, Fraction, int] | None:
    """The part of a film that `clip` shows, the second it begins at, and its frames here."""
    assert file.film is not None
    if file.film.damage and clip.end == "end":
        whole = math.floor(float(file.film.times[-1] * file.film.unit) * 100) / 100
        what = f"{file.name} breaks off after {len(file.film.times)} frames"
        what = f"{what} ({file.film.damage}); for what is whole, say end: {whole:g}s, or leave it "
        what += "out by broken: leave"
        cutting.refuse(path, what)
        return None
    source = Source(video=str(file.file), start=clip.start, end=clip.end)
    pace = cutting.fps / Fraction(clip.speed).limit_denominator(10**6)
    try:
        part = part_of(source, file.film, pace)
    except ValueError as error:
        key, _, why = str(error).rpartition(":")
        cutting.refuse((*path, key), f"{file.name}: {why}")
        return None
    return source, part.start, part.frames(pace)


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
