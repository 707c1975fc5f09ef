r"""Pictures whose names are no UTF-8 (K\xE4fer.png in Latin-1, say) are pieces like any other."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from collages_made import everything, made, pixels, written
from small_collages import noise
from test_bad_collages import run  # noqa: F401 - a fixture

from dreamer.file_names import read_name, written_name
from dreamer.jobs.collage import collage

BYTES = (b"K\xe4fer.png", b"a\\xE4.png", b"a\\x5C.png", "Dämon.png".encode(), b"\x80\xff.png")
WRITTEN = ["K\\xE4fer.png", "a\\x5CxE4.png", "a\\x5Cx5C.png", "Dämon.png", "\\x80\\xFF.png"]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux keeps names that are no UTF-8"
)


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    for seed, name in enumerate(BYTES):
        noise(tmp_path / "pics" / os.fsdecode(name), seed)
    return tmp_path / "pics"


def test_names_are_written_in_utf_8_and_read_again() -> None:
    names = [os.fsdecode(name) for name in BYTES]
    assert [written_name(name) for name in names] == WRITTEN
    assert [read_name(text) for text in WRITTEN] == names
    every = [
        os.fsdecode(bytes(pair)) for pair in ((a, b) for a in range(1, 256) for b in (92, 228))
    ]
    assert [read_name(written_name(name)) for name in every] == every
    assert "".join(map(written_name, every)).encode()


def test_they_are_pieces_like_any_other(strange: Path, tmp_path: Path) -> None:
    more = "layout: contact\ncaptions: name\nsort: name\nonly: [{name: '*'}]"
    found = made(written(strange, more, "classify: {top: 1}"), tmp_path / "out")
    layout = json.loads((found.folder / "layout.json").read_text(encoding="utf-8"))
    names = {piece["file"].removeprefix("../pics/") for piece in layout["pieces"]}
    assert names == set(WRITTEN)
    captions = {one["caption"] for one in layout["placements"]}
    assert captions == {name.removesuffix(".png") for name in WRITTEN}
    with (found.folder / "pieces.csv").open(encoding="utf-8", newline="") as table:
        assert {row["file"].removeprefix("../pics/") for row in csv.DictReader(table)} == names
    for file in ("provenance.json", "report.json", "recipe.yaml"):
        assert (found.folder / file).read_text(encoding="utf-8")
    again = collage([found.folder / "layout.json"], out=tmp_path / "again")
    assert pixels(again.product).tobytes() == pixels(found.product).tobytes()


def test_a_recipe_names_them_as_they_are_written(strange: Path, tmp_path: Path) -> None:
    listed = ", ".join(f"'pics/{name}'" for name in WRITTEN)
    recipe = tmp_path / "c.yaml"
    recipe.write_text(f"classify: off\nsize: [120, 90]\ncollage: {{pictures: [{listed}]}}")
    by_name = made(recipe, tmp_path / "by name")
    assert by_name.report["pieces"] == len(BYTES)
    whole = everything(by_name.folder)
    (by_name.folder / "report.json").unlink()
    collage([by_name.folder])
    assert everything(by_name.folder) == whole, "and is found again from its own folder"


def test_folders_recipes_and_options_may_be_called_so_too(strange: Path, run) -> None:  # noqa: F811
    off = ("--set", "classify=off", "--size", "90x60")
    folder = os.fsdecode(b"f\xfcr")
    Path(folder).symlink_to(strange)
    (strange / os.fsdecode(b"kaputt\xe9.png")).write_text("no picture")
    ended = run(folder, *off, "--out", os.fsdecode(b"au\xdfen"))
    assert ended.code == 0
    assert ended.said.endswith("au\\xDFen/f_r.png\n") or "au\\xDFen/f_r.png" in ended.said
    assert run(os.fsdecode(b"f\xfcr/K\xe4fer.png"), *off).code == 0
    assert run("plain", *off, "--set", f"collage.pictures={folder}").code == 0
    recipe = Path(os.fsdecode(b"c\xe4.yaml"))
    recipe.write_text("classify: off\nsize: 90\ncollage: {pictures: 'f\\xFCr'}")
    assert run(str(recipe), "--out", "by recipe").code == 0
    assert Path("by recipe", "c_.png").is_file()


def test_messages_show_them_readably(strange: Path) -> None:
    (strange / os.fsdecode(b"kaputt\xe9.png")).write_text("no picture")
    (strange.parent / "pics" / "1.png").write_bytes((strange / "Dämon.png").read_bytes())
    command = [sys.executable, "-m", "dreamer", "collage", "pics", "--set", "classify=off"]
    ended = subprocess.run(command, cwd=strange.parent, capture_output=True, check=False)
    assert ended.returncode == 0
    said = ended.stderr.decode("utf-8")
    assert "1 picture left out: " in said
    assert "kaputt\\xE9.png is no picture or film" in said
    (report,) = strange.parent.glob("collages/*/report.json")
    left_out = json.loads(report.read_text(encoding="utf-8"))["left_out"]
    assert list(left_out) == ["../../pics/kaputt\\xE9.png"]
    lost = subprocess.run(
        [*command[:4], os.fsdecode(b"pics/wei\xdf.png")],
        cwd=strange.parent,
        capture_output=True,
        check=False,
    )
    assert lost.returncode == 2
    assert "no such file or folder: " in (said := lost.stderr.decode("utf-8"))
    assert "wei\\xDF.png" in said
    assert "Traceback" not in said
