"""Make the shipped file and card of the house network: python tools/export_house.py OUT DATA

OUT is the folder of tools/train_house.py, DATA the pictures it was trained on. Batch norm is
folded, weights are halved to fp16, each layer's standard deviations on real pictures are measured,
and accuracy is measured on the test part, which training never saw.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import safetensors.torch
import torch
from layer_table import rows
from train_house import FOLDERS, STORED, Normalised, measure

from dreamer.learn.pictures import read_squares
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import HERE
from dreamer.networks.house import House, folded_state
from dreamer.networks.locate import sha256_of
from dreamer.networks.trace import Point, Traced

MEAN, STD = 0.45, 0.25
EPSILON = 1.2
SOURCES = (
    "TensorFlow flower_photos (CC BY 2.0, photographers by Flickr id); Caltech-101 without four "
    "classes (CC BY 4.0); Architectural Heritage Elements (Flickr and Wikimedia, all CC, the exact "
    "variants not listed)"
)


def main(out: Path, data: Path) -> None:
    """Write dreamer/networks/weights/house.safetensors and dreamer/networks/cards/house.json."""
    kept = torch.load(out / "final.pt", weights_only=True)
    classes = kept["classes"]
    trained = House(len(classes), norm=True)
    trained.load_state_dict({k.removeprefix("net."): v for k, v in kept["average"].items()})
    state = {k: v.half().contiguous() for k, v in folded_state(trained.eval()).items()}

    shipped = House(len(classes))
    shipped.load_state_dict({k: v.float() for k, v in state.items()})
    shipped.eval().requires_grad_(False)
    held = read_squares(data, FOLDERS, STORED, "test")
    report = measure(Normalised(shipped), held, EPSILON, 1000)
    shipped.eval()

    pictures = read_squares(data, FOLDERS, STORED, "validation").pictures
    pick = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0))[:768]
    traced = Traced(shipped, ARCHITECTURES["house"])
    seen = traced.perception([Point(name) for name in traced.layers])
    with torch.no_grad():
        activations = seen((pictures[pick].float() / 255 - MEAN) / STD)
    for name, activation in zip(traced.layers, activations, strict=True):
        state[f"std.{name}"] = activation.std((0, 2, 3)).clamp(min=1e-3).half()
    path = HERE / "weights" / "house.safetensors"
    safetensors.torch.save_file(state, path)

    shown = {k: round(100 * v, 1) for k, v in report.items()}
    card = {
        "name": "house",
        "title": "The house network: flowers, things, animals and buildings",
        "architecture": "house",
        "weights": {"kind": "package", "file": path.name, "sha256": sha256_of(path)},
        "mean": [MEAN] * 3,
        "std": [STD] * 3,
        "native": 64,
        "smallest": 32,
        "fit": "centre",
        "resize": STORED,
        "licence": "MIT",
        "sources": SOURCES,
        "notes": (
            f"Trained adversarially (L2, ε = {EPSILON} at 64 px, {kept['step']} steps of 64 "
            f"pictures, seed 0). On the test part: flowers {shown['flowers']} %, "
            f"objects {shown['objects']} %, buildings {shown['buildings']} %, "
            f"under PGD-10 at ε {shown['pgd']} % of 1000 pictures."
        ),
        "classes": list(classes),
    }
    body = json.dumps(card, indent=1, ensure_ascii=False)[:-2]
    table = ",\n  ".join(json.dumps(row) for row in rows("house", len(classes), 224))
    (HERE / "cards" / "house.json").write_text(f'{body},\n "layers": [\n  {table}\n ]\n}}\n')
    print(card["notes"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
