"""Queues spread over a cluster of Ray's: three nodes on this machine, some of which are lost."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from parted_jobs import add_parted, contents, require_several, spread
from PIL import Image

from dreamer.batch.cluster.errand import Errand
from dreamer.batch.cluster.parted import Parted
from dreamer.networks.cards import HERE as CARDS
from recipes import FILM, batch, bytes_of, listed, rows, start, still, wait_for, worker_of

ray = pytest.importorskip("ray")
from ray.cluster_utils import Cluster  # noqa: E402

pytestmark = pytest.mark.ray
STORE = 80 << 20
PATIENCE = 60.0  # seconds
# A lost node is known to be lost within seconds, and a busy one is not taken for lost. Workers are
# not kept waiting by tests beside them, which they are where Ray makes them nice.
CONFIG = {
    "worker_niceness": 0,
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 20000,
    "health_check_failure_threshold": 3,
}
NODE: dict[str, Any] = {"num_cpus": 1, "object_store_memory": STORE, "include_dashboard": False}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A head that computes nothing, and a node with one core."""
    adopting(True)
    head = NODE | {"num_cpus": 0, "_system_config": CONFIG}
    made = Cluster(initialize_head=True, head_node_args=head)
    made.add_node(**NODE)
    yield made
    made.shutdown()
    begun = time.monotonic()
    while left := ray_processes():
        assert time.monotonic() - begun < 20, left
        time.sleep(0.2)
    adopting(False)


def adopting(whether: bool) -> None:
    """Be the parent of what is left of processes that come from this one, where Linux lets us."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(36, int(whether))  # PR_SET_CHILD_SUBREAPER


def ray_processes() -> set[int]:
    """All processes of Ray's that come from this one: neighbours may have theirs."""
    parents, of_ray = dict[int, int](), set[int]()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes()
            stat = (path / "stat").read_text()
        except OSError:
            continue
        parents[int(path.name)] = int(stat.rpartition(")")[2].split()[1])
        if b"ray::" in words or b"/ray/core/src/ray/" in words or b"/ray/_private/" in words:
            of_ray.add(int(path.name))

    def is_ours(process: int) -> bool:
        parent = parents.get(process, 0)
        return parent == os.getpid() or (parent > 1 and is_ours(parent))

    return {process for process in of_ray if is_ours(process)}


def begun(folder: Path, cluster: Cluster, *arguments: object) -> subprocess.Popen[str]:
    return start(folder, "run", "--on", "ray", "--address", cluster.address, *arguments)


def ended(process: subprocess.Popen[str], code: int = 0) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, (process.returncode, out, err)
    return out + err


def films(folder: Path, *names: str, frames: int = 40) -> None:
    for number, name in enumerate(names):
        text = FILM.replace("400", str(frames)).replace("seed: 3", f"seed: {number}")
        (folder / f"{name}.yaml").write_text(text)
    batch(folder, "add", *(f"{name}.yaml" for name in names), "--threads", 1)


def states(folder: Path) -> dict[str, str]:
    return {one["name"]: one["state"] for one in listed(folder)}


def came_to(folder: Path, name: str, frames: int) -> Callable[[], bool]:
    return lambda: len(list(folder.glob(f"renders/{name}-*/frames/*.png"))) >= frames


@pytest.mark.slow
def test_a_lost_node_loses_no_job(tmp_path: Path, cluster: Cluster) -> None:
    away, here = tmp_path / "away", tmp_path / "here"
    for place in (away, here):
        place.mkdir()
        films(place, "x", "y", "z", frames=24)
        stills = [still(place, f"s{seed}", seed) for seed in range(4)]
        batch(place, "add", *stills, "--together", 2)
    lost = [cluster.add_node(**NODE), cluster.add_node(**NODE)]
    driver = begun(away, cluster)
    wait_for(lambda: all(came_to(away, name, 2)() for name in "xyz"), driver)
    cluster.remove_node(lost.pop(), allow_graceful=False)
    said = ended(driver)
    assert "7 done" in said
    assert set(states(away).values()) == {"done"}
    assert rows(away, "SELECT count(*) FROM runs WHERE exit != 'done'") == [(0,)]  # nobody's fault
    cluster.remove_node(lost.pop())
    batch(here, "run", "--workers", 2)
    for one in listed(here):
        mine = away / Path(one["out"]).relative_to(here)
        assert bytes_of(mine) == bytes_of(Path(one["out"]))
    assert not list(away.rglob(".dreamer-*"))


