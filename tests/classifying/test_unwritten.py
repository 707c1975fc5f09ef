"""Scores are told even where nothing can be written, and what says nothing is said to."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from dreamer.engine.seen_words import lines
from dreamer.engine.told import Told
from dreamer.errors import UsageError
from dreamer.jobs.classify import classify
from dreamer.networks.cards import catalogue_card


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place to fail at")
def test_a_place_where_nothing_can_be_written_is_refused_before_any_work(pictures: Path) -> None:
    told: list[Told] = []
    with pytest.raises(UsageError, match="--csv: nothing can be written into /proc"):
        classify([pictures], table=Path("/proc/scores.csv"), watch=told.append)
    assert not told


def test_what_was_looked_at_is_told_though_its_table_cannot_be_written(
    pictures: Path, tmp_path: Path
) -> None:
    place = tmp_path / "out"
    place.mkdir()

    def pull_out(told: Told) -> None:
        shutil.rmtree(place, ignore_errors=True)  # as a stick is, in the middle

    found = classify([pictures], table=place / "scores.csv", watch=pull_out)
    assert len(found.things) == len(list(pictures.iterdir()))
    [(name, why)] = found.unwritten.items()
    assert name.endswith("scores.csv")
    assert why == "No such file or directory"
    assert list(lines(found))[-1] == f"{name}: not written: No such file or directory"


def test_all_that_a_network_knows_is_no_answer(
    pictures: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever retrains on flowers alone asks just this first, and everything is a flower."""
    every = "+".join(catalogue_card("judge").classes)
    with caplog.at_level(logging.WARNING):
        classify([pictures], networks=["judge"], classes=[f"anything={every}"])
        classify([pictures], networks=["house"], classes=["flowers"])
    [record] = caplog.records
    assert "anything is all that judge knows, so that it is certain of it" in record.getMessage()
