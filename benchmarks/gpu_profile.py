"""A profiled frame in numbers: what the host said, and how long the GPU had nothing to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def spent(events: Sequence[Any]) -> dict[str, Any]:
    """Of the events of a torch.profiler, whose times are microseconds."""
    on_device = [e for e in events if "CUDA" in str(e.device_type)]
    spans = sorted((e.time_range.start, e.time_range.end) for e in on_device)
    busy, until = 0.0, float("-inf")
    for start, end in spans:
        busy += max(0.0, end - max(start, until))
        until = max(until, end)
    said = [e.name for e in events if e.name.startswith(("cuda", "cuLaunch"))]
    by_kernel: dict[str, list[float]] = {}
    for e in on_device:
        by_kernel.setdefault(e.name, []).append(e.time_range.end - e.time_range.start)
    heaviest = sorted(by_kernel.items(), key=lambda one: -sum(one[1]))[:15]
    whole_time = (max(e for _, e in spans) - spans[0][0]) if spans else 0.0
    return {
        "launches": {name: said.count(name) for name in sorted(set(said))},
        "kernels": len(on_device),
        "frame_ms": round(whole_time / 1e3, 3),
        "idle_share": round(1 - busy / whole_time, 4) if whole_time else None,
        "heaviest": [
            {"kernel": name[:100], "times": len(took), "ms": round(sum(took) / 1e3, 3)}
            for name, took in heaviest
        ],
    }
