"""Charts for pages: every number is where it should be, read back from the SVG."""

from __future__ import annotations

import base64
import io
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from dreamer.draw import charts, confusion, reliability
from dreamer.draw.page_style import beginning, shown

COUNTS = np.array([[8, 2, 0], [0, 5, 0], [1, 0, 99]])
NAMES = ("roses", "tulips", "daisies")
HOSTILE = '<script>alert("x")</script>'


def read(svg: str) -> ET.Element:
    """As XML, which forgives nothing."""
    return ET.fromstring(svg)


def drawn(svg: str, kind: str) -> list[list[tuple[float, float]]]:
    """The pieces of the line `kind`, in the chart's own place."""
    paths = [p.get("d", "") for p in read(svg).iter("path") if p.get("class") == f"line {kind}"]
    pieces = [piece for path in paths[1:] for piece in path.split("M")[1:]]  # the first is the key
    return [[tuple(map(float, p.split())) for p in piece.split("L")] for piece in pieces]


def test_a_line_goes_through_its_points_in_proportion() -> None:
    svg = charts.lines({"loss": [(0, 0), (50, 1), (100, 4)]}, "Loss")
    ((a, b, c),) = drawn(svg, "one")
    assert b[0] - a[0] == pytest.approx(c[0] - b[0], abs=0.2)
    assert a[1] - c[1] == pytest.approx(4 * (a[1] - b[1]), abs=0.5)
    assert c == (charts.WIDTH - charts.RIGHT, charts.TOP)


def test_what_is_no_number_is_a_gap() -> None:
    points = [(0, 1), (1, 2), (2, math.nan), (3, 1), (4, 1), (5, math.inf), (6, 2)]
    svg = charts.lines({"a": [(0, 3), (6, 3)], "b": points}, "x")
    assert [len(piece) for piece in drawn(svg, "two")] == [2, 2]
    assert len(list(read(svg).iter("circle"))) == 1, "a point alone is a dot"
    assert "nan" not in svg
    assert "inf" not in svg


@pytest.mark.parametrize(
    "series", [{}, {"a": []}, {"a": [(0, 0)]}, {"a": [(7, math.nan)]}, {"a": [(5, 2), (5, 2)]}]
)
def test_a_chart_of_little_is_a_chart(series: dict[str, list[tuple[float, float]]]) -> None:
    svg = charts.lines(series, "little")
    assert read(svg).get("role") == "img"
    assert "nan" not in svg


def named(svg: str, names: set[str]) -> dict[str, tuple[float, float, float]]:
    """Of texts, their (left, right, height), by a letter's width in most fonts."""
    found = {}
    for text in read(svg).iter("text"):
        if text.text in names:
            x, wide = float(text.get("x", 0)), 7 * len(text.text)
            left = x - wide if text.get("text-anchor") == "end" else x
            found[text.text] = left, left + wide, float(text.get("y", 0))
    return found


STAGES = [(0, "head"), (50, "upper 40 %"), (52, "from inception_3a"), (60, "all"), (98, "128 px")]


def test_marks_stand_at_their_step() -> None:
    svg = charts.lines({"a": [(0, 1), (100, 1)]}, "x", STAGES)
    places = [p.get("d", "") for p in read(svg).iter("path") if p.get("class") == "mark"]
    middle = (charts.LEFT + charts.WIDTH - charts.RIGHT) / 2
    assert places[1].startswith(f"M{middle:.1f} ")
    assert len(places) == 5


def some_stages(seed: int) -> list[tuple[int, str]]:
    chance = np.random.default_rng(seed)
    steps = sorted(chance.choice(100, 7, replace=False).tolist())
    return [(step, "abcdefg"[k] * int(chance.integers(2, 19))) for k, step in enumerate(steps)]


@pytest.mark.parametrize("stages", [STAGES, *map(some_stages, range(12))])
def test_no_name_of_a_mark_lies_on_a_line_or_a_name_or_outside(
    stages: list[tuple[int, str]],
) -> None:
    svg = charts.lines({"y": [(0, 9), (100, 9)]}, "x", stages)
    ((line, _),) = drawn(svg, "one")
    found = named(svg, {name for _, name in stages})
    assert len(found) >= 3
    marks = [
        tuple(map(float, p.get("d", "M").lstrip("M").replace("V", " ").split()[:2]))
        for p in read(svg).iter("path")
        if p.get("class") == "mark"
    ]
    for name, (left, right, y) in found.items():
        assert y < line[1] - 4, "above the curve at its highest"
        assert left >= 0
        assert right <= charts.WIDTH
        assert not any(left < x < right and top < y for x, top in marks), name
        for other, (begin, end, height) in found.items():
            assert other == name or height != y or end < left or right < begin


