"""Errors that come from another process."""

from __future__ import annotations

import pickle

import pytest

from dreamer.errors import BusyError, DreamerError, Problem, RecipeError, Stopped


@pytest.mark.parametrize(
    "error",
    [
        RecipeError([Problem("a.yaml", 3, "seed", "expected a number"), Problem("b", 0, "", "no")]),
        Stopped("stopped by SIGTERM", 15),
        BusyError("another process has it"),
    ],
)
def test_an_error_is_the_same_in_another_process(error: DreamerError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.exit_code == error.exit_code
    assert vars(again) == vars(error)
