"""Octaves are resized as Pillow resizes pictures (google/deepdream's way is in test_classic)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from dreamer.dreaming.octaves import resize_smoothly


@pytest.mark.parametrize("size", [(11, 17), (64, 90), (40, 20)])
def test_resizing_is_pillows_bicubic(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).uniform(0, 1, (33, 47)).astype(np.float32)
    picture = Image.fromarray(pixels).resize((size[1], size[0]), Image.Resampling.BICUBIC)
    found = resize_smoothly(torch.from_numpy(pixels).expand(1, 3, -1, -1), size)
    np.testing.assert_allclose(found[0, 1], np.asarray(picture), atol=1e-5)