def test_of_more_names_than_have_room_some_are_not_said() -> None:
    crowd = [(k, f"stage {k}") for k in range(30)]
    svg = charts.lines({"a": [(0, 1), (30, 1)]}, "x", crowd)
    found = named(svg, {name for _, name in crowd})
    assert 3 <= len(found) < 20
    assert len({y for _, _, y in found.values()}) == charts.MOST_ROWS
    assert "height" not in svg.split(">")[0]
    high = float(svg.partition("viewBox")[2].split('"')[1].split()[3])
    assert high == charts.HEIGHT + charts.MOST_ROWS * charts.ROW


def test_the_axis_of_losses_ends_at_a_round_number_above_all_and_that_of_shares_at_all() -> None:
    for shares, top, low in ((False, "1.5", 0.2), (True, "100\u00a0%", 0.2)):
        svg = charts.lines({"a": [(0, 0.2), (9, 1.0 if shares else 1.1)]}, "x", shares=shares)
        y = {t.text: float(t.get("y", 0)) for t in read(svg).iter("text")}
        assert y[top] == pytest.approx(charts.TOP + 4)
        ((first, _),) = drawn(svg, "one")
        bottom = charts.HEIGHT - charts.BOTTOM
        part = low if shares else low / 1.5
        assert first[1] == pytest.approx(bottom - part * (bottom - charts.TOP), abs=0.1)


def test_a_line_without_points_is_not_named_and_the_other_keeps_its_colour() -> None:
    svg = charts.lines({"training": [], "validation": [(0, 1), (1, 2)]}, "x")
    assert next(t.text for t in read(svg).iter("text")) == "validation"
    assert len(drawn(svg, "two")) == 1
    assert not drawn(svg, "one")


def test_three_lines_are_too_many_to_tell_apart() -> None:
    with pytest.raises(ValueError, match="at most two lines, not 3"):
        charts.lines({"a": [], "b": [], "c": []}, "x")


def test_bars_are_as_high_as_their_share() -> None:
    bins = [(0.0, 0.5, 0, None, None), (0.5, 0.8, 1, 0.7, 1.0), (0.8, 1.0, 12, 0.8, 0.6)]
    svg = reliability.reliability(bins, "x")
    found = [(r.get("class"), float(r.get("height", 0))) for r in read(svg).iter("rect")]
    assert found == [
        ("one", 240),
        ("beyond", pytest.approx(0.3 * 240)),
        ("many", pytest.approx(reliability.MANY / 12)),
        ("one", pytest.approx(0.6 * 240)),
        ("lacks", pytest.approx(0.2 * 240)),
        ("many", reliability.MANY),
    ]
    told = [title.text for title in read(svg).iter("title")]
    assert told == ["1 picture: sure 70 %, right 100 %", "12 pictures: sure 80 %, right 60 %"]


def test_all_that_the_diagram_draws_is_in_its_key() -> None:
    bins = [(0.0, 0.5, 3, 0.4, 0.6), (0.5, 1.0, 12, 0.8, 0.6)]
    found = read(reliability.reliability(bins, "x"))
    kinds = {kind for r in found.iter("rect") for kind in (r.get("class"),) if kind != "many"}
    key = [
        (p.get("class", "").split()[0], p) for p in found.iter("path") if "h14" in p.get("d", "")
    ]
    assert {kind for kind, _ in key} == {*kinds, "exact"}
    texts = {t.text for t in found.iter("text")}
    words = {"how often it was right", "as sure as right", "surer than right"}
    assert texts >= words | {"more right than sure", "pictures in each bar", "how sure it was"}
    for kind in kinds:
        assert f" .{kind}" in charts.STYLE + reliability.STYLE


def test_strangers_words_are_words() -> None:
    for svg in (
        charts.lines({HOSTILE: [(0, 1)]}, HOSTILE, [(0, HOSTILE)]),
        confusion.as_svg(np.eye(31, dtype=int), [HOSTILE] * 31),
        confusion.as_svg(COUNTS, (HOSTILE, '"><img src=x onerror=y>', "\u202egnorw\udcff")),
    ):
        assert {e.tag for e in read(svg).iter()} <= {
            *("svg", "g", "title", "text", "path", "rect", "circle", "image")
        }
        assert "\u202e" not in svg
        svg.encode()


def test_a_name_is_one_line_and_no_longer_than_names_are() -> None:
    assert shown("a\nb\t<c>") == "a b &lt;c&gt;"
    assert shown("x" * 500) == "x" * 79 + "…"
    assert shown("a\"b'c") == "a&quot;b&#x27;c"
    assert "<title>&lt;b&gt;\\udcff</title>" in beginning("<b>\udcff", "")


