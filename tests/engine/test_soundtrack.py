"""Films with a sound: gathered, rendered, resumed, moved, and handed on to whoever encodes them."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drum_loops import RATE, drum_loop, tone, write_wave
from filmed import film, numbered, run
from PIL import Image

from dreamer.engine.facts import gather
from dreamer.engine.folder import Folder
from dreamer.engine.opening import open_recipe
from dreamer.engine.preparing import checked, kept, prepare
from dreamer.engine.provenance import identity
from dreamer.engine.ready import Ready
from dreamer.engine.run import render_into
from dreamer.engine.soundtrack import soundtrack
from dreamer.engine.told import Told
from dreamer.errors import FolderError, MediaError, RecipeError, Stopped
from dreamer.jobs.encode import encode
from dreamer.jobs.plan import drawn
from dreamer.jobs.plan import plan as plan_job
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.film import Sound
from dreamer.media.png import encode_png
from dreamer.media.probing import count_frames, probe
from dreamer.recipe.facts import SoundFacts
from dreamer.recipe.parse import recipe_from_tree

FILM: dict[str, Any] = {
    "network": "judge",
    "target": "stage1",
    "source": {"noise": "plasma"},
    "size": [64, 64],
    "ascent": {"steps": 1, "octaves": 1, "jitter": 2},
    "motion": {"zoom": {"expr": "1 + audio_low + beat/4"}},
    "sound": {"file": "loop.wav", "offset": "0.25s"},
    "length": 18,
    "fps": 6,
    "classify": "off",
}
TEXT = """
network: judge
target: stage1
source: {noise: plasma}
size: [64, 64]
ascent: {steps: 1, octaves: 1, jitter: 2}
motion: {zoom: {expr: "1 + audio_low"}}
sound: loop.wav
length: 8 beats
fps: 6
classify: off
"""


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    """Six seconds of drums at 120 beats a minute, from 0.4 s on."""
    return write_wave(tmp_path / "loop.wav", drum_loop(120, 6, offset=0.4)[0])


def ready_in(folder: Path, **changes: Any) -> Ready:
    return checked(recipe_from_tree(FILM | changes, folder, "film"))


def digests(folder: Folder) -> list[str]:
    frames = [folder.frame_path(k).read_bytes() for k in range(folder.whole_frames())]
    return [hashlib.sha256(data).hexdigest() for data in frames]


def test_what_is_followed_is_listened_to_and_else_only_looked_at(loop: Path) -> None:
    followed = ready_in(loop.parent).gathered.facts.sounds[str(loop)]
    looked_at = ready_in(loop.parent, motion={}).gathered.facts.sounds[str(loop)]
    assert isinstance(followed, SoundFacts)
    assert isinstance(looked_at, SoundFacts)
    assert followed.heard is not None
    assert looked_at.heard is None
    assert followed.heard.tempo == pytest.approx(120, abs=1)
    assert followed.seconds == pytest.approx(6, abs=1e-3)
    assert looked_at.seconds == pytest.approx(6, abs=0.02)
    asked = gather(recipe_from_tree(FILM | {"motion": {}}, loop.parent), listen=True)
    assert asked.facts.sounds[str(loop)].heard is not None  # type: ignore[union-attr]


def test_zoom_follows_the_kicks(loop: Path) -> None:
    ready = ready_in(loop.parent, fps=20, length=100)
    zoom = np.array(ready.plan.tracks["motion.zoom"])
    kicks = (np.arange(0.4, 4.5, 1.0) + 0.25) * 20  # of every second beat
    for kick in kicks:
        assert zoom[round(kick) : round(kick) + 3].max() > 1.9
        assert zoom[round(kick) - 3] < 1.45


def test_a_stopped_film_ends_with_the_same_bytes(loop: Path, tmp_path: Path) -> None:
    whole = Folder(tmp_path / "whole")
    render_into(whole, prepare(whole, ready_in(tmp_path), "film"))

    def interrupt(told: Told) -> None:
        if told.done >= 7:
            raise Stopped("enough", 2)

    broken = Folder(tmp_path / "broken")
    with pytest.raises(Stopped):
        render_into(broken, prepare(broken, ready_in(tmp_path), "film"), interrupt)
    assert 0 < broken.whole_frames() < 18
    loop.unlink()  # the render's folder has its own copy
    render_into(broken, kept(broken))
    assert digests(broken) == digests(whole)
    assert len(set(digests(whole))) == 18
    copy = broken.path / "sources" / "loop.wav"
    track = soundtrack(kept(broken).recipe)
    assert track == Sound(copy, offset=0.25)


def test_another_sound_is_another_render(loop: Path, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "film")
    before = ready_in(tmp_path, motion={})
    prepare(folder, before, "film")
    write_wave(loop, tone(440, 6))
    after = ready_in(tmp_path, motion={})
    assert identity(after) != identity(before)
    with pytest.raises(FolderError, match="the render of another recipe"):
        prepare(folder, after, "film")
    write_wave(folder.path / "sources" / "loop.wav", tone(440, 6))
    with pytest.raises(FolderError, match=r"loop\.wav is not the file that was copied"):
        kept(folder)


def test_films_are_made_of_the_sound_that_their_render_was_begun_with(
    loop: Path, tmp_path: Path
) -> None:
    folder = Folder(tmp_path / "film")
    render_into(folder, prepare(folder, ready_in(tmp_path, length=2), "film"))
    (made,) = encode(folder.path)
    before = made.read_bytes()
    copy = folder.path / "sources" / "loop.wav"
    was = copy.read_bytes()
    write_wave(copy, tone(440, 6))
    for changes in ({}, {"video": "mkv"}):
        with pytest.raises(FolderError, match=r"loop\.wav is not the file that was copied"):
            encode(folder.path, **changes)
    copy.unlink()
    with pytest.raises(FolderError, match=r"loop\.wav is missing"):
        encode(folder.path)
    assert made.read_bytes() == before
    copy.write_bytes(was)
    (made,) = encode(folder.path)
    assert made.read_bytes() == before


@pytest.fixture
def strange(loop: Path) -> Path:
    """A film whose sound is packed in a way that nobody knows."""
    shots, whole = film(loop.parent / "mute.mp4", numbered(6), 6), loop.parent / "shots.mkv"
    run("-i", shots, "-i", loop, "-t", 1, "-c:v", "copy", "-c:a", "flac", whole)
    data = whole.read_bytes()
    assert data.count(b"A_FLAC") == 1
    whole.write_bytes(data.replace(b"A_FLAC", b"A_XLAC"))
    return whole


def test_a_sound_nobody_asked_for_that_cannot_be_read_loses_no_film(
    strange: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told of once, before the first frame, and the film is silent."""
    words = {key: value for key, value in FILM.items() if key not in ("sound", "motion", "length")}
    words |= {"source": {"video": strange.name}}
    folder = Folder(tmp_path / "film")
    ready = prepare(folder, checked(recipe_from_tree(words, tmp_path, "film")), "film")
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert f"{strange} is a Matroska or WebM film without sound that can be read" in said[0]
    assert "the film will be silent" in said[0]
    render_into(folder, ready)
    (made,) = encode(folder.path)
    assert count_frames(made) == 6
    assert not probe(made).has_audio
    assert len(caplog.records) == 1
    asked = recipe_from_tree(words | {"sound": "source"}, tmp_path, "film")
    with pytest.raises(RecipeError, match="without sound that can be read"):
        checked(asked)


