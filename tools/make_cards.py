"""Write the catalogue's cards of other people's networks, their layers reckoned from the networks
themselves: python tools/make_cards.py [NAME …].
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.label_sets import COUNTS
from dreamer.networks.modules import CENTRED, IMAGENET
from dreamer.networks.table import card_rows, layer_rows, smallest_of
from dreamer.networks.trace import Traced
from dreamer.networks.unfilled import Unfilled
from dreamer.networks.written import as_text

CARDS = Path(__file__).parents[1] / "dreamer" / "networks" / "cards"
CAFFE = {"scale": 255.0, "order": "BGR", "std": (1.0, 1.0, 1.0), "fit": "squash"}
BVLC = "unrestricted use, as its authors say; ImageNet terms for the data"
BSD = "BSD-3-Clause (torchvision); ImageNet terms for the data"


def caffe(
    title: str,
    architecture: str,
    file: str,
    mean: tuple[float, float, float],
    classes: str | int,
    **words: Any,
) -> dict[str, Any]:
    """A network of Caffe's: BGR, 0–255, minus the mean."""
    hashes = {k: words.pop(k) for k in ("sha256", "sha1") if k in words}
    return {
        "title": title,
        "architecture": architecture,
        "weights": {"kind": "cache", "file": file, **hashes},
        "mean": mean,
        **CAFFE,
        "classes": classes,
        **words,
    }


def torchvision(
    model: str, title: str, file: str, default: str, resize: int = 256, centred: bool = False
) -> dict[str, Any]:
    """A network of torchvision's: RGB, ImageNet's mean and deviation, or [-1, 1]."""
    mean, std = CENTRED if centred else IMAGENET
    return {
        "title": title,
        "architecture": f"torchvision:{model}",
        "weights": {
            "kind": "torchvision",
            "file": file,
            "sha256": file.rpartition("-")[2].removesuffix(".pth"),
        },
        "mean": mean,
        "std": std,
        "fit": "centre",
        "resize": resize,
        "classes": "imagenet",
        "default_layer": default,
        "licence": BSD,
        "sources": f"torchvision.models.{model}",
    }


