"""`atlas --class`: what is refused, and what lies in its folder."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from dreamer.engine.diagnosis import class_picture
from dreamer.engine.execution import decide
from dreamer.engine.portraits import class_score
from dreamer.errors import FolderError, Stopped, UsageError
from dreamer.jobs.diagnosis import diagnose
from dreamer.media.locks import taken
from dreamer.networks.architectures import initialise
from dreamer.networks.cards import Card
from dreamer.networks.modules import from_module

SLY = '<b>"ear"</b>'


def tiny(name: str, classes: tuple[str, ...], seed: int = 1) -> Card:
    """Untaught: quick, and never twice the same."""
    module = nn.Sequential(
        nn.Conv2d(3, 8, 5, padding=2),
        nn.SiLU(),
        nn.Conv2d(8, 8, 3, 2, 1),
        nn.SiLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, len(classes)),
    )
    initialise(module, seed)
    return from_module(module, name, native=24, classes=classes)


@pytest.fixture(scope="module")
def network() -> Card:
    return tiny("sly", (SLY, "dumbbell", "ring"))


@pytest.fixture(scope="module")
def other() -> Card:
    return tiny("other", ("Dumbbell", "stair"), 2)


def tree(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_a_picture_depends_on_seed_class_and_sample_alone(network: Card) -> None:
    execution = decide("cpu", "float32")
    score = class_score(network, execution)
    wanted = class_picture(network, score, 1, 1, 5, execution)
    class_picture(network, score, 2, 0, 5, execution)
    assert torch.equal(class_picture(network, score, 1, 1, 5, execution), wanted)
    for other in ((1, 2, 5), (2, 1, 5), (1, 1, 6)):
        assert not torch.equal(class_picture(network, score, *other, execution), wanted)


def test_fewer_samples_are_the_first_of_more(network: Card, other: Card, tmp_path: Path) -> None:
    diagnose(network, "dumbbell", 3, other, tmp_path / "three")
    diagnose(network, "dumbbell", 2, other, tmp_path / "two")
    first, second = tree(tmp_path / "three"), tree(tmp_path / "two")
    assert "samples/03.png" in first
    assert "samples/03.png" not in second
    assert first["samples/02.png"] == second["samples/02.png"]
    assert first["saliency/02.png"] == second["saliency/02.png"]


def test_names_are_text_and_not_html(network: Card, other: Card, tmp_path: Path) -> None:
    found = diagnose(network, SLY, 1, other, tmp_path / "r")
    html = (tmp_path / "r" / "report.html").read_text()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    assert found.data["class"] == SLY


def test_pictures_alone(network: Card, tmp_path: Path) -> None:
    found = diagnose(network, "ring", 2, out=tmp_path / "r", report=False)
    assert set(tree(tmp_path / "r")) == {
        "report.json",
        "samples/01.png",
        "samples/02.png",
        "sheet.png",
    }
    with Image.open(tmp_path / "r" / "samples" / "01.png") as picture:
        assert picture.size == (24, 24)
    assert "2 pictures of ring" in found.as_text()


@pytest.mark.parametrize("name", ["letter.txt", "samples/04.png", "report.html", "saliency/x.png"])
def test_what_a_person_put_there_is_nobody_elses(
    network: Card, other: Card, tmp_path: Path, name: str
) -> None:
    """In a folder of their own, and in a report's."""
    own, report = tmp_path / "own", tmp_path / "report"
    diagnose(network, "ring", 1, other, report)
    (report / "report.html").unlink()
    kept = json.loads((report / "report.json").read_text())
    kept["files"].remove("report.html")
    (report / "report.json").write_text(json.dumps(kept))
    for folder in (own, report):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("dear")
        before = tree(folder)
        with pytest.raises(UsageError, match="holds other things"):
            diagnose(network, "ring", 1, other, folder)
        assert tree(folder) == before


def test_another_report_is_not_written_over(network: Card, other: Card, tmp_path: Path) -> None:
    """Of another class, other weights, another judge, or with anything else about it."""
    diagnose(network, "ring", 1, other, tmp_path / "r")
    before = tree(tmp_path / "r")
    retrained, same_name = tiny("sly", network.classes, 3), tiny("other", other.classes, 4)
    for (card, name, samples, judge), words, said in (
        ((network, "dumbbell", 1, other), {}, "its class is ring, not dumbbell"),
        ((network, "ring", 2, other), {}, "its samples is 1, not 2"),
        ((network, "ring", 1, other), {"seed": 6}, "its seed is 5, not 6"),
        ((retrained, "ring", 1, other), {}, "its weights is"),
        ((network, "ring", 1, same_name), {}, "its judge's weights is"),
        ((network, "ring", 1, tiny("third", other.classes, 2)), {}, "its judge is other"),
        ((network, "ring", 1, other), {"report": False}, "its report is True"),
    ):
        with pytest.raises(UsageError, match=f"holds another report .*{said}"):
            diagnose(card, name, samples, judge, tmp_path / "r", **words)
        assert tree(tmp_path / "r") == before
    diagnose(network, "ring", 1, other, tmp_path / "r")
    assert tree(tmp_path / "r") == before


