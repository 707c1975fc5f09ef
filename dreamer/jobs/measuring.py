"""`atlas --measure`: how fit a network is to dream with, as numbers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.draw.noise import NOISES
from dreamer.engine.build import build, next_state
from dreamer.engine.execution import Execution, decide, under
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.perceive import cut, normaliser
from dreamer.engine.portraits import AT_ONCE, Score, class_score, climbed
from dreamer.engine.preparing import checked
from dreamer.engine.ready import Ready
from dreamer.learn.drawings import GROUP, HELD_OUT, draw_bank
from dreamer.learn.measure import robust_accuracy
from dreamer.learn.soundness import dead_channels, participation_ratio, stride_peak
from dreamer.learn.squares import Squares
from dreamer.networks.cards import Card
from dreamer.networks.trace import LOGITS, Point
from dreamer.recipe.parse import recipe_from_tree

log = logging.getLogger("dreamer")
JUDGE = "judge"
MEASURED = "measured"  # what the recipe calls the network
UNSEEN = HELD_OUT["atlas"]
RADIUS = 2.0  # of an attack on a picture of 64 pixels, where a card says none
SEEN_AT_ONCE = 64
SEED = 5
SIDE = 64


@dataclass(frozen=True)
class Measured:
    """What was measured, each with the bound it should keep."""

    network: str
    values: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"network": self.network, **self.values}

    def as_text(self) -> str:
        width = max(map(len, self.values))
        return "\n".join(f"{name:<{width}}  {value}" for name, value in self.values.items())


def measure(network: str, each: int = 8, judge: str = JUDGE) -> Measured:
    """Measure `network` from its file alone: class pictures seen by a judge, accuracy under attack
    on motifs it never saw, dead channels, features, peaks of its gradient, and its pace.

    Args:
        network: a catalogue name, or the card that a training wrote (a .json file).
        each: pictures of every class for the judge.
        judge: the network that judges; another architecture, from another training.

    Raises:
        NetworkError: a network that is not here.
        RecipeError: one that cannot be dreamt with, as where its card names a layer it has not.
    """
    card, execution = card_of(ref_of(network)), decide("cpu", "float32")
    dream = _dream(card)  # what cannot be dreamt with is refused before a quarter of an hour's work
    values: dict[str, Any] = {}
    with under(execution), torch.no_grad():
        values |= _judged(card, card_of(ref_of(judge)), each, execution)
        motifs = _unseen_motifs(card)
        if motifs is not None:
            side = card.measured.get("side", card.native)
            epsilon = card.measured.get("epsilon", {}).get("motifs") or RADIUS * side / 64
            classify = _classifier(card, execution)
            values["accuracy on unseen motifs"] = round(
                robust_accuracy(classify, motifs, side, 0.0, 500, steps=0), 3
            )
            found = robust_accuracy(classify, motifs, side, epsilon, 500)
            values[f"the same under PGD-10, L2 {epsilon:g} at {side} px"] = round(found, 3)
        values |= _sound(card, execution)
    values["seconds for a dream of 256 × 256 on one core"] = round(_dream_seconds(dream), 1)
    return Measured(card.name, values)


def _classifier(card: Card, execution: Execution) -> Callable[[Tensor], Tensor]:
    network, normalised = cut(card, [Point(LOGITS)], execution), normaliser(card, execution)
    return lambda pictures: network(normalised(pictures))[0].mean((2, 3))


def _unseen_motifs(card: Card) -> Squares | None:
    """Drawings no network was trained on, with the labels of `card`, of the motifs it knows."""
    if GROUP not in card.groups:
        return None
    bank = draw_bank(12, 96, UNSEEN, torch.device("cpu"))
    number = torch.tensor(
        [card.classes.index(name) if name in card.classes else -1 for name in bank.classes]
    )
    labels = number[bank.labels]
    known = labels >= 0  # motifs may have been added since it was trained
    return Squares(bank.pictures[known], labels[known], card.classes, tuple(card.groups))


def _judged(card: Card, judge: Card, each: int, execution: Execution) -> dict[str, Any]:
    """How many class pictures the judge takes for their class, in all and by group."""
    shared = [name for name in card.classes if name in judge.classes]
    if not shared:
        return {}
    shown = [card.classes.index(name) for name in shared for _ in range(each)]
    wanted = torch.tensor([judge.classes.index(name) for name in shared for _ in range(each)])
    score, classify, parts = class_score(card, execution), _classifier(judge, execution), []
    for start in range(0, len(shown), SEEN_AT_ONCE):
        some = shown[start : start + SEEN_AT_ONCE]
        pictures = _class_pictures(score, some, SEED + start, execution)
        seen = F.interpolate(pictures, (judge.native,) * 2, mode="bilinear", antialias=True)
        parts.append(classify(seen))
        log.info("%d of %d class pictures", min(start + SEEN_AT_ONCE, len(shown)), len(shown))
    logits = torch.cat(parts)
    right = (logits.argmax(1) == wanted).float()
    five = (logits.topk(min(5, len(judge.classes))).indices == wanted[:, None]).any(1).float()
    values = {
        "class pictures the judge recognises": round(right.mean().item(), 3),
        "… among its first five": round(five.mean().item(), 3),
    }
    groups = [card.groups[k] if card.groups else "" for k in shown]
    for group in dict.fromkeys(filter(None, groups)):
        mine = torch.tensor([g == group for g in groups])
        values[f"… of {group}"] = round(right[mine].mean().item(), 3)
    return values


def _class_pictures(score: Score, shown: list[int], seed: int, execution: Execution) -> Tensor:
    """Each picture begins with a noise of its own, batches are shifted each in their own way: so
    the figures of networks were measured.
    """
    parts = []
    for start in range(0, len(shown), AT_ONCE):
        some = shown[start : start + AT_ONCE]
        seeds = [seed + start + k for k in range(len(some))]
        parts.append(climbed(score, some, seeds, SIDE, (seed, start, 0), execution))
    return torch.cat(parts)


def _sound(card: Card, execution: Execution) -> dict[str, Any]:
    """Dead channels and features at the default layer, on motifs; peaks of its gradient at strides,
    on pink noise.
    """
    pictures = draw_bank(4, SIDE, UNSEEN, torch.device("cpu")).pictures.float() / 255
    names = [row.name for row in card.layers if row.name != LOGITS]
    network = cut(card, [Point(name) for name in names], execution)
    normalised = normaliser(card, execution)
    seen = dict(zip(names, network(normalised(pictures)), strict=True))
    # what a block only puts together has been counted in its branches
    own = [name for name in names if not any(n.startswith(f"{name}/") for n in names)]
    dead = sum(dead_channels(seen[name]) for name in own)
    channels = sum(seen[name].shape[1] for name in own)
    layer = card.default_layer
    ratio = participation_ratio(seen[layer])
    part = cut(card, [Point(layer)], execution)

    def gradient(noise: Tensor) -> Tensor:
        leaf = noise.clone().requires_grad_(True)
        with torch.enable_grad():
            energy = part(normalised(leaf))[0].float().square().mean((1, 2, 3)).sum()
            return torch.autograd.grad(energy, leaf)[0]

    noise = torch.cat([NOISES["pink"](128, 128, seed) for seed in range(48)])
    return {
        "dead channels": f"{dead} of {channels} ({100 * dead / channels:.1f} %)",
        f"features at {layer} (participation ratio)": f"{ratio:.0f} of {seen[layer].shape[1]}",
        "strongest peak at a stride's frequency": f"{stride_peak(gradient, noise):.2f} × around it",
    }


def _dream(card: Card) -> Ready:
    """The dream whose pace is measured: of the card itself, whatever lies beside its weights."""
    words = {
        "source": {"noise": "plasma"},
        "size": 256,
        "network": MEASURED,
        "target": {"layer": card.default_layer},
        "classify": None,
    }
    return checked(recipe_from_tree(words, name=card.name), {MEASURED: card})


def _dream_seconds(ready: Ready) -> float:
    execution = replace(decide("cpu"), threads=1)
    with under(execution), torch.no_grad():
        began = time.monotonic()
        source = NOISES["plasma"](256, 256, SEED)
        made = build(ready.plan, ready.gathered.cards, SEED, execution, source)
        next_state(made, ready.plan.at(0), None, source)
    return time.monotonic() - began
