"""The benchmark that waits for a GPU runs on a processor too, every part of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "gpu.py"
SMALL = "--device cpu --precision float32 --size 64x64 --frames 4 --octaves 1 --steps 4 --small 64"


def test_every_part_of_it_runs_on_a_processor(tmp_path: Path) -> None:
    out = tmp_path / "gpu.json"
    more = ["--together", "1", "2", "--runs", "1", "--skip", "compile", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), *SMALL.split(), *more],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        cwd=BENCHMARK.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    found = json.loads(out.read_text())
    assert found["execution"]["device"] == "cpu"
    for name in ("one by one", "recorded", "plain PyTorch", "whole program", "limit"):
        assert found[name]["gigapixel_steps_a_second"] >= 0
        assert found[name]["frames_a_second"] > 0
    assert found["one by one"]["steps"]["other_steps"] == 16
    assert found["recorded"]["steps"]["recorded_steps"] == 16
    assert [row["together"] for row in found["batches"]] == [1, 2]
    assert "heaviest" in found["profile, recorded"]
