"""Files of dream-creator, whose GoogLeNet has other names and computes a little otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from made_weights import state

from dreamer.engine.lookup import card_of, ref_of
from dreamer.jobs.imports import import_file
from dreamer.networks.cards import catalogue_card
from dreamer.networks.weights import load_module


def dream_creators(path: Path, tensors: dict[str, torch.Tensor], *params: object) -> Path:
    """A file by dream-creator's names, with its `normalize_params`."""
    theirs = {
        k.replace("inception_", "mixed")
        .replace(".conv.", ".")
        .replace("classifier.", "fc.")
        .replace("conv2.", "conv3.")
        .replace("conv2_reduce.", "conv2."): v
        for k, v in tensors.items()
    }
    torch.save({"model_state_dict": theirs, "normalize_params": list(params)}, path)
    return path


@pytest.mark.parametrize(
    ("params", "order", "scale"),
    [
        (([108.6, 112.1, 119.0], [1.0, 1.0, 1.0], "BGR"), "BGR", 255),
        (([108.6, 112.1, 119.0], [1.0, 1.0, 1.0]), "BGR", 255),
        (([0.48, 0.45, 0.41], [0.22, 0.21, 0.2], "BGR"), "RGB", 1),
        (([0.48, 0.45, 0.41], [0.22, 0.21, 0.2]), "RGB", 1),
    ],
)
def test_dream_creators_files_say_their_range_and_their_classes(
    params: tuple[list[float], ...], order: str, scale: float, tmp_path: Path
) -> None:
    tensors = state("bvlc-googlenet", 5)
    path = dream_creators(tmp_path / "flowers.pth", tensors, *params)
    card = card_of(ref_of(str(path)))
    assert (card.architecture, len(card.classes)) == ("dream-creator-googlenet", 5)
    assert (card.order, card.scale) == (order, scale)
    assert card.mean == pytest.approx(params[0])
    assert card.std == pytest.approx(params[1])
    module = load_module(card)
    assert torch.equal(module.get_parameter("conv2.conv.weight"), tensors["conv2.conv.weight"])


def test_dream_creators_network_stays_itself_in_the_catalogue(tmp_path: Path) -> None:
    """Kept by Caffe's names, it is still computed as dream-creator computes it."""
    path = dream_creators(tmp_path / "flowers.pth", state("bvlc-googlenet", 5))
    module = load_module(card_of(ref_of(str(path))))
    import_file(path)
    card = catalogue_card("flowers")
    assert (card.architecture, card.order) == ("dream-creator-googlenet", "BGR")
    assert card.mean == catalogue_card("bvlc-googlenet").mean
    x = 100 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(load_module(card)(x), module(x))
