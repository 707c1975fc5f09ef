"""`networks import`: files of whatever origin become networks one can dream with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from made_weights import caffemodel, checkpoint, googlenet, state
from own_network import PICTURE
from safetensors.torch import save_file

import dreamer
from dreamer.engine.lookup import card_of, ref_of
from dreamer.jobs.imports import import_file
from dreamer.networks.cards import card_names, catalogue_card
from dreamer.networks.weights import load_module
from dreamer.networks.written import as_text, words_of


def test_a_network_of_ones_own_has_its_own_name_and_labels(tmp_path: Path) -> None:
    path, labels = tmp_path / "My Daemons.pth", tmp_path / "labels.txt"
    tensors = {f"module.{k}": v for k, v in state("torchvision:resnet18", 3).items()}
    torch.save(checkpoint(tensors), path)
    labels.write_text("imp\nfiend\nfamiliar\n")
    made = import_file(path, labels=labels)
    assert made.name == "my-daemons"
    assert "my-daemons" in card_names()
    card = catalogue_card("my-daemons")
    assert card.classes == ("imp", "fiend", "familiar")
    assert card.architecture == "torchvision:resnet18"
    target = [{"class": "fiend"}]
    assert dreamer.dream(PICTURE, network="my-daemons", target=target, steps=1).shape == (64, 64, 3)
    assert {name for name, _ in dreamer.classify(PICTURE, "my-daemons")} == set(card.classes)


def test_the_same_file_needs_no_import(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin.pth"
    torch.save({"state_dict": state("torchvision:resnet18", 4)}, path)
    card = card_of(ref_of(str(path)))
    assert (card.architecture, card.classes[3]) == ("torchvision:resnet18", "class 3")
    assert dreamer.classify(PICTURE, str(path), top=4)


def test_a_network_without_a_head_dreams_by_its_layers(tmp_path: Path) -> None:
    layers = googlenet(5)
    del layers["loss3/classifier"]
    path = tmp_path / "headless.caffemodel"
    path.write_bytes(caffemodel(layers))
    card = card_of(ref_of(str(path)))
    assert card.classes == ()
    dreamer.dream(PICTURE, network=str(path), target="inception_3b", steps=1)
    with pytest.raises(Exception, match="has no classes; name a layer"):
        dreamer.dream(PICTURE, network=str(path), target=[{"class": 1}], steps=1)


def test_a_head_of_another_name_keeps_its_classes(tmp_path: Path) -> None:
    layers = googlenet(5)
    weight, bias = layers["loss3/my-classifier"] = layers.pop("loss3/classifier")
    path = tmp_path / "mine.caffemodel"
    path.write_bytes(caffemodel(layers))
    import_file(path)
    for card in (card_of(ref_of(str(path))), catalogue_card("mine")):
        assert len(card.classes) == 5
        module = load_module(card)
        np.testing.assert_array_equal(module.get_parameter("classifier.weight").detach(), weight)
        np.testing.assert_array_equal(module.get_parameter("classifier.bias").detach(), bias)


def test_a_trained_network_keeps_what_its_card_says(tmp_path: Path) -> None:
    """House with five classes of somebody's own is not the flower network."""
    tensors = state("house", 5)
    save_file(tensors, tmp_path / "alone.safetensors")
    import_file(tmp_path / "alone.safetensors")
    assert catalogue_card("alone").classes == tuple(f"class {k}" for k in range(5))
    save_file(tensors, tmp_path / "cats.safetensors")
    words = words_of(catalogue_card("house-flowers")) | {
        "name": "cats",
        "weights": {"kind": "file", "file": "cats.safetensors"},
        "classes": ["siamese", "persian", "manx", "birman", "sphynx"],
        "mean": [0.1, 0.2, 0.3],
        "groups": [],
    }
    (tmp_path / "cats.json").write_text(as_text(words))
    import_file(tmp_path / "cats.safetensors")
    card = catalogue_card("cats")
    assert card.classes[4] == "sphynx"
    assert card.mean == (0.1, 0.2, 0.3)


def test_sets_of_labels_are_known_by_their_number_where_others_trained(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    torch.save(state("torchvision:resnet18", 1000), path)
    assert card_of(ref_of(str(path))).classes[0] == "tench"
    torch.save(state("torchvision:alexnet", 365), path)
    assert card_of(ref_of(str(path))).label_set == "places365"


@pytest.mark.slow
def test_what_a_file_does_not_tell_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "alex.pth"
    tensors = {k.replace(".conv.", "."): v for k, v in state("caffenet", 7).items()}
    torch.save(tensors, path)
    made = import_file(path)
    assert "--architecture bvlc-alexnet if it is that" in made.what
    import_file(path, name="other", architecture="bvlc-alexnet")
    assert catalogue_card("other").architecture == "bvlc-alexnet"
    torch.save(state("torchvision:resnet101", 3), path)
    import_file(path, name="deep", architecture="torchvision:resnet101")
    assert len(catalogue_card("deep").classes) == 3
