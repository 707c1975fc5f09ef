"""Sets of labels that several networks share: ImageNet's thousand, Places' 205 and 365.

ImageNet's names come with torchvision. Nobody's licence lets us bring the others, so a person
keeps the publisher's file in dreamer's own folder, once, and every network of the set reads it.
"""

from __future__ import annotations

import ast
import importlib.util
import os
from functools import cache
from pathlib import Path

from dreamer.errors import NetworkError
from dreamer.networks.home import home
from dreamer.networks.labels import Labels, bytes_of, labels_in, read_labels

COUNTS = {"imagenet": 1000, "places205": 205, "places365": 365}


@cache
def imagenet_classes() -> tuple[str, ...]:
    """The thousand ImageNet class names, in order, as torchvision publishes them.

    Read as data from its source where that works, since importing torchvision takes seconds.
    """
    found = importlib.util.find_spec("torchvision")
    if found is not None and found.origin:
        meta = Path(found.origin).parent / "models" / "_meta.py"
        if meta.is_file():
            for node in ast.parse(meta.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
                    names = ast.literal_eval(node.value)
                    if len(names) == 1000:
                        return tuple(names)
    from torchvision.models import GoogLeNet_Weights

    return tuple(GoogLeNet_Weights.IMAGENET1K_V1.meta["categories"])


def numbered(count: int) -> tuple[str, ...]:
    """Names for classes that nobody has named: `class 17`."""
    return tuple(f"class {number}" for number in range(count))


def kept_at(key: str) -> Path:
    """Where the file of a set's labels lies, if a person has kept one."""
    return home() / "labels" / f"{key}.txt"


def kept_files() -> tuple[tuple[str, int, int, int] | None, ...]:
    """What tells whether a kept file came, went or changed: for caches of what was read."""
    found: list[tuple[str, int, int, int] | None] = []
    for path in map(kept_at, COUNTS):
        try:
            at = path.stat()
        except OSError:
            found.append(None)
        else:
            found.append((str(path), at.st_ino, at.st_size, at.st_mtime_ns))
    return tuple(found)


def bare_set(key: str) -> Labels:
    """The labels of the set `key` without a kept file: ImageNet's names, or numbers."""
    return Labels(imagenet_classes() if key == "imagenet" else numbered(COUNTS[key]))


def label_set(key: str) -> Labels:
    """The labels of the set `key`, from the kept file where there is one. Names of ImageNet stay
    torchvision's; the file gives their wordnet ids.

    Raises:
        NetworkError: a file that does not hold the labels of that set.
    """
    path = kept_at(key)
    if not path.exists():
        return bare_set(key)
    found = read_labels(path)
    if key == "imagenet":
        if label_set_of(found) != key:
            raise NetworkError(f"labels: {path}: expected ImageNet's 1000 wordnet ids, in order")
        return Labels(imagenet_classes(), found.synsets)
    if len(found.names) != COUNTS[key]:
        raise NetworkError(f"labels: {path} holds {len(found.names)} names; expected {COUNTS[key]}")
    return found


def label_set_of(labels: Labels) -> str | None:
    """Which of the sets `labels` are, or None.

    ImageNet's classes are in the order of their ids. A list in another order (its development
    kit's) would name every class wrongly, and is none.
    """
    ids = labels.synsets
    if len(ids) == COUNTS["imagenet"] and list(ids) == sorted(set(ids)):
        return "imagenet"
    counts = {COUNTS[key]: key for key in ("places205", "places365")}
    return counts.get(len(labels.names)) if labels.places else None


def named(labels: Labels) -> Labels:
    """`labels`, with ImageNet's names where there are only its ids."""
    if labels.names == labels.synsets and label_set_of(labels) == "imagenet":
        return Labels(imagenet_classes(), labels.synsets)
    return labels


def keep_labels(path: Path, replace: bool = False) -> str:
    """Keep a file of labels for all networks of its set.

    Args:
        path: the file.
        replace: whether other labels that are kept give way.

    Returns: the set's key.

    Raises:
        NetworkError: no labels, none of the sets, or others are kept already.
    """
    data = bytes_of(path)
    labels = labels_in(data, path)
    key = label_set_of(labels)
    if key is None:
        raise NetworkError(
            f"labels: {path}: its {len(labels.names)} names are not ImageNet's (1000 wordnet ids, "
            "in order) or Places' (205 or 365 lines like '/a/airfield 0'); a recipe can name it: "
            "network: {architecture: …, weights: FILE, labels: FILE}"
        )
    kept = kept_at(key)
    if kept.exists() and not replace and not _holds(kept, labels):
        raise NetworkError(f"labels: {kept} holds other labels than {path}; remove it first")
    try:
        _put(kept, data)
    except OSError as error:
        raise NetworkError(f"labels: {kept}: {error}") from error
    return key


def _holds(path: Path, labels: Labels) -> bool:
    try:
        return read_labels(path) == labels
    except NetworkError:
        return False


def _put(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
