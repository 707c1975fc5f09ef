"""What may be asked of layers and classes, in a recipe's words: each objective with the keys of a
target that it needs and takes.

The formulas stand in `dreaming/terms`, which is torch's; a test holds the two tables together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dreamer.errors import did_you_mean


@dataclass(frozen=True)
class Asked:
    """An objective as a recipe sees it.

    `of` is what a target must name; `needs` are keys of which one must be there for each entry;
    `takes` those that may be; `batch` says that pictures of `samples` are compared; `apart` that
    channels may be asked one by one; `moved` that a reference lies under the dream, as large as it;
    `exponent` is the least one; `what` is the line of the reference.
    """

    what: str
    of: Literal["layer", "class"] = "layer"
    needs: tuple[tuple[str, ...], ...] = ()
    takes: tuple[str, ...] = ()
    batch: bool = False
    apart: bool = True
    whole: bool = False
    moved: bool = False
    exponent: float = 0.0

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys that it needs or takes, beside those that every target has."""
        return (*(key for one in self.needs for key in one), *self.takes)


OBJECTIVES: Mapping[str, Asked] = {
    "energy": Asked("½‖a‖², the notebook's of 2015"),
    "mean": Asked("the mean activation"),
    "mean_square": Asked("the mean of a²: energy, whatever the size"),
    "absolute_mean": Asked("the mean of |a|"),
    "absolute_sum": Asked("Σ|a|; with a negative weight it keeps a layer quiet"),
    "norm": Asked("√Σa²", whole=True),
    "power": Asked(
        "Σ|a|ᵖ / p; from 3 on the loudest features take over",
        needs=(("exponent",),),
        exponent=1.0,  # below it the pull on silent features is infinite
    ),
    "softplus": Asked("the mean of log(1 + eᵃ): pulls on what is on already"),
    "variation": Asked("the total variation of the layer's maps; negative keeps them smooth"),
    "standing_out": Asked("at every place the features that stand out most there", apart=False),
    "neuron": Asked("the channels at one place of the picture", takes=("place",), whole=True),
    "direction": Asked(
        "a·v: a direction among the channels, or the way from nothing to a picture",
        needs=(("vector", "reference"),),
        takes=("exponent", "place"),
        apart=False,
    ),
    "cosine": Asked(
        "the cosine of a and v", needs=(("vector", "reference"),), takes=("place",), apart=False
    ),
    "guide": Asked(
        "at every place the best matching feature of another picture",
        needs=(("reference",),),
        apart=False,
    ),
    "style": Asked(
        "−‖Gram − Gram of another picture‖²: its texture",
        needs=(("reference",),),
        apart=False,
        whole=True,
    ),
    "inversion": Asked(
        "−‖a − r‖² / ‖r‖²: another picture, as far as this layer kept it",
        needs=(("reference",),),
        apart=False,
        whole=True,
        moved=True,
    ),
    "caricature": Asked(
        "a·r · cosᵖ: another picture's features, and more of them",
        needs=(("reference",),),
        takes=("exponent",),
        apart=False,
        whole=True,
        moved=True,
    ),
    "difference": Asked(
        "the mean of |a − b|: where two networks see most differently",
        needs=(("other",),),
        apart=False,
    ),
    "diversity": Asked("how unlike the samples' textures are", batch=True, apart=False, whole=True),
    "alignment": Asked("how alike neighbouring samples are", batch=True, apart=False),
    "interpolation": Asked(
        "from this layer in the first sample to another in the last",
        needs=(("other",),),
        batch=True,
        apart=False,
        whole=True,
    ),
    "class_logit": Asked("the mean logit", of="class", apart=False),
    "class_mixture": Asked(
        "in every part of the picture one of the classes, surely", of="class", apart=False
    ),
    "class_probability": Asked(
        "the probability after softmax",
        of="class",
        takes=("other",),
        apart=False,
        whole=True,
    ),
    "class_log_probability": Asked(
        "its logarithm", of="class", takes=("other",), apart=False, whole=True
    ),
    "class_margin": Asked(
        "the logit over that of the strongest rival", of="class", apart=False, whole=True
    ),
}
# What others call them: lucid, lucent and captum; neural-dream.
ALSO: Mapping[str, str] = {
    "deepdream": "mean_square",
    "channel": "mean",
    "mse": "mean_square",
    "bce": "softplus",
    "abs_mean": "absolute_mean",
    "l1": "absolute_sum",
    "l2": "norm",
    "total_variation": "variation",
    "tv": "variation",
    "abs_l2": "norm",
    "gram": "style",
}


def find_objective(word: str, of: str) -> str:
    """The row that `word` means for a target that names a `layer` or a `class`, whose rows may
    go without their `class_`.

    Raises:
        ValueError: none, or one for the other kind of target, with the nearest names.
    """
    name = ALSO.get(word, word)
    if of == "class" and f"class_{name}" in OBJECTIVES:
        name = f"class_{name}"
    mine = [row for row, asked in OBJECTIVES.items() if asked.of == of]
    shown = [row.removeprefix("class_") for row in mine]
    if name in mine:
        return name
    if name in OBJECTIVES:
        other = OBJECTIVES[name].of
        raise ValueError(f"{word} is asked of a {other}; of a {of} there are {', '.join(shown)}")
    if f"class_{name}" in OBJECTIVES:
        raise ValueError(f"{word} is asked of a class; of a layer there are {', '.join(shown)}")
    near = did_you_mean(word, [*shown, *ALSO]) or f"; there are {', '.join(shown)}"
    raise ValueError(f"unknown objective '{word}'{near}")
