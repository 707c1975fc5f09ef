"""How float32 is multiplied on CUDA is said by one of torch's two ways, never both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from dreamer.engine import precisions
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked, prepare
from dreamer.recipe.parse import recipe_from_tree


@pytest.fixture(autouse=True)
def set_back() -> Iterator[None]:
    before = precisions.now()
    yield
    precisions.put(*before)


@pytest.mark.parametrize("said", [("tf32", "ieee"), ("ieee", "tf32"), ("none", "none")])
def test_what_is_put_is_what_is_there(said: tuple[str, str]) -> None:
    precisions.put(*said)
    assert precisions.now() == said


@pytest.mark.filterwarnings("ignore:Please use the new API settings to control TF32")
def test_whoever_switches_the_older_way_finds_it_as_it_was() -> None:
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
    for wanted in (True, False):
        cudnn.allow_tf32 = matmul.allow_tf32 = wanted
        before = precisions.now()
        precisions.put("ieee", "tf32")
        precisions.put(*before)
        assert (cudnn.allow_tf32, matmul.allow_tf32) == (wanted, wanted)  # torch raises where mixed
    cudnn.allow_tf32 = True


def test_an_older_torch_is_switched(monkeypatch: pytest.MonkeyPatch) -> None:
    cudnn, cuda = SimpleNamespace(allow_tf32=True), SimpleNamespace(allow_tf32=False)
    monkeypatch.setattr(precisions, "_parts", lambda: None)
    old = SimpleNamespace(cudnn=cudnn, cuda=SimpleNamespace(matmul=cuda))
    monkeypatch.setattr(precisions, "torch", SimpleNamespace(backends=old))
    assert precisions.now() == ("ieee", "tf32")
    precisions.put("tf32", "ieee")
    assert (cuda.allow_tf32, cudnn.allow_tf32) == (True, False)
    precisions.put("none", "none")
    assert (cuda.allow_tf32, cudnn.allow_tf32) == (False, False)


def test_tf32_of_a_processor_is_said_to_be_float32(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tree = {"size": 64, "device": "cpu", "precision": "tf32", "target": "conv2"}
    prepare(Folder(tmp_path / "o"), checked(recipe_from_tree(tree)))
    assert caplog.messages == ["precision: tf32 is of GPUs; on this processor it is float32"]
