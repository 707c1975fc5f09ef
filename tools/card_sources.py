"""Other people's networks as `make_cards.py` needs them told: whose they are, where their files are
had, and what no network says of itself.
"""

from __future__ import annotations

from typing import Any

from dreamer.networks.modules import CENTRED, IMAGENET

CAFFE = {"scale": 255.0, "order": "BGR", "std": (1.0, 1.0, 1.0), "fit": "squash"}
BVLC = "unrestricted use, as its authors say; ImageNet terms for the data"
BSD = "BSD-3-Clause (torchvision); ImageNet terms for the data"
BERKELEY = "http://dl.caffe.berkeleyvision.org/"
PLACES365 = "http://places2.csail.mit.edu/models_places365/"
CROWSON = "https://github.com/crowsonkb/pytorch-caffe-models/releases/download/models-2/"
PYTORCH = "https://download.pytorch.org/models/"
BVLC_GOOGLENET = {  # with and without the heads in its middle, the network is of one file
    "sha256": "6f7101e3a2183738a7125a0c5021ba82a1feb4228c5ca0924d991b6daf6f6fad",
    "sha1": "405fc5acd08a3bb12de8ee5e23a96bec22f08204",
    "size": 53_533_754,
}
NAMELESS = (
    "Its classes are numbers until the file of Places' categories is imported: "
    "dreamer networks import FILE."
)


def caffe(
    title: str,
    architecture: str,
    file: str,
    mean: tuple[float, float, float],
    classes: str | int,
    **words: Any,
) -> dict[str, Any]:
    """A network of Caffe's: BGR, 0–255, minus the mean. `sha256` and `sha1` are of `file`."""
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


def bvlc(
    model: str,
    title: str,
    architecture: str,
    published: dict[str, Any],
    *mirrors: dict[str, str],
    default: str = "",
    **words: Any,
) -> dict[str, Any]:
    """A network of BVLC's zoo; `published` is what is known of its file: hashes, and its size."""
    file = f"{model}.caffemodel"
    return caffe(
        title,
        architecture,
        file,
        (104.0, 117.0, 123.0),
        "imagenet",
        **{k: v for k, v in published.items() if k != "size"},
        **({"default_layer": default} if default else {}),
        licence=BVLC,
        sources=f"BVLC model zoo, {model}",
        **words,
        places=[{"url": BERKELEY + file, **published}, *mirrors],
    )


def torchvision(
    model: str, title: str, file: str, default: str, resize: int = 256, centred: bool = False
) -> dict[str, Any]:
    """A network of torchvision's: RGB, ImageNet's mean and deviation, or [-1, 1]."""
    mean, std = CENTRED if centred else IMAGENET
    sha256 = file.rpartition("-")[2].removesuffix(".pth")
    return {
        "title": title,
        "architecture": f"torchvision:{model}",
        "weights": {
            "kind": "torchvision",
            "file": file,
            "sha256": sha256,
        },
        "mean": mean,
        "std": std,
        "fit": "centre",
        "resize": resize,
        "classes": "imagenet",
        "default_layer": default,
        "licence": BSD,
        "sources": f"torchvision.models.{model}",
        "places": [{"url": PYTORCH + file, "sha256": sha256}],
    }


def places_torch(model: str, title: str, default: str, **hashes: str) -> dict[str, Any]:
    """A network of Places365 in torchvision's build and range."""
    file = f"{model}_places365.pth.tar"
    mean, std = IMAGENET
    return {
        "title": f"{title} of 365 kinds of places, by MIT",
        "architecture": f"torchvision:{model}",
        "weights": {"kind": "cache", "file": file},
        "mean": mean,
        "std": std,
        "fit": "centre",
        "resize": 256,
        "classes": "places365",
        "default_layer": default,
        "licence": "CC BY",
        "sources": f"places2.csail.mit.edu, {model}_places365 (no tar, whatever its name)",
        "notes": NAMELESS,
        "places": [{"url": PLACES365 + file, **hashes}],
    }


def crowson(file: str) -> dict[str, str]:
    """A Caffe network's numbers in PyTorch's format, by Katherine Crowson: the beginning of its
    SHA-256 is in the file's name.
    """
    return {"url": CROWSON + file, "sha256": file.rpartition("-")[2].removesuffix(".pth")}


