"""A real training, watched by all that tells of it: it ends in the same weights, and the report is
its own.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from parted import squares_of
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from dreamer.learn import board, early
from dreamer.learn.activity import activity
from dreamer.learn.augment import centred
from dreamer.learn.course import Course, Stage
from dreamer.learn.draws import Draws
from dreamer.learn.evaluation import evaluated
from dreamer.learn.health import findings
from dreamer.learn.history import History, Mark, Moment
from dreamer.learn.listed import listed
from dreamer.learn.loop import Learner, new_learner, steps
from dreamer.learn.model import trainable
from dreamer.learn.outcomes import Outcomes
from dreamer.learn.report import Counts, Made, Report, reported
from dreamer.learn.report_page import page
from dreamer.learn.squares import Squares

SIDE = 32
COURSE = Course(
    stages=(Stage(SIDE, 12), Stage(40, 12)),
    batch=12,
    peak=0.004,
    weight_decay=0.005,
    warm_up=0.1,
    label_smoothing=0.0,
    alpha=1.1,
    ramp=0.3,
    average=0.9,
    seed=3,
    epsilon_photographs=0.0,
    epsilon_motifs=0.0,
    share_motifs=0.0,
)


def said_of(learner: Learner, squares: Squares) -> Outcomes:
    model = learner.model.eval()
    with torch.no_grad():
        shares = model(centred(squares.pictures, SIDE)).softmax(1).numpy()
    model.train()
    names = tuple(f"{squares.classes[k]}/{n}" for n, k in enumerate(squares.labels.tolist()))
    return Outcomes(names, squares.labels.numpy(), shares, squares.classes)


def watched(data: Path, events: Path, looks: bool) -> tuple[Learner, Report | None]:
    found = listed(data, ["things"])
    parts = [squares_of(found, 40, part) for part in ("training", "validation")]
    seen, held = parts
    learner = new_learner(trainable("judge", 3, 0), COURSE)
    rule, standing, moments = early.Rule(patience=5), early.Standing(), []
    with board.opened(events, 0) as writer:
        for step in steps(learner, Draws(seen, COURSE), torch.float32):
            done, words = learner.done, {"training_loss": step.loss}
            if looks and done % 6 == 0:
                found = activity(learner.model, centred(seen.pictures[:32], SIDE))
                said = said_of(learner, held)
                figures = evaluated(said)
                words |= {
                    "validation_accuracy": figures.accuracy,
                    "validation_loss": figures.log_loss,
                    "largest_logit": found.largest_logit,
                }
                standing = early.measured(rule, standing, done, words["validation_accuracy"])
            moments.append(Moment(done, rate=COURSE.rate(done - 1), **words))
            board.write_moment(writer, moments[-1])
    if not looks:
        return learner, None
    counts = [torch.bincount(part.labels, minlength=3).tolist() for part in parts]
    whole = History(3, tuple(moments), found.layers, COURSE.batch, len(held.labels))
    assert standing.best == max(m.validation_accuracy or 0 for m in moments)
    told = reported(
        "tones",
        said_of(learner, held),
        Made(
            "things",
            tuple(Counts(*each, each[1]) for each in zip(*counts, strict=True)),
            base=None,
            seed=COURSE.seed,
            seconds=learner.seconds,
            versions={"torch": torch.__version__},
        ),
        moments=moments,
        stages=[Mark(1, "32 px"), Mark(13, "40 px")],
        findings=findings(whole),
    )
    return learner, told


def test_a_training_that_is_watched_ends_in_the_same_weights_and_its_report(
    data: Path, tmp_path: Path
) -> None:
    plain, _ = watched(data, tmp_path / "plain", looks=False)
    learner, told = watched(data, tmp_path / "events", looks=True)
    for name, value in learner.model.state_dict().items():
        assert torch.equal(value, plain.model.state_dict()[name]), name
    assert told is not None
    assert told.findings == (), "three colours are learnt easily"
    read = json.loads(json.dumps(told.as_json(), allow_nan=False))
    assert read["test_accuracy"] == pytest.approx(1, abs=0.35)
    html = page(told)
    assert "40 px" in html
    assert "validation loss" in html
    events = EventAccumulator(str(tmp_path / "events"), size_guidance={"scalars": 0})
    events.Reload()
    assert len(events.Scalars("loss/training")) == COURSE.steps
    assert len(events.Scalars("accuracy/validation")) == 4
