"""A retraining recipe: which network learns which pictures anew, and how far down it changes.

Read as strictly as a render's recipe, and without torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from dreamer.errors import RecipeError
from dreamer.recipe.kinds import misplaced
from dreamer.recipe.layering import read_layers, with_overrides
from dreamer.recipe.marks import Mark, Tree
from dreamer.recipe.messages import problems_of
from dreamer.recipe.numbers import Plain, Words
from dreamer.recipe.training import Augment, SplitWords, a_file_name


class PhotographAugment(Augment):
    """How each picture is varied when more than the head learns: what most photographs bear, since
    a flower upside down is rare, and a mirrored one is not.
    """

    flip: bool = Field(True, description="Mirror half of them.")
    crop: Plain = Field(0.3, ge=0, lt=1, description="Part of the side that may be cut away.")
    stretch: Plain = Field(0.15, ge=0, lt=1, description="Change of the ratio of its sides.")
    rotate: Plain = Field(12.0, ge=0, le=180, description="Degrees, to either side.")
    brightness: Plain = Field(0.1, ge=0, lt=1, description="Added, to either side.")
    contrast: Plain = Field(0.2, ge=0, lt=1, description="Part that contrast changes by.")
    colour: Plain = Field(0.25, ge=0, le=1, description="Part that saturation changes by.")


class HeadWords(Words):
    """The class head, learnt from what the frozen network makes of each picture."""

    epochs: int = Field(80, ge=1, le=100_000, description="Passes over all pictures.")
    batch: int = Field(64, ge=1, description="Pictures a step.")
    rate: Plain = Field(3e-3, gt=0, description="AdamW's rate, down along a cosine.")
    weight_decay: Plain = Field(0.05, ge=0, description="Decoupled weight decay.")
    patience: int = Field(
        20, ge=0, description="Passes without a better validation that end it; 0 for all passes."
    )


class UnfreezeWords(Words):
    """More layers that learn, all above them too."""

    depth: Plain | None = Field(
        None, gt=0, le=1, description="The upper part of the network that learns; 1 for all of it."
    )
    first: str | None = Field(None, description="Or the first layer that learns, by its name.")
    epochs: int = Field(8, ge=1, le=10_000, description="Passes over all pictures.")
    batch: int = Field(64, ge=2, description="Pictures a step.")
    rate: Plain | Literal["find"] = Field(
        1e-3, description="AdamW's greatest rate, the head's; `find` to look for one."
    )
    bottom: Plain = Field(
        0.5, gt=0, le=1, description="Rate of the first layer that learns, as a part of the head's."
    )
    weight_decay: Plain = Field(0.02, ge=0, description="Decoupled weight decay.")
    epsilon: Plain = Field(
        0.0,
        ge=0,
        description="L2 radius of an attack, at 64 px: dearer, a little less right, dreams better.",
    )
    patience: int = Field(
        5, ge=0, description="Passes without a better validation that end it; 0 for all passes."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> UnfreezeWords:
        if (self.depth is None) == (self.first is None):
            raise ValueError("expected depth or first")
        if self.rate != "find" and self.rate <= 0:
            raise ValueError("rate must be more than 0")
        return self


STAGES = [UnfreezeWords(depth=0.4, epochs=3), UnfreezeWords(depth=1.0, epochs=14)]


class Retraining(Words):
    """A retraining recipe."""

    title: str = Field("", description="What to call it.")
    name: str | None = Field(None, description="What its files are called.")
    licence: str = Field("", description="Of the weights, for the card.")
    sources: str = Field("", description="Of the pictures and their licences, for the card.")
    seed: int = Field(0, ge=0, le=10**9, description="Decides all chance.")
    base: str = Field("house", description="The network that is retrained: a name, card or file.")
    classes: list[str] = Field([], description="The class folders that are wanted; all.")
    split: SplitWords = Field(SplitWords(), description="What is kept for measuring.")
    split_as: str | None = Field(
        None, description="What stands before the paths that the split hashes; the folder's name."
    )
    head: HeadWords = Field(HeadWords(), description="The head alone, which comes first.")
    unfreeze: list[UnfreezeWords] = Field(
        STAGES, description="Then these, in turn; none for the head alone."
    )
    augment: PhotographAugment = Field(
        PhotographAugment(), description="How pictures are varied when more than the head learns."
    )
    label_smoothing: Plain = Field(0.05, ge=0, lt=1, description="A label's part for all others.")
    balance: bool = Field(False, description="Weigh the loss by one over a class's share.")
    average: Plain = Field(0.98, ge=0, lt=1, description="What the average of weights keeps.")
    keep: int = Field(50, ge=1, description="Steps between checkpoints.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="What to compute on.")
    precision: Literal["bfloat16", "float32"] = Field(
        "bfloat16", description="Numbers of the passes; weights are always float32."
    )

    @field_validator("name", "split_as")
    @classmethod
    def _a_name(cls, name: str | None) -> str | None:
        return a_file_name(name)


@dataclass(frozen=True)
class ParsedRetraining:
    """A retraining recipe's words and the tree they were read from."""

    words: Retraining
    tree: Tree

    def canonical(self) -> dict[str, Any]:
        """Its words as plain data, with all defaults."""
        return self.words.model_dump(mode="json")


def parse_retraining(
    path: Path | None, options: Mapping[str, Any], overrides: Sequence[str] = ()
) -> ParsedRetraining:
    """The retraining recipe in the file at `path`, or one without a word; `options` of the command
    line stand over it, `overrides` over those.

    Raises:
        RecipeError: all that is wrong with its text.
    """
    here = Path.cwd()
    tree = Tree({}, {(): Mark("the command line", 0, here)}) if path is None else read_layers(path)
    marks = {(key,): Mark(f"--{key.replace('_', '-')}", 0, here) for key in options}
    tree = Tree({**tree.value, **options}, tree.marks | marks)
    tree = with_overrides(tree, overrides, here)
    try:
        words = Retraining.model_validate(tree.value)
    except ValidationError as error:
        wrong = misplaced(tree, "retrain") or problems_of(error, tree, Retraining)
        raise RecipeError(wrong) from error
    return ParsedRetraining(words, tree)
