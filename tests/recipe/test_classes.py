"""How a recipe names a class: by name, number, wordnet id, synonym or part; never by a guess."""

from __future__ import annotations

import pytest

from dreamer.recipe.facts import NetworkFacts, find_class, find_layer

CLASSES = (
    "tench, Tinca tinca",
    "tabby, tabby cat",
    "crane",
    "dome_inner",
    "crane",
    "tiger cat",
    "Cardigan, Cardigan Welsh corgi",
    "cardigan",
    "apartment_building/outdoor",
    "tiger, Panthera tigris",
)
SYNSETS = tuple(f"n{k:08d}" for k in range(len(CLASSES)))


def network(classes: tuple[str, ...] = CLASSES, synsets: tuple[str, ...] = ()) -> NetworkFacts:
    return NetworkFacts("net", ("conv1",), classes, 64, 32, synsets=synsets)


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("tench, Tinca tinca", 0),
        ("Tinca tinca", 0),
        ("tinca_tinca", 0),
        ("tench", 0),
        ("tabby", 1),
        ("tabby cat", 1),
        ("dome", 3),
        ("inner", 3),
        (4, 4),
        ("cardigan", 7),
        ("CARDIGAN", 7),
        ("Tiger c", 5),
        ("welsh", 6),
        ("apartment building outdoor", 8),
        ("outdoor", 8),
        ("tiger", 9),
        ("n00000004", 4),
        ("N00000002", 2),
    ],
)
def test_a_class_is_found(word: str | int, number: int) -> None:
    assert find_class(network(synsets=SYNSETS), word) == number


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("cat", "'cat' could be 'tabby, tabby cat' or 'tiger cat'; say which"),
        ("ti", "'ti' could be 'tench, Tinca tinca', 'tiger cat' or 'tiger, Panthera tigris'; say"),
        ("crane", "'crane' could be 2 (crane, n00000002) or 4 (crane, n00000004); say which"),
        ("tinch", "net has no class 'tinch'; did you mean 'tench'?"),
        ("n00000099", "net has no class 'n00000099'"),
        ("", "net has no class ''; there are "),
        ("_", "net has no class '_'; there are "),
    ],
)
def test_a_class_is_not_guessed(word: str, message: str) -> None:
    with pytest.raises(ValueError, match="'") as caught:
        find_class(network(synsets=SYNSETS), word)
    assert str(caught.value).startswith(message)


def test_a_beginning_comes_before_a_part() -> None:
    assert find_class(network(("sunroses", "roses", "domed")), "rose") == 1


def test_a_name_of_signs_alone() -> None:
    assert find_class(network(("-", "a-b", "_")), "_") == 2


def test_names_that_come_twice_are_told_apart_by_number() -> None:
    with pytest.raises(ValueError, match=r"^'crane' could be 2 \(crane\) or 4 \(crane\); say"):
        find_class(network(), "crane")
    capitals = network(("Kite", "kite", "KITE"))
    assert find_class(capitals, "kite") == 1
    with pytest.raises(ValueError, match=r"could be 0 \(Kite\) or 1 \(kite\) or 2 \(KITE\)"):
        find_class(capitals, "kITE")


def test_many_that_a_part_could_be_are_counted() -> None:
    with pytest.raises(ValueError, match=r"'class 4' or 'class 5' \(20 in all\); say which"):
        find_class(network(tuple(f"class {k}" for k in range(20))), "class")


def test_an_id_in_the_place_of_a_layer() -> None:
    with pytest.raises(ValueError, match=r"'n00000001' is a class: \{class: n00000001\}"):
        find_layer(network(synsets=SYNSETS), "n00000001")
