"""Sets of labels: which files are one, and what networks of the catalogue make of a kept file."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamer.engine.facts import card_of, network_facts
from dreamer.errors import NetworkError
from dreamer.networks import label_sets
from dreamer.networks.cards import Weights, card_at, catalogue_card, labelled
from dreamer.networks.label_sets import (
    imagenet_classes,
    keep_labels,
    kept_at,
    label_set,
    label_set_of,
    named,
)
from dreamer.networks.labels import Labels, labels_in, read_labels
from dreamer.networks.own_cards import own_card
from dreamer.recipe.facts import NetworkRef, find_class

IDS = tuple(f"n{1_440_764 + 11 * k:08d}" for k in range(1000))
WORDS = "".join(f"{synset} name {k}, other {k}\n" for k, synset in enumerate(IDS))
PLACES = "places365-googlenet"


def places(count: int, first: str = "airfield") -> str:
    return "".join(f"/p/{first if k == 0 else f'place_{k}'} {k}\n" for k in range(count))


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Dreamer's own folder, empty; what it is called with is written to a file."""
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))

    def write(text: str, path: Path = tmp_path / "given") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def of(text: str) -> str | None:
    return label_set_of(labels_in(text.encode(), Path("f")))


def test_sets_are_told_by_count_and_kind() -> None:
    assert of(WORDS) == of("\n".join(IDS)) == "imagenet"
    assert of(places(205)) == "places205"
    assert of(places(365)) == "places365"
    assert of(places(364)) is None
    assert of("\n".join(f"place {k}" for k in range(365))) is None
    assert of("\n".join(IDS[:-1])) is None


def test_ids_in_another_order_are_not_imagenets() -> None:
    lines = WORDS.splitlines()
    random.Random(1).shuffle(lines)
    assert of("\n".join(lines)) is None
    assert of("\n".join([IDS[0], *IDS[:-1]])) is None


def test_ids_alone_get_imagenets_names() -> None:
    assert named(Labels(IDS, IDS)).names == imagenet_classes()
    for others in (Labels(("a",), ("n01440764",)), Labels(IDS[:3], IDS[:3]), Labels(("a", "b"))):
        assert named(others) is others


def test_kept_places_name_the_classes_of_their_network(given: Callable[..., Path]) -> None:
    before = catalogue_card(PLACES)
    assert before.classes[0] == "class 0"
    assert keep_labels(given(places(365))) == "places365"
    after = catalogue_card(PLACES)
    assert (after.classes[0], len(after.classes)) == ("airfield", 365)
    assert find_class(network_facts(after), "place 17") == 17
    assert catalogue_card(PLACES) is after
    assert catalogue_card("places205-googlenet").classes[0] == "class 0"
    kept_at("places365").unlink()
    assert catalogue_card(PLACES) == before


def test_another_folder_has_other_labels(
    given: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_labels(given(places(365)))
    assert catalogue_card(PLACES).classes[0] == "airfield"
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "elsewhere"))
    assert catalogue_card(PLACES).classes[0] == "class 0"


def test_a_kept_file_may_be_of_any_kind(given: Callable[..., Path]) -> None:
    given("\n".join(f"kind {k}" for k in range(205)), kept_at("places205"))
    assert catalogue_card("places205-googlenet").classes[204] == "kind 204"


def test_imagenet_gets_ids_and_keeps_its_names(given: Callable[..., Path]) -> None:
    assert catalogue_card("bvlc-googlenet").synsets == ()
    assert keep_labels(given(WORDS)) == "imagenet"
    card = catalogue_card("bvlc-googlenet")
    assert (card.classes, card.synsets) == (imagenet_classes(), IDS)
    assert find_class(network_facts(card), IDS[281]) == 281
    assert own_card("bvlc-googlenet", Weights("file", "f")).synsets == IDS
    assert own_card("torchvision:squeezenet1_1", Weights("random")).synsets == IDS
    assert own_card("bvlc-googlenet", Weights("file", "f"), Labels(("a", "b"))).synsets == ()


@pytest.mark.parametrize(
    ("name", "key", "text", "why"),
    [
        (PLACES, "places365", places(364), "holds 364 names; expected 365"),
        (PLACES, "places365", places(365) + "/a/b", ":366: expected a place and its number"),
        ("bvlc-googlenet", "imagenet", "tench\ncat\n", "expected ImageNet's 1000 wordnet ids"),
        ("bvlc-googlenet", "imagenet", "\n".join(IDS[::-1]), "1000 wordnet ids, in order"),
    ],
)
def test_a_bad_kept_file_stops_only_its_network(
    given: Callable[..., Path], name: str, key: str, text: str, why: str
) -> None:
    given(text, kept_at(key))
    card = catalogue_card(name)
    assert (len(card.classes), card.synsets) == (label_sets.COUNTS[key], ())
    assert why in card.mislabelled
    with pytest.raises(NetworkError, match=f"{name}: labels: .*{key}.txt"):
        card_of(NetworkRef(name=name))
    own = NetworkRef(architecture="house", weights="random")
    assert card_of(own).mislabelled == card_of(NetworkRef(name="house")).mislabelled == ""
    with pytest.raises(NetworkError, match=f"{key}.txt"):
        label_set(key)


def test_labels_of_a_recipe_serve_where_the_kept_ones_are_bad(given: Callable[..., Path]) -> None:
    given("a\n", kept_at("places365"))
    own = given('["a", "b"]')
    ref = NetworkRef(architecture=PLACES, weights="random", labels=str(own))
    assert card_of(ref).classes == ("a", "b")
    with pytest.raises(NetworkError, match="holds 1 names"):
        card_of(NetworkRef(architecture=PLACES, weights="random"))


def test_labels_of_a_recipe_bring_their_ids(given: Callable[..., Path]) -> None:
    own = given("n01440764 tench, Tinca tinca\nn02123045 tabby, tabby cat\n")
    ref = NetworkRef(architecture="house", weights="random", labels=str(own))
    facts = network_facts(card_of(ref))
    assert facts.synsets == ("n01440764", "n02123045")
    assert find_class(facts, "n02123045") == find_class(facts, "tabby cat") == 1


def test_kept_labels_give_way_only_when_told(given: Callable[..., Path]) -> None:
    keep_labels(given(places(365)))
    keep_labels(given(places(365).replace("\n", "\r\n")))
    with pytest.raises(NetworkError, match=r"places365\.txt holds other labels than .*given"):
        keep_labels(given(places(365, "abbey")))
    assert read_labels(kept_at("places365")).names[0] == "airfield"
    keep_labels(given(places(365, "abbey")), replace=True)
    assert read_labels(kept_at("places365")).names[0] == "abbey"
    given("no labels of any set", kept_at("places365"))
    with pytest.raises(NetworkError, match="holds other labels"):
        keep_labels(given(places(365)))


def test_labels_of_no_set_are_not_kept(given: Callable[..., Path]) -> None:
    with pytest.raises(NetworkError, match=r"its 2 names are not ImageNet's .* a recipe can name"):
        keep_labels(given("a\nb\n"))
    assert not kept_at("imagenet").parent.exists()


def test_a_kept_file_is_whole_or_not_there(
    given: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dreamer.networks.label_sets.os.fsync", full)
    with pytest.raises(NetworkError, match="No space left"):
        keep_labels(given(places(365)))
    assert list(kept_at("places365").parent.iterdir()) == []


def test_a_card_of_an_unknown_set(given: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match="no set of labels 'places' "):
        labelled("places")
    with pytest.raises(NetworkError, match="is no network's card"):
        card_at(given('{"classes": "places", "layers": []}'))
