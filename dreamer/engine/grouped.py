"""Several small stills rendered as one group: each an ordinary render into a folder of its own,
whose networks are run for all members at once (`together`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from dreamer.engine.folder import Folder
from dreamer.engine.layout import REPORT
from dreamer.engine.outcome import Outcome, see_through
from dreamer.engine.perceive import Through
from dreamer.engine.preparing import taken
from dreamer.engine.ready import Ready
from dreamer.engine.stopping import Stop, listening
from dreamer.engine.together import together
from dreamer.engine.told import Told
from dreamer.engine.whole import whole
from dreamer.errors import FolderError

Watch = Callable[[int, Told], None]


class Member(NamedTuple):
    """A still to render: its folder, its recipe, and the command line for its provenance."""

    folder: Folder
    ready: Ready
    command: str | None = None


def render_together(
    members: Sequence[Member | None],
    watch: Watch = lambda number, told: None,
    stop: Stop | None = None,
) -> list[Outcome | Exception | None]:
    """Render `members` as one group, or go on with it; what each made, or why it did not.

    A member's place is its own for good: its bytes depend on it and on how many places there are,
    and its folder keeps both, so that it goes on to the same bytes in this group or by itself.
    None is a member that is elsewhere (cancelled, lost), and keeps its place. One whose folder
    was begun in another place, or by itself, goes on there. Finished ones are not touched.

    Args:
        members: stills of one `likeness`; others are rendered rightly, but no faster.
        watch: told of progress, with a member's number, by one thread at a time.
        stop: asked instead of listening to signals here; all end at their next step.

    Raises:
        ValueError: a film, or a folder that two members have.
        KeyboardInterrupt: somebody insisted; all members have ended.
    """
    there = [member for member in members if member is not None]
    if not all(member.ready.recipe.still for member in there):
        raise ValueError("only stills are rendered together")
    if len({member.folder.path.resolve() for member in there}) < len(there):
        raise ValueError("two members of a group have one folder")
    with listening() if stop is None else nullcontext(stop) as asked:

        def act(number: int, member: Member) -> Callable[[Through], Outcome]:
            def rendered(through: Through) -> Outcome:
                place = number, len(members)
                return _rendered(member, place, lambda t: watch(number, t), asked, through)

            return rendered

        acts = [None if m is None else act(number, m) for number, m in enumerate(members)]
        found: list[Outcome | Exception | None] = []
        for one in together(acts):
            if isinstance(one, BaseException) and not isinstance(one, Exception):
                raise one
            found.append(one)
        return found


def _rendered(
    member: Member,
    place: tuple[int, int],
    watch: Callable[[Told], None],
    stop: Stop,
    through: Through,
) -> Outcome:
    with taken(member.folder, member.ready, member.command, None, *place) as ready:
        if (whole := finished(member.folder, ready)) is not None:
            return whole
        execution = member.folder.execution()
        here = (execution.row, execution.rows) == place
        return see_through(member.folder, ready, watch, stop, through if here else None)


def finished(folder: Folder, ready: Ready) -> Outcome | None:
    """What the still `ready` made in `folder`, if all of it is there as it was written."""
    if (products := whole(folder, ready.recipe)) is None:
        return None
    scores: Mapping[str, Any] = {}
    try:
        if ready.recipe.words.classify is not None:
            scores = folder.read_json("scores.json")
        return Outcome(folder.path, tuple(products), scores, folder.read_json(REPORT))
    except FolderError:
        return None
