"""A little piece of music made from numbers: python tools/make_music.py recipes/music/tide.ogg

Six bars of four beats at 100 a minute, in D minor, 14.4 seconds and its last notes: a pad of slow
chords, a bass, a plucked melody with an echo, and drums that come in by and by. All of it is the
same every time; the file is what `recipes/music-dream.yaml` follows.
"""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np

from dreamer.media.ffmpeg import ffmpeg_binary

RATE = 44_100
TEMPO = 100.0
BEAT = 60 / TEMPO
BARS, TAIL = 6, 0.6  # bars of four beats, seconds after them
SECONDS = BARS * 4 * BEAT + TAIL
CHORDS = (  # of each bar: the bass, and what lies above it, as MIDI's numbers
    (38, (62, 65, 69, 76)),  # D minor, its ninth on top
    (34, (62, 65, 70, 74)),  # B flat
    (41, (60, 65, 69, 76)),  # F, with its seventh
    (36, (60, 64, 67, 74)),  # C, with its ninth
    (34, (62, 65, 70, 77)),  # B flat
    (33, (61, 64, 69, 76)),  # A, which leads back
)
MELODY = (  # (beat, note, beats it is held)
    *((4, 81, 1), (5.5, 77, 0.5), (6, 79, 1.5), (7.5, 74, 0.5)),
    *((8, 76, 1), (9.5, 77, 0.5), (10, 79, 1), (11, 81, 1)),
    *((12, 84, 1.5), (13.5, 83, 0.5), (14, 79, 1), (15, 76, 1)),
    *((16, 77, 0.75), (16.75, 81, 0.75), (17.5, 86, 1.5), (19, 84, 1)),
    *((20, 81, 0.75), (20.75, 85, 0.75), (21.5, 88, 2.5)),
)
BASS = ((0, 0, 0.9), (1.5, 0, 0.4), (2, 12, 0.4), (2.5, 0, 0.9), (3.5, 7, 0.4))  # beat, above, held


def hertz(note: float) -> float:
    """The pitch of MIDI's note `note`."""
    return float(440 * 2 ** ((note - 69) / 12))


def clock(seconds: float) -> np.ndarray:
    """The moments of so many seconds of samples."""
    return np.arange(round(seconds * RATE)) / RATE


def held(seconds: float, attack: float, release: float) -> np.ndarray:
    """A note's loudness: it comes within `attack`, and goes within `release` after its end."""
    t = clock(seconds + release)
    rise = np.clip(t / attack, 0, 1)
    fall = np.clip((seconds + release - t) / release, 0, 1)
    found: np.ndarray = rise**0.7 * fall**2
    return found


def pad(note: float, seconds: float) -> np.ndarray:
    """A soft voice, (2, N): five detuned saws of few partials that open and close slowly."""
    loud = held(seconds, 0.5, 0.7)
    t = clock(len(loud) / RATE)
    bright = 0.55 + 0.3 * np.sin(np.pi * np.clip(t / seconds, 0, 1))
    made = np.zeros((2, len(t)))
    for k, cents in enumerate((-9, -4, 0, 5, 8)):
        pitch = hertz(note + cents / 100)
        voice = sum(
            bright ** (n - 1) / n * np.sin(2 * np.pi * n * pitch * t + 1.7 * k * n)
            for n in range(1, 7)
        )
        side = 0.5 + 0.4 * (k - 2) / 2
        made += np.stack([np.sqrt(1 - side) * voice, np.sqrt(side) * voice])
    return made * loud / 5


def bass(note: float, seconds: float) -> np.ndarray:
    """A round string, (N,), brightest as it is plucked."""
    loud = held(seconds, 0.006, 0.06)
    t = clock(len(loud) / RATE)
    bright = 0.25 + 0.45 * np.exp(-t * 7)
    voice = sum(bright ** (n - 1) * np.sin(2 * np.pi * n * hertz(note) * t) for n in range(1, 6))
    return np.tanh(1.1 * voice) * loud * (0.65 + 0.35 * np.exp(-t * 4))


def pluck(note: float, seconds: float) -> np.ndarray:
    """A bell between a harp and a glass, (N,)."""
    t = clock(seconds + 0.9)
    pitch = hertz(note)
    shake = 1 + 0.003 * np.sin(2 * np.pi * 5.2 * t) * np.clip((t - 0.25) * 3, 0, 1)
    turned = 2 * np.pi * pitch * np.cumsum(shake) / RATE
    ring = np.sin(turned + 1.6 * np.exp(-t * 9) * np.sin(2 * turned))
    glass = 0.18 * np.sin(2 * np.pi * 3.01 * pitch * t) * np.exp(-t * 11)
    fade = np.clip((t[-1] - t) / 0.2, 0, 1)
    return (ring + glass) * np.exp(-t * 2.6) * np.clip(t / 0.004, 0, 1) * fade


def kick() -> np.ndarray:
    t = clock(0.32)
    turned = 2 * np.pi * (46 * t + 95 / 26 * (1 - np.exp(-t * 26)))
    click = 0.12 * np.sin(2 * np.pi * 1700 * t) * np.exp(-t * 260)
    return (np.sin(turned) * np.exp(-t * 9) + click) * np.clip((0.32 - t) / 0.04, 0, 1)


def snare(rng: np.random.Generator) -> np.ndarray:
    t = clock(0.26)
    rattle = rng.standard_normal(len(t))
    rattle = rattle - np.convolve(rattle, np.ones(9) / 9, mode="same")
    drum = np.sin(2 * np.pi * 188 * t) * np.exp(-t * 26) + 0.6 * np.sin(
        2 * np.pi * 291 * t
    ) * np.exp(-t * 34)
    return 0.5 * rattle * np.exp(-t * 17) + 0.5 * drum