def test_a_film_with_sound_can_be_dreamt_on_without(loop: Path, tmp_path: Path) -> None:
    shots, whole = film(tmp_path / "mute.mp4", numbered(6), 6), tmp_path / "shots.mkv"
    run("-i", shots, "-i", loop, "-t", 1, "-c:v", "copy", "-c:a", "flac", whole)
    words = {key: value for key, value in FILM.items() if key not in ("sound", "motion", "length")}
    words |= {"source": {"video": whole.name}}
    assert soundtrack(recipe_from_tree(words, tmp_path)) == Sound(whole)
    silent = checked(recipe_from_tree(words | {"sound": "none"}, tmp_path, "film"))
    assert soundtrack(silent.recipe) is None
    folder = Folder(tmp_path / "film")
    assert soundtrack(prepare(folder, silent, "film").recipe, folder) is None


def test_a_sound_that_breaks_off_begins_no_render(tmp_path: Path) -> None:
    """Its header is whole, and that is all that is looked at before."""
    whole = write_wave(
        tmp_path / "whole.wav", np.random.default_rng(7).uniform(-0.5, 0.5, 4 * RATE)
    )
    flac = tmp_path / "loop.flac"
    told = [ffmpeg_binary(), "-v", "error", "-i", str(whole), str(flac)]
    subprocess.run(told, check=True)
    flac.write_bytes(flac.read_bytes()[: flac.stat().st_size // 2])
    ready = ready_in(tmp_path, motion={}, sound="loop.flac")
    with pytest.raises(MediaError, match=r"says that it is 4\.0 s long, and of it [12]"):
        prepare(Folder(tmp_path / "film"), ready, "film")
    assert not (tmp_path / "film").exists()


def test_what_the_encoder_is_told(loop: Path) -> None:
    words = {
        "file": "loop.wav",
        "start": "1.5s",
        "offset": "0.5s",
        "fade_in": "0.25s",
        "fade_out": "2s",
        "volume": 0.5,
    }
    ready = ready_in(loop.parent, sound=words)
    assert soundtrack(ready.recipe) == Sound(loop, 1.5, 0.5, 0.25, 2.0, 0.5)
    mute = {key: value for key, value in FILM.items() if key not in ("sound", "motion")}
    silent = checked(recipe_from_tree(mute, loop.parent))
    assert soundtrack(silent.recipe) is None


def test_beats_in_a_recipes_file(loop: Path) -> None:
    path = loop.parent / "film.yaml"
    path.write_text(TEXT)
    recipe = open_recipe(path)
    assert recipe.frames == pytest.approx((0.4 + 8 * 0.5) * 6, abs=1)
    assert str(recipe.words.length).startswith(("4.39", "4.40"))


def test_what_follows_the_sound_of_a_films_part_hears_that_part(loop: Path) -> None:
    """From its second second on, the beats at 0.4 + k/2 s of the film are at 0.4 + k/2 s again."""
    shots = film(loop.parent / "mute.mp4", numbered(36), 6)
    whole = loop.parent / "shots.mkv"
    run("-i", shots, "-i", loop, "-c:v", "copy", "-c:a", "flac", whole)
    path = loop.parent / "part.yaml"
    path.write_text(
        """
        network: judge
        target: stage1
        source: {video: shots.mkv, start: 1s}
        ascent: {step: {expr: "1 + audio_low"}, octaves: 1}
        sound: source
        length: 8 beats
        fps: 6
        """
    )
    recipe = open_recipe(path)
    assert recipe.frames == pytest.approx((0.4 + 8 * 0.5) * 6, abs=1)
    assert soundtrack(recipe) == Sound(whole, 1.0)
    made = plan_job(path)
    assert made.beats() == pytest.approx([(0.4 + 0.5 * k) * 6 for k in range(8)], abs=0.15)
    bass = made.plan.tracks["ascent.step"]
    kick = [k for k in range(len(bass)) if bass[k] > 1.5]
    assert kick[0] == pytest.approx(0.4 * 6, abs=1)


def test_a_strangers_beats_are_not_listened_for_outside_its_folder(
    loop: Path, tmp_path: Path
) -> None:
    (tmp_path / "gift").mkdir()
    gift = tmp_path / "gift" / "gift.png"
    text = TEXT.replace("loop.wav", "../loop.wav")
    gift.write_bytes(encode_png(np.zeros((3, 8, 8), np.float32), 8, {"dreamer:recipe": text}))
    with pytest.raises(RecipeError, match="may not open it"):
        open_recipe(gift)
    assert open_recipe(gift, trust=True).frames
    assert open_recipe(gift, [f"sound={loop}"]).frames  # what a person says now is theirs
    still = text.replace("length: 8 beats", "length: 2s")
    gift.write_bytes(encode_png(np.zeros((3, 8, 8), np.float32), 8, {"dreamer:recipe": still}))
    with pytest.raises(RecipeError, match=r"sound.*may not open it"):
        open_recipe(gift)


def test_a_plan_shows_its_sound(loop: Path) -> None:
    path = loop.parent / "film.yaml"
    path.write_text(TEXT)
    found = plan_job(path)
    assert "sound: loop.wav, 6.0 s, 120 beats a minute, 8 beats in the film" in found.as_text()
    sound = found.as_json()["sound"]
    assert sound == {"file": "loop.wav", "seconds": 6.0, "tempo": sound["tempo"], "beats": 8}
    assert found.beats() == pytest.approx([(0.4 + 0.5 * k) * 6 for k in range(8)], abs=0.1)
    plain = drawn(plan_job(path, overrides=["motion.zoom=1.1", "sound=null", "length=4s"]))
    shown = drawn(found)
    assert shown.height > plain.height  # a panel more
    assert isinstance(shown, Image.Image)


def test_a_plan_says_that_nothing_beats(tmp_path: Path) -> None:
    write_wave(tmp_path / "loop.wav", tone(440, 1.0))
    (tmp_path / "film.yaml").write_text(TEXT.replace("8 beats", "3s"))
    assert "sound: loop.wav, 1.0 s, no beats" in plan_job(tmp_path / "film.yaml").as_text()
