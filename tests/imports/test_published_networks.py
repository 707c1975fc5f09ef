"""Files that their publishers are known by: which of the catalogue's networks each becomes."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
from made_weights import caffemodel, googlenet, state
from own_network import PICTURE

import dreamer
from dreamer.engine.lookup import card_of, ref_of
from dreamer.errors import NetworkError, UsageError
from dreamer.jobs.imports import import_file
from dreamer.networks import published
from dreamer.networks.cards import Source, catalogue_card, known_cards
from dreamer.networks.locate import is_here, sha256_of
from dreamer.networks.weights import load_module

PLACES = "".join(f"/{'abc'[k % 3]}/place_{k} {k}\n" for k in range(205))


@pytest.fixture(scope="module")
def places205(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that MIT publishes, with random weights in it."""
    path = tmp_path_factory.mktemp("mit") / "googlenet_places205.tar.gz"
    members = {
        "deploy_places205.protxt": b'name: "GoogLeNet"\n',
        "googlelet_places205_train_iter_2400000.caffemodel": caffemodel(googlenet(205)),
    }
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(f"googlenet_places205/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_places205_out_of_its_archive(places205: Path, home: Path, tmp_path: Path) -> None:
    made = import_file(places205)
    assert made.name == "places205-googlenet"
    card = catalogue_card("places205")
    assert card.order == "BGR"
    assert card.mean == pytest.approx((105.417, 113.753, 116.047))
    assert card.weights.sha256 in made.file.with_suffix(".json").read_text()
    module = load_module(card)
    wanted = googlenet(205)["inception_4c/5x5_reduce"][0]
    np.testing.assert_array_equal(
        module.get_parameter("inception_4c.conv_5x5_reduce.conv.weight").detach().numpy(), wanted
    )
    assert card.classes[7] == "class 7"
    (tmp_path / "categoryIndex_places205.csv").write_text(PLACES)
    assert import_file(tmp_path / "categoryIndex_places205.csv").name == "places205"
    assert catalogue_card("places205").classes[7] == "place_7"
    dreamt = dreamer.dream(PICTURE, network="places205", target="inception_4c", steps=1)
    assert np.abs(dreamt - PICTURE).max() > 0


def test_a_file_without_its_card_is_not_the_catalogues_network(places205: Path, home: Path) -> None:
    """Nobody knows of what it is: the hash that the catalogue knows is the caffemodel's."""
    path = home / "networks" / "places205-googlenet.safetensors"
    path.parent.mkdir(parents=True)
    safetensors.torch.save_file(state("bvlc-googlenet", 205), path)
    assert not is_here(catalogue_card("places205"))
    with pytest.raises(NetworkError, match=r"lies there without its card .* networks fetch"):
        card_of(ref_of("places205"))
    import_file(places205, force=True)
    assert is_here(card_of(ref_of("places205")))


def test_a_file_is_known_by_its_hash_and_no_other_is_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mirror's conversion of BVLC's GoogLeNet is that network; a file of its name is not."""
    named = tmp_path / "bvlc_googlenet.caffemodel"
    named.write_bytes(caffemodel(googlenet(1000)))
    for name in ("", "bvlc-googlenet"):
        with pytest.raises(UsageError, match="'bvlc-googlenet' is the catalogue's name of another"):
            import_file(named, name=name)
    import_file(named, name="mine.caffemodel")
    card = catalogue_card("mine")
    assert (card.licence, card.sources, card.places) == ("", "", ())
    right = Source("http://somewhere/x.pth", sha256_of(named)[:16])
    cards = [
        replace(c, places=(*c.places, right)) if c.name == "bvlc-googlenet" else c
        for c in known_cards()
    ]
    monkeypatch.setattr(published, "known_cards", lambda: cards)
    assert import_file(named).name == "bvlc-googlenet"
    assert "BVLC" in catalogue_card("bvlc-googlenet").title


def test_one_file_makes_the_network_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heads in GoogLeNet's middle are in the same file, and are left there unless asked for."""
    path = tmp_path / "bvlc_googlenet.caffemodel"
    path.write_bytes(caffemodel(googlenet(1000, heads=True)))
    here = Source("http://somewhere/x.pth", sha256_of(path))
    both = ("bvlc-googlenet", "bvlc-googlenet-auxiliary")
    cards = [replace(c, places=(here,)) if c.name in both else c for c in known_cards()]
    monkeypatch.setattr(published, "known_cards", lambda: cards)
    for name, architecture in zip(both, ("", both[1]), strict=True):
        made = import_file(path, architecture=architecture)
        assert made.name == name
        assert ("loss1" in str(list(safetensors.torch.load_file(made.file)))) == bool(architecture)
