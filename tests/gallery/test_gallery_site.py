"""A gallery's folder: what is dreamer's in it and what is a person's, built once and again."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from made_items import carrying, compilation, many, picture, render
from PIL import Image

from dreamer.engine.gallery_found import MARKER
from dreamer.errors import FolderError, UsageError
from dreamer.jobs.gallery import gallery

HIDDEN = (".dreamer-gallery",)


def files(site: Path) -> dict[str, bytes]:
    """All that a person sees in a folder, by name."""
    found = (p for p in site.rglob("*") if p.is_file() and not p.name.startswith(HIDDEN))
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in found}


def times(site: Path) -> dict[str, int]:
    found = {}
    for path in site.rglob("*"):
        with suppress(FileNotFoundError):  # of a build that runs
            found[str(path)] = path.stat().st_mtime_ns
    return found


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Three renders."""
    for k in range(3):
        render(tmp_path / "in" / f"r{k}", f"title: Item {k}\nseed: {k}\n", seed=k, when=k)
    return tmp_path / "in"


def test_a_build_with_nothing_new_writes_nothing(place: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    first = gallery([place], site)
    assert first.built.written == len(files(site)) == 3 * 4 + 1
    before = times(site)
    again = gallery([place], site)
    assert (again.built.written, again.built.removed) == (0, 0)
    assert times(site) == before
    assert again.as_text().startswith("3 items; no file changed\n")


def test_what_is_new_is_added_what_changed_is_made_again_and_what_went_is_removed(
    place: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    gallery([place], site)
    old = files(site)
    shutil.rmtree(place / "r0")
    render(place / "r3", "title: Item 3\nseed: 3\n", seed=3, when=3)
    picture((96, 64), 77).save(place / "r1" / "dream.png")
    told = gallery([place], site).built
    new = files(site)
    gone = {name.split(".")[0].split("/")[1] for name in old.keys() - new.keys()}
    assert len(gone) == 1
    assert told.removed == 4
    fresh = tmp_path / "fresh"
    gallery([place], fresh, title="in")
    assert files(fresh) == new
    changed = {name for name in old.keys() & new.keys() if old[name] != new[name]}
    assert {name.split("/")[0] for name in changed} == {"index.html", "items", "pictures", "thumbs"}
    assert len([name for name in changed if name.startswith(("pictures", "thumbs"))]) == 2


def test_a_folder_with_something_else_in_it_is_refused(place: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("mine")
    with pytest.raises(UsageError, match=r"holds other things \(index.html\)"):
        gallery([place], site)
    assert files(site) == {"index.html": b"mine"}
    with pytest.raises(UsageError, match="holds other things"):
        gallery([place], place)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="not a folder"):
        gallery([place], tmp_path / "file")


def test_what_a_person_put_into_a_gallery_stays(place: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    gallery([place], site)
    (site / "notes.txt").write_text("mine")
    (site / "items" / "mine.html").write_text("mine too")
    shutil.rmtree(place / "r0")
    gallery([place], site)
    assert (site / "notes.txt").read_text() == "mine"
    assert (site / "items" / "mine.html").read_text() == "mine too"


def test_a_page_that_a_person_changed_is_refused_before_anything_is_written(
    place: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    gallery([place], site)
    (site / "index.html").write_text("my own")
    shutil.rmtree(place / "r0")
    before = times(site)
    with pytest.raises(FolderError, match=r"index.html changed since dreamer made it"):
        gallery([place], site)
    assert times(site) == before
    (site / "index.html").unlink()
    assert gallery([place], site).built.items == 2


def test_a_persons_file_that_is_called_as_a_new_page_is_refused(
    place: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    gallery([place], site)
    pages = set((site / "items").iterdir())
    render(place / "r9", "seed: 9\n", seed=9)
    gallery([place], site)
    (page,) = set((site / "items").iterdir()) - pages
    shutil.rmtree(place / "r9")
    gallery([place], site)
    page.write_text("mine")
    render(place / "r9", "seed: 9\n", seed=9)
    with pytest.raises(FolderError, match="was not made by dreamer"):
        gallery([place], site)
    assert page.read_text() == "mine"


def test_a_room_that_is_a_link_is_not_written_through(place: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    gallery([place], site)
    shutil.move(site / "thumbs", tmp_path / "elsewhere")
    (site / "thumbs").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match="is a link"):
        gallery([place], site)


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"dreamer_gallery": 1, "files": {"../x": {}}}', '{"files": {}}'],
)
def test_a_damaged_marker_is_told(place: Path, tmp_path: Path, text: str) -> None:
    site = tmp_path / "site"
    gallery([place], site)
    (site / MARKER).write_text(text)
    with pytest.raises(FolderError, match="is damaged"):
        gallery([place], site)


@pytest.mark.parametrize("files", [{}, {"sounds/x.mp3": {}}, ["sounds/x.mp3"]])
def test_a_gallery_of_a_newer_dreamer_is_refused(
    place: Path, tmp_path: Path, files: object
) -> None:
    site = tmp_path / "site"
    gallery([place], site)
    (site / MARKER).write_text(json.dumps({"dreamer_gallery": 2, "files": files}))
    with pytest.raises(FolderError, match="newer dreamer"):
        gallery([place], site)


def test_a_gallery_that_was_copied_is_still_known(place: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    gallery([place], site)
    for path in site.rglob("*"):
        os.utime(path, (1, 1))  # as an unpacked archive or a checkout may have it
    moved = shutil.move(site, tmp_path / "moved")
    told = gallery([place], moved).built
    assert (told.written, told.removed) == (0, 0)


@pytest.mark.parametrize("begun", ["anew", "again"])
def test_a_killed_build_is_gone_on_with(tmp_path: Path, begun: str) -> None:
    place, site = tmp_path / "in", tmp_path / "site"
    many(place, 36, size=(480, 312), distinct=2)
    if begun == "again":
        gallery([place], site, title="in")
        for recipe in place.glob("*/recipe.yaml"):
            recipe.write_text(recipe.read_text().replace("Night", "Day"))
        for looks in place.glob("*/dream.png"):
            looks.write_bytes((place / ".look-0.png").read_bytes())
    old = times(site / "thumbs")
    build = [sys.executable, "-m", "dreamer", "gallery", "build", "in", "--out", "site"]
    with subprocess.Popen(
        build, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as process:
        while len(times(site / "thumbs").items() - old.items()) < 5 and process.poll() is None:
            pass
        process.kill()
    assert process.returncode == -signal.SIGKILL, "it ended before it could be killed"
    assert json.loads((site / MARKER).read_text())["building"]
    told = gallery([place], site, title="in")
    assert told.built.items == 36
    gallery([place], tmp_path / "fresh", title="in")
    assert files(site) == files(tmp_path / "fresh")


def test_a_build_that_was_killed_before_its_first_file_is_gone_on_with(
    place: Path, tmp_path: Path
) -> None:
    killed = (
        "import os, dreamer.engine.gallery as engine; from dreamer.jobs.gallery import gallery\n"
        "engine.seen = lambda *all_: os.kill(os.getpid(), 9)\n"
        "gallery(['in'], 'site')"
    )
    done = subprocess.run([sys.executable, "-c", killed], cwd=tmp_path)
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "site" / "items").is_dir()
    assert gallery([place], tmp_path / "site").built.items == 3


def test_two_at_once(place: Path, tmp_path: Path) -> None:
    from dreamer.engine.gallery_site import LOCK
    from dreamer.media.locks import taken

    site = tmp_path / "site"
    gallery([place], site)
    with taken(site / LOCK), pytest.raises(FolderError, match="another process is building"):
        gallery([place], site)


def test_pictures_that_stay_where_they_lie(place: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    gallery([place], site, link=True)
    assert not (site / "pictures").exists()
    page = next((site / "items").iterdir()).read_text()
    assert '<img src="../../in/r' in page
    assert len(list((site / "thumbs").iterdir())) == 3


def test_small_pictures(tmp_path: Path) -> None:
    noise = os.urandom(3 * 1400 * 700)
    render(tmp_path / "in" / "r", "seed: 1\n")
    Image.frombytes("RGB", (1400, 700), noise).save(tmp_path / "in" / "r" / "dream.png")
    gallery([tmp_path / "in"], tmp_path / "site", small=True)
    (made,) = (tmp_path / "site" / "pictures").iterdir()
    assert made.suffix == ".jpg"
    assert made.stat().st_size <= 300_000
    with Image.open(made) as picture_, Image.open(tmp_path / "in" / "r" / "dream.png") as whole:
        assert max(picture_.size) > 500
        assert picture_.width / picture_.height == pytest.approx(whole.width / whole.height, 0.01)
    with pytest.raises(UsageError, match="--small"):
        gallery([tmp_path / "in"], tmp_path / "site", small=True, link=True)


def test_copies_are_not_the_renders_own_files(place: Path, tmp_path: Path) -> None:
    gallery([place], tmp_path / "site")
    original = (place / "r0" / "dream.png").read_bytes()
    for made in (tmp_path / "site" / "pictures").iterdir():
        with made.open("r+b") as file:
            file.write(b"spoilt")
    assert (place / "r0" / "dream.png").read_bytes() == original


def test_what_cannot_be_shown_is_told_of_and_left_out(
    place: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = {
        "no-provenance": lambda folder: (folder / "provenance.json").unlink(),
        "no-recipe": lambda folder: (folder / "recipe.yaml").unlink(),
        "no-yaml": lambda folder: (folder / "recipe.yaml").write_text("a: [1"),
        "bytes": lambda folder: (folder / "recipe.yaml").write_bytes(b"\xff\xfe\xff"),
        "list": lambda folder: (folder / "provenance.json").write_text("[1]"),
        "name": lambda folder: (folder / "provenance.json").write_text('{"name": "../x"}'),
        "scores": lambda folder: (folder / "scores.json").write_text("{"),
        "picture": lambda folder: (folder / "dream.png").write_bytes(b"\x89PNG\r\n\x1a\nxx"),
        "nothing": lambda folder: (folder / "dream.png").unlink(),
    }
    for name, spoil in broken.items():
        render(place / name, "seed: 4\n", seed=4)
        (place / name / "journal.jsonl").touch()
        spoil(place / name)
    told = gallery([place], tmp_path / "site")
    assert told.built.items == 3
    assert len(told.built.left_out) == len(broken)
    for name in broken:
        assert any(f"/{name}" in words for words in told.built.left_out), name
    assert caplog.text.count("left out: ") == len(broken)
    assert told.as_json()["left_out"] == list(told.built.left_out)


def test_what_is_not_finished_is_shown_with_what_finishes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    render(tmp_path / "in" / "half", "title: Half\nlength: 4s\n", film=True)
    for name in ("report.json", "dream.mp4"):
        (tmp_path / "in" / "half" / name).unlink()
    picture((96, 64), 5).save(tmp_path / "in" / "half" / "preview.jpg")
    told = gallery([tmp_path / "in"], tmp_path / "site")
    assert told.built.unfinished == 1
    assert told.as_text().startswith("1 item, 1 of them unfinished; ")
    page = next((tmp_path / "site" / "items").iterdir()).read_text()
    assert "`dreamer resume half`" in page
    assert "Unfinished" in page


@pytest.mark.parametrize(
    ("home", "asked", "typed"),
    [
        (".", "the night", "'the night/half'"),
        ("the night", ".", "half"),
        ("site", "..", "'../the night/half'"),
    ],
)
def test_what_was_not_begun_is_told_with_a_command_that_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str, asked: str, typed: str
) -> None:
    render(tmp_path / "the night" / "half", "title: Half\n")
    (tmp_path / "the night" / "half" / "dream.png").unlink()
    render(tmp_path / "the night" / "whole", "title: Whole\n")
    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path / home)
    (said,) = gallery([asked], tmp_path / "out").built.left_out
    command = re.search("`dreamer resume (.*)`", said)[1]
    (folder,) = shlex.split(command)
    assert (tmp_path / home / folder).samefile(tmp_path / "the night" / "half")
    assert command == typed


def test_what_is_found_and_what_is_not(tmp_path: Path) -> None:
    place = tmp_path / "in"
    render(place / "deep" / "deeper" / "r", "title: Deep\n")
    render(place / ".hidden" / "r", "title: Hidden\n")
    (place / "loop").symlink_to(place, target_is_directory=True)
    carrying(place / "alone.png", "title: Alone\nseed: 9\n")
    picture((20, 20), 1).save(place / "photo.png")
    picture((20, 20), 1).save(place / "photo.jpg")
    gallery([place / "deep"], place / "old gallery")
    told = gallery([place, place / "deep"], tmp_path / "site")
    pages = "".join(path.read_text() for path in (tmp_path / "site" / "items").iterdir())
    assert told.built.items == 2
    assert '<h1 class="wrap">Deep</h1>' in pages
    assert '<h1 class="wrap">Alone</h1>' in pages
    with pytest.raises(UsageError, match="no such file or folder"):
        gallery([place / "nowhere"], tmp_path / "x")
    with pytest.raises(UsageError, match=r"nothing to show in .*: .*carries a recipe"):
        gallery([place / "photo.jpg"], tmp_path / "x")


def test_the_same_render_twice_is_two_items(tmp_path: Path) -> None:
    for name in ("a", "b"):
        render(tmp_path / name / "in" / "r", "title: Same\n")
    told = gallery([tmp_path / "a" / "in", tmp_path / "b" / "in"], tmp_path / "site")
    assert told.built.items == 2


def test_the_command_needs_no_torch_and_speaks_json(place: Path, tmp_path: Path, dreamer) -> None:
    code = (
        "import sys; from dreamer.cli import app\n"
        "app(['gallery', 'build', 'in', '--out', 'site', '--json'], standalone_mode=False)\n"
        "sys.exit('torch' in sys.modules)"
    )
    said = [sys.executable, "-c", code]
    done = subprocess.run(said, cwd=tmp_path, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found["items"] == 3
    assert Path(tmp_path, found["index"]).is_file()
    assert dreamer("gallery", "build", "nowhere", check=False).returncode == 2


def test_the_still_beside_a_film_is_no_item_of_its_own(tmp_path: Path) -> None:
    place, recipe = tmp_path / "in", "title: All of them\nclips: [a.mp4]\n"
    compilation(place / "all.mp4", recipe)
    carrying(place / "all-poster.png", recipe)
    carrying(place / "lone-poster.png", "title: A film poster\n")
    assert gallery([place], tmp_path / "site").built.items == 2
