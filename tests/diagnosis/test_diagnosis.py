"""`atlas --class`: what is refused, and what lies in its folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

from dreamer.engine.diagnosis import class_picture
from dreamer.engine.execution import decide
from dreamer.engine.portraits import class_score
from dreamer.errors import UsageError
from dreamer.jobs.diagnosis import diagnose
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
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_a_picture_depends_on_seed_class_and_sample_alone(network: Card) -> None:
    execution = decide("cpu", "float32")
    score = class_score(network, execution)
    wanted = class_picture(network, score, 1, 1, 5, execution)
    class_picture(network, score, 2, 0, 5, execution)
    assert torch.equal(class_picture(network, score, 1, 1, 5, execution), wanted)
    for other in ((1, 2, 5), (2, 1, 5), (1, 1, 6)):
        assert not torch.equal(class_picture(network, score, *other, execution), wanted)


def test_fewer_samples_are_the_first_of_more_and_the_others_go(
    network: Card, other: Card, tmp_path: Path
) -> None:
    diagnose(network, "dumbbell", 3, other, tmp_path / "r")
    first = tree(tmp_path / "r")
    diagnose(network, "dumbbell", 2, other, tmp_path / "r")
    second = tree(tmp_path / "r")
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
            diagnose(network, "ring", 5, other, folder)
        assert tree(folder) == before


def test_another_report_is_not_written_over(network: Card, other: Card, tmp_path: Path) -> None:
    diagnose(network, "ring", 1, other, tmp_path / "r")
    with pytest.raises(UsageError, match="holds another report"):
        diagnose(network, "dumbbell", 1, other, tmp_path / "r")


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
