"""Weights from files, read without running anything in them and hashed before every use."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from dreamer.errors import NetworkError
from dreamer.networks.architectures import ARCHITECTURES, initialise
from dreamer.networks.cards import Card
from dreamer.networks.formats.read import read_weights
from dreamer.networks.locate import weights_path


def read_tensors(path: Path, sha256: str = "") -> dict[str, Tensor]:
    """The tensors of a weight file of any format (`formats.read`), by the names we use.

    Args:
        path: the file.
        sha256: how its hash begins; nothing of another file is parsed.

    Raises:
        NetworkError: a file that is missing or something else, with what it is.
    """
    return dict(read_weights(path, sha256).tensors)


def tensors_of(card: Card) -> dict[str, Tensor]:
    """All tensors of the file of `card`, checked against its hash; none where weights are random.

    Raises:
        NetworkError: a file that is missing, of another hash, or something else.
    """
    path = weights_path(card)
    if path is None:
        return {}
    if card.weights.kind in ("torchvision", "cache") and not path.is_file():
        raise NetworkError(f"{card.name}: its weights are not here ({path}); {card.fetching}")
    return read_tensors(path, card.weights.sha256)


def load_module(card: Card) -> nn.Module:
    """The network of `card` with its weights, in fp32 and eval mode, on the CPU.

    Raises:
        NetworkError: weights that are missing, of another hash, or of another network.
    """
    module = ARCHITECTURES[card.architecture].build(len(card.classes))
    if card.weights.kind == "random":
        initialise(module, card.weights.seed)
        return module.eval()
    tensors = tensors_of(card)
    wanted = module.state_dict()
    missing = sorted(k for k in wanted if k not in tensors and "num_batches_tracked" not in k)
    wrong = sorted(k for k in wanted if k in tensors and tensors[k].shape != wanted[k].shape)
    if missing or wrong:
        first = (
            f"'{missing[0]}' is missing ({len(missing)} in all)"
            if missing
            else f"'{wrong[0]}' is {tuple(tensors[wrong[0]].shape)}, "
            f"not {tuple(wanted[wrong[0]].shape)}"
        )
        raise NetworkError(f"{weights_path(card)} does not fit {card.architecture}: {first}")
    module.load_state_dict({k: v.float() for k, v in tensors.items() if k in wanted}, strict=False)
    return module.eval()
