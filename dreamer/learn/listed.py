"""Which pictures lie in class folders, what they are called and which class they show; nothing is
read yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dreamer.errors import DataError, did_you_mean
from dreamer.media.kinds import PICTURE_ENDINGS


@dataclass(frozen=True)
class Listed:
    """Files, the names they are split by (below the data folder, with `/`), their labels, which
    count `classes`, and the group of each class.
    """

    files: tuple[Path, ...]
    names: tuple[str, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    groups: tuple[str, ...]

    def thin(self, least: int) -> dict[str, int]:
        """Classes with fewer than `least` pictures, and how many they have."""
        counts = [0] * len(self.classes)
        for label in self.labels:
            counts[label] += 1
        return {c: n for c, n in zip(self.classes, counts, strict=True) if n < least}


def listed(root: Path, folders: Sequence[str], only: Sequence[str] = ()) -> Listed:
    """Every picture of the class folders of `root/folder` for each of `folders`; equal class names
    are one class. A class's group is the first name of the folder it was first seen in
    (`buildings/train` → `buildings`).

    Args:
        root: the data folder.
        folders: below it; each holds class folders.
        only: the classes that are wanted; all, if none are named.

    Raises:
        DataError: no such folder, a class folder without a picture, two that differ by case
            alone, or a class that is not there.
    """
    group_of: dict[str, str] = {}
    for folder in folders:
        for path in class_folders(root / folder):
            group_of.setdefault(path.name, folder.split("/")[0])
    wanted = _wanted(root, tuple(group_of), only)
    _refuse_doubles(root, wanted)
    number = {name: k for k, name in enumerate(wanted)}
    found = [
        (path, folder_path.name)
        for folder in folders
        for folder_path in class_folders(root / folder)
        if folder_path.name in number
        for path in pictures_in(folder_path)
    ]
    if not found:
        where = ", ".join(folders) or "any folder"
        raise DataError(f"{root}: no pictures in the class folders of {where}")
    _refuse_empty(root, set(wanted) - {name for _, name in found})
    return Listed(
        files=tuple(path for path, _ in found),
        names=tuple(path.relative_to(root).as_posix() for path, _ in found),
        labels=tuple(number[name] for _, name in found),
        classes=wanted,
        groups=tuple(group_of[name] for name in wanted),
    )


def listed_folder(folder: Path, split_as: str, only: Sequence[str] = ()) -> Listed:
    """Every picture of the class folders of `folder`, pictures in folders below those too.

    `split_as` stands before the names that the split hashes: by default the folder's own, so that
    a training that names `folder` below its data splits the pictures alike.

    Raises:
        DataError: as `listed`; fewer than two classes.
    """
    there = {path.name: path for path in class_folders(folder)}
    classes = [there[name] for name in _wanted(folder, tuple(there), only)]
    if len(classes) < 2:
        has = f"one class folder, '{classes[0].name}'" if classes else "no class folders"
        has += " that is wanted" if only else ""
        raise DataError(
            f"{folder} has {has}: at least two are needed, each with pictures of one class, as in "
            f"{folder.name}/daisy/1.jpg and {folder.name}/tulips/1.jpg"
        )
    names = tuple(path.name for path in classes)
    _refuse_doubles(folder, names)
    found = [(path, k) for k, own in enumerate(classes) for path in pictures_in(own)]
    _refuse_empty(folder, {names[k] for k in set(range(len(names))) - {k for _, k in found}})
    return Listed(
        files=tuple(path for path, _ in found),
        names=tuple(f"{split_as}/{path.relative_to(folder).as_posix()}" for path, _ in found),
        labels=tuple(k for _, k in found),
        classes=names,
        groups=(split_as,) * len(names),
    )


def class_folders(folder: Path) -> list[Path]:
    """The folders in `folder`, in the order of their names; hidden ones are nobody's.

    Raises:
        DataError: no such folder.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder of class folders")
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def pictures_in(folder: Path) -> list[Path]:
    """Every picture in `folder` and below, by its ending, in the order of their paths."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURE_ENDINGS
        and not path.name.startswith(".")
        and path.is_file()
    )


def _wanted(root: Path, there: tuple[str, ...], only: Sequence[str]) -> tuple[str, ...]:
    for name in only:
        if name not in there:
            raise DataError(f"{root}: no class folder '{name}'{did_you_mean(name, there)}")
    return tuple(only) or there


def _refuse_doubles(root: Path, classes: Sequence[str]) -> None:
    """Labels that people, and some file systems, would take for one."""
    seen: dict[str, str] = {}
    for name in classes:
        plain = " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
        other = seen.setdefault(plain, name)
        if other != name:
            raise DataError(
                f"{root}: the class folders '{other}' and '{name}' have one label; put their "
                "pictures into one folder, or give one of them another name"
            )


def _refuse_empty(root: Path, empty: set[str]) -> None:
    if empty:
        raise DataError(
            f"{root}: no pictures in the class folders {', '.join(sorted(empty))}; remove them, or "
            "name the folders that hold class folders"
        )
