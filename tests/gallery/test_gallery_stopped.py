"""Builds that fail or are killed, and what a person does before the next one."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from made_items import render

from dreamer.engine.gallery_found import MARKER
from dreamer.engine.gallery_site import STEPS
from dreamer.errors import FolderError
from dreamer.jobs.gallery import gallery

KILLED = """
import os
import dreamer.engine.gallery as engine
from dreamer.engine.gallery_site import Site
from dreamer.jobs.gallery import gallery

def die(*all_):
    os.kill(os.getpid(), 9)

put, count = Site.put, [0]

def counted(self, name, of, make):
    count[0] += name.startswith("items/")
    return put(self, name, of, die if count[0] == 2 else make)

Site.put = counted
gallery(["in"], "site", title="Another")
"""  # after one page, when the other pictures are there, in the middle of the second page


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A gallery of three renders."""
    for k in range(3):
        render(tmp_path / "in" / f"r{k}", f"title: Item {k}\nseed: {k}\n", seed=k, when=k)
    gallery([tmp_path / "in"], tmp_path / "site", title="One")
    return tmp_path / "site"


def pages(site: Path) -> list[Path]:
    return sorted((site / "items").iterdir())


def fail(monkeypatch: pytest.MonkeyPatch, site: Path) -> None:
    """A build with another title that makes all pages but not the index."""

    def broken(*of: object) -> str:
        raise ZeroDivisionError

    with monkeypatch.context() as only_now:
        only_now.setattr("dreamer.engine.gallery.index_page", broken)
        with pytest.raises(ZeroDivisionError):
            gallery([site.parent / "in"], site, title="Another")


def kill(site: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=site.parent, check=False)
    assert done.returncode == -signal.SIGKILL


def fresh(site: Path) -> dict[str, bytes]:
    """All pages of the gallery called "Another", built at once."""
    other = site.with_name("fresh")
    gallery([site.parent / "in"], other, title="Another")
    return {path.name: path.read_bytes() for path in other.rglob("*.html")}


def read(site: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in site.rglob("*.html")}


def test_a_page_changed_after_a_build_that_failed_is_refused(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(monkeypatch, site)
    for changed in (site / "index.html", pages(site)[0]):
        before = changed.read_bytes()
        changed.write_text("my own")
        with pytest.raises(FolderError, match="changed since dreamer made it"):
            gallery([site.parent / "in"], site)
        assert changed.read_text() == "my own"
        changed.write_bytes(before)


def test_a_build_that_failed_is_gone_on_with(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(monkeypatch, site)
    assert "building" not in json.loads((site / MARKER).read_text())
    assert not (site / STEPS).exists()
    told = gallery([site.parent / "in"], site, title="Another").built
    assert told.written == 1
    assert read(site) == fresh(site)


def test_a_page_changed_after_a_build_was_killed_is_refused(site: Path) -> None:
    kill(site)
    steps = [json.loads(line) for line in (site / STEPS).read_text().splitlines()]
    (made,) = [name for name, record in steps if record]
    untouched = set(map(str, (p.relative_to(site) for p in site.rglob("*.html"))))
    untouched -= {name for name, _ in steps}
    assert len(untouched) == 2  # one page and the index
    for name in (made, *untouched):
        before = (site / name).read_bytes()
        (site / name).write_text("my own")
        with pytest.raises(FolderError, match="changed since dreamer made it"):
            gallery([site.parent / "in"], site)
        assert (site / name).read_text() == "my own"
        (site / name).write_bytes(before)
    told = gallery([site.parent / "in"], site, title="Another").built
    assert told.written == 3  # what was made before the kill was not made again
    assert read(site) == fresh(site)


def test_a_file_that_a_kill_left_between_two_lines_is_made_again(site: Path) -> None:
    kill(site)
    steps = (site / STEPS).read_text().splitlines()
    begun, record = json.loads(steps[-1])
    assert record is None
    (site / begun).write_text("the page, but nothing says so any more")
    (site / STEPS).write_text("\n".join([*steps, '["items/half a li']))
    gallery([site.parent / "in"], site, title="Another")
    assert read(site) == fresh(site)
    assert not (site / STEPS).exists()


def test_a_persons_file_that_a_killed_build_was_going_to_make_is_refused(site: Path) -> None:
    shutil.rmtree(site)
    kill(site)
    mine = site / "index.html"
    assert not mine.exists()
    mine.write_text("mine")
    with pytest.raises(FolderError, match="was not made by dreamer"):
        gallery([site.parent / "in"], site)
    assert mine.read_text() == "mine"


def test_lines_of_a_build_that_said_all_are_not_believed(site: Path) -> None:
    (site / STEPS).write_text('["index.html", null]\n')
    (site / "index.html").write_text("my own")
    with pytest.raises(FolderError, match="changed since dreamer made it"):
        gallery([site.parent / "in"], site)
