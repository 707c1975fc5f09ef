"""The sound of a render: what its plan must know of it, the beats a recipe counts, and what is laid
under its film.
"""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.clips import clip_facts
from dreamer.errors import DreamerError
from dreamer.media.film import Sound
from dreamer.media.sounding import hear
from dreamer.recipe.beats import Beats
from dreamer.recipe.clips import part_of
from dreamer.recipe.following import beats_of
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.sound import seconds_of


def soundtrack(recipe: Parsed) -> Sound | None:
    """What is heard beside the film of `recipe`, cut or followed by silence to whatever length the
    film turns out to have; None where nothing is. A film that is dreamt on keeps its own sound,
    unless another one is said.

    Raises:
        MediaError: what it would be of cannot be read.
    """
    words, clip = recipe.words.sound, recipe.clip()
    path, begins = recipe.sound(), 0.0
    if clip is not None and clip.path[-1] == "video" and (words is None or path == clip.file):
        facts = clip_facts(Path(clip.file), folder=False)
        if not facts.has_audio:
            return None
        part = part_of(recipe.words.source, facts, recipe.fps)
        path, begins = clip.file, float(facts.begins + part.start)
    if path is None:
        return None
    if words is None:
        return Sound(Path(path), begins)
    return Sound(
        Path(path),
        begins + seconds_of(words.start),
        seconds_of(words.offset),
        seconds_of(words.fade_in),
        seconds_of(words.fade_out),
        words.volume,
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
