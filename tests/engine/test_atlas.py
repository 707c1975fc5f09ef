"""Atlases of a small network by chance, its classes named as a stranger might name them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from by_chance import CLASSES, tiny
from PIL import Image

from dreamer.engine import portraits
from dreamer.engine.told import Told
from dreamer.errors import FolderError, Stopped, UsageError
from dreamer.jobs.atlas import atlas


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(portraits, "STEPS", 3)
    monkeypatch.setattr(portraits, "ROUNDS", 3)
    monkeypatch.setattr(portraits, "AT_ONCE", 4)
    return str(tiny(tmp_path))


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def tile(folder: Path, plate: str, number: int) -> np.ndarray:
    with Image.open(folder / "tiles" / plate / f"{number:05d}.png") as picture:
        return np.asarray(picture).astype(int)


def test_classes_blocks_and_layers_as_a_whole_where_nothing_is_named(
    network: str, tmp_path: Path
) -> None:
    made = atlas(network, tmp_path / "a", channels="1", side=32)
    assert [path.name for path in made.sheets] == [
        "tiny-classes-pixels.jpg",
        "tiny-classes-fourier.jpg",
        "tiny-layers.jpg",
        "tiny-000-conv1.jpg",
        "tiny-001-stage1.jpg",
        "tiny-002-stage1b.jpg",
        "tiny-003-stage2.jpg",
        "tiny-004-stage2b.jpg",
        "tiny-005-stage3.jpg",
        "tiny-006-stage3b.jpg",
        "tiny-007-stage4.jpg",
        "tiny-008-stage4b.jpg",
    ]
    assert made.pictures == made.rendered == 2 * 4 + 9 + 9
    assert all(path.exists() for path in made.sheets)
    with Image.open(made.sheets[0]) as sheet:
        assert sheet.size == (2 * 44 + 12, 2 * 68 + 12), "two by two with captions"


def test_layers_are_named_forgivingly_and_channels_by_ranges(network: str, tmp_path: Path) -> None:
    made = atlas(network, tmp_path / "a", ["Stage_2", "conv1:pre"], "0-2, 5", side=32)
    assert [path.name for path in made.sheets] == ["tiny-000-conv1-pre.jpg", "tiny-003-stage2.jpg"]
    found = sorted(p.name for p in (tmp_path / "a" / "tiles" / "003-stage2").iterdir())
    assert found == ["00000.png", "00001.png", "00002.png", "00005.png"]


def test_classes_alone_by_part_number_or_a_name_with_a_comma(network: str, tmp_path: Path) -> None:
    for words, numbers in (("project,3", [0, 3]), ("projectile, missile", [0]), ("fish", [2])):
        out = tmp_path / words[-1]
        assert len(atlas(network, out, classes=words, side=32).sheets) == 2
        found = sorted(p.name for p in (out / "tiles" / "classes-pixels").iterdir())
        assert found == [f"{number:05d}.png" for number in numbers]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"layers": ["stage22"]}, r"--layer stage22: .* did you mean 'stage2"),
        ({"layers": ["conv1"], "channels": "3-99"}, r"--channels 3-99: conv1 has \d+ channels"),
        ({"layers": ["conv1:pre"], "channels": "99"}, "conv1:pre has"),
        ({"channels": "5-3"}, "--channels 5-3: expected numbers and ranges"),
        ({"channels": "-1"}, "expected numbers and ranges"),
        ({"classes": "whale"}, "--classes whale: tiny has no class 'whale'"),
        ({"classes": "9"}, "tiny has classes 0 to 3, not 9"),
        ({"side": 16}, "--side 16: tiny needs 32 pixels or more"),
    ],
)
def test_what_the_network_has_not_is_refused_before_any_work(
    network: str, tmp_path: Path, asked: dict, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        atlas(network, tmp_path / "a", **asked)
    assert not (tmp_path / "a").exists()


def test_a_channel_is_the_same_picture_in_every_atlas(network: str, tmp_path: Path) -> None:
    """First in its batch or last, alone or among others: but for the rounding of what it is
    computed beside, which bfloat16 makes more of.
    """
    atlas(network, tmp_path / "alone", ["stage1"], "7", side=32)
    atlas(network, tmp_path / "among", ["conv1", "stage1"], "2-8", side=32)
    alone, among = (tile(tmp_path / n, "001-stage1", 7) for n in ("alone", "among"))
    assert abs(alone - among).mean() < 1
    other = tile(tmp_path / "among", "001-stage1", 6)
    assert abs(alone - other).mean() > 10


def test_a_stopped_atlas_goes_on_to_the_same_bytes(network: str, tmp_path: Path) -> None:
    asked = {"layers": ["stage1"], "channels": "0-9", "classes": "all", "side": 32, "html": True}
    atlas(network, tmp_path / "whole", **asked)

    def killed(told: Told) -> None:
        if told.done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atlas(network, tmp_path / "broken", watch=killed, **asked)
    there = {p: p.stat().st_mtime_ns for p in (tmp_path / "broken").rglob("*.png")}
    assert len(there) == 8
    gone = sorted(there)[5]  # as a kill between two of a batch's files leaves it
    gone.unlink()
    made = atlas(network, tmp_path / "broken", **asked)
    assert (made.pictures, made.rendered) == (18, 11)
    assert files(tmp_path / "whole") == files(tmp_path / "broken")
    assert all(p.stat().st_mtime_ns == then for p, then in there.items() if p != gone)
    assert atlas(network, tmp_path / "broken", **asked).rendered == 0


def test_a_signal_ends_between_two_steps(network: str, tmp_path: Path) -> None:
    def interrupted(told: Told) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    said = "stopped by SIGINT with 4 of 10 pictures made; the same command goes on"
    with pytest.raises(Stopped, match=said) as stopped:
        atlas(network, tmp_path / "a", ["conv1"], "0-9", side=32, watch=interrupted)
    assert stopped.value.exit_code == 130


@pytest.mark.slow
def test_the_command_is_stopped_by_ctrl_c_and_goes_on(tmp_path: Path) -> None:
    network = tiny(tmp_path)
    words = ["atlas", network, "--layer", "stage4", "--channels", "0-39", "--side", "32"]
    command = [sys.executable, "-m", "dreamer", *map(str, words), "--out", "a"]
    begun = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    tiles = tmp_path / "a" / "tiles" / "007-stage4"
    late = time.monotonic() + 400
    while not (tiles / "00015.png").exists() and begun.poll() is None and time.monotonic() < late:
        time.sleep(0.01)
    begun.send_signal(signal.SIGINT)
    said = begun.communicate(timeout=120)[1]
    assert begun.returncode == 130, said
    assert "the same command goes on" in said
    made = json.loads(subprocess.check_output([*command, "--json"], cwd=tmp_path))
    assert made["pictures"] == 40
    assert 0 < made["rendered"] <= 24


def test_an_atlas_grows(network: str, tmp_path: Path) -> None:
    atlas(network, tmp_path / "a", ["conv1"], "0,2", side=32, html=True)
    made = atlas(network, tmp_path / "a", ["conv1"], "1,2", side=32, html=True)
    assert (made.pictures, made.rendered) == (2, 1)
    with Image.open(made.sheets[0]) as sheet:
        assert sheet.size == (2 * 44 + 12, 2 * 68 + 12), "three pictures"
    assert made.page is not None
    assert made.page.read_text().count("<img src=") == 3


@pytest.mark.parametrize(
    ("other", "said"), [({"side": 48}, "its side is 32, not 48"), ({"seed": 6}, "its seed is 5")]
)
def test_another_atlas_is_not_mixed_in(
    network: str, tmp_path: Path, other: dict[str, int], said: str
) -> None:
    asked = {"layers": ["conv1"], "channels": "0", "side": 32}
    atlas(network, tmp_path / "a", **asked)
    before = files(tmp_path / "a")
    with pytest.raises(FolderError, match=said):
        atlas(network, tmp_path / "a", **asked | other)
    with pytest.raises(FolderError, match="its weights is"):
        atlas(str(tiny(tmp_path, seed=2)), tmp_path / "a", **asked)
    assert files(tmp_path / "a") == before


def test_a_picture_of_another_atlas_is_refused_and_a_damaged_one_made_again(
    network: str, tmp_path: Path
) -> None:
    asked = {"layers": ["conv1"], "channels": "0-1", "side": 32}
    atlas(network, tmp_path / "a", **asked)
    first, second = sorted((tmp_path / "a" / "tiles" / "000-conv1").iterdir())
    kept = first.read_bytes()
    first.write_bytes(kept[:100])
    assert atlas(network, tmp_path / "a", **asked).rendered == 1
    assert first.read_bytes() == kept
    first.write_bytes(second.read_bytes())
    with pytest.raises(FolderError, match=r"00000\.png is not a picture of this atlas"):
        atlas(network, tmp_path / "a", **asked)


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"execution": 1}', "[" * 100_000])
def test_a_damaged_folder_says_so(text: str, network: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "atlas.json").write_text(text)
    with pytest.raises(FolderError, match=r"atlas\.json is damaged"):
        atlas(network, tmp_path / "a", ["conv1"], "0", side=32)


def test_nobodys_folder_is_taken(network: str, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match=r"holds other things \(letter\.txt\)"):
        atlas(network, tmp_path / "mine", ["conv1"])
    with pytest.raises(UsageError, match="is not a folder"):
        atlas(network, tmp_path / "mine" / "letter.txt", ["conv1"])
    assert files(tmp_path / "mine") == {"letter.txt": b"dear"}


def test_many_pictures_take_several_sheets(
    network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["dreamer.jobs.atlas"], "ON_A_SHEET", 3)
    made = atlas(network, tmp_path / "a", ["conv1"], "0-4", side=32)
    assert [path.name for path in made.sheets] == ["tiny-000-conv1-1.jpg", "tiny-000-conv1-2.jpg"]


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, and the words between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_shows_all_and_escapes_what_strangers_wrote(network: str, tmp_path: Path) -> None:
    made = atlas(network, tmp_path / "a", ["stage1", "conv1"], "0-1", "all", side=32, html=True)
    assert made.page is not None
    text = made.page.read_text()
    page = Page(text)
    sections = page.all("section")
    expected = ["classes-pixels", "classes-fourier", "000-conv1", "001-stage1"]
    assert [section["id"] for section in sections] == expected
    links = [a["href"] for a in page.all("a")]
    assert links[:4] == [f"#{name}" for name in expected]
    for address in (*links[4:], *(img["src"] for img in page.all("img")[:-1])):
        assert address is not None
        assert (tmp_path / "a" / unquote(address)).is_file()
    alts = [img["alt"] for img in page.all("img")]
    assert alts[:4] == list(CLASSES)
    assert alts[-2] == "stage1, channel 1"
    assert all(img["loading"] == "lazy" for img in page.all("img")[:-1])
    assert "b" not in {tag for tag, _ in page.tags}, "a class's name is text"
    assert set(CLASSES) <= set(page.words)
    assert len(page.all("script")) == 1
    assert not any("//" in str(v) for _, given in page.tags for v in given.values())
    assert "prefers-color-scheme: dark" in text
    (note,) = [w for w in page.words if w.startswith("2 of") and "every pixel," in w]
    assert "sees" in note
