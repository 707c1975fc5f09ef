"""Parts of jobs: made by several processes at once, killed, shipped, gathered; then the job is done
as any other, to the bytes of an unbroken run.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dreamer.batch import adding_atlas
from dreamer.batch.adding import job_of_file
from dreamer.batch.adding_atlas import job_of_atlas
from dreamer.batch.attempting import device_of
from dreamer.batch.doing import do
from dreamer.batch.job import Job
from dreamer.batch.parts import Part, begin, decided, do_part, gather, needed, part_folder, parts_of
from dreamer.engine import best_plate_size
from dreamer.engine.atlas_ready import AtlasWords
from dreamer.engine.folder import Folder
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Told
from dreamer.errors import BusyError, FolderError, Stopped
from dreamer.jobs.atlas import atlas
from dreamer.jobs.render import render
from recipes import FILM, STILL, batch, bytes_of, listed, ran

ALONE = """
seed: 3
source: {noise: plasma}
size: [48, 40]
target: {layer: inception_3a, weight: {expr: 1 + n}}
ascent: {preset: lucid, steps: 3}
length: LENGTH
fps: 24
classify: {top: 2, every: 4}
output: {preset: ultrafast}
"""
MAKING = """
import pickle, sys
from dreamer.batch.parts import do_part
from dreamer.engine.stopping import Stop
for job, part in pickle.load(open(sys.argv[1], "rb")):
    do_part(job, part, lambda told: None, Stop())
"""


def silent(told: Told) -> None:
    pass


def making(job: Job, *parts: Part) -> subprocess.Popen[str]:
    """Make `parts` of `job`, one after another, in a process of its own."""
    path = Path(f"{parts[0].name}.pickle")
    path.write_bytes(pickle.dumps([(job, part) for part in parts]))
    return subprocess.Popen(
        [sys.executable, "-c", MAKING, str(path)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )


def well(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        _, said = process.communicate(timeout=100)
        assert process.returncode == 0, said


@pytest.fixture(scope="module", autouse=True)
def by_sixteen() -> Iterator[None]:
    """Atlases' pictures are made as many together as they are where nothing was measured."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(best_plate_size, "best_for_plates", lambda ready, execution: None)
        yield


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


MakeFilm = Callable[[int], Job]


@pytest.fixture
def film(place: Path) -> MakeFilm:
    """`film(12)`: the job of a film of so many frames, none of which looks at another."""

    def make(length: int) -> Job:
        (place / "film.yaml").write_text(ALONE.replace("LENGTH", str(length)))
        return job_of_file(Path("film.yaml"), threads=1)

    return make


def promised(folder: Path) -> dict[str, Any]:
    return bytes_of(folder) | {"scores": (folder / "scores.json").read_text()}


def test_parts_in_two_processes_make_the_bytes_of_an_unbroken_run(
    place: Path, film: MakeFilm
) -> None:
    job = film(12)
    ahead = parts_of(job, 4, 1e-6)
    begin(job)
    parts = parts_of(job, 4, 1e-6)
    assert parts == ahead, "they are known before anything is begun"
    assert [(part.first, part.last) for part in parts] == [(0, 2), (3, 5), (6, 8), (9, 11)]
    assert sum(part.cost for part in parts) == pytest.approx(job.cost)
    well(making(job, parts[3], parts[0]), making(job, parts[2], parts[1]))
    assert gather(job) == 12
    assert parts_of(job, 4, 1e-6) == []
    told: list[Told] = []
    done = do(job, told.append, Stop())
    assert not told, "no frame was made again"
    render("film.yaml", out=place / "whole")
    assert promised(job.out) == promised(place / "whole")
    assert done == do(job, silent, Stop())
    assert not (job.out / ".parts").exists()


@pytest.mark.slow
def test_a_part_whose_process_is_killed_is_gone_on_with(place: Path, film: MakeFilm) -> None:
    job = film(120)
    begin(job)
    first, second = parts_of(job, 2, 1e-6)
    process = making(job, first)
    journal = part_folder(job, first) / "journal.jsonl"
    began = time.monotonic()
    while not journal.exists() or len(journal.read_bytes().splitlines()) < 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - began < 100
        time.sleep(0.005)
    with pytest.raises(BusyError):
        do_part(job, first, silent, Stop())
    process.send_signal(signal.SIGKILL)
    process.communicate()
    there = {path: path.stat().st_ino for path in journal.parent.glob("frames/*.png")}
    assert 3 <= len(there) < 60
    do_part(job, second, silent, Stop())
    assert gather(job) == 0, "those behind it wait"
    assert parts_of(job, 9, 1e9) == [first]
    do_part(job, first, silent, Stop())
    known = [path for path in there if path.stat().st_ino == there[path]]
    assert len(known) >= len(there) - 1, "all but the one that was not named yet"
    assert gather(job) == 120
    do(job, silent, Stop())
    render("film.yaml", out=place / "whole")
    assert promised(job.out) == promised(place / "whole")


