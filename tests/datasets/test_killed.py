"""A fetch that is killed or stopped goes on, and ends as an unbroken one does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Collecting, hasty
from picture_site import HERE, Page, Site, jpeg
from PIL import Image

from dreamer.datasets.items import Item
from dreamer.datasets.manifest import MANIFEST, Manifest, read_manifest
from dreamer.datasets.storing import Store


def lively(site: Site) -> dict[str, list[str]]:
    """Two classes with duplicates in and across them, and all that can go wrong."""
    urls = [site.put(f"{k}.jpg", Page(jpeg(k % 17), pause=0.02 * (k % 3))) for k in range(24)]
    urls += [site.url("gone.jpg"), site.put("cut.jpg", Page(jpeg(30), cut=9000))]
    return {"a": urls[:16], "b": urls[16:]}


def command(lists: Path, out: Path) -> subprocess.Popen[str]:
    words = ["dataset", "fetch", str(lists), "--out", str(out), "--allow-private", "--delay", "0"]
    return subprocess.Popen(
        [sys.executable, "-m", "dreamer", *words, "--tries", "2", "--at-once", "3"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def bare(items: dict[tuple[str, str], Item]) -> list[dict[str, object]]:
    """What must be equal: all that the manifest says, but for words of the wire."""
    return [item.as_json() | {"detail": item.detail.partition(" ")[0]} for item in items.values()]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_stopped_in_the_middle_it_ends_as_unbroken(
    how: signal.Signals, site: Site, collect: Collecting, tmp_path: Path
) -> None:
    classes = lively(site)
    collect(classes, wants=hasty(tries=2))
    whole, files = read_manifest(collect.out / MANIFEST), collect.files()
    broken = tmp_path / "broken"
    lists = collect.lists(classes)
    site.asked.clear()
    run = command(lists, broken)
    while sum(site.asked.values()) < 12 and run.poll() is None:
        time.sleep(0.005)
    run.send_signal(how)
    _, said = run.communicate(timeout=20)
    assert run.returncode == (-9 if how == signal.SIGKILL else 128 + how)
    assert "Traceback" not in said
    seen = sum(site.asked.values())
    assert seen < 24
    for path in broken.glob("*/*"):  # whatever has a name is whole
        with Image.open(path) as picture:
            picture.load()
    done = {item.url for item in read_manifest(broken / MANIFEST).values() if item.sha256}
    site.asked.clear()
    again = command(lists, broken)
    _, said = again.communicate(timeout=30)
    assert again.returncode == 0, said
    collect.out = broken
    assert collect.files() == files
    assert bare(read_manifest(broken / MANIFEST)) == bare(whole)
    assert done
    # a picture that the manifest had before its file had its name is fetched once more
    asked_again = [url for url in done if site.asked[url.removeprefix(site.url("")[:-1])]]
    assert len(asked_again) <= (3 if how == signal.SIGKILL else 0)


@pytest.mark.parametrize(("owner", "name"), [(Manifest, "add"), (Store, "settle")])
def test_a_full_disk_is_said_and_loses_nothing(
    owner: type, name: str, site: Site, collect: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also between a manifest's line and the name of its file."""
    urls = [site.put(f"{k}.jpg", jpeg(k)) for k in range(5)]
    works, count = getattr(owner, name), iter(range(99))

    def full(*arguments: object) -> None:
        if next(count) == 3:
            raise OSError(28, "No space left on device")
        works(*arguments)

    monkeypatch.setattr(owner, name, full)
    with pytest.raises(OSError, match="No space left"):
        collect({"a": urls}, wants=HERE)
    monkeypatch.undo()
    collect({"a": urls})
    assert {collect.reason(url) for url in urls} == {"kept"}
    assert len(collect.files()) == 5
