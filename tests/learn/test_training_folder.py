"""A training's folder is one training's and one process's, and what was kept in it stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tones import RECIPE

from dreamer.errors import DataError, FolderError, NetworkError
from dreamer.jobs.train import train
from dreamer.learn import keeping
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.training import parse_training

ROOT = Path(__file__).parents[2]


def test_another_training_is_not_mixed_into_a_folder(
    recipe: Path, data: Path, tmp_path: Path
) -> None:
    with keeping.held(tmp_path / "out", "of nothing: learnt yet\n"):
        pass
    keeping.begin(tmp_path / "out", "other: training\n")
    (tmp_path / "out" / keeping.EVENTS).mkdir()
    with pytest.raises(FolderError, match="holds another training"):
        train(recipe, tmp_path / "out", data)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(FolderError, match="is not empty"):
        train(recipe, tmp_path / "mine", data)
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_one_process_at_a_time_trains_in_a_folder(recipe: Path, data: Path, tmp_path: Path) -> None:
    words = as_yaml(parse_training(recipe).canonical())
    with (
        keeping.held(tmp_path / "out", words),
        pytest.raises(FolderError, match="another process is training"),
    ):
        train(recipe, tmp_path / "out", data)
    assert not (tmp_path / "out" / keeping.CHECKPOINT).exists()


def test_who_comes_second_changes_nothing_with_whatever_recipe(
    recipe: Path, data: Path, tmp_path: Path
) -> None:
    """The first has learnt nothing yet; were its recipe gone, it could never be gone on with."""
    out, words = tmp_path / "out", as_yaml(parse_training(recipe).canonical())
    with keeping.held(out, words):
        with pytest.raises(FolderError, match="another process is training"):
            train(recipe, out, data, overrides=["batch=5"])
        assert (out / keeping.RECIPE).read_text() == words
        assert {path.name for path in out.iterdir()} == {keeping.RECIPE, keeping.LOCK}


def test_no_lock_is_put_into_a_folder_of_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("title: a cake\n")
    with (
        pytest.raises(FolderError, match="is not empty and holds no training"),
        keeping.held(tmp_path, "other: training\n"),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["recipe.yaml"]


@pytest.mark.parametrize("left", [[], [keeping.LOCK], [keeping.LOCK, keeping.RECIPE]])
def test_a_kill_in_the_first_write_is_no_hindrance(tmp_path: Path, left: list[str]) -> None:
    """A process that ends while recipe.yaml is written, as SIGKILL ends it, leaves a part of it."""
    for name in left:
        (tmp_path / name).touch()
    killed = (
        "import os, sys; from pathlib import Path; from dreamer.media.durable import replacing\n"
        "with replacing(Path(sys.argv[1])) as partial:\n"
        "    partial.write_text('archit'); os._exit(9)"
    )
    path = tmp_path / keeping.RECIPE
    assert subprocess.run([sys.executable, "-c", killed, path], check=False).returncode == 9
    assert {path.name for path in tmp_path.iterdir()} == {".recipe.yaml.part", *left}
    with keeping.held(tmp_path, "the: same\n"):
        assert path.read_text() == "the: same\n"
    assert {path.name for path in tmp_path.iterdir()} == {keeping.RECIPE, keeping.LOCK}


def test_a_full_disk_keeps_what_was_kept(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk's."""
    program = """
import pathlib, resource, signal, torch
from dreamer.learn import keeping
path = pathlib.Path("kept.pt")
keeping.save(path, {"done": 1})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    keeping.save(path, {"done": 2, "much": torch.zeros(100_000)})
except keeping.FolderError as error:
    print(error, keeping.load(path), sorted(p.name for p in path.parent.iterdir()))
"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "kept.pt cannot be written: File too large; what was there is whole" in said
    assert "{'done': 1} ['kept.pt']" in said


def test_reports_that_will_be_made_again_are_taken_away(tmp_path: Path) -> None:
    for step in (10, 20, 30):
        keeping.report(tmp_path, {"step": step})
    with (tmp_path / keeping.REPORTS).open("a") as file:
        file.write('{"step": 4')
    keeping.forget_after(tmp_path, 20)
    assert (tmp_path / keeping.REPORTS).read_text() == '{"step": 10}\n{"step": 20}\n'


def test_a_recipe_yaml_may_be_anybodys(recipe: Path, data: Path, tmp_path: Path) -> None:
    """A render's folder, or a person's own, is no training's because of a file's name."""
    for name, beside in (("render", "provenance.json"), ("mine", None)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "recipe.yaml").write_text("source: {noise: plasma}\n")
        if beside is not None:
            (folder / beside).write_text("{}")
        with pytest.raises(FolderError, match="is not empty and holds no training"):
            train(recipe, folder, data)
        assert (folder / "recipe.yaml").read_text() == "source: {noise: plasma}\n"


def test_what_cannot_be_trained_leaves_no_folder(recipe: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder or pack"):
        train(recipe, tmp_path / "out", tmp_path / "nowhere")
    recipe.write_text(RECIPE.replace("architecture: judge", "base: hose"))
    with pytest.raises(NetworkError, match="no network 'hose'"):
        train(recipe, tmp_path / "out", data)
    assert not (tmp_path / "out").exists()
