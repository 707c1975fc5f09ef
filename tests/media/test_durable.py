"""Files are whole or not there, whatever stops their writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamer.media import durable


def test_a_failed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    durable.write_text(path, "old")

    def fail_halfway() -> None:
        with durable.replacing(path) as beside:
            beside.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_appending_cuts_off_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    durable.append_line(path, '{"frame": 0}')
    with path.open("a") as file:
        file.write('{"fra')  # what a killed writer leaves
    durable.append_line(path, '{"frame": 1}')
    assert path.read_text() == '{"frame": 0}\n{"frame": 1}\n'


def test_appending_to_a_file_that_is_one_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"fra')
    durable.append_line(path, "whole")
    assert path.read_text() == "whole\n"
