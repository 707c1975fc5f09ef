"""A film's sound in its recipe: what it may be, and beats as moments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made_song import parsed, song

from dreamer.errors import RecipeError
from dreamer.recipe.beats import Beats
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.facts import Facts
from dreamer.recipe.parse import draft_of, recipe_from_text
from dreamer.recipe.plan import Plan
from dreamer.recipe.planning import plan
from dreamer.recipe.scene import Scene


@pytest.fixture
def heard(facts: Facts, tmp_path: Path) -> Facts:
    return song(facts, tmp_path)


@pytest.fixture
def planned(heard: Facts, tmp_path: Path) -> Callable[[str], Plan]:
    return lambda text: plan(parsed(text, tmp_path), heard)


@pytest.fixture
def refused(heard: Facts, tmp_path: Path) -> Callable[[str], str]:
    def said(text: str) -> str:
        with pytest.raises(RecipeError) as caught:
            plan(parsed(text, tmp_path), heard)
        return str(caught.value).replace(str(tmp_path), "{folder}")

    return said


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


def test_a_wobble_that_follows_nothing_is_told_once(refused: Callable[[str], str]) -> None:
    said = refused(
        "target: conv1\nmotion: {wobble: {rotate: {expr: 3*beat}}}\n"
        "scenes: [{length: 2s}, {length: 2s}]"
    )
    (line,) = said.splitlines()
    assert "2: motion.wobble.rotate.expr: beat needs a sound to follow" in line


def test_a_word_of_a_sound_is_set_beside_its_file(tmp_path: Path) -> None:
    sets = ["sound=other.mp3", "sound.start=4s"]
    recipe = recipe_from_text("sound: song.mp3\nlength: 2s", tmp_path, "x.yaml", sets, tmp_path)
    assert recipe.canonical()["sound"] == {"file": "other.mp3", "start": "4s"}


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
