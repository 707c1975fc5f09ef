"""A film's sound in its recipe: what of the numbers follows it, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from made_song import SECONDS, parsed, song

from dreamer.recipe.facts import ClipFacts, Facts
from dreamer.recipe.parse import recipe_from_text
from dreamer.recipe.plan import Plan
from dreamer.recipe.planning import plan


@pytest.fixture
def heard(facts: Facts, tmp_path: Path) -> Facts:
    return song(facts, tmp_path)


@pytest.fixture
def planned(heard: Facts, tmp_path: Path) -> Callable[[str], Plan]:
    return lambda text: plan(parsed(text, tmp_path), heard)


FOLLOWING = """
motion: {rotate: {expr: "100*audio"}}
length: 8s
fps: 10
"""


def test_a_signal_is_what_is_heard_at_the_frames_moment(planned: Callable[[str], Plan]) -> None:
    track = planned("sound: song.mp3" + FOLLOWING).tracks["motion.rotate"]
    assert track == pytest.approx([100 * n / 10 / SECONDS for n in range(80)])


def test_the_sound_of_a_films_part_begins_with_that_part(heard: Facts, tmp_path: Path) -> None:
    """The file's clock begins half a second before its first frame, and the part 1.5 s after it."""
    unit, begins = Fraction(1, 24), Fraction(1, 2)
    clip = ClipFacts(64, 64, "abc", Fraction(24), unit, range(96), 96, begins=begins)
    facts = replace(heard, clip=clip)
    text = "source: {video: song.mp3, start: 1.5s}\nsound: {file: source, start: 0.25s}\n"
    made = plan(parsed(text + "fps: 10\nascent: {step: {expr: '1 + audio'}}", tmp_path), facts)
    heard = [1 + (2.25 + n / 10) / SECONDS for n in range(made.count)]
    assert made.tracks["ascent.step"] == pytest.approx(heard)


def test_start_and_offset_are_exact(planned: Callable[[str], Plan]) -> None:
    sound = "sound: {file: song.mp3, start: 12.35s, offset: 1.5s}"
    track = planned(sound + FOLLOWING).tracks["motion.rotate"]
    assert track[:15] == (0.0,) * 15
    expected = [100 * (12.35 + n / 10 - 1.5) / SECONDS for n in range(15, 80)]
    assert track[15:] == pytest.approx(expected)


def test_another_rate_of_frames_changes_nothing(planned: Callable[[str], Plan]) -> None:
    text = "sound: song.mp3" + FOLLOWING
    slow = planned(text).tracks["motion.rotate"]
    fast = planned(text.replace("fps: 10", "fps: 30")).tracks["motion.rotate"]
    assert fast[::3] == pytest.approx(slow)


def test_after_the_sound_all_is_silent(planned: Callable[[str], Plan]) -> None:
    track = planned("sound: {file: song.mp3, start: 19s}" + FOLLOWING).tracks["motion.rotate"]
    assert track[9] > 0
    assert track[10:] == (0.0,) * 70


def test_an_endless_film_follows_in_every_window(heard: Facts, tmp_path: Path) -> None:
    text = "sound: song.mp3\nlength: endless\nfps: 10\nmotion: {rotate: {expr: '100*audio'}}"
    recipe = recipe_from_text(text, tmp_path, "x.yaml")
    track = plan(recipe, heard, (150, 100)).tracks["motion.rotate"]
    assert track[:50] == pytest.approx([100 * n / 10 / SECONDS for n in range(150, 200)])
    assert track[50:] == (0.0,) * 50


def test_the_pulse_is_1_on_a_beat_and_falls_to_the_next(planned: Callable[[str], Plan]) -> None:
    text = "sound: song.mp3\nmotion: {rotate: {expr: '100*beat'}}\nlength: 4s\nfps: 20"
    track = planned(text).tracks["motion.rotate"]
    assert track[:5] == (0.0,) * 5  # before the first beat, at frame 5
    wanted = [100 * (1 - k / 10) ** 2 for k in range(10)]  # ten frames from beat to beat
    assert track[5:15] == pytest.approx(wanted)
    assert track[15:25] == pytest.approx(wanted)


def test_beats_count(planned: Callable[[str], Plan]) -> None:
    text = "sound: song.mp3\nmotion: {rotate: {expr: 'beats'}}\nlength: 4s\nfps: 20"
    track = planned(text).tracks["motion.rotate"]
    assert track[:6] == (0.0,) * 6
    assert track[15] == pytest.approx(1)
    assert track[30] == pytest.approx(2.5)


def test_a_scene_hears_the_film(planned: Callable[[str], Plan]) -> None:
    """What a scene says goes by its own clock, but for the sound."""
    text = (
        "sound: song.mp3\nfps: 10\nscenes:\n- {length: 3s}\n"
        "- {length: 2s, motion: {rotate: {expr: '100*audio + 1000*t'}}}\n"
    )
    track = planned(text).tracks["motion.rotate"]
    expected = [100 * (3 + k / 10) / SECONDS + 1000 * k / 10 for k in range(20)]
    assert track[30:] == pytest.approx(expected)


def test_what_is_faded_into_hears_the_end(planned: Callable[[str], Plan]) -> None:
    """Frames before the film's first are seen at its end: their sound is the end's."""
    text = "sound: song.mp3\nclose: {by: crossfade, over: 1s}" + FOLLOWING
    track = planned(text).tracks["motion.rotate"]
    assert len(track) == 90
    assert track[10:] == pytest.approx([100 * n / 10 / SECONDS for n in range(80)])
    assert track[:10] == pytest.approx([100 * (7 + n / 10) / SECONDS for n in range(10)])
