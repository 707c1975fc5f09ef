"""VGGs by pattern: the published ones are torchvision's, others what their names say."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
import torchvision.models as models
from built import network

from dreamer.errors import NetworkError
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.table import layer_rows
from dreamer.networks.trace import Point, Traced
from dreamer.networks.vgg_pattern import VggByPattern, parsed

# Parameters with 1000 classes, as torchvision publishes them.
PUBLISHED = {
    ("A", "vgg11"): (132_863_336, 132_868_840),
    ("B", "vgg13"): (133_047_848, 133_053_736),
    ("D", "vgg16"): (138_357_544, 138_365_992),
    ("E", "vgg19"): (143_667_240, 143_678_248),
}


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize(("letter", "theirs"), PUBLISHED)
def test_published_patterns_are_torchvisions(letter: str, theirs: str, norm: bool) -> None:
    """Tensor by tensor; theirs have biases before batch norms, which these take away again."""
    name = f"vgg:{letter}" + "/bn" * norm
    biases = 0
    with torch.device("meta"):
        ours = ARCHITECTURES[name].build(1000).state_dict()
        twin = getattr(models, theirs + "_bn" * norm)().state_dict()
    if norm:
        without = {
            k: v
            for k, v in twin.items()
            if not (
                v.dim() == 1
                and k[:-4] + "weight" in twin
                and twin[k[:-4] + "weight"].dim() == 4
                and k.endswith("bias")
            )
        }
        biases, twin = sum(v.numel() for k, v in twin.items() if k not in without), without
    assert [v.shape for v in ours.values()] == [v.shape for v in twin.values()]
    counted = parsed(name).parameters(1000)
    assert counted + biases == PUBLISHED[letter, theirs][norm]
    assert (
        sum(v.numel() for k, v in ours.items() if "running" not in k and "num_" not in k) == counted
    )


def test_vgg16_costs_what_is_known() -> None:
    rows, totals = layer_rows("vgg:D", 1000)
    assert (totals.size, totals.parameters) == (224, 138_357_544)
    assert totals.multiply_adds == 15_470_264_320
    names = [row.name for row in rows]
    assert names[4:6] == ["conv2_2", "pool2"]
    assert names[-6:] == ["conv5_2", "conv5_3", "pool5", "fc6", "fc7", "logits"]


@torch.no_grad()
def test_one_is_what_torchvisions_parts_compute() -> None:
    """torchvision builds VGGs of any pattern from a list."""
    theirs = models.VGG(models.vgg.make_layers([8, "M", 8, 16, "M"], batch_norm=False), 5).eval()
    theirs.avgpool = torch.nn.AdaptiveAvgPool2d(8)
    theirs.classifier = torch.nn.Sequential(
        torch.nn.Linear(16 * 64, 24), torch.nn.ReLU(), torch.nn.Linear(24, 5)
    )
    ours = ARCHITECTURES["vgg:8,M,8,16,M/fc24@32"].build(5).eval()
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    for size in ((32, 32), (40, 23)):
        picture = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))
        torch.testing.assert_close(ours(picture), theirs(picture))


@torch.no_grad()
def test_a_narrow_one_with_norms_is_what_plain_functions_compute() -> None:
    module = network("vgg:4,6,M,8/bn,mean,fc12@16", 3)
    w, x = (
        module.state_dict(),
        torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)),
    )
    picture = x
    for name in ("conv1_1", "conv1_2", "pool", "conv2_1"):
        if name == "pool":
            x = F.max_pool2d(x, 2)
            continue
        x = F.conv2d(x, w[f"{name}.conv.weight"], padding=1)
        mean, var = w[f"{name}.bn.running_mean"], w[f"{name}.bn.running_var"]
        x = F.relu((x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt())
    middle = x
    y = F.relu(F.linear(x.mean((2, 3)), w["fc3.weight"], w["fc3.bias"]))
    logits = F.linear(y, w["fc4.weight"], w["fc4.bias"])
    torch.testing.assert_close(module(picture), logits, rtol=1e-4, atol=1e-5)
    kind = ARCHITECTURES["vgg:4,6,M,8/bn,mean,fc12@16"]
    (found,) = Traced(module, kind).perception([Point("conv2_1")])(picture)
    torch.testing.assert_close(found, middle, rtol=1e-4, atol=1e-5)


def dropouts(name: str) -> float:
    module = ARCHITECTURES[name].build(2)
    assert isinstance(module, VggByPattern)
    return module.dropout.p


def test_words_say_what_they_mean() -> None:
    plain = parsed("vgg:64,64,M,128")
    assert (plain.layers, plain.full, plain.norm, plain.mean) == ((64, 64, 0, 128), (), False, True)
    assert (plain.side, plain.grid, plain.linear) == (64, 32, ("fc3",))
    said = parsed("vgg:64, 64, m /fc512,bn,fc256,dropout.25@48")
    assert (said.full, said.norm, said.mean, said.side) == ((512, 256), True, False, 48)
    assert said.dropout == 0.25
    assert said.linear == ("fc2", "fc3", "fc4")
    assert (parsed("vgg:D").full, parsed("vgg:D").side) == ((4096, 4096), 224)
    assert parsed("vgg:a/bn@64").full == (4096, 4096)
    assert parsed("vgg:D/mean").full == ()
    assert parsed("vgg:D/fc512@64").full == (512,)
    assert dropouts("vgg:8,M/fc8@16") == 0.5
    assert dropouts("vgg:8,M@16") == 0
    assert dropouts("vgg:8,M/dropout0.2@16") == 0.2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vgg:64,N,128", r"expected channels, or M .* not 'N'; did you mean 'M'\?"),
        ("vgg:64,64x,M", r"not '64x'; did you mean '64'\?"),
        ("vgg:64,,M", r"\(1 to 4096\), not ''"),
        ("vgg:64,9999", r"\(1 to 4096\), not '9999'"),
        ("vgg:", "expected 'A', 'B', 'D' or 'E', or channels and M with commas between, not ''"),
        ("vgg:C", "not 'C'"),
        ("vgg:M,64", "must begin with a convolution"),
        ("vgg:" + ",".join(["8"] * 65), "at most 64 layers"),
        ("vgg:64/batchnorm", r"expected bn, mean, fcN \(fc512\) or dropoutP .* not 'batchnorm'"),
        ("vgg:64/fcc512", r"not 'fcc512'; did you mean 'fc512'\?"),
        ("vgg:64/dropuot.5", r"did you mean 'dropout.5'\?"),
        ("vgg:64/dropout5", "expected bn, mean, fcN"),
        ("vgg:64/fc", "expected bn, mean, fcN"),
        ("vgg:64/bn,bn", "'bn' is there twice"),
        ("vgg:64/dropout.5,dropout.2", "dropout is there twice"),
        ("vgg:64/", None),
        ("vgg:64@", r"expected a side in pixels \(8 to 1024\), not ''"),
        ("vgg:64@64px", r"not '64px'; did you mean '64'\?"),
        ("vgg:8,M,8,M,8,M,8,M@8", "4 poolings leave nothing of 8 pixels; expected at least @16"),
        ("vgg:4096,4096,4096,4096,4096", "parameters with 1000 classes; expected at most"),
        ("vgg:64/fc16384@1024", "parameters with 1000 classes; expected at most"),
    ],
)
def test_wrong_names_say_what_was_expected(name: str, said: str | None) -> None:
    if said is None:
        assert parsed(name).layers == (64,)
        return
    with pytest.raises(NetworkError, match=said) as error:
        ARCHITECTURES[name]
    assert str(error.value).startswith(f"{name}: ")
