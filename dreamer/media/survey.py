"""A film looked through once, before any work: when each of its frames is shown, where it is cut,
and whether it is whole.

Its headers say these things roughly or not at all: rates vary, lengths are rounded, and a film that
breaks off says nothing of it.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from dreamer.errors import MediaError
from dreamer.media.cuts import HEIGHT, WIDTH, CutFinder
from dreamer.media.ffmpeg import BREAKS_OFF, pieces, said
from dreamer.media.probing import PICTURES, probe, reading

# Rates that films have: one that keeps none exactly is given the nearest of these.
USUAL = (
    *(Fraction(n) for n in (1, 2, 5, 6, 8, 10, 12, 15, 16, 18, 20)),
    *(Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30)),
    *(Fraction(48000, 1001), Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60)),
    *(Fraction(n) for n in (90, 100, 120, 144, 240)),
)
STEADY = 0.02  # how far, in parts, the usual frame may be from the rate that the header says
_MOMENT = re.compile(
    r"^\[Parsed_showinfo\S* @ \S+\] n: *\d+ pts: *(-?\d+|NOPTS)(?: .*?duration: *(\d+))?"
)
_UNIT = re.compile(r"^\[Parsed_showinfo\S* @ \S+\] config in time_base: (\d+)/(\d+)")
_TRANSFER = re.compile(r"^\[Parsed_showinfo\S* @ \S+\] color_range:\S+ .*color_trc:(\S+)")


@dataclass(frozen=True)
class Survey:
    """A film as it was seen.

    `width` and `height` are as it is shown: upright, its pixels square. `times` are when its frames
    are shown, `ends` when the last one goes, in units of `unit` seconds after the first; `begins`
    is when that is, after the file's own beginning (where its sound begins). `cuts` are frames that
    begin another shot; `transfer` is how light is coded, in ffmpeg's word; `damage` says why no
    more frames could be read.
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
    transfer: str
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
        told |= {key: tuple(int(n) for n in told[key]) for key in ("times", "cuts")}
        return Survey(**told)
    except (AttributeError, TypeError, ZeroDivisionError) as error:
        raise ValueError(str(error)) from error


def survey(path: Path, on_frame: Callable[[int], None] = lambda index: None) -> Survey:
    """Look the film at `path` through; `on_frame` is told each frame's number.

    Every frame is decoded, and none is held but as a grey picture of 64 × 36 pixels.

    Raises:
        MediaError: no such file, no film, or none of its frames can be read.
    """
    facts = probe(path)
    finder, moments = CutFinder(), _Moments()
    look = f"showinfo=checksum=0,scale={WIDTH}:{HEIGHT}:flags=area,format=gray"
    arguments = [
        *("-v", "info", *reading(path), "-map", PICTURES, "-vf", look),
        *("-fps_mode", "passthrough", "-f", "rawvideo", "-"),
    ]
    seen, damage = 0, ""
    try:
        for piece in pieces(arguments, WIDTH * HEIGHT, str(path), moments.heard):
            finder.see(np.frombuffer(piece, np.uint8).reshape(HEIGHT, WIDTH) / np.float32(255))
            on_frame(seen)
            seen += 1
    except MediaError as error:
        why = [line for line in str(error).splitlines() if BREAKS_OFF.search(line)]
        damage = re.sub(r"^(\[[^]]*\] *)*", "", why[-1]) if why else "ffmpeg ended before its end"
    if not seen:
        raise MediaError(f"{path} holds no frame that can be read{damage and f': {damage}'}")
    times, lasting = moments.kept(seen, facts.fps)
    steps = [b - a for a, b in pairwise(times) if b > a]
    fps = rate(facts.fps, moments.unit, steps)
    last = lasting or round(1 / (fps * moments.unit)) or 1
    if steps and not STEADY < last / median(steps) < 1 / STEADY:
        last = round(median(steps))
    return Survey(
        width=facts.width,
        height=facts.height,
        fps=fps,
        unit=moments.unit,
        times=tuple(time - times[0] for time in times),
        ends=times[-1] - times[0] + last,
        begins=times[0] * moments.unit,
        cuts=tuple(finder.end()),
        has_audio=facts.has_audio,
        transfer=moments.transfer,
        damage=damage,
    )


def transfer_of(path: Path) -> str:
    """How light is coded in the film at `path`, in ffmpeg's word, by its first frame."""
    first = ("-map", PICTURES, "-vf", "showinfo=checksum=0", "-frames:v", "1", "-f", "null", "-")
    _, _, words = said(["-v", "info", "-nostats", *reading(path), *first])
    found = filter(None, map(_TRANSFER.match, words.splitlines()))
    return next((one[1] for one in found), "unknown")


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


class _Moments:
    """When frames are shown, as ffmpeg tells it."""

    def __init__(self) -> None:
        self.unit, self.transfer, self.lasting = Fraction(1, 1000), "unknown", 0
        self._times: list[int | None] = []

    def heard(self, line: str) -> bool:
        """One line; whether it was no complaint."""
        if found := _MOMENT.match(line):
            self._times.append(None if found[1] == "NOPTS" else int(found[1]))
            self.lasting = int(found[2] or 0)  # older ones do not tell
        elif found := _UNIT.match(line):
            self.unit = Fraction(int(found[1]), int(found[2]))
        elif found := _TRANSFER.match(line):
            self.transfer = found[1]
        return not line.startswith("[") or line.startswith("[Parsed_showinfo")

    def kept(self, count: int, fps: Fraction) -> tuple[list[int], int]:
        """The times of the first `count` frames, never falling, and how long the last one is shown
        (0 where nobody says); those that no frame says go on at `fps`.
        """
        step = max(1, round(1 / (fps * self.unit)))
        times: list[int] = []
        for told in (*self._times[:count], *[None] * (count - len(self._times))):
            after = times[-1] + step if times else 0
            times.append(after if told is None else max(told, times[-1]) if times else told)
        return times, self.lasting if len(self._times) == count else 0
