"""The amplitudes of natural pictures that the package brings, for pictures told by phase alone."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

FILE = Path(__file__).parents[1] / "data" / "natural_spectrum.safetensors"
NAME = "whitened"


def natural_spectrum() -> Tensor:
    """Mean Fourier magnitudes times frequency, `(3, 33, 33)` float32, as `maco.maco` wants them.

    Of photographs, flowers (flower_photos), objects (Caltech-101) and buildings (Architectural
    Heritage Elements) along decorrelated colours; measured by tools/make_spectrum.py, whose
    sources and licences the file itself tells.
    """
    kept: Tensor = load_file(FILE)[NAME]
    return kept.float()
