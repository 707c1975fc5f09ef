"""Which folders, pictures and words can be retrained from, and what is said of others."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from retrainings import run

from dreamer.errors import DataError, FolderError, NetworkError, RecipeError, UsageError
from dreamer.jobs.retrain import retrain
from dreamer.learn.distinct import digested
from dreamer.learn.listed import listed_folder
from dreamer.learn.photographs import Parts

pytestmark = pytest.mark.usefixtures("home")


def test_of_equal_pictures_the_one_that_is_tested_on_stays(things: Path) -> None:
    parts = Parts()
    found = listed_folder(things, "things")
    reds = {
        parts.of(name): file
        for name, file in zip(found.names, found.files, strict=True)
        if "/red/" in name
    }
    reds["training"].write_bytes(reds["test"].read_bytes())
    left = digested(found, parts)
    assert [parts.of(name) for name in left.left_out] == ["training"]
    assert len(left.found.files) == len(left.digests) == len(found.files) - 1


def test_of_equal_pictures_of_two_classes_none_stays_whatever_they_are_called(
    things: Path,
) -> None:
    """One of the labels is wrong, and neither the alphabet nor the split knows which."""
    shutil.copy(things / "red" / "1.png", things / "blue" / "also.png")
    shutil.copy(things / "red" / "1.png", things / "red" / "once_more.png")
    found = listed_folder(things, "things")
    left = digested(found, Parts())
    copies = {"things/blue/also.png", "things/red/1.png", "things/red/once_more.png"}
    assert set(left.left_out) == copies
    assert not copies & set(left.found.names)
    assert len(left.found.files) == len(found.files) - 3
    for name, why in left.left_out.items():
        other = why.removeprefix("the same picture as ").removesuffix(", which is of another class")
        assert other in copies
        assert other.split("/")[1] != name.split("/")[1]


def test_a_class_all_of_whose_pictures_are_of_another_too_is_told_by_which_files(
    things: Path,
) -> None:
    for path in sorted((things / "red").iterdir())[2:]:
        path.unlink()
    here = [path.name for path in sorted((things / "red").iterdir())]
    for k, name in enumerate(here):
        shutil.copy(things / "red" / name, things / "blue" / f"also_{k}.png")
    (things / "green" / "1.png").write_bytes(b"")
    why = r"the same picture as things/blue/also_\d\.png, which is of another class"
    each = "; ".join(f"things/red/{name}: {why}" for name in here)
    with pytest.raises(DataError, match=rf"^no picture is left of red \({each}\)$"):
        digested(listed_folder(things, "things"), Parts())


@pytest.mark.skipif(sys.platform != "linux", reason="a file that no reading helps is needed")
def test_a_picture_that_the_system_does_not_give_is_left_out_and_said(things: Path) -> None:
    """As on a broken disk, or without the right to: a process's memory has nothing at 0."""
    (things / "red" / "ill.jpg").symlink_to("/proc/self/mem")
    (things / "red" / "ill_too.jpg").symlink_to("/proc/self/mem")
    found = listed_folder(things, "things")
    gone = things / "blue" / "3.png"
    gone.unlink()
    left = digested(found, Parts())
    assert left.left_out == {
        "things/blue/3.png": "cannot be read (No such file or directory)",
        "things/red/ill.jpg": "cannot be read (Input/output error)",
        "things/red/ill_too.jpg": "cannot be read (Input/output error)",
    }
    assert len(left.found.files) == len(left.digests) == len(found.files) - 3


def test_pictures_of_all_kinds_are_read_and_broken_ones_said(
    things: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    red = things / "red"
    Image.new("CMYK", (50, 40), (0, 255, 255, 0)).save(red / "cmyk.jpg")
    Image.fromarray(np.full((40, 40), 40_000, np.uint16)).save(red / "deep.png")
    Image.new("RGB", (40, 50), "red").quantize(4).save(red / "palette.png")
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    frames[0].save(red / "moving.gif", save_all=True, append_images=frames[1:], duration=50)
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (60, 40), "red").save(red / "turned.jpg", exif=turned)
    Image.new("RGB", (10_000, 10_000), "red").save(red / "large.jpg", quality=10)
    (red / "empty.jpg").write_bytes(b"")
    (red / "page.jpg").write_text("<html>not found</html>")
    (red / "torn.png").write_bytes((red / "1.png").read_bytes()[:400])
    (red / ".hidden.png").write_bytes(b"")
    (red / "notes.txt").write_text("mine")
    shutil.copy(red / "2.png", things / "green" / "again.png")
    ended = run(things, tmp_path / "out", "unfreeze=[]")
    skipped = ended.report["made"]["skipped"]
    assert set(skipped) == {
        "things/red/empty.jpg",
        "things/red/page.jpg",
        "things/red/torn.png",
        "things/red/2.png",
        "things/green/again.png",
    }
    assert skipped["things/red/2.png"] == (
        "the same picture as things/green/again.png, which is of another class"
    )
    assert "left out: things/red/empty.jpg" in caplog.text
    total = sum(sum(counts.values()) for counts in ended.report["made"]["pictures"].values())
    assert total == 3 * 14 + 5, "all the others, and of two that are one neither"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("alone", "has one class folder, 'red': at least two are needed"),
        ("none", "has no class folders: at least two"),
        ("empty", "no pictures in the class folders yellow; remove them"),
        ("same", "the class folders 'Red' and 'red' have one label"),
        ("broken", "no picture is left of yellow"),
    ],
)
def test_folders_that_teach_nothing(
    things: Path, tmp_path: Path, change: str, message: str
) -> None:
    if change in ("alone", "none"):
        gone = ("blue", "green", *(("red",) if change == "none" else ()))
        for name in gone:
            shutil.rmtree(things / name)
    elif change == "same":
        shutil.copytree(things / "red", things / "Red")
    else:
        (things / "yellow").mkdir()
        if change == "broken":
            (things / "yellow" / "1.png").write_bytes(b"no")
    with pytest.raises(DataError, match=message):
        run(things, tmp_path / "out")


