"""`atlas --measure` of a card and its weights alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from by_chance import tiny

from dreamer.errors import RecipeError
from dreamer.jobs.measuring import measure


def test_a_card_beside_its_weights_is_all_that_measuring_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pace comes last, after a quarter of an hour: no list of labels must be missed then."""
    module = sys.modules["dreamer.jobs.measuring"]
    monkeypatch.setattr(module, "_judged", lambda *_: {})
    monkeypatch.setattr(module, "_sound", lambda *_: {"sound": True})
    path = tiny(tmp_path)
    assert not path.with_suffix(".txt").exists()
    found = measure(str(path)).values
    assert found["sound"]
    assert found["seconds for a dream of 256 × 256 on one core"] >= 0


def test_what_cannot_be_dreamt_with_is_said_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the long part was begun")

    monkeypatch.setattr(sys.modules["dreamer.jobs.measuring"], "_judged", never)
    path = tiny(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"default_layer": "stage9"}))
    with pytest.raises(RecipeError, match="tiny has no layer 'stage9'"):
        measure(str(path))