@pytest.mark.parametrize("name", ["samples", "samples/01.png", "report.json", ".lock"])
def test_nothing_is_written_through_a_link(
    network: Card, other: Card, tmp_path: Path, name: str
) -> None:
    """Into somebody else's folder or file, in an empty folder or a report's own."""
    report, new = tmp_path / "report", tmp_path / "new"
    diagnose(network, "ring", 1, other, report)
    for folder in (report, new):
        link, real = folder / name, tmp_path / f"theirs of {folder.name}"
        link.parent.mkdir(parents=True, exist_ok=True)
        if link.exists():
            link.rename(real)
        elif name == "samples":
            real.mkdir()
        link.symlink_to(real)
        before = tree(tmp_path)
        with pytest.raises(UsageError, match="holds other things"):
            diagnose(network, "ring", 1, other, folder)
        assert tree(tmp_path) == before
        assert real.exists() == (folder == report or name == "samples")


def test_a_folder_is_one_process_s_at_a_time(network: Card, other: Card, tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    with taken(tmp_path / "r" / ".lock"), pytest.raises(FolderError, match="another process"):
        diagnose(network, "ring", 1, other, tmp_path / "r")


def test_a_folder_that_cannot_be_written_is_said_before_any_work(
    network: Card, other: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dreamer.jobs.diagnosis.diagnosis", None)
    (tmp_path / "file").write_text("")
    with pytest.raises((FolderError, UsageError), match="cannot be written"):
        diagnose(network, "ring", 1, other, tmp_path / "file" / "r")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("report", [True, False])
def test_a_signal_ends_it_and_leaves_nothing(
    network: Card,
    other: Card,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    report: bool,
) -> None:
    from dreamer.engine import diagnosis as module

    climbed = module.climbed

    def interrupted(*args: Any) -> Tensor:
        os.kill(os.getpid(), number)
        return climbed(*args)

    monkeypatch.setattr(module, "climbed", interrupted)
    with pytest.raises(Stopped, match="nothing is written") as stopped:
        diagnose(network, "ring", 3, other, tmp_path / "a" / "r", report)
    assert stopped.value.exit_code == 128 + number
    assert not (tmp_path / "a").exists()


def test_a_class_is_named_by_its_number_too(network: Card, tmp_path: Path) -> None:
    found = diagnose(network, "2", 1, out=tmp_path / "r", report=False)
    assert found.data["class"] == "ring"
    with pytest.raises(UsageError, match="--class: sly has classes 0 to 2, not 3"):
        diagnose(network, "3", 1, out=tmp_path / "s", report=False)
    digits = tiny("digits", ("7", "1", "0"))
    found = diagnose(digits, "1", 1, out=tmp_path / "t", report=False)
    assert found.data["class"] == "1", "a name goes before a number"
    found = diagnose(digits, "0", 1, out=tmp_path / "u", report=False)
    assert found.data["class"] == "0"


def test_a_report_that_was_stopped_is_written_again(
    network: Card, other: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dreamer.engine.reports as module

    def full(path: Path, content: bytes) -> None:
        if path.name == "02.png":
            raise OSError("no space left")
        path.write_bytes(content)

    with monkeypatch.context() as patched:
        patched.setattr(module, "write_bytes", full)
        with pytest.raises(OSError, match="no space"):
            diagnose(network, "ring", 2, other, tmp_path / "r")
    (tmp_path / "r" / ".report.json.part").write_text("{")
    diagnose(network, "ring", 2, other, tmp_path / "r")
    assert "report.html" in tree(tmp_path / "r")


def test_wrong_words_are_refused_before_any_work(
    network: Card, other: Card, tmp_path: Path
) -> None:
    out = tmp_path / "r"
    with pytest.raises(UsageError, match=r"--class: .* did you mean 'dumbbell'"):
        diagnose(network, "dumbell", 1, other, out)
    with pytest.raises(UsageError, match="--samples: expected at least 1"):
        diagnose(network, "ring", 0, other, out)
    headless = from_module(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), "bare", native=24)
    with pytest.raises(UsageError, match="--class: bare has no classes"):
        diagnose(headless, "ring", 1, other, out)
    with pytest.raises(UsageError, match="--judge: bare has no classes"):
        diagnose(network, "ring", 1, headless, out)
    assert not out.exists()


@pytest.mark.slow
def test_on_the_command_line(dreamer, tmp_path: Path) -> None:
    words = ("--class", "sailboat", "--samples", 1, "--report", "--json")
    found = json.loads(dreamer("atlas", "house", *words).stdout)
    assert found["folder"] == "atlas/house-sailboat"
    assert found["judge"]["name"] == "judge"
    assert (tmp_path / found["folder"] / "report.html").is_file()
    for words, said in (
        (("--report",), "--report: of which class"),
        (("--class", "flamingoo"), "did you mean 'flamingo'"),
        (("--class", "flamingo", "--samples", 0), "--samples"),
        (("--class", "flamingo", "--measure"), "--class: not together"),
    ):
        refused = dreamer("atlas", "house", *words, check=False)
        assert refused.returncode == 2
        assert said in refused.stderr
