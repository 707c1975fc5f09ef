"""Renders in processes of their own, to be killed, and what of their folders is promised."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path


def contents(folder: Path) -> dict[str, bytes]:
    """Everything whose bytes are promised: frames, film, scores, recipe."""
    names = [*folder.glob("frames/*"), *folder.glob("scores.*"), *folder.glob("*.mp4")]
    return {str(p.relative_to(folder)): p.read_bytes() for p in [*names, folder / "recipe.yaml"]}


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dreamer", *arguments],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def journalled(folder: Path) -> int:
    path = folder / "journal.jsonl"
    return len(path.read_text().splitlines()) if path.exists() else 0


def wait_for(folder: Path, frames: int, process: subprocess.Popen[str]) -> None:
    while journalled(folder) < frames:
        assert process.poll() is None, "it ended before it came so far"
        time.sleep(0.005)
