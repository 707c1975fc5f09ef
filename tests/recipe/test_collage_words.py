"""A collage's words: what stands for what, and what is said of those that mean nothing."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from dreamer.errors import RecipeError
from dreamer.recipe.collage_recipe import ParsedCollage, collage_from_text, parse_collage


def read(text: str, folder: Path = Path("art"), *overrides: str) -> ParsedCollage:
    return collage_from_text(text, folder, "x.yaml", overrides)


def collage(text: str, folder: Path = Path("art"), *overrides: str) -> ParsedCollage:
    """A collage of one folder, with `text` below `collage:`."""
    lines = "".join(f"  {line}\n" for line in text.splitlines())
    return read(f"collage:\n  pictures: daemons\n{lines}", folder, *overrides)


def test_what_is_not_said_is_as_the_page_says() -> None:
    found = read("collage: {pictures: daemons}")
    words = found.words.collage
    assert (found.words.sides, found.words.seed, found.frames) == ((1600, 1200), 0, None)
    assert (words.layout.name, words.sort.by, words.duplicates) == ("grid", "given", "drop")
    assert (words.ground.color, words.crop, words.network) == ("black", "centre", "house")
    assert not words.scored


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("sort: name", "sort: {by: name}"),
        ("only: {larger: 64}", "only: [{larger: 64}]"),
        ("layout: spiral", "layout: {spiral: {}}"),
        ("layout: {spiral: }", "layout: {spiral: {}}"),
        ("background: '#102030'", "background: {color: '#102030'}"),
        ("blend: multiply", "blend: {mode: multiply}"),
        ("mask: ellipse", "mask: {shape: ellipse}"),
        ("mask: luminance", "mask: {shape: luminance, falls: dark}"),
        ("shadow: on", "shadow: {}"),
        ("looks: {posterise: 5}", "looks: [{posterise: 5}]"),
        ("captions: off", "captions: 'off'"),
        ("layout: {scatter: {turn: 5}}", "layout: {scatter: {turn: [5, 5]}}"),
    ],
)
def test_a_short_word_stands_for_a_long_one(short: str, long: str) -> None:
    assert collage(short).words.collage == collage(long).words.collage


def test_pictures_are_words_and_mappings_relative_to_where_they_are_said(tmp_path: Path) -> None:
    text = "collage: {pictures: [a.png, {folder: b, weight: 3}, {render: c.yaml}, /d/*.jpg]}"
    found = read(text, tmp_path, "collage.pictures.1.folder=elsewhere").inputs()
    assert [path for _, path in found] == [
        tmp_path / "a.png",
        Path.cwd() / "elsewhere",
        tmp_path / "c.yaml",
        Path("/d/*.jpg"),
    ]
    assert [(one.key, one.weight) for one, _ in found] == [
        ("files", 1.0),
        ("folder", 3.0),
        ("render", 1.0),
        ("files", 1.0),
    ]


def test_a_person_s_own_folder_is_meant_by_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    ((_, place),) = read("collage: {pictures: ~/art}").inputs()
    assert place == Path("/home/ada/art")


def test_files_are_all_that_a_stranger_could_open() -> None:
    text = """
collage:
  pictures: [a.png, {folder: b}]
  network: {weights: own.pth, labels: own.txt}
  background: {image: sky.jpg}
  layout: {mosaic: {target: face.jpg}}
