"""One name for every tensor, whoever converted the file: GoogLeNet's weights go by Caffe's names
(`inception_4c/3x3_reduce.weight`), other networks' by torchvision's or their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dreamer.networks.formats.recognise import Unreadable

BRANCH = "1x1|3x3_reduce|3x3|5x5_reduce|5x5|pool_proj"
LUCID_BRANCHES = {
    "3x3_bottleneck": "3x3_reduce",
    "5x5_bottleneck": "5x5_reduce",
    "pool_reduce": "pool_proj",
}


@dataclass(frozen=True)
class Convention:
    """How somebody named GoogLeNet's layers: `marker` is a name that only theirs have; `rules`
    turn whole names, without `.weight` or `.bias`, into Caffe's.
    """

    of: str
    marker: str
    rules: tuple[tuple[str, str], ...]


CONVENTIONS = (
    Convention(
        "Caffe",
        r"inception_\d[a-e]/1x1",
        ((r"loss([123])/classifier[\w-]+", r"loss\1/classifier"),),  # fine-tuned heads
    ),
    Convention(
        "neural-dream",
        r"inception_\d[a-e]_1x1",
        (
            (r"conv1_7x7_s2", "conv1/7x7_s2"),
            (r"conv2_(3x3_reduce|3x3)", r"conv2/\1"),
            (rf"inception_(\d[a-e])_({BRANCH})", r"inception_\1/\2"),
            (r"loss([123])_(conv|fc|classifier)(_1)?", r"loss\1/\2"),
        ),
    ),
    Convention(
        "crowsonkb",
        r"inception_\d[a-e]\.conv_1x1",
        (
            (r"conv1", "conv1/7x7_s2"),
            (r"conv2_reduce", "conv2/3x3_reduce"),
            (r"conv2", "conv2/3x3"),
            (rf"inception_(\d[a-e])\.(?:conv_)?({BRANCH})", r"inception_\1/\2"),
            (r"loss([123])_(conv|fc|classifier)", r"loss\1/\2"),
        ),
    ),
    Convention(
        "dream-creator",
        r"mixed\d[a-e]\.conv_1x1",
        (
            (r"conv1", "conv1/7x7_s2"),
            (r"conv2", "conv2/3x3_reduce"),
            (r"conv3", "conv2/3x3"),
            (rf"mixed(\d[a-e])\.(?:conv_)?({BRANCH})", r"inception_\1/\2"),
            (r"aux([12])\.loss_(conv|fc|classifier)", r"loss\1/\2"),
            (r"fc", "loss3/classifier"),
        ),
    ),
    Convention(
        "lucid",
        r"mixed\d[a-e]_1x1_pre_relu_conv",
        (
            (r"conv2d0_pre_relu_conv", "conv1/7x7_s2"),
            (r"conv2d1_pre_relu_conv", "conv2/3x3_reduce"),
            (r"conv2d2_pre_relu_conv", "conv2/3x3"),
            *(
                (rf"mixed(\d[a-e])_{theirs}_pre_relu_conv", rf"inception_\1/{caffes}")
                for theirs, caffes in LUCID_BRANCHES.items()
            ),
            (r"mixed(\d[a-e])_(1x1|3x3|5x5)_pre_relu_conv", r"inception_\1/\2"),
            (r"head0_bottleneck_pre_relu_conv", "loss1/conv"),
            (r"head1_bottleneck_pre_relu_conv", "loss2/conv"),
            (r"nn0_pre_relu_matmul", "loss1/fc"),
            (r"nn1_pre_relu_matmul", "loss2/fc"),
            (r"softmax0_pre_activation_matmul", "loss1/classifier"),
            (r"softmax1_pre_activation_matmul", "loss2/classifier"),
            (r"softmax2_pre_activation_matmul", "loss3/classifier"),
        ),
    ),
)


def convention_of(names: Iterable[str]) -> str:
    """Whose names for GoogLeNet's layers a file has (`dream-creator`), or nothing: some people's
    networks differ in more than names.
    """
    found = _convention([_plain(name) for name in names])
    return found.of if found else ""


def canonical_names(names: Iterable[str]) -> dict[str, str]:
    """What each of a file's `names` is called here: without the `module.` of data-parallel
    training, DenseNet's `norm.1` as torchvision's `norm1`, and GoogLeNet's as Caffe's.

    Names that no rule knows stay as they are.

    Raises:
        Unreadable: two names would become one.
    """
    renamed = {name: _plain(name) for name in names}
    convention = _convention(renamed.values())
    if convention:
        renamed = {old: _by(convention, new) for old, new in renamed.items()}
    owners: dict[str, str] = {}
    for old, new in renamed.items():
        if owners.setdefault(new, old) != old:
            raise Unreadable(f"names one tensor twice: '{owners[new]}' and '{old}'")
    return renamed


def _convention(names: Iterable[str]) -> Convention | None:
    stems = {name.rpartition(".")[0] for name in names}
    for convention in CONVENTIONS:
        if any(re.fullmatch(convention.marker, stem) for stem in stems):
            return convention
    return None


def _plain(name: str) -> str:
    name = re.sub(r"(^|\.)module\.", r"\1", name)
    return re.sub(r"(denselayer\d+\.(?:norm|conv))\.(\d+)(?=\.)", r"\1\2", name)


def _by(convention: Convention, name: str) -> str:
    stem, dot, role = name.rpartition(".")
    if role not in ("weight", "bias"):
        return name
    for theirs, caffes in convention.rules:
        if re.fullmatch(theirs, stem):
            return re.sub(theirs, caffes, stem) + dot + role
    return name
