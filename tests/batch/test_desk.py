"""What places far away may ask, and what they are told, without any cluster."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from dreamer.batch.claims import Member, claim
from dreamer.batch.cluster import desk as desks
from dreamer.batch.cluster.desk import Desk
from dreamer.batch.cluster.errand import Errand, Far, Who
from dreamer.batch.cluster.tokens import Tokens, is_seen
from dreamer.batch.queue import Queue
from dreamer.batch.running import run_by
from dreamer.errors import FolderError, UsageError

ALIVE = {"a", "b"}


@pytest.fixture
def desk() -> Desk:
    return Desk(lambda node: node in ALIVE)


@pytest.fixture
def errand(queue: Queue, job, tmp_path: Path, desk: Desk) -> Errand:
    """A job made of one file, `p.png`, which is given out."""
    (tmp_path / "p.png").write_bytes(b"picture")
    (tmp_path / "secret").write_bytes(b"of nobody's business")
    queue.add([job("x", inputs={str(tmp_path / "p.png"): "0"})])
    lot = claim(queue, Member("me"))
    made = Errand("key", tuple(lot), str(tmp_path / "logs" / "x.log"))
    desk.expect(made)
    return made


def test_a_lost_node_is_nobody_s_fault_and_a_lost_place_is(desk: Desk, errand: Errand) -> None:
    assert desk.begin("key", "gone") is None
    assert desk.begin("key", "a") is None
    ending = desk.begin("key", "b")
    assert ending is not None
    assert (ending.exit, ending.reason) == ("lost", "its worker was killed, or crashed")


def test_who_loses_three_nodes_is_not_given_a_fourth(desk: Desk, errand: Errand) -> None:
    assert [desk.begin("key", "gone") for _ in range(3)] == [None] * 3
    ending = desk.begin("key", "a")
    assert ending is not None
    assert (ending.exit, ending.reason) == ("lost", "3 nodes were lost with it")


def test_who_was_killed_where_no_memory_was_left_wanted_more(desk: Desk, errand: Errand) -> None:
    desk.begin("key", "a")
    desk.tell("key", [Far()], b"", 0.97)
    ending = desk.begin("key", "a")
    assert ending is not None
    assert ending.exit == "memory"
    assert "97%" in ending.reason


def test_it_hears_how_far_all_is_and_tells_who_is_to_stop(desk: Desk, errand: Errand) -> None:
    desk.begin("key", "a")
    far = Far(3, 7, "frame 3 of 7")
    assert desk.tell("key", [far], b"said\n", 0.1) == [False]
    assert desk.heard() == {"key": ("a", [far])}
    desk.stop("key", 0)
    assert desk.tell("key", [far], b"more\n", 0.1) == [True]
    assert Path(errand.log).read_text() == "said\nmore\n"
    desk.forget("key")
    with pytest.raises(FolderError, match="nobody waits"):
        desk.tell("key", [far], b"", 0.1)


def test_only_what_a_job_is_made_of_is_given_out(
    desk: Desk, errand: Errand, tmp_path: Path
) -> None:
    file = str(tmp_path / "p.png")
    (entry,) = desk.look("key", file)
    assert (entry.name, entry.size) == ("", 7)
    assert desk.piece("key", file, "", 2) == b"cture"
    with pytest.raises(FolderError, match="no job of this errand is made of"):
        desk.piece("key", str(tmp_path / "secret"), "", 0)
    with pytest.raises(FolderError, match="no name of a file"):
        desk.of_folder("key", 0, "../../secret", 0)
    (tmp_path / "p.png").unlink()
    assert desk.look("key", file) == []


def test_parcels_that_do_not_arrive_are_taken_away(
    desk: Desk, errand: Errand, tmp_path: Path
) -> None:
    desk.open("key", 0)
    renders = errand.lot[0].job.out.parent
    assert len(list(renders.iterdir())) == 1
    desk.forget("key")
    assert not list(renders.iterdir())


def test_one_job_at_a_time_is_begun_here(
    desk: Desk, errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    beginning, most = [0], [0]

    def begins(*_: object) -> list[object]:
        beginning[0] += 1
        most[0] = max(most[0], beginning[0])
        time.sleep(0.05)
        beginning[0] -= 1
        return []

    monkeypatch.setattr(desks, "begun_parts", begins)
    calls = [threading.Thread(target=desk.begin_parts, args=("key", 0, {})) for _ in range(4)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert most == [1]


def test_places_with_another_dreamer_or_torch_are_refused() -> None:
    here = Who("here", "1", 1, "0.1.0", "2.15.0", "cpu")
    assert here._replace(host="there", node="2").refuses(here) == ""
    for other in (here._replace(host="there", torch="2.14.0"), here._replace(dreamer="0.2.0")):
        assert f"the node {other.host} has dreamer {other.dreamer}" in other.refuses(here)
        assert "install the same" in other.refuses(here)


def test_what_cannot_be_said_of_where_to_run_is_refused() -> None:
    with pytest.raises(UsageError, match="expected here or ray, not rya; did you mean 'ray'"):
        run_by("rya")
    with pytest.raises(UsageError, match="say --on ray too"):
        run_by("here", "head:6379")
    with pytest.raises(UsageError, match="memory is Ray's"):
        run_by("ray", None, 2.0)


def test_without_ray_it_is_said_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    monkeypatch.delitem(__import__("sys").modules, "dreamer.batch.cluster.on_ray", raising=False)
    with pytest.raises(UsageError, match=r"pip install 'dreamer-engine\[ray\]'"):
        run_by("ray")


def test_words_of_killed_drivers_go_and_those_of_others_stay(tmp_path: Path) -> None:
    folder = tmp_path / "renders"
    folder.mkdir()
    killed = folder / f".dreamer-{'ab' * 16}"
    killed.write_text("ab" * 16)
    mine = [folder / ".dreamer-notes", folder / f".dreamer-{'cd' * 16}"]
    for path in mine:
        path.write_text("a person's")
    first, second = Tokens(), Tokens()
    word = first.of(str(folder))
    other = second.of(str(folder))
    assert not killed.exists()
    assert is_seen(folder, word)
    assert is_seen(folder, other)
    first.take_away()
    assert not is_seen(folder, word)
    assert is_seen(folder, other)
    second.take_away()
    assert sorted(folder.iterdir()) == sorted(mine)
