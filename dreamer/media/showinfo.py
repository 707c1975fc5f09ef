"""What ffmpeg's filter `showinfo` says of a film's frames, picked out of ffmpeg's log.

Several threads write into that log, and one may speak in the middle of another's line. What is said
at once is never torn, though: so it is looked for wherever in a line it is, and complaints too. The
film's own texts, which could say anything, come before ffmpeg's word that it begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from dreamer.media.ffmpeg import BREAKS_OFF

LOOK = "showinfo=checksum=0"
SILENT = ("-map_metadata", "-1", "-map_chapters", "-1")  # else the film's texts come again, later
_BEGINS = "Stream mapping:"
_CONFIG = re.compile(r"config in time_base: (\d+)/(\d+), frame_rate: (\d+)/(\d+)")
_FRAME = re.compile(
    r"n: *\d+ pts: *(-?\d+|NOPTS) pts_time:\S+ *(?:duration: *(\d+))?.*? fmt:(\w+)"
    r".*? sar:(\d+)/(\d+) s:(\d+)x(\d+)"
)
# Names are spelt out, longest first, since what another thread says may follow without a space.
_MATRIX = re.compile(
    r"color_space:(chroma-derived-nc|chroma-derived-c|smpte170m|smpte240m|smpte2085|bt2020nc"
    r"|ycgco-re|ycgco-ro|reserved|bt2020c|unknown|bt470bg|ictcp|ipt-c2|ycgco|bt709|fcc|gbr|[\w-]+)"
)
_TRANSFER = re.compile(
    r"color_trc:(iec61966-2-1|iec61966-2-4|arib-std-b67|bt2020-10|bt2020-12|smpte170m|smpte240m"
    r"|smpte2084|smpte428|reserved|bt1361e|unknown|bt470bg|bt470m|log100|log316|linear|bt709"
    r"|[\w-]+)"
)
_WHY = re.compile(rf"(?:stream \d+, offset \w+: )?(?:File )?(?:{BREAKS_OFF.pattern}).*")
# Formats of pixels that may be clear.
_CLEAR = re.compile(r"yuva|rgba|argb|bgra|abgr|gbrap|ya\d|ayuv|vuya|rgb32|bgr32")


def complaint(text: str) -> str:
    """What of `text`, which ffmpeg said, says that a film breaks off; nothing if none does."""
    found = _WHY.search(text)
    return found[0] if found else ""


@dataclass(frozen=True)
class Look:
    """How a frame is stored: the format of its pixels, how wide one of them is to its height, and
    its sides in them.
    """

    pixel_format: str
    aspect: Fraction
    width: int
    height: int


class Heard:
    """All that was said, line by line.

    `first` is the first frame; `times` are of all, in `unit` seconds, None where nobody knows one;
    `lasting` is how long the last one is shown, 0 where nobody says; `fps` is the header's rate.
    `matrix` and `transfer` are the first frame's colours, in ffmpeg's words; `clear` is whether any
    frame may be; `begun` is how often ffmpeg set its filters up, which it does anew where the size
    or the pixels' format change; `damage` is the first complaint that the film breaks off.
    """

    def __init__(self) -> None:
        self.first: Look | None = None
        self.times: list[int | None] = []
        self.lasting = 0
        self.unit: Fraction | None = None
        self.fps: Fraction | None = None
        self.matrix = self.transfer = ""
        self.clear = False
        self.begun = 0
        self.damage = ""
        self._mapped = False

    def heard(self, line: str) -> bool:
        """One line; whether it was no complaint."""
        mapped, self._mapped = self._mapped, self._mapped or line.startswith(_BEGINS)
        if not mapped and not line.startswith("["):
            return True
        complains = complaint(line)
        self.damage = self.damage or complains
        if mapped:
            self._frame(line)
        return not complains and (not line.startswith("[") or "[Parsed_showinfo" in line)

    def _frame(self, line: str) -> None:
        if found := _FRAME.search(line):
            pixels, sides = found[3], (int(found[6]), int(found[7]))
            self.times.append(None if found[1] == "NOPTS" else int(found[1]))
            self.lasting = int(found[2] or 0)  # older ones do not tell
            aspect = Fraction(int(found[4]) or 1, int(found[5]) or 1)
            self.first = self.first or Look(pixels, aspect, *sides)
            self.clear = self.clear or _CLEAR.match(pixels) is not None
        if found := _CONFIG.search(line):
            self.begun += 1
            unit, fps = ((int(a), int(b)) for a, b in (found.groups()[:2], found.groups()[2:]))
            self.unit = self.unit or Fraction(*unit)
            self.fps = self.fps or (Fraction(*fps) if all(fps) else None)
        if not self.matrix and (found := _MATRIX.search(line)):
            self.matrix = found[1]
        if not self.transfer and (found := _TRANSFER.search(line)):
            self.transfer = found[1]
