"""From an atlas that is asked for to a job."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dreamer import __version__
from dreamer.batch.adding import FOLDERS, THREADS_OF_FILMS
from dreamer.batch.job import Job
from dreamer.batch.made_of import hashed
from dreamer.engine.atlas_ready import AtlasWords, ready_atlas
from dreamer.engine.portraits import megapixel_steps
from dreamer.networks.locate import sha256_of


def job_of_atlas(words: AtlasWords, *, out: Path | None = None, threads: int | None = None) -> Job:
    """The job of an atlas, looked up and checked.

    Args:
        words: what is asked for.
        out: its folder, which may have pictures of the same atlas; else a new one in atlas here.
        threads: how many it computes with; 4 unless said, or as many cores as there are here.

    Raises:
        UsageError: what the network has not, or a folder that holds something else.
        FolderError: a folder that holds another atlas.
        NetworkError: a network that is not here.
    """
    ready = ready_atlas(words)
    identity, name = ready.identity(), re.sub(r"[^\w.-]", "_", ready.card.name)
    place = out or Path(FOLDERS["atlas"], f"{name}-{identity[:8]}")
    folder = ready.folder(place.absolute())
    folder.refuse_foreign()
    if folder.exists():
        folder.execution()
    works = [len(p.numbers) * megapixel_steps(p.way, ready.side) for p in ready.plates]
    return Job(
        id=hashed([identity, __version__, "atlas"]),
        kind="atlas",
        name=f"atlas-of-{name}",
        recipe=words.as_text(),
        base=Path.cwd(),
        out=folder.path,
        identity=identity,
        inputs={str(path): sha256_of(path) for path in ready.files()},
        version=__version__,
        threads=threads or min(THREADS_OF_FILMS, os.cpu_count() or 1),
        cost=round(sum(works), 6),
    )
