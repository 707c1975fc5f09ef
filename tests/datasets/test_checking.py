"""`dataset check` finds what is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from picture_site import photograph, saved
from PIL import Image, ImageDraw

from dreamer.errors import DreamerError, Stopped, UsageError
from dreamer.jobs.dataset_check import SEEN, check
from dreamer.jobs.dataset_split import split
from dreamer.learn.listed import listed_folder


def put(root: Path, name: str, data: bytes) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def drawn(seed: int, round_things: bool) -> bytes:
    """Discs on blue, or stripes on red: what a network tells apart at a glance."""
    random = np.random.default_rng(seed)
    ground = tuple(
        int(c) for c in random.integers(0, 60, 3) + ((0, 60, 160), (160, 30, 0))[not round_things]
    )
    picture = Image.new("RGB", (160, 120), ground)
    draw = ImageDraw.Draw(picture)
    for _ in range(9):
        x, y, size = (int(v) for v in random.integers(0, (140, 100, 30)))
        if round_things:
            draw.ellipse((x, y, x + 10 + size, y + 10 + size), "white")
        else:
            draw.line((x, 0, x + 40, 120), "black", 4)
    grain = np.asarray(picture) + random.normal(0, 9, (120, 160, 3))
    return saved(Image.fromarray(grain.clip(0, 255).astype(np.uint8)), quality=90)


@pytest.mark.skipif(sys.platform != "linux", reason="a system with names that are no UTF-8")
def test_files_whose_names_are_no_utf8_are_looked_at_and_divided(
    tmp_path: Path, dreamer: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for k in range(4):
        put(tmp_path, os.fsdecode(b"data/discs/\xe9t\xe9 %d.jpg" % k), drawn(k, True))
        put(tmp_path, f"data/stripes/{k}.jpg", drawn(50 + k, False))
    put(tmp_path, os.fsdecode(b"data/discs/torn\xe9.jpg"), b"no picture")
    put(tmp_path, os.fsdecode(b"data/discs/copy\xe9.jpg"), drawn(1, True))
    looked = ["dataset", "check", "data", "--network", "none"]
    said = dreamer(*looked, "--out", "found", check=False)
    assert said.returncode == 1  # one is broken
    assert r"discs/torn\udce9.jpg: " in said.stdout
    report = (tmp_path / "found" / "report.json").read_text("utf-8")
    assert (
        json.loads(report)["findings"]
        == json.loads(dreamer(*looked, "--json", check=False).stdout)["findings"]
    )
    assert "discs/torn\ufffd.jpg" in report
    assert "discs/copy\ufffd.jpg" in report
    dreamer("dataset", "split", "data", "--out", "parts.csv")
    assert (tmp_path / "parts.csv").read_text("utf-8").count("discs/\ufffdt\ufffd ") == 4
    dreamer("dataset", "split", "data", "--out", "parts")
    assert len(list((tmp_path / "parts").rglob("*.jpg"))) == 10


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    """Two classes of twelve, and one of everything that can be wrong."""
    root = tmp_path / "data"
    for k in range(12):
        put(root, f"discs/{k:02d}.jpg", drawn(k, True))
        put(root, f"stripes/{k:02d}.jpg", drawn(100 + k, False))
    put(root, "discs/strayed.jpg", drawn(200, False))
    put(root, "discs/copy.jpg", drawn(3, True))
    with Image.open(root / "discs/05.jpg") as picture:
        put(root, "discs/smaller.png", saved(picture.resize((120, 90)), "png"))
    put(root, "stripes/both.jpg", drawn(7, True))
    put(root, "stripes/half.jpg", drawn(1, False)[:3000])
    put(root, "stripes/page.jpg", b"<!DOCTYPE html>" + bytes(6000))
    put(root, "stripes/tiny.png", saved(photograph(9, (20, 20)), "png"))
    put(root, "stripes/long.jpg", saved(photograph(10, (700, 120))))
    put(root, "stripes/grey.jpg", saved(photograph(11).convert("L")))
    put(root, "stripes/moving.gif", saved(photograph(12), "gif"))
    put(root, "stray.jpg", drawn(13, True))
    put(root, ".hidden/x.jpg", b"")
    return root


def by_kind(found) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for finding in found.findings:
        kinds.setdefault(finding.kind, set()).add(finding.name)
    return kinds


def test_everything_wrong_is_found(flawed: Path, tmp_path: Path) -> None:
    found = check(flawed, tmp_path / "out", least_bytes=1000)
    kinds = by_kind(found)
    assert kinds["broken"] == {"stripes/half.jpg", "stripes/page.jpg"}
    assert kinds["unread"] == {"stray.jpg"}
    assert kinds["ambiguous"] == {"stripes/both.jpg"}
    copies = {
        name for kind in ("duplicate", "near-duplicate", "leak") for name in kinds.get(kind, ())
    }
    assert copies == {"discs/copy.jpg", "discs/smaller.png"}
    assert kinds["tiny"] == {"stripes/tiny.png"}
    assert kinds["odd-shape"] == {"stripes/long.jpg"}
    assert kinds["grey"] == {"stripes/grey.jpg"}
    assert kinds["mislabelled"] >= {"discs/strayed.jpg", "stripes/both.jpg"}
    assert len(kinds["mislabelled"]) <= 4
    assert not found.sound
    assert found.classes == {"discs": 15, "stripes": 19}
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["found"]["broken"] == 2
    assert report["findings"][0]["detail"].startswith(("a damaged picture", "an HTML page"))
    kinds_shown = {page.name.rpartition("-")[0] for page in found.pages}
    assert kinds_shown == kinds.keys() - {"broken", "unread"}
    for page in found.pages:
        with Image.open(page) as picture:
            picture.load()
    assert "2 cannot be read: a training leaves them out, and says so (broken):" in found.as_text()


def test_a_stopped_look_goes_on(
    flawed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal

    whole = check(flawed, tmp_path / "whole", network="none")
    monkeypatch.setattr("dreamer.datasets.looking.BLOCK", 8)

    def stop(told) -> None:
        if told.done == 16:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Stopped, match="go on with the same command"):
        check(flawed, tmp_path / "out", network="none", watch=stop)
    kept = tmp_path / "out" / SEEN
    assert kept.read_bytes().count(b"\n") == 16
    with kept.open("a") as file:
        file.write('{"name": "half')  # killed while writing
    counts: list[int] = []
    again = check(
        flawed, tmp_path / "out", network="none", watch=lambda told: counts.append(told.done)
    )
    assert counts[0] == 24
    assert again.findings == whole.findings
    os.utime(flawed / "discs/00.jpg", (1, 1))  # touched since: looked at again
    put(flawed, "discs/01.jpg", b"")
    counts.clear()
    assert "discs/01.jpg" in by_kind(check(flawed, tmp_path / "out", "none"))["broken"]


def test_parts_that_share_a_picture(tmp_path: Path) -> None:
    for first, part in ((0, "train"), (50, "test")):
        for k in range(3):
            put(tmp_path / "data", f"{part}/a/{part}{k}.jpg", saved(photograph(first + k)))
    shutil.copy(tmp_path / "data/train/a/train1.jpg", tmp_path / "data/test/a/same.jpg")
    found = check(tmp_path / "data", network="none")
    (leak,) = [finding for finding in found.findings if finding.kind == "leak"]
    assert {leak.name, *leak.others} == {"train/a/train1.jpg", "test/a/same.jpg"}
    assert leak.detail.endswith("of train and test")


def test_copies_where_class_folders_lie_beside_groups(tmp_path: Path) -> None:
    for name in ("alpha/1.png", "alpha/2.png", "group/alpha/3.png", "mix/alpha/1.png"):
        put(tmp_path / "mix", name, saved(photograph(3), "png"))
    found = check(tmp_path / "mix", network="none")
    details = {f.name: (f.kind, f.detail) for f in found.findings if f.others}
    assert details["alpha/2.png"] == ("duplicate", "the same bytes as alpha/1.png")
    same = "the same bytes as alpha/1.png, of"
    assert details["group/alpha/3.png"] == ("leak", f"{same} group and mix/")
    assert details["mix/alpha/1.png"] == ("leak", f"{same} mix and mix/")


@pytest.fixture
def anyone() -> Iterator[Path]:
    """An open folder, and the rights of anyone: root may read all, whatever a folder says."""
    own = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            os.seteuid(own)
            for path in folder.rglob("*"):
                path.chmod(0o755)


def test_what_may_not_be_opened_is_said(anyone: Path) -> None:
    for name in ("a/1.png", "a/2.png", "a/3.png", "b/4.png", "closed/5.png", "half/6.png"):
        path = put(anyone, name, saved(photograph(int(Path(name).stem)), "png"))
        path.parent.chmod(0o755)
        path.chmod(0o644)
    (anyone / "a" / "2.png").chmod(0)
    (anyone / "half").chmod(0o644)  # its names can be read, and no more
    (anyone / "closed").chmod(0)
    if os.geteuid() == 0:
        os.seteuid(65534)
    kinds = by_kind(found := check(anyone, network="none"))
    assert kinds["unread"] == {"closed"}
    assert kinds["broken"] == {"a/2.png", "half/6.png"}
    assert "closed: cannot be opened (Permission denied)" in found.as_text()
    assert not found.sound
    os.seteuid(os.getuid())
    for name in ("a/2.png", "half/6.png"):  # what is left is the folder that stays closed
        (anyone / name).parent.chmod(0o755)
        (anyone / name).chmod(0o644)
    if os.geteuid() == 0:
        os.seteuid(65534)
    found = check(anyone, network="none")
    assert not by_kind(found).get("broken")
    assert not found.sound
    for refused in (lambda: split(anyone), lambda: listed_folder(anyone, "x")):
        with pytest.raises(DreamerError, match=r"closed: cannot be read \(Permission denied\)"):
            refused()


def test_other_peoples_folders_are_refused(flawed: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="would be taken for a class"):
        check(flawed, flawed / "out", network="none")
    put(tmp_path, "mine/thesis.doc", b"years")
    with pytest.raises(UsageError, match="holds other things"):
        check(flawed, tmp_path / "mine", network="none")
    with pytest.raises(UsageError, match="no pictures in class folders"):
        check(tmp_path / "mine")
