"""Jobs that are spread, driven over places that only a test knows: no cluster, no network."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dreamer.batch.claims import Member
from dreamer.batch.cluster.desk import Desk
from dreamer.batch.cluster.errand import Came, Errand, Far, Who
from dreamer.batch.cluster.parted import Parted
from dreamer.batch.cluster.spreading import Spread
from dreamer.batch.job import Queued
from dreamer.batch.members import joined
from dreamer.batch.parts import Part
from dreamer.batch.queue import Queue
from dreamer.batch.rules import Ending
from dreamer.engine.stopping import Stop

HERE = Who("host", "node", 1, "0.1.0", "2.15.0", "cpu")


class Places:
    """A cluster of so many places, whose errands end as the test says."""

    device = "cuda"

    def __init__(self, many: int) -> None:
        self.desk = Desk(lambda node: True)
        self.given: list[tuple[int, Errand]] = []
        self.over: list[tuple[int, list[Came] | Exception]] = []
        self.asked: list[list[int]] = []
        self.busy: dict[int, int] = {}
        self.stopping = False
        self._many, self._count, self._new = many, 0, list[int]()

    def room(self) -> int:
        return self._many

    def open(self) -> int:
        self._count += 1
        self._new.append(self._count)
        return self._count

    def opened(self) -> list[tuple[int, Who | Exception]]:
        new, self._new = self._new, []
        return [(place, HERE) for place in new]

    def give(self, place: int, errand: Errand) -> None:
        self.given.append((place, errand))
        self.busy[place] = len(errand.lot)

    def came(self, seconds: float) -> list[tuple[int, list[Came] | Exception]]:
        over, self.over = self.over, []
        if self.stopping:
            over = [(place, [Came(Ending("stopped"))] * jobs) for place, jobs in self.busy.items()]
        for place, _ in over:
            del self.busy[place]
        return over

    def gone(self, places: Collection[int]) -> set[int]:
        self.asked.append([*places])
        return set()

    def close(self, place: int) -> None:
        pass


class Ends(Exception):
    """The test's end of a driver."""


def drive(queue: Queue, places: Places, *rounds: dict[int, list[Came] | Exception]) -> None:
    """Drive the queue so many rounds; in each, errands of places end."""
    todo = iter([{}, *rounds, {}, {}])

    def tick() -> None:
        if (here := next(todo, None)) is None:
            raise Ends
        places.over = list(here.items())

    with joined(queue, kind="runner") as me:
        spread = Spread(queue, me, places, HERE, quiet=True)
        with pytest.raises(Ends):
            spread.work(Stop(), tick)
        places.stopping = True
        spread.stop()


def film(out: Path, first: int = 0) -> list[Part]:
    """What is left of a film of 200 frames, of which those before `first` are there."""
    starts = range(first, 200, 50)
    return [Part("id", f"{k}", k, min(k + 49, 199), of=200) for k in starts]


@pytest.fixture
def queued(queue: Queue, job) -> Queued:
    queue.add([job("film", device="any")])
    return queue.jobs()[0]


@pytest.fixture
def parted(queued: Queued) -> Iterator[Parted]:
    with ExitStack() as leave:
        errand = Errand("key", (queued,), "log")
        yield Parted(errand, Member("me"), leave, film(Path(), 100))


def test_a_spread_job_that_was_gone_on_with_is_as_far_as_it_was(parted: Parted) -> None:
    assert parted.report({})[1:] == (100, 200, "100 of 200")
    first = parted.next(1)
    second = parted.next(2)
    assert first is not None
    assert second is not None
    heard = {first.key: ("node", [Far(30)]), second.key: ("node", [Far(20)])}
    assert parted.report(heard)[1:] == (150, 200, "150 of 200 in 2 places")
    parted.take(first.key, Came(Ending("done")))
    assert parted.report(heard)[1] == 170
    parted.take(second.key, Came(Ending("lost", "killed")))
    assert parted.report({})[1] == 170, "what is told never goes back"


def test_the_end_of_a_spread_job_is_told_as_the_rest_of_it(parted: Parted) -> None:
    for _ in range(2):
        errand = parted.next(1)
        assert errand is not None
        parted.take(errand.key, Came(Ending("done")))
    assert parted.report({})[1] == 200
    errand = parted.next(2)
    assert errand is not None
    assert errand.part is None
    assert parted.makers == {1}, "who makes the rest made no part of it"
    assert parted.report({errand.key: ("node", [Far(0, 3, "scores")])})[1:] == (200, 200, "scores")


def test_a_part_is_called_as_what_is_in_it() -> None:
    assert Part("id", "name", 4, 7).shown == "frames 000004 to 000007", "as their files are"
    assert Part("id", "name", 3, 3).shown == "frame 000003"
    plate = Part("id", "name", 0, 15, plate="008-inception_3a")
    assert plate.shown == "pictures 1 to 16 of plate 008-inception_3a"


def test_a_spread_job_that_lost_a_place_keeps_to_its_device(queue: Queue, queued: Queued) -> None:
    places = Places(2)
    out = queued.job.out
    out.mkdir(parents=True)
    (out / "execution.json").write_text('{"device": "cuda"}')
    begun = [Came(Ending("stopped", "begun"), parts=tuple(film(out, 100)))]
    lost = [Came(Ending("lost", "killed"))]
    stopped = [Came(Ending("stopped", "stopped"))]
    drive(queue, places, {1: begun}, {}, {1: lost}, {2: stopped})
    (after,) = queue.jobs()
    assert (after.state, after.crashes, after.crashed_at) == ("waiting", 1, 100)
    assert queue.rows("SELECT device FROM jobs")[0]["device"] == "cuda"


@pytest.mark.parametrize(("many", "parts"), [(3, 4), (4, 1), (5, 1)])
def test_only_fewer_lots_than_places_are_cut_up(queue: Queue, job, many: int, parts: int) -> None:
    queue.add([job(f"still {number}") for number in range(many)])
    places = Places(4)
    drive(queue, places)
    assert [errand.most for _, errand in places.given] == [parts] * min(many, 4)


def test_a_cluster_is_asked_for_its_nodes_once_a_round(queue: Queue, job) -> None:
    queue.add([job(f"still {number}") for number in range(4)])
    places = Places(4)
    done = {place: [Came(Ending("stopped"))] for place in range(1, 5)}
    drive(queue, places, {}, done)
    assert [1, 2, 3, 4] in places.asked
    assert len(places.asked) <= 5, "once for each round"
