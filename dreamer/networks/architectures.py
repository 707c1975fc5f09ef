"""Architectures as data: how to build one, what its parts are called, and where its class head
sits.

Names are those of BVLC GoogLeNet's prototxt where a network has such blocks
(`inception_4c/5x5_reduce`), so that one recipe fits many networks. A row is all that a new
architecture needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor, nn

from dreamer.errors import NetworkError, did_you_mean
from dreamer.networks import alexnet, bvlc, caffenet, inception5h, keras_mnist, vgg, vgg_pattern
from dreamer.networks.chance import initialise, initialise_with_faint_filters
from dreamer.networks.house import BLOCKS, House
from dreamer.networks.judge import WIDTHS, Judge

GOOGLENET_BLOCKS = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")


@dataclass(frozen=True)
class Architecture:
    """`build(classes)` makes the module; `names` maps a layer's name to the submodule whose
    output it is (`relu_1` is the second call of `relu`).

    `features` is the last layer before the class head, `head` the linear submodule that a new
    number of classes replaces. `trainable(classes)` makes the module as it learns, with its batch
    norms, where we train it ourselves, and `initialise(module, seed)` fills it by chance before it
    does. `native` is the side of the pictures its head was made for; `more_heads` are submodules
    that are auxiliary heads; `aliases` other names of layers; `from_caffe_names` makes a state_dict
    from tensors by Caffe's names.
    """

    build: Callable[[int], nn.Module]
    names: Mapping[str, str]
    features: str
    head: str
    trainable: Callable[[int], nn.Module] | None = None
    initialise: Callable[[nn.Module, int], None] = initialise
    native: int = 224
    more_heads: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    from_caffe_names: Callable[[Mapping[str, Tensor]], dict[str, Tensor]] | None = None


def _torchvision_googlenet(classes: int) -> nn.Module:
    from torchvision.models import googlenet

    # The card says the range the weights want, so transform_input (the same in another place) stays
    # off.
    return googlenet(  # type: ignore[no-any-return]
        weights=None,
        num_classes=classes,
        aux_logits=False,
        init_weights=False,
        transform_input=False,
    )


def _googlenet_names() -> dict[str, str]:
    names = {"conv1/7x7_s2": "conv1", "conv2/3x3_reduce": "conv2", "conv2/3x3": "conv3"}
    branches = {
        "1x1": "branch1",
        "3x3_reduce": "branch2.0",
        "3x3": "branch2.1",
        "5x5_reduce": "branch3.0",
        "5x5": "branch3.1",
        "pool_proj": "branch4.1",
    }
    for block in GOOGLENET_BLOCKS:
        for branch, path in branches.items():
            names[f"inception_{block}/{branch}"] = f"inception{block}.{path}"
        names[f"inception_{block}"] = f"inception{block}"
    return names


def _house_names() -> dict[str, str]:
    names = {"conv1": "conv1", "conv2": "conv2"}
    for block in BLOCKS:
        for branch in ("1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5"):
            names[f"{block}/{branch}"] = f"{block}.c{branch}"
        names[f"{block}/pool_proj"] = f"{block}.pool_proj"
        names[block] = block
    return names


def _judge_names() -> dict[str, str]:
    stages = [f"stage{n}{part}" for n in range(1, len(WIDTHS) + 1) for part in ("", "b")]
    return {"conv1": "relu", **{stage: stage for stage in stages}}


def _by_pattern(name: str) -> Architecture:
    pattern = vgg_pattern.parsed(name)
    build = vgg_pattern.built(pattern)
    return Architecture(
        build,
        vgg_pattern.layer_names(pattern),
        next(reversed(pattern.named)),
        pattern.linear[-1],
        build,
        native=pattern.side,
    )


class _Architectures(dict[str, Architecture]):
    """Rows by name; `torchvision:NAME` and `vgg:PATTERN` are made when they are asked for."""

    def __missing__(self, name: str) -> Architecture:
        from dreamer.networks import zoo  # it needs rows to make rows

        if name.startswith(zoo.PREFIX):
            return zoo.architecture(name)
        if name.startswith(vgg_pattern.PREFIX):
            return _by_pattern(name)
        known = f"{', '.join(self)}, {zoo.PREFIX}NAME, or {vgg_pattern.PREFIX}PATTERN"
        raise NetworkError(f"no architecture '{name}' ({known}){did_you_mean(name, self)}")


ARCHITECTURES: dict[str, Architecture] = _Architectures(
    {
        "house": Architecture(
            House, _house_names(), "inception_5b", "classifier", partial(House, norm=True)
        ),
        "judge": Architecture(Judge, _judge_names(), f"stage{len(WIDTHS)}b", "fc", Judge),
        "alexnet-bn": Architecture(
            alexnet.AlexNetBN,
            alexnet.layer_names(),
            "pool5",
            "fc8",
            alexnet.AlexNetBN,
            initialise_with_faint_filters,
            native=alexnet.NATIVE,
        ),
        "alexnet-lean": Architecture(
            alexnet.AlexNetLean,
            alexnet.lean_layer_names(),
            "conv5",
            "fc6",
            alexnet.AlexNetLean,
            native=alexnet.NATIVE,
        ),
        "keras-mnist": Architecture(
            keras_mnist.KerasMnist,
            keras_mnist.layer_names(),
            "pool1",
            "dense2",
            keras_mnist.KerasMnist,
            keras_mnist.initialise_as_keras,
            native=keras_mnist.NATIVE,
            aliases=keras_mnist.ALIASES,
        ),
        "torchvision-googlenet": Architecture(
            _torchvision_googlenet,
            _googlenet_names(),
            "inception_5b",
            "fc",
            aliases={"conv1": "conv1/7x7_s2", "conv2": "conv2/3x3", "conv3": "conv2/3x3"},
        ),
        "bvlc-googlenet": Architecture(
            bvlc.BvlcGoogLeNet,
            bvlc.layer_names(),
            "inception_5b",
            "classifier",
            aliases=bvlc.ALIASES,
            from_caffe_names=bvlc.from_caffe_names,
        ),
        "bvlc-googlenet-auxiliary": Architecture(
            partial(bvlc.BvlcGoogLeNet, auxiliary=True),
            bvlc.layer_names(auxiliary=True),
            "inception_5b",
            "classifier",
            more_heads=("loss1.classifier", "loss2.classifier"),
            aliases=bvlc.ALIASES,
            from_caffe_names=bvlc.from_caffe_names,
        ),
        "dream-creator-googlenet": Architecture(
            partial(bvlc.BvlcGoogLeNet, pool_first=False),
            bvlc.layer_names(),
            "inception_5b",
            "classifier",
            aliases=bvlc.ALIASES,
            from_caffe_names=bvlc.from_caffe_names,
        ),
        "caffenet": Architecture(
            caffenet.CaffeNet,
            caffenet.layer_names(),
            "pool5",
            "fc8",
            native=227,
            from_caffe_names=caffenet.from_caffe_names,
        ),
        "bvlc-alexnet": Architecture(
            partial(caffenet.CaffeNet, norm_first=True),
            caffenet.layer_names(),
            "pool5",
            "fc8",
            native=227,
            from_caffe_names=caffenet.from_caffe_names,
        ),
        "caffe-vgg16": Architecture(
            vgg.Vgg,
            vgg.layer_names(),
            "pool5",
            "fc8",
            aliases=vgg.ALIASES,
            from_caffe_names=vgg.from_caffe_names,
        ),
        "inception5h": Architecture(
            inception5h.Inception5h,
            inception5h.layer_names(),
            "inception_5b",
            "softmax2_pre_activation_matmul",
            aliases=inception5h.aliases(),
            from_caffe_names=inception5h.from_caffe_names,
        ),
        "inception5h-graph": Architecture(
            partial(inception5h.Inception5h, norm=inception5h.GRAPH),
            inception5h.layer_names(),
            "inception_5b",
            "softmax2_pre_activation_matmul",
            aliases=inception5h.aliases(),
            from_caffe_names=inception5h.from_caffe_names,
        ),
    }
)
