"""Parts of the engine by themselves: sources, perceiving, execution, scores, the loop."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from dreamer.draw.noise import plasma
from dreamer.dreaming import camera
from dreamer.dreaming.objectives import Tap
from dreamer.engine import execution, precisions, scores
from dreamer.engine.build import build
from dreamer.engine.folder import Folder
from dreamer.engine.loop import frames
from dreamer.engine.perceive import Networks, normaliser, perceiver
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.run import render_into
from dreamer.engine.showing import always
from dreamer.engine.sources import first_picture, fitted, spread
from dreamer.errors import FolderError, UsageError
from dreamer.media import durable
from dreamer.networks.cards import Weights, catalogue_card
from dreamer.networks.own_cards import own_card
from dreamer.recipe.parse import recipe_from_tree

FP32 = execution.decide("cpu", "float32")


def test_a_source_covers_contains_and_stretches() -> None:
    picture = torch.zeros(1, 3, 20, 40)
    picture[..., :20] = 1
    assert fitted(picture, (20, 20), "cover").mean() == pytest.approx(0.5, abs=0.02)
    stretched = fitted(picture, (40, 40), "stretch")
    assert stretched.shape == (1, 3, 40, 40)
    contained = fitted(picture, (40, 40), "contain")
    torch.testing.assert_close(contained[:, :, 10:30], picture)
    torch.testing.assert_close(contained[:, :, :10], picture[:, :, :10].flip(2))


def test_contrast_is_what_was_asked_for() -> None:
    noise = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert spread(noise, 0.1).std().item() == pytest.approx(0.1, abs=0.015)
    assert spread(noise, 0.5).max() <= 1


def test_perceiving_normalises_as_the_card_says() -> None:
    card = own_card("googlenet", Weights("random"))
    caffe = replace(card, order="BGR", scale=255.0, mean=(104.0, 117.0, 123.0), std=(1.0, 1.0, 1.0))
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(normaliser(card, FP32)(image), (image - 0.5) / 0.5)
    mean = torch.tensor([104.0, 117.0, 123.0])[:, None, None]
    found = normaliser(caffe, FP32)(image)
    torch.testing.assert_close(found, image.flip(1) * 255 - mean, rtol=1e-5, atol=1e-4)


def test_bfloat16_sees_what_float32_sees() -> None:
    card = catalogue_card("house")
    tap = Tap("house", "inception_4c")
    image = plasma(96, 96, 4)
    seen = {
        p: perceiver({"house": card}, [tap], execution.decide("cpu", p))(image)[tap].float()
        for p in ("float32", "bfloat16")
    }
    difference = (seen["float32"] - seen["bfloat16"]).norm() / seen["float32"].norm()
    assert difference < 0.03


@pytest.mark.parametrize(
    ("amx", "avx", "amds", "wanted"),
    [
        (True, True, False, "bfloat16"),
        (False, True, True, "bfloat16"),
        (False, True, False, "float32"),  # Intel's: half as fast as float32
        (False, False, True, "float32"),
    ],
)
def test_bfloat16_is_chosen_where_it_is_faster(
    amx: bool, avx: bool, amds: bool, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx)
    monkeypatch.setattr(execution, "_is_amds", lambda: amds)
    assert execution.decide("cpu").precision == wanted
    assert execution.decide("cpu", "bfloat16").precision == "bfloat16"


def test_execution_under_sets_threads_and_kernels_and_sets_them_back() -> None:
    def settings() -> tuple[object, ...]:
        return torch.get_num_threads(), torch.backends.cudnn.deterministic, *precisions.now()

    before = settings()
    with execution.under(replace(FP32, threads=2)):
        assert settings() == (2, True, "ieee", "ieee")
    with execution.under(replace(FP32, precision="tf32")):
        assert settings() == (FP32.threads, True, "tf32", "tf32")
    assert settings() == before


def test_cuda_is_refused_where_there_is_none() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    with pytest.raises(UsageError, match="cpu"):
        execution.decide("cuda")


def test_scores_are_probabilities_whatever_the_batch() -> None:
    judge = scores.classifier(catalogue_card("house"), FP32)
    pictures = [plasma(96, 96, 4)[0].numpy(), np.ones((3, 40, 90), np.float32)]
    together = judge(pictures)
    assert together.sum(1) == pytest.approx([1, 1], abs=1e-5)
    alone = np.concatenate([judge([p]) for p in pictures])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_scores_are_exact_within_a_render_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = []

    def noting(picture: torch.Tensor) -> tuple[torch.Tensor]:
        flags.append(precisions.now())
        return (picture,)

    monkeypatch.setattr(scores, "kept", lambda *_: Networks(noting, noting))
    quick = replace(FP32, precision="tf32")
    with execution.under(quick):
        assert precisions.now() == ("tf32", "tf32")
        scores.classifier(catalogue_card("house"), quick)([np.ones((3, 64, 64), np.float32)])
        assert precisions.now() == ("tf32", "tf32")
    assert flags == [("ieee", "ieee")]


def test_a_full_disk_keeps_what_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = {"size": 64, "length": 6, "ascent": {"steps": 1, "octaves": 1}, "classify": "off"}
    ready = checked(recipe_from_tree(tree, tmp_path))
    folder = Folder(tmp_path / "out")
    ready = prepare(folder, ready, "test")
    write, room = durable.write_bytes, [0]

    def until_full(path: Path, data: bytes) -> None:
        room[0] += 1
        if room[0] > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, data)

    monkeypatch.setattr(durable, "write_bytes", until_full)
    with pytest.raises(FolderError, match="the disk is full; every finished frame is kept"):
        render_into(folder, ready)
    monkeypatch.undo()
    done = folder.whole_frames()
    assert 0 < done < 6
    assert render_into(folder, ready) == 6
    assert not [p for p in folder.problems() if p]


def test_the_float_image_is_fed_back_and_not_the_saved_one(tmp_path: Path) -> None:
    tree = {"size": 64, "length": 4, "ascent": {"steps": 0, "octaves": 1, "hold": 0}}
    tree |= {"motion": {"zoom": 3}, "classify": "off"}
    ready = checked(recipe_from_tree(tree, tmp_path))
    source = first_picture(ready.recipe, (64, 64), None)
    made = build(ready.plan, ready.gathered.cards, 0, FP32, source)
    plans = [ready.plan.at(k) for k in range(4)]
    *_, last = frames(made, plans, always(source), None)
    image = source
    for plan in plans[1:]:
        image = camera.view(image, zoom=plan.zoom)
    assert torch.equal(last.state.image, image)


@pytest.mark.gpu
def test_cuda_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    tree = {
        "size": 256,
        "length": 4,
        "ascent": {"steps": 4},
        "motion": {"zoom": 1.4},
        "device": "cuda",
    }
    tree |= {"network": {"architecture": "googlenet", "weights": "random"}, "classify": "off"}
    found = []
    for name in ("a", "b"):
        folder = Folder(tmp_path / name)
        render_into(folder, prepare(folder, checked(recipe_from_tree(tree, tmp_path)), "test"))
        found.append([p.read_bytes() for p in sorted(folder.frames.iterdir())])
    assert found[0] == found[1]
