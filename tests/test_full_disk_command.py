"""Verbs that cannot write what they are asked for say which file it was."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamer.cli import main

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a limit on files' sizes is needed")
TRAINING = """
architecture: judge
photographs: {folders: [things]}
stages: [{side: 32, steps: 2}]
stored: 40
"""


@pytest.fixture
def things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small data set in the working folder, and a training recipe beside it."""
    random = np.random.default_rng(1)
    for name in ("red", "blue"):
        for number in range(12):
            path = tmp_path / "things" / name / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(random.integers(0, 255, (48, 48, 3), dtype=np.uint8)).save(path)
    (tmp_path / "learn.yaml").write_text(TRAINING)
    (tmp_path / "room").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("classify things/red/0.png --bars room/bars.png", "room/bars.png"),
        ("classify things/red --bars room/bars", "room/bars/0.png"),
        ("classify things/red --csv room/table.csv", "room/table.csv"),
        ("classify things/red --sheet room/sheet.jpg", "room/sheet.jpg"),
        ("networks export judge --onnx --out room/judge.onnx", "room/judge.onnx"),
        ("networks filters judge --out room/filters.png", "room/filters.png"),
        ("dataset split things --out room/parts.csv", "room/parts.csv"),
        ("dataset split things --out room/parts", "room/parts/"),
        ("dataset pack . room/things.pack --folder things", "room/things.pack"),
        ("dataset check things --network none --out room/seen", "room/seen/seen.jsonl"),
        ("train learn.yaml --data . --out room/learnt", "room/learnt/recipe.yaml"),
        ("retrain things --base judge --out room/learnt", "room/learnt/recipe.yaml"),
    ],
)
def test_a_full_disk_is_told_with_the_file(
    things: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    named: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["dreamer", *command.split()])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))  # its error is a full disk's, but for it
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    told = capsys.readouterr()  # what classify saw is told first, and stands above
    [said, *_] = (x for x in (told.err + told.out).splitlines() if x.startswith(named))
    assert ended.value.code == 1
    assert said.endswith(": File too large")
    assert not list(things.rglob("*.part"))
