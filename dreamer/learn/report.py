"""All that a training's report says, as one value: `report.json` is its words, `report_page.page`
the same to look at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dreamer.learn.calibration import Calibration, Temperature, calibrated, fitted
from dreamer.learn.evaluation import Evaluation, evaluated
from dreamer.learn.health import Finding
from dreamer.learn.history import Mark, Moment, series, thinned
from dreamer.learn.outcomes import Outcomes
from dreamer.learn.split import Part

THIN = 20  # training pictures, below which TensorFlow for Poets warned of a class
TWICE = "the same picture as"  # how the reason begins of a file that is there under another name
ELSEWHERE = ", which is of another class"  # how it ends where that is so
FEW = 5  # test pictures, below which a class's figures say little
NAMED, LETTERS = 5, 40  # names in a warning, and of a name; all of them are in the table
CURVES = (
    "training_loss",
    "validation_loss",
    "training_accuracy",
    "validation_accuracy",
    "rate",
    "largest_logit",
)


@dataclass(frozen=True)
class Counts:
    """Pictures of a class in each part."""

    training: int
    validation: int
    test: int


@dataclass(frozen=True)
class Made:
    """How a network was made: the data folder's name, pictures of each class in the order of the
    network's classes, files passed over with the reason, what it started from (None: nothing), the
    seed, seconds of work, versions of what made it, and anything else that there is to say.
    """

    data: str
    counts: tuple[Counts, ...]
    base: str | None
    seed: int
    seconds: float
    versions: Mapping[str, str]
    skipped: tuple[tuple[str, str], ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """A training and its end. `evaluation` and `calibration` are of the test part, `temperature`
    was fitted to the validation part and is applied to nothing. Where no pictures were kept for a
    test it was `judged_on` those of the validation part, which flatters it.
    """

    name: str
    evaluation: Evaluation
    calibration: Calibration
    temperature: Temperature | None
    moments: tuple[Moment, ...]
    stages: tuple[Mark, ...]
    made: Made
    findings: tuple[Finding, ...]
    judged_on: Part = "test"

    @property
    def unseen(self) -> str:
        """What the pictures are that it was judged on."""
        if self.judged_on == "test":
            return "it never saw"
        return "were kept for validation, by which the best weights were chosen"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before the figures are believed, in sentences."""
        return (*(finding.as_text() for finding in self.findings), *_of_data(self))

    def as_json(self) -> dict[str, Any]:
        """Plain values that strict JSON can hold; `test_accuracy` is the figure that counts."""
        curves = {of: _plain(thinned(series(self.moments, of))) for of in CURVES}
        made = self.made
        return {
            "name": self.name,
            "test_accuracy": self.evaluation.accuracy if self.judged_on == "test" else None,
            "judged_on": self.judged_on,
            "test": self.evaluation.as_json(),
            "calibration": self.calibration.as_json(),
            "temperature": None if self.temperature is None else self.temperature.as_json(),
            "curves": {of: points for of, points in curves.items() if points},
            "stages": [asdict(mark) for mark in self.stages],
            "made": {
                "data": made.data,
                "pictures": {
                    name: asdict(counts)
                    for name, counts in zip(self.evaluation.classes, made.counts, strict=True)
                },
                "skipped": dict(made.skipped),
                "base": made.base,
                "seed": made.seed,
                "seconds": made.seconds,
                "versions": dict(made.versions),
                "more": dict(made.more),
            },
            "findings": [finding.as_json() for finding in self.findings],
            "warnings": list(self.warnings),
        }


def reported(
    name: str,
    test: Outcomes,
    made: Made,
    *,
    validation: Outcomes | None = None,
    moments: Sequence[Moment] = (),
    stages: Sequence[Mark] = (),
    findings: Sequence[Finding] = (),
    judged_on: Part = "test",
) -> Report:
    """The report of a network called `name`.

    Args:
        name: of the network.
        test: what it says of the pictures kept for the end.
        made: how it was made.
        validation: what it says of those kept beside the training; a temperature is fitted to it.
        moments: what was measured while it learnt, in order of their steps.
        stages: where in it something else began.
        findings: illnesses found in it.
        judged_on: which part `test` is of.

    Raises:
        DataError: as `evaluation.checked`.
        ValueError: not a count for each class.
    """
    if len(made.counts) != len(test.classes):
        raise ValueError(f"{len(made.counts)} counts of pictures for {len(test.classes)} classes")
    return Report(
        name=name,
        evaluation=evaluated(test),
        calibration=calibrated(test),
        temperature=None if validation is None else fitted(validation),
        moments=tuple(moments),
        stages=tuple(stages),
        made=made,
        findings=tuple(findings),
        judged_on=judged_on,
    )


def _of_data(report: Report) -> list[str]:
    names, made = report.evaluation.classes, report.made
    twice = [(file, why) for file, why in made.skipped if why.startswith(TWICE)]
    double = [file for file, why in twice if not why.endswith(ELSEWHERE)]
    unclear = [file for file, why in twice if why.endswith(ELSEWHERE)]
    skipped = [file for file, _ in made.skipped if file not in {*double, *unclear}]
    thin = [n for n, c in zip(names, made.counts, strict=True) if c.training < THIN]
    unseen = [f.name for f in report.evaluation.per_class if not f.support]
    few = [f.name for f in report.evaluation.per_class if 0 < f.support < FEW]
    silent = [f.name for f in report.evaluation.per_class if f.support and not f.said]
    told = (
        (skipped, "{count} passed over that could not be read: {names}", "file was", "files were"),
        (
            double,
            "{count} passed over, being there under another name too: {names}",
            "file was",
            "files were",
        ),
        (
            unclear,
            "{count} passed over, being of two classes: {names}; leave each in one",
            "file was",
            "files were",
        ),
        (
            thin,
            f"{{count}} fewer than {THIN} pictures to learn from: {{names}}; add more",
            "class has",
            "classes have",
        ),
        (
            unseen,
            "{count} no test picture, so that nothing is known of {names}",
            "class has",
            "classes have",
        ),
        (
            few,
            f"{{count}} fewer than {FEW} test pictures, too few to judge by: {{names}}",
            "class has",
            "classes have",
        ),
        (silent, "{count} never said of any test picture: {names}", "class is", "classes are"),
    )
    return [
        words.format(count=f"{len(found)} {one if len(found) == 1 else many}", names=_some(found))
        for found, words, one, many in told
        if found
    ]


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    short = [n if len(n) <= LETTERS else n[: LETTERS - 1] + "…" for n in names[:NAMED]]
    return ", ".join(short) + (f" and {more} more" if more > 0 else "")


def _plain(points: Sequence[tuple[float, float]]) -> list[list[float | None]]:
    return [[step, value if math.isfinite(value) else None] for step, value in points]
