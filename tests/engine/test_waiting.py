"""Frames are written beside the rendering: what it waits for them is told, and is next to nothing
while the disk keeps up.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from dreamer.engine.finishing import report
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.ready import Ready
from dreamer.engine.run import render_into
from dreamer.media import durable
from dreamer.recipe.parse import recipe_from_tree


def rendered(tmp_path: Path, **ascent: int) -> tuple[Folder, Ready]:
    tree = {"size": 96, "length": 8, "ascent": {"octaves": 1, **ascent}, "classify": "off"}
    folder = Folder(tmp_path / "out")
    ready = prepare(folder, checked(recipe_from_tree(tree, tmp_path)), "test")
    render_into(folder, ready)
    return folder, ready


def told(folder: Folder, ready: Ready) -> tuple[float, float]:
    found = report(folder, ready, folder.execution())
    assert found["waited_share"] == pytest.approx(
        found["waited_seconds"] / found["seconds"], abs=0.02
    )
    return found["waited_seconds"], found["seconds"]


def test_a_render_does_not_wait_for_its_writer(tmp_path: Path) -> None:
    waited, seconds = told(*rendered(tmp_path, steps=3))
    assert 0 < waited < seconds / 4


def test_a_render_says_that_it_waited_for_a_slow_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = durable.write_bytes

    def slowly(path: Path, data: bytes) -> None:
        time.sleep(0.25)
        write(path, data)

    monkeypatch.setattr(durable, "write_bytes", slowly)
    waited, seconds = told(*rendered(tmp_path, steps=0))
    # Of eight frames four lie in the queue and one is in hand: the others' room was waited for.
    assert waited > 0.25
    assert waited > seconds / 2


def test_frames_of_a_journal_that_says_no_waiting_count_as_none(tmp_path: Path) -> None:
    folder, ready = rendered(tmp_path, steps=1)
    path = folder.path / "journal.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        del line["waited"]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert told(folder, ready)[0] == 0
