"""The sound of a render: what its plan must know of it, the beats a recipe counts, and what is laid
under its film.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dreamer.engine.facts import Gathered
from dreamer.errors import DreamerError
from dreamer.media.sounding import hear
from dreamer.recipe.beats import Beats
from dreamer.recipe.facts import SoundFacts
from dreamer.recipe.following import beats_of
from dreamer.recipe.parse import Parsed
from dreamer.recipe.sound import seconds_of


@dataclass(frozen=True)
class Sound:
    """What is heard beside a film: the sound in `file` from its second `start` on, beginning
    `offset` seconds into what the film shows, `volume` times as loud (1: as it is); it fades in and
    out over so many seconds.
    """

    file: Path
    start: float = 0.0
    offset: float = 0.0
    fade_in: float = 0.0
    fade_out: float = 0.0
    volume: float = 1.0


def soundtrack(recipe: Parsed, gathered: Gathered) -> Sound | None:
    """What is heard beside the film of `recipe`, cut or followed by silence to whatever length the
    film turns out to have; None where nothing is. Frames before the film's first are not in it.
    """
    words, path = recipe.words.sound, recipe.sound()
    if words is None or path is None:
        return None
    if not isinstance(gathered.facts.sounds.get(path), SoundFacts):
        return None
    return Sound(
        file=Path(path),
        start=seconds_of(words.start),
        offset=seconds_of(words.offset),
        fade_in=seconds_of(words.fade_in),
        fade_out=seconds_of(words.fade_out),
        volume=words.volume,
    )


def heard_beats(recipe: Parsed, inside: Path | None = None) -> Beats:
    """The beats of the sound of `recipe`, in its film; `inside` is the only folder whose files may
    be opened, if there is one.

    Raises:
        ValueError: no sound that can be heard.
    """
    words, path = recipe.words.sound, recipe.sound()
    if words is None or path is None:
        raise ValueError("the source has no sound; say source: {video: FILM}, or sound: FILE")
    if inside is not None and not Path(path).resolve().is_relative_to(inside.resolve()):
        raise ValueError(
            f"{path} is outside {inside}; a recipe found in a picture may not open it. "
            "Allow all with --trust"
        )
    try:
        found = hear(Path(path), words.tempo)
    except DreamerError as error:
        raise ValueError(str(error)) from error
    return beats_of(words, found.beats, found.seconds)
