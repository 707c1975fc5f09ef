"""What a person may ask for by name: classes, groups of them, sums."""

from __future__ import annotations

import numpy as np
import pytest
from colours import colour_card

from dreamer.engine.chosen import choose, with_sorting
from dreamer.engine.lookup import card_of, ref_of
from dreamer.errors import UsageError
from dreamer.networks.cards import Card

HOUSE = card_of(ref_of("house"))


def names(card: Card, *words: str) -> list[tuple[str, set[str]]]:
    found = choose([card], words)
    return [(one.name, {card.classes[k] for k in one.numbers[0] or ()}) for one in found]


@pytest.mark.parametrize(
    ("word", "name", "classes"),
    [
        ("daisy", "daisy", {"daisy"}),
        ("Stained glass", "stained_glass", {"stained_glass"}),
        ("stained", "stained_glass", {"stained_glass"}),  # a part that only one has
        ("7", "accordion", {"accordion"}),
        # a group, though "sunflowers" has it as a part
        ("flowers", "flowers", {"daisy", "dandelion", "roses", "sunflowers", "tulips"}),
        ("group:flow", "flowers", {"daisy", "dandelion", "roses", "sunflowers", "tulips"}),
        ("class:sunflowers", "sunflowers", {"sunflowers"}),
        ("daisy + lotus", "daisy+lotus", {"daisy", "lotus"}),
        ("pond=lotus+ripples", "pond", {"lotus", "ripples"}),
    ],
)
def test_a_name_means(word: str, name: str, classes: set[str]) -> None:
    assert names(HOUSE, word) == [(name, classes)]


def test_a_group_may_be_begun() -> None:
    ((name, classes),) = names(HOUSE, "build")
    assert name == "buildings"
    assert "gargoyle" in classes
    assert len(classes) == 10


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("flower", "could be 'group:flowers', 'sunflowers' or 'sunflower'; say which"),
        ("flovers", "house has no class or group 'flovers'; did you mean 'flowers'"),
        ("group:daisy", "house has no group 'daisy'; its groups are flowers, objects"),
        ("class:flower", "could be 'sunflowers' or 'sunflower'"),
        ("daisy+dasy", "house has no class or group 'dasy'; did you mean 'daisy'"),
        ("=daisy", "a name is missing"),
        ("daisy+", "expected the name of a class or group"),
        ("300", "house has classes 0 to 184, not 300"),
    ],
)
def test_what_means_nothing_or_several_things_is_refused(word: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=r"^--class ") as refused:
        choose([HOUSE], [word])
    assert complaint in str(refused.value)


def test_a_class_comes_before_a_group_of_its_name() -> None:
    card = colour_card(("warm", "green", "blue", "oil + vinegar"))
    assert names(card, "warm", "group:warm", "oil + vinegar", "class:warm") == [
        ("warm", {"warm"}),
        ("group:warm", {"warm", "oil + vinegar"}),
        ("oil + vinegar", {"oil + vinegar"}),
    ]


def test_a_sum_counts_nothing_twice() -> None:
    (one,) = choose([colour_card()], ["warm+red"])
    found = one.score(0, np.array([[0.5, 0.1, 0.1, 0.3]]))
    assert found == pytest.approx([0.8])


def test_a_network_that_does_not_know_it_is_passed_over_if_another_does() -> None:
    other = colour_card(("red", "rot", "rouge", "rosso"), (), "reds")
    blue, red = choose([other, colour_card()], ["blue", "red"])
    assert blue.numbers == (None, (2,))
    assert red.numbers == ((0,), (0,))
    assert blue.score(0, np.ones((1, 4))) is None
    with pytest.raises(UsageError, match=r"reds has no class 'grey'.*colours has no class or gr"):
        choose([other, colour_card()], ["grey"])


def test_a_name_in_one_network_is_no_part_of_one_in_another() -> None:
    flowers = colour_card(("sunflowers", "wildflowers", "rose", "tulip"), (), "field")
    (one,) = choose([flowers, HOUSE], ["flowers"])  # a group in house, a part of two in the field
    assert one.numbers[0] is None
    assert one.numbers[1] == (0, 1, 2, 3, 4)
    with pytest.raises(UsageError, match=r"means 'sunflowers' or 'red' to different networks"):
        choose([flowers, colour_card()], ["0"])
    twin = colour_card(("a", "Wildflowers", "b", "c"), (), "twin")
    (part,) = choose([flowers, twin], ["wild"])
    assert part.numbers == ((1,), (1,))


def test_a_name_is_not_given_to_two_things() -> None:
    with pytest.raises(UsageError, match=r"'it' is the name of something else"):
        choose([HOUSE], ["it=daisy", "it=lotus"])


def test_sorting_takes_what_is_chosen_by_its_name_or_meaning() -> None:
    cards = [colour_card()]
    chosen = choose(cards, ["red", "fire=red+yellow"])
    assert with_sorting(cards, chosen, "fire") == (chosen, 1)
    assert with_sorting(cards, chosen, "warm") == (chosen, 1)
    more, by = with_sorting(cards, chosen, "blue")
    assert (more[by].name, by) == ("blue", 2)
    with pytest.raises(UsageError, match=r"^--sort gren: .*did you mean 'green'"):
        with_sorting(cards, chosen, "gren")