classify: {networks: [house, {weights: judge.pth}]}
"""
    found = {".".join(map(str, path)): file for path, file in read(text).files()}
    assert found == {
        "collage.pictures.0.files": "art/a.png",
        "collage.pictures.1.folder": "art/b",
        "collage.background.image": "art/sky.jpg",
        "collage.layout.mosaic.target": "art/face.jpg",
        "collage.network.weights": "art/own.pth",
        "collage.network.labels": "art/own.txt",
        "classify.networks.1.weights": "art/judge.pth",
    }


def test_networks_are_the_pieces_own_unless_said() -> None:
    assert [ref.name for ref in collage("network: judge").judges()] == ["judge"]
    text = "collage: {pictures: a}\nclassify: {networks: [house, judge]}"
    assert [ref.name for ref in read(text).judges()] == ["house", "judge"]
    assert read("collage: {pictures: a}\nclassify: off").judges() == ()


@pytest.mark.parametrize(
    ("size", "sides"),
    [
        ("800", (800, None)),
        ("[800, 600]", (800, 600)),
        ("{width: 10in, dpi: 100}", (1000, None)),
        ("{width: 60cm, height: 40cm, dpi: 254}", (6000, 4000)),
        ("{width: 1.5in, height: 25.4mm}", (450, 300)),
    ],
)
def test_sizes_are_pixels_or_paper(size: str, sides: tuple[int, int | None]) -> None:
    assert read(f"size: {size}\ncollage: {{pictures: a}}").words.sides == sides


def test_a_film_has_frames_and_a_rate() -> None:
    found = read("length: 2s\ncollage: {pictures: a, moves: {turn: {expr: '360*t'}}}")
    assert (found.fps, found.frames) == (Fraction(24), 48)
    assert read("length: 2s\nfps: 10\ncollage: {pictures: a}").frames == 20


def test_scores_are_wanted_where_they_decide_something() -> None:
    wanted = ("sort: score", "weights: score", "captions: score", "only: {above: 0.3}")
    for text in wanted:
        assert collage(f"class: daisy\n{text}").words.collage.scored
    assert collage("only: {class: daisy, above: 0.3}").words.collage.scored
    assert collage("sort: {by: score, class: rose, reverse: true}").words.collage.scored


def test_what_is_written_again_reads_as_the_same() -> None:
    text = "seed: 3\ncollage: {pictures: [a], layout: {scatter: {count: 4}}, class: daisy}"
    found = read(text)
    again = read(str(found.canonical()))  # plain data is YAML as Python prints it
    assert again.words == found.words


UNHEARD = {
    "captions: name": "2: collage.captions: changes nothing: a grid has no place for "
    "words; contact and polaroid have",
    "captions: score\nclass: daisy\nlayout: contact": None,
    "captions: date\nlayout: polaroid": None,
    "weights: pixels\nlayout: masonry": "2: collage.weights: changes nothing: only a treemap's "
    "areas go by them, not a masonry's",
    "weights: pixels\nlayout: treemap": None,
    "crop: saliency\nlayout: scatter": "2: collage.crop: changes nothing: this scatter shows all "
    "of every piece",
    "crop: saliency\nlayout: spiral": "2: collage.crop: changes nothing: this spiral shows all",
    "crop: saliency\nlayout: {spiral: {shape: square}}": None,
    "crop: saliency\nlayout: polaroid": None,
    "crop: saliency\nlayout: {polaroid: {shape: own}}": "2: collage.crop: changes nothing",
    "crop: whole\nlayout: scatter": None,
    "gutter: 9\nlayout: polaroid": "2: collage.gutter: changes nothing: pieces of this",
    "gutter: 9\nlayout: {scatter: {placing: random}}": "2: collage.gutter: changes nothing",
    "gutter: 9\nlayout: {scatter: {passes: [{placing: random}, {}]}}": None,
}


@pytest.mark.parametrize("words", UNHEARD)
def test_words_for_another_layout_are_told_of_and_not_refused(words: str) -> None:
    lines = "".join(f"  {line}\n" for line in words.splitlines())
    said = list(map(str, read(f"collage:\n{lines}  pictures: a").unheard()))
    expected = UNHEARD[words]
    assert bool(said) == (expected is not None)
    assert all(one.startswith(f"x.yaml:{expected}") for one in said)


def test_weights_and_captions_of_pictures_are_for_who_asks_for_them() -> None:
    pictures = "[a, {files: b, weight: 3}, {files: c, weight: 2, caption: C}]"
    text = "collage:\n  layout: {}\n  pictures:\n    {}"
    (one, two) = map(str, read(text.format("grid", pictures)).unheard())
    assert one == "x.yaml:4: collage.pictures.1.weight: changes nothing without weights: given"
    assert two == "x.yaml:4: collage.pictures.2.caption: changes nothing without captions: given"
    for layout, key in (("treemap", "weights"), ("contact", "captions")):
        said = read(f"{text.format(layout, pictures)}\n  {key}: given").unheard()
        assert len(said) == 1, "of the other"


def test_the_page_s_own_recipe_says_nothing_in_vain() -> None:
    page = (Path(__file__).parents[2] / "docs" / "collage.md").read_text()
    recipe = next(part for part in page.split("```yaml\n")[1:] if part.startswith("title:"))
    assert read(recipe.split("```")[0]).unheard() == []


REFUSED = [
    ("seed: 1", "1: collage: missing"),
    ("collage: {}", "1: collage.pictures: missing"),
    ("collage: {pictures: []}", "1: collage.pictures: expected at least one"),
    ("collage: {pictures: a}\nsiez: 3", "2: siez: unknown key; did you mean 'size'?"),
    ("collage: {pictures: [a, {file: b}]}", "collage.pictures.1.file: unknown key; did you mean"),
    ("collage: {pictures: {folder: a, files: b}}", "expected one of folder, files, render"),
    ("collage: {pictures: {weight: 2}}", "expected one of folder, files, render"),
    (
        "collage: {pictures: {files: b, weight: -1}}",
        "pictures.weight: must be at least 0.0, not -1.0",
    ),
    ("collage: {pictures: a, only: {}}", "expected what stays, as in {class: daisy, above: 0.3}"),
    ("collage: {pictures: a, only: {class: daisy}}", "class needs above or below"),
    ("collage: {pictures: a, only: {class: d, above: 3}}", "above: must be at most 1, not 3"),
    ("collage: {pictures: a, only: {newer: 2024}}", "expected a date like 2024-12-31, not 2024"),
    ("collage: {pictures: a, only: {older: 2024-13-01}}", "expected a date like 2024-12-31"),
    ("collage: {pictures: a, sort: nane}", "expected 'given', 'name', 'date'"),
    ("collage: {pictures: a, sort: {by: name, class: x}}", "class belongs to by: score"),
    ("collage: {pictures: a, sort: score}", "sort asks for scores and nobody said of what"),
    ("collage: {pictures: a, captions: score}", "captions asks for scores"),
    ("collage: {pictures: a, weights: score}", "weights asks for scores"),
    ("collage: {pictures: a, only: {above: 0.2}}", "only asks for scores"),
    ("collage: {pictures: a, limit: 0}", "collage.limit: must be at least 1, not 0"),
    ("collage: {pictures: a, layout: gird}", "not 'gird'; did you mean 'grid'?"),
    ("collage: {pictures: a, layout: {grid: {}, spiral: {}}}", "found grid and spiral"),
    ("collage: {pictures: a, layout: mosaic}", "mosaic needs the picture it shows"),
    ("collage: {pictures: a, layout: {grid: {colums: 3}}}", "did you mean 'columns'?"),
    ("collage: {pictures: a, layout: {scatter: {alpha: [0, 2]}}}", "must be 0 to 1, not [0, 2]"),
    ("collage: {pictures: a, layout: {scatter: {turn: [5, 1]}}}", "expected the least first"),
    (
        "collage: {pictures: a, layout: {scatter: {count: 3, passes: [{}]}}}",
        "passes say it each for themselves; put count into them",
    ),
    ("collage: {pictures: a, blend: multply}", "not 'multply'; did you mean 'multiply'?"),
    ("collage: {pictures: a, mask: {sides: 5}}", "collage.mask.shape: missing"),
    (
        "collage: {pictures: a, mask: {shape: ellipse, sides: 5}}",
        "sides belongs to shape: polygon",
    ),
    (
        "collage: {pictures: a, mask: {shape: polygon, softness: 0.5}}",
        "softness belongs to shape: luminance",
    ),
    ("collage: {pictures: a, shadow: {offset: 3}}", "expected two numbers, not 3"),
    ("collage: {pictures: a, looks: posterize}", "did you mean 'posterise'?"),
    ("collage: {pictures: a, looks: [{bloom: 1, posterise: 2}]}", "in each; a list has several"),
    ("collage: {pictures: a, looks: {duotone: [red]}}", "expected two or three colours, not 1"),
    ("collage: {pictures: a, background: {}}", "expected one of color, image, transparent"),
    (
        "collage: {pictures: a, background: {color: red, image: b}}",
        "expected one of color, image, transparent",
    ),
    ("collage: {pictures: a, moves: {turn: 1}}", "moves belongs to a film; say length: 10s"),
    ("fps: 5\ncollage: {pictures: a}", "fps belongs to a film"),
    ("length: 5s\nsize: 800\ncollage: {pictures: a}", "a film needs width and height"),
    ("length: endless\ncollage: {pictures: a}", "expected 20s or a number of frames"),
    ("size: {width: 60}\ncollage: {pictures: a}", "size.width: expected a word"),
    ("size: {widht: 60cm}\ncollage: {pictures: a}", "size.widht: unknown key; did you mean"),
    ("size: {width: 0cm}\ncollage: {pictures: a}", "expected a length like 60cm"),
    ("collage: {pictures: a, background: }", "in quotes, for # begins a comment"),
    ("collage: {pictures: a, layout: {scatter: {turn: .inf}}}", "expected two numbers"),
    ("collage: {pictures: a, layout: {scatter: {passes: []}}}", "expected 1 to 12 of them, not 0"),
    ("collage: {pictures: a, shadow: {offset: [.nan, 0]}}", "must be -2 to 2, not [nan, 0]"),
    (
        "collage: {pictures: a, mask: {shape: polygon, points: [[.nan, 0], [1, 1], [0, 1]]}}",
        "corners must be -1 to 2, not [nan, 0]",
    ),
    ("size: {width: 60km}\ncollage: {pictures: a}", "expected a length like 60cm"),
    ("size: [800, 600, 3]\ncollage: {pictures: a}", "expected [width, height] in pixels"),
    ("size: [30000, 10]\ncollage: {pictures: a}", "sides must be 1 to 20000"),
    ("size: {width: 90in, height: 9in}\ncollage: {pictures: a}", "sides must be 1 to 20000"),
    ("collage: {pictures: a, only: {newer: '20241231'}}", "expected a date like 2024-12-31"),
    ("collage: {pictures: a, only: []}", "collage.only: expected what stays, as in"),
    (
        "collage:\n  pictures: a\n  only:\n    class: daisy\n    above: 0.9\n    below: 0.1",
        "5: collage.only.above: no score is 0.9 or more and below 0.1",
    ),
    (
        "collage: {pictures: a, only: {newer: 2025-01-01, older: 2024-01-01}}",
        "collage.only.newer: no day is 2025-01-01 or later and before 2024-01-01",
    ),
    (
        "collage:\n  pictures: a\n  layout:\n    scatter:\n      placing: random\n      apart: 2",
        "6: collage.layout.scatter.apart: belongs to placing: poisson",
    ),
    (
        "collage: {pictures: a, layout: {scatter: {passes: [{}, {placing: jittered, apart: 1}]}}}",
        "collage.layout.scatter.passes.1.apart: belongs to placing: poisson",
    ),
    (
        "collage: {pictures: a, layout: {polaroid: {size: 0.2, cover: 3}}}",
        "collage.layout.polaroid.cover: prints are as large as size says",
    ),
    (
        "collage: {pictures: a, mask: {shape: polygon, sides: 5, points: [[0, 0], [1, 0], [1, 1]]"
        "}}",
        "collage.mask.sides: a polygon has those of its points; leave one of them out",
    ),
    (
        "classify:\n  every: 3s\ncollage: {pictures: a}",
        "2: classify.every: is of a film, and this is a picture; say length: 10s",
    ),
    ("collage: {pictures: a, looks: {duotone: }}", "collage.looks: expected one of kaleidoscope"),
    ("finish: {bloom: }\ncollage: {pictures: a}", "1: finish: expected one of kaleidoscope"),
    ("collage: {pictures: a, only: {name: }}", "expected what stays, as in {class: daisy"),
    (
        "classify: {networks: []}\ncollage: {pictures: a}",
        "1: classify.networks: expected at least one, or classify: off",
    ),
    ("size: [1600, 0]\ncollage: {pictures: a}", "1: size: sides must be 1 to 20000 pixels"),
    (f"size: {{width: {'9' * 400}cm}}\ncollage: {{pictures: a}}", "width: must be at most 2000in"),
    (
        "length: 1000000000\ncollage: {pictures: a}",
        "1: length: 1000000000 frames are more than a film may have, 2073600",
    ),
    (
        "length: 86401s\ncollage: {pictures: a}",
        "1: length: 2073624 frames are more than a film may have",
    ),
    (
        "source: {noise: pink}\ntarget: {class: daisy}",
        "this is a recipe for pictures; run `dreamer",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_words_that_mean_nothing_name_their_line_and_key(text: str, message: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)) as caught:
        read(text)
    assert all(line.startswith("x.yaml:") for line in str(caught.value).splitlines())


def test_all_problems_come_at_once_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("seed: -1\ncollage:\n  pictures: a\n  limit: 0\n  crop: saliencey\n")
    with pytest.raises(RecipeError) as caught:
        parse_collage(path)
    assert str(caught.value).replace(str(tmp_path), "") == (
        "/c.yaml:1: seed: must be at least 0, not -1\n"
        "/c.yaml:4: collage.limit: must be at least 1, not 0\n"
        "/c.yaml:5: collage.crop: expected 'centre', 'saliency' or 'whole', not 'saliencey'; "
        "did you mean 'saliency'?"
    )
