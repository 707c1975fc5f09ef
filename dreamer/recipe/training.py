"""A training recipe: what `dreamer train` learns from, for how long, and how.

Read as strictly as a render's recipe, and without torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from dreamer.errors import RecipeError
from dreamer.recipe.kinds import misplaced
from dreamer.recipe.layering import read_layers, with_overrides
from dreamer.recipe.marks import Tree
from dreamer.recipe.messages import problems_of
from dreamer.recipe.numbers import Plain, Words


class Photographs(Words):
    """Pictures in class folders."""

    folders: list[str] = Field(
        description="Folders of class folders, or of MNIST's files, below --data.", min_length=1
    )
    classes: list[str] = Field([], description="The classes that are wanted, in turn; all.")
    epsilon: Plain = Field(0.0, ge=0, description="L2 radius of the attack, at 64 px; 0 for none.")

    @field_validator("folders")
    @classmethod
    def _below(cls, folders: list[str]) -> list[str]:
        for folder in folders:
            names = PurePosixPath(folder)
            if names.is_absolute() or not names.parts or ".." in names.parts:
                raise ValueError(f"expected folders below --data, not '{folder}'")
        return folders


class Motifs(Words):
    """Drawings of every motif of `dreamer/draw/motifs`, and of the background."""

    each: int = Field(400, ge=1, description="How many drawings of a class.")
    share: Plain = Field(0.3, ge=0, le=1, description="Their part of every batch.")
    epsilon: Plain = Field(0.0, ge=0, description="L2 radius of the attack, at 64 px; 0 for none.")


class SplitWords(Words):
    """How much is kept for measuring, decided by a hash of each picture's path."""

    validation: Plain = Field(0.1, ge=0, lt=1, description="Part measured on while it learns.")
    test: Plain = Field(0.1, ge=0, lt=1, description="Part that nothing is decided by.")

    @model_validator(mode="after")
    def _something_left(self) -> SplitWords:
        if self.validation + self.test > 0.9:
            raise ValueError("validation and test leave less than a tenth to learn from")
        if not (self.validation or self.test):
            raise ValueError("expected some pictures for validation or test: nothing is known else")
        return self


class Augment(Words):
    """How each picture is varied when it is learnt from."""

    flip: bool = Field(False, description="Mirror half of them.")
    crop: Plain = Field(0.0, ge=0, lt=1, description="Part of the side that may be cut away.")
    stretch: Plain = Field(0.0, ge=0, lt=1, description="Change of the ratio of its sides.")
    rotate: Plain = Field(0.0, ge=0, le=180, description="Degrees, to either side.")
    shift: Plain = Field(0.0, ge=0, le=0.5, description="Parts of the side, to either side.")
    brightness: Plain = Field(0.0, ge=0, lt=1, description="Added, to either side.")
    contrast: Plain = Field(0.0, ge=0, lt=1, description="Part that contrast changes by.")
    colour: Plain = Field(0.0, ge=0, le=1, description="Part that saturation changes by.")
    cast: Plain = Field(0.0, ge=0, lt=1, description="Added to each channel, to either side.")


class StageWords(Words):
    """Steps, or passes over all pictures, at one size of picture."""

    side: int = Field(ge=16, le=512, description="Side of the pictures, in pixels.")
    steps: int | None = Field(None, ge=1, description="How many steps.")
    epochs: int | None = Field(None, ge=1, description="How many passes, instead of steps.")

    @model_validator(mode="after")
    def _one_of_them(self) -> StageWords:
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("expected steps or epochs")
        return self


class Optimiser(Words):
    """How weights follow their gradients, and how fast."""

    kind: Literal["adamw", "sgd", "adadelta"] = Field("adamw", description="Which.")
    peak: Plain = Field(4e-3, gt=0, description="The greatest learning rate.")
    schedule: Literal["cosine", "constant"] = Field(
        "cosine", description="How the rate goes on after its rise."
    )
    warm_up: Plain = Field(0.1, ge=0, lt=1, description="The part of all steps that it rises.")
    weight_decay: Plain = Field(5e-3, ge=0, description="Decay of weights, decoupled in AdamW.")
    momentum: Plain = Field(0.9, ge=0, lt=1, description="Of sgd.")
    rho: Plain = Field(0.95, gt=0, lt=1, description="Of adadelta.")
    clip: Plain = Field(0.0, ge=0, description="Greatest norm of all gradients; 0 for any.")


