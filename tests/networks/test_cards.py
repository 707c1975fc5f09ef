"""The catalogue's cards: what they say is what the networks are, and what they were trained on."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
import torch

from dreamer.engine import execution
from dreamer.engine.facts import network_facts
from dreamer.engine.perceive import normaliser
from dreamer.errors import NetworkError
from dreamer.networks import locate
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Weights, card_names, catalogue_card
from dreamer.networks.home import home
from dreamer.networks.own_cards import own_card
from dreamer.networks.trace import Point, Traced, multiply_adds
from dreamer.recipe.facts import NetworkFacts, find_layer

FP32 = execution.decide("cpu", "float32")
TOOLS = Path(__file__).parents[2] / "tools"


@pytest.mark.parametrize(
    "name",
    [
        "bvlc-googlenet",
        "bvlc-googlenet-auxiliary",
        "caffenet",
        "inception5h",
        "alexnet",
        "mobilenet-v2",
        "inception-v3",
    ],
)
def test_cards_are_what_the_tool_makes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(TOOLS)
    tool = importlib.import_module("make_cards")
    assert (tool.CARDS / f"{name}.json").read_text(encoding="utf-8") == tool.as_text(
        tool.card(name)
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("bvlc-googlenet", lambda r, g, b: (b - 104, g - 117, r - 123)),
        ("places205-googlenet", lambda r, g, b: (b - 105.417, g - 113.753, r - 116.047)),
        ("places365-googlenet", lambda r, g, b: (b - 104.051, g - 112.514, r - 116.676)),
        ("caffenet", lambda r, g, b: (b - 104, g - 117, r - 123)),
        ("inception5h", lambda r, g, b: (r - 117, g - 117, b - 117)),
        (
            "vgg16",
            lambda r, g, b: (
                (r / 255 - 0.485) / 0.229,
                (g / 255 - 0.456) / 0.224,
                (b / 255 - 0.406) / 0.225,
            ),
        ),
        ("inception-v3", lambda r, g, b: tuple(v / 127.5 - 1 for v in (r, g, b))),
    ],
)
def test_a_colour_reaches_the_first_convolution_as_its_programs_gave_it(name, wanted) -> None:  # type: ignore[no-untyped-def]
    colour = (200.0, 100.0, 30.0)
    pixel = torch.tensor(colour)[None, :, None, None] / 255
    found = normaliser(catalogue_card(name), FP32)(pixel).flatten().tolist()
    assert found == pytest.approx(wanted(*colour), abs=1e-3)


def test_names_stay_unambiguous() -> None:
    assert card_names()[0] == "house"
    assert all(catalogue_card(name).name == name for name in card_names())
    assert catalogue_card("alexnet").architecture == "torchvision:alexnet"
    with pytest.raises(NetworkError, match="bvlc-alexnet or bvlc-googlenet"):
        catalogue_card("bvlc")


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("hosue", "did you mean 'house'? "),
        ("Places_365-alexet", "did you mean 'places365-alexnet', 'places365-torch-alexnet' or "),
        ("zzz", "no network 'zzz' in the catalogue; `dreamer networks list`"),
    ],
)
def test_a_typo_is_told_the_nearest_names_and_where_all_are(word: str, nearest: str) -> None:
    with pytest.raises(NetworkError) as refused:
        catalogue_card(word)
    assert nearest in str(refused.value)
    assert str(refused.value).endswith("`dreamer networks list` shows all")
    assert sum(name in str(refused.value).split("'") for name in card_names()) <= 3


def test_a_typo_in_an_architecture_is_told_the_nearest_too() -> None:
    with pytest.raises(NetworkError, match="no architecture 'hosue'; did you mean 'house'"):
        own_card("hosue", Weights("random"))


def test_places_are_numbered_until_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path))
    classes = catalogue_card("places205-googlenet").classes
    assert (len(classes), classes[17]) == (205, "class 17")


@pytest.mark.parametrize("network", ["bvlc-googlenet", "inception5h"])
@pytest.mark.parametrize("word", ["inception_4c/3x3", "mixed4c_3x3", "Inception4c.3x3"])
def test_googlenets_share_their_layers_names(network: str, word: str) -> None:
    facts = network_facts(catalogue_card(network))
    assert find_layer(facts, word) == ("inception_4c/3x3", False)
    assert find_layer(facts, "mixed4c") == ("inception_4c", False)
    assert find_layer(facts, f"{word}:pre") == ("inception_4c/3x3", True)


def test_names_of_lucid_and_of_vgg() -> None:
    lucid = network_facts(catalogue_card("inception5h"))
    assert find_layer(lucid, "mixed4c_3x3_pre_relu_conv") == ("inception_4c/3x3", True)
    assert find_layer(lucid, "mixed4c_5x5_bottleneck") == ("inception_4c/5x5_reduce", False)
    vgg = network_facts(catalogue_card("vgg16"))
    assert find_layer(vgg, "conv5_3") == ("features.29", False)
    assert find_layer(vgg, "relu4_1:pre") == ("features.18", True)
    assert find_layer(vgg, "pool5") == ("features.30", False)


def test_names_that_fold_alike_are_told_apart() -> None:
    facts = NetworkFacts("n", ("features.1.0", "features.10"), (), 224, 32)
    assert find_layer(facts, "features.10") == ("features.10", False)
    assert find_layer(facts, "features.1.0") == ("features.1.0", False)
    with pytest.raises(ValueError, match=r"could be 'features.1.0' or 'features.10'"):
        find_layer(facts, "features/10")


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"DREAMER_HOME": "/here"}, "/here"),
        ("linux", {"XDG_CACHE_HOME": "/xdg"}, "/xdg/dreamer"),
        ("linux", {}, "/me/.cache/dreamer"),
        ("darwin", {"XDG_CACHE_HOME": "/xdg"}, "/me/Library/Caches/dreamer"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/dreamer/Cache"),
    ],
)
def test_dreamers_own_folder(
    platform: str, variables: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DREAMER_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("/me"))
    assert home() == Path(folder)
    path = locate.weights_path(catalogue_card("bvlc-googlenet"))
    assert path == Path(folder, "networks", "bvlc-googlenet.safetensors")


def test_the_shipped_weights_are_what_their_card_says() -> None:
    card = catalogue_card("house")
    path = locate.weights_path(card)
    assert path is not None
    assert card.weights.sha256
    assert locate.sha256_of(path) == card.weights.sha256
    assert path.stat().st_size < 15_000_000


@pytest.mark.parametrize("name", ["house", "googlenet"])
def test_cards_say_what_the_network_is(name: str) -> None:
    """Layers, channels, strides and costs on the card against the network itself."""
    card = catalogue_card(name)
    kind = ARCHITECTURES[card.architecture]
    traced = Traced(kind.build(len(card.classes)), kind)
    assert [row.name for row in card.layers] == [*traced.layers, "logits"]
    for row in card.layers[:: 9 if name == "house" else 16]:
        cut = traced.perception([Point(row.name)])
        with torch.no_grad():
            (out,) = cut(torch.zeros(1, 3, 224, 224))
        assert (row.channels, row.stride) == (out.shape[1], 224 // out.shape[3])
        assert row.macs == pytest.approx(multiply_adds(cut, 224, 224) / 224**2, abs=0.06)


@pytest.mark.parametrize("name", ["house", "googlenet"])
def test_the_smallest_picture_leaves_every_layer_a_grid(name: str) -> None:
    """Where a layer is one place, nothing stands out from its surroundings, and nothing climbs."""
    card = catalogue_card(name)
    kind = ARCHITECTURES[card.architecture]
    traced = Traced(kind.build(len(card.classes)), kind)
    with torch.no_grad():
        (out,) = traced.perception([Point(kind.features)])(
            torch.zeros(1, 3, card.smallest, card.smallest)
        )
    assert min(out.shape[2:]) >= 2
