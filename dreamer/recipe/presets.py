"""Presets: everything an `ascent` does not say.

Each is a published loop in its authors' numbers, but for `house`, which is our own:
`deepdream-2015` and `deepdream-guided` are google/deepdream's notebook, `deepdraw` is
auduno/deepdraw's variant that needs the last head alone, `lucid` and `maco` are the feature
visualisations of Olah et al. 2017 and Fel et al. 2023, `neural-dream` is ProGamerGov's program.

`inversion` is Mahendran and Vedaldi's (2015): theirs are the normalised loss, the total variation
against spikes, and the jitter (of their paper of 2016). Their norm that keeps pixels in range is
here a sigmoid; it, the coefficients of a decorrelated spectrum and Adam's 512 steps of 0.05 are
lucid's. Ours are the weight of the variation, which they chose for each layer, and its power 1.
"""

from __future__ import annotations

from collections.abc import Mapping

TRANSFORMS = ("none", "lucid", "maco")
# A picture of pixels, one octave, plain ascent as it comes: what a preset departs from.
PLAIN: dict[str, object] = {
    "parameterisation": "pixels",
    "begin": "frame",
    "octaves": 1,
    "scale": 1.4,
    "passes": 1,
    "carry": "detail",
    "steps": 10,
    "step": 1.5,
    "step_end": None,
    "persistence": 1.0,
    "effort": 1.0,
    "optimiser": "plain",
    "momentum": 0.9,
    "normalize": "none",
    "falloff": 0.0,
    "color": "rgb",
    "highlights": "clip",
    "jitter": 0,
    "transforms": "none",
    "window": None,
    "blur": 0.0,
    "blur_end": None,
    "variation": 0.0,
    "l1": 0.0,
    "l2": 0.0,
    "hold": 0.0,
    "objective": "energy",
    "class_objective": "logit",
    "redirect": 0,
    "resize": "bilinear",
}
NOTEBOOK = PLAIN | {"octaves": 4, "normalize": "mean_abs", "jitter": 32}
LUCID = PLAIN | {
    "parameterisation": "fourier",
    "begin": "noise",
    "steps": 512,
    "step": 0.05,
    "optimiser": "adam",
    "transforms": "lucid",
    "objective": "mean",
    "redirect": 16,
}
PRESETS: Mapping[str, Mapping[str, object]] = {
    "house": PLAIN
    | {
        "octaves": "auto",
        "steps": 12,
        "step": 2.0,
        "normalize": "std",
        "falloff": 0.8,
        "color": "decorrelated",
        "highlights": "soft",
        "jitter": 16,
        "hold": 0.05,
        "objective": "standing_out",
        "class_objective": "mixture",
        "resize": "bicubic",
    },
    "deepdream-2015": NOTEBOOK,
    "deepdream-guided": NOTEBOOK | {"objective": "guide"},
    "deepdraw": PLAIN
    | {
        "begin": "noise",
        "octaves": [
            {"steps": 190, "step": 11.0, "blur": 2.5, "blur_end": 0.78},
            {
                "scale": 1.2,
                "steps": 450,
                "step": 6.0,
                "step_end": 3.0,
                "blur": 0.936,
                "blur_end": 0.40,
            },
        ],
        "normalize": "mean_abs",
        "window": "native",
        "resize": "bicubic",
    },
    "lucid": LUCID,
    "maco": LUCID
    | {
        "parameterisation": "maco",
        "steps": 1000,
        "step": 1.0,
        "optimiser": "nadam",
        "transforms": "maco",
        "redirect": 0,
    },
    "neural-dream": PLAIN
    | {
        "octaves": 2,
        "scale": 1 / 0.6,
        "passes": 10,
        "carry": "whole",
        "steps": 51,  # it counts to 50 from 0, and counts before it looks
        "optimiser": "adam",
        "highlights": "late",
        "jitter": 32,
        "objective": "norm",
    },
    "inversion": LUCID
    | {
        "transforms": "none",
        "jitter": 4,
        "variation": 0.1,
        "objective": "inversion",
        "redirect": 0,
    },
}
