"""Walls and sheets of compilations: what is heard, what they hold, how large they may be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from reels import LOSSLESS, levels, numbered, sound
from test_compiled_sound import RATE, clicks_in, heard_film

from dreamer.errors import RecipeError
from dreamer.jobs.compile import compile_films
from dreamer.media.probing import probe


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(*clips: object, **words: object) -> Path:
    recipe = {"size": [96, 64], "fps": 24, "output": LOSSLESS, "clips": list(clips)} | words
    Path("cut.yaml").write_text(yaml.safe_dump(recipe))
    return compile_films(["cut.yaml"], force=True).products[0]


def heard(*clips: object) -> Path:
    Path("cut.yaml").write_text(
        yaml.safe_dump(
            {"size": [96, 64], "fps": 24, "output": {"video": "mov", "codec": "prores"}}
            | {"clips": list(clips)}
        )
    )
    return compile_films(["cut.yaml"], force=True, out=Path("cut.mov")).products[0]


def refused(*clips: object, **words: object) -> str:
    with pytest.raises(RecipeError) as found:
        made(*clips, **words)
    return str(found.value)


def test_all_of_a_wall_is_heard_unless_it_says_who() -> None:
    heard_film(Path("a.mov"), 24, 0.25)
    heard_film(Path("b.mov"), 12, 0.125)
    assert not probe(heard({"wall": ["a.mov", "b.mov"], "sound_of": "none"})).has_audio
    second = clicks_in(sound(heard({"wall": ["a.mov", "b.mov"], "sound_of": 2})))
    assert np.allclose(second, [0.125], atol=0.001)
    words = {"wall": ["a.mov", "b.mov"], "ends": "loop"}
    samples = sound(heard({"title": "x", "length": 12}, words))
    loud = np.abs(samples) > 0.5
    begins = np.flatnonzero(loud)[np.diff(np.flatnonzero(loud), prepend=-RATE) > 480] / RATE
    assert np.allclose(begins, [0.5 + t for t in (0.125, 0.25, 0.625)], atol=0.001)
    assert np.abs(samples).max() == pytest.approx(0.9 / 2**0.5, abs=0.02), "together as one"


def test_what_is_heard_of_a_wall_fades_as_the_wall_does() -> None:
    heard_film(Path("a.mov"), 12, level=0.5)
    numbered(Path("b.mp4"), 48)
    wall = {"wall": ["a.mov", "b.mp4"], "sound_of": 1, "ends": "loop"}
    samples = sound(heard(wall, {"file": "b.mp4", "transition": {"over": 24}}))
    peaks = [np.abs(samples[k : k + 2400]).max() for k in range(0, 2 * RATE, 2400)]
    assert np.allclose(peaks[1:19], 0.5, atol=0.02)
    assert np.allclose(peaks[21:39], [0.5 * (1 - k / 20) for k in range(1, 19)], atol=0.03)


def test_who_is_heard_must_be_there() -> None:
    heard_film(Path("a.mov"), 6)
    numbered(Path("b.mp4"), 6)
    assert "is clip 3, and the wall has 1" in refused({"wall": ["a.mov"], "sound_of": 3})
    assert "has no sound" in refused({"wall": ["a.mov", "b.mp4"], "sound_of": 2})
    volume = {"wall": [{"file": "a.mov", "volume": 2}, "b.mp4"], "sound_of": "none"}
    assert "clips.0.wall.0.volume: this clip of the wall is not heard" in refused(volume)
    assert "begin no chapters" in refused({"wall": [{"file": "a.mov", "name": "One"}]})


def test_films_that_memory_may_not_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    numbered(Path("a.mp4"), 2)
    monkeypatch.setattr("dreamer.recipe.clip_shots.MOST_DECODED", 48 * 32 * 3)
    made({"wall": ["a.mp4"] * 3})
    assert "megapixels at once" in refused({"wall": ["a.mp4"] * 4})


def test_bars_in_a_wall_have_its_colour() -> None:
    numbered(Path("a.mp4"), 2, size=(32, 32))
    frame = levels(made({"wall": ["a.mp4"], "background": "#204060"}))[0]
    assert np.abs(frame[:, :14] - [32, 64, 96]).max() <= 3


def test_captions_in_cells_can_be_read() -> None:
    Image.new("RGB", (320, 180)).save("a.png")
    cell = {"file": "a.png", "caption": {"text": "HHHH", "style": "plain", "fade": 0}}
    wall = {"wall": [cell] + ["a.png"] * 15, "length": 1}
    film = levels(made(wall, size=[1280, 720]))[0]
    rows, _ = np.nonzero(film[:180, :320].mean(-1) > 128)
    assert np.ptp(rows) + 1 > 0.03 * 720 * 0.6, "letters of H, 0.73 of their size, of 3 % of 720"


def test_a_sheet_shows_no_frame_twice_and_not_too_many() -> None:
    numbered(Path("a.mp4"), 6, size=(96, 64))
    cut = compile_films(["a.mp4"], overrides=["clips=[{sheet: a.mp4}]"], dry_run=True).cut
    assert cut.shots[0].shot.numbers == (0, 1, 2, 3, 4, 5)
    assert "smaller than 16 pixels" in refused({"sheet": "a.mp4", "columns": 40, "every": 1})
    assert "say every: " in refused({"sheet": "a.mp4", "every": "0.001s"})
