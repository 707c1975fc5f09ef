"""VGG16 as Caffe has it: Oxford's own, and Places' of 365 kinds of places. Its poolings round up,
so that at most sizes its maps are larger than those of torchvision's VGG16.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby

from torch import Tensor, nn

from dreamer.networks.bvlc import Rectified, renamed

WIDTHS = {
    **{f"conv1_{n}": 64 for n in (1, 2)},
    **{f"conv2_{n}": 128 for n in (1, 2)},
    **{f"conv3_{n}": 256 for n in (1, 2, 3)},
    **{f"conv4_{n}": 512 for n in (1, 2, 3)},
    **{f"conv5_{n}": 512 for n in (1, 2, 3)},
}
MAP = 7  # places a side that fc6 looks at, for pictures of 224 pixels
BLOCKS = {block: tuple(names) for block, names in groupby(WIDTHS, key=lambda name: name[4])}
ALIASES = {f"relu{name.removeprefix('conv')}": name for name in WIDTHS}


class CaffeVgg16(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, 224, 224)`, BGR, 0–255, minus the mean."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        channels = 3
        for block, names in BLOCKS.items():
            for name in names:
                self.add_module(name, Rectified(channels, WIDTHS[name], 3, padding=1))
                channels = WIDTHS[name]
            self.add_module(f"pool{block}", nn.MaxPool2d(2, 2, ceil_mode=True))
        self.fc6 = nn.Linear(channels * MAP * MAP, 4096)
        self.relu6 = nn.ReLU()
        self.dropout = nn.Dropout(0.5)
        self.fc7 = nn.Linear(4096, 4096)
        self.relu7 = nn.ReLU()
        self.fc8 = nn.Linear(4096, classes)

    def forward(self, x: Tensor) -> Tensor:
        for block, names in BLOCKS.items():
            for name in names:
                x = self.get_submodule(name)(x)
            x = self.get_submodule(f"pool{block}")(x)
        x = self.dropout(self.relu6(self.fc6(x.flatten(1))))
        logits: Tensor = self.fc8(self.dropout(self.relu7(self.fc7(x))))
        return logits


def layer_names() -> dict[str, str]:
    """Caffe's name of each layer, and the submodule whose output it is; fc6 and fc7 with their
    ReLUs.
    """
    found: dict[str, str] = {}
    for block, names in BLOCKS.items():
        found |= {name: name for name in (*names, f"pool{block}")}
    return {**found, "fc6": "relu6", "fc7": "relu7"}


def from_caffe_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state_dict of `CaffeVgg16` from tensors by Caffe's names, as `conv2_1.weight`; the last
    layer may have a name of its own, as Places' `fc8a`.
    """
    layers = {name.rpartition(".")[0] for name in tensors}
    heads = {name: "fc8" for name in layers if re.fullmatch(r"fc8[\w-]*", name)}
    return renamed(tensors, {**{name: f"{name}.conv" for name in WIDTHS}, **heads})
