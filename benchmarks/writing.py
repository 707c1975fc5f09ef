"""Frames a second that can be encoded and made durable: python benchmarks/writing.py

The writer alone, with nothing rendered beside it: frames of a soft picture under a little grain, at
1920×1080, as fast as it takes them, with each number of threads in turn. What counts is the ratio
to one thread, and the frames a second beside the 24 of a film; with it the peak of the process's
memory over what it had before, where the system tells it (Linux). The last row is what one thread
needs for a frame without its disk.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from grouped import forget_peak, peak

from dreamer.draw.noise import plasma
from dreamer.engine.folder import Folder
from dreamer.engine.writer import Finished, Writer
from dreamer.media.png import encode_png


def pictures(size: tuple[int, int], count: int = 4) -> list[np.ndarray]:
    """What a film's frames are like to a compressor."""
    width, height = size
    rng = np.random.default_rng(0)
    soft = plasma(height, width, 3)[0].numpy()
    grains = (0.02 * rng.standard_normal(soft.shape) for _ in range(count))
    return [(soft + grain).clip(0, 1).astype(np.float32) for grain in grains]


def written(shown: list[np.ndarray], frames: int, threads: int) -> tuple[float, float]:
    """Frames a second, and MiB of memory that were taken for it."""
    forget_peak()
    before = peak()
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place))
        folder.make_rooms()
        began = time.perf_counter()
        with Writer(folder, lambda _: {}, threads=threads) as writer:
            for k in range(frames):
                pixels = shown[k % len(shown)]
                writer.put(Finished(k, pixels.copy, 0.0, {}, None))
        return frames / (time.perf_counter() - began), peak() - before


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2, 4, 8])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    width, height = map(int, asked.size.split("x"))
    shown = pictures((width, height))
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    counts = [n for n in asked.threads if n == 1 or n <= processors]
    turns = [
        {n: written(shown, asked.frames, n) for n in counts} for _ in range(asked.runs)
    ]  # in turn, for machines drift
    began = time.process_time()
    size = len(encode_png(shown[0]))
    alone = time.process_time() - began
    rows: list[dict[str, Any]] = []
    for n in counts:
        best = max(turn[n][0] for turn in turns)
        rows.append(
            {
                "threads": n,
                "frames_a_second": round(best, 2),
                "ratio_to_one": round(max(turn[n][0] / turn[1][0] for turn in turns), 2),
                "memory_mib": round(max(turn[n][1] for turn in turns)),
            }
        )
    found = {
        "size": [width, height],
        "processors": processors,
        "rows": rows,
        "encode_seconds_of_one_thread": round(alone, 3),
        "frame_mb": round(size / 1e6, 2),
    }
    if asked.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{asked.size}, {processors} processors; a frame has {found['frame_mb']} MB")
    print("threads  frames/s  to one  MiB")
    for row in rows:
        print(
            f"{row['threads']:7} {row['frames_a_second']:9} {row['ratio_to_one']:7} "
            f"{row['memory_mib']:4}"
        )
    print(f"one thread needs {alone:.3f} s of a processor to encode a frame")


if __name__ == "__main__":
    main()
