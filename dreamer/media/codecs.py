"""What ffmpeg is told for each codec: a row a codec, its encoders in the order they are wanted in.

All arguments are such that the same pictures become the same bytes every time: numbers of threads
are fixed, for some encoders' bytes depend on them, and nobody's version is written in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from dreamer.errors import MediaError
from dreamer.film_formats import CODECS, PRESETS
from dreamer.media.ffmpeg import ffmpeg_version, said

THREADS = 2
Arguments = dict[str, str | int]


def _of_preset(values: Mapping[str, int] | tuple[int, ...], preset: str) -> int:
    """What one of x264's presets is to another encoder."""
    if isinstance(values, Mapping):
        return values[preset]
    return values[PRESETS.index(preset)]


def _x264(crf: int, preset: str) -> Arguments:
    return {"crf": crf, "preset": preset, "threads": THREADS}


def _x265(crf: int, preset: str) -> Arguments:
    own = f"log-level=warning:pools={THREADS}:frame-threads=1:info=0"
    return {"crf": crf, "preset": preset, "x265-params": own}


def _vp9(crf: int, preset: str) -> Arguments:
    effort = _of_preset((5, 5, 4, 4, 3, 2, 1, 1, 0), preset)
    own: Arguments = {"b:v": 0, "deadline": "good", "cpu-used": effort, "row-mt": 1}
    return {"crf": crf, **own, "lag-in-frames": 25, "auto-alt-ref": 1, "threads": THREADS}


def _svt(crf: int, preset: str) -> Arguments:
    effort = _of_preset((12, 11, 10, 9, 8, 7, 5, 4, 2), preset)
    return {"crf": crf, "preset": effort, "svtav1-params": f"lp={THREADS}"}


def _aom(crf: int, preset: str) -> Arguments:
    effort = _of_preset((8, 8, 7, 6, 5, 4, 3, 2, 1), preset)
    return {"crf": crf, "b:v": 0, "cpu-used": effort, "row-mt": 1, "threads": THREADS}


def _prores(crf: int, preset: str) -> Arguments:
    return {"profile:v": "hq", "vendor": "apl0", "threads": THREADS}


def _gif(crf: int, preset: str) -> Arguments:
    return {}


def _webp(crf: int, preset: str) -> Arguments:
    effort = _of_preset((0, 1, 2, 3, 3, 4, 5, 6, 6), preset)
    return {"quality": 100 - crf, "lossless": int(crf == 0), "compression_level": effort}


def _apng(crf: int, preset: str) -> Arguments:
    return {"pred": "mixed"}


@dataclass(frozen=True)
class Encoder:
    """One of ffmpeg's encoders, and what it is told for a quality and an x264 preset."""

    name: str
    arguments: Callable[[int, str], Arguments]


ENCODERS: dict[str, tuple[Encoder, ...]] = {
    "h264": (Encoder("libx264", _x264),),
    "h265": (Encoder("libx265", _x265),),
    "vp9": (Encoder("libvpx-vp9", _vp9),),
    "av1": (Encoder("libsvtav1", _svt), Encoder("libaom-av1", _aom)),
    "prores": (Encoder("prores_ks", _prores),),
    "gif": (Encoder("gif", _gif),),
    "webp": (Encoder("libwebp_anim", _webp),),
    "apng": (Encoder("apng", _apng),),
}
SOUND_ENCODERS = {"aac": "aac", "opus": "libopus", "pcm": "pcm_s24le"}


@cache
def known_encoders() -> frozenset[str]:
    """The names of the encoders that this ffmpeg was built with."""
    listed = said(["-v", "error", "-encoders"])[1].partition("------")[2]
    return frozenset(re.findall(r"^ [VAS][A-Z.]{5} (\S+)", listed, re.MULTILINE))


def available_codecs() -> list[str]:
    """The codecs that this ffmpeg has an encoder for."""
    known = known_encoders()
    return [name for name, row in ENCODERS.items() if any(e.name in known for e in row)]


def encoder_of(codec: str) -> Encoder:
    """The encoder of `codec` that is here.

    Raises:
        MediaError: there is none.
    """
    found = next((e for e in ENCODERS[codec] if e.name in known_encoders()), None)
    if found is None:
        wanted = " or ".join(e.name for e in ENCODERS[codec])
        raise _lacking(CODECS[codec].title, wanted, available_codecs())
    return found


def sound_encoder(codec: str) -> str:
    """The encoder of sound in `codec` that is here.

    Raises:
        MediaError: there is none.
    """
    if SOUND_ENCODERS[codec] not in known_encoders():
        there = [name for name, own in SOUND_ENCODERS.items() if own in known_encoders()]
        raise _lacking(f"sound in {codec}", SOUND_ENCODERS[codec], there)
    return SOUND_ENCODERS[codec]


def _lacking(what: str, encoder: str, there: list[str]) -> MediaError:
    has = f"it has {', '.join(there)}" if there else "it has none that dreamer knows"
    return MediaError(f"ffmpeg {ffmpeg_version()} cannot write {what} (no {encoder}); {has}")