def hat(rng: np.random.Generator, opened: bool = False) -> np.ndarray:
    t = clock(0.3 if opened else 0.07)
    noise = np.diff(rng.standard_normal(len(t) + 2), 2)
    return 0.3 * noise * np.exp(-t * (13 if opened else 62)) * np.clip(t / 0.001, 0, 1)


def cymbal(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """Noise that swells towards its end, for the beat it leads to."""
    t = clock(seconds)
    noise = np.diff(rng.standard_normal(len(t) + 1))
    return 0.3 * noise * (t / seconds) ** 3


class Desk:
    """What all voices are laid on: a stereo bus, one that echoes, and when kicks duck the rest."""

    def __init__(self) -> None:
        count = round(SECONDS * RATE)
        self.dry, self.far = np.zeros((2, count)), np.zeros((2, count))

    def lay(self, beat: float, sound: np.ndarray, loud: float, side: float = 0.5) -> None:
        """Mono sounds lie at `side`, 0 left to 1 right."""
        stereo = sound
        if sound.ndim == 1:
            stereo = np.stack([np.sqrt(1 - side) * sound, np.sqrt(side) * sound]) * np.sqrt(2)
        begin = round(beat * BEAT * RATE)
        part = stereo[:, : max(0, self.dry.shape[1] - begin)]
        self.dry[:, begin : begin + part.shape[1]] += loud * part

    def echo(self, beats: float, keeps: float, times: int) -> None:
        """Lay what is there again, later and softer, from the other side each time."""
        whole = self.dry.copy()
        for k in range(1, times + 1):
            late = round(k * beats * BEAT * RATE)
            if late < whole.shape[1]:
                mirrored = whole[:: -1 if k % 2 else 1]
                self.dry[:, late:] += keeps**k * mirrored[:, :-late]


def room(sound: np.ndarray, rng: np.random.Generator, seconds: float = 1.6) -> np.ndarray:
    """`sound` (2, N) as a large room gives it back."""
    t = clock(seconds)
    size = 1 << (sound.shape[1] + len(t)).bit_length()
    made = np.zeros_like(sound)
    for side in range(2):
        tail = rng.standard_normal(len(t)) * np.exp(-t * 4.2) * np.clip(t / 0.02, 0, 1)
        tail = np.convolve(tail, np.ones(5) / 5, mode="same")
        found = np.fft.irfft(np.fft.rfft(sound[side], size) * np.fft.rfft(tail, size), size)
        made[side] = found[: sound.shape[1]] / np.sqrt(np.square(tail).sum())
    return made


def ducked(kicks: list[float]) -> np.ndarray:
    """How loud all else is beside the kicks at these beats."""
    t = clock(SECONDS)
    loud = np.ones(len(t))
    for beat in kicks:
        since = t - beat * BEAT
        loud = np.minimum(loud, np.where(since >= 0, 1 - 0.45 * np.exp(-since * 9), 1.0))
    return loud


def piece() -> np.ndarray:
    """All of it, (2, N) within (−1, 1)."""
    rng = np.random.default_rng(100)
    chords, low, tune, drums = Desk(), Desk(), Desk(), Desk()
    kicks: list[float] = []
    for bar, (root, above) in enumerate(CHORDS):
        for note in above:
            chords.lay(4 * bar, pad(note, 4 * BEAT), 0.2)
        for beat, up, length in BASS if bar else ((0, 0, 3.6),):
            low.lay(4 * bar + beat, bass(root + up, length * BEAT), 0.34)
        between = (1.5,) if bar % 2 else (2.5,)
        for beat in (0, 2, *(between if bar else ())):
            kicks.append(4 * bar + beat)
            drums.lay(4 * bar + beat, kick(), 0.75)
        for eighth in range(8):
            loud = (0.2 if eighth % 2 else 0.3) * (0.6 if bar == 0 else 1.0)
            drums.lay(4 * bar + eighth / 2, hat(rng, opened=eighth == 7 and bar > 0), loud, 0.62)
        for beat in (1, 3) if bar else ():
            drums.lay(4 * bar + beat, snare(rng), 0.5, 0.46)
        if bar == 5:
            for k in range(4):
                drums.lay(4 * bar + 3 + k / 4, snare(rng), 0.22 + 0.09 * k, 0.4 + 0.05 * k)
    drums.lay(3, cymbal(rng, BEAT), 0.5)
    drums.lay(15, cymbal(rng, BEAT), 0.6)
    for beat, note, length in MELODY:
        tune.lay(beat, pluck(note, length * BEAT), 0.19, 0.4 + 0.02 * (note - 76))
    tune.echo(0.75, 0.42, 4)
    soft = ducked(kicks)
    music = (chords.dry + low.dry) * soft + tune.dry * (0.5 + 0.5 * soft) + drums.dry
    music += 0.05 * room(tune.dry + 0.5 * chords.dry + 0.12 * drums.dry, rng)
    fade = np.clip((SECONDS - clock(SECONDS)) / (TAIL + 0.2), 0, 1)
    loud = np.tanh(1.25 * music / np.percentile(np.abs(music), 99.9)) * fade
    return np.asarray(loud * 0.89)


def main() -> None:
    out = Path(sys.argv[1])
    table = np.rint(piece().T * 32767).astype("<i2")
    place = out.with_suffix(".wav")
    with wave.open(str(place), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(table.tobytes())
    if out.suffix != ".wav":
        told = ["-y", "-v", "error", "-i", str(place), "-c:a", "libopus", "-b:a", "96k"]
        subprocess.run([ffmpeg_binary(), *told, "-fflags", "+bitexact", str(out)], check=True)
        place.unlink()


if __name__ == "__main__":
    main()
