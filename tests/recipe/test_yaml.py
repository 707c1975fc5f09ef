"""YAML is read by the rules of 1.2, remembers its lines, and layers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamer.errors import RecipeError
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.layering import read_layers, with_overrides
from dreamer.recipe.marks import read_yaml


def value(text: str) -> object:
    return read_yaml(text, "x.yaml", Path()).value["v"]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("off", "off"),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("", None),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("1e-3", 0.001),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("-.5", -0.5),
        ("2026-01-01", "2026-01-01"),
        ("'12'", "12"),
        ("24000/1001", "24000/1001"),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(text: str, meaning: object) -> None:
    found = value(f"v: {text}")
    assert found == meaning
    assert type(found) is type(meaning)


def test_marks_know_lines_of_keys_and_items() -> None:
    tree = read_yaml("a: 1\nb:\n  - x\n  - {c: 2}\n", "x.yaml", Path())
    assert tree.marks["b", 1, "c"].line == 4
    assert tree.mark(("b", 1, "missing")).line == 4
    assert tree.mark(("a",)).line == 1


def test_a_lone_item_is_found_where_a_list_is_meant() -> None:
    tree = read_yaml("x: 0\ntarget:\n  layer: conv1\n", "x.yaml", Path())
    assert tree.mark(("target", 0, "layer")).line == 3
    assert tree.as_written(("target", 0, "layer")) == ("target", "layer")


def test_extends_lays_over_and_sources_replace_each_other(tmp_path: Path) -> None:
    (tmp_path / "low.yaml").write_text("seed: 1\nsource: {noise: pink, fit: stretch}\nfps: 12\n")
    (tmp_path / "mid.yaml").write_text("extends: low.yaml\nascent: {steps: 3, step: 1}\n")
    (tmp_path / "top.yaml").write_text(
        "extends: mid.yaml\nsource: {image: a.png}\nascent: {step: {expr: t}}\n"
    )
    assert read_layers(tmp_path / "top.yaml").value == {
        "seed": 1,
        "source": {"fit": "stretch", "image": "a.png"},
        "fps": 12,
        "ascent": {"steps": 3, "step": {"expr": "t"}},
    }


def test_set_reaches_into_lists_and_makes_mappings(tmp_path: Path) -> None:
    tree = read_yaml("target: [{layer: a}, {layer: b, weight: 1}]\n", "x.yaml", Path())
    changed = with_overrides(
        tree, ["target.1.weight=2.5", "motion.zoom=1.2", "target.0.channels=[1, 2]"], tmp_path
    )
    assert changed.value == {
        "target": [{"layer": "a", "channels": [1, 2]}, {"layer": "b", "weight": 2.5}],
        "motion": {"zoom": 1.2},
    }
    assert changed.mark(("target", 1, "weight")).file == "--set target.1.weight"
    assert changed.mark(("target", 1, "layer")).file == "x.yaml"


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("ab01.:-#&*!|>%@`'\"{}[],?~ \n=é…☃", max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdefghij", min_size=1, max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("klmnop", min_size=1, max_size=5), plain, max_size=5))
def test_what_is_written_reads_back(tree: dict[str, object]) -> None:
    assert read_yaml(as_yaml(tree), "x.yaml", Path()).value == tree


def test_a_lone_target_is_also_the_first() -> None:
    tree = read_yaml("target: {class: daisy}\nsize: {a: 1}\n", "x.yaml", Path())
    changed = with_overrides(tree, ["target.0.class=poppy", "target.0.weight=2"], Path())
    assert changed.value["target"] == {"class": "poppy", "weight": 2}
    with pytest.raises(RecipeError, match="no item 0 in size"):
        with_overrides(tree, ["size.0.a=3"], Path())


@pytest.mark.parametrize(
    ("text", "override", "left"),
    [
        (
            "source: {procedural: motif, class: eye}",
            "source.image=a.jpg",
            {"source": {"image": "a.jpg"}},
        ),
        (
            "target: {layer: a, channels: [3], objective: mean, weight: 2}",
            "target={class: poppy}",
            {"target": {"weight": 2, "class": "poppy"}},
        ),
        (
            "target: {layer: a, channels: [3], objective: mean}",
            "target={layer: b}",
            {"target": {"layer": "b", "channels": [3], "objective": "mean"}},
        ),
        (
            "source: {noise: pink, contrast: 0.2}",
            "source.color=black",
            {"source": {"color": "black"}},
        ),
        (
            "source: {noise: pink, contrast: 0.2}",
            "source.noise=plasma",
            {"source": {"noise": "plasma", "contrast": 0.2}},
        ),
        (
            "network: {architecture: house, weights: a.pth}",
            "network.weights=b.pth",
            {"network": {"architecture": "house", "weights": "b.pth"}},
        ),
        (
            "network: {architecture: house, weights: a.pth}",
            "network={weights: b.pth}",
            {"network": {"weights": "b.pth"}},
        ),
    ],
)
def test_an_override_replaces_what_it_means_to(
    text: str, override: str, left: dict[str, object]
) -> None:
    tree = read_yaml(text, "x.yaml", Path())
    assert with_overrides(tree, [override], Path()).value == left


def test_what_is_no_number_reads_back_as_none() -> None:
    text = as_yaml({"a": math.nan, "b": math.inf, "c": -math.inf})
    found = read_yaml(text, "x.yaml", Path()).value
    assert math.isnan(found["a"])
    assert (found["b"], found["c"]) == (math.inf, -math.inf)
