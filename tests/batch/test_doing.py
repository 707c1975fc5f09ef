"""A job done: begun, gone on with, found done; renders, collages and compilations alike."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dreamer.batch.adding import job_of_file
from dreamer.batch.doing import do, do_lot
from dreamer.engine.folder import Folder
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Told, Watcher
from dreamer.errors import BusyError, FolderError, Stopped
from dreamer.jobs.render import render
from recipes import FILM, STILL, bytes_of

SHORT = FILM.replace("400", "6")


def silent(told: Told) -> None:
    pass


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stopping(stop: Stop, done: int) -> Watcher:
    def watch(told: Told) -> None:
        if told.done >= done and not stop:
            stop.ask(signal.SIGTERM)

    return watch


def test_a_film_that_was_stopped_is_gone_on_with_to_the_same_bytes(place: Path) -> None:
    (place / "film.yaml").write_text(FILM.replace("400", "40"))
    render("film.yaml", out=place / "whole")
    job = job_of_file(Path("film.yaml"), threads=1)
    stop = Stop()
    with pytest.raises(Stopped):
        do(job, stopping(stop, 2), stop)
    assert 2 <= len(list(job.out.glob("frames/*"))) < 40
    done = do(job, silent, Stop())
    assert bytes_of(job.out) == bytes_of(place / "whole")
    assert set(done.files) == {"film.mp4"}
    assert done.folder == job.out


def test_what_is_whole_is_done_at_once_and_what_is_not_is_made_whole(place: Path) -> None:
    (place / "film.yaml").write_text(SHORT)
    job = job_of_file(Path("film.yaml"), threads=1)
    first = do(job, silent, Stop())
    told: list[Told] = []
    files = [job.out / name for name in ("film.mp4", "report.json")]
    before = [path.stat().st_ino for path in files]
    assert do(job, told.append, Stop()) == first
    assert not told
    assert [path.stat().st_ino for path in files] == before, "nothing was written again"
    (job.out / "frames" / "000003.png").unlink()
    assert do(job, told.append, Stop()) == first
    assert told
    (job.out / "film.mp4").unlink()
    assert do(job, silent, Stop()) == first


def test_what_was_rendered_by_hand_is_found_done(place: Path) -> None:
    (place / "still.yaml").write_text(STILL.format(seed=1, steps=1))
    made = render("still.yaml")
    job = job_of_file(Path("still.yaml"))
    assert job.out == made.folder.resolve()
    told: list[Told] = []
    assert set(do(job, told.append, Stop()).files) == {"still.png"}
    assert not told


def test_threads_are_the_job_s(place: Path) -> None:
    (place / "still.yaml").write_text(STILL.format(seed=1, steps=1))
    before = torch.get_num_threads()
    try:
        job = job_of_file(Path("still.yaml"), threads=3)
        do(job, silent, Stop())
        assert Folder(job.out).execution().threads == 3
    finally:
        torch.set_num_threads(before)


def test_threads_do_not_depend_on_workers(place: Path) -> None:
    (place / "still.yaml").write_text(STILL.format(seed=1, steps=1))
    (place / "film.yaml").write_text(SHORT)
    assert job_of_file(Path("still.yaml")).threads == 1
    assert job_of_file(Path("film.yaml")).threads == min(4, os.cpu_count() or 1)


def test_a_folder_of_another_process_is_busy(place: Path) -> None:
    (place / "still.yaml").write_text(STILL.format(seed=1, steps=1))
    job = job_of_file(Path("still.yaml"))
    with Folder(job.out).locked(), pytest.raises(BusyError):
        do(job, silent, Stop())


def test_a_job_of_another_dreamer_is_refused(place: Path) -> None:
    (place / "still.yaml").write_text(STILL.format(seed=1, steps=1))
    job = replace(job_of_file(Path("still.yaml")), version="0.0.1")
    with pytest.raises(FolderError, match=r"added by dreamer 0\.0\.1"):
        do(job, silent, Stop())
    (made,) = do_lot([job], lambda number, told: None, [Stop()])
    assert isinstance(made, FolderError)
    assert not job.out.exists()


def test_no_two_jobs_have_one_place(place: Path) -> None:
    (place / "still.yaml").write_text(STILL.format(seed=1, steps=1))
    job = replace(job_of_file(Path("still.yaml")), row=1, rows=2)
    with pytest.raises(ValueError, match="one place"):
        do_lot([job, job], lambda number, told: None, [Stop(), Stop()])


def test_another_recipe_s_folder_is_refused(place: Path) -> None:
    (place / "still.yaml").write_text(STILL.format(seed=1, steps=1))
    job = job_of_file(Path("still.yaml"))
    render("still.yaml", out=job.out, overrides=["seed=2"])
    with pytest.raises(FolderError, match="holds something else than this job"):
        do(job, silent, Stop())


def test_a_collage(place: Path) -> None:
    for seed in (1, 2, 3):
        (place / "still.yaml").write_text(STILL.format(seed=seed, steps=1))
        render("still.yaml", out=place / f"r{seed}")
    (place / "pictures").mkdir()
    for seed in (1, 2, 3):
        (place / f"r{seed}" / "still.png").rename(place / "pictures" / f"{seed}.png")
    (place / "heap.yaml").write_text(
        "size: [120, 90]\nclassify: off\ncollage: {pictures: [{folder: pictures}], layout: grid}\n"
    )
    job = job_of_file(Path("heap.yaml"), threads=1)
    assert (job.kind, job.out.parent.name, len(job.inputs)) == ("collage", "collages", 3)
    first = do(job, silent, Stop())
    assert set(first.files) == {"heap.png"}
    assert json.loads((job.out / "provenance.json").read_text())["job"] == job.id
    assert do(job, silent, Stop()) == first
    dreamt = STILL.format(seed=1, steps=1).replace("{noise: plasma}", "{collage: heap.yaml}")
    (place / "dreamt.yaml").write_text(dreamt.replace("size: [48, 40]\n", ""))
    on_it = job_of_file(Path("dreamt.yaml"))
    done = do(on_it, silent, Stop())
    assert set(done.files) == {"dreamt.png"}
    assert do(on_it, silent, Stop()) == done
    (place / "pictures" / "1.png").write_bytes((place / "pictures" / "2.png").read_bytes())
    with pytest.raises(FolderError, match=r"1\.png is not what it was"):
        do(job, silent, Stop())


def test_a_compilation(place: Path) -> None:
    (place / "film.yaml").write_text(SHORT)
    render("film.yaml", out=place / "whole")
    (place / "cut.yaml").write_text(
        "size: [48, 40]\nfps: 24\nstill: 4\noutput: {preset: ultrafast}\n"
        "clips: [whole/film.mp4, {file: whole/frames/000002.png}]\n"
    )
    job = job_of_file(Path("cut.yaml"), threads=1)
    assert (job.kind, len(job.inputs)) == ("compile", 2)
    stop = Stop()
    with pytest.raises(Stopped):
        do(job, stopping(stop, 2), stop)
    assert not list(job.out.glob("*.mp4"))
    first = do(job, silent, Stop())
    assert set(first.files) == {"cut.mp4"}
    assert do(job, silent, Stop()) == first
    (job.out / "cut.mp4").unlink()
    assert do(job, silent, Stop()) == first
    (job.out / "cut.mp4").unlink()
    (place / "whole" / "film.mp4").unlink()
    with pytest.raises(FolderError, match=r"film\.mp4 is not there any more"):
        do(job, silent, Stop())
