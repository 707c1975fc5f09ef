"""A file of weights from whichever of several places still has it: hosts of ten years ago are down
for long spells, and what they send then is seldom the file.

Nothing gets its name before it is whole and has the hash that its publisher gave.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dreamer.errors import NetworkError
from dreamer.networks.cards import Source
from dreamer.networks.formats.recognise import ENOUGH, recognised
from dreamer.networks.parts import append, forget, kept_bytes, part_of, storing
from dreamer.networks.transfer import Failed, Patience, Progress, Said, megabytes, receive

BLOCK = 1 << 20
HASHES = {"sha256": "SHA-256", "sha1": "SHA-1", "md5": "MD5"}
DAMAGED = (tarfile.TarError, EOFError, zlib.error, OSError)
log = logging.getLogger("dreamer")


def download(
    places: Sequence[Source],
    to: Path,
    said: Said | None = None,
    patience: Patience | None = None,
) -> Path:
    """Have the file that `places` share at `to`, and give `to`.

    The places are tried in order, that of a part begun before first. A file that is there and
    right is left as it is, and one that somebody else is fetching is waited for. Stopped at any
    moment, what came is kept in `to` + `.part`, and continued the next time.

    Args:
        places: each with what is known of its file.
        to: the file; its folder is made.
        said: hears how far it is, about once a second, and what went wrong at each place.
        patience: how long to wait for an answer, and how often to try again.

    Raises:
        NetworkError: no place gives a file that is right, with what happened at each; or it cannot
            be written here.
    """
    say = said or (lambda _: None)
    if _is_right(to, places):
        return to
    failures = []
    with storing(to.parent):
        to.parent.mkdir(parents=True, exist_ok=True)
    with _alone(to, say):
        if _is_right(to, places):
            return to
        if to.exists():
            say(f"{to}: another file, or damaged; it is replaced once the right one is here")
        for place in _likeliest_first(places, part_of(to)):
            try:
                digest = _fetch(place, to, say, patience or Patience())
            except Failed as error:
                failures.append(f"{place.url}: {error}")
                say(failures[-1])
                continue
            if _is_hashed(place):
                say(f"{to.name}: {megabytes(to.stat().st_size)}, as its publisher's hash says")
            else:
                (said or log.warning)(
                    f"{to.name}: {place.url} has no hash that its authors published: not checked "
                    f"beyond its format; SHA-256 was {digest}"
                )
            return to
    happened = "".join(f"\n  {failure}" for failure in failures) or " no place is known that has it"
    raise NetworkError(
        f"{to.name} could not be fetched:{happened}\n"
        "get it yourself, wherever you find it, and: dreamer networks import FILE"
    )


def _likeliest_first(places: Sequence[Source], part: Path) -> list[Source]:
    """The places in order, but that of `part` first."""
    return sorted(places, key=lambda place: not kept_bytes(part, place))


def _fetch(place: Source, to: Path, say: Said, patience: Patience) -> str:
    """Put the file of `place` at `to`, and give its SHA-256.

    Raises:
        Failed: it does not give a file that is right.
        NetworkError: it cannot be written here.
    """
    part = part_of(to)
    kept = kept_bytes(part, place)
    if kept:
        say(f"{to.name}: going on from {megabytes(kept)} of {place.url}")
    else:
        say(f"{to.name}: from {place.url}")
    receive(place, part, Progress(to.name, say), patience)
    digests = _digests(part)
    if (wrong := _wrong(part, digests, place)) and kept:
        say(f"{to.name}: {wrong}; from its beginning, since what lay here may be damaged")
        forget(part)
        receive(place, part, Progress(to.name, say), patience)
        digests = _digests(part)
        wrong = _wrong(part, digests, place)
    try:
        if wrong:
            raise Failed(wrong)
        if place.member and tarfile.is_tarfile(part):
            _unpack(part, place.member, to)
            digests = _digests(to)
        else:
            with storing(to):
                _settle(part, to)
    except Failed:
        forget(part)
        raise
    forget(part)
    return digests["sha256"]


def _wrong(path: Path, digests: Mapping[str, str], place: Source) -> str:
    """Why a file with these hashes is not that of `place`, or nothing where it is."""
    if what := _no_weights(path, bool(place.member)):
        return what
    size = path.stat().st_size
    if place.size and size != place.size:
        return f"it has {size} bytes, expected {place.size}: another file, or cut short"
    for kind, name in HASHES.items():
        wanted = getattr(place, kind).lower()
        if not digests[kind].startswith(wanted):
            return (
                f"its {name} is {digests[kind]}, expected {wanted}"
                f"{'…' * (len(wanted) < len(digests[kind]))}: another file, or damaged on the way"
            )
    return ""


def _is_right(path: Path, places: Sequence[Source]) -> bool:
    """Whether what lies at `path` is the file of one of the places. Of a place without hashes, and
    of one that has an archive, every file of weights may be.
    """
    if not path.is_file() or _no_weights(path, archive=False):
        return False
    if not all(_is_hashed(place) and not place.member for place in places):
        return True
    digests = _digests(path)
    return any(not _wrong(path, digests, place) for place in places)


def _is_hashed(place: Source) -> bool:
    return any(getattr(place, kind) for kind in HASHES)


def _digests(path: Path) -> dict[str, str]:
    running = {kind: hashlib.new(kind, usedforsecurity=False) for kind in HASHES}
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            for digest in running.values():
                digest.update(block)
    return {kind: digest.hexdigest() for kind, digest in running.items()}


def _no_weights(path: Path, archive: bool) -> str:
    """What a file is that is no weights (nor, with `archive`, holds any), or nothing."""
    if archive and tarfile.is_tarfile(path):
        return ""
    with path.open("rb") as file:
        start = file.read(ENOUGH)
    try:
        recognised(start, "what came")
    except NetworkError as error:
        return str(error)
    return ""


def _unpack(archive: Path, member: str, to: Path) -> None:
    """Put the file `member` of an archive at `to`.

    Raises:
        Failed: it is not in there, or is no weights.
        NetworkError: it cannot be written here.
    """
    beside = to.with_name(f"{to.name}.unpacked")
    try:
        with tarfile.open(archive) as files:
            found = files.extractfile(member)
            if found is None:
                raise Failed(f"'{member}' in the archive is no file")
            with storing(beside):
                file = beside.open("wb", buffering=0)
            with file:
                while block := found.read(BLOCK):
                    with storing(beside):
                        append(file, block)
        if what := _no_weights(beside, archive=False):
            raise Failed(f"'{member}' in the archive: {what}")
        with storing(to):
            _settle(beside, to)
    except KeyError as error:
        raise Failed(f"there is no '{member}' in the archive") from error
    except DAMAGED as error:
        raise Failed(f"the archive is damaged: {error}") from error
    finally:
        beside.unlink(missing_ok=True)


def _settle(beside: Path, to: Path) -> None:
    """Give a whole file its name, for good: on the disk before it is named."""
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(to)
    if os.name != "nt":
        folder = os.open(to.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _alone(to: Path, say: Said) -> Iterator[None]:
    """Be the only process that fetches `to`, once nobody else does.

    `media.locks` is of another room, and does not wait. Where the system knows no such locks,
    nothing is locked.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    path = to.with_name(f"{to.name}.lock")
    while True:
        with storing(path):
            file = path.open("a")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"{to.name}: another process is fetching it; waiting")
                fcntl.flock(file, fcntl.LOCK_EX)
        if _is_at(path, file):
            break
        file.close()  # whoever had it has removed it since
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        file.close()


def _is_at(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