NETWORKS: dict[str, dict[str, Any]] = {
    "bvlc-googlenet": bvlc(
        "bvlc_googlenet",
        "GoogLeNet as of google/deepdream, ImageNet, by BVLC",
        "bvlc-googlenet",
        BVLC_GOOGLENET,
        crowson("bvlc_googlenet-1f25f8c8778a8802.pth"),
    ),
    "bvlc-googlenet-auxiliary": bvlc(
        "bvlc_googlenet",
        "GoogLeNet as of google/deepdream, with the heads in its middle",
        "bvlc-googlenet-auxiliary",
        BVLC_GOOGLENET,
        notes="loss1/classifier and loss2/classifier, as auduno/deepdraw asks, are layers.",
    ),
    "places205-googlenet": caffe(
        "GoogLeNet of 205 kinds of places, by MIT",
        "bvlc-googlenet",
        "googlelet_places205_train_iter_2400000.caffemodel",
        (105.417, 113.753, 116.047),
        "places205",
        sources="places.csail.mit.edu, googlenet_places205 (the file's name is theirs)",
        notes=NAMELESS,
        places=[
            {
                "url": "http://places.csail.mit.edu/model/googlenet_places205.tar.gz",
                "member": "googlenet_places205/googlelet_places205_train_iter_2400000.caffemodel",
            },
            crowson("googlenet_places205-b57a3fc7a34557585.pth"),
        ],
    ),
    "places365-googlenet": caffe(
        "GoogLeNet of 365 kinds of places, by MIT",
        "bvlc-googlenet",
        "googlenet_places365.caffemodel",
        (104.051, 112.514, 116.676),
        "places365",
        licence="CC BY",
        sources="places2.csail.mit.edu, googlenet_places365",
        notes=NAMELESS,
        places=[
            {"url": PLACES365 + "googlenet_places365.caffemodel"},
            crowson("googlenet_places365-da1e6512eb7d2613.pth"),
        ],
    ),
    "places365-vgg16": caffe(
        "VGG16 of 365 kinds of places, by MIT",
        "caffe-vgg16",
        "vgg16_places365.caffemodel",
        (104.051, 112.514, 116.676),
        "places365",
        default_layer="conv5_1",
        licence="CC BY",
        sources="places2.csail.mit.edu, vgg16_places365",
        notes=f"Its poolings round up, unlike torchvision's VGG16. {NAMELESS}",
        places=[{"url": PLACES365 + "vgg16_places365.caffemodel"}],
    ),
    "places365-alexnet": caffe(
        "CaffeNet of 365 kinds of places, by MIT",
        "caffenet",
        "alexnet_places365.caffemodel",
        (104.051, 112.514, 116.676),
        "places365",
        default_layer="conv5",
        licence="CC BY",
        sources="places2.csail.mit.edu, alexnet_places365",
        notes="Called AlexNet by its authors, it is CaffeNet: two groups, pooled before they are "
        f"normalised. {NAMELESS}",
        places=[{"url": PLACES365 + "alexnet_places365.caffemodel"}],
    ),
    "places365-resnet18": places_torch(
        "resnet18", "ResNet-18", "layer3", md5="7a8808eefd4ea7458650ca84855f69b1"
    ),
    "places365-resnet50": places_torch("resnet50", "ResNet-50", "layer3"),
    "places365-densenet161": places_torch(
        "densenet161",
        "DenseNet-161",
        "features.denseblock3",
        md5="07efb6c7f25f832cb567d3644a131e6a",
    ),
    "places365-torch-alexnet": places_torch(
        "alexnet",
        "AlexNet without groups",
        "features.11",
        md5="c9c7e52228ef406ca64f8189585e2a28",
    ),
    "bvlc-alexnet": bvlc(
        "bvlc_alexnet",
        "AlexNet with two groups, ImageNet, by BVLC",
        "bvlc-alexnet",
        {"sha1": "9116a64c0fbe4459d18f4bb6b56d647b63920377", "size": 243_862_414},
        default="conv5",
    ),
    "caffenet": bvlc(
        "bvlc_reference_caffenet",
        "CaffeNet: AlexNet that pools before it normalises, ImageNet, by BVLC",
        "caffenet",
        {},
        default="conv5",
    ),
    "oxford-vgg16": caffe(
        "VGG16 as its authors trained it, ImageNet, by Oxford",
        "caffe-vgg16",
        "VGG_ILSVRC_16_layers.caffemodel",
        (103.939, 116.779, 123.68),
        "imagenet",
        sha256="a6196bc498e45ea4cb2637114ae8db9410cf1556fd60a55ae93272371beba197",
        default_layer="conv5_1",
        licence="CC BY 4.0; ImageNet terms for the data",
        sources="www.robots.ox.ac.uk/~vgg, VGG_ILSVRC_16_layers",
        notes="Its poolings round up, unlike torchvision's VGG16.",
        places=[
            {
                "url": "http://www.robots.ox.ac.uk/~vgg/software/very_deep/caffe/"
                "VGG_ILSVRC_16_layers.caffemodel",
                "sha256": "a6196bc498e45ea4cb2637114ae8db9410cf1556fd60a55ae93272371beba197",
                "size": 553_432_081,
            }
        ],
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
    "mobilenet-v3-large": torchvision(
        "mobilenet_v3_large",
        "MobileNetV3 large, ImageNet, by torchvision",
        "mobilenet_v3_large-8738ca79.pth",
        "features.12",
    ),
    "squeezenet1-1": torchvision(
        "squeezenet1_1",
        "SqueezeNet 1.1, ImageNet, by torchvision",
        "squeezenet1_1-b8a52dc0.pth",
        "features.9",
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
