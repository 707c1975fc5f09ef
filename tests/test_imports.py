"""`networks import`: files of whatever origin become networks one can dream with."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from made_weights import caffemodel, checkpoint, googlenet, state
from safetensors.torch import save_file

import dreamer
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.preparing import checked
from dreamer.engine.provenance import identity
from dreamer.engine.run import Ready
from dreamer.errors import NetworkError, UsageError
from dreamer.jobs.imports import import_file
from dreamer.networks import published
from dreamer.networks.cards import Source, card_names, catalogue_card, known_cards
from dreamer.networks.locate import is_here, sha256_of
from dreamer.networks.weights import load_module
from dreamer.networks.written import as_text, words_of
from dreamer.recipe.parse import recipe_from_text

PLACES = "".join(f"/{'abc'[k % 3]}/place_{k} {k}\n" for k in range(205))
PICTURE = np.random.default_rng(0).random((64, 64, 3), np.float32)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


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


def test_a_render_knows_when_its_networks_card_was_changed(tmp_path: Path) -> None:
    path, labels = tmp_path / "mine.pth", tmp_path / "labels.txt"
    torch.save(state("torchvision:resnet18", 3), path)
    labels.write_text("imp\nfiend\nfamiliar\n")
    made = import_file(path, labels=labels)
    recipe = tmp_path / "r.yaml"
    recipe.write_text(
        "source: {noise: plasma}\nsize: 64\nnetwork: mine\ntarget: {class: imp}\n"
        "ascent: {steps: 1, octaves: 1}\nclassify: null\n"
    )
    first = identity(open_recipe(recipe))
    card = made.file.with_suffix(".json")
    text = card.read_text()
    card.write_text(text.replace('"imp",\n  "fiend"', '"fiend",\n  "imp"'))
    assert identity(open_recipe(recipe)) != first
    card.write_text(text.replace("0.485", "0.5"))
    assert identity(open_recipe(recipe)) != first
    card.write_text(text)
    assert identity(open_recipe(recipe)) == first


def test_a_render_knows_when_the_class_it_is_compared_to_was_changed(tmp_path: Path) -> None:
    path, labels = tmp_path / "mine.pth", tmp_path / "labels.txt"
    torch.save(state("torchvision:resnet18", 3), path)
    labels.write_text("imp\nfiend\nfamiliar\n")
    made = import_file(path, labels=labels)
    recipe = tmp_path / "r.yaml"
    recipe.write_text(
        "size: 64\nnetwork: mine\nclassify: off\n"
        "target: {class: imp, objective: probability, other: {class: fiend}}\n"
    )
    first = identity(open_recipe(recipe))
    card = made.file.with_suffix(".json")
    text = card.read_text()
    card.write_text(text.replace('"fiend",\n  "familiar"', '"familiar",\n  "fiend"'))
    assert card.read_text() != text
    assert identity(open_recipe(recipe)) != first


def open_recipe(path: Path) -> Ready:
    return checked(recipe_from_text(path.read_text(), path.parent, str(path)))


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


def test_labels_and_edits_are_not_lost_by_importing_again(tmp_path: Path) -> None:
    path, labels = tmp_path / "mine.pth", tmp_path / "labels.txt"
    torch.save(state("torchvision:resnet18", 3), path)
    labels.write_text("imp\nfiend\nfamiliar\n")
    import_file(path, labels=labels)
    with pytest.raises(UsageError, match="with other weights, labels or words"):
        import_file(path)
    assert catalogue_card("mine").classes[0] == "imp"
    import_file(path, labels=labels)  # the same again is nothing new


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
