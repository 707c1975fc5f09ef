"""Weights inside an archive: MIT's `googlenet_places205.tar.gz` holds a caffemodel, its prototxt
and more.
"""

from __future__ import annotations

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from lzma import LZMAError
from pathlib import Path
from typing import IO

from dreamer.errors import NetworkError, printable
from dreamer.networks.formats.read import read_weights
from dreamer.networks.formats.recognise import ENOUGH, recognised

MOST_BYTES = 8 << 30  # that an archive may unpack to
MOST_MEMBERS = 10_000
MOST_TEXT = 1 << 20
DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, LZMAError, EOFError, OSError)

Member = tuple[str, int, Callable[[], IO[bytes]]]


def is_archive(path: Path) -> bool:
    """Whether a file is a tar archive, compressed or not, or a zip archive that is no PyTorch
    checkpoint: by its bytes.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return not any(name.endswith("data.pkl") for name in archive.namelist())
        return tarfile.is_tarfile(path)
    except DAMAGED:
        return False


def unpacked(path: Path, into: Path) -> tuple[Path, list[Path]]:
    """The one weight file that the archive at `path` holds, and the short texts beside it (labels
    may be among them), put into the folder `into` under their own names.

    Nothing else is unpacked, and no folder that a member's name asks for is made.

    Raises:
        NetworkError: a damaged archive, or one that holds no weights or several.
    """
    found: list[Path] = []
    texts: list[Path] = []
    names: list[str] = []
    try:
        with _members(path) as members:
            for name, size, opened in members:
                names.append(name)
                with opened() as file:
                    start = file.read(ENOUGH)
                    text = size < MOST_TEXT and name.endswith((".txt", ".csv"))
                    if not text and not _are_weights(start, size):
                        continue
                    target = into / Path(name.replace("\\", "/")).name
                    if target.exists():
                        raise NetworkError(f"{path} holds two files '{printable(target.name)}'")
                    with target.open("wb") as out:
                        out.write(start)
                        shutil.copyfileobj(file, out, 1 << 20)
                    (texts if text else found).append(target)
    except DAMAGED as error:
        raise NetworkError(f"{path} cannot be unpacked: {error}") from error
    held = ", ".join(printable(name) for name in names[:8]) or "nothing"
    if not found:
        raise NetworkError(f"{path} holds no weights, but {held}")
    if len(found) > 1:  # what only begins as a caffemodel may be anything
        found = [file for file in found if _can_be_read(file)] or found
    if len(found) > 1:
        several = ", ".join(file.name for file in found)
        raise NetworkError(f"{path} holds several weight files ({several}): unpack it and name one")
    return found[0], texts


def _can_be_read(path: Path) -> bool:
    try:
        read_weights(path)
    except NetworkError:
        return False
    return True


def _are_weights(start: bytes, size: int) -> bool:
    try:
        recognised(start, "")
    except NetworkError:
        return False
    return size > ENOUGH


@contextmanager
def _members(path: Path) -> Iterator[Iterator[Member]]:
    """The files in an archive, each with its size and a way to open it."""
    with ExitStack() as stack:
        if zipfile.is_zipfile(path):
            zipped = stack.enter_context(zipfile.ZipFile(path))
            infos = [info for info in zipped.infolist() if not info.is_dir()]
            yield _bounded((i.filename, i.file_size, lambda i=i: zipped.open(i)) for i in infos)  # type: ignore[misc]
        else:
            tar = stack.enter_context(tarfile.open(path))
            yield _bounded(
                (info.name, info.size, lambda info=info: tar.extractfile(info))  # type: ignore[misc]
                for info in tar
                if info.isreg()
            )


def _bounded(members: Iterator[Member]) -> Iterator[Member]:
    total = 0
    for count, member in enumerate(members):
        total += member[1]
        if total > MOST_BYTES or count >= MOST_MEMBERS:
            raise tarfile.TarError("it holds more than any network's archive would")
        yield member
