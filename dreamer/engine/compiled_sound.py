"""What is heard in a compilation: its clips where they are seen, and the bed under all of it."""

from __future__ import annotations

import math

from dreamer.errors import DreamerError
from dreamer.media.mixing import Heard, bed, sample_at
from dreamer.media.sound_probing import sound_seconds
from dreamer.recipe.cutting import Cutting
from dreamer.recipe.shots import Cut
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
    clips = words.clips_sound if words.clips_sound is not None else words.sound is None
    for number, placed in enumerate(cut.shots if clips else ()):
        shot = placed.shot
        film_ = shot.file.film if shot.kind == "film" and shot.file is not None else None
        if film_ is None or not film_.has_audio or not shot.words.volume or shot.file is None:
            continue
        after = cut.shots[number + 1].over if number + 1 < len(cut.shots) else 0
        first, end = (sample_at(frame, cut.fps) for frame in (placed.first, placed.end))
        rising = sample_at(placed.first + placed.over, cut.fps) - first
        falling = end - sample_at(placed.end - after, cut.fps)
        start = film_.begins + shot.begins
        heard = Heard(
            shot.file.file, first, end, start, shot.speed, shot.words.volume, rising, falling
        )
        found.append(heard)
    if words.sound is not None and words.sound.volume:
        keys = ("start", "offset", "fade_in", "fade_out")
        said = {key: seconds_of(getattr(words.sound, key)) for key in keys}
        place = cutting.recipe.place(("sound",), words.sound.file)
        found.append(bed(place, film, said | {"volume": words.sound.volume}))
    return [one for one in found if one.end > one.first and math.isfinite(one.volume)]
