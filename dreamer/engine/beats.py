"""The beats that a recipe counts, heard in the sound it names: before a plan, and without torch."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from dreamer.engine.clips import clip_facts
from dreamer.errors import DreamerError
from dreamer.media.sounding import hear
from dreamer.recipe.beats import Beats
from dreamer.recipe.facts import ClipFacts
from dreamer.recipe.following import beats_of
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.sound import OF_SOURCE, seconds_of


def heard_beats(recipe: Parsed) -> Beats:
    """The beats of the sound of `recipe`, in its film.

    Raises:
        ValueError: no sound that can be heard.
    """
    words, path = recipe.words.sound, recipe.sound()
    if words is None or path is None:
        raise ValueError("the source has no sound; say source: {video: FILM}, or sound: FILE")
    try:
        found = hear(Path(path), words.tempo)
        film = film_heard(recipe)
    except DreamerError as error:
        raise ValueError(str(error)) from error
    clip = None if film is None else film.facts
    if found.seconds <= seconds_of(words.start):
        what = f"{words.start} is not in it: it is {found.seconds:.4g} s long"
        raise ValueError(f"{path}: {what}")
    try:
        return beats_of(recipe, found.beats, found.seconds, clip)
    except ValueError as error:
        key, _, why = str(error).rpartition(":")
        raise ValueError(f"source.{key}: {why}") from error


class HeardFilm(NamedTuple):
    """A film that is dreamt on, and what is known of it."""

    file: str
    facts: ClipFacts


def film_heard(recipe: Parsed) -> HeardFilm | None:
    """The film whose sound `recipe` has, as its own or by name; None where it is another one's."""
    words, clip = recipe.words.sound, recipe.clip()
    if clip is None or clip.path[-1] != "video" or (words and words.file != OF_SOURCE):
        return None
    return HeardFilm(clip.file, clip_facts(Path(clip.file), folder=False))
