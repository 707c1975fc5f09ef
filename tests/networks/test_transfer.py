"""A connection that breaks costs only time, and no file is ever sewn together from two."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
from hosts import Fetching, Host, Page, weights

from dreamer.errors import NetworkError
from dreamer.networks import transfer
from dreamer.networks.cards import Source

FILE, OTHER = weights(1), weights(2)
HALF = 100_000


def broken_off(fetch: Fetching, place: Source, page: Page) -> None:
    """Leave half of the file behind, as somebody who stops it there does."""
    page.breaks = [HALF]

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfer.time, "sleep", stop)
        with pytest.raises(KeyboardInterrupt):
            fetch(place)
    assert fetch.part.stat().st_size == HALF
    assert not fetch.to.exists()


def test_a_broken_connection_goes_on_where_it_broke(host: Host, fetch: Fetching) -> None:
    place = host.has("a", Page(FILE, breaks=[50_000, 70_000]))
    assert fetch(place) == FILE
    assert host.ranges() == [None, "bytes=50000-", "bytes=120000-"]
    assert host.asked[1].if_range == '"1"'
    assert fetch.left() == ["net.caffemodel"]


def test_it_may_break_before_anything_can_be_told(host: Host, fetch: Fetching) -> None:
    assert fetch(host.has("a", Page(FILE, breaks=[0, 100]))) == FILE


def test_tries_count_only_without_a_new_byte(host: Host, fetch: Fetching) -> None:
    steps = [20_000] * 9
    assert fetch(host.has("a", Page(FILE, breaks=steps))) == FILE
    with pytest.raises(NetworkError, match=r"the connection broke at 0.1 MB of 0.2 MB; 0.1 MB of"):
        fetch(host.has("b", Page(OTHER, breaks=[HALF, 0, 0, 0])))
    assert len([a for a in host.asked if a.path == "/b"]) == 3


def test_a_host_that_always_begins_again_is_given_up(host: Host, fetch: Fetching) -> None:
    page = Page(FILE, ranges=False, breaks=[HALF] * 9)
    with pytest.raises(NetworkError, match="the connection broke"):
        fetch(host.has("a", page))
    assert len(host.asked) < 6


def test_where_ranges_are_ignored_it_begins_again(host: Host, fetch: Fetching) -> None:
    assert fetch(host.has("a", Page(FILE, ranges=False, breaks=[50_000]))) == FILE
    assert host.ranges() == [None, "bytes=50000-"]


def test_what_came_before_it_was_stopped_is_kept(host: Host, fetch: Fetching) -> None:
    place = host.has("a", page := Page(FILE))
    broken_off(fetch, place, page)
    assert fetch(place) == FILE
    assert host.ranges() == [None, f"bytes={HALF}-"]
    assert any(f"going on from 0.1 MB of {place.url}" in text for text in fetch.said)


def test_a_whole_part_is_not_asked_for_again(host: Host, fetch: Fetching) -> None:
    place = host.has("a", page := Page(FILE))
    broken_off(fetch, place, page)
    fetch.part.write_bytes(FILE)
    host.asked.clear()
    assert fetch(place) == FILE
    assert host.asked == []


@pytest.mark.parametrize("trusting", [False, True])
@pytest.mark.parametrize("known", [{}, {"etag": "", "modified": "Tue, 01 Jan 2019 00:00:00 GMT"}])
def test_the_rest_of_another_file_is_not_sewn_on(
    trusting: bool, known: dict[str, str], host: Host, fetch: Fetching
) -> None:
    """No hash is known here that would tell in the end."""
    place = Source(host.has("a", page := Page(FILE, **known)).url)
    broken_off(fetch, place, page)
    other = {"etag": '"2"'} if not known else known | {"modified": "Wed, 02 Jan 2019 00:00:00 GMT"}
    host.has("a", Page(OTHER, trusting=trusting, **other))
    assert fetch(place) == OTHER


def test_nor_is_a_rest_that_begins_elsewhere(host: Host, fetch: Fetching) -> None:
    place = Source(host.has("a", page := Page(FILE)).url)
    broken_off(fetch, place, page)
    page.says = {"Content-Range": f"bytes 7-{len(FILE) - 1}/{len(FILE)}"}
    assert fetch(place) == FILE
    assert host.ranges() == [None, f"bytes={HALF}-", None]


def test_nor_the_rest_of_another_mirror(new_host: Callable[[], Host], fetch: Fetching) -> None:
    first, second = new_host(), new_host()
    broken = first.has("a", Page(FILE, breaks=[HALF, 0, 0]))
    assert fetch(broken, second.has("a", Page(OTHER))) == OTHER
    assert second.ranges() == [None]


def test_the_place_of_a_part_comes_first(new_host: Callable[[], Host], fetch: Fetching) -> None:
    first, second = new_host(), new_host()
    place = second.has("a", page := Page(OTHER))
    broken_off(fetch, place, page)
    assert fetch(first.has("a", Page(FILE)), place) == OTHER
    assert first.asked == []


@pytest.mark.parametrize(
    ("etag", "modified", "condition"),
    [
        ("", "", None),
        ('W/"1"', "", None),
        ('W/"1"', "Tue, 01 Jan 2019 00:00:00 GMT", "Tue, 01 Jan 2019 00:00:00 GMT"),
    ],
)
def test_only_what_tells_files_apart_lets_it_go_on(
    etag: str, modified: str, condition: str | None, host: Host, fetch: Fetching
) -> None:
    place = host.has("a", Page(FILE, etag, modified, trusting=True, breaks=[50_000]))
    assert fetch(place) == FILE
    assert host.asked[1].if_range == condition
    assert host.asked[1].range == ("bytes=50000-" if condition else None)


def test_a_damaged_part_is_fetched_anew_from_the_same_place(host: Host, fetch: Fetching) -> None:
    place = host.has("a", page := Page(FILE))
    broken_off(fetch, place, page)
    with fetch.part.open("r+b") as file:
        file.seek(5_000)
        file.write(b"damage")
    assert fetch(place) == FILE
    assert host.ranges() == [None, f"bytes={HALF}-", None]


def test_a_part_nobody_can_tell_of_begins_again(host: Host, fetch: Fetching) -> None:
    place = host.has("a", page := Page(FILE))
    broken_off(fetch, place, page)
    fetch.part.with_name(f"{fetch.part.name}.of").write_text("[")
    assert fetch(place) == FILE
    assert host.ranges() == [None, None]


def test_a_part_as_long_as_the_file_or_longer(host: Host, fetch: Fetching) -> None:
    """The server says 416; how long the file is, it did not say before."""
    place = Source(host.has("a", page := Page(FILE)).url)
    broken_off(fetch, place, page)
    note = fetch.part.with_name(f"{fetch.part.name}.of")
    note.write_text(json.dumps(json.loads(note.read_text()) | {"total": 0}))
    kept = note.read_text()
    fetch.part.write_bytes(FILE)
    assert fetch(place) == FILE
    assert host.ranges() == [None, f"bytes={len(FILE)}-"]
    fetch.to.unlink()
    fetch.part.write_bytes(FILE + b"more")
    note.write_text(kept)
    assert fetch(place) == FILE
    assert host.ranges()[2:] == [f"bytes={len(FILE) + 4}-", None]


def test_a_file_of_unknown_length(host: Host, fetch: Fetching) -> None:
    place = host.has("a", page := Page(FILE, length=False))
    assert fetch(place) == FILE
    page.breaks = [HALF]
    fetch.to.unlink()
    with pytest.raises(NetworkError, match=r"has 100000 bytes, expected 200000"):
        fetch(replace(place, size=len(FILE)))


def test_a_host_that_is_busy_is_asked_again(host: Host, fetch: Fetching) -> None:
    assert fetch(host.has("a", Page(FILE, statuses=[503, 429]))) == FILE
    with pytest.raises(NetworkError, match="answered 403"):
        fetch(host.has("b", Page(OTHER, statuses=[403])))
    assert len(host.asked) == 4


def test_a_host_that_falls_silent(host: Host, fetch: Fetching) -> None:
    fetch.patience = replace(fetch.patience, timeout=0.2)
    place = host.has("a", Page(FILE, piece=HALF, pause=0.5))
    with pytest.raises(NetworkError, match="no answer in time"):
        fetch(place)
    fetch.patience = replace(fetch.patience, timeout=2.0)
    assert fetch(place) == FILE


def test_it_waits_longer_each_time(
    host: Host, fetch: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(transfer.time, "sleep", waited.append)
    fetch.patience = transfer.Patience(timeout=2.0, tries=4, pause=1.0)
    with pytest.raises(NetworkError):
        fetch(host.has("a", Page(FILE, statuses=[503] * 9)))
    assert waited == [1.0, 2.0, 4.0]


def test_where_nobody_is_the_next_place_is_asked_at_once(
    new_host: Callable[[], Host], fetch: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(transfer.time, "sleep")
    dead, good = new_host(), new_host()
    gone = dead.has("a", Page(FILE))
    dead.close()
    assert fetch(gone, good.has("a", Page(FILE))) == FILE
    assert f"{gone.url}: Connection refused" in fetch.said


def test_progress_is_said_about_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count(step=0.25)
    monkeypatch.setattr(transfer.time, "monotonic", lambda: next(clock))
    said: list[str] = []
    progress = transfer.Progress("net", said.append)
    progress.starts(10_000_000)
    for at in range(11_000_000, 20_000_000, 1_000_000):
        progress.reached(at, 900_000_000)
    assert said == [
        "net: 14.0 MB of 900.0 MB (2 %), 4.0 MB/s, 4 min left",
        "net: 18.0 MB of 900.0 MB (2 %), 4.0 MB/s, 4 min left",
    ]
    progress.said = lambda text: said.append(text.partition(": ")[2])
    progress.starts(0)
    for at in range(0, 5_000_000, 1_000_000):
        progress.reached(at, 0)
    assert said[2:] == ["3.0 MB, 3.0 MB/s"]
