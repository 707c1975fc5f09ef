"""`networks export`: what ONNX Runtime sees in a picture is what dreamer's own `classify` does."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from built import network
from made_weights import state
from PIL import Image

from dreamer.engine import execution
from dreamer.engine.lookup import described
from dreamer.engine.scores import classifier
from dreamer.errors import FolderError, NetworkError, UsageError
from dreamer.jobs import export as export_job
from dreamer.jobs.export import Exported, export
from dreamer.networks.cards import HERE, Card

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

Array = np.ndarray


def pictures(count: int, side: int) -> Array:
    chance = np.random.default_rng(side)
    smooth = chance.random((count, 3, 4, 4), np.float32)
    return np.kron(smooth, np.ones((1, 1, side // 4, side // 4), np.float32))


def seen_by_runtime(file: Path, batch: Array) -> Array:
    session = runtime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"picture": batch})
    return np.asarray(found)


def seen_by_dreamer(card: Card, batch: Array) -> Array:
    """Of pictures that are as large as they should be: nothing is scaled or cut."""
    return classifier(replace(card, fit="squash"), execution.decide("cpu", "float32"))(list(batch))


def retrained(folder: Path, architecture: str, classes: tuple[str, ...], **words: object) -> Path:
    """A network of one's own, with strong opinions, in safetensors with its card."""
    module = network(architecture, len(classes))
    safetensors.torch.save_file(module.state_dict(), folder / "mine.safetensors")
    card = json.loads((HERE / "cards" / "house.json").read_text(encoding="utf-8"))
    said = described(f"{architecture}:random")
    card |= {
        "name": "mine",
        "architecture": architecture,
        "weights": {"kind": "file", "file": "mine.safetensors"},
        "native": said.native,
        "resize": said.native,
        "smallest": said.smallest,
        "classes": list(classes),
        "groups": [],
        "layers": [[row.name, row.channels, row.stride, row.macs] for row in said.layers],
        "default_layer": said.default_layer,
        **words,
    }
    path = folder / "mine.json"
    path.write_text(json.dumps(card), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export("house", True, tmp_path_factory.mktemp("house") / "h.onnx")


def test_house_sees_the_same_elsewhere(house: Exported) -> None:
    made = house
    card, batch = described("house"), pictures(3, 96)
    found, right = seen_by_runtime(made.file, batch), seen_by_dreamer(card, batch)
    assert found.shape == (3, 185)
    np.testing.assert_allclose(found, right, atol=1e-4)
    assert np.ptp(right, 0).max() > 0.05, "they are told apart"
    np.testing.assert_allclose(seen_by_runtime(made.file, batch[1:2]), right[1:2], atol=1e-4)
    assert made.labels.read_text(encoding="utf-8").split("\n") == [*card.classes, ""]


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ("alexnet-bn", {}),
        (
            "vgg:8,M,16,M/bn,fc24@32",
            {"order": "BGR", "scale": 2, "mean": [0.2, 1.1, 1.9], "std": [2, 2, 2]},
        ),
        ("torchvision:resnet18", {"std": [0.2, 0.3, 0.4], "native": 64, "resize": 64}),
    ],
)
def test_retrained_networks_see_the_same_in_the_range_of_their_cards(
    architecture: str, words: dict[str, object], tmp_path: Path
) -> None:
    card = retrained(tmp_path, architecture, ("imp", "fiend", "familiar"), **words)
    made = export(str(card), True, tmp_path / "n.onnx")
    batch = pictures(2, made.size)
    right = seen_by_dreamer(described(str(card)), batch)
    np.testing.assert_allclose(seen_by_runtime(made.file, batch), right, atol=1e-4)
    assert np.ptp(right, 0).max() > 1e-3
    assert made.bytes == made.file.stat().st_size


def test_another_size_is_averaged_over_its_places(tmp_path: Path) -> None:
    """Fully connected layers see crops of the native size, a stride apart."""
    card = retrained(tmp_path, "vgg:8,M,16,M/fc24@32", ("imp", "fiend"))
    made = export(str(card), True, tmp_path / "n.onnx", size=48)
    batch = pictures(1, 48)
    module = network("vgg:8,M,16,M/fc24@32", 2)
    wide = torch.nn.functional.pad(torch.from_numpy((batch - 0.45) / 0.25), (0,) * 4)
    with torch.no_grad():
        maps = module.pool2(module.conv2_1(module.pool1(module.conv1_1(wide))))
        crops = maps.unfold(2, 8, 1).unfold(3, 8, 1).permute(0, 2, 3, 1, 4, 5).flatten(0, 2)
        logits = module.fc4(module.relu3(module.fc3(crops.flatten(1)))).mean(0)
    found = seen_by_runtime(made.file, batch)[0]
    np.testing.assert_allclose(found, logits.softmax(0).numpy(), atol=1e-4)


