"""Which sound a film may have; all else is refused with its plan."""

from __future__ import annotations

from dreamer.recipe.clip_times import heard_from
from dreamer.recipe.facts import ClipFacts, SoundFacts
from dreamer.recipe.reckoning import Reckoning
from dreamer.recipe.sound import OF_SOURCE, seconds_of


def refuse_sound(here: Reckoning) -> None:
    """Refuse a sound that cannot be had, or that the film of `here` never comes to."""
    recipe, sound = here.recipe, here.words.sound
    if sound is None or not recipe.sounds:
        return
    if recipe.still:
        here.refuse(("sound",), "a still is not heard; say a length")
    path = recipe.sound()
    if path is None:
        what = "the source has no sound"
        here.refuse(("sound", "file"), f"{what}; say source: {{video: FILM}}, or sound: FILE")
        return
    found = here.facts.sounds.get(path, "not looked at")
    if not isinstance(found, SoundFacts):
        here.refuse(("sound", "file"), found)
        return
    clip = here.facts.clip
    try:
        start = heard_from(recipe, clip if isinstance(clip, ClipFacts) else None)
    except ValueError:  # which is refused where the clip is
        return
    offset = seconds_of(sound.offset)
    if found.seconds and start >= found.seconds:
        name = "the source's" if sound.file == OF_SOURCE else sound.file
        here.refuse(
            ("sound", "start"), f"{sound.start} is not in {name}: it is {found.seconds:.4g} s long"
        )
    frames = here.clock.frames
    if frames is None or recipe.still:
        return
    seconds = float((frames - recipe.lead) / recipe.fps)
    if offset >= seconds:
        here.refuse(("sound", "offset"), f"{sound.offset} is after the film's {seconds:.4g} s")
