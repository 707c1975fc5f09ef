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
    "samples that nobody can hold": (
        "size: 20000\nsamples: 2",
        ["2: samples: 2 of 20000×20000 are more than 400 megapixels"],
    ),
    "an octave that nobody can hold": (
        "ascent: {octaves: [{size: 20001}, {steps: 3}]}",
        ["1: ascent.octaves.0.size: must be at most 20000, not 20001"],
    ),
    "samples of an octave that nobody can hold": (
        "size: [100, 90]\nsamples: 2\nascent: {octaves: [{size: 20000}, {steps: 3}]}",
        ["2: samples: 2 of 20000×18000 are more than 400 megapixels"],
    ),
    "an octave too small at one frame": (
        "size: 64\nlength: 3\nascent:\n  octaves: [{steps: 1}, {steps: 1}]\n"
        "  scale: {keys: [{at: 0, value: 1.5}, {at: 2, value: 4}]}",
        ["4: ascent.octaves.0: 16×16 is too small: 32 pixels a side are needed"],
    ),
    "a crop of everything": (
        "size: 64\nascent: {transforms: [{crop: 70}]}",
        [
            "2: ascent.transforms: leave nothing of 64×64, and house needs 32 pixels a side",
        ],
    ),
    "a crop of nearly everything": (
        "size: 64\nascent: {transforms: [{pad: 3}, {crop: 63}]}",
        ["2: ascent.transforms: leave 7×7 of 64×64, and house needs 32 pixels a side"],
    ),
    "nothing left to take crops of": (
        "size: 64\nascent: {transforms: [{crop: 64}, {crops: {count: 2}}]}",
        ["2: ascent.transforms: leave nothing of 64×64, and house needs 32 pixels a side"],
    ),
    "a scale to a tenth": (
        "size: 128\nascent: {transforms: [{scale: [0.1, 0.1]}]}",
        ["2: ascent.transforms: leave 6×6 of 65×65, and house needs 32 pixels a side"],
    ),
    "lucid's transforms of too little": (
        "size: 33\nascent: {preset: lucid, transforms: [{crop: 1}, {scale: [0.99, 2]}]}",
        ["2: ascent.transforms: leave 31×31 of 33×33, and house needs 32 pixels a side"],
    ),
    "a window of eight pixels": (
        "target: {class: daisy}\nascent: {window: 8}",
        ["2: ascent.window: leaves 8×8 of 68×68, and house needs 32 pixels a side"],
    ),
    "a crop of a window": (
        "ascent: {octaves: 1, window: 40, transforms: [{crop: 39}]}",
        ["1: ascent.transforms: leave 1×1 of 40×40, and house needs 32 pixels a side"],
    ),
    "a mask in noise": (
        "inpaint: {mask: left}\nascent: {begin: noise}",
        [
            "1: inpaint: dreams inside a mask begin with the picture around it; "
            "say ascent: {begin: frame}"
        ],
    ),
    "a tile of a formula": (
        "seamless: true\n"
        "ascent: {preset: lucid, parameterisation: cppn, transforms: none, resize: bicubic}",
        ["1: seamless: cppn makes no tiles; say parameterisation: pixels, logits or fourier"],
    ),
    "a tile of a pyramid": (
        "seamless: true\nascent: {parameterisation: pyramid, falloff: 0, color: rgb}",
        ["1: seamless: pyramid makes no tiles; say parameterisation: pixels, logits or fourier"],
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_dreamt_is_refused(name: str, refusals: Callable[[str], list[str]]) -> None:
    text, expected = IMPOSSIBLE[name]
    assert refusals(text) == expected
