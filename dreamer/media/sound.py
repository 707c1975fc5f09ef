"""The sound of a film, laid under its finished pictures: cut and filled with silence to the film's
own length, to the sample.

It comes last, for only then is it known how long the film is: a render may be stopped, or go on.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from dreamer.errors import MediaError
from dreamer.media.codecs import sound_encoder
from dreamer.media.ffmpeg import local, run
from dreamer.media.film import Film, Sound
from dreamer.media.hearing import TIMED
from dreamer.media.sound_probing import CONTAINERS

RATE = 48_000
Run = Callable[[list[str], str], None]  # as `ffmpeg.run`
BITRATES = {"aac": "192k", "opus": "160k"}
LIMITS = {"protocol_whitelist": "file,pipe", "format_whitelist": CONTAINERS}


def seconds_of(path: Path, run: Run = run) -> Fraction:
    """How long the first sound in the file at `path` is, to the microsecond, by decoding it; `run`
    is who lets ffmpeg do it.

    Raises:
        MediaError: it holds none.
    """
    limits = [word for key, value in _limits(path).items() for word in (f"-{key}", value)]
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "progress")
        asked = [*limits, "-vn", "-i", local(path), "-map", "0:a:0", "-progress", local(told)]
        run([*asked, "-f", "null", "-"], f"the length of {path.name}")
        times = re.findall(r"^out_time_us=(\d+)", told.read_text(), re.MULTILINE)
    if not times:
        raise MediaError(f"{path} holds no sound that can be read")
    return Fraction(int(times[-1]), 10**6)


def _limits(path: Path) -> dict[str, str]:
    """What ffmpeg may do with the file at `path`, which a stranger may have made."""
    if not path.is_file():
        raise MediaError(f"no such file: {path}")
    return LIMITS


def codec_of(film: Film) -> str:
    """What the sound of `film` is packed by: pictures for cutting go with sound for cutting."""
    return (
        "pcm" if film.codec_name == "prores" and film.container == "mov" else film.box.sound or ""
    )


def add_sound(
    silent: Path,
    texts: Path,
    out: Path,
    film: Film,
    length: Fraction,
    told: dict[str, Any],
    run: Run = run,
) -> None:
    """Lay the sound of `film`, `length` seconds long, under the pictures of `silent`, as `out`.

    `texts` are its metadata in ffmpeg's format, `told` what its container is told, and `run` lets
    ffmpeg do it: whoever may be stopped knows what runs.

    Raises:
        MediaError: the sound cannot be read, or what ffmpeg complained about.
    """
    assert film.sound is not None
    _limits(film.sound.file)
    arguments = laying(silent, texts, out, film, length, told, run)
    run(arguments, f"the sound of {film.sound.file.name} for {out}")


def laying(
    silent: Path,
    texts: Path,
    out: Path,
    film: Film,
    length: Fraction,
    told: dict[str, Any],
    run: Run = run,
) -> list[str]:
    """Ffmpeg's arguments for `add_sound`."""
    assert film.sound is not None
    codec = codec_of(film)
    pictures = ffmpeg.input(local(silent))
    sound = ffmpeg.input(local(film.sound.file), **LIMITS)
    rate = {"audio_bitrate": BITRATES[codec]} if codec in BITRATES else {}
    output = ffmpeg.output(
        pictures.video,
        _fitted(sound["a:0"], film.sound, length, run),
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
    return arguments


def _fitted(heard: Any, sound: Sound, length: Fraction, run: Run) -> Any:
    """The stream `heard` as it is in a film of `length` seconds."""
    film_samples = round(length * RATE)
    before = round(sound.offset * RATE)
    heard = heard.filter("asetpts", leaping(float(length) + sound.start + 1))
    heard = heard.filter("aresample", RATE, **TIMED)
    heard = heard.filter("aformat", sample_fmts="fltp", channel_layouts="mono|stereo")
    heard = heard.filter("atrim", start_sample=round(sound.start * RATE))
    heard = heard.filter("asetpts", "PTS-STARTPTS")
    if sound.volume != 1:
        heard = heard.filter("volume", sound.volume)
    if sound.fade_in or sound.fade_out:
        rest = round((seconds_of(sound.file, run) - Fraction(sound.start)) * RATE)
        end = max(0, min(rest, film_samples - before))
        rising, falling = fades(round(sound.fade_in * RATE), round(sound.fade_out * RATE), end)
        if rising:
            heard = heard.filter("afade", type="in", start_sample=0, ns=rising)
        if falling:
            heard = heard.filter("afade", type="out", start_sample=end - falling, ns=falling)
    if before:
        heard = heard.filter("adelay", f"{before}S", all=1)
    heard = heard.filter("apad", whole_len=film_samples)
    return heard.filter("atrim", end_sample=film_samples)


def fades(rising: int, falling: int, heard: int) -> tuple[int, int]:
    """How many of the `heard` samples fades that are to take `rising` and `falling` ones take: as
    many as said, or, where there are fewer, all of them in the same proportion. So neither runs
    into the other, and each comes to its end.
    """
    if rising + falling <= heard:
        return rising, falling
    shorter = heard * rising // (rising + falling)
    return shorter, heard - shorter if falling else 0


def leaping(most: float) -> str:
    """Moments of a sound whose clock leaps over no more than `most` seconds at once: silence that
    stands for more would be made in memory, only to be cut off.
    """
    leap = f"{most:.6f}/TB"
    return f"if(isnan(PREV_INPTS),min(PTS,{leap}),PREV_OUTPTS+min(PTS-PREV_INPTS,{leap}))"
