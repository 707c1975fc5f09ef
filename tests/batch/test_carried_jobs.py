"""Jobs carried to a place that does not see their home, and back: a place in this process, which
reads another word beside the folders than the driver wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from dreamer.batch.claims import claim, end
from dreamer.batch.cluster import away
from dreamer.batch.cluster.desk import Desk
from dreamer.batch.cluster.errand import Came, Errand
from dreamer.batch.doing import do
from dreamer.batch.job import Job
from dreamer.batch.members import joined
from dreamer.batch.queue import Queue
from dreamer.engine.stopping import Stop
from dreamer.errors import Stopped
from recipes import batch

CUT = """
size: [32, 32]
fps: 4
still: 2
output: {preset: ultrafast}
clips: [0.png, 1.png]
"""


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the node keeps."""
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "node"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(away, "speak", lambda: None)  # which is for a process of its own
    return tmp_path / "node" / "ray"


Carried = Callable[[Path], tuple[Job, Came]]


@pytest.fixture
def carried(node: Path) -> Carried:
    """`carried(folder)`: the next job of the queue there, done where it is not seen."""

    def go(folder: Path) -> tuple[Job, Came]:
        with Queue(folder / "batch.sqlite") as queue, joined(queue, "runner") as me:
            lot = claim(queue, me)
            tokens = {str(one.job.out.parent): "another word" for one in lot}
            errand = Errand("1-1-aa", tuple(lot), str(folder / "log"), tokens)
            desk = Desk(lambda name: True)
            desk.expect(errand)
            (came,) = away.Away(desk, "node", "cpu").do(errand)
            end(queue, lot[0], came.ending, came.files)
            return lot[0].job, came

    return go


def cut(folder: Path) -> Job:
    """A compilation that waits in the queue of `folder`."""
    for number in range(2):
        Image.new("RGB", (32, 32), (number * 90, 50, 9)).save(folder / f"{number}.png")
    (folder / "cut.yaml").write_text(CUT)
    batch(folder, "add", "cut.yaml")
    with Queue(folder / "batch.sqlite") as queue:
        return queue.job(queue.jobs()[0].job.id).job


def test_a_compilation_that_was_begun_at_home_is_finished_elsewhere(
    tmp_path: Path, carried: Carried
) -> None:
    job = cut(tmp_path)
    stop = Stop()
    stop.ask(15)
    with pytest.raises(Stopped):
        do(job, lambda told: None, stop)
    assert (job.out / "recipe.yaml").is_file()
    (job.out / "notes.txt").write_text("a person's")
    _, came = carried(tmp_path)
    assert came.ending.exit == "done", came.ending
    assert came.files is not None
    assert came.files.keys() == {"cut.mp4"}
    assert (job.out / "cut.mp4").is_file()
    assert (job.out / "notes.txt").read_text() == "a person's"
    assert do(job, lambda told: None, Stop()).files == came.files, "it is whole"


def test_a_compilation_that_is_whole_is_not_made_again_elsewhere(
    tmp_path: Path, carried: Carried
) -> None:
    job = cut(tmp_path)
    done = do(job, lambda told: None, Stop())
    report = (job.out / "report.json").read_bytes()
    _, came = carried(tmp_path)
    assert came.ending.exit == "done", came.ending
    assert came.files == done.files
    assert (job.out / "report.json").read_bytes() == report
