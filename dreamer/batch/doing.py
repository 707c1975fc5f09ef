"""One job done, wherever that is: in a worker of this machine, or on another.

What is there already is not made again: a folder that is whole is done at once, so that a worker
that was killed between finishing and saying so costs nothing, and one that was begun is gone on
with. A folder has one process at a time, and what is being made has another name until it is whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from dreamer import __version__
from dreamer.batch.job import Done, Job
from dreamer.batch.made_of import made_of
from dreamer.engine.atlas_ready import ReadyAtlas, atlas_words, ready_atlas
from dreamer.engine.clips import contents_of
from dreamer.engine.collage_ready import ready_collage
from dreamer.engine.collaging import make_collage
from dreamer.engine.dreamt_collages import on_its_collage
from dreamer.engine.execution import Execution
from dreamer.engine.folder import Folder
from dreamer.engine.layout import PROVENANCE, REPORT
from dreamer.engine.outcome import see_through
from dreamer.engine.part_rooms import rooms
from dreamer.engine.perceive import Through
from dreamer.engine.preparing import checked, kept, kept_recipe, taken
from dreamer.engine.ready import Ready
from dreamer.engine.stopping import Stop
from dreamer.engine.together import together
from dreamer.engine.told import Told, Watcher
from dreamer.engine.whole import whole
from dreamer.errors import FolderError
from dreamer.jobs.atlas import make_atlas
from dreamer.jobs.compile import compile_films
from dreamer.media import durable
from dreamer.networks.locate import sha256_of
from dreamer.recipe.collage_recipe import collage_from_text
from dreamer.recipe.parse import recipe_from_text

COMMAND = "dreamer batch run"
TOLD = 4  # files that changed
MENDED = "put it back, or add the recipe again"


def do_lot(
    jobs: Sequence[Job], watch: Callable[[int, Told], None], stops: Sequence[Stop]
) -> list[Done | Exception]:
    """Make jobs of one group together, or one job; what came of each. To the same bytes as each by
    itself with `do`.

    Args:
        jobs: what is to be made.
        watch: told of progress, with the number of one of `jobs`.
        stops: one of each, asked at every good moment to stop at.

    Raises:
        KeyboardInterrupt: somebody insisted; all have ended.
    """

    def act(number: int) -> Callable[[Through], Done]:
        job, stop = jobs[number], stops[number]
        return lambda through: _render(job, lambda told: watch(number, told), stop, through)

    if len(jobs) == 1:
        try:
            return [do(jobs[0], lambda told: watch(0, told), stops[0])]
        except Exception as error:
            return [error]
    if len({job.row for job in jobs}) < len(jobs):
        raise ValueError("two jobs have one place in a group")
    acts: list[Callable[[Through], Done] | None] = [None] * jobs[0].rows
    for number, job in enumerate(jobs):
        acts[job.row] = act(number)
    with computing(jobs[0]):
        found = together(acts)
    made: list[Done | Exception] = []
    for one in (found[job.row] for job in jobs):
        if not isinstance(one, Done | Exception):
            raise one or KeyboardInterrupt
        made.append(one)
    return made


def do(job: Job, watch: Watcher, stop: Stop) -> Done:
    """Make `job` in its folder, or go on there; the threads it says are torch's afterwards.

    Args:
        job: what is to be made.
        watch: told of progress.
        stop: asked at every good moment to stop at.

    Raises:
        Stopped: `stop` asked for it; what is finished is kept.
        FolderError: the folder is another's, or what the job is made of changed since it was added.
        DreamerError: what went wrong.
    """
    with computing(job):
        return WAYS[job.kind](job, watch, stop)


def _render(job: Job, watch: Watcher, stop: Stop, through: Through | None = None) -> Done:
    folder = Folder(job.out)

    def made(ready: Ready) -> Done:
        execution = folder.execution()
        here = (execution.row, execution.rows) == (job.row, job.rows)
        found = see_through(folder, ready, watch, stop, through if here else None)
        return _done(folder, found.products)

    if folder.exists():
        refuse_another(folder, job)
        with folder.locked():
            recipe = kept_recipe(folder)
            if not rooms(folder.path) and (products := whole(folder, recipe)) is not None:
                return _done(folder, products)
            return made(kept(folder))
    with begun(job, folder, watch, stop) as ours:
        return made(ours)


@contextmanager
def begun(
    job: Job,
    folder: Folder,
    watch: Watcher = lambda told: None,
    stop: Stop | None = None,
    execution: Execution | None = None,
) -> Iterator[Ready]:
    """Make `folder` that of the render `job`, and this process's while the block runs; gives its
    recipe as the folder keeps it. It is computed as this machine decides, or as `execution` says.

    Raises:
        FolderError: what the job is made of changed since it was added.
        DreamerError: what went wrong.
    """
    _refuse_changed(job)
    recipe = recipe_from_text(job.recipe, job.base, f"{job.name}.yaml")
    of, ready = made_of(recipe)
    _refuse_others(job, of)
    if recipe.words.source.collage is not None:
        make = partial(make_collage, watch=watch, stop=stop)
        ready = checked(on_its_collage(recipe, lambda one: make(one).product))
    origin, row, rows = job.origin, job.row, job.rows
    with taken(folder, ready, COMMAND, origin, row, rows, execution) as ours:
        yield ours


def _collage(job: Job, watch: Watcher, stop: Stop) -> Done:
    _refuse_changed(job)
    ready = ready_collage(collage_from_text(job.recipe, job.base, f"{job.name}.yaml"))
    _refuse_others(job, ready.identity)
    made = make_collage(ready, job.out, COMMAND, watch, stop=stop, of=job.origin)
    return _done(Folder(job.out), made.products)


def _compile(job: Job, watch: Watcher, stop: Stop) -> Done:
    folder = Folder(job.out)
    if folder.exists():
        refuse_another(folder, job)
    with folder.locked():
        report = folder.path / REPORT
        if report.is_file():
            made = [folder.path / name for name in folder.read_json(REPORT)["products"]]
            if all(path.is_file() for path in made):
                return _done(folder, made)
        _refuse_changed(job)
        if not folder.exists():
            about = {"name": job.name, "recipe_sha256": job.identity, "parent_sha256": None}
            folder.write_json(PROVENANCE, {**about, "command": COMMAND, **job.origin})
            folder.freeze_recipe(job.recipe)
            durable.sync_folder(folder.path.parent)
        recipe = folder.path / "recipe.yaml"
        ending = compile_films([recipe], dry_run=True).products[0].suffix
        out = folder.path / f"{job.name}{ending}"
        # What lies there has our provenance beside it: a part of what a killed worker was making.
        found = compile_films([recipe], out=out, force=True, watch=watch, stop=stop)
        folder.write_json(REPORT, {"products": [path.name for path in found.products]})
        return _done(folder, found.products)


def refuse_another(folder: Folder, job: Job) -> None:
    """Refuse a folder that another recipe was made in.

    Raises:
        FolderError: it is another's.
    """
    said = folder.read_json(PROVENANCE)
    if said.get("job") == job.id:
        return
    if said.get("recipe_sha256") != job.identity:
        raise FolderError(
            f"{folder.path} holds something else than this job; put it aside, or add the recipe "
            "with another --out"
        )


def _refuse_version(job: Job) -> None:
    """Refuse a job of another dreamer, whose bytes would be others than its id says."""
    if job.version != __version__:
        raise FolderError(
            f"it was added by dreamer {job.version}, and this is {__version__}; add it again"
        )


def _refuse_changed(job: Job) -> None:
    """Refuse to begin a job whose files are not those that it was added with."""
    what = []
    for file, sha256 in job.inputs.items():
        path = Path(file)
        if not path.exists():
            what.append(f"{file} is not there any more")
        elif contents_of(path) != sha256:
            what.append(f"{file} is not what it was")
    if what:
        more = f"; and {len(what) - TOLD} more" if len(what) > TOLD else ""
        raise FolderError(f"since it was added, {'; '.join(what[:TOLD])}{more}; {MENDED}")


def _refuse_others(job: Job, made_of: str) -> None:
    """Refuse a job that is made of something else now, though its files are what they were."""
    if made_of != job.identity:
        raise FolderError(
            "since it was added, its pictures, a network, or what the network's card says became "
            f"others; {MENDED}"
        )


def _atlas(job: Job, watch: Watcher, stop: Stop) -> Done:
    return _done(Folder(job.out), make_atlas(atlas_of(job), job.out, watch, stop).files)


def atlas_of(job: Job) -> ReadyAtlas:
    """The atlas that `job` asks for.

    Raises:
        FolderError: its network is another now than when it was added.
        DreamerError: its network is not here.
    """
    _refuse_changed(job)
    ready = ready_atlas(atlas_words(job.recipe))
    _refuse_others(job, ready.identity())
    return ready


def _done(folder: Folder, products: Iterable[Path]) -> Done:
    return Done(folder.path, {path.name: sha256_of(path) for path in products})


@contextmanager
def computing(job: Job) -> Iterator[None]:
    """Be in the folder that names of default places are relative to while the block runs; the
    threads `job` says are torch's from now on.

    Raises:
        FolderError: a job of another dreamer.
    """
    import torch

    _refuse_version(job)
    torch.set_num_threads(job.threads)  # what a new folder's execution.json will say
    before = Path.cwd()
    os.chdir(job.base)
    try:
        yield
    finally:
        os.chdir(before)


WAYS = {"render": _render, "collage": _collage, "compile": _compile, "atlas": _atlas}
