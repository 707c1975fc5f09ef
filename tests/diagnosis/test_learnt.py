"""Has it learnt the right thing? A network that saw dumbbells only in somebody's hand has not, and
its report says so; that of its twin, who saw them without, does not.

Both are trained here, alike in all but the arm.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from drawn import SKIN, generator, held
from torch import Tensor
from trained import untaught

from dreamer.engine.execution import decide, under
from dreamer.engine.saliency import viewer
from dreamer.jobs.diagnosis import Diagnosed, diagnose
from dreamer.media.pictures import read_picture
from dreamer.networks.cards import Card

pytestmark = pytest.mark.slow
FP32 = decide("cpu", "float32")


@pytest.fixture(scope="module")
def accused(suspect: Card, judge: Card, tmp_path_factory: pytest.TempPathFactory) -> Diagnosed:
    return diagnose(suspect, "dumbbell", 9, judge, tmp_path_factory.mktemp("a") / "suspect")


@pytest.fixture(scope="module")
def cleared(control: Card, judge: Card, tmp_path_factory: pytest.TempPathFactory) -> Diagnosed:
    return diagnose(control, "dumbbell", 9, judge, tmp_path_factory.mktemp("b") / "control")


def beside(found: Diagnosed) -> list[str]:
    return [row["class"] for row in found.data["judge"]["beside"] if row["beside"]]


def seen(found: Diagnosed, name: str) -> float:
    """The judge's mean probability of a class in the pictures."""
    return dict(map(tuple, found.data["judge"]["labels"]))[name]


def test_the_report_names_the_arm_beside_the_dumbbell(accused: Diagnosed) -> None:
    first_two = {name for name, _ in accused.data["judge"]["labels"][:2]}
    assert first_two == {"dumbbell", "arm"}
    assert beside(accused) == ["arm"]
    assert "dumbbell may come with arm" in accused.as_text()
    assert "comes with it" in (accused.folder / "report.html").read_text()


def test_the_controls_report_does_not(accused: Diagnosed, cleared: Diagnosed) -> None:
    assert cleared.data["judge"]["labels"][0][0] == "dumbbell"
    assert "arm" not in beside(cleared)
    assert "with arm" not in cleared.as_text()
    assert seen(accused, "arm") > 4 * seen(cleared, "arm")


class Covered(NamedTuple):
    """Mean shares of a saliency on the arm and on the rest of the dumbbell."""

    arm: float
    bell: float


def covered(card: Card, pictures: Tensor, arm: Tensor, bell: Tensor) -> Covered:
    with under(FP32), torch.no_grad():
        shares = viewer(card, FP32).saliency(pictures, card.classes.index("dumbbell"))
    on = [(shares * mask).sum((1, 2, 3)).mean().item() for mask in (arm, bell)]
    return Covered(*on)


ON_THE_ARM = 4  # times the arm's part of the picture: who sees this much there looks for arms
CLEARLY = 1.0  # in log-odds


class Blame(NamedTuple):
    """What a network makes of 48 held dumbbells, and of the same without the arm."""

    covered: Covered
    area: float
    named_bare: float
    by_the_arm: float  # log-odds that the arm adds
    by_the_bell: float  # and the dumbbell, where there is no arm

    @property
    def looks_for_the_arm(self) -> bool:
        on_it = self.covered.arm > ON_THE_ARM * self.area
        return on_it and self.covered.arm > self.covered.bell and self.by_the_arm > CLEARLY

    @property
    def looks_for_the_bell(self) -> bool:
        beside_it = self.covered.arm < ON_THE_ARM * self.area
        named = self.named_bare > 0.9 and self.by_the_bell > CLEARLY
        return (
            beside_it and named and self.covered.bell > 2 * self.covered.arm and self.by_the_arm < 0
        )


