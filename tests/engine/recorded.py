"""Films of all kinds whose steps can be recorded."""

from __future__ import annotations

from typing import Any

LAYER = "inception_3b"
FILM: dict[str, Any] = {
    "size": [64, 48],
    "fps": 4,
    "length": 3,
    "source": {"noise": "plasma"},
    "target": {"layer": LAYER},
    "motion": {"zoom": 1.5, "rotate": 20},
}
CLASSES = [{"class": "daisy"}, {"class": "stained_glass", "weight": 0.5}]
SAME: dict[str, dict[str, Any]] = {
    "house preset": {"ascent": {"octaves": 2}},
    "2015": {"ascent": {"preset": "deepdream-2015", "octaves": 2, "steps": 4}},
    "classes": {"target": CLASSES, "ascent": {"octaves": 1, "steps": 4}},
    "several networks": {
        "target": [{"layer": LAYER}, {"network": "house-flowers", "layer": LAYER, "weight": 0.5}],
        "ascent": {"octaves": 1, "steps": 4},
    },
    "masks": {
        "target": [{"layer": LAYER, "mask": "left"}, {"class": "daisy", "mask": "right"}],
        "ascent": {"octaves": 1, "steps": 4},
    },
    "inpainting": {"inpaint": {"mask": "left"}, "ascent": {"octaves": 1, "steps": 4}},
    "momentum": {"ascent": {"optimiser": "momentum", "steps": 5, "octaves": 2}},
    "adam": {"ascent": {"optimiser": "adam", "steps": 5, "octaves": 2}},
    "nadam": {"ascent": {"optimiser": "nadam", "steps": 5, "octaves": 2}},
    "seamless": {
        "seamless": True,
        "motion": {"move": [0.1, 0]},
        "ascent": {"octaves": 1, "steps": 4},
    },
    "falloff": {"ascent": {"falloff": 1.0, "octaves": 1, "steps": 4}},
    "scales": {"ascent": {"normalize": "scales", "octaves": 1, "steps": 4}},
    "no jitter": {"ascent": {"jitter": 0, "octaves": 1, "steps": 4}},
    "soft": {"ascent": {"highlights": "soft", "octaves": 1, "steps": 4}},
    "redirected": {"ascent": {"redirect": 6, "octaves": 2, "steps": 8}},
    "a step that falls": {"ascent": {"step": 3, "step_end": 1, "steps": 5}},
    "guide": {
        "target": {"layer": LAYER, "objective": "guide", "reference": "guide.png"},
        "ascent": {"octaves": 1, "steps": 4},
    },
    "what lies under": {
        "target": {"layer": LAYER, "objective": "inversion", "reference": "source"},
        "ascent": {"octaves": 1, "steps": 4},
    },
    "what lies under, unmoved": {
        "target": {"layer": LAYER, "objective": "caricature", "reference": "frame"},
        "ascent": {"octaves": 1, "steps": 4, "jitter": 0},
    },
    "the frame as a guide": {
        "target": {"layer": LAYER, "objective": "style", "reference": "frame"},
        "ascent": {"octaves": 1, "steps": 4},
    },
    "penalties": {"ascent": {"variation": 2.0, "l2": 0.5, "octaves": 1, "steps": 4}},
    "smoothed": {"ascent": {"blur": 0.8, "octaves": 1, "steps": 4}},
    "weights that change": {
        "target": [{"layer": LAYER}, {"class": "daisy", "weight": {"expr": "t"}}],
        "ascent": {"octaves": 1, "steps": 4},
    },
    "chosen channels": {
        "target": {"layer": LAYER, "channels": {"strongest": 3, "renew": True}},
        "ascent": {"octaves": 1, "steps": 4},
    },
}
