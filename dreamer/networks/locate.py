"""Where the weights of a card should lie, and whether what lies there is what it says. No torch."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

from dreamer.networks.cards import HERE, Card
from dreamer.networks.home import networks_folder

SETTLED = 2e9  # nanoseconds, more than what file systems round the time of a change to
Stamp = tuple[int, ...]
_known: dict[str, tuple[Stamp, str]] = {}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return digest_of(path, "sha256")


def sha256_once(path: Path) -> str:
    """SHA-256 of a file that many ask for, read once by this process while nobody changes it."""
    stamp = _stamp(path)
    before = _known.get(str(path.absolute()))
    if before is not None and before[0] == stamp:
        return before[1]
    found = sha256_of(path)
    # What was changed just now may be changed again without looking any other.
    if stamp == _stamp(path) and abs(time.time_ns() - max(stamp[:2])) > SETTLED:
        _known[str(path.absolute())] = stamp, found
    return found


def _stamp(path: Path) -> Stamp:
    at = path.stat()
    return at.st_mtime_ns, at.st_ctime_ns, at.st_size, at.st_ino, at.st_dev


def digest_of(path: Path, kind: str) -> str:
    """The hash of a file by the algorithm `kind`, in hexadecimal."""
    digest = hashlib.new(kind, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def is_here(card: Card) -> bool:
    """Whether the weights of `card` are on this machine, or need no file."""
    return not missing(card)


def missing(card: Card) -> str:
    """Why the weights of `card` cannot be used, and what to do; nothing where they can be.

    Dreamer keeps what was published in another format with a card of its own, which says its hash.
    Where the catalogue has only its own card, what lies there is of nobody knows what.
    """
    path = weights_path(card)
    if path is None:
        return ""
    if not path.is_file():
        return f"its weights are not here ({path}); {card.fetching}"
    if card.weights.kind == "cache" and not path.with_suffix(".json").is_file():
        return (
            f"its weights are not here: {path} lies there without its card ({card.name}.json), and "
            f"may be anything; {card.fetching}"
        )
    return ""


def weights_path(card: Card) -> Path | None:
    """Where the weights of `card` should lie, or None where they come from no file."""
    if card.weights.kind == "package":
        return HERE / "weights" / card.weights.file
    if card.weights.kind == "file":
        return Path(card.weights.file)
    if card.weights.kind == "cache":
        return networks_folder() / f"{card.name}.safetensors"
    if card.weights.kind == "torchvision":
        torch_home = os.environ.get("TORCH_HOME") or Path(
            os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "torch"
        )
        return Path(torch_home, "hub", "checkpoints", card.weights.file)
    return None
