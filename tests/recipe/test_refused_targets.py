"""Targets that cannot be had, and what is said of each before any work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

# name: (text, messages after "x.yaml:")
IMPOSSIBLE: dict[str, tuple[str, list[str]]] = {
    "a class of a network without a head": (
        "network: headless\ntarget: {class: daisy}",
        ["2: target.class: headless has no classes; name a layer"],
    ),
    "a channel out of range": (
        "target:\n  - {layer: inception_3b, channels: [3, 160]}",
        ["2: target.0.channels: inception_3b has channels 0 to 159, not 160"],
    ),
    "a channel of a direction out of range": (
        "target: {layer: conv1, objective: direction, vector: {16: 1}}",
        ["1: target.vector: conv1 has channels 0 to 15, not 16"],
    ),
    "more channels than there are": (
        "target: {layer: conv1, channels: {strongest: 17}}",
        ["1: target.channels.strongest: conv1 has 16 channels, not 17"],
    ),
    "a channel twice": (
        "target: {layer: conv1, channels: [3, 3]}",
        ["1: target.channels: a channel is named twice"],
    ),
    "a guide that is not named": (
        "target: {layer: inception_3b, objective: guide}",
        ["1: target.reference: guide needs reference: PICTURE, and there is none"],
    ),
    "a guide that is not there": (
        "target:\n  layer: inception_3b\n  objective: guide\n  reference: gone.jpg",
        ["4: target.reference: no such file: {folder}/gone.jpg"],
    ),
    "a guide for what takes none": (
        "target: {layer: inception_3b, objective: norm, reference: source}",
        ["1: target.reference: norm does not take it; it takes none of these"],
    ),
    "a mask of another shape": (
        "size: [100, 100]\ntarget: {layer: inception_3b, mask: wide.png}",
        ["2: target.mask: the mask is 100×50, and the picture 100×100: both must have one shape"],
    ),
    "an unknown objective": (
        "target: {layer: conv1, objective: guided}",
        ["1: target.objective: unknown objective 'guided'; did you mean 'guide'?"],
    ),
    "an objective of classes asked of a layer": (
        "target: {layer: conv1, objective: class_margin}",
        [
            "1: target.objective: class_margin is asked of a class; of a layer there are energy, "
            "mean, mean_square, absolute_mean, absolute_sum, norm, power, softplus, variation, "
            "standing_out, neuron, direction, cosine, guide, style, inversion, caricature, "
            "difference, diversity, alignment, interpolation"
        ],
    ),
    "a power of nothing": (
        "target: {layer: conv1, objective: power}",
        ["1: target.exponent: power needs exponent: 3, and there is none"],
    ),
    "a direction from nowhere": (
        "target: {layer: conv1, objective: cosine}",
        [
            "1: target.reference: cosine needs vector: {12: 1} or reference: PICTURE, "
            "and there is none"
        ],
    ),
    "diversity of one": (
        "target: {layer: conv1, objective: diversity}",
        ["1: target.objective: diversity compares several pictures; say samples: 4"],
    ),
    "diversity of crops": (
        "samples: 2\ntarget: {layer: conv1, objective: diversity}\nascent: {preset: maco}",
        ["2: target.objective: diversity compares whole samples, not crops of them"],
    ),
    "a mask that is misspelt": (
        "target: {layer: conv1, mask: lefft}",
        ["1: target.mask: not looked at; did you mean 'left'?"],
    ),
    "an objective of classes alone": (
        "target: {layer: conv1, objective: logit}",
        [
            "1: target.objective: logit is asked of a class; of a layer there are energy, mean, "
            "mean_square, absolute_mean, absolute_sum, norm, power, softplus, variation, "
            "standing_out, neuron, direction, cosine, guide, style, inversion, caricature, "
            "difference, diversity, alignment, interpolation"
        ],
    ),
    "a place that flips": (
        "target: {layer: conv1, objective: neuron, place: [0.1, 0.1]}\n"
        "ascent: {transforms: [{flip: across}]}",
        ["1: target.place: no place stays where it is under flip; say a mask"],
    ),
    "what cannot be compared": (
        "target: {layer: conv1, objective: difference, other: {layer: inception_4c}}",
        [
            "1: target.other: conv1 has 16 channels at stride None, and inception_4c 248 at None: "
            "they have no difference"
        ],
    ),
    "a difference to itself": (
        "target: {layer: conv1, objective: difference, other: {layer: conv1}}",
        ["1: target.other: is conv1 itself; name another network or layer"],
    ),
    "another network that there is not": (
        "target: {layer: conv1, objective: difference, other: {network: hause}}",
        [
            "1: target.other.network: no network 'hause' in the catalogue (house, big); did you "
            "mean 'house'?"
        ],
    ),
    "an octave that there is not": (
        "target: {layer: conv1, octaves: [2]}\nascent: {preset: deepdraw}",
        ["1: target.octaves: there are octaves 0 to 1, not 2"],
    ),
    "two ways to choose channels": (
        "target: {layer: conv1, channels: {strongest: 2, weakest: 2}}",
        [
            "1: target.channels: expected one of strongest, weakest, average, but; found "
            "strongest and weakest"
        ],
    ),
    "channels as a word": (
        "target: {layer: conv1, channels: strongest}",
        [
            "1: target.channels: expected a list of numbers like [12, 40], or {strongest: 5}, "
            "not 'strongest'"
        ],
    ),
    "a power below 1": (
        "target: {layer: conv1, objective: power, exponent: 0.5}",
        ["1: target.exponent: is at least 1 for power, not 0.5"],
    ),
    "a direction of nothing": (
        "target: {layer: conv1, objective: direction, vector: {}}",
        [
            "1: target.vector: points nowhere; expected numbers by channel like {12: 1}, one not 0",
        ],
    ),
    "a direction of noughts": (
        "target: {layer: conv1, objective: cosine, vector: {3: 0, 4: 0.0}}",
        [
            "1: target.vector: points nowhere; expected numbers by channel like {12: 1}, one not 0",
        ],
    ),
    "a direction that is no number": (
        "target: {layer: conv1, objective: cosine, vector: {3: .nan}}",
        ["1: target.vector: expected numbers from -1e6 to 1e6, not nan for channel 3"],
    ),
    "a direction without end": (
        "target: {layer: conv1, objective: direction, vector: {3: 1, 4: -.inf}}",
        ["1: target.vector: expected numbers from -1e6 to 1e6, not -inf for channel 4"],
    ),
    "a direction too far": (
        "target: {layer: conv1, objective: direction, vector: {3: 1000001}}",
        ["1: target.vector: expected numbers from -1e6 to 1e6, not 1000001.0 for channel 3"],
    ),
    "no octave": (
        "target: {layer: conv1, octaves: []}",
        ["1: target.octaves: expected at least one octave; leave it out for all"],
    ),
    "an octave before the first": (
        "target: {layer: conv1, octaves: [0, -1]}",
        ["1: target.octaves: octaves are counted from 0, the smallest, not -1"],
    ),
    "classes one by one": (
        "target: {class: daisy, objective: margin, apart: true}",
        ["1: target.apart: margin is not asked of channels one by one"],
    ),
    "an interpolation to itself": (
        "samples: 2\ntarget: {layer: conv1, objective: interpolation, channels: [1, 2],\n"
        "  other: {layer: conv1, channels: [2, 1]}}",
        ["3: target.other: is conv1 itself; name another network or layer"],
    ),
    "an interpolation to a channel that there is not": (
        "samples: 2\ntarget: {layer: conv1, objective: interpolation, channels: [1],\n"
        "  other: {layer: conv1, channels: [16]}}",
        ["3: target.other.channels: conv1 has channels 0 to 15, not 16"],
    ),
    "an interpolation to fewer channels": (
        "samples: 2\ntarget: {layer: inception_3b, objective: interpolation, channels: [3, 20],\n"
        "  other: {layer: conv1}}",
        ["3: target.other: conv1 has channels 0 to 15, not 20; say which: other: {channels: [0]}"],
    ),
    "an interpolation of chosen channels to fewer": (
        "samples: 2\ntarget: {layer: inception_3b, objective: interpolation,\n"
        "  channels: {strongest: 2}, other: {layer: conv1}}",
        ["3: target.channels: interpolation is asked of channels by number"],
    ),
    "no channels to compare to": (
        "samples: 2\ntarget: {layer: conv1, objective: interpolation,\n"
        "  other: {layer: inception_3b, channels: []}}",
        ["3: target.other.channels: expected at least one"],
    ),
    "channels of what is not led to": (
        "target: {layer: conv1, objective: difference,\n"
        "  other: {layer: 'conv1:pre', channels: [3]}}",
        [
            "2: target.other.channels: is for interpolation; "
            "all else compares the target's own channels"
        ],
    ),
    "octaves that no frame has": (
        "size: 128\nlength: 3\nascent: {octaves: {keys: [{at: 0, value: 1}, {at: 2, value: 3}]}}\n"
        "target:\n  - {layer: conv1, octaves: [2]}\n  - {layer: conv1, octaves: [1, 3]}",
        ["6: target.1.octaves: there are octaves 0 to 2, not 3"],
    ),
    "an octave beyond those that fit": (
        "size: 64\nascent: {octaves: 9}\ntarget: {layer: conv1, octaves: [5]}",
        ["3: target.octaves: there are octaves 0 to 2, not 5"],
    ),
    "a reference of one pixel": (
        "target: {layer: conv1, objective: guide, reference: dot.png}",
        ["1: target.reference: is 1×1, and house needs 32 pixels a side"],
    ),
    "a reference that is a strip": (
        "size: 200\ntarget: {layer: conv1, objective: cosine, reference: strip.png}",
        [
            "2: target.reference: is 4000×400, beside this picture 200×20, "
            "and house needs 32 pixels a side"
        ],
    ),
    "a mask of three pixels": (
        "size: [96, 64]\ntarget: {layer: conv1, mask: small.png}",
        ["2: target.mask: the mask is 3×3, and the picture 96×64: both must have one shape"],
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_target_that_cannot_be_had_is_refused(
    name: str, refusals: Callable[[str], list[str]]
) -> None:
    text, expected = IMPOSSIBLE[name]
    assert refusals(text) == expected
