"""VGG as its authors published it, for Caffe: 3×3 convolutions by a pattern, under Caffe's names.

torchvision's VGG16 is the same network but for the pooling's last column where a side is odd
(Caffe's pooling rounds up), for the names, and for what it wants of a picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from dreamer.networks.bvlc import Rectified, renamed
from dreamer.networks.caffenet import fine_tuned_head

VGG16 = (64, 64, "M", 128, 128, "M", *(256,) * 3, "M", *(512,) * 3, "M", *(512,) * 3, "M")
MAP = 7  # places a side that fc6 looks at, for pictures of 224 pixels


def _named(pattern: Sequence[int | str]) -> dict[str, int]:
    """Caffe's names of the convolutions of `pattern`, with their channels, and of the poolings,
    with 0.
    """
    found: dict[str, int] = {}
    block = number = 1
    for width in pattern:
        if isinstance(width, str):
            found[f"pool{block}"] = 0
            block, number = block + 1, 1
        else:
            found[f"conv{block}_{number}"] = width
            number += 1
    return found


class Vgg(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, 224, 224)`, BGR, 0–255, minus the mean.

    `pattern`: channels of each convolution, and M for each pooling (Simonyan and Zisserman 2014,
    table 1).
    """

    def __init__(self, classes: int, pattern: Sequence[int | str] = VGG16) -> None:
        super().__init__()
        channels, self.steps = 3, tuple(_named(pattern))
        for name, width in _named(pattern).items():
            part = (
                Rectified(channels, width, 3, padding=1)
                if width
                else nn.MaxPool2d(2, ceil_mode=True)
            )
            self.add_module(name, part)
            channels = width or channels
        self.fc6 = nn.Linear(channels * MAP * MAP, 4096)
        self.relu6 = nn.ReLU()
        self.dropout = nn.Dropout(0.5)
        self.fc7 = nn.Linear(4096, 4096)
        self.relu7 = nn.ReLU()
        self.fc8 = nn.Linear(4096, classes)

    def forward(self, x: Tensor) -> Tensor:
        for name in self.steps:
            x = self.get_submodule(name)(x)
        x = self.dropout(self.relu6(self.fc6(x.flatten(1))))
        logits: Tensor = self.fc8(self.dropout(self.relu7(self.fc7(x))))
        return logits


ALIASES = {
    f"relu{name.removeprefix('conv')}": name for name, width in _named(VGG16).items() if width
}


def layer_names(pattern: Sequence[int | str] = VGG16) -> dict[str, str]:
    """Caffe's name of each layer; fc6 and fc7 with their ReLUs."""
    return {**{name: name for name in _named(pattern)}, "fc6": "relu6", "fc7": "relu7"}


def from_caffe_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state_dict of `Vgg` from tensors by Caffe's names, as `conv5_3.weight`, `fc8.bias`."""
    paths = {name: f"{name}.conv" for name, width in _named(VGG16).items() if width}
    return renamed(tensors, paths | fine_tuned_head(tensors))
