"""A film is known before any work: when its frames are shown, where it is cut, if it is whole."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from filmed import film, numbered, pan, place, run

from dreamer.errors import MediaError
from dreamer.media.survey import rate, survey, survey_from

NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(("name", "unit"), [("a.mp4", 30000), ("a.mkv", 1000)])
def test_a_steady_film_has_the_rate_its_header_says(tmp_path: Path, name: str, unit: int) -> None:
    found = survey(film(tmp_path / name, numbered(30), NTSC))
    assert (found.fps, found.unit, len(found.times)) == (NTSC, Fraction(1, unit), 30)
    told = [float(time * found.unit) for time in found.times]
    assert told == pytest.approx([k * 1.001 / 30 for k in range(30)], abs=0.00051)  # by hand
    assert float(found.ends * found.unit) == pytest.approx(30 * 1.001 / 30, abs=0.002)
    assert (found.width, found.height, found.has_audio, found.damage) == (48, 32, False, "")


def test_a_film_of_varying_rate_has_its_own_moments(tmp_path: Path) -> None:
    lasting = [1, 3, 2, 7, 1, 4, 2, 5, 3, 2]  # of each frame, in 30ths of a second
    steps = [0, *accumulate(lasting)][:-1]
    picked = "+".join(f"eq(n\\,{k})" for k in steps)
    steady = film(tmp_path / "steady.mkv", numbered(sum(lasting)), 30)
    run("-i", steady, "-vf", f"select={picked}", "-fps_mode", "vfr", tmp_path / "v.mp4")
    found = survey(tmp_path / "v.mp4")
    assert [time * found.unit for time in found.times] == [Fraction(k, 30) for k in steps]
    assert found.fps == 10  # 10 frames a second on average: (10 − 1) / (28 / 30 s) = 9.6


def test_rates_are_usual_ones() -> None:
    unit = Fraction(1, 1000)
    assert rate(NTSC, unit, [33, 34, 33, 33]) == NTSC
    assert rate(Fraction(90000), Fraction(1, 90000), [3003] * 9) == NTSC
    assert rate(Fraction(120), unit, [41, 42, 42, 42, 41]) == Fraction(24)
    assert rate(Fraction(25), unit, []) == 25


def test_what_a_player_turns_and_stretches_is_upright_and_square(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", numbered(3, 32, 48))
    run("-display_rotation", 90, "-i", tmp_path / "a.mp4", "-c", "copy", tmp_path / "turned.mp4")
    assert (lambda s: (s.width, s.height))(survey(tmp_path / "turned.mp4")) == (32, 48)
    wide = ("-vf", "setsar=4/3", "-c:v", "libx264", "-pix_fmt", "yuv420p")
    found = survey(film(tmp_path / "wide.mp4", numbered(3, 32, 48), options=wide))
    assert (found.width, found.height) == (64, 32)


def test_sound_and_when_it_begins(tmp_path: Path) -> None:
    film(tmp_path / "a.mkv", numbered(24))
    sine = ("-f", "lavfi", "-i", "sine=d=1.5")
    run(*sine, "-itsoffset", 0.5, "-i", tmp_path / "a.mkv", "-c:v", "copy", tmp_path / "late.mkv")
    found = survey(tmp_path / "late.mkv")
    assert found.has_audio
    assert float(found.begins) == pytest.approx(0.5, abs=0.002)
    assert found.times[0] == 0
    run(*sine, tmp_path / "sound.mp4")
    with pytest.raises(MediaError, match=r"sound\.mp4 is an MP4 film that holds no pictures$"):
        survey(tmp_path / "sound.mp4")


def test_one_frame_is_a_film(tmp_path: Path) -> None:
    found = survey(film(tmp_path / "one.mp4", numbered(1)))
    assert (found.times, found.fps, found.ends * found.unit) == ((0,), 24, Fraction(1, 24))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_film_that_breaks_off_says_so_after_its_whole_frames(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (32, 48, 3), dtype=np.uint8) for _ in range(30)]
    options = ("-c:v", "libx264", "-qp", 0, "-g", 1, "-movflags", "+faststart")
    whole = film(tmp_path / name, noise, options=options if name == "a.mp4" else options[:-2])
    cut = tmp_path / f"cut-{name}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    found = survey(cut)
    assert found.damage
    assert 15 < len(found.times) < 25


def test_it_is_written_and_read_again(tmp_path: Path) -> None:
    found = survey(film(tmp_path / "a.mp4", numbered(5), NTSC))
    assert survey_from(found.as_json()) == found
    text = found.as_json()
    for broken in (
        text.replace('"width":48', '"width":"48"'),
        text.replace('"width":48', '"width":0'),
        text.replace('"times":[0,', '"times":[7,'),
        text.replace('"times":[0,', '"times":[0,99999,'),
        text.replace('"cuts":[]', '"cuts":[5]'),
        text.replace('"cuts":[]', '"cuts":[1.5]'),
        text.replace('"fps":"30000/1001"', '"fps":"0"'),
        text.replace('"clear":false', '"clear":0'),
        text.replace('"damage":""', '"damage":null'),
        text.replace(f'"ends":{found.ends}', '"ends":-1'),
    ):
        assert broken != text
        with pytest.raises(ValueError, match="cannot be"):
            survey_from(broken)
    for broken in ("", "[]", "{}", found.as_json().replace("times", "tims"), '{"fps": "1/0"}'):
        with pytest.raises(ValueError, match=r"^.+$"):
            survey_from(broken)


def test_cuts_are_found_and_pans_and_flashes_are_none(tmp_path: Path) -> None:
    fast = pan(place(1), 11, 20)  # a sixth of the width a frame
    slow = pan(place(2), 10, 2)
    other = pan(place(3), 10, 5)
    slow[4] = np.full_like(slow[4], 255)  # a flash, whole
    slow[5] = np.clip(slow[5] * 1.4 + 60, 0, 255).astype(np.uint8)  # and its afterglow
    lossy = ("-c:v", "libx264", "-crf", 26, "-pix_fmt", "yuv420p")
    found = survey(film(tmp_path / "a.mp4", [*fast, *slow, *other], options=lossy))
    assert found.cuts == (11, 21)


def test_what_stands_still_and_what_is_black_is_not_cut(tmp_path: Path) -> None:
    scene = pan(place(4), 1, 1) * 8
    black = [np.zeros_like(scene[0])] * 8
    found = survey(film(tmp_path / "a.mp4", [*black, *scene, *black]))
    assert found.cuts == (8, 16)
