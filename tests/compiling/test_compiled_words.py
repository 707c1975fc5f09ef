"""Words of a compilation: what sets titles off, what nobody would hear, what options are called."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from reels import LOSSLESS, levels, numbered

import dreamer as package
from dreamer.errors import RecipeError
from dreamer.jobs.compile import compile_films
from dreamer.media.ffmpeg import said
from dreamer.media.probing import probe

GROUND = [230, 220, 190]  # "#e6dcbe"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def titled(**words: object) -> np.ndarray:
    title = {"title": "Dreams", "length": 3, "fade": 0, "background": "#e6dcbe", "size": "20%"}
    clips = [title | {"color": "#a03020"} | words]
    recipe = {"size": [320, 180], "fps": 24, "output": LOSSLESS, "clips": clips}
    Path("cut.yaml").write_text(yaml.safe_dump(recipe))
    return levels(compile_films(["cut.yaml"], force=True).products[0])[1]


def refused(text: str, *things: str, **options: str) -> str:
    Path("cut.yaml").write_text(text)
    with pytest.raises(RecipeError) as found:
        compile_films(things or ["cut.yaml"], options=options, dry_run=True)
    return str(found.value)


def test_a_title_is_plain_unless_it_says_a_shadow_or_a_box() -> None:
    plain, shadow, box = (titled(**words) for words in ({}, {"style": "shadow"}, {"style": "box"}))
    # Of red letters on paper every mixture has no less light than the letters.
    assert plain.sum(-1).min() > 160 + 48 + 32 - 12
    assert shadow.sum(-1).min() < 190
    row = box[90, :, :].sum(-1)
    assert np.allclose(plain[4, 4], GROUND, atol=2)
    assert (row < 320).mean() > 0.4, "most of the middle row lies in the box"
    assert (plain[90].sum(-1) < 320).mean() < 0.3
    assert "style is of title" in refused("clips: [{file: a.mp4, style: box}]")
    assert "did you mean 'box'" in refused("clips: [{title: x, style: bax}]")


def test_what_nobody_would_hear_is_refused() -> None:
    numbered(Path("a.mp4"), 6)
    numbered(Path("b.mp4"), 6)
    heard = "clips: [{file: a.mp4, volume: 2}]\nsound: bed.wav\n"
    assert "clips.0.volume: is not heard, for `sound` is heard alone" in refused(heard)
    assert "clips.0.volume" not in refused(f"{heard}clips_sound: true\n")
    wall = "clips: [{wall: [a.mp4, b.mp4], sound_of: 1}]\nsound: bed.wav\n"
    assert "clips.0.sound_of: is not heard" in refused(wall)
    numbered(Path("c.mp4"), 6)
    assert not probe(compile_films(["a.mp4", "c.mp4"], columns=2).products[0]).has_audio


def test_a_title_that_is_only_the_way_into_a_clip_is_no_chapter() -> None:
    numbered(Path("a.mp4"), 48)
    Path("cut.yaml").write_text(
        "clips: [{title: One, length: 1s}, {file: a.mp4, name: Two, transition: {over: 1s}}]\n"
        "size: [160, 96]\n"
    )
    compile_films(["cut.yaml"])
    _, words, _ = said(["-v", "error", "-i", "cut.mp4", "-f", "ffmetadata", "-"])
    assert re.findall(r"^title=(.*)$", words, re.MULTILINE) == ["Two"]


def test_mistakes_are_told_by_the_options_they_were_made_with(dreamer) -> None:
    numbered(Path("a.mp4"), 6)
    numbered(Path("b.mp4"), 6, fps=60)
    told = {
        ("--crossfade", "abc"): "--crossfade: expected a length like 3s",
        ("--crossfade", "9s"): "--crossfade: takes 216 frames",
        ("--transition", "crosfade"): "--transition: unknown transition 'crosfade'",
        ("--transition", "circle", "--crossfade", "9s"): "--transition --crossfade: takes 216",
        ("--fps", "60", "--out", "x.gif"): "--out: GIF shows at most 50 frames a second",
        ("--set", "output.codec=vp9", "--out", "x.mov"): "--set output.codec",
    }
    for options, why in told.items():
        done = dreamer("compile", "a.mp4", "b.mp4", *options, "--dry-run", check=False)
        assert done.stderr.startswith(why), done.stderr
        assert done.returncode == 2
    assert dreamer("compile", "a.mp4", "--out", "a.mp4", check=False).returncode == 2


def test_a_plan_of_a_compilation(dreamer) -> None:
    numbered(Path("a.mp4"), 12)
    Path("cut.yaml").write_text("clips: [a.mp4, {title: x, length: 1s}]\nsize: [160, 96]\n")
    lines = dreamer("plan", "cut.yaml").stdout.splitlines()
    assert lines[0] == "cut.mp4: 160×96, 36 frames at 24 a second, 1.5 s"
    assert [line.split()[:2] for line in lines[1:]] == [["0", "12"], ["12", "24"]]
    plan = json.loads(dreamer("plan", "cut.yaml", "--set", "fps=12", "--json").stdout)
    assert plan["frames"] == 18
    assert not Path("cut.mp4").exists()
    other = dreamer("plan", "cut.yaml", "--plot", "p.png", check=False)
    assert other.returncode == 2
    assert "--plot is of renders, and cut.yaml is a recipe for a compilation" in other.stderr
    wrong = dreamer("plan", "cut.yaml", "--set", "clips.0=gone.mp4", check=False)
    assert wrong.returncode == 2
    assert "no such file" in wrong.stderr


def test_python_takes_a_size_and_plain_values() -> None:
    numbered(Path("a.mp4"), 12)
    numbered(Path("b.mp4"), 12)
    way = {"kind": "crossfade", "over": 6}
    found = package.compile_films(
        ["a.mp4", "b.mp4"], "x.mkv", (160, 96), fps=12, transition=way, output__crf=30
    )
    seen = levels(found.products[0])
    assert seen.shape == (6, 96, 160, 3)
    with pytest.raises(RecipeError, match=r"^size: sides must be 16 to 20000 pixels"):
        package.compile_films("a.mp4", size=(4, 4))


def test_two_stills_of_one_name_are_refused() -> None:
    numbered(Path("a.mp4"), 24)
    films = "clips: [a.mp4]\noutput: [{{video: mp4, poster: 0s}}, {{video: mkv, poster: {}}}]\n"
    why = "output.1.poster: output.0 has a poster of the same name; say name"
    assert why in refused(films.format("1s"))
    Path("cut.yaml").write_text(films.format("0s"))
    assert len(compile_films(["cut.yaml"], dry_run=True).products) == 2