NETWORKS: dict[str, dict[str, Any]] = {
    "bvlc-googlenet": caffe(
        "GoogLeNet as of google/deepdream, ImageNet, by BVLC",
        "bvlc-googlenet",
        "bvlc_googlenet.caffemodel",
        (104.0, 117.0, 123.0),
        "imagenet",
        sha256="6f7101e3a2183738a7125a0c5021ba82a1feb4228c5ca0924d991b6daf6f6fad",
        sha1="405fc5acd08a3bb12de8ee5e23a96bec22f08204",
        licence=BVLC,
        sources="BVLC model zoo, bvlc_googlenet",
    ),
    "places205-googlenet": caffe(
        "GoogLeNet of 205 kinds of places, by MIT",
        "bvlc-googlenet",
        "googlelet_places205_train_iter_2400000.caffemodel",
        (105.417, 113.753, 116.047),
        "places205",
        sources="places.csail.mit.edu, googlenet_places205 (the file's name is theirs)",
        notes="Its classes are numbers until labels/places205.txt lies in dreamer's own folder.",
    ),
    "places365-googlenet": caffe(
        "GoogLeNet of 365 kinds of places, by MIT",
        "bvlc-googlenet",
        "googlenet_places365.caffemodel",
        (104.051, 112.514, 116.676),
        "places365",
        licence="CC BY",
        sources="places2.csail.mit.edu, googlenet_places365",
        notes="Its classes are numbers until labels/places365.txt lies in dreamer's own folder.",
    ),
    "bvlc-alexnet": caffe(
        "AlexNet with two groups, ImageNet, by BVLC",
        "bvlc-alexnet",
        "bvlc_alexnet.caffemodel",
        (104.0, 117.0, 123.0),
        "imagenet",
        sha1="9116a64c0fbe4459d18f4bb6b56d647b63920377",
        default_layer="conv5",
        licence=BVLC,
        sources="BVLC model zoo, bvlc_alexnet",
    ),
    "caffenet": caffe(
        "CaffeNet: AlexNet that pools before it normalises, ImageNet, by BVLC",
        "caffenet",
        "bvlc_reference_caffenet.caffemodel",
        (104.0, 117.0, 123.0),
        "imagenet",
        default_layer="conv5",
        licence=BVLC,
        sources="BVLC model zoo, bvlc_reference_caffenet",
    ),
    "caffe-vgg16": caffe(
        "VGG16 as its authors published it, ImageNet, by Oxford",
        "caffe-vgg16",
        "VGG_ILSVRC_16_layers.caffemodel",
        (103.939, 116.779, 123.68),
        "imagenet",
        sha256="a6196bc498e45ea4cb2637114ae8db9410cf1556fd60a55ae93272371beba197",
        default_layer="conv5_3",
        licence="CC BY 4.0",
        sources="robots.ox.ac.uk/~vgg, very deep",
    ),
    "inception5h": {
        "title": "Inception5h: the GoogLeNet of lucid, ImageNet, by Google",
        "architecture": "inception5h",
        "weights": {"kind": "cache", "file": "inception5h.safetensors"},
        "mean": (117.0, 117.0, 117.0),
        "std": (1.0, 1.0, 1.0),
        "scale": 255.0,
        "classes": 1008,
        "sources": "Google's inception5h, as in lucid",
        "notes": "Its 1008 classes are in an order of their own, and come without names.",
    },
    "vgg16": torchvision(
        "vgg16", "VGG16, ImageNet, by torchvision", "vgg16-397923af.pth", "features.29"
    ),
    "alexnet": torchvision(
        "alexnet",
        "AlexNet without groups, ImageNet, by torchvision",
        "alexnet-owt-7be5be79.pth",
        "features.11",
    ),
    "mobilenet-v2": torchvision(
        "mobilenet_v2",
        "MobileNetV2, ImageNet, by torchvision",
        "mobilenet_v2-b0353104.pth",
        "features.14",
    ),
    "resnet50": torchvision(
        "resnet50", "ResNet-50, ImageNet, by torchvision", "resnet50-0676ba61.pth", "layer3"
    ),
    "inception-v3": torchvision(
        "inception_v3",
        "Inception v3, ImageNet, by torchvision",
        "inception_v3_google-0cc3c7bd.pth",
        "Mixed_6b",
        resize=342,
        centred=True,
    ),
}


def fetching(card: dict[str, Any]) -> str:
    """How its weights are had."""
    file = card["weights"]["file"]
    if card["weights"]["kind"] == "torchvision":
        model = card["architecture"].partition(":")[2]
        return (
            "fetch them once where there is a network: python -c 'import torchvision; "
            f'torchvision.models.{model}(weights="IMAGENET1K_V1")\', or name a file: '
            f"network: {{architecture: {card['name']}, weights: FILE}}"
        )
    return f"put {file} there, or name it: network: {{architecture: {card['name']}, weights: FILE}}"


def card(name: str) -> dict[str, Any]:
    """The whole card of a network of `NETWORKS`."""
    words = NETWORKS[name]
    row = ARCHITECTURES[words["architecture"]]
    classes = COUNTS.get(words["classes"], words["classes"])
    with Unfilled():
        traced = Traced(row.build(classes), row)
    made = {
        "name": name,
        **words,
        "native": row.native,
        "smallest": smallest_of(traced, row.native),
        "crops": traced.head is not None and traced.head.crops,
        "parameters": layer_rows(row, classes)[1].parameters,
        "aliases": dict(row.aliases),
    }
    return {**made, "fetching": fetching(made), "layers": card_rows(traced, row.native)}


if __name__ == "__main__":
    for name in sys.argv[1:] or NETWORKS:
        (CARDS / f"{name}.json").write_text(as_text(card(name)), encoding="utf-8")
        print(name)
