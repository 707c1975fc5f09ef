"""A head that somebody replaced is found, and none is dropped without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torchvision.models as models
from test_keys import dream_creator, googlenet
from torch import nn

from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.formats.class_heads import HEADS, head_names
from dreamer.networks.formats.identify import SIGNATURES, identify
from dreamer.networks.formats.keys import canonical_names
from dreamer.networks.formats.recognise import Unreadable
from dreamer.networks.identified import identified
from dreamer.networks.weights import load_module

Shapes = dict[str, tuple[int, ...]]
TORCHVISION = [name for name in HEADS if name.startswith("torchvision:")]


def shapes(name: str, classes: int = 7) -> Shapes:
    kind = name.removeprefix("torchvision:")
    options = {"init_weights": False} if kind in ("googlenet", "inception_v3") else {}
    with torch.device("meta"):
        if kind == name:
            module = ARCHITECTURES[name].build(classes)
        else:
            module = getattr(models, kind)(num_classes=classes, **options)
    return {k: tuple(v.shape) for k, v in module.state_dict().items()}


def caffe(kind: str) -> Shapes:
    if kind in ("bvlc-googlenet", "inception5h"):
        tensors = googlenet(7, heads=True, five_h=kind == "inception5h")
        return {k: tuple(v.shape) for k, v in tensors.items()}
    row = next(row for row in SIGNATURES if row.name == kind)
    return row.marks | {"fc7.weight": (4096, 4096), "fc8.weight": (7, 4096), "fc8.bias": (7,)}


def of(name: str) -> Shapes:
    return caffe(name) if name in CAFFE else shapes(name)


CAFFE = ("bvlc-googlenet", "inception5h", "caffenet", "caffe-vgg16")


def renamed(found: Shapes, old: str, new: str) -> Shapes:
    """`found` with the layer `old` called `new`."""
    return {k.replace(f"{old}.", f"{new}.") if _of(k) == old else k: v for k, v in found.items()}


def _of(name: str) -> str:
    return name.rpartition(".")[0]


def test_every_known_network_has_a_head() -> None:
    assert HEADS.keys() == {row.name for row in SIGNATURES}


@pytest.mark.parametrize("name", HEADS)
def test_heads_by_their_own_and_by_other_names(name: str) -> None:
    """Against the modules: it is there, it is wrapped, it is called anything, it is missing."""
    whole, head = of(name), HEADS[name].name
    assert whole[f"{head}.weight"][:2] == (7, HEADS[name].features)
    assert head_names(whole) == {}
    others = [f"{head}.1", "my_head"] if name not in CAFFE else [f"{head}_1", "my-head"]
    for other in others if name != "torchvision:squeezenet1_1" else others[:1]:
        ours = {f"{other}.{part}": f"{head}.{part}" for part in ("weight", "bias")}
        found = head_names(renamed(whole, head, other))
        known = name in CAFFE and other.startswith("fc8")  # read as it is called
        assert found == ({} if known else ours)
    bare = {k: v for k, v in whole.items() if _of(k) != head}
    assert head_names(bare) == {}, "a network without a head has none"


def test_googlenets_head_by_everybodys_names() -> None:
    tensors = {k: tuple(v.shape) for k, v in googlenet(7, heads=True).items()}
    found = head_names(renamed(tensors, "loss3/classifier", "loss3/my-classifier"))
    assert found["loss3/my-classifier.weight"] == "loss3/classifier.weight"
    theirs = {f"{dream_creator(_of(k))}.{k.rpartition('.')[2]}": v for k, v in tensors.items()}
    theirs = renamed(theirs, "fc", "fc.1")
    names = canonical_names(theirs)
    found = head_names({names[k]: v for k, v in theirs.items()})
    assert found == {f"fc.1.{part}": f"loss3/classifier.{part}" for part in ("weight", "bias")}


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"fc.0.weight": (64, 512), "fc.3.weight": (9, 64)}, r"2 of .* 'fc.0.weight' \(64, 512\)"),
        (
            {"a.weight": (9, 512), "b.weight": (3, 512)},
            "'a.weight' .*'b.weight' .*'fc.weight' alone",
        ),
        ({f"h{k}.weight": (9, 512) for k in range(9)}, "9 of its .* and 5 more"),
        ({"fc.1.weight_v": (9, 512), "fc.1.weight_g": (9, 1)}, "2 of its tensors"),
        ({"fc.1.kernel": (9, 512)}, "'fc.1.kernel' in its class head, which is no plain linear"),
    ],
)
def test_no_head_is_guessed(tensors: Shapes, message: str) -> None:
    bare = {k: v for k, v in shapes("torchvision:resnet18").items() if _of(k) != "fc"}
    with pytest.raises(Unreadable, match=f"is torchvision:resnet18.*{message}"):
        head_names(bare | tensors)


def test_two_heads_of_caffes() -> None:
    two = caffe("caffenet") | {"fc8_flickr.weight": (3, 4096)}
    with pytest.raises(Unreadable, match="is caffenet, and 2 of its tensors could be"):
        head_names(two)


def test_networks_that_nobody_knows_have_no_head() -> None:
    assert head_names({"x.weight": (3, 512)}) == {}


@pytest.mark.parametrize(
    ("name", "path"), [("resnet18", "fc"), ("mobilenet_v2", "classifier.1")], ids=["fc", "nested"]
)
def test_a_wrapped_head_gives_the_same_classes(name: str, path: str, tmp_path: Path) -> None:
    """From the file to the logits, against torchvision's module itself."""
    torch.manual_seed(0)
    module = getattr(models, name)(num_classes=5).eval()
    above, _, last = path.rpartition(".")
    head = nn.Sequential(nn.Dropout(0.2), module.get_submodule(path)).eval()
    setattr(module.get_submodule(above) if above else module, last, head)
    file = tmp_path / "mine.pth"
    torch.save(module.state_dict(), file)
    card, contents = identified(file)
    assert identify(contents.tensors).classes == len(card.classes) == 5
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(load_module(card)(x), module(x))
