"""The sound of a film, laid under its finished pictures: cut and filled with silence to the film's
own length, to the sample.

It comes last, for only then is it known how long the film is: a render may be stopped, or go on.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from dreamer.errors import MediaError
from dreamer.media.codecs import sound_encoder
from dreamer.media.ffmpeg import local, run, said
from dreamer.media.film import Film, Sound
from dreamer.media.hearing import TIMED
from dreamer.media.sound_probing import CONTAINERS

RATE = 48_000
BITRATES = {"aac": "192k", "opus": "160k"}


def seconds_of(path: Path) -> Fraction:
    """How long the first sound in the file at `path` is, by decoding it.

    Raises:
        MediaError: it holds none.
    """
    limits = [word for key, value in _limits(path).items() for word in (f"-{key}", value)]
    asked = [*limits, "-i", local(path), "-map", "0:a:0", "-f", "null", "-"]
    code, _, words = said(["-v", "info", *asked])
    times = re.findall(r"time=(\d+):(\d+):(\d+)\.(\d+)", words)
    if code or not times:
        raise MediaError(f"{path} holds no sound that can be read")
    hours, minutes, seconds, part = times[-1]
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + Fraction(int(part), 10 ** len(part))


def _limits(path: Path) -> dict[str, str]:
    """What ffmpeg may do with the file at `path`, which a stranger may have made."""
    if not path.is_file():
        raise MediaError(f"no such file: {path}")
    return {"protocol_whitelist": "file,pipe", "format_whitelist": CONTAINERS}


def codec_of(film: Film) -> str:
    """What the sound of `film` is packed by: pictures for cutting go with sound for cutting."""
    return (
        "pcm" if film.codec_name == "prores" and film.container == "mov" else film.box.sound or ""
    )


def add_sound(
    silent: Path, texts: Path, out: Path, film: Film, length: Fraction, told: dict[str, Any]
) -> None:
    """Lay the sound of `film`, `length` seconds long, under the pictures of `silent`, as `out`.

    `texts` are its metadata in ffmpeg's format, and `told` what its container is told.

    Raises:
        MediaError: the sound cannot be read, or what ffmpeg complained about.
    """
    assert film.sound is not None
    codec = codec_of(film)
    pictures = ffmpeg.input(local(silent))
    sound = ffmpeg.input(local(film.sound.file), **_limits(film.sound.file))
    rate = {"audio_bitrate": BITRATES[codec]} if codec in BITRATES else {}
    output = ffmpeg.output(
        pictures.video,
        _fitted(sound["a:0"], film.sound, length),
        local(out),
        vcodec="copy",
        acodec=sound_encoder(codec),
        map_metadata=2,
        map_chapters=2,
        **{"flags:a": "+bitexact"},
        **rate,
        **told,
    )
    arguments: list[str] = ffmpeg.compile(output, overwrite_output=True)[1:]
    after = arguments.index("-filter_complex")
    arguments[after:after] = ["-f", "ffmetadata", "-i", local(texts)]
    run(arguments, f"the sound of {film.sound.file.name} for {out}")


def _fitted(heard: Any, sound: Sound, length: Fraction) -> Any:
    """The stream `heard` as it is in a film of `length` seconds."""
    film_samples = round(length * RATE)
    before = round(sound.offset * RATE)
    heard = heard.filter("aresample", RATE, **TIMED)
    heard = heard.filter("aformat", sample_fmts="fltp", channel_layouts="mono|stereo")
    heard = heard.filter("atrim", start_sample=round(sound.start * RATE))
    heard = heard.filter("asetpts", "PTS-STARTPTS")
    if sound.volume != 1:
        heard = heard.filter("volume", sound.volume)
    if sound.fade_in:
        heard = heard.filter("afade", type="in", start_sample=0, ns=round(sound.fade_in * RATE))
    if sound.fade_out:
        rest = max(0, round((seconds_of(sound.file) - Fraction(sound.start)) * RATE))
        fade, end = round(sound.fade_out * RATE), min(rest, max(0, film_samples - before))
        heard = heard.filter("afade", type="out", start_sample=max(0, end - fade), ns=fade)
    if before:
        heard = heard.filter("adelay", f"{before}S", all=1)
    heard = heard.filter("apad", whole_len=film_samples)
    return heard.filter("atrim", end_sample=film_samples)
