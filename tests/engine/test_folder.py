"""A render's folder takes nothing for its own that is not, and survives what befalls files."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
import torch

from dreamer.engine.folder import Folder, State
from dreamer.errors import FolderError


@pytest.mark.parametrize(
    "name",
    [
        "frames/000000.png",
        "state/notes.txt",
        "sources/photo.png",
        "provenance.json",
        "execution.json",
        "recipe.yaml",
    ],
)
def test_what_is_called_like_ours_is_not_ours(tmp_path: Path, name: str) -> None:
    mine = tmp_path / "project" / name
    mine.parent.mkdir(parents=True)
    mine.write_text('{"precious": true}')
    with pytest.raises(FolderError, match="something that is not a render"):
        Folder(tmp_path / "project").lock()
    assert [p for p in (tmp_path / "project").rglob("*") if p.is_file()] == [mine]


def test_a_folder_half_made_by_a_killed_render_is_taken_up(tmp_path: Path) -> None:
    half = tmp_path / "half"
    for part in ("frames", "sources", "state"):
        (half / part).mkdir(parents=True)
    (half / "state" / "lock").touch()
    Folder(half).refuse_foreign()
    (half / "provenance.json").write_text('{"recipe_sha256": "ab"}')
    (half / ".execution.json.part").touch()
    (half / "sources" / "photo.png").write_bytes(b"copied")
    Folder(half).refuse_foreign()


def test_one_process_has_a_folder_and_may_say_so_twice(tmp_path: Path) -> None:
    first, second = Folder(tmp_path), Folder(tmp_path)
    with first.locked():
        with first.locked():
            pass
        with pytest.raises(FolderError, match="another process"):
            second.lock()
    with second.locked():
        pass


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match=r"the folder .*inside cannot be made"):
        Folder(tmp_path / "file" / "inside").lock()


LINE = json.dumps({"frame": 0, "sha256": "ab", "seconds": 1.0, "values": {}}).encode()


@pytest.mark.parametrize(
    "garbage",
    [b"garbage", b"null", b'{"frame": "x"}', b"\xff\xfe", b"[" * 5000, LINE.replace(b"0,", b"7,")],
)
def test_a_damaged_journal_is_believed_up_to_the_damage(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(LINE + b"\n" + garbage + b"\n" + LINE.replace(b"0,", b"1,") + b"\n")
    found = Folder(tmp_path).journal()
    assert list(found.entries) == [0]
    assert found.damage.endswith("is damaged from its line 2 on")
    Folder(tmp_path).cut_journal()
    assert path.read_bytes() == LINE + b"\n"


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"threads": "many"}', '{"device": "cpu", "later": true}']
)
def test_a_damaged_execution_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "execution.json").write_text(text)
    with pytest.raises(FolderError, match=r"execution\.json is damaged"):
        Folder(tmp_path).execution()


def test_what_a_later_version_adds_to_an_execution_is_passed_over(tmp_path: Path) -> None:
    from dreamer.engine.execution import decide

    folder, execution = Folder(tmp_path), decide("cpu")
    folder.write_json("execution.json", execution.as_json() | {"moon": 512})
    assert folder.execution() == execution


@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped", "", "..", None, 3])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: object) -> None:
    (tmp_path / "provenance.json").write_text(json.dumps({"name": name}))
    with pytest.raises(FolderError, match="no file's name"):
        Folder(tmp_path).name()


def state(index: int) -> State:
    return State(index, torch.full((1, 3, 4, 4), index / 100), torch.zeros(3))


def test_a_damaged_state_is_not_used(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.make_rooms()
    folder.keep_state(state(3))
    folder.keep_state(state(5))
    path = tmp_path / "state" / "000005.safetensors"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    (tmp_path / "state" / "zz.safetensors").write_bytes(b"a stranger's")
    found = folder.state_before(8)
    assert found is not None
    assert found.index == 3
    assert torch.equal(found.image, state(3).image)


def test_states_of_later_frames_do_not_push_out_those_of_a_replay(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.make_rooms()
    for index in (57, 59, 9, 11, 13):
        folder.keep_state(state(index))
    held = (folder.state_before(50), folder.state_before(60))
    assert [s and s.index for s in held] == [13, 59]
    folder.keep_state(state(999_999))
    folder.keep_state(state(1_000_001))
    newest = folder.state_before(2_000_000)
    assert newest is not None
    assert newest.index == 1_000_001, "by number, not by name"


def test_the_callers_gradients_are_not_switched_off_between_frames(begun) -> None:
    from dreamer.engine.build import build
    from dreamer.engine.loop import frames
    from dreamer.engine.showing import always

    folder, ready = begun()
    source = torch.rand(1, 3, 64, 64)
    made = build(ready.plan, ready.gathered.cards, 0, folder.execution(), source)
    for _ in frames(made, [ready.plan.at(0)], always(source), None):
        assert torch.is_grad_enabled()


def test_a_render_begun_twice_at_once_is_one_render(tmp_path: Path, begun) -> None:
    """Threads, each with its own hold on the folder, race to make it."""
    errors: list[str] = []

    def begin(seed: int) -> None:
        try:
            begun("same", seed=seed)
        except FolderError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=begin, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 3
    assert all("another" in e for e in errors)


def test_what_says_the_same_already_keeps_its_date(tmp_path: Path) -> None:
    folder, path = Folder(tmp_path), tmp_path / "report.json"
    folder.write_json("report.json", {"frames": 1, "name": "größe"})
    os.utime(path, (5, 5))
    folder.write_json("report.json", {"frames": 1, "name": "größe"})
    assert path.stat().st_mtime == 5
    folder.write_json("report.json", {"frames": 2, "name": "größe"})
    assert path.stat().st_mtime > 5
    assert folder.read_json("report.json")["frames"] == 2
