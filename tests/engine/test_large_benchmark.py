"""The benchmark of large stills, at a size that takes seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LARGE = Path(__file__).parents[2] / "benchmarks" / "large.py"


@pytest.mark.slow
def test_it_compares_sizes_whole_and_in_tiles(tmp_path: Path) -> None:
    words = ["--sizes", "128", "400", "--tile", "384", "--steps", "1", "--threads", "1", "--json"]
    made = subprocess.run(
        [sys.executable, str(LARGE), *words], capture_output=True, text=True, cwd=tmp_path
    )
    assert made.returncode == 0, made.stderr
    rows = json.loads(made.stdout)["rows"]
    assert [(row["side"], row["tile"]) for row in rows] == [(128, 0), (400, 0), (400, 384)]
    assert rows[0]["over_the_first"] == 1
    assert all(row["over_bare"] > 0 and row["over_convolutions"] > 0 for row in rows)
    assert rows[-1]["levels_mean"] < 0.1
    assert [*tmp_path.iterdir()] == []
