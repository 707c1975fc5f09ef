"""The nearest of 256 levels are found in float32 as float64 finds them."""

from __future__ import annotations

import numpy as np

from dreamer.media.png import quantised


def plainly(pixels: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(pixels.astype(np.float64), 0, 1) * 255).transpose(1, 2, 0)


def test_every_float_about_every_boundary_is_rounded_as_in_float64() -> None:
    halves = ((np.arange(255) + 0.5) / 255).astype(np.float32)
    about = [halves]
    for towards in (-np.inf, np.inf):
        near = halves
        for _ in range(40):
            near = np.nextafter(near, np.float32(towards))
            about.append(near)
    pixels = np.stack([np.stack(about)] * 3)
    np.testing.assert_array_equal(quantised(pixels, 8), plainly(pixels))


def test_any_floats_are_rounded_as_in_float64() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.uniform(-0.2, 1.2, (3, 200, 301)).astype(np.float32)
    pixels[0, 0, :256] = np.arange(256, dtype=np.float32) / 255
    np.testing.assert_array_equal(quantised(pixels, 8), plainly(pixels))
    np.testing.assert_array_equal(quantised(pixels[:, ::2, 1:], 8), plainly(pixels[:, ::2, 1:]))
