"""A film's sound in its recipe: what it may be, what follows it, and beats as moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from dreamer.errors import RecipeError
from dreamer.recipe.beats import Beats
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.facts import ClipFacts, Facts, HeardFacts, SoundFacts
from dreamer.recipe.following import beats_of
from dreamer.recipe.parse import draft_of, recipe_from_text
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.plan import Plan
from dreamer.recipe.planning import plan
from dreamer.recipe.scene import Scene

RATE = 10.0  # envelopes of the made-up song, a second
SECONDS = 20.0
BEATS = tuple(0.25 + 0.5 * k for k in range(39))  # 120 a minute, the first at 0.25 s
# Rises by 0.05 a second: what is heard at a moment says which it is.
RAMP = tuple(k / RATE / SECONDS for k in range(int(SECONDS * RATE) + 1))


@pytest.fixture
def song(facts: Facts, tmp_path: Path) -> Facts:
    """`facts`, and a song called song.mp3 beside the recipe."""
    heard = HeardFacts(120.0, BEATS, RATE, {"audio": RAMP, "audio_low": RAMP})
    sounds = {
        str(tmp_path / "song.mp3"): SoundFacts(SECONDS, "cd" * 32, heard),
        str(tmp_path / "page.mp3"): f"{tmp_path / 'page.mp3'} is an HTML page",
    }
    return replace(facts, sounds=sounds)


def listening(recipe: Parsed) -> Beats:
    """What is heard of beats in the song."""
    return beats_of(recipe, BEATS, SECONDS)


def parsed(text: str, tmp_path: Path) -> Parsed:
    return recipe_from_text(text, tmp_path, "x.yaml", hear=listening)


@pytest.fixture
def planned(song: Facts, tmp_path: Path) -> Callable[[str], Plan]:
    return lambda text: plan(parsed(text, tmp_path), song)


@pytest.fixture
def refused(song: Facts, tmp_path: Path) -> Callable[[str], str]:
    def said(text: str) -> str:
        with pytest.raises(RecipeError) as caught:
            plan(parsed(text, tmp_path), song)
        return str(caught.value).replace(str(tmp_path), "{folder}")

    return said


FOLLOWING = """
motion: {rotate: {expr: "100*audio"}}
length: 8s
fps: 10
"""


def test_a_signal_is_what_is_heard_at_the_frames_moment(planned: Callable[[str], Plan]) -> None:
    track = planned("sound: song.mp3" + FOLLOWING).tracks["motion.rotate"]
    assert track == pytest.approx([100 * n / 10 / SECONDS for n in range(80)])


def test_the_sound_of_a_films_part_begins_with_that_part(song: Facts, tmp_path: Path) -> None:
    """The file's clock begins half a second before its first frame, and the part 1.5 s after it."""
    unit, begins = Fraction(1, 24), Fraction(1, 2)
    clip = ClipFacts(64, 64, "abc", Fraction(24), unit, range(96), 96, begins=begins)
    facts = replace(song, clip=clip)
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


def test_an_endless_film_follows_in_every_window(song: Facts, tmp_path: Path) -> None:
    text = "sound: song.mp3\nlength: endless\nfps: 10\nmotion: {rotate: {expr: '100*audio'}}"
    recipe = recipe_from_text(text, tmp_path, "x.yaml")
    track = plan(recipe, song, (150, 100)).tracks["motion.rotate"]
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


def test_beats_are_moments(planned: Callable[[str], Plan], tmp_path: Path) -> None:
    text = """
sound: {file: song.mp3, start: 1.25s, offset: 2s}
motion:
  rotate: {keys: [{at: beat 0, value: 0}, {at: beat 4, value: 40}, {at: beat 6.5, value: 0}]}
length: 16 beats
fps: 20
"""
    recipe = parsed(text, tmp_path)
    # Beat 0 is the one at 1.25 s of the file, 2 s into the film.
    keys = recipe.words.motion.rotate.keys  # type: ignore[union-attr]
    assert [key.at for key in keys] == ["2s", "4s", "5.25s"]
    assert recipe.words.length == "10s"
    track = planned(text).tracks["motion.rotate"]
    assert (len(track), track[40], track[80], track[105]) == (200, 0, 40, 0)


def test_what_is_kept_says_seconds_and_needs_nobody_to_listen(tmp_path: Path) -> None:
    text = "sound: song.mp3\nlength: 8 beats\ntarget: {class: {keys: [{at: 0, value: daisy}, "
    recipe = parsed(text + "{at: beat 4, value: sunflower, blend: 2 beats}]}}", tmp_path)
    kept = as_yaml(recipe.canonical())
    assert "beat" not in kept
    again = recipe_from_text(kept, tmp_path, "kept.yaml")
    assert again.canonical() == recipe.canonical()
    assert again.frames == round(4.25 * 24)
    keys = recipe.canonical()["target"][0]["class"]["keys"]
    assert (keys[1]["at"], keys[1]["blend"]) == ("2.25s", "1s")


