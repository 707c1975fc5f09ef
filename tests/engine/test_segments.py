"""Segments of films: which there are, made apart to the same bytes, and gathered."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dreamt_films import begun, moving_film
from kept_frames import frames_of

from dreamer.engine import run, segments, spreading
from dreamer.engine.folder import Folder
from dreamer.engine.outcome import see_through
from dreamer.engine.part_rooms import PARTS
from dreamer.engine.preparing import checked
from dreamer.engine.ready import Ready
from dreamer.engine.run import render_into
from dreamer.engine.segments import gather_segments, render_segment
from dreamer.engine.spreading import finish_segments, spans_left, spans_of
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Told
from dreamer.errors import BusyError, FolderError, Stopped
from dreamer.recipe.beginnings import beginning_of, chains
from dreamer.recipe.parse import recipe_from_tree

ALONE: dict[str, Any] = {"follow": {"flow": False}}
FILM = {"video": "moving.mkv"}
NOISE: dict[str, Any] = {
    "source": {"noise": "plasma"},
    "size": [48, 40],
    "target": "inception_3a",
    "ascent": {"preset": "lucid", "steps": 2},
    "length": 6,
    "fps": 2,
    "classify": "off",
}


def silent(told: Told) -> None:
    pass


def runs(chained: Iterator[range]) -> list[tuple[int, int]]:
    return [(chain.start, chain.stop) for chain in chained]


@pytest.fixture
def moving(tmp_path: Path) -> Path:
    moving_film(tmp_path)
    return tmp_path


def planned(folder: Path | None = None, **words: Any) -> Ready:
    return checked(recipe_from_tree(words, folder))


@pytest.mark.parametrize(
    ("follow", "found"),
    [
        ({}, [(0, 5), (5, 10)]),
        ({"flow": False}, [(k, k + 1) for k in range(10)]),
        ({"cuts": False}, [(0, 10)]),
        ({"cuts": ["0.4s"]}, [(0, 2), (2, 10)]),
        ({"keep": {"expr": "0.5*(n != 7)"}, "cuts": False}, [(0, 7), (7, 10)]),
    ],
)
def test_a_dream_on_a_film_begins_anew_where_nothing_is_carried(
    moving: Path, follow: dict[str, Any], found: list[tuple[int, int]]
) -> None:
    _, ready = begun(moving, FILM, follow=follow)
    assert runs(chains(ready.plan)) == found
    starts = [start for start, _ in found]
    for index in range(10):
        assert beginning_of(ready.plan, index) == max(s for s in starts if s <= index)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({}, [(k, k + 1) for k in range(6)]),
        ({"close": {"by": "crossfade", "over": 2}}, [(k, k + 1) for k in range(6)]),
        ({"ascent": {"preset": "lucid", "steps": 2, "begin": "frame"}}, [(0, 6)]),
        ({"ascent": {"preset": "lucid", "steps": 2, "hold": 0.1}}, [(0, 6)]),
        ({"ascent": {"preset": "lucid", "steps": 2, "hold": {"expr": "0.1*(n > 4)"}}}, [(0, 6)]),
        ({"colors": {"keep": {"expr": "0.5*(n > 3)"}}}, [(0, 1), (1, 2), (2, 3), (3, 6)]),
        (
            {"target": {"layer": "inception_3a", "objective": "guide", "reference": "frame"}},
            [(0, 6)],
        ),
    ],
)
def test_an_ascent_from_noise_begins_anew_unless_something_is_held(
    words: dict[str, Any], found: list[tuple[int, int]]
) -> None:
    assert runs(chains(planned(**(NOISE | words)).plan)) == found


def test_a_zoom_is_one_run_of_frames_and_nothing_to_be_spread(tmp_path: Path) -> None:
    ascent, motion = {"octaves": 1, "steps": 1}, {"zoom": 1.5}
    zoom = planned(**(NOISE | {"ascent": ascent, "motion": motion}))
    assert runs(chains(zoom.plan)) == [(0, 6)]
    assert spans_of(zoom.plan, range(6), 4, 1e-6) == []
    endless = planned(**(NOISE | {"length": "endless"}))
    assert runs(chains(endless.plan)) == []
    assert beginning_of(endless.plan, 3) == 0


def test_frames_that_come_back_to_the_beginning_are_in_no_segment() -> None:
    film = planned(**(NOISE | {"close": {"by": "return", "over": 2}}))
    assert film.plan.closing is not None
    assert film.plan.closing.frames == 2
    assert runs(chains(film.plan)) == [(k, k + 1) for k in range(4)]


def test_segments_have_about_the_same_work_and_no_run_is_broken(moving: Path) -> None:
    _, alone = begun(moving, FILM, **ALONE)
    spans = spans_of(alone.plan, range(10), 3, 1e-6)
    assert [k for span in spans for k in span] == list(range(10))
    works = [sum(map(alone.plan.megapixel_steps_of, span)) for span in spans]
    assert len(works) == 3
    assert max(works) < 1.6 * min(works)
    assert sum(works) == pytest.approx(alone.plan.megapixel_steps())
    assert len(spans_of(alone.plan, range(10), 30, sum(works) / 4.5)) == 4, "none is too small"
    assert spans_of(alone.plan, range(10), 30, sum(works) / 1.5) == []
    _, shots = begun(moving, FILM)
    assert spans_of(shots.plan, range(10), 7, 1e-6) == [range(5), range(5, 10)]
    assert spans_of(shots.plan, [7], 7, 0) == [range(5, 10)]
    apart = spans_of(alone.plan, [0, 1, 2, 6, 7, 9], 2, 1e-6)
    assert sorted(k for span in apart for k in span) == [0, 1, 2, 6, 7, 9]


@pytest.fixture
def whole(moving: Path) -> dict[str, bytes]:
    """The frames of a film of independent frames, made by one process in one go."""
    folder, ready = begun(moving, FILM, **ALONE)
    render_into(folder, ready)
    return frames_of(folder)


@pytest.fixture
def film(moving: Path) -> tuple[Folder, Ready]:
    """The same film, of which nothing is made yet."""
    return begun(moving, FILM, **ALONE)


def test_frames_made_apart_are_those_of_an_unbroken_run(
    film: tuple[Folder, Ready], whole: dict[str, bytes]
) -> None:
    folder, ready = film
    told: list[Told] = []
    for span in (range(7, 10), range(3), range(3, 7)):
        room = render_segment(folder, ready, span, told.append)
        assert sorted(frames_of(room)) == [f"{k:06d}.png" for k in span]
    assert [one.of for one in told if one.within is None] == [3] * 6 + [4] * 4
    assert [one.done for one in told if one.within is None][:3] == [1, 2, 3]
    assert not list(folder.frames.iterdir())
    gather_segments(folder, ready)
    assert frames_of(folder) == whole
    assert sorted(folder.journal().entries) == list(range(10))
    assert folder.whole_frames() == 10
    assert not list((folder.path / PARTS).iterdir())


def test_shots_made_apart_are_those_of_an_unbroken_run(moving: Path) -> None:
    unbroken, ready = begun(moving, FILM)
    render_into(unbroken, ready)
    folder, ready = begun(moving, FILM)
    for span, forgetting in ((range(5, 10), True), (range(5), False)):
        stop = Stop()

        def watch(told: Told, stop: Stop = stop) -> None:
            if told.done >= 2:
                stop.ask(signal.SIGTERM)

        with pytest.raises(Stopped):
            render_segment(folder, ready, span, watch, stop)
        room = segments.room_of(folder, span)
        for state in (room.path / "state").glob("*.safetensors") if forgetting else ():
            state.unlink()
        render_segment(folder, ready, span, silent)
    gather_segments(folder, ready)
    assert frames_of(folder) == frames_of(unbroken)


def test_what_begins_with_noise_is_made_apart_to_the_same_bytes(tmp_path: Path) -> None:
    words = {key: word for key, word in NOISE.items() if key != "source"}
    words["close"] = {"by": "return", "over": 2}
    unbroken, ready = begun(tmp_path, NOISE["source"], **words)
    render_into(unbroken, ready)
    folder, ready = begun(tmp_path, NOISE["source"], **words)
    for span in spans_left(folder, ready, 2, 1e-6):
        render_segment(folder, ready, span, silent)
    gather_segments(folder, ready)
    assert len(frames_of(folder)) == 4
    render_into(folder, ready)
    assert frames_of(folder) == frames_of(unbroken)


def test_a_stopped_segment_goes_on_where_it_was(
    film: tuple[Folder, Ready], whole: dict[str, bytes]
) -> None:
    folder, ready = film
    stop = Stop()

    def watch(told: Told) -> None:
        if told.done >= 2:
            stop.ask(signal.SIGTERM)

    with pytest.raises(Stopped):
        render_segment(folder, ready, range(2, 9), watch, stop)
    room = segments.room_of(folder, range(2, 9))
    there = {path.name: path.stat().st_ino for path in room.frames.iterdir()}
    assert 2 <= len(there) < 7
    assert spans_left(folder, ready, 2, 1e-6)[0] == range(2, 9), "begun ones go on as they were"
    gather_segments(folder, ready)
    assert not list(folder.frames.iterdir()), "one that is not whole waits"
    render_segment(folder, ready, range(2, 9), silent)
    now = {path.name: path.stat().st_ino for path in room.frames.iterdir()}
    assert there.items() <= now.items(), "nothing was made twice"
    assert {name: whole[name] for name in now} == frames_of(room)


@pytest.mark.parametrize("step", ["make_rooms", "write_json", "freeze_execution"])
def test_a_segment_killed_while_its_folder_is_made_can_be_made(
    film: tuple[Folder, Ready],
    whole: dict[str, bytes],
    step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, ready = film
    does = getattr(Folder, step)

    class Killed(BaseException):
        """The end of the process."""

    def killed(*arguments: Any) -> None:
        does(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Folder, step, killed)
        with pytest.raises(Killed):
            render_segment(folder, ready, range(3), silent)
    room = render_segment(folder, ready, range(3), silent)
    assert frames_of(room) == {name: whole[name] for name in sorted(whole)[:3]}


def test_a_segment_that_is_damaged_is_mended(
    film: tuple[Folder, Ready], whole: dict[str, bytes]
) -> None:
    folder, ready = film
    room = render_segment(folder, ready, range(5), silent)
    room.frame_path(2).write_bytes(b"torn")
    gather_segments(folder, ready)
    assert not list(folder.frames.iterdir())
    render_segment(folder, ready, range(5), silent)
    gather_segments(folder, ready)
    assert frames_of(folder) == {name: whole[name] for name in sorted(whole)[:5]}


def test_frames_behind_a_hole_wait_and_the_hole_is_a_segment_however_small(
    film: tuple[Folder, Ready], whole: dict[str, bytes]
) -> None:
    folder, ready = film
    render_segment(folder, ready, range(4), silent)
    render_segment(folder, ready, range(5, 10), silent)
    gather_segments(folder, ready)
    assert sorted(folder.journal().entries) == [0, 1, 2, 3]
    assert spans_left(folder, ready, 4, 1e9) == [range(4, 5)]
    told: list[Told] = []
    with folder.locked():
        finish_segments(folder, ready, told.append, Stop())
    assert {one.done for one in told if one.within is None} == {5}
    assert frames_of(folder) == whole
    assert not (folder.path / PARTS).exists()


def test_lost_and_damaged_frames_of_a_film_come_back_by_segments(
    film: tuple[Folder, Ready], whole: dict[str, bytes]
) -> None:
    folder, ready = film
    render_into(folder, ready)
    folder.frame_path(3).unlink()
    folder.frame_path(8).write_bytes(b"torn")
    spans = spans_left(folder, ready, 2, 1e-6)
    assert spans == [range(3, 4), range(8, 9)]
    for span in spans:
        render_segment(folder, ready, span, silent)
    gather_segments(folder, ready)
    assert frames_of(folder) == whole
    assert folder.whole_frames() == 10
    folder.frame_path(3).unlink()
    began: list[int] = []
    render_into(folder, ready, lambda told: began.append(told.done))
    assert min(began) >= 3, "nothing before it is dreamt again"
    assert frames_of(folder) == whole


def test_what_the_film_has_already_is_neither_made_nor_doubled(
    film: tuple[Folder, Ready], whole: dict[str, bytes]
) -> None:
    folder, ready = film
    render_segment(folder, ready, range(5), silent)
    render_into(folder, ready)
    lines = (folder.path / "journal.jsonl").read_bytes()
    gather_segments(folder, ready)
    assert (folder.path / "journal.jsonl").read_bytes() == lines
    assert not list((folder.path / PARTS).iterdir())
    told: list[Told] = []
    render_segment(folder, ready, range(5), told.append)
    assert not told
    assert not list((folder.path / PARTS).iterdir())
    assert spans_left(folder, ready, 4, 1e-6) == []


def test_two_processes_never_make_one_segment_and_a_running_one_is_left_alone(
    film: tuple[Folder, Ready],
) -> None:
    folder, ready = film
    room = render_segment(folder, ready, range(5), silent)
    with room.locked():
        gather_segments(folder, ready)
        assert len(frames_of(room)) == 5
        with pytest.raises(BusyError):
            render_segment(folder, ready, range(5), silent)
    with folder.locked(), pytest.raises(BusyError):
        gather_segments(Folder(folder.path), ready)


def test_segments_of_another_film_are_not_taken(
    film: tuple[Folder, Ready], moving: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, ready = film
    other, of_other = begun(moving, FILM, seed=99, **ALONE)
    room = render_segment(other, of_other, range(5), silent)
    place = folder.path / PARTS / room.path.name
    shutil.copytree(room.path, place)
    gather_segments(folder, ready)
    assert not list(folder.frames.iterdir())
    assert place.exists()
    assert "is no part of this film any more" in caplog.text
    with pytest.raises(FolderError, match="of another film"):
        render_segment(folder, ready, range(5), silent)
    with folder.locked():
        finish_segments(folder, ready, silent, Stop())
    assert len(see_through(folder, ready).products) == 1


class KilledError(BaseException):
    pass


STEPS = {
    "before a frame is moved": (Path, "replace", 2),
    "between two frames": (Path, "replace", 4),
    "before the folder is synced": (segments.Folder, "cut_journal", 1),
    "before the journal says so": (run.Folder, "take_frames", 1),
    "before a second segment's frames": (run.Folder, "take_frames", 2),
    "before a segment is let go": (segments, "let_go", 1),
    "after one is let go": (segments, "let_go", 2),
    "before the room is cleared": (spreading, "clear", 1),
}
DURABLE = {
    "before the new names are synced": ("sync_folder", 1),
    "before the lines are written": ("append_line", 1),
    "before the lines of a second segment": ("append_line", 2),
    "while a segment loses its name": ("sync_folder", 3),
}


@pytest.mark.parametrize("when", [*STEPS, *DURABLE])
def test_killed_anywhere_while_gathering_nothing_is_lost_or_doubled(
    film: tuple[Folder, Ready],
    whole: dict[str, bytes],
    when: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, ready = film
    for span in (range(4), range(4, 10)):
        render_segment(folder, ready, span, silent)
    if when in STEPS:
        holder, name, nth = STEPS[when]
    else:
        holder, (name, nth) = run.Folder.take_frames.__globals__["durable"], DURABLE[when]
    real, calls = getattr(holder, name), []

    def dying(*given: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == nth:
            raise KilledError
        return real(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(holder, name, dying)
        with pytest.raises(KilledError), folder.locked():
            finish_segments(folder, ready, silent, Stop())
    journalled = folder.whole_frames()
    assert journalled == len(folder.journal().entries), "what is named is there"
    told: list[Told] = []
    with folder.locked():
        finish_segments(folder, ready, told.append, Stop())
    assert not told, "nothing was made again"
    assert frames_of(folder) == whole
    assert len((folder.path / "journal.jsonl").read_text().splitlines()) == 10
    assert not (folder.path / PARTS).exists()


def test_a_film_gathered_is_the_film_of_an_unbroken_run(
    film: tuple[Folder, Ready], moving: Path
) -> None:
    unbroken, same = begun(moving, FILM, **ALONE)
    made = see_through(unbroken, same)
    folder, ready = film
    for span in spans_left(folder, ready, 3, 1e-6):
        render_segment(folder, ready, span, silent)
    found = see_through(folder, ready)
    assert found.product.read_bytes() == made.product.read_bytes()
    assert found.report["frames"] == 10
    assert (folder.path / "preview.jpg").is_file()
