"""`dataset split` divides as training does."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from picture_site import photograph, saved

from dreamer.datasets.pages import _cells
from dreamer.errors import FolderError, UsageError
from dreamer.jobs.dataset_check import check
from dreamer.jobs.dataset_split import split
from dreamer.learn.split import part_of


def put(root: Path, name: str, data: bytes) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for k in range(40):
        put(tmp_path / "data", f"flowers/{'ab'[k % 2]}/{k}.jpg", b"picture %d" % k)
    return tmp_path / "data"


def test_a_table_says_what_training_does(data: Path, tmp_path: Path) -> None:
    found = split(data, tmp_path / "parts.csv")
    rows = list(csv.DictReader((tmp_path / "parts.csv").read_text().splitlines()))
    assert len(rows) == 40
    for row in rows:
        assert row["part"] == part_of(row["name"])
        assert row["name"].startswith("flowers/")
    assert sum(row["part"] == "training" for row in rows) == sum(
        counts["training"] for counts in found.counts.values()
    )
    put(tmp_path, "other.csv", b"mine")
    with pytest.raises(UsageError, match="is there already"):
        split(data, tmp_path / "other.csv")


def test_a_picture_has_one_part_wherever_one_looks_from(data: Path) -> None:
    whole = split(data).counts
    assert split(data / "flowers").counts == whole


def test_folders_in_a_class_folder_stay_in_parts_as_folders(tmp_path: Path) -> None:
    put(tmp_path, "data/a/1.jpg", b"one")
    put(tmp_path, "data/a/deeper/1.jpg", b"another")
    split(tmp_path / "data", tmp_path / "parts", validation=0, test=0)
    train = tmp_path / "parts" / "train" / "a"
    assert (train / "1.jpg").read_bytes() == b"one"
    assert (train / "deeper" / "1.jpg").read_bytes() == b"another"


def test_sheets_say_the_class_of_pictures_that_lie_deeper(tmp_path: Path) -> None:
    for name in ("a/deeper/1.png", "a/2.png", "b/3.png"):
        put(tmp_path, f"data/{name}", saved(photograph(3), "png"))
    found = check(tmp_path / "data", tmp_path / "out", network="none")
    assert found.classes == {"a": 2, "b": 1}
    assert {page.name for page in found.pages} >= {"ambiguous-1.jpg"}
    (finding,) = [f for f in found.findings if f.kind == "ambiguous" and f.name == "b/3.png"]
    cells = _cells(finding, {"a/2.png": "a", "a/deeper/1.png": "a", "b/3.png": "b"})
    assert [words for _, words in cells] == ["1 a", "1 b"]


def test_another_folder_is_not_mixed_into(data: Path, tmp_path: Path) -> None:
    put(tmp_path, "mine/rose/1.jpg", b"mine")
    with pytest.raises(FolderError, match=r"mine holds something else \(rose\); name an empty"):
        split(data, tmp_path / "mine")
    assert not (tmp_path / "mine" / "train").exists()


@pytest.mark.parametrize("link", [False, True])
def test_parts_as_folders(data: Path, tmp_path: Path, link: bool) -> None:
    out = tmp_path / "parts"
    split(data, out, link=link, validation=0.2, test=0.3)
    names = sorted(p.relative_to(out).as_posix() for p in out.rglob("*.jpg"))
    assert len(names) == 40
    for path in (data / "flowers").glob("*/*.jpg"):
        relative = path.relative_to(data).as_posix()
        part = part_of(relative, validation=0.2, test=0.3).replace("training", "train")
        place = out / part / path.parent.name / path.name
        assert place.read_bytes() == path.read_bytes()
        assert place.samefile(path) == link
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*.jpg")}
    split(data, out, link=link, validation=0.2, test=0.3)  # again is nothing new
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*.jpg")} == before
    with pytest.raises(FolderError, match="divided in another way"):
        split(data, out, link=link)
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*.jpg")) == names


def test_what_cannot_be_divided(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leave something"):
        split(data, validation=0.6, test=0.5)
    with pytest.raises(UsageError, match="lies in the data set"):
        split(data, data / "parts")
    with pytest.raises(UsageError, match="only together with --out FOLDER"):
        split(data, link=True)
    put(data, "others/a/0.jpg", b"another")
    with pytest.raises(FolderError, match="two pictures would have one name"):
        split(data, tmp_path / "parts", validation=0, test=0)
