"""Pictures that hosts send in the place of one that is gone, known by their hash."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from dreamer.errors import UsageError

# Flickr's "photo is no longer available", as it was sent over the years (MD5).
FLICKR = (
    "880a7a58e05d3e83797f27573bb6d35c",
    "596246739a83bb45e30e13437e0810d9",
    "969e595182a947c7fdaaef4a34401760",
    "af5db09e39ca35d8930b4e59962e09e5",
)
HASH = re.compile(r"([0-9a-fA-F]{64}|[0-9a-fA-F]{32})(\s.*)?")


def placeholders(files: Sequence[Path] = ()) -> frozenset[str]:
    """The hashes known here, and those in `files`: an MD5 or SHA-256 a line, words after it and
    lines with `#` passed over (as `md5sum` and `sha256sum` write them).

    Raises:
        UsageError: no such file, or a line that is no hash.
    """
    found = set(FLICKR)
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{file}: not a file of hashes ({error})") from error
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            match = HASH.fullmatch(line.strip())
            if match is None:
                raise UsageError(
                    f"{file}:{number}: expected an MD5 or SHA-256 in hexadecimal, not "
                    f"'{line.strip()[:40]}'"
                )
            found.add(match[1].lower())
    return frozenset(found)
