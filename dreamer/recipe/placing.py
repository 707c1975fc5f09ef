"""The plan of a whole film: its clips in their places, the ways from one into the next, captions to
the frame, and the films that are made of it; whatever cannot be is refused, all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dreamer.recipe.clip_shots import shots_of
from dreamer.recipe.cutting import Cutting
from dreamer.recipe.filming import MOST_FRAMES, problems_of_film
from dreamer.recipe.joins import CUT, Transition, as_xfade
from dreamer.recipe.lettered import Caption
from dreamer.recipe.shots import Cut, Lasting, Placed, Shot


def all_shots_of(cutting: Cutting) -> list[Shot]:
    """What is shown of all clips, one after another; what cannot be is refused."""
    return [
        shot
        for number, clip in cutting.recipe.clips()
        for shot in shots_of(cutting, clip, ("clips", number), cutting.size)
    ]


def cut_of(cutting: Cutting, shots: Sequence[Shot]) -> Cut | None:
    """The plan of a film of `shots`; None where something is wrong."""
    placed = list(_placed(cutting, shots))
    frames = placed[-1].end if placed else 0
    fades = [cutting.frames(word) for word in (cutting.words.fade_in, cutting.words.fade_out)]
    if placed:
        for key, fade in zip(("fade_in", "fade_out"), fades, strict=True):
            if fade > frames:
                cutting.refuse((key,), f"takes {fade} frames, and the film has {frames}")
    if frames > MOST_FRAMES:
        cutting.refuse((), f"{frames} frames are more than a film may have, {MOST_FRAMES}")
    _outputs(cutting, frames)
    if cutting.problems:
        return None
    return Cut(cutting.size, cutting.fps, frames, tuple(placed), *fades)


def lasting(cutting: Cutting, shot: Shot) -> list[Lasting]:
    """The captions of `shot`, to the frame."""
    found = []
    for number, caption in enumerate(shot.words.caption or ()):
        path = (*shot.path, "caption", number)
        moments = [cutting.moment(word, shot.frames) for word in (caption.start, caption.end)]
        start, end = moments[0], min(moments[1], shot.frames)
        if start >= end:
            what = f"the clip has {shot.frames} frames, and this would be seen from {start}"
            cutting.refuse(path, f"{what} to {moments[1]}")
        found.append(Lasting(caption, path, start, end, _faded(cutting, caption, end - start)))
    return found


def _faded(cutting: Cutting, caption: Caption, frames: int) -> int:
    return min(cutting.frames(caption.fade), max(frames // 2, 0))


def _placed(cutting: Cutting, shots: Sequence[Shot]) -> Iterator[Placed]:
    first, before = 0, 0  # frames of the shot before that its own transition leaves
    for number, shot in enumerate(shots):
        said = shot.words.transition
        if number == 0:
            alone = len(shots) < 2 or shots[1].path != shot.path  # others of its folder come after
            if said is not None and alone and shot.path[1] == 0:  # those before may be left out
                what = "nothing comes before the first clip; to come out of black say fade_in"
                cutting.refuse((*shot.path, "transition"), f"{what}: 1s for the film")
            yield Placed(shot, 0)
            first = before = shot.frames
            continue
        transition = said or cutting.words.transition
        over = _over(cutting, transition)
        where = (*shot.path, "transition") if said is not None else ("transition",)
        for who, left in ((shots[number - 1], before), (shot, shot.frames)):
            if over > left:
                spent = "" if left == who.frames else ", less the transition before it,"
                what = f"takes {over} frames, and {who.name}{spent} has {left}"
                cutting.refuse(where, f"{what}; say a shorter one, or a longer clip")
                over = left
                break
        yield Placed(shot, first - over, over, as_xfade(transition.kind) if over else "")
        first += shot.frames - over
        before = shot.frames - over


def _over(cutting: Cutting, transition: Transition) -> int:
    return 0 if transition.kind == CUT else cutting.frames(transition.over)


def _outputs(cutting: Cutting, frames: int) -> None:
    taken: dict[Any, int] = {}
    posters: dict[str, int] = {}
    for k, output in enumerate(cutting.words.output):
        for key in output.model_fields_set & {"frames", "transparency"}:
            cutting.refuse(("output", k, key), "is of renders; leave it out")
        if output.container is None:
            cutting.refuse(("output", k, "video"), "a compilation is a film; say mp4")
            continue
        if output.loop:
            what = "a compilation goes one way; leave it out"
            cutting.refuse(("output", k, "loop"), what)
        for key, message in problems_of_film(output, cutting.size, cutting.fps, frames or None):
            cutting.refuse(("output", k, key) if key else ("output", k), message)
        name = ((output.name or "").casefold(), output.video)
        if output.poster is not None:
            first = posters.setdefault(name[0], k)
            if cutting.words.output[first].poster != output.poster:
                what = (
                    f"output.{first} has a poster of the same name; say name: WORD in one of them"
                )
                cutting.refuse(("output", k, "poster"), what)
        if (other := taken.setdefault(name, k)) != k:
            what = f"would be the same file as output.{other}; say name: WORD in one of them"
            cutting.refuse(("output", k), what)
