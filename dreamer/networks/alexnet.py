"""AlexNet for small pictures and few of them: with batch norm after each layer and dropout, and
a lean one without fully connected layers.

Krizhevsky's first layer looks at 11×11 pixels every 4 and leaves 6×6 places of 227 pixels. Here it
looks at 7×7 every 2, which leaves the same 6×6 of 96 pixels and sees as large a part of them; the
five convolutions have his widths, and his two groups, so that the first layer's filters may fall
into two families as his did. Of the two layers of 4096 a quarter is left each: where a class has a
hundred pictures, more of them is only learnt by heart.

Multiply-adds of one picture, with 20 classes (`dreamer networks show NAME:random --size N`):

| | parameters | 64 px | 96 px |
|---|---|---|---|
| alexnet-bn | 12,825,076 | 231.0 M | 506.6 M |
| alexnet-lean | 648,580 | 52.6 M | 118.4 M |
"""

from __future__ import annotations

from torch import Tensor, nn

from dreamer.networks.convolved import Convolved

NATIVE = 96
MAP = 6  # places a side that fc6 looks at, for pictures of 96 pixels
WIDTHS = (96, 256, 384, 384, 256)
FULL = 1024
LEAN = (48, 96, 160, 160, 160)


def _pool() -> nn.MaxPool2d:
    """Overlapping windows, and the last column kept: 48, 24, 12, 6 places of 96 pixels."""
    return nn.MaxPool2d(3, 2, ceil_mode=True)


class AlexNetBN(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, H, W)`, normalised as the card says.

    Pictures of up to 96 pixels a side are seen whole: the map of a smaller one is enlarged to 6×6
    by repeating its values. A larger one is averaged down to it here, and seen crop by crop by
    whoever asks for the class head at every position; so learn with no larger ones.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        one, two, three, four, five = WIDTHS
        self.conv1 = Convolved(3, one, 7, 2, 3)
        self.pool1 = _pool()
        self.conv2 = Convolved(one, two, 5, padding=2, groups=2)
        self.pool2 = _pool()
        self.conv3 = Convolved(two, three, 3, padding=1)
        self.conv4 = Convolved(three, four, 3, padding=1, groups=2)
        self.conv5 = Convolved(four, five, 3, padding=1, groups=2)
        self.pool5 = _pool()
        self.grid = nn.AdaptiveAvgPool2d(MAP)
        self.fc6 = nn.Linear(five * MAP * MAP, FULL, bias=False)
        self.bn6 = nn.BatchNorm1d(FULL)
        self.relu6 = nn.ReLU()
        self.dropout = nn.Dropout(0.5)
        self.fc7 = nn.Linear(FULL, FULL, bias=False)
        self.bn7 = nn.BatchNorm1d(FULL)
        self.relu7 = nn.ReLU()
        self.fc8 = nn.Linear(FULL, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool2(self.conv2(self.pool1(self.conv1(x))))
        x = self.pool5(self.conv5(self.conv4(self.conv3(x))))
        x = self.dropout(self.relu6(self.bn6(self.fc6(self.grid(x).flatten(1)))))
        logits: Tensor = self.fc8(self.dropout(self.relu7(self.bn7(self.fc7(x)))))
        return logits


class AlexNetLean(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, H, W)` of any size from 32 pixels on.

    AlexNet's fully connected layers are most of its parameters and most of what it learns by
    heart; a mean over all places, and dropout before the one linear layer after it, stand for
    them. The convolutions are narrower and have no groups, and the second is 3×3: 5×5 took a third
    more time and told 20 classes of 70 pictures apart no better (80 % of 472 either way).
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        one, two, three, four, five = LEAN
        self.conv1 = Convolved(3, one, 5, 2, 2)
        self.pool1 = _pool()
        self.conv2 = Convolved(one, two, 3, padding=1)
        self.pool2 = _pool()
        self.conv3 = Convolved(two, three, 3, padding=1)
        self.conv4 = Convolved(three, four, 3, padding=1)
        self.conv5 = Convolved(four, five, 3, padding=1)
        self.dropout = nn.Dropout(0.3)
        self.fc6 = nn.Linear(five, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool2(self.conv2(self.pool1(self.conv1(x))))
        x = self.conv5(self.conv4(self.conv3(x)))
        logits: Tensor = self.fc6(self.dropout(x.mean((2, 3))))
        return logits


def layer_names() -> dict[str, str]:
    """AlexNet's names, as Caffe has them; fc6 and fc7 with their batch norms and ReLUs."""
    parts = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5")
    return {**{name: name for name in parts}, "fc6": "relu6", "fc7": "relu7"}


def lean_layer_names() -> dict[str, str]:
    """The same of the lean one."""
    parts = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5")
    return {name: name for name in parts}
