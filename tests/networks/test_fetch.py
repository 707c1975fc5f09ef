"""`networks fetch`, from a host on this machine: what comes is checked, kept, and dreamt with."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hosts import Host, Page
from made_weights import caffemodel, googlenet, state

from dreamer.errors import NetworkError, UsageError
from dreamer.jobs import fetch as job
from dreamer.networks.cards import Card, Source, catalogue_card, known_cards
from dreamer.networks.weights import load_module

PLACES = "".join(f"/p/place_{k} {k}\n" for k in range(365)).encode()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "home"


def at(card: Card, *places: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the catalogue name other places for `card`."""
    cards = [replace(c, places=places) if c.name == card.name else c for c in known_cards()]
    monkeypatch.setattr(job, "known_cards", lambda: cards)


def test_a_caffemodel_and_its_labels_become_a_network(
    host: Host, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = host.has("categories.txt", Page(PLACES))
    monkeypatch.setattr(job, "LABELS", {"places365": labels.url})
    weights = host.has("net", Page(caffemodel(googlenet(365)), breaks=[1_000_000]))
    at(catalogue_card("places365-googlenet"), weights, monkeypatch=monkeypatch)
    made = job.fetch("places365-googlenet")
    assert made.file == home / "networks" / "places365-googlenet.safetensors"
    assert not list((home / "downloads").iterdir())
    card = catalogue_card("places365-googlenet")
    assert card.classes[4] == "place_4"
    assert card.order == "BGR"
    assert load_module(card)
    asked = len(host.asked)
    assert job.fetch("places365-googlenet").what == "places365-googlenet is here"
    assert len(host.asked) == asked
    for left in (b"", made.file.read_bytes()[:-1], None):  # cut short, damaged, gone
        made.file.write_bytes(left) if left is not None else made.file.unlink()
        assert job.fetch("places365-googlenet").file.is_file()
        assert load_module(catalogue_card("places365-googlenet"))
    assert len(host.asked) == asked + 3
    words = made.file.with_suffix(".json")
    words.write_text(words.read_text().replace("104.051", "100.5"))
    made.file.unlink()
    job.fetch("places365-googlenet")
    assert catalogue_card("places365-googlenet").mean[0] == 100.5, "what a person wrote is kept"


def test_the_archive_of_places205(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = "googlenet_places205/googlelet_places205_train_iter_2400000.caffemodel"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as archive:
        data = caffemodel(googlenet(205))
        info = tarfile.TarInfo(member)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    place = replace(host.has("g.tar.gz", Page(out.getvalue())), member=member)
    card = catalogue_card("places205-googlenet")
    at(card, Source(host.url("gone")), place, monkeypatch=monkeypatch)
    job.fetch("places205-googlenet")
    assert len(catalogue_card("places205-googlenet").classes) == 205


def test_torchvisions_files_go_where_torchvision_keeps_them(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    torch.save(state("torchvision:squeezenet1_1", 1000), out)
    card = catalogue_card("squeezenet1-1")
    at(card, host.has(card.weights.file, Page(out.getvalue())), monkeypatch=monkeypatch)
    made = job.fetch("squeezenet1-1")
    assert made.file == tmp_path / "torch" / "hub" / "checkpoints" / card.weights.file


def test_the_heads_in_the_middle_are_kept_by_who_wants_them(
    host: Host, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = googlenet(1000, heads=True)
    card = catalogue_card("bvlc-googlenet-auxiliary")
    at(
        card,
        host.has("bvlc_googlenet.caffemodel", Page(caffemodel(found))),
        monkeypatch=monkeypatch,
    )
    made = job.fetch("bvlc-googlenet-auxiliary")
    kept = safetensors.torch.load_file(made.file)
    assert kept["loss2/classifier.weight"].shape == (1000, 1024)
    assert load_module(catalogue_card("bvlc-googlenet-auxiliary")).loss2 is not None


def test_another_network_is_not_taken_for_it(
    host: Host, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = host.has("net", Page(caffemodel(googlenet(205))))
    at(catalogue_card("places365-googlenet"), weights, monkeypatch=monkeypatch)
    with pytest.raises(NetworkError, match="is bvlc-googlenet with 205 classes, expected"):
        job.fetch("places365-googlenet")
    assert not list(home.rglob("*.safetensors"))


def test_what_nobody_publishes_and_what_is_here() -> None:
    assert "house is here" in job.fetch("house").what
    with pytest.raises(UsageError, match="nobody publishes inception5h"):
        job.fetch("inception5h")