def test_the_file_says_what_a_program_must_know(tmp_path: Path) -> None:
    card = retrained(
        tmp_path, "vgg:8,M@16", ("imp", "fiënd"), licence="CC0", synsets=["n1", "n2"], resize=20
    )
    made = export(str(card), True, tmp_path / "n.onnx")
    model = onnx.load(made.file)
    onnx.checker.check_model(model, full_check=True)
    assert (model.opset_import[0].version, model.ir_version) == (18, 8)
    (picture,), (out,) = model.graph.input, model.graph.output
    sides = [dim.dim_param or dim.dim_value for dim in picture.type.tensor_type.shape.dim]
    assert (picture.name, sides) == ("picture", ["batch", 3, 16, 16])
    sides = [dim.dim_param or dim.dim_value for dim in out.type.tensor_type.shape.dim]
    assert (out.name, sides) == ("probabilities", ["batch", 2])
    words = {word.key: word.value for word in model.metadata_props}
    assert json.loads(words["labels"]) == ["imp", "fiënd"]
    assert json.loads(words["synsets"]) == ["n1", "n2"]
    assert words["licence"] == "CC0"
    assert words["fit"] == "centre: scale the shorter side to 20, take the middle 16 × 16"
    assert not any(node.op_type == "BatchNormalization" for node in model.graph.node)
    for place in (str(Path(torch.__file__).parent), str(Path(export_job.__file__).parent)):
        assert place.encode() not in made.file.read_bytes(), "of this machine it says nothing"


def test_the_command_overwrites_nothing(  # type: ignore[no-untyped-def]
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dreamer
) -> None:
    """Neither the network's file nor the labels beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "keras-mnist-random.txt").write_text("mine")
    asked = ("networks", "export", "keras-mnist:random", "--onnx")
    with pytest.raises(FolderError, match=r"keras-mnist-random\.txt is there already"):
        export("keras-mnist:random", True)
    assert [path.name for path in tmp_path.iterdir()] == ["keras-mnist-random.txt"]
    done = json.loads(dreamer(*asked, "--force", "--json").stdout)
    assert done["input"] == {"name": "picture", "shape": ["batch", 3, 28, 28]}
    assert done["output"] == {"name": "probabilities", "shape": ["batch", 10]}
    assert done["bytes"] == (tmp_path / "keras-mnist-random.onnx").stat().st_size > 4 * 1_199_882
    assert (tmp_path / "keras-mnist-random.txt").read_text().startswith("class 0\nclass 1\n")
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".onnx", ".txt"]


def test_what_cannot_be_exported_is_said_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    out = tmp_path / "x.onnx"
    with pytest.raises(UsageError, match="as what to export house: --onnx"):
        export("house", False, out)
    with pytest.raises(UsageError, match=r"ending in \.onnx, not x\.pb"):
        export("house", True, tmp_path / "x.pb")
    with pytest.raises(NetworkError, match=r"house needs 32 pixels or more, not 31"):
        export("house", True, out, size=31)
    with pytest.raises(NetworkError, match=r"vgg16: its weights are not here"):
        export("vgg16", True, out)
    with pytest.raises(NetworkError, match=r"no network 'huose' .* did you mean 'house'"):
        export("huose", True, out)
    headless = {k: v for k, v in state("torchvision:resnet18", 3).items() if "fc." not in k}
    torch.save(headless, tmp_path / "headless.pth")
    with pytest.raises(NetworkError, match="headless has no class head"):
        export(str(tmp_path / "headless.pth"), True, out)
    out.write_bytes(b"mine")
    with pytest.raises(FolderError, match="is there already"):
        export("house", True, out)
    assert out.read_bytes() == b"mine"


def test_without_the_packages_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    monkeypatch.setattr(
        "dreamer.networks.onnx_file.find_spec", lambda name: None if name == "onnxscript" else name
    )
    with pytest.raises(
        NetworkError, match=r"needs onnxscript: pip install 'dreamer-engine\[onnx\]'"
    ):
        export("house", True)


def test_a_picture_is_classified_as_the_file_says(house: Exported) -> None:
    """Whoever follows its `fit` gets what `dreamer classify` says."""
    import dreamer

    noise = np.random.default_rng(0).integers(0, 255, (9, 12, 3), np.uint8)
    picture = Image.fromarray(noise).resize((240, 180), Image.Resampling.BICUBIC)
    words = {w.key: w.value for w in onnx.load(house.file).metadata_props}
    short = int(words["fit"].partition("side to ")[2].partition(",")[0])
    small = picture.resize((round(short * 240 / 180), short), Image.Resampling.BILINEAR)
    left, top = (small.width - 96) // 2, (small.height - 96) // 2
    cut = np.asarray(small.crop((left, top, left + 96, top + 96)), np.float32) / 255
    found = seen_by_runtime(house.file, cut.transpose(2, 0, 1)[None])[0]
    labels = json.loads(words["labels"])
    ((best, p), *_) = dreamer.classify(np.asarray(picture, np.float32) / 255, "house", top=1)
    assert labels[int(found.argmax())] == best
    assert found.max() == pytest.approx(p, abs=0.02)
