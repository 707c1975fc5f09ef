"""Segments of a film: frames made in a folder of their own, by a process of its own, and gathered
into the film's folder as if they had been made there.

A segment keeps its frames until all of them are there. Then they are moved, in the order of the
film: each has its last place before the film's journal names it, and the segment's journal names it
until that is durable. So whoever is killed, wherever, what was made is found again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from dreamer.engine.folder import Folder
from dreamer.engine.journal import Entry
from dreamer.engine.layout import EXECUTION
from dreamer.engine.part_rooms import PARTS, let_go, rooms
from dreamer.engine.provenance import identity
from dreamer.engine.ready import Ready
from dreamer.engine.run import Segment, render_into
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Watcher
from dreamer.errors import BusyError, FolderError

PART = "part.json"
log = logging.getLogger("dreamer")


def room_of(home: Folder, span: range) -> Folder:
    """The folder of the segment `span` of the film in `home`."""
    name = f"{span.start:06d}-{span.stop - 1:06d}"
    return Folder(home.path / PARTS / name, span.start, (PART,))


def render_segment(
    home: Folder, ready: Ready, span: range, watch: Watcher, stop: Stop | None = None
) -> Folder:
    """Render all that is missing of the frames `span`, under the execution of the film in `home`,
    and give the folder that they are in: their own, or none where they were gathered already.

    Args:
        home: the film's folder, which is only read.
        ready: the film's recipe, as its folder keeps it.
        span: frames of which the first looks at none before it.
        watch: told of the segment's frames.
        stop: asked at every good moment to stop at.

    Raises:
        Stopped: `stop` asked for it; what is finished is kept.
        BusyError: another process makes it.
        FolderError: what lies there is a segment of another film.
    """
    room = room_of(home, span)
    if not room.exists() and _has(home, span):
        return room
    said = _about(home, ready, span)
    with room.locked():
        if not room.exists():
            room.make_rooms()
            room.write_json(PART, said)
        elif room.read_json(PART) != said:
            raise FolderError(f"{room.path} is of another film, or begun elsewhere; take it away")
        if not (room.path / EXECUTION).is_file():
            room.freeze_execution(home.execution())
        if not _is_whole(room, home, span):
            render_into(room, ready, watch, stop, segment=Segment(home, span.start, span.stop))
    return room


def segments(home: Folder, ready: Ready) -> tuple[list[range], list[range]]:
    """Those of the film in `home` that were begun, and those of them that are whole, in order."""
    begun, whole = list[range](), list[range]()
    for room, span in _rooms(home, ready):
        (whole if _is_whole(room, home, span) else begun).append(span)
    return begun, whole


def gather_segments(home: Folder, ready: Ready) -> None:
    """Move the frames of all segments that are whole into the film's folder, as far as they follow
    those there are without a hole, and take segments away of which nothing is left to do. One
    that is being made is left alone.

    Raises:
        BusyError: another process has the film's folder.
    """
    if not rooms(home.path):
        return
    with home.locked(), ExitStack() as held:
        home.make_rooms()
        home.cut_journal()
        for room, span in _rooms(home, ready):
            try:
                held.enter_context(room.locked())
            except BusyError:
                continue
            over = _take(home, room) if _is_whole(room, home, span) else _has(home, span)
            if over:
                with suppress(FileNotFoundError):
                    (room.path / "preview.jpg").replace(home.path / "preview.jpg")
                let_go(room.path)


def _take(home: Folder, room: Folder) -> bool:
    """Have what frames of `room`, which is whole, the film has not, as far as they follow; whether
    that is all of them.
    """
    there, found = home.journal().entries, dict[Path, Entry]()
    follows, over = len(there), True
    for index, entry in sorted(room.journal().entries.items()):
        if index in there and _place(home, home, there[index]) is not None:
            continue
        if index > follows or (place := _place(home, room, entry)) is None:
            over = False
            break
        found[place] = entry
        follows = max(follows, index + 1)
    home.take_frames(found)
    return over


def _place(home: Folder, room: Folder, entry: Entry) -> Path | None:
    """Where the frame that `room` made lies: there still, or in the film's folder already."""
    for path in (room.frame_path(entry.index), home.frame_path(entry.index)):
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256:
            return path
    return None


def _is_whole(room: Folder, home: Folder, span: range) -> bool:
    """Whether every frame of `span` was made in `room`, and lies there or in `home`."""
    entries = room.journal().entries
    return all(k in entries and _place(home, room, entries[k]) is not None for k in span)


def _has(home: Folder, span: Sequence[int]) -> bool:
    """Whether the film's folder has every frame of `span`, as it says."""
    entries = home.journal().entries
    return all(k in entries and _place(home, home, entries[k]) is not None for k in span)


def _rooms(home: Folder, ready: Ready) -> Iterator[tuple[Folder, range]]:
    """The folders of segments of this film, in order, with their frames."""
    for path in rooms(home.path):
        room = Folder(path, marks=(PART,))
        if not room.exists():
            continue  # a process was killed at once
        try:
            said = room.read_json(PART)
            span = range(int(said["first"]), int(said["last"]) + 1)
        except (FolderError, KeyError, TypeError, ValueError):
            span = range(0)
        if not span or said != _about(home, ready, span) or path != room_of(home, span).path:
            log.warning("%s is no part of this film any more; it can be taken away", path)
            continue
        yield room_of(home, span), span


def _about(home: Folder, ready: Ready, span: range) -> dict[str, Any]:
    """What a segment says of itself: of which film, made how, and which frames."""
    return {
        "recipe_sha256": identity(ready),
        "execution": home.execution().as_json(),
        "first": span.start,
        "last": span.stop - 1,
    }
