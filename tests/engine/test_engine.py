"""Parts of the engine by themselves: sources, perceiving, execution, scores, the Python
interface.
"""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import dreamer
from dreamer.dreaming import camera
from dreamer.dreaming.objectives import Tap
from dreamer.engine import execution, scores
from dreamer.engine.build import build
from dreamer.engine.facts import card_of, gather
from dreamer.engine.folder import Folder
from dreamer.engine.loop import frames
from dreamer.engine.perceive import normaliser, perceiver
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.run import render_into
from dreamer.engine.sources import first_picture, fitted, spread
from dreamer.errors import FolderError, NetworkError, RecipeError, UsageError
from dreamer.media import durable
from dreamer.networks.cards import Weights, catalogue_card
from dreamer.networks.labels import Labels
from dreamer.networks.own_cards import own_card
from dreamer.recipe.facts import NetworkRef
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
    image = plasma_picture()
    seen = {
        p: perceiver({"house": card}, [tap], execution.decide("cpu", p))(image)[tap].float()
        for p in ("float32", "bfloat16")
    }
    difference = (seen["float32"] - seen["bfloat16"]).norm() / seen["float32"].norm()
    assert difference < 0.03


def plasma_picture() -> torch.Tensor:
    from dreamer.draw.noise import plasma

    return plasma(96, 96, 4)


def test_execution_under_sets_threads_and_kernels_and_sets_them_back() -> None:
    def settings() -> tuple[object, ...]:
        cudnn = torch.backends.cudnn
        return torch.get_num_threads(), cudnn.deterministic, cudnn.allow_tf32

    before = settings()
    with execution.under(replace(FP32, threads=2)):
        assert settings() == (2, True, False)
    with execution.under(replace(FP32, precision="tf32")):
        assert settings() == (FP32.threads, True, True)
    assert settings() == before


def test_cuda_is_refused_where_there_is_none() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    with pytest.raises(UsageError, match="cpu"):
        execution.decide("cuda")


def test_scores_are_probabilities_whatever_the_batch() -> None:
    judge = scores.classifier(catalogue_card("house"), FP32)
    pictures = [plasma_picture()[0].numpy(), np.ones((3, 40, 90), np.float32)]
    together = judge(pictures)
    assert together.sum(1) == pytest.approx([1, 1], abs=1e-5)
    alone = np.concatenate([judge([p]) for p in pictures])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_scores_are_exact_within_a_render_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = []

    def noting(picture: torch.Tensor) -> tuple[torch.Tensor]:
        flags.append((torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32))
        return (picture,)

    monkeypatch.setattr(scores, "cut", lambda *_: noting)
    quick = replace(FP32, precision="tf32")
    with execution.under(quick):
        assert torch.backends.cudnn.allow_tf32
        scores.classifier(catalogue_card("house"), quick)([np.ones((3, 64, 64), np.float32)])
        assert torch.backends.cudnn.allow_tf32
    assert flags == [(False, False)]


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
    *_, last = frames(made, plans, source, None)
    image = source
    for plan in plans[1:]:
        image = camera.view(image, zoom=plan.zoom)
    assert torch.equal(last.state.image, image)


def test_python_dreams_on_an_array() -> None:
    picture = plasma_picture()[0].numpy().transpose(1, 2, 0)
    found = dreamer.dream(picture, target={"class": "daisy"}, steps=4, octaves=1)
    assert found.shape == picture.shape
    before, after = (dict(dreamer.classify(p, top=112)) for p in (picture, found))
    assert after["daisy"] > before["daisy"]
    again = dreamer.dream(picture, target={"class": "daisy"}, steps=4, octaves=1)
    assert np.array_equal(found, again)


def test_python_refuses_what_is_no_picture() -> None:
    with pytest.raises(UsageError, match=r"\(H, W, 3\)"):
        dreamer.dream(np.zeros((5, 5)))
    with pytest.raises(UsageError, match=r"\[0, 1\]"):
        dreamer.dream(np.full((64, 64, 3), 7.0))
    with pytest.raises(RecipeError, match="did you mean 'steps'"):
        dreamer.dream(np.zeros((64, 64, 3)), stepss=3)


def test_networks_of_the_users_own(tmp_path: Path) -> None:
    import safetensors.torch

    from dreamer.networks.weights import load_module

    card = catalogue_card("house")
    module = load_module(card)
    path = tmp_path / "mine.safetensors"
    safetensors.torch.save_file(module.state_dict(), path)
    (tmp_path / "labels.txt").write_text("\n".join(f"class {k}" for k in range(len(card.classes))))
    tree = {
        "network": {"architecture": "house", "weights": "mine.safetensors", "labels": "labels.txt"},
        "target": {"class": "class 3"},
    }
    gathered = gather(recipe_from_tree(tree, tmp_path))
    (mine,) = gathered.cards.values()
    assert mine.classes[3] == "class 3"
    assert load_module(mine)
    few = own_card("house", Weights("file", str(path)), Labels(("a", "b")))
    has = rf"\({len(card.classes)},\)"
    with pytest.raises(
        NetworkError, match=f"does not fit house with 2 classes: .classifier.bias. is {has}"
    ):
        load_module(few)


