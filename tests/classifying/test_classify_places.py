"""Where `classify` may put what it makes, and what it never replaces."""

from __future__ import annotations

from pathlib import Path

import pytest
from colours import painted
from reckoned import stems

from dreamer.errors import FolderError, UsageError
from dreamer.jobs.classify import classify
from dreamer.networks.cards import Card


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


@pytest.mark.parametrize(
    ("places", "twice"),
    [
        ({"bars": "d", "curves": "d"}, r"--bars and --curves would both write .*d/.*\.png"),
        ({"bars": "a.png", "curves": "a.png"}, r"--bars and --curves would both write .*a\.png"),
        ({"table": "a.csv", "curves": "a.png"}, r"--csv and --curves would both write .*a\.csv"),
        ({"sheet": "a.png", "bars": "a.png"}, r"--sheet and --bars would both write .*a\.png"),
    ],
)
def test_two_options_never_write_one_file(
    film: Path, card: Card, tmp_path: Path, places: dict[str, str], twice: str
) -> None:
    asked = {option: tmp_path / name for option, name in places.items()}
    with pytest.raises(UsageError, match=twice):
        classify([film], networks=[card], **asked)
    assert not any(place.exists() for place in asked.values())


def test_a_folder_of_bars_has_room_for_a_sheet_and_curves_beside(
    film: Path, card: Card, tmp_path: Path
) -> None:
    asked = {"bars": tmp_path / "d", "curves": tmp_path / "d" / "c"}
    found = classify([film], networks=[card], **asked, sheet=tmp_path / "sheet.png")
    assert len(found.made) == 3
    assert len([*(tmp_path / "d").rglob("*.png")]) == 2
