"""The report is whole, says what it should, and nothing in it obeys a stranger."""

from __future__ import annotations

import io
import json
import math
import re
from html.parser import HTMLParser

import pytest
from judged import by_chance, outcomes
from PIL import Image
from small_trainings import MOMENTS

from dreamer.learn.health import Finding
from dreamer.learn.history import Mark, Moment
from dreamer.learn.outcomes import Outcomes
from dreamer.learn.report import Counts, Made, Report, reported
from dreamer.learn.report_answers import MOST_BYTES, MOST_MISTAKES
from dreamer.learn.report_page import page

VOID = {"meta", "img", "br", "path", "rect", "circle"}
MOST = 3_000_000
HOSTILE = (
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "</table></svg><b onclick='x'>",
    "&amp; {curly} %s",
    "\u202egnorw \x1b[31m \udcff",
    "javascript:alert(1)",
    "a" * 5000,
)


class Seen(HTMLParser):
    """A page as a browser would take it: its elements, attributes and words; ends are checked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words, self.open = "", []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def made(of: Outcomes, **words: object) -> Made:
    counts = tuple(Counts(50, 6, int((of.labels == k).sum())) for k in range(len(of.classes)))
    plain = {"counts": counts, "base": "house", "seed": 7, "seconds": 754.0}
    return Made("flowers", versions={"dreamer": "0.1.0"}, **(plain | words))  # type: ignore[arg-type]


def report(of: Outcomes, **words: object) -> Report:
    return reported("my-flowers", of, **({"made": made(of)} | words))  # type: ignore[arg-type]


def jpeg(side: int = 40) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(file, "JPEG")
    return file.getvalue()


PLAIN = by_chance(120, 5, 1)


def test_the_figure_that_counts_comes_with_its_interval_and_number() -> None:
    found = report(PLAIN)
    words = " ".join(Seen(page(found)).words.split())
    low, high = found.evaluation.interval
    assert f"{100 * found.evaluation.accuracy:.1f} %" in words
    assert f"{found.evaluation.right} of 120, in 5 classes" in words
    assert f"expect {100 * low:.1f} % to {100 * high:.1f} % (95 % interval)" in words


def test_a_page_has_all_its_parts() -> None:
    found = report(
        PLAIN, validation=by_chance(90, 5, 2), moments=MOMENTS, stages=[Mark(50, "128 px")]
    )
    seen = Seen(page(found, lambda _: jpeg()))
    for part in (
        *("While it learnt", "128 px", "What it takes for what", "Most often confused"),
        *("the weakest first", "worst mistakes", "as sure as it is right", "How it was made"),
        *("Dividing its logits by", "Nothing of it was applied", "house", "12 min 34 s", "0.1.0"),
    ):
        assert part in seen.words, part
    pictures = [attrs for tag, attrs in seen.elements if tag == "img"]
    assert len(pictures) == min(MOST_MISTAKES, len(found.evaluation.mistakes))
    assert pictures[0]["alt"] == found.evaluation.mistakes[0].name
    assert sum(tag == "svg" for tag, _ in seen.elements) == 4


def test_classes_are_listed_weakest_first_and_unknown_ones_last() -> None:
    of = outcomes([0, 0, 1, 2], [[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], "abcd")
    html = page(report(of))
    table = html.partition("weakest first")[2].partition("</table>")[0]
    rows = re.findall(r'<tr><td class="names">(\w)</td><td>([^<]*)<', table)
    assert rows == [("a", "66.7\u00a0%"), ("b", "66.7\u00a0%"), ("c", "100.0\u00a0%"), ("d", "–")]


def test_a_page_needs_nothing_and_runs_nothing() -> None:
    html = page(report(PLAIN, moments=MOMENTS), lambda _: jpeg())
    seen = Seen(html)
    for tag, attrs in seen.elements:
        assert tag not in ("script", "link", "iframe", "object", "base", "form")
        assert not any(name.startswith("on") for name in attrs)
        for name in ("src", "href", "srcset", "xlink:href"):
            assert (attrs.get(name) or "data:image/").startswith("data:image/")
    assert "url(" not in html
    assert "@import" not in html
    assert 'name="viewport"' in html
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize("classes", [7, 40])
def test_hostile_names_are_words(classes: int) -> None:
    """As classes, files, folders, bases and warnings: the elements are those of a tame page."""
    tame = by_chance(60, classes, 3, skill=0.2)

    def seen(names: tuple[str, ...]) -> Seen:
        some = tuple(f"{names[k % 7]}{k}" for k in range(60))
        of = Outcomes(some, tame.labels, tame.probabilities, some[:classes])
        told = Made(
            data=names[0],
            counts=tuple(Counts(3, 1, 1) for _ in some[:classes]),
            base=names[1],
            seed=1,
            seconds=1,
            versions={names[2]: names[3]},
            skipped=((names[4], names[1]),),
            more={names[5]: names[0]},
        )
        finding = Finding("dead-units", names[1], 1, 1.0, names[0], names[2])
        whole = reported(
            names[0], of, told, moments=MOMENTS, stages=[Mark(1, names[1])], findings=[finding]
        )
        json.dumps(whole.as_json(), allow_nan=False).encode()
        html = page(whole, lambda _: jpeg())
        assert len(html.encode()) < MOST
        assert "\u202e" not in html
        assert "\x1b" not in html
        return Seen(html)

    def shape(of: Seen) -> list[tuple[str, list[str]]]:
        return [(tag, sorted(attrs)) for tag, attrs in of.elements]

    hostile, plain = seen(HOSTILE), seen(tuple("name of a class" for _ in HOSTILE))
    # a long name takes a stage's room in the charts, that is all
    assert shape(hostile) == shape(plain)
    assert '<script>alert("x")</script>' in hostile.words


def test_a_page_stays_small_however_much_there_is() -> None:
    """A thousand classes, ten thousand mistakes, a long training, pictures as large as they may be
    and larger.
    """
    of = by_chance(10_000, 1000, 4, skill=0.0)
    long = tuple(Moment(s, training_loss=1 / s, validation_accuracy=0.5) for s in range(1, 30_001))
    skipped = tuple((f"{'x' * 300}{k}.jpg", "damaged" * 100) for k in range(5000))
    whole = report(of, moments=long, made=made(of, skipped=skipped))
    for size in (MOST_BYTES, MOST_BYTES + 1):
        asked = []

        def thumbnail(index: int, size: int = size, asked: list[int] = asked) -> bytes:
            asked.append(index)
            return bytes(size)

        html = page(whole, thumbnail)
        assert len(html.encode()) < MOST
        assert asked == [m.index for m in whole.evaluation.mistakes[:MOST_MISTAKES]]
        shown = sum(tag == "img" for tag, _ in Seen(html).elements) - 1  # one is the matrix
        assert shown == (21 if size == MOST_BYTES else 0)


def test_many_classes_are_a_matrix_without_names_and_a_table_of_pairs() -> None:
    found = report(by_chance(300, 201, 5))
    seen = Seen(page(found))
    assert "201 classes, too many to name" in str(seen.elements)
    assert f"and {len(found.evaluation.confused) - 20} more pairs" in seen.words
    table = page(found).partition("Most often confused")[2].partition("</table>")[0]
    assert table.count("<tr>") == 21, "twenty and the heading"


def test_a_hundred_classes_are_named_in_a_matrix_that_scrolls_in_itself() -> None:
    of = by_chance(300, 100, 5)
    classes = tuple(f"kind {k}" for k in range(100))
    html = page(report(Outcomes(of.names, of.labels, of.probabilities, classes)))
    before, _, matrix = html.partition('<svg class="matrix"')
    assert before.endswith('<div class="scroll" tabindex="0">')
    assert all(f">kind {k}</text>" in matrix for k in range(100))
    assert ".scroll { overflow-x: auto; max-width: 100%; }" in html


def test_a_picture_that_cannot_be_had_is_not_missed() -> None:
    seen = Seen(page(report(PLAIN), lambda index: None if index % 2 else jpeg()))
    assert "no picture" in seen.words
    assert "no picture" in Seen(page(report(PLAIN))).words


def test_without_mistakes_and_curves_there_are_none() -> None:
    words = Seen(page(report(outcomes([0, 1], [[0.9, 0.1], [0.1, 0.9]])))).words
    assert "It made no mistake." in words
    assert "worst mistakes" not in words
    assert "While it learnt" not in words


def test_validation_pictures_are_not_called_unseen() -> None:
    of = outcomes([0, 1], [[0.9, 0.1], [0.1, 0.9]])
    found = reported("net", of, made(of), judged_on="validation")
    assert found.as_json()["test_accuracy"] is None
    assert found.as_json()["judged_on"] == "validation"
    words = Seen(page(found)).words
    assert "were kept for validation, by which the best weights were chosen" in words
    assert "never saw" not in words


def test_warnings_say_what_the_figures_rest_on() -> None:
    of = outcomes([0, 0, 2], [[0.9, 0.1, 0, 0], [0.2, 0.8, 0, 0], [0.6, 0.2, 0.2, 0]], "abcd")
    counts = (Counts(50, 1, 2), Counts(19, 1, 0), Counts(20, 1, 1), Counts(3, 0, 0))
    skipped = (
        ("a/x.jpg", "truncated"),
        ("b/y.jpg", "the same picture as a/z.jpg"),
        ("c/y.jpg", "the same picture as d/z.jpg, which is of another class"),
        ("d/z.jpg", "the same picture as c/y.jpg, which is of another class"),
    )
    finding = Finding("overfitting", "", 9, 0.3, "too well", "less")
    found = report(of, made=made(of, counts=counts, skipped=skipped), findings=[finding])
    assert found.warnings == (
        "too well; less",
        "1 file was passed over that could not be read: a/x.jpg",
        "1 file was passed over, being there under another name too: b/y.jpg",
        "2 files were passed over, being of two classes: c/y.jpg, d/z.jpg; leave each in one",
        "2 classes have fewer than 20 pictures to learn from: b, d; add more",
        "2 classes have no test picture, so that nothing is known of b, d",
        "2 classes have fewer than 5 test pictures, too few to judge by: a, c",
        "1 class is never said of any test picture: c",
    )
    words = Seen(page(found)).words
    assert all(warning in words for warning in found.warnings)
    assert report(PLAIN).warnings == ()
    assert "To know before" not in Seen(page(report(PLAIN))).words


def test_a_long_list_of_names_is_cut_and_so_are_long_names() -> None:
    long = outcomes([1, 0], [[1, 0], [1, 0]], ["x" * 300, "y" * 40])
    assert f"by: {'x' * 39}…, {'y' * 40}" in report(long).warnings[0]
    of = by_chance(40, 30, 6)
    found = report(of, made=made(of, counts=tuple(Counts(1, 0, 0) for _ in range(30))))
    assert (
        "30 classes have fewer than 20 pictures to learn from: a, b, c, d, e and 25 more"
        in (found.warnings[0])
    )


def test_json_holds_what_the_page_shows() -> None:
    moments = (*MOMENTS, Moment(101, training_loss=math.nan))
    found = report(PLAIN, moments=moments, stages=[Mark(1, "96 px")], validation=PLAIN)
    read = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert read["test_accuracy"] == read["test"]["accuracy"] == found.evaluation.accuracy
    assert read["curves"]["training_loss"][-1] == [101, None]
    assert len(read["curves"]["validation_accuracy"]) == 10
    assert "rate" not in read["curves"]
    assert read["made"]["pictures"]["a"]["training"] == 50
    assert read["stages"] == [{"step": 1, "title": "96 px"}]
    assert read["temperature"]["pictures"] == 120
    assert read["calibration"]["expected_calibration_error"] == found.calibration.error


def test_counts_must_be_those_of_the_classes() -> None:
    with pytest.raises(ValueError, match="1 counts of pictures for 5 classes"):
        report(PLAIN, made=made(PLAIN, counts=(Counts(1, 1, 1),)))
