"""What is laid under the film of a render: the sound its recipe says, or that of the film it dreams
on, as the render's folder has it.
"""

from __future__ import annotations

import logging
from pathlib import Path

from dreamer.engine.beats import HeardFilm, film_heard
from dreamer.engine.folder import Folder
from dreamer.engine.provenance import refuse_another
from dreamer.errors import MediaError
from dreamer.media.film import Sound
from dreamer.media.sound_probing import sound_header
from dreamer.recipe.clip_times import heard_from
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.sound import seconds_of

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
    words, path, film = recipe.words.sound, recipe.sound(), film_heard(recipe)
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


_mute: dict[str, bool] = {}  # films whose sound cannot be read, or can, by what is in them


def _is_heard(film: HeardFilm) -> bool:
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
