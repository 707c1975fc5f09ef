"""Compilations looked at by decoding them: to the frame, and to the level where nothing is lost."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import filmed
import numpy as np
import pytest
import yaml
from PIL import Image
from reels import LOSSLESS, SIZE, greys, levels, numbered

from dreamer.jobs.compile import compile_films
from dreamer.media.probing import count_frames, probe


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A film of clips, by a recipe that loses nothing."""
    monkeypatch.chdir(tmp_path)

    def make(*clips: Any, **words: Any) -> Path:
        recipe = {"size": list(SIZE), "fps": 24, "output": LOSSLESS, "clips": list(clips)} | words
        Path("cut.yaml").write_text(yaml.safe_dump(recipe))
        (film,) = compile_films(["cut.yaml"], force=True).products
        return film

    return make


def close(found: list[float], expected: list[float], within: float = 1.0) -> bool:
    return len(found) == len(expected) and np.allclose(found, expected, atol=within)


def test_cuts_put_frame_after_frame(made) -> None:
    numbered(Path("a.mp4"), 7)
    numbered(Path("b.mp4"), 5, base=120)
    film = made("a.mp4", "b.mp4")
    expected = [20 + 4 * k for k in range(7)] + [120 + 4 * k for k in range(5)]
    assert close(greys(film), expected)


def test_the_middle_of_a_crossfade_is_half_of_both(made) -> None:
    numbered(Path("a.mp4"), 12)
    numbered(Path("b.mp4"), 12, base=120)
    film = made("a.mp4", {"file": "b.mp4", "transition": {"kind": "crossfade", "over": 8}})
    before, after = [20 + 4 * k for k in range(12)], [120 + 4 * k for k in range(12)]
    blend = [before[4 + j] * (1 - j / 8) + after[j] * j / 8 for j in range(8)]
    found = greys(film)
    assert close(found, before[:4] + blend + after[8:])
    assert abs(found[8] - (before[8] + after[4]) / 2) <= 1


def test_a_clip_may_lie_wholly_in_its_two_transitions_and_no_more(made) -> None:
    for name in "abc":
        numbered(Path(f"{name}.mp4"), 8)
    assert count_frames(made("a.mp4", "b.mp4", "c.mp4", transition={"over": 4})) == 16
    with pytest.raises(Exception, match=r"takes 5 frames, and b[.]mp4, less the transition before"):
        made("a.mp4", "b.mp4", "c.mp4", transition={"over": 5})


def test_a_wipe_goes_from_side_to_side(made) -> None:
    numbered(Path("a.mp4"), 1)
    dark = Image.new("RGB", SIZE, "black")
    dark.save("a.png")
    Image.new("RGB", SIZE, "white").save("b.png")
    film = made(
        {"file": "a.png", "length": 8},
        {"file": "b.png", "length": 8, "transition": {"kind": "wipe_left", "over": 8}},
    )
    middle = levels(film)[4].mean((0, 2))
    assert middle[:22].max() < 3
    assert middle[26:].min() > 252


@pytest.mark.parametrize(("kind", "middle"), [("fade_black", 0), ("fade_white", 255)])
def test_fading_through_a_colour_is_that_colour_in_the_middle(made, kind: str, middle: int) -> None:
    for name, grey in (("a", 100), ("b", 200)):
        Image.new("RGB", SIZE, (grey,) * 3).save(f"{name}.png")
    clips = [{"file": f"{name}.png", "length": 8} for name in "ab"]
    found = greys(made(clips[0], clips[1] | {"transition": {"kind": kind, "over": 8}}))
    there = [100 + (middle - 100) * k / 4 for k in range(4)]
    back = [middle + (200 - middle) * k / 4 for k in range(4)]
    assert close(found, there + back, 1.5)


def test_the_film_comes_out_of_black_and_goes_into_it(made) -> None:
    Image.new("RGB", SIZE, (200, 200, 200)).save("a.png")
    found = greys(made({"file": "a.png", "length": 10}, fade_in=4, fade_out=5))
    assert close(found, [0, 50, 100, 150, 200, 200 * 0.8, 120, 80, 40, 0], 1.5)


