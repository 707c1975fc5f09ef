"""Which pictures a training reads, what they are called and which class they show; nothing is read
yet. What a class folder is, is said in `media/class_folders`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dreamer.errors import DataError, did_you_mean, in_unicode, printable
from dreamer.media.class_folders import ClassFolders, ClassPicture, class_folders


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
        folders: below it; each holds class folders, or groups of them.
        only: the classes that are wanted; all, if none are named.

    Raises:
        DataError: no such folder or one that cannot be read, a class folder without a picture, two
            that differ by case alone, folders that may be classes or groups, or a class that is
            not there, named twice, or cannot be written as a line.
    """
    parts = [(folder, _opened(root / folder, only)) for folder in folders]
    here = [
        (picture, picture.path.relative_to(root).as_posix(), folder.split("/")[0])
        for folder, inside in parts
        for picture in inside.pictures
    ]
    empty = [name for _, inside in parts for name in inside.empty]
    if not here and not empty:
        where = ", ".join(folders) or "any folder"
        raise DataError(f"{root}: no pictures in the class folders of {where}")
    return _of_classes(root, here, empty, only)


def data_above(root: Path, folder: str) -> Path | None:
    """The data folder that was meant where `root` is the `folder` below it, or on the way there;
    None where it is not.
    """
    parts, here = PurePosixPath(folder).parts, root.resolve()
    for depth in range(len(parts), 0, -1):
        if here.parts[-depth:] == parts[:depth] and root.joinpath(*parts[depth:]).is_dir():
            as_said = root if ".." not in root.parts and len(root.parts) > depth else here
            return as_said.parents[depth - 1]
    return None


def listed_folder(folder: Path, split_as: str, only: Sequence[str] = ()) -> Listed:
    """Every picture of the class folders of `folder`; where those lie in groups (`train/rose`,
    `test/rose`), equal class names are one class.

    `split_as` stands before the names that the split hashes, of class folders in `folder` itself:
    by default the folder's own, so that a training that names `folder` below its data splits the
    pictures alike.

    Raises:
        DataError: as `listed`; fewer than two classes.
    """
    inside = _opened(folder, only)
    here = [
        (
            picture,
            picture.name if picture.folder else f"{split_as}/{picture.name}",
            picture.folder.split("/")[0] or split_as,
        )
        for picture in inside.pictures
    ]
    found = _of_classes(folder, here, inside.empty, only)
    if len(found.classes) < 2:
        has = f"one class folder, '{found.classes[0]}'" if found.classes else "no class folders"
        has += " that is wanted" if only else ""
        raise DataError(
            f"{folder} has {has}: at least two are needed, each with pictures of one class, as in "
            f"{folder.name}/daisy/1.jpg and {folder.name}/tulips/1.jpg"
        )
    return found


def _opened(folder: Path, only: Sequence[str]) -> ClassFolders:
    """The class folders of `folder`, if all of it can be read and says what the classes are."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder of class folders")
    found = class_folders(folder)
    for name, reason in found.unreadable.items():
        raise DataError(f"{folder / name}: cannot be read ({reason})")
    if not only:
        _refuse_mixed(found)
    return found


def _of_classes(
    root: Path,
    here: Sequence[tuple[ClassPicture, str, str]],
    empty: Sequence[str],
    only: Sequence[str],
) -> Listed:
    """Pictures with the names they are split by and their groups, as classes in the order in which
    these are seen, or named.
    """
    group_of: dict[str, str] = {}
    for picture, _, group in here:
        group_of.setdefault(picture.category, group)
    without = {PurePosixPath(name).name for name in empty} - set(group_of)
    wanted = _wanted(root, (*group_of, *sorted(without)), only)
    _refuse_unwritable(root, wanted)
    _refuse_doubles(root, wanted)
    _refuse_empty(root, without & set(wanted))
    number = {name: k for k, name in enumerate(wanted)}
    found = [
        (picture.path, name, number[picture.category])
        for picture, name, _ in here
        if picture.category in number
    ]
    return Listed(
        files=tuple(path for path, _, _ in found),
        names=tuple(name for _, name, _ in found),
        labels=tuple(label for _, _, label in found),
        classes=wanted,
        groups=tuple(group_of[name] for name in wanted),
    )


def _wanted(root: Path, there: tuple[str, ...], only: Sequence[str]) -> tuple[str, ...]:
    for place, name in enumerate(only):
        if name in only[:place]:
            raise DataError(f"{root}: the class '{name}' is named twice; name each class once")
        if name not in there:
            raise DataError(f"{root}: no class folder '{name}'{did_you_mean(name, there)}")
    return tuple(only) or there


def _refuse_mixed(found: ClassFolders) -> None:
    """Folders that may be groups, or classes whose pictures lie deeper: only a person knows."""
    classes = [picture.category for picture in found.pictures if not picture.folder]
    deeper = [picture for picture in found.pictures if picture.folder]
    if classes and deeper:
        other = deeper[0].name.split("/")
        raise DataError(
            f"{found.root}: '{classes[0]}' holds pictures, '{other[0]}' none but folders of them "
            f"('{other[1]}'): which are the classes is not clear; name the folders that hold class "
            "folders, or the classes, or put the pictures of each class into one folder"
        )


def _refuse_unwritable(root: Path, classes: Sequence[str]) -> None:
    """Labels that would not be a line of a network's labels."""
    for name in classes:
        if in_unicode(name) != name:
            why = "a name that is no UTF-8"
        elif name.splitlines() != [name]:
            why = "a line break in its name"
        else:
            continue
        raise DataError(f"{root}: the class folder '{printable(name)}' has {why}; rename it")


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
