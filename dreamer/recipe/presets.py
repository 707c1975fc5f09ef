"""Presets: everything an `ascent` does not say. Numbers of `deepdream-2015` are those of
google/deepdream's notebook.
"""

from __future__ import annotations

PRESETS: dict[str, dict[str, object]] = {
    "house": {
        "octaves": "auto",
        "scale": 1.4,
        "steps": 12,
        "step": 2.0,
        "persistence": 1.0,
        "jitter": 16,
        "falloff": 0.8,
        "hold": 0.05,
        "color": "decorrelated",
        "normalize": "std",
        "highlights": "soft",
        "energy": "standardised",
        "resize": "bicubic",
    },
    "deepdream-2015": {
        "octaves": 4,
        "scale": 1.4,
        "steps": 10,
        "step": 1.5,
        "persistence": 1.0,
        "jitter": 32,
        "falloff": 0.0,
        "hold": 0.0,
        "color": "rgb",
        "normalize": "mean_abs",
        "highlights": "clip",
        "energy": "plain",
        "resize": "bilinear",
    },
}
