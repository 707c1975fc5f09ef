"""What a class folder is, is one thing to all: what is checked and divided is what is learnt."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from dreamer.errors import DataError
from dreamer.jobs.dataset_split import split
from dreamer.learn.listed import Listed, listed, listed_folder
from dreamer.learn.split import part_of
from dreamer.media.class_folders import class_folders


def put(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


def of_training(found: Listed) -> dict[Path, tuple[str, str]]:
    """Class and part of each file."""
    rows = zip(found.files, found.names, found.labels, strict=True)
    return {file: (found.classes[label], part_of(name)) for file, name, label in rows}


def of_split(folder: Path, table: Path) -> dict[Path, tuple[str, str]]:
    split(folder, table)
    with table.open(newline="") as file:
        return {folder / row["name"]: (row["class"], row["part"]) for row in csv.DictReader(file)}


DEEP = [f"flowers/{place}/{k}.jpg" for place in ("alpha", "alpha/sub", "beta") for k in range(20)]
LAYOUTS = {
    "plain": [f"flowers/{name}/{k}.jpg" for name in ("alpha", "beta") for k in range(20)],
    "pictures below those of a class": DEEP,
    "hidden ones": [*DEEP, "flowers/.git/0.jpg", "flowers/alpha/.thumbs/0.jpg", "flowers/.0.png"],
    "strays": [*DEEP, "stray.jpg", "flowers/alpha/notes.txt"],
}


@pytest.mark.parametrize("names", LAYOUTS.values(), ids=LAYOUTS)
def test_all_have_the_same_classes_and_parts(names: Sequence[str], tmp_path: Path) -> None:
    root = put(tmp_path / "pictures", *names)
    learnt = of_training(listed_folder(root / "flowers", "flowers"))
    assert {name for name, _ in learnt.values()} == {"alpha", "beta"}
    assert {part for _, part in learnt.values()} == {"training", "validation", "test"}
    assert of_training(listed(root, ["flowers"])) == learnt
    assert of_split(root, tmp_path / "all.csv") == learnt
    assert of_split(root / "flowers", tmp_path / "flowers.csv") == learnt


def test_a_folder_of_class_folders_is_a_group(tmp_path: Path) -> None:
    root = put(tmp_path / "data", *(f"{p}/{c}/{p}{c}.jpg" for p in ("train", "test") for c in "ab"))
    found = listed_folder(root, "data")
    assert (found.classes, found.groups) == (("a", "b"), ("test", "test"))
    assert found.names[0] == "test/a/testa.jpg"
    assert of_training(found) == of_split(root, tmp_path / "parts.csv")


def test_what_may_be_a_class_or_a_group_is_not_guessed(tmp_path: Path) -> None:
    root = put(
        tmp_path / "data", "pets/alpha/1.jpg", "pets/beta/2019/2.jpg", "pets/beta/2020/3.jpg"
    )
    expected = r"pets: 'alpha' holds pictures, 'beta' none but folders of them \('2019'\)"
    with pytest.raises(DataError, match=expected):
        listed_folder(root / "pets", "pets")
    with pytest.raises(DataError, match=expected):
        listed(root, ["pets"])
    assert listed_folder(root / "pets", "pets", ["2019", "alpha"]).classes == ("2019", "alpha")


def test_hidden_folders_are_nobodys_at_any_depth(tmp_path: Path) -> None:
    root = put(tmp_path / ".data", "alpha/1.jpg", "beta/1.jpg", "beta/x/.y/2.jpg", ".git/a/3.jpg")
    put(root, "alpha/.thumbs/1.jpg", "alpha/._1.jpg")
    found = listed_folder(root, "data")
    assert found.names == ("data/alpha/1.jpg", "data/beta/1.jpg")


def test_linked_class_folders_are_seen_by_all(tmp_path: Path) -> None:
    away = put(tmp_path / "away", "roses/1.jpg", "roses/deeper/2.jpg")
    root = put(tmp_path / "data", "alpha/1.jpg")
    (root / "roses").symlink_to(away / "roses")
    learnt = of_training(listed_folder(root, "data"))
    assert [name for name, _ in learnt.values()] == ["alpha", "roses", "roses"]
    assert of_split(root, tmp_path / "parts.csv") == learnt


def test_links_that_lead_back_are_not_followed(tmp_path: Path) -> None:
    root = put(tmp_path / "data", "flowers/alpha/1.jpg", "flowers/beta/1.jpg")
    (root / "flowers" / "again").symlink_to(root)
    (root / "again").symlink_to(root, target_is_directory=True)
    (root / "flowers" / "alpha" / "up").symlink_to(root / "flowers")
    (root / "flowers" / "itself").symlink_to("itself")
    (root / "flowers" / "alpha" / "itself.jpg").symlink_to("itself.jpg")
    (root / "flowers" / "alpha" / "gone.jpg").symlink_to("nowhere.jpg")
    found = class_folders(root)
    assert [picture.name for picture in found.pictures] == [
        "flowers/alpha/1.jpg",
        "flowers/beta/1.jpg",
    ]
    assert (found.empty, found.unreadable) == ((), {})
    assert listed_folder(root / "flowers", "flowers", ["alpha", "beta"]).labels == (0, 1)
    with pytest.raises(DataError, match="no pictures in the class folders again;"):
        listed(root, ["flowers"])  # a class folder by its place, in which nothing new is


def test_empty_class_folders_are_named(tmp_path: Path) -> None:
    root = put(tmp_path / "data", "alpha/1.jpg", "beta/1.jpg", "gamma/notes.txt")
    (root / "delta" / "deeper").mkdir(parents=True)
    assert class_folders(root).empty == ("delta", "gamma")
    with pytest.raises(DataError, match="no pictures in the class folders delta, gamma;"):
        listed_folder(root, "data")
    assert listed_folder(root, "data", ["beta", "alpha"]).labels == (1, 0)


def test_a_class_is_named_once(tmp_path: Path) -> None:
    root = put(tmp_path / "data", "flowers/alpha/1.jpg", "flowers/beta/1.jpg")
    with pytest.raises(DataError, match="flowers: the class 'alpha' is named twice"):
        listed_folder(root / "flowers", "flowers", ["alpha", "alpha", "beta"])
    with pytest.raises(DataError, match="data: the class 'beta' is named twice"):
        listed(root, ["flowers"], ["beta", "alpha", "beta"])
