"""VGG as Caffe has it, against the same written with plain functions, and against torchvision's."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.networks.architectures import initialise
from dreamer.networks.vgg import VGG16, Vgg, from_caffe_names, layer_names

NARROW = tuple(width if isinstance(width, str) else max(1, width // 64) for width in VGG16)


def caffe_names(module: Vgg) -> dict[str, Tensor]:
    return {k.replace(".conv.", "."): v for k, v in module.state_dict().items()}


@torch.no_grad()
def by_hand(weights: dict[str, Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """What pool5 and fc8 put out; pooling rounds up, as Caffe's does."""
    for block, count in enumerate((2, 2, 3, 3, 3), 1):
        for number in range(1, count + 1):
            name = f"conv{block}_{number}"
            x = F.relu(F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1))
        x = F.max_pool2d(x, 2, 2, ceil_mode=True)
    y = x[:, :, :7, :7].flatten(1)
    for name in ("fc6", "fc7"):
        y = F.relu(F.linear(y, weights[f"{name}.weight"], weights[f"{name}.bias"]))
    return x, F.linear(y, weights["fc8.weight"], weights["fc8.bias"])


@pytest.fixture(scope="module")
def narrow() -> Vgg:
    module = Vgg(7, NARROW)
    initialise(module, 3)
    return module.eval()


@torch.no_grad()
def test_it_is_the_network_of_the_paper(narrow: Vgg) -> None:
    picture = 50 * torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    maps, logits = by_hand(caffe_names(narrow), picture)
    assert maps.shape[2:] == (7, 7)
    torch.testing.assert_close(narrow(picture), logits)


@torch.no_grad()
def test_pooling_rounds_up_as_caffes_does(narrow: Vgg) -> None:
    picture = torch.randn(1, 3, 225, 225, generator=torch.Generator().manual_seed(1))
    maps, _ = by_hand(caffe_names(narrow), picture)
    assert maps.shape[2:] == (8, 8)
    x = picture
    for name in narrow.steps:
        x = narrow.get_submodule(name)(x)
    torch.testing.assert_close(x, maps)


def test_weights_by_caffes_names_fill_it_and_so_does_a_head_of_another_name(narrow: Vgg) -> None:
    tensors = caffe_names(narrow)
    assert from_caffe_names(tensors).keys() == narrow.state_dict().keys()
    flickr = {k.replace("fc8", "fc8_flickr"): v for k, v in tensors.items()}
    assert from_caffe_names(flickr).keys() == narrow.state_dict().keys()


def test_layers_have_caffes_names() -> None:
    names = list(layer_names())
    assert names[:3] == ["conv1_1", "conv1_2", "pool1"]
    assert names[-4:] == ["conv5_3", "pool5", "fc6", "fc7"]
    assert sum(name.startswith("conv") for name in names) == 13
