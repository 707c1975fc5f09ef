"""Killed or stopped anywhere, a collage is finished by the same command, to the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from collages_made import everything, made, pictures, written

from dreamer.engine.folder import Folder
from dreamer.errors import FolderError

# Runs dreamer, and sends itself a signal when a function is called for the nth time.
DYING = """
import os, sys
from importlib import import_module
where, nth, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
module, _, name = where.partition(":")
holder, calls = import_module(module), []
*owners, name = name.split(".")
for owner in owners:
    holder = getattr(holder, owner)
real = getattr(holder, name)

def dying(*given, **named):
    calls.append(1)
    if len(calls) == nth:
        os.kill(os.getpid(), number)
    return real(*given, **named)

setattr(holder, name, dying)
import dreamer.engine.pasting
dreamer.engine.pasting.BAND = 2000
sys.argv = ["dreamer", *sys.argv[4:]]
from dreamer.cli import main
main()
"""
STILL = "size: [120, 90]\nclassify: {top: 2}"
FILM = "size: [120, 90]\nlength: 6\nfps: 5\noutput: {crf: 30, preset: ultrafast}\n" + (
    "classify: {top: 2, every: 2}"
)
MOVES = "moves: {turn: {expr: 20*t}, move: [{expr: 0.1*chance*t}, 0]}"


def dying(folder: Path, where: str, nth: int, number: int) -> subprocess.CompletedProcess[str]:
    when = (where, str(nth), str(number))
    return subprocess.run(
        [sys.executable, "-c", DYING, *when, "collage", "c.yaml", "--out", "out"],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, dict[str, bytes]]]:
    """A still and a film that nobody disturbed: where their recipes lie, and all they made."""
    found = {}
    for kind, top, more in (("still", STILL, ""), ("film", FILM, MOVES)):
        folder = tmp_path_factory.mktemp(kind)
        recipe = written(
            pictures(folder / "pics"),
            f"layout: scatter\nsort: score\nclass: daisy\n{more}",
            top,
        )
        whole = made(recipe, folder / "whole")
        found[kind] = (folder, everything(whole.folder))
    assert len(found["still"][1]) == 7
    assert len(found["film"][1]) == 6 + 6 + 1, "frames, and a film, and no picture"
    return found


KILLS = {
    "while the folder is made": ("still", "dreamer.engine.folder:Folder.freeze_recipe", 1),
    "while pieces are scored": ("still", "dreamer.engine.collage_scores:_Rows.add", 4),
    "before what was seen is kept": ("still", "dreamer.engine.picking:save_kept", 1),
    "before it is laid": ("still", "dreamer.engine.collaging:laid", 1),
    "while it is drawn": ("still", "dreamer.media.banded:PngInBands.write", 3),
    "before its preview": ("still", "dreamer.engine.collage_drawing:encode_jpeg", 1),
    "between its scores": ("still", "dreamer.engine.collage_whole:as_csv", 1),
    "between frames": ("film", "dreamer.engine.folder:Folder.keep_frame", 4),
    "before the journal names a frame": ("film", "dreamer.media.durable:append_line", 3),
    "before the last frame": ("film", "dreamer.engine.folder:Folder.keep_frame", 6),
    "with a film half made": ("film", "dreamer.engine.collage_drawing:_preview", 1),
}
QUICK = ("while it is drawn", "before the journal names a frame")


def _slow(*values: object) -> object:
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.mark.parametrize("when", [*QUICK, *(_slow(when) for when in KILLS if when not in QUICK)])
def test_killed_it_goes_on_to_the_same_bytes(
    unbroken: dict[str, tuple[Path, dict[str, bytes]]], when: str
) -> None:
    kind, where, nth = KILLS[when]
    folder, whole = unbroken[kind]
    shutil.rmtree(folder / "out", ignore_errors=True)
    killed = dying(folder, where, nth, signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert everything(folder / "out") != whole
    again = made(folder / "c.yaml", folder / "out")
    assert everything(again.folder) == whole
    assert not list(again.folder.rglob("*.part"))


@pytest.mark.parametrize(
    ("kind", "where", "nth", "words"),
    [
        _slow(
            "still", "dreamer.engine.collage_scores:_Rows.add", 4, "while its pieces were looked at"
        ),
        ("still", "dreamer.media.banded:PngInBands.write", 2, "while it was drawn"),
        _slow("still", "dreamer.engine.collaging:score_whole", 1, "while the whole was scored"),
        _slow("film", "dreamer.engine.folder:Folder.keep_frame", 3, "after 3 frames"),
    ],
)
def test_stopped_it_says_so_and_goes_on(
    unbroken: dict[str, tuple[Path, dict[str, bytes]]], kind: str, where: str, nth: int, words: str
) -> None:
    folder, whole = unbroken[kind]
    shutil.rmtree(folder / "out", ignore_errors=True)
    stopped = dying(folder, where, nth, signal.SIGTERM)
    assert stopped.returncode == 143, stopped.stderr
    assert f"stopped by SIGTERM {words}" in stopped.stderr
    assert "the same command" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert not list((folder / "out").glob(".c.png*")), "nothing half made is left"
    again = made(folder / "c.yaml", folder / "out")
    assert everything(again.folder) == whole


def test_a_finished_one_is_found_done(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "", "classify: {top: 2}")
    first = made(recipe, tmp_path / "out")
    written_at = {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")}
    again = made(recipe, tmp_path / "out")
    assert json.dumps(again.as_json()) == json.dumps(first.as_json())
    assert {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")} == written_at


def test_what_is_missing_of_a_finished_one_is_made_again(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "layout: spiral", "classify: {top: 2}")
    first = made(recipe, tmp_path / "out")
    whole = everything(first.folder)
    for name in ("c.png", "scores.json", "layout.json", "pieces.csv", "preview.jpg"):
        (first.folder / name).unlink()
        made(recipe, tmp_path / "out")
        assert everything(first.folder) == whole, name


def test_a_film_that_lost_a_frame_gets_it_back(
    unbroken: dict[str, tuple[Path, dict[str, bytes]]],
) -> None:
    folder, whole = unbroken["film"]
    out = folder / "whole"
    (out / "report.json").unlink()
    (out / "frames" / "000003.png").write_bytes(b"damaged")
    (out / "c.mp4").unlink()
    made(folder / "c.yaml", out)
    assert everything(out) == whole


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"))
    with (
        Folder(tmp_path / "out").locked(),
        pytest.raises(FolderError, match="another process is rendering into"),
    ):
        made(recipe, tmp_path / "out")
    assert made(recipe, tmp_path / "out").product.is_file()


@pytest.mark.parametrize("other", ["words", "pictures", "something", "render"])
def test_another_s_folder_is_left_alone(tmp_path: Path, other: str) -> None:
    folder = pictures(tmp_path / "pics")
    out = tmp_path / "out"
    recipe = written(folder)
    if other == "something":
        out.mkdir()
        (out / "letter.txt").write_text("Dear Ada")
        words = "holds something that is not a render; name another folder with --out"
    elif other == "render":
        from dreamer.jobs.render import render

        still = tmp_path / "still.yaml"
        still.write_text("source: {color: red}\nsize: [64, 64]\nascent: {steps: 0}\nclassify: off")
        render(still, out=out)
        words = "holds another collage or render"
    else:
        made(recipe, out)
        words = "holds another collage or render, or this one of other pictures"
    if other == "words":
        recipe = written(folder, "gutter: 3")
    if other == "pictures":
        (folder / "1.png").unlink()
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(FolderError, match=words):
        made(recipe, out)
    after = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert after == before
