"""`dreamer classify` as a person runs it: what goes where, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path


def test_json_alone_on_standard_output_and_one_for_what_was_not_read(
    pictures: Path, dreamer
) -> None:
    (pictures / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    options = ("--class", "flowers", "--sort", "daisy", "--json", "--sheet", "sheet.png")
    found = dreamer("classify", pictures, *options, check=False)
    assert found.returncode == 1
    data = json.loads(found.stdout)
    assert list(data["failed"]) == [str(pictures / "broken.jpg")]
    assert list(data["chosen"]["flowers"]["house"]) == [
        *("daisy", "dandelion", "roses", "sunflowers", "tulips"),
    ]
    scores = [row["chosen"]["daisy"] for row in data["files"]]
    assert scores == sorted(scores, reverse=True)
    assert data["made"] == ["sheet.png"]
    assert found.stderr == ""


def test_a_table_on_standard_output_and_progress_beside_it(pictures: Path, dreamer) -> None:
    found = dreamer("classify", pictures, "--class", "flowers", "--class", "city")
    rows = found.stdout.splitlines()
    assert rows[0].split() == ["flowers", "city", "file"]
    assert len(rows) == 1 + 4 + 3 + 1
    assert "picture 4 of 4" in found.stderr


def test_what_cannot_be_meant_ends_with_two(pictures: Path, dreamer) -> None:
    found = dreamer("classify", pictures, "--class", "flower", check=False)
    assert found.returncode == 2
    assert "'flower' could be 'group:flowers'" in found.stderr
    assert found.stdout == ""