@pytest.mark.skipif(sys.platform != "linux", reason="a system with names that are no UTF-8")
def test_files_whose_names_are_no_utf8_are_learnt_and_shown(things: Path, tmp_path: Path) -> None:
    """As a disk from an old Windows has them; reports say U+FFFD for what no letter is."""
    old = Path(os.fsdecode(os.fsencode(things / "red") + b"/caf\xe9.png"))
    shutil.copy(things / "red" / "1.png", old)
    for k, path in enumerate(sorted((things / "red").glob("?.png"))):
        path.rename(path.with_name(os.fsdecode(b"\xe9t\xe9 %d.png" % k)))
    (things / "red" / os.fsdecode(b"torn\xe9.png")).write_bytes(b"no")
    ended = run(things, tmp_path / "out", "unfreeze=[]")
    report = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert "things/red/torn\ufffd.png" in report["made"]["skipped"]
    assert sum(report["made"]["pictures"]["red"].values()) == 14
    assert r"things/red/torn\udce9.png" in (tmp_path / "out" / "report.html").read_text("utf-8")
    assert len(ended.report["made"]["skipped"]) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no such names")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        (b"blood\nred", r"'blood\nred' has a line break in its name; rename it"),
        ("blood\u2028red".encode(), r"has a line break in its name; rename it"),
        (b"ros\xe9", r"'ros\\udce9' has a name that is no UTF-8; rename it"),
    ],
)
def test_a_class_that_cannot_be_a_line_of_the_labels(things: Path, name: bytes, why: str) -> None:
    try:
        (things / "red").rename(things / os.fsdecode(name))
    except OSError:
        pytest.skip("this system has no such names")
    with pytest.raises(DataError, match=why):
        listed_folder(things, "things")


def test_a_class_of_three_pictures_is_learnt_and_said_to_be_thin(
    things: Path, tmp_path: Path
) -> None:
    for path in sorted((things / "red").iterdir())[3:]:
        path.unlink()
    ended = run(things, tmp_path / "out", "unfreeze=[]")
    said = " ".join(ended.report["warnings"])
    assert "fewer than 20 pictures to learn from: blue, green, red" in said
    assert sum(ended.report["made"]["pictures"]["red"].values()) == 3
    for path in sorted((things / "red").iterdir()):
        if Parts().of(f"things/red/{path.name}") == "training":
            path.unlink()
    shutil.copy(things / "blue" / "1.png", things / "red" / _unlearnt("red"))
    with pytest.raises(DataError, match="no picture to learn from of red: add more"):
        run(things, tmp_path / "again", "unfreeze=[]")


def _unlearnt(category: str) -> str:
    """A name that is kept for testing."""
    names = (f"{k}.png" for k in range(100, 1000))
    return next(n for n in names if Parts().of(f"things/{category}/{n}") == "test")


def test_a_mistyped_layer_leaves_no_folder(things: Path, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="no layer 'inception_9z'"):
        run(things, tmp_path / "out", "unfreeze=[{first: inception_9z}]")
    assert not (tmp_path / "out").exists()


def test_a_name_that_a_training_keeps_for_itself(things: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'report' would lie where a training keeps its own"):
        run(things, tmp_path / "out", "name=report")


def test_what_cannot_be_followed(things: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"--set unfreeze.*: expected depth or first"):
        run(things, tmp_path / "out", "unfreeze=[{epochs: 2}]")
    with pytest.raises(NetworkError, match="no layer 'inception_5x' to learn from; did you mean"):
        run(things, tmp_path / "out2", "unfreeze=[{first: inception_5x}]")
    with pytest.raises(NetworkError, match="no network 'hose' in the catalogue"):
        run(things, tmp_path / "out", "base=hose")
    with pytest.raises(UsageError, match="no such folder of class folders"):
        retrain(tmp_path / "nowhere")
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("base: judge\nhead: {epochs: 3}\n")
    with pytest.raises(UsageError, match="say where the pictures are with --data"):
        retrain(recipe)
    recipe.write_text("source: {noise: pink}\n")
    with pytest.raises(RecipeError, match="this is a recipe for pictures"):
        retrain(recipe)
    recipe.write_text("base: judge\nhead: {epochs: 3, rates: 2}\n")
    with pytest.raises(RecipeError, match=r"mine\.yaml:2: head\.rates: unknown key; did you mean"):
        retrain(recipe, data=things)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear")
    with pytest.raises(FolderError, match="is not empty and holds no training"):
        run(things, tmp_path / "letters")
