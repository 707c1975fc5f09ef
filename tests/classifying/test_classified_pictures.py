"""The sheets, bars and curves that `classify` draws."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from colours import RGB, colour_card
from PIL import Image
from reckoned import as_json, stems

from dreamer.errors import FolderError, UsageError
from dreamer.jobs.classify import classify
from dreamer.networks.cards import Card


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
