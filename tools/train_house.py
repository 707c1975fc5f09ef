"""Train the house network: python tools/train_house.py DATA OUT --minutes 80

DATA holds flowers/, objects/ and buildings/ (class folders of photographs). OUT gets checkpoint.pt,
from which the same command goes on, and house.safetensors with its card at the end. Adversarial
training as in docs/house-network.md.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.learn.attack import one_step, pgd
from dreamer.learn.photographs import Squares, read_squares
from dreamer.networks.house import House

SIDE, STORED, BATCH = 64, 80, 64
FOLDERS = ("flowers", "objects", "buildings/train", "buildings/test")
MEAN, STD = 0.45, 0.25


class Normalised(torch.nn.Module):
    def __init__(self, net: House) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return self.net((x - MEAN) / STD)


def augmented(squares: Tensor, g: torch.Generator) -> Tensor:
    """Random crop and scale, mirror, contrast, colour cast; `(B, 3, SIDE, SIDE)` floats."""
    size = int(torch.randint(52, STORED + 1, (), generator=g))
    top, left = torch.randint(0, STORED - size + 1, (2,), generator=g).tolist()
    x = squares[:, :, top : top + size, left : left + size].float() / 255
    if size != SIDE:
        x = F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", antialias=True)
    x = torch.where(torch.rand((len(x), 1, 1, 1), generator=g) < 0.5, x, x.flip(3))
    contrast = 0.8 + 0.4 * torch.rand((len(x), 1, 1, 1), generator=g)
    cast = (torch.rand((len(x), 3, 1, 1), generator=g) - 0.5) * 0.12
    x = (x - 0.5) * contrast + 0.5 + cast
    return x.clamp(0, 1).contiguous(memory_format=torch.channels_last)


def measure(model: torch.nn.Module, held: Squares, radius: float, most: int) -> dict[str, float]:
    """Accuracy by group on the centre crop, and under PGD for the first `most` pictures of a
    fixed shuffle.
    """
    model.eval()
    cut = (STORED - SIDE) // 2
    order = torch.randperm(len(held.labels), generator=torch.Generator().manual_seed(7))
    x = held.pictures[order][:, :, cut:-cut, cut:-cut].float() / 255
    y = held.labels[order]
    with torch.no_grad():
        right = torch.cat([model(c) for c in x.split(250)]).argmax(1) == y
    group = [held.groups[k] for k in y.tolist()]
    out = {}
    for name in dict.fromkeys(group):
        mine = torch.tensor([g == name for g in group])
        out[name] = right[mine].float().mean().item()
    attacked = pgd(model, x[:most], y[:most], radius)
    with torch.no_grad():
        out["pgd"] = (model(attacked).argmax(1) == y[:most]).float().mean().item()
    model.train()
    return out


def train(data: Path, out: Path, minutes: float, epsilon: float, peak: float) -> None:
    out.mkdir(parents=True, exist_ok=True)
    cache = out / f"squares-{STORED}.pt"
    if not cache.exists():
        parts = {p: read_squares(data, FOLDERS, STORED, p) for p in ("training", "validation")}  # type: ignore[arg-type]
        torch.save(
            {p: (s.pictures, s.labels, s.classes, s.groups) for p, s in parts.items()}, cache
        )
    parts = {p: Squares(*s) for p, s in torch.load(cache, weights_only=True).items()}
    squares, held = parts["training"], parts["validation"]
    count = torch.bincount(squares.labels, minlength=len(squares.classes)).float()
    weight = (1 / count.clamp(min=1).sqrt())[squares.labels]
    print(f"{len(squares.labels)} pictures of {len(squares.classes)} classes", flush=True)

    torch.manual_seed(0)
    model = Normalised(House(len(squares.classes), norm=True)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), peak, weight_decay=5e-3)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    done, step = 0.0, 0
    if (out / "checkpoint.pt").exists():
        kept = torch.load(out / "checkpoint.pt", weights_only=True)
        model.load_state_dict(kept["model"])
        optimiser.load_state_dict(kept["optimiser"])
        average, done, step = kept["average"], kept["seconds"], kept["step"]

    budget, began, measured = minutes * 60, time.monotonic() - done, done
    while (spent := time.monotonic() - began) < budget:
        part = spent / budget
        rate = (
            peak
            * (part / 0.1 if part < 0.1 else 0.5 * (1 + math.cos(math.pi * (part - 0.1) / 0.9)))
            + 1e-5
        )
        for group in optimiser.param_groups:
            group["lr"] = rate
        g = torch.Generator().manual_seed(step)
        pick = torch.multinomial(weight, BATCH, generator=g)
        x, y = augmented(squares.pictures[pick], g), squares.labels[pick]
        radius = torch.full((BATCH, 1, 1, 1), epsilon * min(1.0, part / 0.3))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            model.requires_grad_(False)
            hard = one_step(model, x, y, radius, 1.1, g)
            model.requires_grad_(True)
            logits = model(hard.contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits.float(), y, label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if step % 5 == 0:
            for k, v in model.state_dict().items():
                if v.dtype.is_floating_point:
                    average[k].lerp_(v, 0.01 if step > 500 else 0.1)
                else:
                    average[k].copy_(v)
        if spent - measured > 240:
            measured = spent
            now = {k: v.clone() for k, v in model.state_dict().items()}
            model.load_state_dict(average)
            report = {k: round(v, 3) for k, v in measure(model, held, epsilon, 200).items()}
            model.load_state_dict(now)
            print(f"{spent:.0f} s, step {step}, loss {loss.item():.3f}, {report}", flush=True)
            state = {"model": now, "average": average, "optimiser": optimiser.state_dict()}
            torch.save(
                state | {"seconds": spent, "step": step, "classes": squares.classes},
                out / "next.pt",
            )
            (out / "next.pt").replace(out / "checkpoint.pt")
    model.load_state_dict(average)
    report = measure(model, held, epsilon, 1000)
    print(f"end: step {step}, {report}", flush=True)
    torch.save(
        {
            "average": average,
            "classes": squares.classes,
            "groups": squares.groups,
            "report": report,
            "step": step,
        },
        out / "final.pt",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=80)
    parser.add_argument("--epsilon", type=float, default=1.0)
    parser.add_argument("--peak", type=float, default=4e-3)
    a = parser.parse_args()
    train(a.data, a.out, a.minutes, a.epsilon, a.peak)
