"""A film and an atlas, which several places of a cluster may make, and what came of them."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

from dreamer.batch.adding_atlas import job_of_atlas
from dreamer.batch.queue import Queue
from dreamer.engine.atlas_ready import AtlasWords
from recipes import batch, listed

ALONE = """
seed: 3
source: {noise: plasma}
size: [48, 40]
target: {layer: inception_3a, weight: {expr: 1 + n}}
ascent: {preset: lucid, steps: 10}
length: 12
fps: 24
classify: off
output: {preset: ultrafast}
"""


def add_parted(place: Path) -> None:
    """A film and an atlas, which several places may make."""
    (place / "film.yaml").write_text(ALONE)
    batch(place, "add", "film.yaml", "--threads", 1)
    words = AtlasWords("house", ("inception_3a",), "0-39", side=32)
    with Queue(place / "batch.sqlite", make=True) as queue:
        queue.add([job_of_atlas(words, out=place / "atlas", threads=1)])


def spread(folder: Path, address: str) -> str:
    """Empty the queue, parting whatever can be; what was said of jobs."""
    from dreamer.batch.cluster.on_ray import run_on_ray

    log, said = logging.getLogger("dreamer"), io.StringIO()
    log.addHandler(spoken := logging.StreamHandler(said))
    log.setLevel(logging.INFO)
    try:
        found = run_on_ray(folder / "batch.sqlite", address=address, least=1e-6)
    finally:
        log.removeHandler(spoken)
    assert found.well, [one["reason"] for one in listed(folder)]
    return said.getvalue()


def require_several(folder: Path, said: str) -> None:
    """The film and the atlas must have been made in several places, by what the driver said, and
    by several processes, by what each place did.
    """
    assert len(re.findall(r"done in \S+ s in [23] places", said)) == 2, said
    for name, count in (("film", 3), ("atlas-of-house", 3)):
        told = batch(folder, "logs", name)
        made = re.findall(r"(\S+ \S+ to \S+) .*made by process (\d+) on", told)
        assert len({part for part, _ in made}) == len(made) == count, told
        assert len({process for _, process in made}) > 1, told


def contents(folder: Path, home: Path) -> dict[str, bytes]:
    """What is in a job's folder, but for times, with files of its home called alike."""
    timed = ("journal.jsonl", "report.json", "preview.jpg", "lock", ".lock")
    return {
        str(path.relative_to(folder)): path.read_bytes().replace(bytes(home), b"HOME")
        for path in folder.rglob("*")
        if path.is_file() and path.name not in timed and path.parent.name != "state"
    }
