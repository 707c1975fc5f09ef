"""Frames that are encoded by several threads are durable in order, to the same bytes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from dreamer.engine.crossing import Fetching, sent
from dreamer.engine.folder import Folder, State
from dreamer.engine.writer import Finished, Writer, encoders
from dreamer.errors import FrameError

PICTURES = np.random.default_rng(0).random((6, 3, 24, 32), np.float32)


def written(place: Path, threads: int, wait: Callable[[int], float]) -> tuple[Folder, list[int]]:
    """Six frames, of which frame k takes `wait(k)` seconds to be there."""
    folder, told = Folder(place), list[int]()
    folder.make_rooms()

    def pixels(k: int) -> Callable[[], np.ndarray]:
        def there() -> np.ndarray:
            time.sleep(wait(k))
            return PICTURES[k]

        return there

    with Writer(folder, lambda k: {"k": str(k)}, 8, told.append, threads=threads) as writer:
        for k in range(6):
            writer.put(Finished(k, pixels(k), 0.0, {}, None))
    return folder, told


def test_whichever_is_encoded_first_the_journal_is_in_order(tmp_path: Path) -> None:
    alone, _ = written(tmp_path / "one", 1, lambda k: 0)
    folder, told = written(tmp_path / "many", 4, lambda k: 0.2 if k % 3 == 0 else 0)
    assert told == list(range(6))
    lines = (folder.path / "journal.jsonl").read_text().splitlines()
    assert lines == (alone.path / "journal.jsonl").read_text().splitlines()
    assert not [problem for problem in folder.problems() if problem]


def test_several_are_encoded_at_once(tmp_path: Path) -> None:
    began = time.monotonic()
    written(tmp_path, 6, lambda k: 0.5)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("threads", [1, 3])
def test_a_frame_that_cannot_be_had_ends_it_and_keeps_those_before(
    threads: int, tmp_path: Path
) -> None:
    def wait(k: int) -> float:
        if k == 3:
            raise FrameError("frame 3 came out as no picture")
        return 0

    with pytest.raises(FrameError, match="frame 3"):
        written(tmp_path, threads, wait)
    assert Folder(tmp_path).whole_frames() == 3


def test_the_state_of_a_frame_that_is_none_is_not_kept(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.make_rooms()
    state = State(0, torch.zeros(1, 3, 8, 8), torch.zeros(1, 2, 3))

    def none() -> np.ndarray:
        raise FrameError("frame 0 came out as no picture")

    with pytest.raises(FrameError), Writer(folder, lambda k: {}) as writer:
        writer.put(Finished(0, none, 0.0, {}, state))
    assert folder.state_before(1) is None


def test_a_processor_that_renders_encodes_beside_it_in_one_thread() -> None:
    assert encoders("cpu") == 1
    assert 1 <= encoders("cuda") <= 8


def test_what_is_fetched_from_a_processor_is_what_is_there() -> None:
    image = torch.rand(4, 3, 10, 12)
    state, fetching = State(7, image, torch.rand(4, 2, 3)), Fetching("cpu")
    pixels = fetching.pixels(state, (1, 2))()
    assert pixels.shape == (3, 18, 20)
    np.testing.assert_array_equal(pixels[:, :9, :10], image[0, :, 1:, 2:])
    kept = fetching.state(state)()
    assert kept.index == 7
    assert torch.equal(kept.image, image)
    assert torch.equal(sent(image, "cpu"), image)