@pytest.fixture
def by_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that has a part of a job gets no more of it until another has one: however fast one
    is, and slow the others are to come, several make it.
    """
    given_out = Parted.next

    def given_to_others(parted: Parted, place: int) -> Errand | None:
        alone = bool(parted.todo) and parted.makers == {place}
        waits = alone and time.monotonic() - parted.began < PATIENCE
        return None if waits else given_out(parted, place)

    monkeypatch.setattr(Parted, "next", given_to_others)


@pytest.mark.slow
@pytest.mark.usefixtures("by_turns")
def test_a_film_and_an_atlas_are_made_by_several_places(tmp_path: Path, cluster: Cluster) -> None:
    away, here = tmp_path / "away", tmp_path / "here"
    for place in (away, here):
        place.mkdir()
        add_parted(place)
    helpers = [cluster.add_node(**NODE) for _ in range(2)]  # two lots, and three places
    try:
        said = spread(away, cluster.address)
    finally:
        for helper in helpers:
            cluster.remove_node(helper)
    require_several(away, said)
    batch(here, "run", "--workers", 1)
    for one in listed(here):
        mine = away / Path(one["out"]).relative_to(here)
        assert contents(mine, away) == contents(Path(one["out"]), here)
    assert rows(away, "SELECT count(*) FROM workers") == [(0,)]


@pytest.mark.slow
def test_what_loses_its_worker_twice_is_quarantined(tmp_path: Path, cluster: Cluster) -> None:
    long, good = still(tmp_path, "long", 1, steps=9999), still(tmp_path, "good", 2)
    batch(tmp_path, "add", long, "--priority", 1)
    batch(tmp_path, "add", good)
    driver = begun(tmp_path, cluster, "--back-off", 0)
    for run in (1, 2):
        wait_for(partial(is_running, tmp_path, "long", run), driver)
        os.kill(worker_of(tmp_path, "long"), signal.SIGKILL)
        wait_for(partial(is_over, tmp_path, "long", run), driver)
    said = ended(driver, 1)
    assert "quarantined: its worker was killed, or crashed" in said
    assert states(tmp_path) == {"long": "quarantined", "good": "done"}
    assert rows(tmp_path, "SELECT exit FROM runs WHERE job = 1") == [("lost",), ("lost",)]


@pytest.mark.slow
def test_what_fails_fails_and_what_is_cancelled_stops(tmp_path: Path, cluster: Cluster) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (40, 48, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "p.png")
    wrong = still(tmp_path, "wrong", 1)
    wrong.write_text(wrong.read_text().replace("{noise: plasma}", "{image: p.png}"))
    batch(tmp_path, "add", wrong)
    (tmp_path / "p.png").unlink()
    films(tmp_path, "x", "y", frames=400)
    driver = begun(tmp_path, cluster)
    wait_for(came_to(tmp_path, "x", 2), driver)
    assert states(tmp_path) == {"wrong": "failed", "x": "running", "y": "waiting"}
    batch(tmp_path, "cancel", "x")
    wait_for(came_to(tmp_path, "y", 2), driver)
    wait_for(partial(is_running, tmp_path, "y", 1), driver)
    assert "frame" in batch(tmp_path, "status")
    driver.send_signal(signal.SIGINT)
    said = ended(driver, 130)
    assert "p.png is not there any more" in said
    assert "jobs that ran wait again" in said
    assert states(tmp_path) == {"wrong": "failed", "x": "cancelled", "y": "waiting"}
    assert rows(tmp_path, "SELECT count(*) FROM workers") == [(0,)]
    assert "frame" in batch(tmp_path, "logs", "x")


def is_running(folder: Path, name: str, run: int) -> bool:
    """Whether that run of a job has said how far it is."""
    sql = f"SELECT said FROM jobs WHERE name = '{name}' AND state = 'running' AND run = {run}"
    return any(said for (said,) in rows(folder, sql))


def is_over(folder: Path, name: str, run: int) -> bool:
    """Whether that run of a job has ended."""
    of = f"(SELECT number FROM jobs WHERE name = '{name}')"
    return rows(folder, f"SELECT ended FROM runs WHERE job = {of} AND number = {run}") != [(None,)]


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[tuple[Path, Cluster]]:
    """A folder, and a cluster whose only node with a core does not see it: there, and in its own
    folder of networks, it has something else.
    """
    folder = tmp_path / "home"
    folder.mkdir()
    hide = f"mount -t tmpfs none {folder}"
    if subprocess.run(["unshare", "-m", "sh", "-c", hide], capture_output=True).returncode:
        pytest.skip("this system does not let mounts be hidden")
    head = NODE | {"num_cpus": 0, "_system_config": CONFIG}
    made = Cluster(initialize_head=True, head_node_args=head)
    join = [sys.executable, "-m", "ray.scripts.scripts", "start", f"--address={made.address}"]
    join += ["--block", "--num-cpus=3", f"--object-store-memory={STORE}"]
    node = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", f'{hide} && exec "$@"', "sh", *join],
        env=os.environ | {"DREAMER_HOME": str(tmp_path / "its own")},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield folder, made
    finally:
        node.terminate()
        node.wait(60)
        made.shutdown()


@pytest.mark.slow
@pytest.mark.usefixtures("by_turns")
def test_what_a_node_does_not_see_is_carried(tmp_path: Path, apart: tuple[Path, Cluster]) -> None:
    away, cluster = apart
    here = tmp_path / "here"
    here.mkdir()
    for place in (away, here):
        many_kinds(place)
    begun_here = start(away, "run", "--workers", 1)
    wait_for(came_to(away, "x", 3), begun_here)
    begun_here.send_signal(signal.SIGINT)
    ended(begun_here, 130)
    assert set(states(away).values()) == {"waiting"}
    spread(away, cluster.address)
    for place in (away, here):
        add_parted(place)
    said = spread(away, cluster.address)  # two lots, and three places
    require_several(away, said)
    batch(here, "run", "--workers", 1)
    for one in listed(here):
        mine = away / Path(one["out"]).relative_to(here)
        assert contents(mine, away) == contents(Path(one["out"]), here)
    assert len(list(away.glob("*/x-*/frames/*"))) == 30
    assert not list(away.rglob("*arriving*"))
    kept = tmp_path / "its own" / "ray"
    assert len(list((kept / "files").glob("[0-9a-f]*[!k]"))) == 3  # each once
    assert not list((kept / "work").iterdir())


def many_kinds(place: Path) -> None:
    """A film, a still on a picture with a network of its own, a collage and a compilation."""
    for seed in (1, 2):
        noise = np.random.default_rng(seed).integers(0, 255, (40, 48, 3), dtype=np.uint8)
        (place / "pictures").mkdir(exist_ok=True)
        Image.fromarray(noise).save(place / "pictures" / f"{seed}.png")
    shutil.copy(CARDS / "weights" / "house.safetensors", place / "mine.safetensors")
    on = still(place, "on", 1)
    own = "network: {weights: mine.safetensors, architecture: house}\n"
    on.write_text(on.read_text().replace("{noise: plasma}", "{image: pictures/1.png}") + own)
    heap = "size: [80, 60]\nclassify: off\n"
    heap += "collage: {pictures: [{folder: pictures}], layout: grid}\n"
    (place / "heap.yaml").write_text(heap)
    cut = "size: [48, 40]\nfps: 24\nstill: 4\noutput: {preset: ultrafast}\n"
    (place / "cut.yaml").write_text(cut + "clips: [pictures/1.png, pictures/2.png]\n")
    films(place, "x", frames=30)
    batch(place, "add", on, "heap.yaml", "cut.yaml", "--threads", 1)


def test_what_ray_killed_for_want_of_memory_ran_out_of_it() -> None:
    from dreamer.batch.cluster.endings import of_cluster

    assert of_cluster(ray.exceptions.OutOfMemoryError("killed")).exit == "memory"
    assert of_cluster(ray.exceptions.RayError("lost")).exit == "lost"


def test_a_client_s_files_cannot_be_asked_for(tmp_path: Path) -> None:
    batch(tmp_path, "add", still(tmp_path, "s", 1))
    said = batch(tmp_path, "run", "--on", "ray", "--address", "ray://head:10001", code=2)
    assert "ray start --address=HEAD:6379" in said


def test_where_nothing_answers_that_is_said_at_once(tmp_path: Path) -> None:
    batch(tmp_path, "add", still(tmp_path, "s", 1))
    said = batch(tmp_path, "run", "--on", "ray", "--address", "127.0.0.1:1", code=2)
    assert "no cluster of Ray's at 127.0.0.1:1" in said
