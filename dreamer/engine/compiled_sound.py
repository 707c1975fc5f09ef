"""What is heard in a compilation: its clips where they are seen, and the bed under all of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from dreamer.errors import DreamerError
from dreamer.media.mixing import Heard, bed, sample_at
from dreamer.media.sound_probing import sound_seconds
from dreamer.recipe.cutting import Cutting
from dreamer.recipe.shots import Cut, Placed, Shot
from dreamer.recipe.sound import seconds_of


def check_bed(cutting: Cutting) -> None:
    """Refuse a bed that cannot be heard, or not in this film."""
    words = cutting.words.sound
    if words is None:
        return
    place = cutting.recipe.place(("sound",), words.file)
    try:
        length = sound_seconds(place)
    except (DreamerError, OSError) as error:
        cutting.refuse(("sound", "file"), str(error))
        return
    if seconds_of(words.start) >= length:
        what = f"{place.name} is {length:.4g} s long"
        cutting.refuse(("sound", "start"), f"is beyond its end; {what}")


def refuse_unheard(cutting: Cutting, cut: Cut) -> None:
    """Refuse a bed that begins after its film."""
    words = cutting.words.sound
    if words is not None and seconds_of(words.offset) >= cut.seconds:
        what = f"the film is {float(cut.seconds):.4g} s long"
        cutting.refuse(("sound", "offset"), f"is beyond its end; {what}")


def heard_in(cutting: Cutting, cut: Cut) -> list[Heard]:
    """All that is heard in the film; nothing where it is silent.

    Raises:
        MediaError: a bed that is damaged.
    """
    words = cutting.words
    film = sample_at(cut.frames, cut.fps)
    found: list[Heard] = []
    for number, placed in enumerate(cut.shots if cutting.clips_heard else ()):
        after = cut.shots[number + 1].over if number + 1 < len(cut.shots) else 0
        found += _heard(placed, after, cut.fps)
    if words.sound is not None and words.sound.volume:
        keys = ("start", "offset", "fade_in", "fade_out")
        said = {key: seconds_of(getattr(words.sound, key)) for key in keys}
        place = cutting.recipe.place(("sound",), words.sound.file)
        found.append(bed(place, film, said | {"volume": words.sound.volume}))
    return [one for one in found if one.end > one.first and math.isfinite(one.volume)]


def _heard(placed: Placed, after: int, fps: Fraction) -> Iterator[Heard]:
    """What is heard of a shot, whose last `after` frames are the way into the next."""
    first, end = (sample_at(frame, fps) for frame in (placed.first, placed.end))
    rising = sample_at(placed.first + placed.over, fps) - first
    falling = end - sample_at(placed.end - after, fps)
    loud = 1 / math.sqrt(max(1, len(placed.shot.heard)))  # together as loud as one
    for shot, begin, stop in _parts(placed.shot):
        file = shot.file
        assert file is not None
        assert file.film is not None
        begins, ends = (sample_at(placed.first + frame, fps) for frame in (begin, stop))
        yield Heard(
            file.file,
            begins,
            ends,
            file.film.begins + shot.begins,
            shot.speed,
            shot.words.volume * loud,
            rising,
            falling,
            since=begins - first,
            until=end - ends,
        )


def _parts(shot: Shot) -> Iterator[tuple[Shot, int, int]]:
    """The films that are heard in `shot`, from a frame of it to another: itself, or of a wall the
    ones that it says, again and again where they loop.
    """
    if shot.sounds:
        yield shot, 0, shot.frames
    for number in shot.heard:
        cell = shot.cells[number]
        again = shot.frames if shot.words.ends == "loop" else min(cell.frames, shot.frames)
        for first in range(0, again, cell.frames):
            yield cell, first, min(first + cell.frames, again)
