"""Where a network's class head is that somebody replaced: `fc` became a `Sequential` of dropout and
linear layer, a caffemodel's `loss3/classifier` became `loss3/my-classifier`. A head that is not
found would be dropped without a word, and the network would have no classes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dreamer.errors import printable
from dreamer.networks.formats.identify import Shape, signature_of
from dreamer.networks.formats.recognise import Unreadable

AUXILIARY = re.compile(r"(loss[12]/|aux[12]\.|AuxLogits\.)")
MOST_NAMED = 4


@dataclass(frozen=True)
class ClassHead:
    """A head's canonical name, how many features it sees, and how the names begin of what is put
    in its place; `inner` are linear layers before it.
    """

    name: str
    features: int
    prefix: str
    inner: tuple[str, ...] = ()


def _torchvisions(name: str, features: int, *inner: str) -> ClassHead:
    return ClassHead(name, features, f"{name}.", inner)


_CAFFE = ClassHead("loss3/classifier", 1024, "loss3/")
_CAFFE_FC8 = ClassHead("fc8", 4096, "fc8", ("fc6", "fc7"))
HEADS = {
    "bvlc-googlenet": _CAFFE,
    "inception5h": _CAFFE,
    "caffenet": _CAFFE_FC8,
    "caffe-vgg16": _CAFFE_FC8,
    "torchvision:googlenet": _torchvisions("fc", 1024),
    "torchvision:inception_v3": _torchvisions("fc", 2048),
    "torchvision:vgg16": _torchvisions("classifier.6", 4096, "classifier.0", "classifier.3"),
    "torchvision:alexnet": _torchvisions("classifier.6", 4096, "classifier.1", "classifier.4"),
    "torchvision:squeezenet1_1": _torchvisions("classifier.1", 512),
    "torchvision:mobilenet_v2": _torchvisions("classifier.1", 1280),
    "torchvision:mobilenet_v3_large": _torchvisions("classifier.3", 1280, "classifier.0"),
    "torchvision:resnet18": _torchvisions("fc", 512),
    "torchvision:resnet34": _torchvisions("fc", 512),
    "torchvision:resnet50": _torchvisions("fc", 2048),
    "torchvision:densenet161": _torchvisions("classifier", 2208),
    "house": _torchvisions("classifier", 512),
    "judge": _torchvisions("fc", 160),
    "alexnet-bn": _torchvisions("fc8", 1024, "fc6", "fc7"),
    "alexnet-lean": _torchvisions("fc6", 160),
    "keras-mnist": _torchvisions("dense2", 128, "dense1"),
}


def head_names(shapes: Mapping[str, Shape]) -> dict[str, str]:
    """What the class head's tensors are called here, where a file calls them otherwise: the only
    linear layer in the head's place, or else the only one that sees the network's features.

    Args:
        shapes: of a file's tensors by canonical name.

    Returns:
        Nothing where the head has its name, where there is none, and for unknown networks.

    Raises:
        Unreadable: several could be the head, or it is no plain linear layer.
    """
    row = signature_of(shapes)
    if row is None or row.name not in HEADS:
        return {}
    head = HEADS[row.name]
    named = [name for name in shapes if re.fullmatch(row.head, name)]
    found = named or [name for name in shapes if _could_be(name, shapes[name], head)]
    if len(found) > 1:
        said = ", ".join(f"'{printable(name)[:60]}' {shapes[name]}" for name in found[:MOST_NAMED])
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        raise Unreadable(
            f"is {row.name}, and {len(found)} of its tensors could be the class head: {said}{more}"
            f"; expected '{head.name}.weight' alone"
        )
    if named or not found:
        return {}
    stem, _, role = found[0].rpartition(".")
    if role != "weight":
        raise Unreadable(
            f"is {row.name} with '{printable(found[0])[:60]}' in its class head, which is no plain "
            f"linear layer; expected '{head.name}.weight'"
        )
    ours = {f"{stem}.{part}": f"{head.name}.{part}" for part in ("weight", "bias")}
    return {old: new for old, new in ours.items() if old in shapes and new not in shapes}


def _could_be(name: str, shape: Shape, head: ClassHead) -> bool:
    stem, _, role = name.rpartition(".")
    if stem in head.inner or AUXILIARY.match(name):
        return False
    if name.startswith(head.prefix):
        return len(shape) == 2 or (len(shape) == 4 and shape[2:] == (1, 1))
    return role == "weight" and len(shape) == 2 and shape[1] == head.features
