"""The sound of a render: what its plan must know of it, the beats a recipe counts, and what is laid
under its film.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from dreamer.engine.clips import clip_facts
from dreamer.errors import DreamerError
from dreamer.media.film import Sound
from dreamer.media.sounding import hear
from dreamer.recipe.beats import Beats
from dreamer.recipe.clip_times import heard_from
from dreamer.recipe.facts import ClipFacts
from dreamer.recipe.following import beats_of
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.sound import OF_SOURCE, seconds_of


def soundtrack(recipe: Parsed) -> Sound | None:
    """What is heard beside the film of `recipe`, cut or followed by silence to whatever length the
    film turns out to have; None where nothing is. A film that is dreamt on keeps its own sound,
    unless another one is said.

    Raises:
        MediaError: what it would be of cannot be read.
    """
    words, path, film = recipe.words.sound, recipe.sound(), _film(recipe)
    if words is None and film is not None and film.facts.has_audio:
        path = film.file
    if path is None:
        return None
    begins = heard_from(recipe, None if film is None else film.facts)
    if words is None:
        return Sound(Path(path), begins)
    return Sound(
        Path(path),
        begins,
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
        film = _film(recipe)
    except DreamerError as error:
        raise ValueError(str(error)) from error
    clip = None if film is None else film.facts
    try:
        return beats_of(recipe, found.beats, found.seconds, clip)
    except ValueError as error:
        key, _, why = str(error).rpartition(":")
        raise ValueError(f"source.{key}: {why}") from error


class Film(NamedTuple):
    """A film that is dreamt on, and what is known of it."""

    file: str
    facts: ClipFacts


def _film(recipe: Parsed) -> Film | None:
    """The film whose sound `recipe` has, as its own or by name; None where it is another one's."""
    words, clip = recipe.words.sound, recipe.clip()
    if clip is None or clip.path[-1] != "video" or (words and words.file != OF_SOURCE):
        return None
    return Film(clip.file, clip_facts(Path(clip.file), folder=False))
