"""What is known of a film or folder that is dreamt on, before any work: looked through once, and
kept beside a render's own copy of it, so that going on need not look again.

What lies beside other films is not read: anybody may have written it. What a render kept is sealed
by a hash, so that what was damaged or changed there is looked at anew.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

from dreamer.errors import MediaError
from dreamer.media import durable
from dreamer.media.bright import BRIGHT
from dreamer.media.picture_folder import look_through, pictures_in
from dreamer.media.survey import Survey, survey, survey_from
from dreamer.networks.locate import sha256_once
from dreamer.recipe.facts import ClipFacts

SURVEY = ".survey.json"
_clips: dict[tuple[bool, str], ClipFacts] = {}  # by what is in them, for as long as we run
_surveys: dict[str, Survey] = {}


def contents_of(path: Path) -> str:
    """SHA-256 of a file, or of the pictures of a folder, in their order.

    Raises:
        MediaError: no such file or folder, or no pictures in it.
    """
    if path.is_dir():
        whole = hashlib.sha256()
        for picture in pictures_in(path):
            whole.update(f"{sha256_once(picture)}\n".encode())
        return whole.hexdigest()
    try:
        return sha256_once(path)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}") from error


def clip_facts(path: Path, folder: bool) -> ClipFacts:
    """What is known of the film at `path`, or of the `folder` of pictures there.

    Raises:
        MediaError: it cannot be had, or a picture in it cannot be read.
    """
    if folder and path.is_file():
        raise MediaError(f"{path} is a file; expected a folder of pictures, or say video: {path}")
    if not folder and path.is_dir():
        raise MediaError(f"{path} is a folder; expected a film, or say folder: {path}")
    sha256 = contents_of(path)
    if (folder, sha256) not in _clips:
        made = _of_folder if folder else _of_film
        _clips[folder, sha256] = made(path, sha256)
    return _clips[folder, sha256]


def _of_folder(path: Path, sha256: str) -> ClipFacts:
    row = look_through(path)
    width, height = row.sizes[0]
    count = len(row.names)
    others = sum(size != row.sizes[0] for size in row.sizes)
    return ClipFacts(
        width, height, sha256, None, Fraction(1), range(count), count, row.cuts, others=others
    )


def _of_film(path: Path, sha256: str) -> ClipFacts:
    found = _seen(path, sha256)
    return ClipFacts(
        width=found.width,
        height=found.height,
        sha256=sha256,
        fps=found.fps,
        unit=found.unit,
        times=found.times,
        ends=found.ends,
        cuts=found.cuts,
        begins=found.begins,
        has_audio=found.has_audio,
        damage=found.damage,
        light=BRIGHT[found.transfer][0] if found.transfer in BRIGHT else "",
    )


def _seen(path: Path, sha256: str) -> Survey:
    if sha256 not in _surveys:
        _surveys[sha256] = survey(path)
    return _surveys[sha256]


def survey_of(path: Path) -> Survey:
    """What is seen in the film at `path`, looked through unless that was done.

    Raises:
        MediaError: it cannot be had, or none of its frames can be read.
    """
    return _seen(path, contents_of(path))


def surveyed(path: Path, facts: ClipFacts) -> Survey:
    """What was seen of the film at `path` when `facts` were; it is not hashed again.

    Raises:
        MediaError: as of `survey_of`.
    """
    return _seen(path, facts.sha256)


def keep_survey(path: Path, sha256: str) -> None:
    """Keep what was seen of the film at `path` beside it."""
    found = _surveys.get(sha256)
    if found is not None:
        text = found.as_json()
        durable.write_text(beside(path), f"{sha256}\n{_seal(sha256, text)}\n{text}")


def recall(sources: Path) -> None:
    """Believe what a render kept of its films in its folder `sources`: to be called where that
    render is taken up, and nowhere else.
    """
    for path in sources.glob(f"*{SURVEY}"):
        try:
            sha256, seal, text = path.read_text(encoding="utf-8").split("\n", 2)
            if seal == _seal(sha256, text):
                _surveys.setdefault(sha256, survey_from(text))
        except (OSError, ValueError):
            continue  # looked through anew


def _seal(sha256: str, text: str) -> str:
    return hashlib.sha256(f"{sha256}\n{text}".encode()).hexdigest()


def beside(path: Path) -> Path:
    """Where what is known of the film at `path` is kept."""
    return path.with_name(path.name + SURVEY)
