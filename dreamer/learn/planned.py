"""From a training recipe's words to the numbers of its course."""

from __future__ import annotations

from dreamer.learn.course import Course, Stage
from dreamer.learn.draws import steps_of_a_pass
from dreamer.learn.variation import Variation
from dreamer.recipe.training import Augment, Training


def course_of(words: Training, pictures: int) -> Course:
    """The numbers of a training recipe that learns from so many pictures."""
    photographs, motifs, optimiser = words.photographs, words.motifs, words.optimiser
    epoch = steps_of_a_pass(pictures, words.batch)
    return Course(
        stages=tuple(Stage(s.side, s.steps or (s.epochs or 0) * epoch) for s in words.stages),
        batch=words.batch,
        peak=optimiser.peak,
        weight_decay=optimiser.weight_decay,
        warm_up=optimiser.warm_up,
        label_smoothing=words.label_smoothing,
        alpha=words.attack.alpha,
        ramp=words.attack.ramp,
        average=words.average,
        seed=words.seed,
        epsilon_photographs=photographs.epsilon if photographs else 0.0,
        epsilon_motifs=motifs.epsilon if motifs else 0.0,
        share_motifs=motifs.share if motifs else 0.0,
        optimiser=optimiser.kind,
        momentum=optimiser.momentum,
        rho=optimiser.rho,
        schedule=optimiser.schedule,
        clip=optimiser.clip,
        sampling=words.sampling,
        variation=None if words.augment is None else variation_of(words.augment),
        part=words.look,
        balance=words.balance,
    )


def variation_of(words: Augment) -> Variation:
    """How far pictures are varied."""
    return Variation(**words.model_dump())
