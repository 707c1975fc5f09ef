"""The judge: a small residual network that shares nothing with house but its classes, trained
from another seed and other drawings, so that it can say whether a dream shows what it should.
"""

from __future__ import annotations

from torch import Tensor, nn

WIDTHS = (32, 64, 96, 160)


class Block(nn.Module):
    """Two 3×3 convolutions beside a shortcut (He et al. 2016)."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Conv2d(in_channels, out_channels, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        final: Tensor = self.relu(out + self.shortcut(x))
        return final


class Judge(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, H, W)`, normalised as the card says."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTHS[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTHS[0])
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(3, 2, 1)
        channels = WIDTHS[0]
        for number, width in enumerate(WIDTHS, 1):
            self.add_module(f"stage{number}", Block(channels, width, 1 if number == 1 else 2))
            self.add_module(f"stage{number}b", Block(width, width, 1))
            channels = width
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.relu(self.bn1(self.conv1(x))))
        for number in range(1, len(WIDTHS) + 1):
            x = self.get_submodule(f"stage{number}")(x)
            x = self.get_submodule(f"stage{number}b")(x)
        logits: Tensor = self.fc(self.dropout(x.mean((2, 3))))
        return logits
