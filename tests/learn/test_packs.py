"""A pack holds what its folders hold."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from parted import squares_of

from dreamer.errors import DataError, UsageError
from dreamer.jobs.dataset_pack import pack
from dreamer.learn.listed import listed
from dreamer.learn.packs import read_pack, write_pack

FolderMaker = Callable[[Path, int], Path]


def test_a_pack_holds_what_the_folders_hold(data: Path, tmp_path: Path) -> None:
    size = write_pack(listed(data, ["things"]), 36, tmp_path / "pictures.pack", quality=95)
    assert size == (tmp_path / "pictures.pack").stat().st_size
    for part in ("training", "validation", "test"):
        packed = read_pack(tmp_path / "pictures.pack", ["things"], 36, part)
        read = squares_of(listed(data, ["things"]), 36, part)
        assert packed.classes == read.classes
        assert torch.equal(packed.labels, read.labels)
        off = (packed.pictures.float() - read.pictures.float()).mean((2, 3)).abs()
        assert off.numel() == 0 or off.max() < 6
    (tmp_path / "no.pack").write_bytes(b"<html>")
    with pytest.raises(DataError, match="not a pack"):
        read_pack(tmp_path / "no.pack", ["things"], 36, "training")


def test_a_pack_gives_the_folders_asked_for_alone(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "things", tmp_path / "many" / "others")
    for name in ("red", "green", "blue"):
        (tmp_path / "many" / "others" / name).rename(tmp_path / "many" / "others" / f"a_{name}")
    shutil.copytree(data / "things", tmp_path / "many" / "things")
    made = pack(tmp_path / "many", tmp_path / "pictures.pack", side=36)
    assert made.size == made.file.stat().st_size
    found = read_pack(made.file, ["things"], 36, "training")
    alone = squares_of(listed(tmp_path / "many", ["things"]), 36, "training")
    assert (found.classes, found.groups) == (alone.classes, alone.groups)
    assert torch.equal(found.labels, alone.labels)
    with pytest.raises(DataError, match="packed without flowers"):
        read_pack(made.file, ["flowers"], 36, "training")
    with pytest.raises(UsageError, match="is there already"):
        pack(tmp_path / "many", made.file)
    with pytest.raises(UsageError, match="no such folder"):
        pack(tmp_path / "many", tmp_path / "nowhere" / "pictures.pack")


def test_of_a_folder_in_a_folder_a_pack_gives_no_more_than_the_folder_holds(
    data: Path, tmp_path: Path
) -> None:
    """`folders: [buildings/train]` must not learn what lies in buildings/test."""
    many, folder = tmp_path / "many", "buildings/train"
    for part, names in (
        ("train", ["red", "green"]),
        ("test", ["red", "blue"]),
        ("train2", ["red"]),
    ):
        for name in names:
            shutil.copytree(data / "things" / name, many / "buildings" / part / name)
    made = pack(many, tmp_path / "pictures.pack", side=36)
    for part in ("training", "validation", "test"):
        found = read_pack(made.file, [folder], 36, part)  # type: ignore[arg-type]
        alone = squares_of(listed(many, [folder]), 36, part)  # type: ignore[arg-type]
        assert (found.classes, found.groups) == (alone.classes, alone.groups)
        assert torch.equal(found.labels, alone.labels)
    whole = read_pack(made.file, ["buildings"], 36, "training")
    assert whole.classes == listed(many, ["buildings"]).classes
    with pytest.raises(DataError, match=r"packed without buildings/tr$"):
        read_pack(made.file, ["buildings/tr"], 36, "training")


def test_a_pack_of_before_folders_were_kept_gives_whole_ones_alone(
    data: Path, tmp_path: Path
) -> None:
    write_pack(listed(data, ["things"]), 36, tmp_path / "new.pack")
    tensors = safetensors.torch.load_file(tmp_path / "new.pack")
    del tensors["places"]
    with safetensors.safe_open(tmp_path / "new.pack", "pt") as file:
        words = file.metadata()
    del words["folders"]
    safetensors.torch.save_file(tensors, tmp_path / "old.pack", metadata=words)
    old = read_pack(tmp_path / "old.pack", ["things"], 36, "test")
    new = read_pack(tmp_path / "new.pack", ["things"], 36, "test")
    assert (old.classes, old.groups, old.names) == (new.classes, new.groups, new.names)
    assert torch.equal(old.pictures, new.pictures)
    with pytest.raises(DataError, match=r"without things/train; .* first names .*: pack anew$"):
        read_pack(tmp_path / "old.pack", ["things/train"], 36, "test")


def test_files_that_are_no_pictures_and_folders_without_any_are_named(
    make_folders: FolderMaker, tmp_path: Path
) -> None:
    make_folders(tmp_path, 4)
    (tmp_path / "things" / "red" / "torn.jpg").write_bytes(b"\xff\xd8 and no more")
    with pytest.raises(DataError, match=r"red/torn\.jpg: not a picture"):
        write_pack(listed(tmp_path, ["things"]), 36, tmp_path / "pictures.pack")
    assert not list(tmp_path.glob("*pictures.pack*"))
    (tmp_path / "things" / "yellow").mkdir()
    with pytest.raises(DataError, match="no pictures in the class folders yellow;"):
        listed(tmp_path, ["things"])


@pytest.mark.parametrize("folders", [[], ["things"]])
def test_the_folder_of_class_folders_itself_is_told_the_one_above(
    data: Path, tmp_path: Path, folders: list[str]
) -> None:
    out = tmp_path / "a.pack"
    meant = re.escape(f"did you mean `dreamer dataset pack {data} {out} --folder=things`?")
    with pytest.raises(DataError, match=meant):
        pack(data / "things", out, folders)
    (tmp_path / "bare" / "nothing").mkdir(parents=True)
    with pytest.raises(DataError, match=r"no pictures in the class folders of nothing$"):
        pack(tmp_path / "bare", out)
