"""The sound of a render: what its plan must know of it, the beats a recipe counts, and what is laid
under its film.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

from dreamer.engine.clips import clip_facts
from dreamer.engine.folder import Folder
from dreamer.engine.provenance import refuse_another
from dreamer.errors import DreamerError, MediaError
from dreamer.media.film import Sound
from dreamer.media.sound_probing import sound_header
from dreamer.media.sounding import hear
from dreamer.recipe.beats import Beats
from dreamer.recipe.clip_times import heard_from
from dreamer.recipe.facts import ClipFacts
from dreamer.recipe.following import beats_of
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.sound import OF_SOURCE, seconds_of

log = logging.getLogger("dreamer")


def soundtrack(recipe: Parsed, folder: Folder | None = None) -> Sound | None:
    """What is heard beside the film of `recipe`, cut or followed by silence to whatever length the
    film turns out to have; None where nothing is. A film that is dreamt on keeps its own sound,
    unless another one is said; where nobody said so, and it cannot be read, there is none.

    `folder` is the render's, whose copies must be what they were.

    Raises:
        MediaError: what it would be of cannot be read.
        FolderError: the folder's copy is another sound.
    """
    words, path, film = recipe.words.sound, recipe.sound(), _film(recipe)
    if words is None and film is not None and _is_heard(film):
        path = film.file
    if path is None:
        return None
    if folder is not None:
        refuse_another(folder, Path(path))
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
        film = _film(recipe)
    except DreamerError as error:
        raise ValueError(str(error)) from error
    clip = None if film is None else film.facts
    try:
        return beats_of(recipe, found.beats, found.seconds, clip)
    except ValueError as error:
        key, _, why = str(error).rpartition(":")
        raise ValueError(f"source.{key}: {why}") from error


_mute: dict[str, bool] = {}  # films whose sound cannot be read, or can, by what is in them


def _is_heard(film: Film) -> bool:
    """Whether `film` has a sound that can be read; one that cannot is told of once."""
    sha256 = film.facts.sha256
    if film.facts.has_audio and sha256 not in _mute:
        try:
            sound_header(Path(film.file))
            _mute[sha256] = False
        except MediaError as error:
            log.warning("%s: the film will be silent (sound: FILE gives it another)", error)
            _mute[sha256] = True
    return film.facts.has_audio and not _mute[sha256]


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
