"""A sweep becomes combinations, and each a recipe; what is wrong is told with its line, once."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dreamer.errors import RecipeError
from dreamer.recipe.collage_recipe import parse_collage
from dreamer.recipe.marks import read_yaml
from dreamer.recipe.parse import parse_recipe
from dreamer.recipe.sweep import parse_sweep
from dreamer.recipe.sweep_chance import drawn
from dreamer.recipe.sweep_expansion import Expansion, expanded, recipe_of, told_together
from dreamer.recipe.sweep_words import Draw

RECIPE = "seed: 3\nsize: [64, 48]\ntarget: {layer: inception_3a, weight: 2}\n"


def swept(tmp_path: Path, text: str, *sets: str, recipe: str = RECIPE) -> Expansion:
    path = tmp_path / "own.yaml"
    path.write_text(recipe + text)
    return expanded(parse_sweep(path, sets))


def coordinates(found: Expansion) -> list[dict[str, Any]]:
    return [one.coordinates for one in found.combinations]


def refused(tmp_path: Path, text: str, *sets: str, recipe: str = RECIPE) -> str:
    with pytest.raises(RecipeError) as caught:
        swept(tmp_path, text, *sets, recipe=recipe)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_what_is_given_together_is_multiplied_and_the_last_varies_fastest(tmp_path: Path) -> None:
    text = """
    matrix: {ascent.octaves: [1, 2], ascent.steps: [5, 6]}
    zip: {seed: [7, 8, 9], title: [a, b, c]}
    random: {n: 2, keys: {ascent.step: {between: [1, 2]}}}
    """
    found = coordinates(swept(tmp_path, _flush(text)))
    steps = [one["ascent.step"] for one in found[:2]]
    wanted = [
        {"ascent.octaves": o, "ascent.steps": n, "seed": s, "title": t, "ascent.step": step}
        for o in (1, 2)
        for n in (5, 6)
        for s, t in ((7, "a"), (8, "b"), (9, "c"))
        for step in steps
    ]
    assert found == wanted
    assert [one.index for one in swept(tmp_path, _flush(text)).combinations] == [*range(1, 25)]


def _flush(text: str) -> str:
    return "\n".join(line[4:] for line in text.splitlines())


def test_include_and_exclude_do_what_they_do_on_github(tmp_path: Path) -> None:
    # The example of docs.github.com, and what comes of it there.
    text = """
    matrix:
      fruit: [apple, pear]
      animal: [cat, dog]
      include:
        - {color: green}
        - {color: pink, animal: cat}
        - {fruit: apple, shape: circle}
        - {fruit: banana}
        - {fruit: banana, animal: cat}
    """
    assert coordinates(swept(tmp_path, _flush(text))) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]
    fewer = _flush(text) + "  exclude: [{fruit: pear, animal: dog}, {animal: dog, fruit: fig}]\n"
    found = swept(tmp_path, fewer)
    assert {"fruit": "pear", "animal": "dog", "color": "green"} not in coordinates(found)
    assert len(found.combinations) == 5
    (note,) = found.notes
    assert note.endswith("own.yaml:14: matrix.exclude.1: leaves out nothing")


def test_an_include_alone_is_a_list_of_combinations(tmp_path: Path) -> None:
    text = "matrix: {include: [{seed: 1, title: a}, {seed: 2}]}\n"
    assert coordinates(swept(tmp_path, text)) == [{"seed": 1, "title": "a"}, {"seed": 2}]


def test_thousands_of_combinations_take_seconds(tmp_path: Path) -> None:
    """Each costs as much as it would by itself: eight thousand took a quarter of a minute."""
    begun = time.process_time()
    found = swept(tmp_path, f"matrix: {{seed: {[*range(8000)]}}}\n")
    assert len(found.combinations) == 8000
    assert time.process_time() - begun < 6


def test_true_is_not_one_and_three_is_three(tmp_path: Path) -> None:
    text = "matrix: {seamless: [true, 1], seed: [3, 4], exclude: [{seamless: 1, seed: 3.0}]}\n"
    assert coordinates(swept(tmp_path, text)) == [
        {"seamless": True, "seed": 3},
        {"seamless": True, "seed": 4},
        {"seamless": 1, "seed": 4},
    ]


def test_keys_may_be_nested_or_set_from_outside(tmp_path: Path) -> None:
    nested = "matrix: {ascent: {octaves: [1, 2], steps: [5]}}\n"
    plain = "matrix: {ascent.octaves: [1, 2], ascent.steps: [5]}\n"
    found = coordinates(swept(tmp_path, nested))
    assert found == coordinates(swept(tmp_path, plain))
    sets = ("matrix.ascent.octaves=[1, 2]", "matrix.ascent.steps=[5]")
    assert found == coordinates(swept(tmp_path, "", *sets))
    longer = swept(tmp_path, plain, "matrix.ascent.octaves=[3]", "seed=9")
    assert coordinates(longer) == [{"ascent.octaves": 3, "ascent.steps": 5}]


def test_more_draws_or_keys_move_none_of_the_others(tmp_path: Path) -> None:
    rule = "{between: [0.5, 3], log: true}"
    few = swept(tmp_path, f"random: {{n: 5, seed: 7, keys: {{ascent.step: {rule}}}}}\n")
    more = swept(
        tmp_path,
        f"random: {{n: 9, seed: 7, keys: {{seed: {{integers: [1, 99]}}, ascent.step: {rule}}}}}\n",
    )
    steps = [one["ascent.step"] for one in coordinates(more)]
    assert steps[:5] == [one["ascent.step"] for one in coordinates(few)]
    both = f"{{ascent.step: {rule}, ascent.step_end: {rule}}}"
    for one in coordinates(swept(tmp_path, f"random: {{n: 5, keys: {both}}}\n")):
        assert one["ascent.step"] != one["ascent.step_end"]
    other = swept(tmp_path, f"random: {{n: 5, seed: 8, keys: {{ascent.step: {rule}}}}}\n")
    assert steps[:5] != [one["ascent.step"] for one in coordinates(other)]


def test_chance_is_fair() -> None:
    dice = Draw(integers=(1, 6))
    found = Counter(drawn(dice, 1, row, "x") for row in range(6000))
    assert set(found) == {1, 2, 3, 4, 5, 6}
    # Chi square of five degrees of freedom: beyond 20.5 once in a thousand fair dice.
    assert sum((n - 1000) ** 2 / 1000 for n in found.values()) < 20.5
    chosen = Counter(drawn(Draw(choice=["a", "b"]), 1, row, "y") for row in range(6000))
    assert set(chosen) == {0, 1}
    assert abs(chosen[0] - 3000) < 4 * 38.7
    flat = [drawn(Draw(between=(0.5, 8)), 1, row, "z") for row in range(6000)]
    by_factors = [drawn(Draw(between=(0.5, 8), log=True), 1, row, "z") for row in range(6000)]
    assert all(0.5 <= n <= 8 for n in flat + by_factors)
    assert sum(n < 2 for n in flat) == pytest.approx(1200, abs=4 * 31)  # 1.5 of 7.5
    assert sum(n < 2 for n in by_factors) == pytest.approx(3000, abs=4 * 38.7)  # two doublings of 4


def test_whole_numbers_are_drawn_by_factors_too() -> None:
    steps = [drawn(Draw(integers=(1, 15), log=True), 1, row, "x") for row in range(6000)]
    assert {*steps} == {*range(1, 16)}
    for doubling in (range(1, 2), range(2, 4), range(4, 8), range(8, 16)):
        assert sum(n in doubling for n in steps) == pytest.approx(1500, abs=4 * 33.5)


def test_fractions_of_steps_would_be_one_picture(tmp_path: Path) -> None:
    keys = "{ascent.steps: {between: [1, 4.5]}, ascent.step: {between: [1, 4]}}"
    found = refused(tmp_path, f"random: {{n: 3, keys: {keys}}}\n")
    assert found == (
        "own.yaml:4: random.keys.ascent.steps.between: expected whole numbers; say integers: [1, 4]"
    )
    keys = "{ascent: {jitter: {between: [0.2, 0.9]}}, scenes.1.ascent.octaves: {between: [1, 2]}}"
    found = refused(tmp_path, f"random: {{n: 3, keys: {keys}}}\n")
    assert found.count("expected whole numbers") == 2
    assert found.count("say integers") == 1


def test_drawn_numbers_can_be_read() -> None:
    for low, high in ((0.5, 3), (1e-6, 1), (1000, 1001)):
        for log in (False, True):
            rule = Draw(between=(low, high), log=log)
            found = [drawn(rule, 0, row, "x") for row in range(50)]
            assert len(set(found)) > 45
            assert all(len(f"{n:.12g}".replace("0.", "").lstrip("0")) <= 12 for n in found)


def test_equal_combinations_are_told_of_and_made_once(tmp_path: Path) -> None:
    found = swept(tmp_path, "matrix: {seed: [1, 2, 1, 1.0]}\n")
    assert [one.index for one in found.combinations] == [1, 2, 4]
    assert found.notes == ("equal combinations are made once: 3 is 1 again",)


def test_each_becomes_a_recipe_as_if_its_values_had_been_set(tmp_path: Path) -> None:
    targets = "[{class: daisy}, {class: rose}]"
    text = f"matrix: {{target.1.weight: [4], target: [{targets}], source: [{{noise: pink}}]}}\n"
    found = swept(tmp_path, text)
    path = tmp_path / "own.yaml"
    made = recipe_of(parse_sweep(path), found, found.combinations[0])
    plain = tmp_path / "plain.yaml"
    plain.write_text(RECIPE)
    sets = [f"target={targets}", "target.1.weight=4", "source={noise: pink}"]
    assert made.canonical() == parse_recipe(plain, sets).canonical()
    assert made.canonical()["target"] == [{"class": "daisy"}, {"class": "rose", "weight": 4.0}]
    assert made.name == "own-001"


def test_a_mapping_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    found = swept(tmp_path, "matrix: {target: [{class: daisy}]}\n")
    made = recipe_of(parse_sweep(tmp_path / "own.yaml"), found, found.combinations[0])
    assert made.canonical()["target"] == [{"class": "daisy", "weight": 2.0}]


def test_nested_keys_are_told_with_their_lines(tmp_path: Path) -> None:
    found = swept(tmp_path, "matrix:\n  seed: [1]\n  ascent:\n    octaves: [many]\n")
    with pytest.raises(RecipeError, match=r"own.yaml:7: ascent.octaves: expected "):
        recipe_of(parse_sweep(tmp_path / "own.yaml"), found, found.combinations[0])


def test_files_are_relative_to_where_they_are_said(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "base.yaml").write_text("source: {image: base.png}\nseed: 1\n")
    (tmp_path / "own.yaml").write_text(
        "extends: below/base.yaml\nmatrix: {source.image: [a.png], seed: [1, 2]}\n"
    )
    found = expanded(sweep := parse_sweep(tmp_path / "own.yaml"))
    assert recipe_of(sweep, found, found.combinations[0]).image() == str(tmp_path / "a.png")
    (tmp_path / "own.yaml").write_text("extends: below/base.yaml\nmatrix: {seed: [1, 2]}\n")
    found = expanded(sweep := parse_sweep(tmp_path / "own.yaml"))
    assert recipe_of(sweep, found, found.combinations[0]).image() == str(
        tmp_path / "below" / "base.png"
    )


def test_a_sweep_may_extend_another(tmp_path: Path) -> None:
    rule = "{integers: [1, 99]}"
    (tmp_path / "base.yaml").write_text(
        RECIPE + f"matrix: {{seed: [1, 2], title: [a, b]}}\nrandom: {{n: 3, keys: {{x: {rule}}}}}\n"
    )
    found = swept(
        tmp_path,
        f"matrix: {{title: [c]}}\nrandom: {{n: 1, keys: {{y: {rule}}}}}\n",
        recipe="extends: base.yaml\n",
    )
    drawn_y = coordinates(found)[0]["y"]
    assert coordinates(found) == [{"seed": n, "title": "c", "y": drawn_y} for n in (1, 2)]


def test_a_sweep_that_grows_stays_the_same_sweep(tmp_path: Path) -> None:
    def sha256(text: str, *sets: str, recipe: str = RECIPE) -> str:
        (tmp_path / "own.yaml").write_text(recipe + text)
        return parse_sweep(tmp_path / "own.yaml", sets).sha256

    first = sha256("matrix: {seed: [1, 2]}\n")
    assert sha256("matrix: {seed: [1, 2, 3]}\n") == first
    assert sha256("zip: {seed: [4]}\n") == first
    assert sha256("matrix: {seed: [1, 2], title: [a]}\n") != first
    assert sha256("matrix: {seed: [1, 2]}\n", "ascent.steps=4") != first


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("matrix: {seed: 3}\n", "own.yaml:4: matrix.seed: expected a list, as [1, 2, 3], not 3"),
        ("matrix: {seed: []}\n", "own.yaml:4: matrix.seed: expected at least one value"),
        ("matrix: {}\n", "own.yaml:1: varies nothing: matrix, zip and random have no keys"),
        ("matrix: {seed: [1], a..b: [1]}\n", "matrix.a..b: expected a key of the recipe, like"),
        ("matrix: {extends: [a.yaml]}\n", "own.yaml:4: matrix.extends: cannot be varied"),
        (
            "matrix: {seed: [1]}\nzip: {seed: [2]}\n",
            "own.yaml:5: zip.seed: is varied by matrix too; only one can decide it",
        ),
        (
            "zip:\n  seed: [1, 2]\n  title: [a]\n",
            "own.yaml:6: zip.title: has 1 value, and seed 2: rows lie side by side",
        ),
        (
            "matrix: {ascent.steps: [1], ascent: {steps: [2]}}\n",
            "own.yaml:4: matrix.ascent.steps: is given twice",
        ),
        (
            "matrix: {octaves: [1], exclude: [{octave: 1}]}\n",
            "matrix.exclude.0.octave: is no key of the matrix; did you mean 'octaves'?",
        ),
        ("matrix: {seed: [1], exclude: [{}]}\n", "is empty, and would leave all of them out"),
        (
            "matrix: {seed: [1, 2], exclude: [{seed: 1}, {seed: 2}]}\n",
            "own.yaml:4: matrix.exclude: leaves nothing to make",
        ),
        (
            "matrix: {seed: [1], include: [{title: a}]}\nzip: {title: [b]}\n",
            "own.yaml:4: matrix.include.0.title: is varied by zip too",
        ),
        ("random: {keys: {seed: {integers: [1, 9]}}}\n", "own.yaml:4: random.n: missing"),
        ("random: {n: 2, keys: {}}\n", "random.keys: expected what is drawn, as {seed:"),
        ("random: {n: 0, keys: {seed: {choice: [1]}}}\n", "random.n: must be at least 1, not 0"),
        (
            "random: {n: 2, keys: {seed: {integers: [9, 1]}}}\n",
            "random.keys.seed.integers: expected the least first, not 9 and 1",
        ),
        (
            "random: {n: 2, keys: {seed: {integers: [1, 2.5]}}}\n",
            "expected the least and the greatest, as [1, 9999], not a list",
        ),
        (
            "random: {n: 2, keys: {seed: {integers: [1, 9], choice: [3]}}}\n",
            "random.keys.seed: expected between, integers or choice, and one of them",
        ),
        (
            "random: {n: 2, keys: {seed: {between: [0, 9], log: true}}}\n",
            "random.keys.seed.log: belongs to a between or integers that begin above 0",
        ),
        (
            "random: {n: 2, keys: {seed: [1, 2]}}\n",
            "random.keys.seed: expected {between: [0.5, 3]}, {integers: [1, 9999]} or {choice:",
        ),
        (
            "random: {n: 2, key: {seed: {choice: [1]}}}\n",
            "own.yaml:4: random.key: unknown key; did you mean 'keys'?",
        ),
        (
            f"matrix: {{seed: {[*range(100)]}, ascent.steps: {[*range(101)]}}}\n",
            "own.yaml:1: makes 10100 combinations; at most 10000",
        ),
        (
            "title: no sweep\n",
            "own.yaml: this is a recipe for pictures; run `dreamer render own.yaml`; "
            '`dreamer sweep own.yaml --set "matrix.seed=[1, 2, 3]"` varies it',
        ),
        ("matrx: {seed: [1]}\n", "own.yaml:4: matrx: unknown key; did you mean 'matrix'?"),
        ("Zip: {seed: [1]}\n", "own.yaml:4: Zip: unknown key; did you mean 'zip'?"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, wanted: str) -> None:
    assert wanted in refused(tmp_path, text)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = "matrix: {seed: 1, title: []}\nzip: {a: 3}\nrandom: {n: two}\n"
    found = refused(tmp_path, text).splitlines()
    assert [line.split(": ")[1] for line in found] == [
        *("matrix.seed", "matrix.title", "zip.a", "random.keys", "random.n"),
    ]


@pytest.mark.parametrize(
    ("word", "example"), [("1,2, 5", "1, 2, 5"), ("1..5", "1, 2, 3"), ("daisy", "1, 2, 3")]
)
def test_a_word_that_should_be_a_list_is_told_how_one_looks(
    tmp_path: Path, word: str, example: str
) -> None:
    for place in ("matrix.seed", "zip.seed", "random.keys.seed.choice"):
        sets = [f"{place}={word}", *(["random.n=2"] if "random" in place else [])]
        assert f"expected a list, as [{example}], not '{word}'" in refused(tmp_path, "", *sets)


def test_a_title_of_two_lines_is_told_in_one(tmp_path: Path) -> None:
    found = swept(tmp_path, 'matrix: {title: ["x\\ny\\e[1m"], source: [{noise: pink}]}\n')
    (one,) = found.combinations
    assert one.told == "title x y\\x1b[1m, source noise pink"


def test_of_many_equal_ones_three_are_named(tmp_path: Path) -> None:
    found = swept(tmp_path, "matrix: {seed: [1, 1, 1, 1, 1, 1]}\n")
    told = "equal combinations are made once: 2 is 1 again, 3 is 1 again, 4 is 1 again, and 2 more"
    assert found.notes == (told,)


def test_what_is_excluded_does_not_count(tmp_path: Path) -> None:
    axes = f"seed: {[*range(120)]}, ascent.steps: {[*range(100)]}"
    out = "[{ascent.steps: 7}, {ascent.steps: 9}]"
    found = refused(tmp_path, f"matrix: {{{axes}, exclude: {out}}}\n")
    assert "makes 11760 combinations; at most 10000" in found
    out = "[" + ", ".join(f"{{ascent.steps: {n}}}" for n in range(20)) + "]"
    made = swept(tmp_path, f"matrix: {{{axes}, exclude: {out}}}\n")
    assert len(made.combinations) == 120 * 80
    huge = "".join(f"k{n}: {[*range(100)]}, " for n in range(9))
    told = refused(tmp_path, f"matrix: {{{huge}exclude: [{{k1: 1}}]}}\n")
    assert "makes 1000000000000000000 combinations before any is excluded; at most 10000" in told


def test_only_recipes_of_renders_are_varied(tmp_path: Path) -> None:
    recipe = "collage: {pictures: daemons}\n"
    found = refused(tmp_path, "matrix: {seed: [1, 2]}\n", recipe=recipe)
    assert "varies a recipe for pictures or films, and this is a recipe for a collage" in found


def test_other_verbs_are_told_that_it_is_a_sweep(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(RECIPE + "matrix: {seed: [1, 2]}\n")
    for parse in (parse_recipe, parse_collage):
        with pytest.raises(RecipeError) as caught:
            parse(path)
        assert str(caught.value) == f"{path}: this is a sweep; run `dreamer sweep {path}`"


def test_a_misspelt_matrix_is_told_where_it_is_rendered_and_beside_a_right_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(RECIPE + "matrx: {seed: [1, 2]}\n")
    with pytest.raises(RecipeError, match=r":4: matrx: unknown key; did you mean 'matrix'\?"):
        parse_recipe(path)
    path.write_text(RECIPE + "nonsense: 3\n")
    with pytest.raises(RecipeError, match=r"there are .* inpaint, length, matrix, motion"):
        parse_recipe(path)
    found = swept(tmp_path, "matrix: {seed: [1]}\nmatricks: {title: [a]}\n")
    with pytest.raises(RecipeError, match=r":5: matricks: unknown key; did you mean 'matrix'\?"):
        recipe_of(parse_sweep(path), found, found.combinations[0])


def test_what_many_share_is_told_once_with_its_line(tmp_path: Path) -> None:
    text = "matrix:\n  seed: [1, 2, 3]\n  ascent.octaves: [2, many]\n  ascent.stepp: [1]\n"
    found = swept(tmp_path, text)
    sweep, problems = parse_sweep(tmp_path / "own.yaml"), {}
    for one in found.combinations:
        with pytest.raises(RecipeError) as caught:
            recipe_of(sweep, found, one)
        problems[one.index] = caught.value.problems
    told = [str(p).replace(f"{tmp_path}/", "") for p in told_together(problems, found)]
    octaves, stepp = told
    assert octaves.startswith("own.yaml:6: ascent.octaves: expected ")
    assert octaves.endswith("(in 3 of 6; the first is 2: seed 1, octaves many, stepp 1)")
    assert stepp == "own.yaml:7: ascent.stepp: unknown key; did you mean 'step' or 'steps'?"


def test_an_item_that_is_not_there_is_told_with_the_sweeps_line(tmp_path: Path) -> None:
    found = swept(tmp_path, "matrix:\n  target.3.weight: [1]\n")
    with pytest.raises(RecipeError, match=r"own.yaml:5: target.3.weight: no item 3 in target \(1 "):
        recipe_of(parse_sweep(tmp_path / "own.yaml"), found, found.combinations[0])


def test_folders_are_named_after_what_is_varied(tmp_path: Path) -> None:
    text = "matrix: {target.0.weight: [0.5], source: [{image: ../../Käfer.png}], title: [日本]}\n"
    (one,) = swept(tmp_path, text).combinations
    assert one.slug == "weight-0.5-source-image-Kafer.png-title"
    long = swept(tmp_path, f"matrix: {{title: [{'long words ' * 30}]}}\n").combinations[0].slug
    assert 40 < len(long) <= 60
    assert long.endswith(("words", "long"))


ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("matrix: {seed: [1, 2], ascent: {steps: [1]}, include: {seed: 1}}", True),
        ("matrix: {seed: 1}", False),
        ("matrix: {seed: [1], exclude: 3}", False),
        ("zip: {seed: [1, 2], ascent: {steps: [3, 4]}}", True),
        ("zip: {seed: []}", False),
        ("random: {n: 2, keys: {seed: {integers: [1, 9]}, ascent: {step: {choice: [1]}}}}", True),
        ("random: {n: 2, keys: {seed: {integers: [1, 9], choice: [3]}}}", False),
        ("random: {keys: {seed: {choice: [3]}}}", False),
        ("random: {n: 2, keys: {seed: 3}}", False),
        ("matrices: {seed: [1]}", False),
    ],
)
def test_editors_know_what_a_sweep_may_say(text: str, right: bool) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    known = json.loads((ROOT / "docs" / "sweep.schema.json").read_text())
    tree = read_yaml(text, "x", ROOT).value
    assert jsonschema.Draft202012Validator(known).is_valid(tree) is right


def test_a_lone_word_is_the_first_of_its_list(tmp_path: Path) -> None:
    recipe = "target: inception_3a\n"
    for key in ("target.0.weight", "target.weight"):
        found = swept(tmp_path, f"matrix: {{{key}: [3]}}\n", recipe=recipe)
        made = recipe_of(parse_sweep(tmp_path / "own.yaml"), found, found.combinations[0])
        assert made.canonical()["target"] == [{"layer": "inception_3a", "weight": 3.0}]
