"""Going on with a render: only where something is missing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from kept_frames import frames_of

from dreamer.engine import missing
from dreamer.engine.folder import Folder
from dreamer.engine.outcome import see_through
from dreamer.engine.run import render_into
from dreamer.errors import FolderError
from dreamer.jobs.encode import encode
from dreamer.jobs.resume import resume
from dreamer.jobs.verify import verify


def test_only_what_is_missing_is_written(rendered) -> None:
    folder, ready = rendered()
    whole = frames_of(folder)
    for index in (2, 5):
        folder.frame_path(index).unlink()
    times = {p.name: p.stat().st_mtime_ns for p in folder.frames.iterdir()}
    assert render_into(folder, ready) == 8
    assert frames_of(folder) == whole
    again = {p.name: p.stat().st_mtime_ns for p in folder.frames.iterdir()}
    assert {name for name in again if again[name] != times.get(name)} == {
        "000002.png",
        "000005.png",
    }


def test_damaged_states_change_no_frame(rendered) -> None:
    folder, ready = rendered()
    whole = frames_of(folder)
    folder.frame_path(6).unlink()
    for path in (folder.path / "state").glob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:-1000] + bytes(1000))
    render_into(folder, ready)
    assert frames_of(folder) == whole


def test_a_lost_frames_folder_and_a_damaged_journal_are_mended(rendered) -> None:
    folder, ready = rendered()
    whole = frames_of(folder)
    for path in folder.frames.iterdir():
        path.unlink()
    folder.frames.rmdir()
    render_into(folder, ready)
    assert frames_of(folder) == whole
    with (folder.path / "journal.jsonl").open("rb+") as file:
        file.write(b"garbage")
    assert not verify(folder.path).whole
    render_into(folder, ready)
    assert frames_of(folder) == whole
    assert verify(folder.path).whole


def test_what_is_made_of_frames_is_made_by_one_process(rendered, monkeypatch) -> None:
    folder, ready = rendered()
    made = []

    def beside(*arguments, **named):
        made.append("film")
        with pytest.raises(FolderError, match="another process"):
            resume(folder.path)
        with pytest.raises(FolderError, match="another process"):
            encode(folder.path)
        return encode(folder.path, out=folder.path.parent / "elsewhere.mp4")

    monkeypatch.setattr("dreamer.engine.outcome.films_made", beside)
    assert see_through(folder, ready).product.name == "elsewhere.mp4"
    assert made == ["film"]


def test_the_room_that_is_asked_for_is_the_room_that_is_needed(rendered, monkeypatch) -> None:
    folder, ready = rendered()
    none = missing.missing_in(folder, 8)
    assert none.none
    free = missing.RESERVE + 4 * 64 * 64 * 3
    monkeypatch.setattr(Folder, "free_bytes", lambda self: free)
    for frames, bits, enough in ((16, 8, True), (16, 16, False), (20, 8, False), (None, 8, True)):
        lacking = missing.missing_in(folder, frames)
        assert lacking.count == (1 if frames is None else frames - 8)
        if enough:
            missing.require_room(folder, ready.plan, lacking, bits)
        else:
            with pytest.raises(FolderError, match=r"about 16 MB are needed, 16 MB are free"):
                missing.require_room(folder, ready.plan, lacking, bits)
    lacking = missing.missing_in(folder, 16)
    for more in ({"samples": 2}, {"transparent": True}):
        with pytest.raises(FolderError, match="are needed"):
            missing.require_room(folder, replace(ready.plan, **more), lacking, 8)


def test_provenance_says_the_command_line_or_nothing(rendered) -> None:
    folder, _ = rendered()
    assert json.loads((folder.path / "provenance.json").read_text())["command"] is None
