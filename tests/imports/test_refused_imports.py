"""What `networks import` does not take, and what it says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from made_weights import caffemodel, googlenet, state
from own_network import PICTURE, own_network

import dreamer
from dreamer.engine.lookup import card_of, ref_of
from dreamer.errors import NetworkError, UsageError
from dreamer.jobs.imports import import_file
from dreamer.networks.cards import catalogue_card


def test_names_are_not_taken_from_others(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "vgg16.pth"
    torch.save(state("torchvision:resnet18", 3), path)
    with pytest.raises(UsageError, match="'vgg16' is the catalogue's name of another file"):
        import_file(path)
    import_file(path, name="mine")
    kept = (home / "networks" / "mine.safetensors").read_bytes()
    torch.save(state("torchvision:resnet18", 3, seed=1), path)
    with pytest.raises(UsageError, match="there is a network 'mine' already"):
        import_file(path, name="mine")
    assert (home / "networks" / "mine.safetensors").read_bytes() == kept
    import_file(path, name="mine", force=True)
    assert (home / "networks" / "mine.safetensors").read_bytes() != kept


def test_labels_and_edits_are_not_lost_by_importing_again(tmp_path: Path) -> None:
    path, labels = own_network(tmp_path)
    import_file(path, labels=labels)
    with pytest.raises(UsageError, match="with other weights, labels or words"):
        import_file(path)
    assert catalogue_card("mine").classes[0] == "imp"
    import_file(path, labels=labels)  # the same again is nothing new


def test_what_is_no_network_is_named(tmp_path: Path, home: Path) -> None:
    page = tmp_path / "vgg16.caffemodel"
    page.write_bytes(b"<!DOCTYPE html><html>Not found")
    with pytest.raises(NetworkError, match=r"vgg16\.caffemodel is an HTML page"):
        import_file(page)
    half = tmp_path / "half.caffemodel"
    half.write_bytes(caffemodel({k: v for k, v in googlenet(5).items() if "5b" not in k}))
    with pytest.raises(NetworkError, match=r"'inception_5b\..*' is missing"):
        import_file(half)
    labels = tmp_path / "labels.txt"
    labels.write_text("a\nb\n")
    whole = tmp_path / "whole.caffemodel"
    whole.write_bytes(caffemodel(googlenet(5)))
    with pytest.raises(NetworkError, match="tells 5 classes apart, and 2 labels were given"):
        import_file(whole, labels=labels)
    assert not list(home.rglob("*.safetensors"))


def test_a_file_for_another_architecture_is_told_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    torch.save(state("torchvision:resnet18", 3), path)
    with pytest.raises(NetworkError, match="it is torchvision:resnet18 with 3 classes"):
        dreamer.dream(
            PICTURE,
            network={"architecture": "bvlc-googlenet", "weights": str(path)},
            target="inception_4c",
        )


@pytest.mark.parametrize("bad", ["a\x1b[2Jb", "a\nb", "a\u2028b", "x" * 501])
def test_names_out_of_a_checkpoint_are_not_obeyed(bad: str, tmp_path: Path) -> None:
    path, labels = tmp_path / "mine.pth", tmp_path / "labels.txt"
    beside = {"state_dict": state("torchvision:resnet18", 3)}
    torch.save(beside | {"classes": ["imp", bad, "familiar"]}, path)
    with pytest.raises(NetworkError, match=r"its 'classes' \(give .*\): class 1: ") as said:
        card_of(ref_of(str(path)))
    assert bad not in str(said.value)
    labels.write_text("imp\nfiend\nfamiliar\n")
    import_file(path, labels=labels)
    torch.save(beside | {"class_to_idx": {" fiend\t": 1, "imp": 0, "familiar": 2}}, path)
    assert card_of(ref_of(str(path))).classes == ("imp", "fiend", "familiar")
