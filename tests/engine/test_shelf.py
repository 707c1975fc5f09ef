"""Large pictures that wait in files, and states that are written without copies."""

from __future__ import annotations

from pathlib import Path

import pytest
import safetensors.torch
import torch

from dreamer.engine import shelf
from dreamer.engine.shelf import Shelf
from dreamer.engine.states import State, keep_state, state_before


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_what_is_put_there_is_as_it_was_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "LEAST", 1000)
    kept, picture = Shelf(tmp_path), torch.rand(1, 3, 40, 30)
    found = kept.put(picture)
    assert found is not picture
    assert torch.equal(found, picture)
    kept.let_go()
    assert torch.equal(found, picture)
    assert [*tmp_path.iterdir()] == []
    assert torch.equal(found.clone().mul_(2), picture * 2)


def test_small_pictures_stay_in_memory(tmp_path: Path) -> None:
    picture = torch.rand(1, 3, 40, 30)
    assert Shelf(tmp_path).put(picture) is picture


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks Linux for its memory")
def test_what_was_looked_at_is_let_go_of(tmp_path: Path) -> None:
    size = 3 * 4096 * 4096 * 4
    kept = Shelf(tmp_path)
    found = kept.put(torch.zeros(1, 3, 4096, 4096))
    before = resident()
    assert found.sum() == 0
    looked_at = resident()
    kept.let_go()
    assert looked_at - before > 0.9 * size
    assert resident() - before < 0.1 * size


def test_a_full_disk_is_an_error_and_no_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no disk here is always full")
    monkeypatch.setattr(shelf, "LEAST", 1000)
    monkeypatch.setattr(shelf.tempfile, "TemporaryFile", lambda dir: full.open("wb"))
    with pytest.raises(OSError, match="No space left on device"):
        Shelf(Path()).put(torch.rand(1, 3, 400, 300))


def test_a_state_is_what_safetensors_reads(tmp_path: Path) -> None:
    state = State(7, torch.rand(1, 3, 5, 7), torch.rand(1, 2, 3, dtype=torch.float64))
    keep_state(tmp_path, state)
    (path,) = tmp_path.iterdir()
    read = safetensors.torch.load_file(path)
    assert torch.equal(read["image"], state.image)
    assert torch.equal(read["anchor"], state.anchor)
    found = state_before(tmp_path, 8)
    assert found is not None
    assert (found.index, found.image.dtype) == (7, torch.float32)