@pytest.mark.parametrize(("fps", "count"), [(12, 6), (48, 24), ("24000/1001", 12), (10, 5)])
def test_films_of_another_rate_are_as_long_as_they_were(made, fps: Any, count: int) -> None:
    numbered(Path("a.mp4"), count, fps)
    film = made("a.mp4")
    rate = Fraction(str(fps))
    frames = -(-count / rate * 24 // 1)
    shown = [int(Fraction(k, 24) * rate + Fraction(1, 10**5)) for k in range(int(frames))]
    assert close(greys(film), [20 + 4 * k for k in shown])


def test_rates_may_be_blended(made) -> None:
    numbered(Path("a.mp4"), 4, 12)
    found = greys(made("a.mp4", rates="blend"))
    assert close(found, [20, 22, 24, 26, 28, 30, 32, 32])


def test_speed_and_parts_are_to_the_frame(made) -> None:
    numbered(Path("a.mp4"), 24)
    assert close(
        greys(made({"file": "a.mp4", "start": 4, "end": 10})), [36 + 4 * k for k in range(6)]
    )
    fast = greys(made({"file": "a.mp4", "speed": 2}))
    assert close(fast, [20 + 8 * k for k in range(12)])
    slow = greys(made({"file": "a.mp4", "end": 3, "speed": 0.5}))
    assert close(slow, [20, 20, 24, 24, 28, 28])
    assert close(greys(made({"file": "a.mp4", "start": "0.5s", "length": 2})), [68, 72])


def test_a_rate_that_is_no_whole_number_is_kept(made) -> None:
    numbered(Path("a.mp4"), 10, "30000/1001")
    film = made("a.mp4", fps="30000/1001")
    assert probe(film).fps == Fraction(30000, 1001)
    assert count_frames(film) == 10


def test_the_film_has_its_first_films_size_and_rate(made) -> None:
    numbered(Path("a.mp4"), 4, 12, size=(64, 40))
    facts = probe(made("a.mp4", size=None, fps=None))
    assert (facts.width, facts.height, facts.fps) == (64, 40, 12)


def test_bars_have_the_colour_that_was_said(made) -> None:
    numbered(Path("a.mp4"), 2, size=(32, 32))
    frame = levels(made("a.mp4", background="#204060"))[0]
    assert np.abs(frame[:, :7] - [32, 64, 96]).max() <= 3
    assert np.abs(frame[:, 10:38] - 20).max() <= 2
    cropped = levels(made({"file": "a.mp4", "fit": "cover"}))[0]
    assert np.abs(cropped - 20).max() <= 2
    blurred = levels(made({"file": "a.mp4", "fit": "blur"}))[0]
    assert np.abs(blurred[:, :6] - 10).max() <= 2, "the copy behind has half the light"


def test_transparent_and_cmyk_pictures(made) -> None:
    clear = Image.new("RGBA", SIZE, (255, 0, 0, 0))
    clear.paste((255, 0, 0, 255), (0, 0, 24, 32))
    clear.save("clear.png")
    Image.new("CMYK", SIZE, (0, 255, 255, 0)).save("print.jpg")
    Image.new("RGB", (1, 1), "lime").save("dot.png")
    film = made(*({"file": name, "length": 1} for name in ("clear.png", "print.jpg", "dot.png")),
                background="#204060")  # fmt: skip
    clear_, printed, dot = levels(film)
    assert np.abs(clear_[16, 10] - [255, 0, 0]).max() <= 3
    assert np.abs(clear_[16, 40] - [32, 64, 96]).max() <= 2
    assert printed[16, 24, 0] > 200 > 60 > printed[16, 24, 1:].max()
    assert np.abs(dot[16, 24] - [0, 255, 0]).max() <= 3


def test_a_still_that_zooms_shows_ever_less_of_itself(made) -> None:
    ramp = np.zeros((64, 96, 3), np.uint8)
    ramp[:] = np.linspace(0, 255, 96)[None, :, None]
    Image.fromarray(ramp).save("ramp.png")
    frames = levels(made({"file": "ramp.png", "length": 5, "zoom": 2, "ease": "linear"}))
    spans = [frame[16, -1, 0] - frame[16, 0, 0] for frame in frames]
    assert np.allclose(spans, [250 / 2 ** (k / 4) for k in range(5)], atol=5)
    left = levels(made({"file": "ramp.png", "length": 2, "zoom": [2, 2], "center": [0, 0.5]}))
    assert left[0][16, 0, 0] < 4
    assert abs(left[0][16, -1, 0] - 127) < 5


def test_titles_and_captions_are_there_and_fade(made) -> None:
    Image.new("RGB", (320, 180), (60, 90, 60)).save("a.png")
    words = {"text": "Hello there", "style": "plain", "size": "12%", "fade": 4}
    with_, without = (
        levels(made({"file": "a.png", "length": 24, **said}, size=[320, 180]))
        for said in ({"caption": words}, {})
    )
    changed = np.abs(with_ - without).max(-1)
    rows, columns = np.nonzero(changed[12] > 60)
    assert rows.min() > 180 * 0.6, "at the bottom"
    assert rows.max() < 180 * (1 - 0.06), "inside the margin"
    assert abs(columns.mean() - 160) < 12, "in the middle"
    strength = changed.max((1, 2))
    assert strength[0] < strength[1] < strength[3] < strength[12]
    assert strength[23] < strength[21] < strength[12]
    assert abs(strength[12] - (255 - 60)) < 8


def test_a_title_is_a_clip_of_words(made) -> None:
    film = made({"title": "Dreams", "subtitle": "of a network", "length": 9}, size=[320, 180],
                background="#102030", color="#ffff00")  # fmt: skip
    frame = levels(film)[4]
    assert len(levels(film)) == 9
    assert np.abs(frame[0, 0] - [16, 32, 48]).max() <= 2
    yellow = (frame[..., 0] > 200) & (frame[..., 1] > 200) & (frame[..., 2] < 120)
    rows, columns = np.nonzero(yellow)
    assert len(rows) > 150
    assert 40 < rows.min() < rows.max() < 140
    assert abs((columns.min() + columns.max()) / 2 - 160) < 4


def test_a_wall_shows_all_at_once(made) -> None:
    numbered(Path("a.mp4"), 8)
    numbered(Path("b.mp4"), 4, base=120)
    Image.new("RGB", SIZE, (250, 250, 250)).save("c.png")
    clips = ["a.mp4", "b.mp4", "c.png"]
    found = {}
    for ends in ("hold", "loop", "black"):
        frames = levels(made({"wall": clips, "columns": 2, "ends": ends}, background="#ff0000"))
        assert len(frames) == 8, "as long as the longest film"
        found[ends] = frames
    cells = [frame[[8, 8, 24], [12, 36, 12]].mean(-1) for frame in found["hold"]]
    assert np.allclose([c[0] for c in cells], [20 + 4 * k for k in range(8)], atol=2)
    assert np.allclose([c[1] for c in cells], [120, 124, 128, 132] + [132] * 4, atol=2)
    assert np.allclose([c[2] for c in cells], 250, atol=2)
    assert np.abs(found["hold"][0][24, 36] - [255, 0, 0]).max() <= 3
    looped = [frame[8, 36].mean() for frame in found["loop"]]
    assert np.allclose(looped, [120, 124, 128, 132] * 2, atol=2)
    assert [frame[8, 36].mean() > 60 for frame in found["black"]] == [True] * 4 + [False] * 4


def test_a_sheet_shows_a_films_frames(made) -> None:
    numbered(Path("a.mp4"), 24, size=(96, 64))
    film = made({"sheet": "a.mp4", "every": 6, "columns": 2, "length": 3}, size=[192, 128])
    frames = levels(film)
    assert len(frames) == 3
    corners = [frames[1][y, x].mean() for y, x in ((8, 8), (8, 104), (72, 8), (72, 104))]
    assert np.allclose(corners, [20, 44, 68, 92], atol=2)


def test_turned_and_varying_films_are_shown_as_players_show_them(made) -> None:
    half = np.full((32, 48, 3), 30, np.uint8)
    half[:, 24:] = 200
    filmed.film(Path("flat.mp4"), [half] * 4)
    filmed.run("-display_rotation", 90, "-i", "flat.mp4", "-c", "copy", "turned.mp4")
    frame = levels(made("turned.mp4", size=[32, 48]))[0]
    assert abs(frame[:10].mean() - frame[-10:].mean()) > 150, "upright: above and below differ"
    numbered(Path("a.mp4"), 8)
    varying = "setpts='if(lt(N,4),N,4+(N-4)*3)/24/TB'"
    filmed.run("-i", "a.mp4", "-vf", varying, "-fps_mode", "vfr", "-c:v", "libx264", "-qp", 0,
               "-pix_fmt", "yuv444p", "v.mp4")  # fmt: skip
    shown = [round((grey - 20) / 4) for grey in greys(made("v.mp4"))]
    assert shown[:14] == [0, 1, 2, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7]


def test_the_same_bytes_twice_and_a_smaller_slower_copy(made) -> None:
    numbered(Path("a.mp4"), 12)
    numbered(Path("b.mp4"), 12, base=100)
    clips = ("a.mp4", {"file": "b.mp4", "transition": {"kind": "dissolve", "over": 6}})
    outputs = [LOSSLESS, {"video": "gif", "size": 24, "fps": 12, "name": "small"}]
    words = {"output": outputs, "title": "x"}
    Path("cut.yaml").write_text(
        yaml.safe_dump({"size": list(SIZE), "fps": 24, "clips": list(clips), **words})
    )
    first = {p.name: p.read_bytes() for p in compile_films(["cut.yaml"]).products}
    again = {p.name: p.read_bytes() for p in compile_films(["cut.yaml"]).products}
    assert first == again
    assert set(first) == {"cut.mp4", "cut-small.gif"}
    assert count_frames(Path("cut.mp4")) == 18
    assert count_frames(Path("cut-small.gif")) == 9
