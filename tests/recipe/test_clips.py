"""A dream on a film shows at each moment what the film shows then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dreamer.errors import RecipeError
from dreamer.recipe.clip_times import heard_from, settled, shown_at
from dreamer.recipe.facts import ClipFacts, Facts
from dreamer.recipe.parse import draft_of, recipe_from_text, recipe_from_tree
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.parts import Source
from dreamer.recipe.plan import Plan
from dreamer.recipe.planning import plan

NTSC = Fraction(30000, 1001)
STEADY = ClipFacts(320, 180, "abc", Fraction(24), Fraction(1, 24), range(48), 48, cuts=(20,))
FOLDER = replace(STEADY, fps=None, unit=Fraction(1), times=range(30), ends=30, cuts=())


def planned(facts: Facts, clip: ClipFacts | str = STEADY, **words: Any) -> Plan:
    made = recipe(**words)
    return plan(made, replace(facts, clip=clip))


def recipe(source: dict[str, Any] | None = None, **words: Any) -> Parsed:
    tree = {"source": {"video": "a.mp4", **(source or {})}, "ascent": {"octaves": 1}, **words}
    if "folder" in (source or {}):
        del tree["source"]["video"]
    return recipe_from_tree(tree, Path("/films"))


def brute(times: Sequence[Fraction], start: float, fps: Fraction, count: int) -> list[int]:
    """The last frame shown by each moment, looked for among all."""
    shown = []
    for n in range(count):
        moment = Fraction(start) + n / fps
        shown.append(max([0, *(k for k, time in enumerate(times) if time <= moment)]))
    return shown


def test_a_film_has_the_rate_length_and_size_of_what_it_dreams_on(facts: Facts) -> None:
    found = planned(facts)
    assert (found.fps, found.frames, found.width, found.height) == (24, 48, 320, 180)
    assert found.clip is not None
    assert found.clip.numbers == tuple(range(48))
    assert found.clip.shots == {20}
    assert planned(facts, size=160).height == 90


@pytest.mark.parametrize("fps", [24, 12, 25, 60, NTSC, Fraction(24000, 1001)])
@pytest.mark.parametrize("start", [0.0, 0.5, 1.25])
def test_frames_are_the_last_ones_shown_by_then(fps: Fraction, start: float) -> None:
    lasting = np.random.default_rng(1).integers(1, 9, 60)  # in 60ths of a second
    ends = [0, *accumulate(int(n) for n in lasting)]
    clip = replace(STEADY, unit=Fraction(1, 60), times=tuple(ends[:-1]), ends=ends[-1])
    fps = Fraction(fps)
    found = shown_at(Source(video="a", start=f"{start}s"), clip, fps, 0, 40)
    # A moment that is a frame's own is that frame's, however it was rounded on its way here.
    slack = Fraction(1, 1000)
    assert list(found) == brute([Fraction(t, 60) - slack for t in ends[:-1]], start, fps, 40)


def test_times_in_milliseconds_lose_no_frame(facts: Facts) -> None:
    times = tuple(round(k * 1001 / 30) for k in range(299))  # as Matroska rounds them
    clip = replace(STEADY, fps=NTSC, unit=Fraction(1, 1000), times=times, ends=9977)
    found = planned(facts, clip)
    assert found.clip is not None
    assert found.clip.numbers == tuple(range(299))


def test_half_the_rate_takes_every_other_frame_and_its_cuts(facts: Facts) -> None:
    for words in ({"fps": 12}, {"source": {"fps": 12}}):
        found = planned(facts, replace(STEADY, cuts=(20, 33)), **words)
        assert (found.fps, found.frames) == (12, 24)
        assert found.clip is not None
        assert found.clip.numbers == tuple(range(0, 48, 2))
        assert found.clip.shots == {10, 17}  # frame 17 is the source's 34
    slow = planned(facts, source={"fps": 8}, fps=24)
    assert slow.clip is not None
    assert slow.clip.numbers[:7] == (0, 0, 0, 3, 3, 3, 6)


def test_a_part_of_it(facts: Facts) -> None:
    found = planned(facts, source={"start": "0.5s", "end": "1.5s"})
    assert found.frames == 24
    assert found.clip is not None
    assert found.clip.numbers == tuple(range(12, 36))
    assert found.clip.shots == {8}
    for start, end in ((12, 36), ("25%", "75%")):
        again = planned(facts, source={"start": start, "end": end})
        assert again.clip == found.clip
    assert planned(facts, source={"start": "0.5s"}, length=6).clip.numbers == tuple(range(12, 18))


def test_a_folder_goes_at_the_rate_it_is_given(facts: Facts) -> None:
    words = {"source": {"folder": "shots", "fps": 10}}
    found = planned(facts, FOLDER, **words)
    assert (found.fps, found.frames) == (10, 30)
    assert planned(facts, FOLDER, source={"folder": "shots"}).fps == 24
    twice = planned(facts, FOLDER, fps=20, **words)
    assert twice.clip is not None
    assert (twice.frames, twice.clip.numbers[:5]) == (60, (0, 0, 1, 1, 2))


def test_what_is_carried_and_where_shots_begin(facts: Facts) -> None:
    keep = {"keys": [{"at": 0, "value": 0.5}, {"at": "end", "value": 1.0}]}
    ascent = {"steps": 2, "first_steps": 9}
    found = planned(facts, follow={"keep": keep, "strength": 0.7}, ascent=ascent)
    assert [found.at(k).carried for k in (0, 20)] == [0, 0]
    assert found.at(47).carried == 1.0
    assert [found.at(k).octaves[0].steps for k in (0, 1, 19, 20, 21)] == [9, 2, 2, 9, 2]
    assert (found.at(3).source, found.at(3).shown) == (3, 0.7)
    said = planned(facts, follow={"cuts": ["1s", 3]})
    assert said.clip is not None
    assert said.clip.shots == {24, 3}
    assert planned(facts, follow={"cuts": False}).clip.shots == frozenset()
    alone = planned(facts, follow={"flow": False})
    assert {alone.at(k).carried for k in range(48)} == {0.0}


def test_without_steps_shots_begin_with_the_presets_and_what_follows_makes_up(facts: Facts) -> None:
    found = planned(facts, follow={"keep": 0.75}, ascent={"preset": "deepdream-2015"})
    assert [found.at(k).octaves[0].steps for k in (0, 1, 20)] == [10, 4, 10]  # 1.5 · 0.25 · 10
    assert planned(facts, follow={"keep": 1}).at(1).octaves[0].steps == 1
    assert planned(facts, follow={"keep": 0}).at(1).octaves[0].steps == 12
    assert planned(facts, follow={"flow": False}).at(1).octaves[0].steps == 12


def test_the_sound_begins_where_the_pictures_do() -> None:
    heard = replace(STEADY, has_audio=True, begins=Fraction(1, 4))
    assert heard_from(recipe({"start": "0.5s"}), heard) == 0.75
    other = recipe({"start": "0.5s"}, sound={"file": "song.mp3", "start": "2s"})
    assert heard_from(other, heard) == 2  # another file knows nothing of the film's part


def test_what_it_has_is_settled_and_settled_again_the_same(facts: Facts) -> None:
    known = replace(facts, clip=replace(STEADY, fps=NTSC))
    once = settled(recipe(), known)
    assert (once.frames, once.still, once.words.fps) == (60, False, "30000/1001")
    assert settled(once, known) == once
    assert recipe_from_tree(once.canonical(), Path("/films")).canonical() == once.canonical()


def test_a_draft_shows_the_same_moments(facts: Facts) -> None:
    whole = planned(facts, source={"start": 6}, follow={"cuts": [18]})
    draft = settled(recipe({"start": 6}, follow={"cuts": [18]}), replace(facts, clip=STEADY))
    small = plan(draft_of(draft, (320, 180)), replace(facts, clip=STEADY))
    assert (small.fps, small.frames) == (6, 11)  # 42 frames of 24 are 10.5 of 6
    assert small.clip is not None
    assert whole.clip is not None
    assert small.clip.numbers == whole.clip.numbers[::4]
    assert small.clip.shots == {5}  # 18 of 24 is 4.5 of 6: the first frame after it


def test_a_draft_is_no_longer_than_its_film(facts: Facts) -> None:
    """28 frames at 24 a second are 10 at 8 and 7 at 6, and not the 8 that 10 at 8 would last."""
    known = replace(facts, clip=replace(STEADY, times=range(28), ends=28, cuts=()))
    whole = settled(recipe(fps=8), known)
    assert plan(whole, known).frames == 10
    assert plan(draft_of(whole, (320, 180)), known).frames == 7


REFUSED = {
    "begins too late": ({"source": {"start": "3s"}}, "source.start: is beyond the end; it has 2 s"),
    "ends too late": ({"source": {"end": "2.5s"}}, "source.end: is beyond the end"),
    "a frame too late": ({"source": {"start": 49}}, "source.start: is beyond the end"),
    "ends before it begins": (
        {"source": {"start": "1s", "end": "0.5s"}},
        "not after the start, 1 s",
    ),
    "too long": ({"length": "3s"}, "length: 72 frames are more than the source has: 48 at 24"),
    "endless": ({"length": "endless"}, "length: endless is more than the source has"),
    "moved": (
        {"motion": {"zoom": 1.2}},
        "motion.zoom: a film that is dreamt on has its own camera",
    ),
    "scenes": (
        {"scenes": [{"length": 5}]},
        "scenes: a film that is dreamt on has no scenes but its own",
    ),
    "on to its beginning": (
        {"close": {"by": "return"}},
        "close: a film that is dreamt on ends as it does; leave it out, or loop an output",
    ),
    "tiles": ({"seamless": True}, "seamless: the frames of a film or folder are no tiles"),
    "from noise": ({"ascent": {"preset": "lucid"}}, "ascent.begin: a dream on a film begins with"),
    "several": ({"samples": 4}, "samples: several samples make a still"),
    "too much": ({"follow": {"keep": 1.5}}, "follow.keep: 1.5 is above 1"),
    "kept by nothing": (
        {"follow": {"flow": False, "keep": 0.5}},
        "follow.keep: nothing is carried",
    ),
    "a cut too late": ({"follow": {"cuts": ["5s"]}}, "follow.cuts.0: is beyond the film's end"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_had_of_a_film(name: str, facts: Facts) -> None:
    words, why = REFUSED[name]
    with pytest.raises(RecipeError) as caught:
        planned(facts, **words)
    assert why in str(caught.value)


def test_a_film_that_breaks_off_is_dreamt_on_as_far_as_it_is_whole(facts: Facts) -> None:
    broken = replace(STEADY, damage="partial file")
    with pytest.raises(RecipeError, match=r"breaks off after 48 frames .*say end: 1\.95s"):
        planned(facts, broken)
    assert planned(facts, broken, source={"end": "1.95s"}).frames == 47


def test_words_of_films_on_other_sources(facts: Facts) -> None:
    with pytest.raises(RecipeError, match="follow: follows a film or folder"):
        plan(recipe_from_tree({"follow": {"keep": 0.5}}), facts)
    with pytest.raises(RecipeError, match="start belongs to a video or a folder"):
        recipe_from_tree({"source": {"noise": "pink", "start": "1s"}})
    with pytest.raises(RecipeError, match=r"source\.video: gone"):
        planned(facts, "gone")


def test_another_source_takes_what_is_said_of_films_away() -> None:
    text = "source: {video: a.mp4, start: 1s, fps: 12}\n"
    other = recipe_from_text(text, Path("/films"), "x", ["source.image=b.jpg"])
    assert other.words.source.model_fields_set == {"image"}
    row = recipe_from_text(text, Path("/films"), "x", ["source.folder=shots"])
    assert row.words.source.model_fields_set == {"folder", "start", "fps"}