def test_scenes_are_cut_on_beats(tmp_path: Path) -> None:
    text = """
sound: song.mp3
fps: 40
scenes:
- {length: 8 beats}
- {length: 4 beats, transition: 1 beat, motion: {rotate: {keys: [
    {at: beat 0, value: 0}, {at: beat 2, value: 9}]}}}
- {length: 1s}
- {length: 2 beats}
"""
    recipe = parsed(text, tmp_path)
    starts = [scene.start / 40 for scene in recipe.scenes]
    assert starts == [0, 4.25, 6.25, 7.25]  # where beats are, each 0.5 s, the first at 0.25 s
    assert recipe.scenes[1].fade == 20
    keys = recipe.scenes[1].recipe.words.motion.rotate.keys  # type: ignore[union-attr]
    assert [key.at for key in keys] == ["0s", "1s"]
    assert recipe.frames == 40 * 8.25


def test_lengths_in_beats_make_up_for_a_scene_that_ends_between_two(tmp_path: Path) -> None:
    text = "sound: song.mp3\nfps: 40\nscenes: [{length: 1.1s}, {length: 2 beats}, {length: 1 beat}]"
    recipe = parsed(text, tmp_path)
    # After 1.1 s comes the beat at 1.25 s; two later it is 2.25 s.
    assert [scene.start / 40 for scene in recipe.scenes] == [0, 1.1, 2.25]


def test_beats_are_counted_from_the_first_frame_that_is_shown(tmp_path: Path) -> None:
    text = (
        "sound: song.mp3\nfps: 20\nlength: 8 beats\nclose: {by: crossfade, over: 1s}\n"
        "motion: {rotate: {keys: [{at: 0, value: 0}, {at: beat 2, value: 9}]}}"
    )
    recipe = parsed(text, tmp_path)
    assert recipe.frames == 20 * (4.25 + 1)
    assert recipe.words.motion.rotate.keys[1].at == "1.25s"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("length: 8 beats", "1: length: counts the beats of a sound, and there is none; say sound"),
        ("sound: song.mp3\nlength: 400 beats", "2: length: the sound has beats 0 to 38; there"),
        ("sound: song.mp3\nlength: beat 8", "2: length: expected 20s"),
        ("sound: song.mp3\nlength: 0 beats", "2: length: expected 20s"),
        (
            "sound: song.mp3\nlength: 4s\nmotion: {zoom: {keys: [{at: 8 beats, value: 1}]}}",
            "3: motion.zoom.keys.0.at: expected a moment: beat 8, not '8 beats', a length",
        ),
        (
            "sound: song.mp3\nlength: 4s\n"
            "motion: {zoom: {keys: [{at: beat 8, value: 1}, {at: beat 2, value: 1}]}}",
            "3: motion.zoom.keys: keys out of order at beat 2",
        ),
        ("sound: song.mp3\nlength: 9s\nclassify: {every: 4 beats}", "3: classify.every: expected"),
        ("sound: song.mp3\nlength: 9s\nclose: {over: 4 beats}", "3: close.over: expected"),
        ("motion: {zoom: {expr: 1 + audio_low}}\nlength: 2s", "audio_low needs a sound to follow"),
        (
            "sound: song.mp3\nlength: 2s\nmotion: {zoom: {expr: audio_lo}}",
            "unknown name 'audio_lo'",
        ),
        (
            "sound: song.mp3\nlength: 2s\nmotion: {zoom: {expr: beat, vars: {beat: 2}}}",
            "'beat' is taken; it is a pulse",
        ),
        ("sound: song.mp3", "1: sound: a still is not heard; say a length"),
        ("sound: page.mp3\nlength: 2s", "1: sound: {folder}/page.mp3 is an HTML page"),
        ("sound: source\nlength: 2s", "1: sound: the source has no sound; say source: {video"),
        (
            "sound: {file: song.mp3, start: 20s}\nlength: 2s",
            "1: sound.start: 20s is not in song.mp3: it is 20 s long",
        ),
        (
            "sound: {file: song.mp3, offset: 2s}\nlength: 2s",
            "1: sound.offset: 2s is after the film's 2 s",
        ),
        ("sound: {file: song.mp3, start: -1s}\nlength: 2s", "1: sound.start: expected"),
        ("sound: {file: song.mp3, start: 12}\nlength: 2s", "expected seconds like 1.5s, not 12"),
        ("sound: {file: song.mp3, fade_in: 5%}\nlength: 2s", "1: sound.fade_in: expected seconds"),
        ("sound: {file: song.mp3, volume: -1}\nlength: 2s", "1: sound.volume: must be at least 0"),
        ("sound: {start: 1s}\nlength: 2s", "1: sound.file: missing"),
        ("sound: {file: song.mp3, strat: 1s}\nlength: 2s", "unknown key; did you mean 'start'"),
        ("sound: 3\nlength: 2s", "1: sound: expected a file like music.mp3, source or none, not 3"),
        (
            "sound: [a.mp3]\nlength: 2s",
            "1: sound: expected a file like music.mp3, source or none, ",
        ),
        (
            "sound: {file: song.mp3, start: -1s}\nlength: 2s",
            "expected seconds like 1.5s, not '-1s'",
        ),
        (
            "sound: {file: none, start: 1s}\nlength: 2s",
            "none has no start; for a file of that name",
        ),
        ("sound: none\nlength: 8 beats", "length: counts the beats of a sound, and there is none"),
        ("sound: none\nlength: 2s\nmotion: {zoom: {expr: beat}}", "beat needs a sound to follow"),
    ],
)
def test_what_no_film_can_have(refused: Callable[[str], str], text: str, message: str) -> None:
    assert message in refused(text)


