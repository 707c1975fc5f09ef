"""Films whose targets change: frames ask for what has a weight in them, and for nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import torch
from by_chance import tiny
from dreams import FP32, dreamt
from killed import contents, start, wait_for

from dreamer.engine import sources
from dreamer.engine.build import build, next_state
from dreamer.engine.execution import under
from dreamer.engine.finishing import make_films
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.run import render_into
from dreamer.media.ffmpeg import said
from dreamer.networks.cards import Card, card_at
from dreamer.recipe.parse import recipe_from_tree

SHORT = {"ascent": {"steps": 2, "octaves": 1, "jitter": 2}, "motion": {"zoom": 1.5}, "fps": 10}
JOURNEY = SHORT | {
    "network": "first",
    "scenes": [
        {"length": 2, "target": "conv1"},
        {"length": 4, "transition": 2, "target": {"layer": "stage1", "network": "second"}},
    ],
}


@pytest.fixture
def cards(tmp_path: Path) -> dict[str, Card]:
    """Two networks by chance."""
    return {name: card_at(tiny(tmp_path, seed)) for seed, name in enumerate(("first", "second"))}


class Asked(Mapping[str, Card]):
    """Cards that remember which of them were asked for."""

    def __init__(self, cards: Mapping[str, Card]) -> None:
        self.cards, self.names = cards, list[str]()

    def __getitem__(self, name: str) -> Card:
        self.names.append(name)
        return self.cards[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cards)

    def __len__(self) -> int:
        return len(self.cards)


def test_a_frame_computes_no_network_that_has_no_weight_in_it(cards: dict[str, Card]) -> None:
    ready = checked(recipe_from_tree(JOURNEY | {"size": 48, "classify": "off"}), cards)
    asked = Asked(ready.gathered.cards)
    source = sources.first_pictures(ready.recipe, (48, 48), None)
    made = build(ready.plan, asked, 1, FP32, source)
    used: list[set[str]] = []
    state = None
    with under(FP32), torch.no_grad():
        for index in range(6):
            asked.names.clear()
            state = next_state(made, ready.plan.at(index), state, source)
            used.append(set(asked.names))
    # Made once: the first frame's, both while one fades into the other, the second alone.
    assert used == [{"first"}, set(), set(), {"first", "second"}, {"second"}, set()]


def test_a_target_without_weight_changes_nothing(cards: dict[str, Card]) -> None:
    """Not one bit: the film is as if it had not been asked for yet."""
    simple = SHORT | {"network": "first", "target": "conv1", "length": 6}
    alone = dreamt(simple, frames=2, **cards)
    journey = dreamt(JOURNEY, frames=2, **cards)
    assert torch.equal(alone.image, journey.image)


def test_in_the_middle_of_a_fade_both_are_climbed_at_half_their_weight(
    cards: dict[str, Card],
) -> None:
    films = [dreamt(JOURNEY, frames=1, **cards)]
    listed = [
        {"layer": "conv1", "weight": 0.5},
        {"layer": "stage1", "network": "second", "weight": 0.5},
    ]
    films.append(dreamt(SHORT | {"network": "first", "length": 6, "target": listed}, **cards))
    begun = films[0].states[0]
    with under(FP32), torch.no_grad():
        journey, listed_too = (
            next_state(film.made, film.ready.plan.at(3), begun, film.source) for film in films
        )
    assert films[0].ready.plan.at(3).weights == (0.5, 0.5)
    assert torch.equal(journey.image, listed_too.image)


def test_titles_of_scenes_are_the_films_chapters(tmp_path: Path) -> None:
    """Told by ffmpeg itself."""
    scenes = [
        {"title": "Roots; and = signs", "length": 5},
        {"length": 3, "target": "stage2"},
        {"title": "Sky", "length": 4},
    ]
    tree = SHORT | {"network": "judge", "target": "stage1", "scenes": scenes, "classify": "off"}
    folder = Folder(tmp_path / "film")
    ready = prepare(folder, checked(recipe_from_tree(tree | {"size": 48})), "film")
    render_into(folder, ready)
    with folder.locked():
        [film] = make_films(folder, ready.recipe, 12)
    words = said(["-i", str(film)])[2]
    times = re.findall(r"Chapter #0:\d+: start ([\d.]+), end ([\d.]+)", words)
    assert [tuple(map(float, pair)) for pair in times] == [(0.0, 0.5), (0.5, 0.8), (0.8, 1.2)]
    titles = re.findall(r"Chapter #0.*\n\s+Metadata:\n\s+title\s+: (.*)", words)
    assert titles == ["Roots; and = signs", "Scene 2", "Sky"]


WAY = """
size: [48, 32]
source: {noise: plasma}
fps: 6
seed: 5
ascent: {first_steps: 2, steps: 1, octaves: 2}
motion: {zoom: 1.4, rotate: {expr: "9*sin(tau*t)"}, wobble: {move: 0.01}, edges: overscan}
scenes:
  - {title: One, length: 3, target: conv2}
  - title: Another
    length: 9
    transition: 5
    network: judge
    target: stage1
    ascent: {steps: 2}
    motion: {look_at: [0.6, 0.4]}
close: {by: return, over: 4}
classify: off
"""


@pytest.mark.slow
def test_killed_in_a_fade_and_on_the_way_back_it_ends_with_the_same_bytes(
    tmp_path: Path, dreamer
) -> None:
    """Two networks, a trembling camera that sees more than it shows, and a return."""
    (tmp_path / "way.yaml").write_text(WAY)
    dreamer("render", "way.yaml", "--out", "whole")
    process = start(tmp_path, "render", "way.yaml", "--out", "killed")
    for frames in (5, 10):
        wait_for(tmp_path / "killed", frames, process)
        process.kill()
        process.communicate()
        assert process.returncode < 0
        process = start(tmp_path, "resume", "killed")
    process.communicate()
    assert process.returncode == 0
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
