"""The stages of a retraining in which more than the head learns: each a course of its own, from
the best weights of the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from dreamer.errors import NetworkError, did_you_mean
from dreamer.learn.course import Course, Stage
from dreamer.learn.draws import steps_of_a_pass
from dreamer.learn.planned import variation_of
from dreamer.learn.unfreezing import first_of
from dreamer.learn.view import View
from dreamer.networks.architectures import ARCHITECTURES, Architecture
from dreamer.networks.cards import Card
from dreamer.networks.unfilled import Unfilled
from dreamer.recipe.retraining import Retraining, UnfreezeWords

FOUND_AT = 1e-3  # a rate to begin with where one is to be found


@dataclass(frozen=True)
class Deeper:
    """What a stage does: its course, how many passes, and after how many without a better
    validation it ends (never at 0).
    """

    course: Course
    epochs: int
    patience: int
    find: bool


def units(net: nn.Module, path: str = "") -> list[str]:
    """Paths of the parts with weights that a network is made of, in turn: its children, those of a
    plain sequence instead of the sequence (a convolution with its norm stays one).
    """
    found: list[str] = []
    for name, child in net.named_children():
        own = f"{path}.{name}" if path else name
        if type(child) is nn.Sequential:
            found += units(child, own)
        elif next(child.parameters(), None) is not None:
            found.append(own)
    return found


def first_path(net: nn.Module, row: Architecture, words: UnfreezeWords) -> str:
    """The path of the first part that learns.

    Raises:
        NetworkError: no such layer.
    """
    if words.first is not None:
        names = {**row.names, **{path: path for path in units(net)}}
        wanted = row.aliases.get(words.first, words.first)
        if wanted not in names:
            raise NetworkError(
                f"unfreeze: no layer '{words.first}' to learn from{did_you_mean(wanted, names)}"
            )
        return names[wanted]
    body = [path for path in units(net) if path != row.head]
    assert words.depth is not None
    return body[max(0, len(body) - max(1, round(words.depth * len(body))))]


def refuse_layers(words: Retraining, card: Card) -> None:
    """Say what is wrong with the layers of all stages before any work.

    Raises:
        NetworkError: a layer the network does not have, or one without a class head to replace.
    """
    row = ARCHITECTURES[card.architecture]
    with Unfilled():
        net = row.build(2)
    for stage in words.unfreeze:
        first_of(net, first_path(net, row, stage))


def deeper(
    words: Retraining,
    number: int,
    net: nn.Module,
    row: Architecture,
    view: View,
    pictures: int,
) -> Deeper:
    """The stage `number` of a retraining.

    Args:
        words: the recipe's.
        number: of the stage, from 0.
        net: the network, without its normalisation.
        row: its architecture.
        view: how it sees pictures.
        pictures: how many it learns from.

    Raises:
        NetworkError: a layer it does not have.
    """
    own = words.unfreeze[number]
    epoch = steps_of_a_pass(pictures, own.batch)
    find = own.rate == "find"
    course = Course(
        stages=(Stage(view.side, own.epochs * epoch),),
        batch=own.batch,
        peak=FOUND_AT if isinstance(own.rate, str) else own.rate,
        weight_decay=own.weight_decay,
        warm_up=0.1,
        label_smoothing=words.label_smoothing,
        alpha=1.1,
        ramp=0.3,
        average=words.average,
        seed=words.seed * 101 + number + 1,
        epsilon_photographs=own.epsilon,
        epsilon_motifs=0.0,
        share_motifs=0.0,
        sampling="epochs",
        variation=variation_of(words.augment),
        part=view.part,
        balance=words.balance,
        first=f"net.{first_path(net, row, own)}",
        bottom=own.bottom,
    )
    return Deeper(course, own.epochs, own.patience, find)