def test_the_matrix_names_and_counts_every_cell() -> None:
    found = read(confusion.as_svg(COUNTS, NAMES))
    titles = [t.text or "" for t in found.iter("title")]
    assert titles[:6] == ["roses", "roses", "tulips", "tulips", "daisies", "daisies"], "whole names"
    assert titles[6:] == [
        "roses taken for roses: 8 (80 %)",
        "roses taken for tulips: 2 (20 %)",
        "tulips taken for tulips: 5 (100 %)",
        "daisies taken for roses: 1 (1 %)",
        "daisies taken for daisies: 99 (99 %)",
    ]
    kinds = [r.get("class") for r in found.iter("rect")]
    assert kinds == ["right", "wrong", "right", "wrong", "right", "frame"]
    wrong = [r for r in found.iter("rect") if r.get("class") == "wrong"]
    assert float(wrong[0].get("x", 0)) > float(wrong[1].get("x", 0)), "columns are what was said"
    assert float(wrong[0].get("y", 0)) < float(wrong[1].get("y", 0)), "rows are what is"
    assert float(wrong[0].get("fill-opacity", 0)) > float(wrong[1].get("fill-opacity", 0)) > 0.1


def test_more_classes_than_can_be_named_are_refused_by_the_svg() -> None:
    with pytest.raises(ValueError, match="at most 200 classes, not 201"):
        confusion.as_svg(np.eye(201, dtype=int), [""] * 201)


def test_of_many_classes_the_names_stand_around_a_picture_of_the_cells() -> None:
    counts = np.eye(100, dtype=int)
    counts[3, 70] = 1
    found = read(confusion.as_svg(counts, [f"class {k}" for k in range(100)]))
    (image,) = found.iter("image")
    pixels = Image.open(io.BytesIO(base64.b64decode(image.get("href", "").partition(",")[2])))
    assert ((np.asarray(pixels)[..., 3] > 0) == (counts > 0)).all()
    cell = float(image.get("height", 0)) / 100
    rows = [
        float(t.get("y", 0)) - float(image.get("y", 0))
        for t in found.iter("text")
        if t.get("text-anchor") == "end"
    ]
    assert [int(y // cell) for y in rows] == list(range(100)), "each name beside its own row"
    upright = [t for t in found.iter("text") if "rotate(-90)" in t.get("transform", "")]
    assert len(upright) == 100


def test_specks_are_blue_on_the_diagonal_orange_off_it_and_nothing_elsewhere() -> None:
    pixels = np.asarray(Image.open(io.BytesIO(confusion.as_specks(COUNTS))))
    assert pixels.shape == (3, 3, 4)
    assert ((pixels[..., 3] > 0) == (COUNTS > 0)).all()
    assert tuple(pixels[0, 0, :3]) == confusion.RIGHT
    assert tuple(pixels[0, 1, :3]) == confusion.WRONG
    assert pixels[0, 1, 3] > pixels[2, 0, 3], "a fifth of the row is more than a hundredth"


def test_specks_of_very_many_classes_are_pooled_and_lose_no_mistake() -> None:
    counts = np.eye(1201, dtype=int) * 3
    counts[1200, 4] = 1
    pixels = np.asarray(Image.open(io.BytesIO(confusion.as_specks(counts))))
    assert pixels.shape == (401, 401, 4)
    assert tuple(pixels[400, 1, :3]) == confusion.WRONG
    assert (pixels[..., 3] > 0).sum() == 402


@pytest.mark.parametrize("classes", [1, 3, 30, 31, 97])
def test_a_picture_of_the_matrix_shows_it(classes: int) -> None:
    counts = np.eye(classes, dtype=int) * 5
    counts[classes - 1, 0] += 5
    picture = np.asarray(confusion.as_picture(counts, ["name \udcff\n"] * classes)).astype(int)
    blue = (picture[..., 2] - picture[..., 0] > 60).sum()
    orange = (picture[..., 0] - picture[..., 2] > 60).sum()
    assert blue > 20
    assert bool(orange > 20) is (classes > 1)


def test_what_a_page_would_obey_is_written_out_in_pictures_too() -> None:
    seen, said = (
        np.asarray(confusion.as_picture(np.eye(1, dtype=int), [name]))
        for name in ("\u202ea\x1b", "\\u202ea\\x1b")
    )
    assert np.array_equal(seen, said)


@pytest.mark.parametrize(
    ("count", "said"), [(7, "7"), (9999, "9999"), (12345, "12k"), (4_200_000, "4M")]
)
def test_large_counts_are_short(count: int, said: str) -> None:
    texts = re.findall(r'class="n on"[^>]*>([^<]*)<', confusion.as_svg(np.array([[count]]), "a"))
    assert texts == [said]
