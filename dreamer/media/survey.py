"""A film looked through once, before any work: when each of its frames is shown, where it is cut,
and whether it is whole.

Its headers say these things roughly or not at all: rates vary, lengths are rounded, and a film that
breaks off says nothing of it.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from dreamer.errors import MediaError
from dreamer.media.cuts import HEIGHT, WIDTH, CutFinder
from dreamer.media.ffmpeg import pieces
from dreamer.media.probing import PICTURES, VideoFacts, last_sound, probe, reading
from dreamer.media.showinfo import LOOK, SILENT, Heard

# Rates that films have: one that keeps none exactly is given the nearest of these.
USUAL = (
    *(Fraction(n) for n in (1, 2, 5, 6, 8, 10, 12, 15, 16, 18, 20)),
    *(Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30)),
    *(Fraction(48000, 1001), Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60)),
    *(Fraction(n) for n in (90, 100, 120, 144, 240)),
)
STEADY = 0.02  # how far, in parts, the usual frame may be from the rate that the header says
# What a whole film may lack of the length that its header counts, in seconds and as a part.
SHORT, SHORT_PART = 0.5, 0.05


@dataclass(frozen=True)
class Survey:
    """A film as it was seen.

    `width` and `height` are as it is shown: upright, its pixels square. `times` are when its frames
    are shown, `ends` when the last one goes, in units of `unit` seconds after the first; `begins`
    is when that is, after the file's own beginning (where its sound begins). `cuts` are frames that
    begin another shot. `pixel_format`, `matrix` and `transfer` are how the first frame and its
    colours and light are coded, in ffmpeg's words; `clear` is whether any frame may be, `changes`
    whether its size or the format of its pixels does. `damage` says why no more frames could be
    read.
    """

    width: int
    height: int
    fps: Fraction
    unit: Fraction
    times: tuple[int, ...]
    ends: int
    begins: Fraction
    cuts: tuple[int, ...]
    has_audio: bool
    pixel_format: str
    matrix: str
    transfer: str
    clear: bool
    changes: bool
    damage: str

    def as_json(self) -> str:
        """As text."""
        plain = {k: str(v) if isinstance(v, Fraction) else v for k, v in asdict(self).items()}
        return json.dumps(plain, separators=(",", ":")) + "\n"


def survey_from(text: str) -> Survey:
    """What `Survey.as_json` wrote.

    Raises:
        ValueError: it did not write this.
    """
    try:
        told: dict[str, Any] = json.loads(text)
        if set(told) != {field.name for field in fields(Survey)}:
            raise ValueError("other words than a survey has")
        told |= {key: Fraction(told[key]) for key in ("fps", "unit", "begins")}
        told |= {key: tuple(told[key]) for key in ("times", "cuts")}
        found = Survey(**told)
    except (AttributeError, TypeError, ZeroDivisionError) as error:
        raise ValueError(str(error)) from error
    if wrong := _impossible(found):
        raise ValueError(f"its {wrong} cannot be")
    return found


def _impossible(found: Survey) -> str:
    """What of `found`, which a file says, no film can have; nothing if all of it may be."""
    counts = (found.width, found.height, found.ends, *found.times, *found.cuts)
    words = (found.pixel_format, found.matrix, found.transfer, found.damage)
    flags = (found.has_audio, found.clear, found.changes)
    right = {
        "numbers": all(type(count) is int for count in counts),
        "words": all(isinstance(word, str) for word in words),
        "flags": all(isinstance(flag, bool) for flag in flags),
    }
    if not all(right.values()):
        return next(name for name, good in right.items() if not good)
    last = found.times[-1] if found.times else -1
    right = {
        "size": found.width > 0 and found.height > 0,
        "rate": found.fps > 0 and found.unit > 0,
        "times": found.times[:1] == (0,) and all(a <= b for a, b in pairwise(found.times)),
        "end": found.ends > last,
        "cuts": all(a < b for a, b in pairwise((0, *found.cuts, len(found.times)))),
    }
    return next((name for name, good in right.items() if not good), "")


def survey(path: Path, on_frame: Callable[[int], None] = lambda index: None) -> Survey:
    """Look the film at `path` through; `on_frame` is told each frame's number.

    Every frame is decoded, and none is held but as a grey picture of 64 × 36 pixels.

    Raises:
        MediaError: no such file, no film, or none of its frames can be read.
    """
    facts = probe(path)
    finder, heard = CutFinder(), Heard()
    look = f"{LOOK},scale={WIDTH}:{HEIGHT}:flags=area,format=gray"
    arguments = [
        *("-v", "info", *reading(path), "-map", PICTURES, "-vf", look, *SILENT),
        *("-fps_mode", "passthrough", "-f", "rawvideo", "-"),
    ]
    seen, failed = 0, False
    try:
        for piece in pieces(arguments, WIDTH * HEIGHT, str(path), heard.heard):
            finder.see(np.frombuffer(piece, np.uint8).reshape(HEIGHT, WIDTH) / np.float32(255))
            on_frame(seen)
            seen += 1
    except MediaError:
        failed = True
    damage = heard.damage or ("ffmpeg ended before its end" if failed else "")
    if not seen:
        raise MediaError(f"{path} holds no frame that can be read{damage and f': {damage}'}")
    unit = heard.unit
    if unit is None or len(heard.times) < seen:
        what = f"ffmpeg says when {len(heard.times)} of its {seen} frames are shown"
        raise MediaError(f"{path} cannot be looked through: {what}")
    times = _steady(heard.times[:seen], max(1, round(1 / (facts.fps * unit))))
    steps = [b - a for a, b in pairwise(times) if b > a]
    fps = rate(facts.fps, unit, steps)
    last = (heard.lasting if len(heard.times) == seen else 0) or round(1 / (fps * unit)) or 1
    if steps and not STEADY < last / median(steps) < 1 / STEADY:
        last = round(median(steps))
    return Survey(
        width=facts.width,
        height=facts.height,
        fps=fps,
        unit=unit,
        times=tuple(time - times[0] for time in times),
        ends=times[-1] - times[0] + last,
        begins=times[0] * unit,
        cuts=tuple(finder.end()),
        has_audio=facts.has_audio,
        pixel_format=facts.pixel_format,
        matrix=facts.matrix,
        transfer=heard.transfer or "unknown",
        clear=heard.clear,
        changes=heard.begun > 1,
        damage=damage or _lacking(path, facts, float((times[-1] + last) * unit)),
    )


def _lacking(path: Path, facts: VideoFacts, seconds: float) -> str:
    """What the film at `path`, of which `seconds` were seen, lacks of what its header counts; its
    sound may be longer than its pictures.
    """
    least = facts.counted - max(SHORT, SHORT_PART * facts.counted)
    if seconds >= least or (facts.has_audio and last_sound(path) >= least):
        return ""
    return f"its header counts {facts.counted:.4g} s, and {seconds:.4g} s of them are there"


def rate(told: Fraction, unit: Fraction, steps: list[int]) -> Fraction:
    """Frames a second: what the header says, where the usual step between frames (in `unit`
    seconds) is that one; else their mean, as a usual rate.
    """
    if not steps:
        return _usual(told)
    slack = STEADY + float(unit * told)
    if abs(float(median(steps) * unit * told) - 1) <= slack and 1 <= told <= 240:
        return told
    return _usual(1 / (Fraction(sum(steps), len(steps)) * unit))


def _usual(fps: Fraction) -> Fraction:
    """The usual rate nearest to `fps`, by ratio."""
    after = bisect_left(USUAL, fps)
    near = USUAL[max(0, after - 1) : after + 1]
    return min(near, key=lambda one: max(one / fps, fps / one))


def _steady(told: Sequence[int | None], step: int) -> list[int]:
    """Times that never fall; those that no frame says go on by `step`."""
    times: list[int] = []
    for time in told:
        after = times[-1] + step if times else 0
        times.append(after if time is None else max(time, times[-1]) if times else time)
    return times
