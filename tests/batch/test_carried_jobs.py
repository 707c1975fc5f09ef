"""Jobs carried to a place that does not see their home, and back: a place in this process, which
reads another word beside the folders than the driver wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from dreamer.batch.claims import claim, end
from dreamer.batch.cluster import away
from dreamer.batch.cluster.carrying import Carrier
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


def test_what_failed_elsewhere_does_not_stay_there(
    tmp_path: Path, node: Path, carried: Carried
) -> None:
    job = cut(tmp_path)
    (tmp_path / "0.png").write_bytes(b"another picture")
    _, came = carried(tmp_path)
    assert came.ending.exit == "failed"
    assert f"{job.base / '0.png'} is not what it was" in came.ending.reason
    assert not list((node / "work").iterdir())


def test_two_queues_with_one_job_work_beside_each_other(tmp_path: Path, node: Path) -> None:
    job = cut(tmp_path)
    with Queue(tmp_path / "batch.sqlite") as queue:
        (queued,) = queue.jobs()
    desk = Desk(lambda name: True)
    carriers = []
    for key in ("1-1-aa", "1-1-bb"):
        errand = Errand(key, (replace(queued, job=job),), str(tmp_path / "log"))
        desk.expect(errand)
        carriers.append(Carrier(desk, errand, 0, "node", node))
    killed = node / "work" / "1-1-00-node-0"
    (killed / "home").mkdir(parents=True)
    killed.with_name("1-1-00-node-0.lock").touch()
    first = carriers[0].bring()
    assert not killed.exists(), "what a killed process left goes"
    second = carriers[1].bring()
    assert (first.base / "0.png").is_file()
    carriers[1].over()
    assert (first.base / "0.png").is_file()
    assert not second.base.exists()
    carriers[0].over()
    assert not list((node / "work").iterdir())
