"""What an answer's head says: may its picture be learnt from, and how are its bytes packed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable

from dreamer import __version__

OPT_OUTS = ("noai", "noimageai", "noindex", "noimageindex", "none")  # "none" has noindex in it
US = "dreamer"


def user_agent(contact: str = "") -> str:
    """What hosts are told of who asks."""
    to = f"; {contact}" if contact else ""
    return (
        f"{US}/{__version__} (gathers pictures to train an image classifier, "
        f"heeds X-Robots-Tag{to})"
    )


def opted_out(robots_tags: Iterable[str]) -> str:
    """The word by which `X-Robots-Tag` headers forbid learning from a picture, or nothing.

    What is said to another robot by name (`otherbot: noindex`) is not said to us.
    """
    for header in robots_tags:
        to_us = True
        for part in header.lower().split(","):
            name, colon, rest = part.partition(":")
            if colon and re.fullmatch(r"\s*[\w.*-]+\s*", name):
                word = name.strip()
                if word in ("max-snippet", "max-image-preview", "max-video-preview"):
                    continue
                if word == "unavailable_after":
                    continue
                to_us = word in (US, "*")
                part = rest
            if to_us and part.strip() in OPT_OUTS:
                return part.strip()
    return ""


class Unpacking:
    """A body as it was before `Content-Encoding`, never more than asked for: a few bytes may
    stand for gigabytes.
    """

    def __init__(self, encoding: str) -> None:
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise ValueError(f"packed as '{encoding[:40]}', which was not asked for")
        self._machine = None if encoding in ("", "identity") else zlib.decompressobj(47)

    def __call__(self, piece: bytes, most: int) -> bytes:
        """What `piece` stands for, cut after `most` bytes.

        Raises:
            ValueError: it is not packed as was said.
        """
        if self._machine is None:
            return piece[:most]
        try:
            return self._machine.decompress(piece, max(1, most))[:most]
        except zlib.error as error:
            raise ValueError(f"not packed as its Content-Encoding says: {error}") from error

    @property
    def whole(self) -> bool:
        """Whether the end was reached."""
        return self._machine is None or self._machine.eof
