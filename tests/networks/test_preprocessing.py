"""A pixel of known colour reaches the first convolution with the value that the program had given
it for which the network was made.

The first convolution is made to pass its middle pixel on, a colour a filter.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import nn

from dreamer.engine.execution import decide
from dreamer.engine.perceive import cut, normaliser
from dreamer.networks.architectures import ARCHITECTURES, initialise
from dreamer.networks.cards import Weights, catalogue_card
from dreamer.networks.trace import Point

R, G, B = 200, 100, 50
CAFFE_BVLC = (B - 104, G - 117, R - 123)
CAFFE_PLACES365 = (B - 104.051, G - 112.514, R - 116.676)
TORCHVISION = ((R / 255 - 0.485) / 0.229, (G / 255 - 0.456) / 0.224, (B / 255 - 0.406) / 0.225)
AROUND_NOTHING = (2 * R / 255 - 1, 2 * G / 255 - 1, 2 * B / 255 - 1)

# name of the card, the layer whose output the first convolution's is, what the program computes
FAMILIES = [
    ("bvlc-googlenet", "conv1/7x7_s2", CAFFE_BVLC),
    ("places205-googlenet", "conv1/7x7_s2", (B - 105.417, G - 113.753, R - 116.047)),
    ("places365-googlenet", "conv1/7x7_s2", CAFFE_PLACES365),
    ("places365-alexnet", "conv1", CAFFE_PLACES365),
    ("places365-vgg16", "conv1_1", CAFFE_PLACES365),
    ("places365-resnet18", "conv1", TORCHVISION),
    ("bvlc-alexnet", "conv1", CAFFE_BVLC),
    ("caffenet", "conv1", CAFFE_BVLC),
    ("oxford-vgg16", "conv1_1", (B - 103.939, G - 116.779, R - 123.68)),
    ("inception5h", "conv1/7x7_s2", (R - 117, G - 117, B - 117)),
    ("vgg16", "features.1", TORCHVISION),
    ("alexnet", "features.1", TORCHVISION),
    ("resnet50", "conv1", TORCHVISION),
    ("mobilenet-v2", "features.0.0", TORCHVISION),
    ("mobilenet-v3-large", "features.0.0", TORCHVISION),
    ("squeezenet1-1", "features.0", TORCHVISION),
    ("googlenet", "conv1/7x7_s2", AROUND_NOTHING),
    ("inception-v3", "Conv2d_1a_3x3.conv", AROUND_NOTHING),
    ("house", "conv1", tuple((c / 255 - 0.45) / 0.25 for c in (R, G, B))),
]


def first_convolution(module: nn.Module) -> nn.Conv2d:
    return next(part for part in module.modules() if isinstance(part, nn.Conv2d))


@pytest.mark.parametrize(("name", "layer", "wanted"), FAMILIES, ids=[f[0] for f in FAMILIES])
def test_what_reaches_the_first_convolution(
    name: str, layer: str, wanted: tuple[float, ...], tmp_path: Path
) -> None:
    card = catalogue_card(name)
    card = replace(card, classes=("a", "b"), label_set="")
    module = ARCHITECTURES[card.architecture].build(2)
    initialise(module, 0)
    conv = first_convolution(module)
    conv.weight.data.zero_()
    middle = conv.kernel_size[0] // 2
    for channel in range(3):
        conv.weight.data[channel, channel, middle, middle] = 1
    path = tmp_path / "weights.safetensors"
    safetensors.torch.save_file(module.state_dict(), path)
    card = replace(card, weights=Weights("file", str(path)))
    execution = decide("cpu", "float32")
    side = 2 * card.smallest
    picture = torch.empty(1, 3, side, side)
    picture[:] = torch.tensor([R, G, B])[:, None, None] / 255
    with torch.no_grad():
        (seen,) = cut(card, [Point(layer, before=True)], execution)(
            normaliser(card, execution)(picture)
        )
    places = seen.shape[2] // 2
    found = seen[0, :3, places, places].float()
    torch.testing.assert_close(found, torch.tensor(wanted).float(), rtol=1e-4, atol=1e-3)
