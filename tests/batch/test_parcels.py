"""Folders in pieces: whole at the other end or not there at all, and never outside of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamer.batch.cluster.arrivals import came_home, journal_of, part_came_home
from dreamer.batch.cluster.parcels import (
    Entry,
    Scrap,
    listing,
    names_in,
    pieces,
    put,
    require_whole,
    safe,
)
from dreamer.engine.folder import Folder
from dreamer.errors import BusyError, FolderError
from dreamer.media.locks import taken


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A render's folder: a long file, an empty one, some that stay."""
    made = tmp_path / "made"
    for name, text in {
        "frames/000000.png": "0123456789" * 10,
        "frames/000001.png": "",
        "journal.jsonl": "one\ntwo\n",
        "recipe.yaml": "seed: 1\n",
        "provenance.json": "{}",
        "state/lock": "",
        "frames/.000002.png.part": "half",
    }.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(text)
    (made / "link.png").symlink_to(made / "recipe.yaml")
    return made


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names_in(folder)}


@pytest.mark.parametrize("most", [1, 7, 100, 101, 1000])
def test_what_is_sent_in_pieces_arrives_whole(folder: Path, tmp_path: Path, most: int) -> None:
    names = names_in(folder)
    assert names == [
        *("frames/000000.png", "frames/000001.png", "journal.jsonl"),
        *("provenance.json", "recipe.yaml"),
    ]
    there = tmp_path / "there"
    for scraps in pieces(folder, names, most):
        assert sum(len(scrap.data) for scrap in scraps) <= most
        put(scraps, there)
    require_whole(there, listing(folder))
    assert files(there) == files(folder)


@pytest.mark.parametrize(
    "name",
    ["../up", "/etc/passwd", "a/../../up", "", ".", "a//b", "./a", "a\\b", "a\0b", "a/"],
)
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FolderError, match="no name of a file"):
        put([Scrap(name, 0, b"")], tmp_path / "there")
    assert not list(tmp_path.rglob("*"))


def test_plain_names_are_safe() -> None:
    assert safe("frames/000000.png") == "frames/000000.png"


def test_what_does_not_arrive_as_it_was_sent_is_refused(folder: Path, tmp_path: Path) -> None:
    entries, there = listing(folder), tmp_path / "there"
    for scraps in pieces(folder, names_in(folder)):
        put(scraps, there)
    for wrong in (
        [*entries, Entry("more.png", 1, "0")],
        entries[1:],
        [entries[0]._replace(sha256="0"), *entries[1:]],
        [entries[0]._replace(size=1), *entries[1:]],
    ):
        with pytest.raises(FolderError, match="arrive"):
            require_whole(there, wrong)


def arrived(folder: Path, home: Path) -> tuple[Path, list[Entry]]:
    there = home / ".out.arriving"
    for scraps in pieces(folder, names_in(folder)):
        put(scraps, there)
    return there, listing(folder)


def test_what_was_begun_at_home_is_gone_on_with(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    out = home / "out"
    parcel, entries = arrived(folder, home)
    came_home(parcel, out, entries, "")
    assert files(out) == files(folder)
    assert not parcel.exists()
    before = journal_of(out)
    (out / "a person's notes.txt").write_text("mine")
    (out / "state").mkdir()
    (out / "state" / "000000.safetensors").write_text("old")
    (folder / "journal.jsonl").write_text("one\ntwo\nthree\n")
    (folder / "frames" / "000002.png").write_text("more")
    parcel, entries = arrived(folder, home)
    came_home(parcel, out, entries, before)
    assert files(out) == files(folder) | {"a person's notes.txt": b"mine"}


def test_what_somebody_else_went_on_with_is_left(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    out = home / "out"
    parcel, entries = arrived(folder, home)
    came_home(parcel, out, entries, "")
    before = journal_of(out)
    (out / "journal.jsonl").write_text("one\ntwo\nanother\n")
    parcel, entries = arrived(folder, home)
    with pytest.raises(BusyError, match="another process went on"):
        came_home(parcel, out, entries, before)
    with Folder(out).locked(), pytest.raises(BusyError):
        came_home(parcel, out, entries, journal_of(out))
    assert (out / "journal.jsonl").read_text() == "one\ntwo\nanother\n"


@pytest.mark.parametrize("name", ["state/lock", ".lock"])
def test_a_part_that_is_being_made_at_home_is_left(folder: Path, tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    place = home / ".parts" / "000000-000001"
    (place / name).parent.mkdir(parents=True)
    (place / "begun").write_text("its first frame")
    parcel, entries = arrived(folder, home)
    with taken(place / name), pytest.raises(BusyError, match="making the part"):
        part_came_home(parcel, place, entries)
    assert (place / "begun").is_file()
    part_came_home(parcel, place, entries)
    assert files(place) == files(folder)
    assert [path.name for path in place.parent.iterdir()] == [place.name]