def test_weights_of_the_users_own_leave_no_path_in_a_picture(tmp_path: Path) -> None:
    import safetensors.torch

    from dreamer.media.metadata import read_texts
    from dreamer.networks.weights import load_module

    module = load_module(catalogue_card("house"))
    safetensors.torch.save_file(module.state_dict(), tmp_path / "mine.safetensors")
    tree = {"size": 64, "ascent": {"steps": 1, "octaves": 1}, "classify": "off"}
    tree["network"] = {"architecture": "house", "weights": "mine.safetensors"}
    folder = Folder(tmp_path / "out")
    ready = prepare(folder, checked(recipe_from_tree(tree, tmp_path)), "test")
    render_into(folder, ready)
    text = read_texts(folder.frame_path(0))["dreamer:recipe"]
    assert "mine.safetensors" in text
    assert str(tmp_path) not in text
    assert str(tmp_path / "mine.safetensors") in folder.recipe(), "resuming finds it"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<!DOCTYPE html>", "an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "Git-LFS pointer"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"PK\x03\x04 cut off", "zip archive that is damaged or cut short"),
        (b'\x10\0\0\0\0\0\0\0{"cut": ', "safetensors file that is damaged or cut short"),
    ],
)
def test_weights_that_are_something_else(tmp_path: Path, data: bytes, message: str) -> None:
    from dreamer.networks.weights import load_module

    path = tmp_path / "weights.pth"
    path.write_bytes(data)
    with pytest.raises(NetworkError, match=message):
        load_module(own_card("house", Weights("file", str(path))))


def test_weights_are_never_unpickled(tmp_path: Path) -> None:
    import os
    import pickle

    from dreamer.networks.weights import load_module

    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'owned'}",)

    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(Evil()))
    torch.save({"state_dict": Evil()}, tmp_path / "evil2.pth")
    said = {"evil.pth": "a plain Python pickle", "evil2.pth": "wants to run 'posix.system'"}
    for name, message in said.items():
        with pytest.raises(NetworkError, match=message):
            load_module(own_card("house", Weights("file", str(tmp_path / name))))
    assert not (tmp_path / "owned").exists()


def test_the_shipped_weights_are_what_their_card_says() -> None:
    from dreamer.networks.locate import sha256_of, weights_path

    card = catalogue_card("house")
    path = weights_path(card)
    assert path is not None
    assert card.weights.sha256
    assert sha256_of(path) == card.weights.sha256
    assert path.stat().st_size < 15_000_000


@pytest.mark.parametrize("name", ["house", "googlenet"])
def test_cards_say_what_the_network_is(name: str) -> None:
    """Layers, channels, strides and costs on the card against the network itself."""
    from dreamer.networks.architectures import ARCHITECTURES
    from dreamer.networks.trace import Point, Traced, multiply_adds

    card = catalogue_card(name)
    kind = ARCHITECTURES[card.architecture]
    traced = Traced(kind.build(len(card.classes)), kind)
    assert [row.name for row in card.layers] == [*traced.layers, "logits"]
    for row in card.layers[:: 9 if name == "house" else 16]:
        cut = traced.perception([Point(row.name)])
        with torch.no_grad():
            (out,) = cut(torch.zeros(1, 3, 224, 224))
        assert (row.channels, row.stride) == (out.shape[1], 224 // out.shape[3])
        assert row.macs == pytest.approx(multiply_adds(cut, 224, 224) / 224**2, abs=0.06)


@pytest.mark.parametrize("name", ["house", "googlenet"])
def test_the_smallest_picture_leaves_every_layer_a_grid(name: str) -> None:
    """Where a layer is one place, nothing stands out from its surroundings, and nothing climbs."""
    from dreamer.networks.architectures import ARCHITECTURES
    from dreamer.networks.trace import Point, Traced

    card = catalogue_card(name)
    kind = ARCHITECTURES[card.architecture]
    traced = Traced(kind.build(len(card.classes)), kind)
    with torch.no_grad():
        (out,) = traced.perception([Point(kind.features)])(
            torch.zeros(1, 3, card.smallest, card.smallest)
        )
    assert min(out.shape[2:]) >= 2


def test_an_absent_network_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(NetworkError, match=r"its weights are not here .*networks fetch googlenet"):
        card_of(NetworkRef(name="googlenet"))


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
