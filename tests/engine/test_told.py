"""What a render says while nothing of it is there yet: which octave and step it is at."""

from __future__ import annotations

import logging
from itertools import pairwise
from pathlib import Path

import pytest

from dreamer import progress
from dreamer.engine.told import Told, Within
from dreamer.jobs.render import render

STILL = """
source: {noise: pink}
size: [96, 64]
target: inception_3b
ascent: {octaves: 2, steps: 3}
classify: off
"""


def told_of(tmp_path: Path, text: str) -> list[Told]:
    (tmp_path / "mine.yaml").write_text(text)
    told: list[Told] = []
    render(tmp_path / "mine.yaml", out=tmp_path / "out", watch=told.append)
    return told


def test_a_still_says_its_octaves_and_steps(tmp_path: Path) -> None:
    *climbing, last = told_of(tmp_path, STILL)
    assert [tuple(told.within or ()) for told in climbing] == [
        (octave, 2, step, 3) for octave in (1, 2) for step in (1, 2, 3)
    ]
    assert last[:2] == (1, 1)
    assert last.within is None
    parts = [told.within.part for told in climbing if told.within]
    assert parts[0] == 0
    assert all(one < other < 1 for one, other in pairwise(parts))


def test_a_film_says_them_of_its_first_frame_alone(tmp_path: Path) -> None:
    told = told_of(tmp_path, f"{STILL}length: 3\nfps: 4\n")
    assert [one.within is not None for one in told] == [True] * 6 + [False] * 3
    assert [one.done for one in told] == [0] * 6 + [1, 2, 3]


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (1, "octave 2 of 4, step 3 of 10"),
        (72, "frame 1 of 72, octave 2 of 4, step 3 of 10"),
        (None, "frame 1 of many, octave 2 of 4, step 3 of 10"),
    ],
)
def test_as_people_read_it(
    of: int | None, text: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(progress, "PLAIN_SECONDS", 0.0)
    with caplog.at_level(logging.INFO, "dreamer"), progress.watching() as watch:
        watch(Told(0, of, 1.0, 0, Within(2, 4, 3, 10)))
    assert caplog.messages == [text]
