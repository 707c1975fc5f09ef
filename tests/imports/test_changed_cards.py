"""What a person edits in an imported network's card makes another render of the same recipe."""

from __future__ import annotations

from pathlib import Path

import pytest
from own_network import own_network

from dreamer.engine.preparing import checked
from dreamer.engine.provenance import identity
from dreamer.jobs.imports import import_file
from dreamer.recipe.parse import recipe_from_text


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The card of an imported network, `mine`."""
    path, labels = own_network(tmp_path)
    return import_file(path, labels=labels).file.with_suffix(".json")


def identity_of(recipe: str) -> str:
    return identity(checked(recipe_from_text(recipe, Path(), "r.yaml")))


def test_a_render_knows_when_its_networks_card_was_changed(card: Path) -> None:
    recipe = (
        "source: {noise: plasma}\nsize: 64\nnetwork: mine\ntarget: {class: imp}\n"
        "ascent: {steps: 1, octaves: 1}\nclassify: null\n"
    )
    first = identity_of(recipe)
    text = card.read_text()
    card.write_text(text.replace('"imp",\n  "fiend"', '"fiend",\n  "imp"'))
    assert identity_of(recipe) != first
    card.write_text(text.replace("0.485", "0.5"))
    assert identity_of(recipe) != first
    card.write_text(text)
    assert identity_of(recipe) == first


def test_a_render_knows_when_the_class_it_is_compared_to_was_changed(card: Path) -> None:
    recipe = (
        "size: 64\nnetwork: mine\nclassify: off\n"
        "target: {class: imp, objective: probability, other: {class: fiend}}\n"
    )
    first = identity_of(recipe)
    text = card.read_text()
    card.write_text(text.replace('"fiend",\n  "familiar"', '"familiar",\n  "fiend"'))
    assert card.read_text() != text
    assert identity_of(recipe) != first