def test_all_beats_that_there_are_not_are_told_at_once(refused: Callable[[str], str]) -> None:
    said = refused(
        "sound: song.mp3\nlength: 90 beats\n"
        "motion: {zoom: {keys: [{at: beat 1, value: 1}, {at: beat 200, value: 2}]}}"
    )
    assert said.count("there is no beat") == 2
    assert "motion.zoom.keys.1.at: the sound has beats 0 to 38; there is no beat 200" in said


@pytest.mark.parametrize("sound", ["page.mp3", "source", "{file: song.mp3, start: 99s}"])
def test_what_would_follow_a_refused_sound_is_not_to_blame(
    refused: Callable[[str], str], sound: str
) -> None:
    """In scenes neither; what else is wrong is told with it."""
    motion = "motion: {zoom: {expr: 1 + audio_low}, rotate: {expr: 1 + oops}}"
    for text in (f"length: 2s\n{motion}", f"scenes: [{{length: 2s, {motion}}}]"):
        said = refused(f"sound: {sound}\n{text}").splitlines()
        assert len(said) == 2
        assert "sound" in said[0]
        assert "unknown name 'oops'" in said[1]


@pytest.mark.parametrize("word", ["none", "off", "false", "{file: none}", "{file: off}"])
def test_no_sound_can_be_said(planned: Callable[[str], Plan], tmp_path: Path, word: str) -> None:
    text = f"sound: {word}\nlength: 2s"
    recipe = parsed(text, tmp_path)
    if word == "{file: off}":  # a file may be called so
        assert recipe.sound() == str(tmp_path / "off")
        return
    assert planned(text).count == 48
    assert (recipe.sounds, recipe.sound(), recipe.files()) == (False, None, [])
    assert recipe.canonical()["sound"] == {"file": "none"}
    assert parsed(as_yaml(recipe.canonical()), tmp_path).canonical() == recipe.canonical()
    assert planned("sound: none").count == 1  # a still has none either


def test_a_sound_without_beats_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no beats are heard in the sound; say seconds"):
        recipe_from_text(
            "sound: a.mp3\nlength: 8 beats", tmp_path, "x", hear=lambda _: Beats((), 9)
        )


def test_where_nobody_listens_beats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="length: counts beats, which nobody listens for here"):
        recipe_from_text("sound: a.mp3\nlength: 8 beats", tmp_path, "x")


def test_only_what_follows_asks_for_listening(tmp_path: Path) -> None:
    def follows(text: str) -> bool:
        return parsed(f"sound: song.mp3\nlength: 2s\n{text}", tmp_path).wants().follows

    assert not follows("title: audio_low")
    assert not follows("motion: {zoom: {expr: 1 + t}}")
    assert follows("motion: {zoom: {expr: 1 + audio_low}}")
    assert follows("target: [{layer: conv1}, {layer: conv1, weight: {expr: beat}}]")


def test_the_sound_is_a_file_of_the_recipe(tmp_path: Path) -> None:
    recipe = parsed("sound: music/song.mp3\nlength: 2s", tmp_path)
    assert recipe.sound() == str(tmp_path / "music" / "song.mp3")
    assert [place.file for place in recipe.files()] == [recipe.sound()]
    assert recipe.with_files(lambda path: "sources/x.mp3")["sound"] == {"file": "sources/x.mp3"}
    other = {str(recipe.sound()): "ab" * 32}
    assert recipe.digest(other) != recipe.digest({str(recipe.sound()): "cd" * 32})


def test_a_draft_keeps_the_sounds_moments(tmp_path: Path) -> None:
    recipe = parsed("sound: {file: song.mp3, start: 3s}\nlength: 8 beats\nfps: 24", tmp_path)
    draft = draft_of(recipe, (640, 480))
    assert draft.words.sound == recipe.words.sound
    assert draft.words.length == recipe.words.length


def test_no_word_of_scenes_is_its_own_sound() -> None:
    assert "sound" not in Scene.model_fields
