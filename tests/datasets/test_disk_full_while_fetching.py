"""A disk that fills up while pictures are fetched ends the fetch, and what was said stays whole."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Collecting, hasty
from picture_site import Page, Site, jpeg, photograph, saved

from dreamer.datasets.items import Item
from dreamer.datasets.manifest import MANIFEST, Manifest, read_manifest, write_manifest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a limit on files' sizes is needed")
Disk = Callable[[int], None]


@pytest.fixture
def disk() -> Iterator[Disk]:
    """`disk(n)`: no file of this process may be larger than n bytes from now on; what is written
    beyond ends as on a full disk, with a part of it there.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda most: resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_half_a_line_is_gone_before_the_next(tmp_path: Path, disk: Disk) -> None:
    first, torn, last = (Item(f"https://a.org/{n}.jpg", "roses") for n in range(3))
    path = tmp_path / MANIFEST
    write_manifest(path, [first])
    with Manifest(path) as manifest:
        disk(path.stat().st_size + 20)
        with pytest.raises(OSError, match="File too large") as failed:
            manifest.add(torn)
        assert failed.value.filename == str(path)
        disk(1 << 20)
        manifest.add(last)
        manifest.add(torn)
    assert list(read_manifest(path)) == [first.key, last.key, torn.key]


def test_what_cannot_be_written_for_one_stops_all(
    site: Site, collect: Collecting, disk: Disk
) -> None:
    """Nothing is asked for any more, and nothing that was begun is taken for failed."""
    huge = site.put("huge.bmp", saved(photograph(99, (500, 500)), "bmp"))
    slow = [site.put(f"{k}.jpg", Page(jpeg(k), pause=0.5)) for k in range(12)]
    disk(300_000)
    with pytest.raises(OSError, match="File too large"):
        collect({"roses": [huge, *slow]}, wants=replace(hasty(of_a_host=4), most_bytes=10**6))
    assert site.asked.total() <= 4
    items = read_manifest(collect.out / MANIFEST).values()
    assert {item.reason for item in items} == {"wanted"}
    assert collect.files() == []
    disk(1 << 30)
    collect({"roses": [huge, *slow]}, wants=replace(hasty(of_a_host=12), most_bytes=10**6))
    assert {collect.reason(url) for url in (huge, *slow)} == {"kept"}
