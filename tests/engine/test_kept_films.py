"""What a render keeps of the film or folder it dreams on: its own copy, and what is known of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dreamt_films import CUT, WORDS, begun, moving_film
from filmed import film, numbered
from PIL import Image

from dreamer.engine import clips
from dreamer.engine.clips import beside, clip_facts, contents_of
from dreamer.engine.copying import LISTED
from dreamer.engine.folder import Folder
from dreamer.engine.footage import frames_of as frames_in
from dreamer.engine.preparing import checked, kept, prepare
from dreamer.errors import FolderError
from dreamer.jobs.verify import verify
from dreamer.media import durable
from dreamer.recipe.parse import recipe_from_tree


@pytest.fixture
def moving(tmp_path: Path) -> Path:
    return moving_film(tmp_path)


def kept_survey(copy: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(beside(copy).read_text().split("\n")[2])
    return found


def test_it_is_copied_with_what_is_known_of_it(
    tmp_path: Path, moving: Path, another_process, monkeypatch
) -> None:
    made, ready = begun(tmp_path, {"video": "moving.mkv"})
    copy, clip = made.sources / "moving.mkv", ready.gathered.facts.clip
    assert copy.read_bytes() == moving.read_bytes()
    assert kept_survey(copy)["cuts"] == [CUT]
    another_process()
    with monkeypatch.context() as patch:  # it need not be looked through again
        patch.setattr("dreamer.engine.clips.survey", None)
        assert kept(made).gathered.facts.clip == clip
        assert np.shape(next(frames_in(copy, [3]))) == (3, 64, 96)
    film(copy, numbered(10, 64, 96), 5)
    assert "is not the file that was copied" in verify(made.path).problems[0]
    with pytest.raises(FolderError, match="new frames would not fit"):
        kept(made)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [('"cuts":[5]', '"cuts":[]'), ('"times":[0,200,', '"times":[0,0,'), ("96", '"96"')],
)
def test_what_is_known_and_was_changed_is_looked_at_anew(
    tmp_path: Path, moving: Path, another_process, was: str, becomes: str
) -> None:
    made, ready = begun(tmp_path, {"video": "moving.mkv"})
    notes = beside(made.sources / "moving.mkv")
    sha256, seal, text = notes.read_text().split("\n", 2)
    assert was in text
    for changed in (f"{sha256}\n{seal}\n{text.replace(was, becomes)}", "damaged", ""):
        notes.write_text(changed)
        another_process()
        assert kept(made).gathered.facts.clip == ready.gathered.facts.clip


def test_what_lies_beside_a_film_of_ones_own_is_not_believed(
    tmp_path: Path, moving: Path, another_process
) -> None:
    """Not though it is whole: a stranger may have written it, and the picture that names it."""
    made, ready = begun(tmp_path, {"video": "moving.mkv"})
    sha256 = contents_of(moving)
    lie = replace(clips.survey_of(moving), cuts=(1, 2, 3))
    for film_there in (moving, made.sources / "moving.mkv"):
        another_process()
        clips._surveys[sha256] = lie
        clips.keep_survey(film_there, sha256)
        another_process()
        assert clip_facts(film_there, folder=False) == ready.gathered.facts.clip


def test_there_must_be_room_for_the_copy(tmp_path: Path, moving: Path, monkeypatch) -> None:
    monkeypatch.setattr(Folder, "free_bytes", lambda self: moving.stat().st_size - 1)
    with pytest.raises(FolderError, match="MB are needed for copies"):
        begun(tmp_path, {"video": "moving.mkv"})


def test_what_a_killed_copy_left_of_a_picture_that_is_gone_goes_too(
    tmp_path: Path, monkeypatch, another_process
) -> None:
    shots, made = tmp_path / "shots", Folder(tmp_path / "render-0")
    shots.mkdir()
    for k in range(5):
        Image.new("RGB", (96, 64), (40 * k, 60, 20)).save(shots / f"{k}.png")
    copy, left = durable.copy_file, iter(range(3))

    def killed(source: Path, target: Path) -> None:
        if next(left, None) is None:
            durable.beside(target).write_bytes(b"half")
            raise KeyboardInterrupt
        copy(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("dreamer.media.durable.copy_file", killed)
        with pytest.raises(KeyboardInterrupt):
            begun(tmp_path, {"folder": "shots"})
    there = made.sources / "shots"
    assert sorted(p.name for p in there.iterdir()) == [".3.png.part", "0.png", "1.png", "2.png"]
    (there / "notes.txt").write_text("a person's own")
    (tmp_path / "apart.png").write_bytes(b"")
    listed = json.loads((made.sources / LISTED).read_text())
    (made.sources / LISTED).write_text(json.dumps([*listed, "sources/../../apart.png", 3]))
    for gone in ("1.png", "3.png"):
        (shots / gone).unlink()
    another_process()
    recipe = recipe_from_tree(WORDS | {"source": {"folder": "shots"}}, tmp_path)
    prepare(made, checked(recipe))
    assert sorted(p.name for p in there.iterdir()) == ["0.png", "2.png", "4.png", "notes.txt"]
    assert (tmp_path / "apart.png").exists()
    assert not (made.sources / LISTED).exists()
    (there / "0.png").unlink()
    said = verify(made.path).problems[0]
    assert said.endswith("sources/shots does not hold the pictures that were copied")
