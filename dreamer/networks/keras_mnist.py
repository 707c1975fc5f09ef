"""The convolutional network of Keras' MNIST example, layer by layer: 1,199,882 parameters.

Its program sees one channel; here pictures have three, and their mean is the first thing taken, so
that cards and dreams of it are as everybody's.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

NATIVE = 28
MAP = 12  # places a side that dense1 looks at, for pictures of 28 pixels
ALIASES = {
    "conv2d": "conv1",
    "conv2d_1": "conv2",
    "max_pooling2d": "pool1",
    "dense": "dense1",
}


class KerasMnist(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, H, W)`, normalised as the card says.

    Made for 28×28; the map of another size is brought to 12×12 places.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.relu2 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.dropout1 = nn.Dropout(0.25)
        self.grid = nn.AdaptiveAvgPool2d(MAP)
        self.dense1 = nn.Linear(64 * MAP * MAP, 128)
        self.relu3 = nn.ReLU()
        self.dropout2 = nn.Dropout(0.5)
        self.dense2 = nn.Linear(128, classes)

    def forward(self, x: Tensor) -> Tensor:
        grey = x.mean(1, keepdim=True)
        x = self.relu2(self.conv2(self.relu1(self.conv1(grey))))
        x = self.grid(self.dropout1(self.pool1(x)))
        x = self.dropout2(self.relu3(self.dense1(x.flatten(1))))
        logits: Tensor = self.dense2(x)
        return logits


def layer_names() -> dict[str, str]:
    """Each layer with its ReLU."""
    return {"conv1": "relu1", "conv2": "relu2", "pool1": "pool1", "dense1": "relu3"}


def initialise_as_keras(module: nn.Module, seed: int) -> None:
    """Fill every weight from `seed` ≥ 0 alone, evenly within ±√(6 / (inputs + outputs)), as Keras
    does unless told otherwise (Glorot and Bengio 2010, equation 16); biases are 0.

    Inputs and outputs are counted as Keras counts them: a convolution's by its whole kernel.
    """
    generator = torch.Generator().manual_seed(seed % 2**63)
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):
                places = part.weight[0, 0].numel()
                fans = places * (part.weight.shape[0] + part.weight.shape[1])
                bound = (6 / fans) ** 0.5
                part.weight.uniform_(-bound, bound, generator=generator)
                if part.bias is not None:
                    part.bias.zero_()
