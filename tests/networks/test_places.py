"""Where weights lie, as the cards say it; and the networks that came with those places."""

from __future__ import annotations

import re
from dataclasses import fields
from urllib.parse import urlsplit

import pytest
import torch
from torchvision.models.vgg import cfgs, make_layers

from dreamer.networks import vgg
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Source, Weights, card_names, catalogue_card
from dreamer.networks.own_cards import own_card
from dreamer.networks.trace import Point, Traced

CARDS = [catalogue_card(name) for name in card_names()]
PLACES = [(card, place) for card in CARDS for place in card.places]


@pytest.mark.parametrize(("card", "place"), PLACES, ids=[place.url for _, place in PLACES])
def test_a_place_says_what_can_be_true(card, place: Source) -> None:  # type: ignore[no-untyped-def]
    parts = urlsplit(place.url)
    assert parts.scheme in ("http", "https")
    assert re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.netloc)
    assert re.fullmatch(r"([0-9a-f]{8,64})?", place.sha256)
    assert re.fullmatch(r"([0-9a-f]{40})?", place.sha1)
    assert re.fullmatch(r"([0-9a-f]{32})?", place.md5)
    assert place.size == 0 or place.size > 1_000_000


@pytest.mark.parametrize("card", [c for c in CARDS if c.places], ids=lambda card: card.name)
def test_the_first_place_has_the_file_of_the_card(card) -> None:  # type: ignore[no-untyped-def]
    first = card.places[0]
    assert (first.member or first.url).rpartition("/")[2] == card.weights.file
    assert (first.sha256, first.sha1) == (card.weights.sha256, card.weights.sha1)


def test_every_network_of_other_people_has_places() -> None:
    without = {card.name for card in CARDS if not card.places}
    assert without == {"house", "house-flowers", "judge", "inception5h"}
    assert {field.name for field in fields(Source)} >= {"url", "sha256", "sha1", "md5", "size"}


def test_a_persons_own_weights_come_from_no_place() -> None:
    assert own_card("bvlc-googlenet", Weights("file", "mine.caffemodel")).places == ()


@pytest.mark.parametrize("depth", [18, 50])
def test_places_do_not_speak_for_torchvisions_networks(depth: int) -> None:
    mine = own_card(f"torchvision:resnet{depth}", Weights("file", "mine.pth"))
    assert len(mine.classes) == 1000
    places = own_card(f"places365-resnet{depth}", Weights("file", "mine.pth"))
    assert len(places.classes) == 365


def test_caffes_vgg16_is_torchvisions_where_nothing_is_rounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vgg, "MAP", 1)  # 100 million numbers less
    module = vgg.Vgg(5).eval()
    features = make_layers(cfgs["D"]).eval()
    generator = torch.Generator().manual_seed(0)
    convolutions = [part for part in features if isinstance(part, torch.nn.Conv2d)]
    caffes = {}
    names = [name for name in vgg.layer_names() if name.startswith("conv")]
    for name, part in zip(names, convolutions, strict=True):
        fan = part.weight[0].numel()
        torch.nn.init.normal_(part.weight, 0, (2 / fan) ** 0.5, generator)
        torch.nn.init.normal_(part.bias, 0, 0.1, generator)  # type: ignore[arg-type]
        caffes |= {f"{name}.weight": part.weight, f"{name}.bias": part.bias}
    for name, layer in (("fc6", module.fc6), ("fc7", module.fc7), ("fc8a", module.fc8)):
        caffes |= {f"{name}.weight": layer.weight.clone(), f"{name}.bias": layer.bias.clone()}
    module.load_state_dict(vgg.from_caffe_names(caffes))
    x = torch.randn((1, 3, 32, 32), generator=generator)
    traced = Traced(module, ARCHITECTURES["caffe-vgg16"])
    with torch.no_grad():
        first, last = traced.perception([Point("conv4_3", True), Point("pool5")])(x)
        torch.testing.assert_close(first, features[:22](x))
        torch.testing.assert_close(last, features(x))
        head = (module.fc6, torch.relu, module.fc7, torch.relu, module.fc8)
        right = last.flatten(1)
        for part in head:
            right = part(right)
        torch.testing.assert_close(module(x), right)


@pytest.mark.parametrize(("side", "caffes", "torchvisions"), [(224, 7, 7), (225, 8, 7)])
def test_caffes_poolings_round_up(side: int, caffes: int, torchvisions: int) -> None:
    with torch.device("meta"):
        module, features = vgg.Vgg(365), make_layers(cfgs["D"])
        x = torch.empty(1, 3, side, side)
    assert sum(p.numel() for p in module.parameters()) == 138_357_544 - 635 * 4097
    seen = []
    module.pool5.register_forward_hook(lambda _, __, out: seen.append(out.shape[-1]))
    with pytest.raises(RuntimeError) if caffes == 8 else torch.no_grad():
        module(x)
    assert (seen, features(x).shape[-1]) == ([caffes], torchvisions)
