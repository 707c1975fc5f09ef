"""Which pictures a collage's words mean, and what is said of those that mean none."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_collages import noise, parsed

from dreamer.engine import collage_inputs
from dreamer.engine.collage_files import none_made
from dreamer.engine.collage_inputs import Found, found_pieces
from dreamer.engine.finishing import make_still
from dreamer.engine.run import render_into
from dreamer.errors import RecipeError


@pytest.fixture
def art(tmp_path: Path) -> Path:
    """Pictures 1, 2 and 10, two deeper, one hidden, a film and a text."""
    names = ("1.png", "2.jpg", "10.png", "deep/a.png", "deep/er/b.png", ".hidden/c.png", ".d.png")
    for seed, name in enumerate(names):
        noise(tmp_path / "art" / name, seed)
    (tmp_path / "art" / "clip.mp4").write_bytes(b"\0\0\0\x20ftypisom" + b"\0" * 64)
    (tmp_path / "art" / "notes.txt").write_text("hello")
    return tmp_path / "art"


def names(found: Found, art: Path) -> list[str]:
    return [entry.file.relative_to(art).as_posix() for entry in found.entries]


ALL = ["1.png", "2.jpg", "10.png", "deep/a.png", "deep/er/b.png"]


@pytest.mark.parametrize(
    ("pictures", "wanted"),
    [
        ("art", ALL),
        ("{folder: art}", ALL),
        ("[art/10.png, art/1.png]", ["10.png", "1.png"]),
        ("art/*", ["1.png", "2.jpg", "10.png"]),
        ("art/*.png", ["1.png", "10.png"]),
        ("art/?.*", ["1.png", "2.jpg"]),
        ("'art/[12].*'", ["1.png", "2.jpg"]),
        ("art/**", ALL),
        ("art/**/**/*.png", ["1.png", "10.png", "deep/a.png", "deep/er/b.png"]),
        ("art/*/*.png", ["deep/a.png"]),
        ("a*/deep/**/*.png", ["deep/a.png", "deep/er/b.png"]),
        ("[art/deep, 'art/*.jpg']", ["deep/a.png", "deep/er/b.png", "2.jpg"]),
    ],
)
def test_words_mean_files_in_natural_order(art: Path, pictures: str, wanted: list[str]) -> None:
    assert names(found_pieces(parsed(art.parent, pictures)), art) == wanted


def test_a_file_is_known_by_what_is_in_it(art: Path) -> None:
    os.utime(art / "1.png", (1e9, 1e9))
    pictures = "[{files: art/1.png, weight: 3, caption: The first}, art/2.jpg]"
    first, second = found_pieces(parsed(art.parent, pictures)).entries
    sha256 = hashlib.sha256((art / "1.png").read_bytes()).hexdigest()
    assert (first.sha256, first.number) == (sha256, int(sha256[:12], 16))
    assert (first.size, first.modified, first.name) == ((40, 30), 1e9, "1.png")
    assert (first.weight, first.caption, second.weight, second.caption) == (3, "The first", 1, "")


def test_a_size_is_the_one_that_is_seen(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (40, 30)).save(tmp_path / "turned.jpg", exif=exif)
    (entry,) = found_pieces(parsed(tmp_path, "turned.jpg")).entries
    assert entry.size == (30, 40)


def test_one_more_picture_leaves_all_others_numbers(art: Path) -> None:
    before = {e.file: e.number for e in found_pieces(parsed(art.parent, "art")).entries}
    noise(art / "0.png", 77)
    after = {e.file: e.number for e in found_pieces(parsed(art.parent, "art")).entries}
    assert len(after) == len(before) + 1
    assert before.items() <= after.items()


def test_copies_are_dropped_or_have_numbers_of_their_own(
    art: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    shutil.copy(art / "1.png", art / "3.png")
    found = found_pieces(parsed(art.parent, "[art, art/2.jpg]"))
    assert (names(found, art), found.copies) == (ALL, 2)
    assert "2 pictures are left out as copies of others; duplicates: keep keeps them" in caplog.text
    kept = found_pieces(parsed(art.parent, "[art, art/2.jpg]", "duplicates: keep")).entries
    numbers = [entry.number for entry in kept]
    assert len(kept) == len(set(numbers)) == len(ALL) + 2
    assert [n for n in numbers if n in {e.number for e in found.entries}] == [
        e.number for e in found.entries
    ]


def test_what_is_said_of_a_copy_alone_is_kept(art: Path) -> None:
    pictures = "[art, {files: art/2.jpg, weight: 4, caption: Second}]"
    found = found_pieces(parsed(art.parent, pictures))
    assert [(e.weight, e.caption) for e in found.entries][:2] == [(1.0, ""), (4.0, "Second")]


def test_films_and_other_files_are_counted_and_left_out(
    art: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    found = found_pieces(parsed(art.parent, "art"))
    assert (found.films, found.others) == (1, 1)
    hint = "dreamer compile puts films together"
    assert f"1 film and 1 other file left out; {hint}" in caplog.text


def test_broken_pictures_among_good_ones_are_named_and_left_out(
    art: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (art / "page.jpg").write_text("<!doctype html>")
    (art / "empty.png").write_bytes(b"")
    found = found_pieces(parsed(art.parent, "art"))
    assert names(found, art) == ALL
    assert {Path(name).name for name in found.failed} == {"page.jpg", "empty.png"}
    assert "2 pictures left out" in caplog.text
    assert "page.jpg is an HTML page; expected a picture" in caplog.text


def refusal(folder: Path, pictures: str) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        found_pieces(parsed(folder, pictures))
    return str(caught.value).replace(f"{folder}/", "").splitlines()


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        ("art/11.png", "pictures: no such file or folder: art/11.png; did you mean '1"),
        ("atr", "pictures: no such file or folder: atr; did you mean 'art'?"),
        ("[art, atr/x/*.png]", "pictures.1: no such file or folder: atr; did you mean 'art'?"),
        ("{folder: art/1.png}", "pictures.folder: art/1.png is a file; expected a folder, or say"),
        ("{folder: 'ar*'}", "pictures.folder: no such folder: ar*; a pattern of names is said as"),
        ("art/*.gif", "pictures: no file fits art/*.gif"),
        ("art/dee*", "art/dee* fits folders and no files; their pictures are art/dee*/*"),
        ("art/*.txt", "pictures: art/*.txt holds no pictures"),
        ("art/*.mp4", "art/*.mp4 holds no pictures, but a film; `dreamer compile` puts films"),
        ("art/clip.mp4", "art/clip.mp4 is a film; `dreamer compile` puts films together"),
        ("art/notes.txt", "art/notes.txt is no picture or film of a kind known here; expected"),
        ("'art/*/../*.png'", "'..' cannot stand behind a pattern"),
        ("bare", "pictures: bare holds no pictures"),
        ("broken/x.png", "pictures: broken/x.png is an empty file; expected a picture"),
        ("{render: art/1.png}", "pictures.render: art/1.png is no recipe; say files: art/1.png"),
        ("{render: art}", "pictures.render: art is not a render's folder; say folder: art"),
        ("{render: gone.yaml}", "pictures.render: no such file or folder: gone.yaml"),
        ("{render: bad.yaml}", "bad.yaml:1: ascen: unknown key; did you mean 'ascent'"),
        ("{render: todo.yaml}", "todo.yaml is not rendered yet, as there is no renders/todo-"),
        ("{render: other.yaml}", "is a collage that is not made yet; `dreamer collage"),
    ],
)
def test_what_means_no_picture_is_refused(art: Path, pictures: str, message: str) -> None:
    folder = art.parent
    (folder / "bare").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "x.png").write_bytes(b"")
    (folder / "bad.yaml").write_text("ascen: {}\n")
    (folder / "todo.yaml").write_text("seed: 3\n")
    (folder / "other.yaml").write_text("collage: {pictures: art}\n")
    (line,) = refusal(folder, pictures)
    assert message in line
    assert line.startswith(("c.yaml:3: collage.pictures", "bad.yaml:1"))


def test_all_problems_come_at_once(art: Path) -> None:
    lines = refusal(art.parent, "[art, gone, {folder: away}, 'art/*.tif']")
    assert [line.split(": ")[1] for line in lines] == [
        "collage.pictures.1",
        "collage.pictures.2.folder",
        "collage.pictures.3",
    ]


def test_too_many_pictures_are_refused_before_any_is_opened(
    art: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collage_inputs, "MOST_PIECES", 4)
    (line,) = refusal(art.parent, "art")
    assert line.endswith("means 5 pictures; a collage takes 4 at most")


def test_links_to_folders_are_not_followed_inside_others(art: Path) -> None:
    (art / "round").symlink_to(art)
    assert names(found_pieces(parsed(art.parent, "art/**")), art) == ALL
    assert len(found_pieces(parsed(art.parent, "art/round")).entries) == len(ALL)


def test_pipes_are_not_waited_for(art: Path) -> None:
    os.mkfifo(art / "pipe.png")
    assert names(found_pieces(parsed(art.parent, "art/**")), art) == ALL
    (line,) = refusal(art.parent, "art/pipe.png")
    assert line.endswith("art/pipe.png is neither a file nor a folder")


def test_a_still_is_its_picture_and_a_film_its_middle_frame(tmp_path: Path, rendered) -> None:
    folder, _ = rendered("film")
    still, _ = rendered("still", length=None, fps=None, seed=9)
    picture = make_still(still)
    (folder.path / "report.json").write_text("{}")
    found = found_pieces(parsed(tmp_path, "[{render: film}, {render: still}]"))
    assert [e.file for e in found.entries] == [folder.frame_path(4), picture]
    whole = found_pieces(parsed(tmp_path, "{folder: .}"))
    assert {e.file for e in whole.entries} == {folder.frame_path(4), picture}


def test_unfinished_renders_are_refused_by_name_and_left_out_of_folders(
    tmp_path: Path, begun, rendered
) -> None:
    begun("film")
    noise(tmp_path / "a.png")
    (line,) = refusal(tmp_path, "{render: film}")
    assert "film is not finished; `dreamer resume" in line
    found = found_pieces(parsed(tmp_path, "."))
    assert [e.name for e in found.entries] == ["a.png"]
    assert list(found.failed) == [str(tmp_path / "film")]


def test_a_recipe_is_its_render_in_its_default_place(
    tmp_path: Path, tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dreamer.engine.folder import Folder
    from dreamer.engine.preparing import checked, default_folder, prepare
    from dreamer.recipe.parse import parse_recipe

    monkeypatch.chdir(tmp_path)
    path = tmp_path / "dot.yaml"
    path.write_text("size: 64\nascent: {steps: 1, octaves: 1}\nclassify: off\n")
    ready = checked(parse_recipe(path))
    folder = Folder(default_folder(ready))
    render_into(folder, prepare(folder, ready))
    make_still(folder)
    (entry,) = found_pieces(parsed(tmp_path, "{render: dot.yaml}")).entries
    assert (entry.name, entry.size) == (folder.name(), (64, 64))


def test_a_collage_is_the_picture_that_its_maker_says(art: Path) -> None:
    made = {art / "deep": art / "1.png", art.parent / "other.yaml": art / "2.jpg"}
    (art.parent / "other.yaml").write_text("collage: {pictures: art}\n")
    pictures = "[{render: other.yaml}, art/deep]"
    found = found_pieces(parsed(art.parent, pictures), lambda place: made.get(place))
    assert [(e.name, e.file.name) for e in found.entries] == [("2", "2.jpg"), ("1", "1.png")]
    assert none_made(art) is None


def test_a_picture_of_any_mode_and_one_pixel_is_one(tmp_path: Path) -> None:
    Image.new("CMYK", (5, 4)).save(tmp_path / "cmyk.jpg")
    Image.new("RGBA", (1, 1)).save(tmp_path / "dot.png")
    Image.fromarray(np.zeros((3, 2), np.uint16)).save(tmp_path / "deep.png")
    sizes = [e.size for e in found_pieces(parsed(tmp_path, ".")).entries]
    assert sizes == [(5, 4), (2, 3), (1, 1)]