def test_a_job_that_is_done_alone_takes_up_what_its_parts_left(place: Path, film: MakeFilm) -> None:
    job = film(80)
    begin(job)
    parts = parts_of(job, 4, 1e-6)
    stop = Stop()

    def watch(told: Told) -> None:
        if told.done >= 2:
            stop.ask(signal.SIGTERM)

    with pytest.raises(Stopped):
        do_part(job, parts[1], watch, stop)
    do_part(job, parts[2], silent, Stop())
    before = len(list(job.out.glob(".parts/*/frames/*")))
    making = Folder(part_folder(job, parts[1]), parts[1].first, ("part.json",))
    with making.locked(), pytest.raises(BusyError):
        do(job, silent, Stop())
    told: list[Told] = []
    do(job, told.append, Stop())
    assert len([one for one in told if one.within is None]) == 80 - before
    assert all(one.of == 80 for one in told)
    render("film.yaml", out=place / "whole")
    assert promised(job.out) == promised(place / "whole")
    assert not (job.out / ".parts").exists()


def test_a_part_is_made_elsewhere_from_the_files_it_needs(place: Path, film: MakeFilm) -> None:
    """As a machine does that does not see the folder, nor what the recipe names."""
    noise = Path("moving")
    noise.mkdir()
    for number in range(6):
        render_still(noise / f"{number}.png", number)
    Path("film.yaml").write_text(
        "source: {folder: moving}\nsize: [48, 40]\nfollow: {flow: false}\nfps: 5\n"
        "target: inception_3a\nascent: {octaves: 1, steps: 1}\nclassify: off\n"
    )
    job = job_of_file(Path("film.yaml"), threads=1)
    begin(job, decided(job))
    far = place / "far" / "away"
    for path in needed(job):
        (far / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(job.out / path, far / path)
    hidden = noise.rename("hidden")
    for part in parts_of(job, 2, 1e-9):
        away = replace(job, out=far, base=place / "nowhere")
        done = do_part(away, part, silent, Stop())
        assert set(done.files) == {f"frames/{k:06d}.png" for k in range(part.first, part.last + 1)}
        part_folder(job, part).parent.mkdir(exist_ok=True)
        done.folder.rename(part_folder(job, part))
    assert gather(job) == 6
    do(job, silent, Stop())
    hidden.rename(noise)
    render("film.yaml", out=place / "whole")
    assert bytes_of(job.out) == bytes_of(place / "whole")


def render_still(path: Path, number: int) -> None:
    from PIL import Image

    Image.effect_noise((48, 40), 20 + 10 * number).convert("RGB").save(path)


def test_what_frames_are_fed_to_has_no_parts(place: Path) -> None:
    (place / "zoom.yaml").write_text(FILM)
    (place / "still.yaml").write_text(STILL.format(seed=1, steps=2))
    for name in ("zoom", "still"):
        job = job_of_file(Path(f"{name}.yaml"), threads=1)
        assert parts_of(job, 4, 1e-9) == []
        begin(job)
        assert parts_of(job, 4, 1e-9) == []
        assert parts_of(replace(job, kind="collage"), 4, 1e-9) == []


def test_a_small_job_is_not_worth_spreading(film: MakeFilm) -> None:
    job = film(12)
    assert job.cost is not None
    assert parts_of(job, 4) == []
    assert len(parts_of(job, 9, job.cost / 3.5)) == 3


def test_a_part_of_another_job_is_refused(place: Path, film: MakeFilm) -> None:
    job = film(12)
    (part, *_) = parts_of(job, 4, 1e-6)
    with pytest.raises(FolderError, match="is not a render's folder"):
        do_part(job, part, silent, Stop())
    begin(job)
    other = replace(job, id="0" * 64, identity="1" * 64)
    for ask in (
        lambda: begin(other),
        lambda: parts_of(other, 4),
        lambda: do_part(other, part, silent, Stop()),
        lambda: gather(other),
    ):
        with pytest.raises(FolderError, match="holds something else than this job"):
            ask()


WORDS = AtlasWords("house", ("inception_3a", "inception_3b"), "0-19", side=32, html=True)


PRODUCTS = {"house-008-inception_3a.jpg", "house-015-inception_3b.jpg", "index.html"}


def everything(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The atlas of `WORDS`, made by one command."""
    out = tmp_path_factory.mktemp("atlas") / "whole"
    layers, side = WORDS.layers, WORDS.side
    atlas(WORDS.network, out, layers, WORDS.channels, side=side, html=True)
    return everything(out)


def test_an_atlas_in_a_queue_is_made_by_a_worker_and_once(
    place: Path, sheets: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding_atlas, "THREADS_OF_FILMS", 1)
    command = ("atlas", "house", "--layer", "inception_3a", "--layer", "inception_3b")
    said = (*command, "--channels", "0-1", "--side", 32, "--html", "--queue", "batch.sqlite")
    assert "waits as" in ran(place, *said)
    assert "waits already" in ran(place, *said)
    (queued,) = listed(place)
    assert queued["kind"] == "atlas"
    batch(place, "run", "--workers", 1)
    (queued,) = listed(place)
    assert queued["state"] == "done"
    assert set(queued["files"]) == PRODUCTS
    assert "is done already" in ran(place, *said)
    made = everything(Path(queued["out"]))
    assert len([name for name in made if name.startswith("tiles")]) == 4
    assert made.keys() <= sheets.keys()


def test_parts_of_an_atlas_in_two_processes_make_the_bytes_of_an_unbroken_run(
    place: Path, sheets: dict[str, bytes]
) -> None:
    job = job_of_atlas(WORDS, threads=1)
    begin(job)
    parts = parts_of(job, 3, 1e-6)
    spans = [(part.plate[4:], part.first, part.last) for part in parts]
    assert spans == [
        ("inception_3a", 0, 15),
        ("inception_3a", 16, 19),
        ("inception_3b", 0, 19),
    ]
    assert sum(part.cost for part in parts) == pytest.approx(job.cost)
    well(making(job, parts[0], parts[1]), making(job, parts[2]))
    assert gather(job) == 40
    assert parts_of(job, 3, 1e-6) == []
    told: list[Told] = []
    done = do(job, told.append, Stop())
    assert not told
    assert everything(job.out) == sheets
    assert done.files.keys() == PRODUCTS


def test_an_atlas_is_begun_and_gathered_where_its_device_is_not(place: Path) -> None:
    job = job_of_atlas(WORDS, threads=1)
    begin(job, decided(job) | {"device": "cuda", "device_name": "H200"})
    assert device_of(job.out) == "cuda"
    parts = parts_of(job, 2, 1e-6)
    assert gather(job) == 0
    for make in (lambda: do_part(job, parts[0], silent, Stop()), lambda: do(job, silent, Stop())):
        with pytest.raises(FolderError, match=r"begun on cuda .*H200.*not to be had"):
            make()


def test_a_part_of_an_atlas_that_was_stopped_or_killed_loses_nothing(
    place: Path, sheets: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of_atlas(WORDS, threads=1)
    begin(job)
    parts = parts_of(job, 2, 1e-6)
    assert [part.last - part.first + 1 for part in parts] == [20, 20]
    stop = Stop()
    with pytest.raises(Stopped):
        do_part(job, parts[0], lambda told: stop.ask(signal.SIGTERM), stop)
    do_part(job, parts[1], silent, Stop())

    class KilledError(BaseException):
        pass

    moved, real = list[int](), Path.replace

    def dying(self: Path, target: Path) -> Path:
        if target.parent.parent.name == "tiles":
            moved.append(1)
            if len(moved) == 10:
                raise KilledError
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", dying)
        with pytest.raises(KilledError):
            gather(job)
    assert len(list(job.out.glob("tiles/*/*.png"))) == 9
    assert gather(job) == 16 + 20, "a batch, and the part"
    assert parts_of(job, 2, 1e-6) == [], "one batch is not to be shared"
    done = do_part(job, parts[0], silent, Stop())
    assert len(done.files) == 4, "what the atlas has is not made again"
    assert gather(job) == 40
    do(job, silent, Stop())
    assert everything(job.out) == sheets


def test_a_job_of_an_atlas_is_refused_where_something_else_lies(
    place: Path,
) -> None:
    job = job_of_atlas(WORDS, out=place / "mine")
    begin(job)
    with pytest.raises(FolderError, match="another network or in another way: its side is 32"):
        job_of_atlas(replace(WORDS, side=48), out=place / "mine")
    again = job_of_atlas(replace(WORDS, channels="0-2"), out=place / "mine")
    assert again.id != job.id
    with pytest.raises(FolderError, match="ask for its parts again"):
        do_part(job, replace(parts_of(job, 2, 1e-6)[0], first=3), silent, Stop())
    with pytest.raises(FolderError, match="what the network's card says became"):
        begin(replace(job, identity="1" * 64))