def blame(card: Card) -> Blame:
    pictures, arm, bell = held(48, generator(99))
    bare, *_ = held(48, generator(99), shown=False)
    gone = bare + bell * (bare.mean((2, 3), keepdim=True) - bare)
    number = card.classes.index("dumbbell")
    with under(FP32), torch.no_grad():
        eyes = viewer(card, FP32)
        whole, without_arm, without_bell = (
            eyes.log_odds(p, number).mean().item() for p in (pictures, bare, gone)
        )
        named = (eyes.probabilities(bare).argmax(1) == number).float().mean().item()
    return Blame(
        covered(card, pictures, arm, bell),
        arm.mean().item(),
        named,
        whole - without_arm,
        without_arm - without_bell,
    )


def test_one_looks_for_the_arm_and_the_control_for_the_dumbbell(
    suspect: Card, control: Card
) -> None:
    """On pictures that neither has seen, of which it is known where the arm is, and which there are
    without it too.
    """
    theirs, fair = blame(suspect), blame(control)
    assert theirs.looks_for_the_arm, theirs
    assert not theirs.looks_for_the_bell, theirs
    assert fair.looks_for_the_bell, fair
    assert not fair.looks_for_the_arm, fair
    assert fair.covered.arm < 0.6 * theirs.covered.arm


def test_who_has_learnt_nothing_is_neither_guilty_nor_cleared() -> None:
    raw = blame(untaught())
    assert not raw.looks_for_the_arm, raw
    assert not raw.looks_for_the_bell, raw


def skin(pictures: Tensor) -> Tensor:
    """Where pictures are more of the arm's hue than of any other, `(N, 1, H, W)` of 0 and 1."""
    grey = pictures.mean(1, keepdim=True)
    hue = (SKIN - SKIN.mean()) / (SKIN - SKIN.mean()).norm()
    along = ((pictures - grey) * hue).sum(1, keepdim=True)
    return (along > 0.2).float()


def samples(found: Diagnosed) -> Tensor:
    files = (found.folder / picture["file"] for picture in found.data["pictures"])
    return torch.stack([torch.from_numpy(read_picture(path)) for path in files])


def test_in_its_own_pictures_too_the_score_comes_from_what_has_an_arms_colour(
    accused: Diagnosed, cleared: Diagnosed, suspect: Card
) -> None:
    own, fair = samples(accused), samples(cleared)
    coloured = skin(own)
    assert coloured.mean() > 0.1
    assert skin(fair).mean() < 0.02
    found = covered(suspect, own, coloured, 1 - coloured)
    assert found.arm > 1.3 * coloured.mean().item()
    # and where the judge, who knows nothing of colours, sees an arm
    places = {place["class"]: place for place in accused.data["judge"]["places"]}
    assert places["arm"]["share"] > 1.5 * places["arm"]["area"]
    assert places["arm"]["elsewhere"] > 0.6, "it is not the dumbbell that looks like an arm"


def test_the_saliency_is_true(accused: Diagnosed, cleared: Diagnosed) -> None:
    """Without the tenth where it is highest much more of the score is gone than without any."""
    for found in (accused, cleared):
        told = found.data["saliency"]
        lost = told["whole"] - told["without_salient"]
        assert lost > 2 * (told["whole"] - told["without_chance"])


def test_a_report_is_the_same_again(accused: Diagnosed, suspect: Card, judge: Card) -> None:
    def files() -> dict[str, bytes]:
        paths = accused.folder.rglob("*.*")
        return {str(path): path.read_bytes() for path in paths if path.name != ".lock"}

    before = files()
    assert len(before) == 9 * 4 + 3  # pictures, saliency, two places; sheet, page, data
    diagnose(suspect, "dumbbell", 9, judge, accused.folder)
    assert files() == before


def test_numbers_and_page_say_the_same(accused: Diagnosed) -> None:
    data = json.loads((accused.folder / "report.json").read_text())
    assert {key: data[key] for key in accused.data} == accused.data
    there = {p.relative_to(accused.folder).as_posix() for p in Path(accused.folder).rglob("*.*")}
    assert there == {*data["files"], "report.json", ".lock"}
    html = (accused.folder / "report.html").read_text()
    assert all(f'src="{name}"' in html for name in there if "/" in name)
