"""What `classify` finds, prints and writes, held to scores reckoned by hand."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from colours import CLASSES, RGB, by_hand, colour_card, painted
from PIL import Image

import dreamer
from dreamer.engine.run import Told
from dreamer.engine.seen import Classified
from dreamer.engine.seen_words import json_pieces, lines
from dreamer.errors import FolderError, MediaError, UsageError
from dreamer.jobs.classify import classify
from dreamer.media.video import encode_film
from dreamer.networks.cards import Card

SCORES = {name: dict(zip(CLASSES, by_hand(rgb), strict=True)) for name, rgb in RGB.items()}
WARM = {name: scores["red"] + scores["yellow"] for name, scores in SCORES.items()}


def as_json(found: Classified) -> dict[str, Any]:
    return json.loads("".join(json_pieces(found)))


def as_text(found: Classified) -> str:
    return "\n".join(lines(found))


def stems(found: Classified) -> list[str]:
    return [Path(thing.subject.name).stem for thing in found.things]


def test_scores_are_the_softmax_of_what_is_there(pictures: Path, card: Card) -> None:
    found = as_json(classify([pictures], networks=[card], top=4))
    assert [Path(row["file"]).stem for row in found["files"]] == ["blue", "green", "red", "yellow"]
    for row in found["files"]:
        assert dict(row["labels"]) == pytest.approx(SCORES[Path(row["file"]).stem], abs=2e-6)
        assert [p for _, p in row["labels"]] == sorted((p for _, p in row["labels"]), reverse=True)
    (summary,) = found["summary"]
    mean = {name: np.mean([SCORES[n][name] for n in SCORES]) for name in CLASSES}
    assert summary["things"] == 4
    assert dict(summary["labels"]) == pytest.approx(mean, abs=2e-6)
    assert summary["first_in"] == [1, 1, 1, 1]


def test_a_group_is_the_sum_of_its_classes_and_things_are_sorted_by_it(
    pictures: Path, card: Card
) -> None:
    found = classify([pictures], networks=[card], classes=["blue"], sort="warm")
    assert stems(found) == sorted(RGB, key=lambda name: -WARM[name])
    data = as_json(found)
    assert data["chosen"]["warm"] == {"colours": ["red", "yellow"]}
    for row in data["files"]:
        right = {
            "blue": SCORES[Path(row["file"]).stem]["blue"],
            "warm": WARM[Path(row["file"]).stem],
        }
        assert row["chosen"] == pytest.approx(right, abs=2e-6)
    mean = float(np.mean(list(WARM.values())))
    assert data["summary"][0]["chosen"]["warm"] == pytest.approx(mean, abs=2e-6)


def test_label_images_lines(pictures: Path, card: Card) -> None:
    text = as_text(classify([pictures / "red.png"], networks=[card], top=2))
    assert text.splitlines()[0] == f"{pictures}/red.png:"
    assert text.splitlines()[1] == f"  red (score={SCORES['red']['red']:.5f})"
    assert re.fullmatch(r"Evaluation time \(1-image\): \d+\.\d{3}s", text.splitlines()[-1])
    many = as_text(classify([pictures], networks=[card], top=1))
    assert re.search(r"\n4 pictures on average:\n  green \(score=0\.\d{5}\), first in 1\n", many)


def test_what_is_chosen_is_a_table(pictures: Path, card: Card) -> None:
    found = classify([pictures], networks=[card], sort="warm")
    rows = as_text(found).splitlines()
    assert rows[0].split() == ["warm", "file"]
    assert [float(row.split()[0]) for row in rows[1:5]] == pytest.approx(
        sorted(WARM.values(), reverse=True), abs=1e-5
    )
    with_labels = as_text(classify([pictures / "red.png"], networks=[card], sort="warm", top=1))
    assert with_labels.splitlines()[1:3] == [
        f"  warm (score={WARM['red']:.5f})",
        f"  red (score={SCORES['red']['red']:.5f})",
    ]


def test_several_networks_stand_side_by_side(pictures: Path, card: Card) -> None:
    other = colour_card(("rot", "grün", "blue", "gelb"), (), "farben")
    found = classify(
        [pictures],
        networks=[card, other],
        classes=["blue", "warm"],
    )
    rows = as_text(found).splitlines()
    assert re.split(r"  +", rows[0].strip()) == [
        "colours: blue",
        "colours: warm",
        "farben: blue",
        "file",
    ]
    data = as_json(found)
    assert [row["network"] for row in data["files"]] == ["colours", "farben"] * 4
    assert set(data["files"][1]["chosen"]) == {"blue"}
    assert [s["network"] for s in data["summary"]] == ["colours", "farben"]


def test_a_film_is_the_mean_of_its_frames(film: Path, card: Card) -> None:
    found = classify([film], networks=[card], classes=["blue"], every="2", top=4)
    (row,) = as_json(found)["files"]
    right = {n: (4 * SCORES["red"][n] + 2 * SCORES["blue"][n]) / 6 for n in CLASSES}
    assert dict(row["labels"]) == pytest.approx(right, abs=0.02)  # the film's colours are rounded
    assert list(row["frames"]) == ["0", "2", "4", "6", "8", "10"]
    assert [ranking[0][0] for ranking in row["frames"].values()] == ["red"] * 4 + ["blue"] * 2
    assert row["chosen_frames"]["blue"][4] == pytest.approx(SCORES["blue"]["blue"], abs=0.02)
    assert ", the mean of 6 frames 0.5 seconds apart:" in as_text(found)
    assert "mean of 3 frames a second apart" in as_text(classify([film], networks=[card]))


@pytest.mark.parametrize("every", ["0", "0s", "50%", "often", "1.5", "end"])
def test_frames_cannot_be_that_far_apart(film: Path, card: Card, every: str) -> None:
    with pytest.raises(UsageError, match=r"^--every: expected"):
        classify([film], networks=[card], every=every)


def test_what_is_broken_is_told_and_passed_over(pictures: Path, film: Path, card: Card) -> None:
    (pictures / "green.png").write_bytes(b"<!DOCTYPE html>")
    film.write_bytes(film.read_bytes()[:-1500])
    found = classify([pictures, film], networks=[card], table=pictures / "t.csv")
    assert stems(found) == ["blue", "red", "yellow"]
    assert set(found.failed) == {str(pictures / "green.png"), str(film)}
    assert f"{pictures}/green.png: not read: " in as_text(found)
    assert as_json(found)["summary"][0]["things"] == 3
    rows = list(csv.DictReader((pictures / "t.csv").read_text().splitlines()))
    assert [bool(row["problem"]) for row in rows] == [False] * 3 + [True] * 2


def test_the_table_has_a_row_for_each_thing_and_network(
    pictures: Path, film: Path, card: Card
) -> None:
    other = colour_card(name="others")
    table = pictures / "scores.csv"
    classify([pictures, film], networks=[card, other], classes=["warm"], table=table, top=2)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == 10
    red = rows[4]
    assert (Path(red["file"]).stem, red["network"], red["frames"]) == ("red", "colours", "")
    assert float(red["warm"]) == pytest.approx(WARM["red"], abs=2e-6)
    assert (red["label_1"], red["label_2"]) == ("red", "yellow")
    assert rows[-1]["frames"] == "3"


def test_names_that_are_no_text_are_written_out(tmp_path: Path, card: Card) -> None:
    folder = tmp_path / "odd"
    painted(folder / "red.png", RGB["red"])
    (folder / "red.png").rename(os.fsdecode(os.fsencode(folder) + b"/r\xffd\n.png"))
    found = classify([folder], networks=[card], table=folder / "t.csv")
    assert "r\\udcffd" in as_text(found).encode().decode()
    assert "r\\udcffd\n" in as_json(found)["files"][0]["file"]
    assert "r\\udcffd" in (folder / "t.csv").read_text()


def test_a_sheet_shows_what_is_most_of_it_first(pictures: Path, card: Card) -> None:
    place = pictures / "sheet.png"
    found = classify([pictures], networks=[card], sort="warm", sheet=place)
    assert found.made == [place]
    with Image.open(place) as sheet:
        cells = [
            sheet.getpixel((12 + 332 * (k % 2) + 160, 12 + 293 * (k // 2) + 120)) for k in range(4)
        ]
    assert cells == [RGB[name] for name in stems(found)]


def test_a_sheet_of_many_goes_on_to_another(pictures: Path, card: Card) -> None:
    for k in range(66):
        os.link(pictures / "red.png", pictures / f"red{k}.png")
    place = pictures.parent / "sheet.jpg"
    (pictures.parent / "sheet-2.jpg").write_text("mine")
    with pytest.raises(FolderError, match=r"sheet-2\.jpg is there already"):
        classify([pictures], networks=[card], sheet=place)
    with pytest.raises(FolderError, match=r"sheet-2\.jpg is there already and was not made by cl"):
        classify([pictures], networks=[card], sheet=place, force=True)
    assert not place.exists()
    (pictures.parent / "sheet-2.jpg").unlink()
    for _ in range(2):
        made = classify([pictures], networks=[card], sheet=place, force=True).made
    assert [path.name for path in made] == ["sheet.jpg", "sheet-2.jpg"]
    with Image.open(made[1]) as second:
        assert second.format == "JPEG"


def test_bars_of_one_thing_and_of_many(pictures: Path, film: Path, card: Card) -> None:
    one = pictures.parent / "red.jpg"
    made = classify([pictures / "red.png"], networks=[card], classes=["warm"], bars=one).made
    assert made == [one]
    with pytest.raises(UsageError, match=r"is one file, and there are 5 things; name a folder"):
        classify([pictures, film], networks=[card], bars=one, force=True)
    (pictures / "z").mkdir()
    os.link(pictures / "red.png", pictures / "z" / "Red.png")
    folder = pictures.parent / "bars"
    found = classify([pictures, film], networks=[card], bars=folder)
    assert found.made == [folder]
    names = ["Red-2.png", "blue.png", "green.png", "red.png", "turning.png", "yellow.png"]
    assert sorted(path.name for path in folder.iterdir()) == names
    again = classify([pictures], networks=[card], bars=pictures / "bars")
    assert len(again.things) == 5
    again = classify([pictures], networks=[card], bars=pictures / "bars", force=True)
    assert len(again.things) == 5  # its own pictures are none of them


def test_the_frame_that_says_it_best_stands_for_a_film(film: Path, card: Card) -> None:
    place = film.with_suffix(".png")
    for sort, name in (("blue", "blue"), ("red", "red")):
        classify([film], networks=[card], sort=sort, sheet=place, force=True)
        with Image.open(place) as sheet:
            shown = sheet.getpixel((sheet.width // 2, 120))
        assert shown == pytest.approx(RGB[name], abs=8)


def test_curves_of_what_is_chosen(film: Path, pictures: Path, card: Card) -> None:
    place = film.with_name("curves.png")
    found = classify(
        [film, pictures], networks=[card], classes=["warm", "blue"], every="1", curves=place
    )
    assert [path.name for path in found.made] == ["curves.png", "curves.csv"]
    rows = list(csv.reader(found.made[1].read_text().splitlines()))
    assert rows[0] == ["frame", "seconds", "warm", "blue"]
    assert [row[:2] for row in rows[1:4]] == [["0", "0.0000"], ["1", "0.2500"], ["2", "0.5000"]]
    assert len(rows) == 13
    chosen = as_json(found)["files"][0]["chosen_frames"]
    assert [float(row[3]) for row in rows[1:]] == chosen["blue"]
    with Image.open(place) as chart:
        assert chart.size == (960, 480)


def test_curves_of_the_likeliest_at_any_time(film: Path, card: Card) -> None:
    twin = colour_card(name="twin")
    found = classify([film], networks=[card, twin], every="1", curves=film.with_name("c"), top=1)
    assert found.made == [film.with_name("c")]
    rows = list(csv.reader((film.with_name("c") / "turning.csv").read_text().splitlines()))
    names = [f"{network}: {name}" for network in ("colours", "twin") for name in ("blue", "red")]
    assert rows[0][2:4] == names[:2]  # by what they reach, and not on average
    assert rows[0][6:8] == names[2:]
    frames = as_json(found)["files"][0]["frames"]
    top = [max(map(float, row[2:6])) for row in rows[1:]]
    assert top == [ranking[0][1] for ranking in frames.values()]


def test_curves_need_a_film(pictures: Path, card: Card) -> None:
    with pytest.raises(UsageError, match=r"--curves: there is no film here"):
        classify([pictures], networks=[card], curves=pictures.parent / "c.png")


@pytest.mark.parametrize(
    ("option", "name"),
    [("table", "t.csv"), ("sheet", "s.png"), ("bars", "b.png"), ("curves", "c.png")],
)
def test_nothing_that_is_there_is_replaced_unless_forced(
    film: Path, card: Card, option: str, name: str
) -> None:
    place = film.with_name(name)
    place.write_text("mine")
    with pytest.raises(FolderError, match=r"is there already; name another with --.*, or say --f"):
        classify([film], networks=[card], **{option: place})
    assert place.read_text() == "mine"
    assert place in classify([film], networks=[card], force=True, **{option: place}).made
    assert place.read_bytes() != b"mine"


@pytest.mark.parametrize(
    ("option", "name", "complaint"),
    [
        ("sheet", "sheet.txt", "expected a name ending in .png or .jpg"),
        ("sheet", "nowhere/sheet.png", "there is no folder"),
        ("table", ".", "is a folder; expected a file's name"),
        ("bars", "file", "is no folder, and no name of a picture"),
        ("bars", "b.webp", "pictures are written as .png or .jpg, not as .webp: .*b.webp"),
        ("curves", "c.SVG", "pictures are written as .png or .jpg, not as .SVG"),
    ],
)
def test_places_where_nothing_can_be_put(
    pictures: Path, card: Card, option: str, name: str, complaint: str
) -> None:
    (pictures / "file").write_text("mine")
    with pytest.raises(UsageError, match=f"^--.*{complaint}"):
        classify([pictures], networks=[card], **{option: pictures / name})
    assert name in (".", "file") or not (pictures / name).exists()


def test_a_folder_with_something_in_it_is_left_alone(pictures: Path, card: Card) -> None:
    before = sorted(pictures.rglob("*"))
    with pytest.raises(FolderError, match=r"is not empty; name another folder with --bars"):
        classify([pictures], networks=[card], bars=pictures)
    assert sorted(pictures.rglob("*")) == before


def test_a_persons_picture_is_never_taken_for_an_old_one_of_ours(
    pictures: Path, card: Card
) -> None:
    before = {path: path.read_bytes() for path in pictures.rglob("*.png")}
    with pytest.raises(
        FolderError, match=r"blue\.png is there already and was not made by classify"
    ):
        classify([pictures], networks=[card], bars=pictures / "deeper", force=True)
    with pytest.raises(
        FolderError, match=r"not even --force replaces it; name another place with --b"
    ):
        classify([pictures], networks=[card], bars=pictures, force=True)
    red = pictures / "red.png"
    with pytest.raises(UsageError, match=r"--bars: .*red.png is itself to be scored"):
        classify([red], networks=[card], bars=pictures / "deeper" / ".." / "red.png", force=True)
    assert {path: path.read_bytes() for path in pictures.rglob("*.*")} == before


def test_what_we_made_is_replaced_and_what_others_made_stays_beside_it(
    pictures: Path, card: Card
) -> None:
    folder = painted(pictures.parent / "out" / "mine.png", (9, 9, 9)).parent
    for _ in range(2):  # the second time, the first's pictures are no things to score
        found = classify([pictures, folder], networks=[card], bars=folder / "in", force=True)
        assert stems(found) == ["blue", "green", "red", "yellow", "mine"]
    assert sorted(path.name for path in (folder / "in").iterdir()) == [
        *("blue.png", "green.png", "mine.png", "red.png", "yellow.png"),
    ]
    with pytest.raises(UsageError, match=r"^nothing is left to score: .*blue.png and all others"):
        classify([folder / "in"], networks=[card], bars=folder / "in", force=True)
    sheet = pictures / "sheet.jpg"  # a JPEG bears the mark too
    for _ in range(2):
        assert len(classify([pictures], networks=[card], sheet=sheet, force=True).things) == 4


def test_a_persons_table_beside_curves_stays(film: Path, card: Card) -> None:
    curves, table = film.with_name("c.png"), film.with_name("c.csv")
    table.write_text("frame,seconds\nmine")
    with pytest.raises(FolderError, match=r"c\.csv is there already and was not made by classify"):
        classify([film], networks=[card], curves=curves, force=True)
    table.unlink()
    for _ in range(2):
        classify([film], networks=[card], curves=curves, force=True)
    table.write_text("mine")  # beside a picture of ours
    with pytest.raises(FolderError, match=r"c\.csv is there already and was not made by classify"):
        classify([film], networks=[card], curves=curves, force=True)
    folder = film.with_name("many")
    folder.mkdir()
    (folder / "turning.csv").write_text("mine")
    with pytest.raises(FolderError, match=r"turning\.csv is there already and was not made"):
        classify([film], networks=[card], curves=folder, force=True)


def test_a_signal_ends_it_with_what_was_scored(pictures: Path, card: Card) -> None:
    for k in range(60):
        os.link(pictures / "red.png", pictures / f"z{k:02d}.png")
    table = pictures.parent / "t.csv"
    handler = signal.getsignal(signal.SIGINT)

    def ask(told: Told) -> None:
        if told.done == 16:
            os.kill(os.getpid(), signal.SIGINT)

    found = classify([pictures], networks=[card], table=table, watch=ask)
    assert found.stopped == signal.SIGINT
    assert 16 <= len(found.things) < 40
    assert len(table.read_text().splitlines()) == len(found.things) + 1
    assert as_json(found)["stopped"] is True
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_film_that_is_stopped_has_the_scores_of_its_beginning(film: Path, card: Card) -> None:
    def ask(told: Told) -> None:
        if told.done == 16:
            os.kill(os.getpid(), signal.SIGINT)

    red = film.parent / "frames" / "red.png"
    encode_film([red] * 90, film, Fraction(4), crf=40, preset="ultrafast")
    found = classify([film], networks=[card], every="1", watch=ask)
    (thing,) = found.things
    assert thing.partial
    assert thing.seen[0].frames is not None
    assert 16 <= len(thing.seen[0].frames.numbers) < 90
    assert "stopped before its end" in as_text(found)


def test_a_notebook_asks_for_classes_of_arrays_files_and_films(
    pictures: Path, film: Path, card: Card
) -> None:
    array = np.asarray(Image.open(pictures / "red.png"))
    for one in (array, pictures / "red.png", str(pictures / "red.png")):
        ((name, score),) = dreamer.classify(one, card, classes=["warm"])
        assert name == "warm"
        assert score == pytest.approx(WARM["red"], abs=2e-6)
    assert dreamer.classify(film, card, top=1)[0][0] == "red"
    with pytest.raises(UsageError, match=r"holds several pictures; dreamer.classify_files takes"):
        dreamer.classify(pictures, card)
    with pytest.raises(MediaError, match=r"no such file"):
        dreamer.classify(pictures / "no.png", card)
    found = dreamer.classify_files(str(pictures), networks=[card], sort="blue")
    assert stems(found)[0] == "blue"


def test_a_network_without_classes_is_refused(pictures: Path, card: Card) -> None:
    with pytest.raises(UsageError, match=r"--network: colours has no classes to score"):
        classify([pictures], networks=[replace(card, classes=())])
