"""AlexNet as Caffe has it, with its two groups: `bvlc_alexnet`, which normalises before it pools,
and CaffeNet, which pools first (Places' alexnet is one). torchvision's AlexNet is another network.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from dreamer.networks.bvlc import Rectified, renamed

CONVOLUTIONS = ("conv1", "conv2", "conv3", "conv4", "conv5")
MAP = 6  # places a side that fc6 looks at, for pictures of 227 pixels


class CaffeNet(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, 227, 227)`, BGR, 0–255, minus the mean.

    `norm_first`: whether local response norm comes before pooling, as in AlexNet.
    """

    def __init__(self, classes: int, norm_first: bool = False) -> None:
        super().__init__()
        self.norm_first = norm_first
        self.conv1 = Rectified(3, 96, 11, 4)
        self.norm1 = nn.LocalResponseNorm(5, 1e-4, 0.75, 1.0)
        self.pool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = Rectified(96, 256, 5, padding=2, groups=2)
        self.norm2 = nn.LocalResponseNorm(5, 1e-4, 0.75, 1.0)
        self.pool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv3 = Rectified(256, 384, 3, padding=1)
        self.conv4 = Rectified(384, 384, 3, padding=1, groups=2)
        self.conv5 = Rectified(384, 256, 3, padding=1, groups=2)
        self.pool5 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.fc6 = nn.Linear(256 * MAP * MAP, 4096)
        self.relu6 = nn.ReLU()
        self.dropout = nn.Dropout(0.5)
        self.fc7 = nn.Linear(4096, 4096)
        self.relu7 = nn.ReLU()
        self.fc8 = nn.Linear(4096, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self._smaller(self.conv1(x), self.norm1, self.pool1)
        x = self._smaller(self.conv2(x), self.norm2, self.pool2)
        x = self.pool5(self.conv5(self.conv4(self.conv3(x))))
        x = self.dropout(self.relu6(self.fc6(x.flatten(1))))
        logits: Tensor = self.fc8(self.dropout(self.relu7(self.fc7(x))))
        return logits

    def _smaller(self, x: Tensor, norm: nn.Module, pool: nn.Module) -> Tensor:
        made: Tensor = pool(norm(x)) if self.norm_first else norm(pool(x))
        return made


def layer_names() -> dict[str, str]:
    """Caffe's name of each layer, and the submodule whose output it is; fc6 and fc7 with their
    ReLUs.
    """
    parts = ("conv1", "norm1", "pool1", "conv2", "norm2", "pool2", "conv3", "conv4", "conv5")
    return {**{name: name for name in (*parts, "pool5")}, "fc6": "relu6", "fc7": "relu7"}


def from_caffe_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state_dict of `CaffeNet` from tensors by Caffe's names, as `conv2.weight`, `fc8.bias`."""
    return renamed(tensors, {n: f"{n}.conv" for n in CONVOLUTIONS} | fine_tuned_head(tensors))


def fine_tuned_head(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """The head of a network that somebody trained further has a name of its own (`fc8_flickr`)."""
    heads = {key.rpartition(".")[0] for key in tensors if key.startswith("fc8")}
    return dict.fromkeys(heads, "fc8") if len(heads) == 1 else {}