class Attack(Words):
    """Fast adversarial training in L2: a random start and one step."""

    alpha: Plain = Field(1.1, gt=0, description="The step, in radii.")
    ramp: Plain = Field(0.3, ge=0, le=1, description="The part of all steps the radius grows over.")


class Training(Words):
    """A training recipe."""

    title: str = Field("", description="What to call it.")
    name: str | None = Field(None, description="What its files are called; the recipe's name.")
    licence: str = Field("", description="Of the weights, for the card.")
    sources: str = Field("", description="Of the pictures and their licences, for the card.")
    seed: int = Field(0, ge=0, le=10**9, description="Decides all chance.")
    architecture: str = Field("house", description="What learns: an architecture we train.")
    base: str | None = Field(
        None, description="A network of the catalogue to start from; its architecture, a new head."
    )
    photographs: Photographs | None = Field(None, description="Pictures in class folders.")
    motifs: Motifs | None = Field(None, description="Drawings.")
    split: SplitWords = Field(SplitWords(), description="What is kept for measuring.")
    normalise: Literal["measured", "house", "none"] = Field(
        "measured",
        description=(
            "Range networks see: by the training part's mean and deviation, as house, or [0, 1]."
        ),
    )
    augment: Augment | None = Field(None, description="How pictures are varied; as house learnt.")
    sampling: Literal["roots", "even", "epochs"] = Field(
        "roots",
        description=(
            "Pictures of a step: by 1/√(pictures of the class), all classes alike, or each picture "
            "once an epoch."
        ),
    )
    balance: bool = Field(False, description="Weigh the loss by one over a class's share.")
    stored: int = Field(80, ge=16, le=1024, description="Side pictures are kept at, in pixels.")
    look: Plain = Field(
        0.8,
        gt=0.3,
        le=1,
        description="Part of that side that is looked at; the rest is there to be cropped from.",
    )
    stages: list[StageWords] = Field(description="Sizes of picture, in turn.", min_length=1)
    batch: int = Field(64, ge=2, description="Pictures a step.")
    optimiser: Optimiser = Field(Optimiser(), description="How weights move.")
    attack: Attack = Field(Attack(), description="How pictures are made harder.")
    label_smoothing: Plain = Field(0.05, ge=0, lt=1, description="A label's part for all others.")
    average: Plain = Field(0.998, ge=0, lt=1, description="What the average of weights keeps.")
    measure: int = Field(400, ge=1, description="Steps between measurements on held-out pictures.")
    keep: int = Field(100, ge=1, description="Steps between checkpoints.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="What to compute on.")
    precision: Literal["bfloat16", "float32"] = Field(
        "bfloat16", description="Numbers of the passes; weights are always float32."
    )

    @field_validator("name")
    @classmethod
    def _a_name(cls, name: str | None) -> str | None:
        return a_file_name(name)


def a_file_name(name: str | None) -> str | None:
    """`name`, if files can be called by it.

    Raises:
        ValueError: they cannot.
    """
    if name is not None and (not name or set(name) & set("/\\:") or name.startswith(".")):
        raise ValueError(f"expected a name for files, not '{name}'")
    return name


@dataclass(frozen=True)
class ParsedTraining:
    """A training recipe's words and the tree they were read from."""

    words: Training
    tree: Tree
    name: str

    def canonical(self) -> dict[str, Any]:
        """Its words as plain data, with all defaults."""
        return self.words.model_dump(mode="json")


def parse_training(path: Path, overrides: Sequence[str] = ()) -> ParsedTraining:
    """The training recipe in the file at `path`, `extends` and overrides applied.

    Raises:
        RecipeError: all that is wrong with its text.
    """
    tree = with_overrides(read_layers(path), overrides, Path.cwd())
    try:
        words = Training.model_validate(tree.value)
    except ValidationError as error:
        wrong = misplaced(tree, "train") or problems_of(error, tree, Training)
        raise RecipeError(wrong) from error
    return ParsedTraining(words, tree, path.stem)
