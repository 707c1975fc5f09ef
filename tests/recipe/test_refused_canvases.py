"""Canvases and ascents that cannot be had, and what is said of each before any work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

# name: (text, messages after "x.yaml:")
IMPOSSIBLE: dict[str, tuple[str, list[str]]] = {
    "a place to dream in of another shape": (
        "size: [100, 100]\ninpaint: {mask: wide.png}",
        ["2: inpaint.mask: the mask is 100×50, and the picture 100×100: both must have one shape"],
    ),
    "a canvas of 16 pixels": (
        "size: 16",
        ["1: size: 16×16 is too small: house needs 32 pixels a side"],
    ),
    "an octave of 16 pixels": (
        "size: 64\nascent: {octaves: [{size: 16}, {steps: 3}]}",
        ["2: ascent.octaves.0: 16×16 is too small: 32 pixels a side are needed"],
    ),
    "a film of samples": (
        "samples: 4\nlength: 2s",
        ["1: samples: several samples make a still, not a film; leave length out"],
    ),
    "a source that nobody sees": (
        "source: {procedural: rings}\nascent: {preset: lucid}",
        [
            "1: source: is not seen, for the ascent begins with noise; say ascent: {begin: "
            "frame}, or refer to it"
        ],
    ),
    "phases fed with frames": (
        "ascent: {preset: maco, begin: frame}",
        [
            "1: ascent.parameterisation: maco: no picture turns into its parameters, so frames "
            "cannot be fed to it; say begin: noise"
        ],
    ),
    "phases in octaves": (
        "ascent: {preset: maco, octaves: 3}",
        ["1: ascent.octaves: maco climbs one octave; say octaves: 1"],
    ),
    "smoothing of no pixels": (
        "ascent: {preset: lucid, blur: 1}",
        ["1: ascent.blur: is of pixels, not of fourier; say blur: 0"],
    ),
    "inpainting without pixels": (
        "inpaint: {mask: left}\nascent: {preset: lucid}",
        ["1: inpaint: dreams inside a mask climb pixels, not fourier"],
    ),
    "seamless edges": (
        "seamless: true\nmotion: {edges: mirror}",
        ["2: motion.edges: a seamless picture goes on at its other side: wrap, not mirror"],
    ),
    "a zoom into a seamless picture": (
        "seamless: true\nlength: 2s\nmotion: {zoom: 2}",
        [
            "3: motion.zoom: a seamless picture can be moved, not zoomed or turned: its edges "
            "would part"
        ],
    ),
    "seamless rotation": (
        "seamless: true\nascent: {transforms: [{rotate: 10}]}",
        ["1: seamless: a seamless picture has no edges for rotate to cut"],
    ),
    "transparent film": (
        "output: {transparency: attribution}\nlength: 2s",
        ["1: output.transparency: is had of a still; leave length out"],
    ),
    "unknown transforms": (
        "ascent: {transforms: lucyd}",
        ["1: ascent.transforms: unknown transforms 'lucyd'; did you mean 'lucid'?"],
    ),
    "two transforms in one": (
        "ascent: {transforms: [{rotate: 10, crop: 3}]}",
        [
            "1: ascent.transforms.0: expected one of pad, crop, scale, rotate, flip, noise, "
            "crops; found crop and rotate"
        ],
    ),
    "a palette that is not there": (
        "colors: {palette: gone.jpg}",
        ["1: colors.palette: no such file: {folder}/gone.jpg"],
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_dreamt_is_refused(name: str, refusals: Callable[[str], list[str]]) -> None:
    text, expected = IMPOSSIBLE[name]
    assert refusals(text) == expected
