"""`dreamer compile` as a person meets it: what it says, refuses, leaves, and carries."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import filmed
import numpy as np
import pytest
from PIL import Image
from reels import greys, numbered

import dreamer as package
from dreamer.errors import DreamerError, RecipeError, UsageError
from dreamer.jobs.compile import compile_films
from dreamer.media.ffmpeg import ffmpeg_binary, said
from dreamer.media.probing import count_frames, probe

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(text: str) -> list[str]:
    Path("cut.yaml").write_text(text)
    with pytest.raises(RecipeError) as found:
        compile_films(["cut.yaml"])
    assert not list(Path().glob("cut.*[!l]")), "nothing is written"
    return str(found.value).splitlines()


def test_films_and_pictures_by_their_names(dreamer) -> None:
    numbered(Path("a.mp4"), 12)
    Image.new("RGB", (48, 32), (200, 200, 200)).save("b.png")
    run = ("compile", "a.mp4", "b.png", "--out", "all.mp4", "--still", "1s", "--crossfade", "6")
    plan = json.loads(dreamer(*run, "--dry-run", "--json").stdout)
    assert not Path("all.mp4").exists()
    assert [(c["first"], c["frames"], c["over"]) for c in plan["clips"]] == [(0, 12, 0), (6, 24, 6)]
    assert plan["frames"] == 30
    assert any("xfade" in shlex.join(c["command"]) for c in plan["commands"])
    assert dreamer(*run).stdout.strip() == "all.mp4"
    assert count_frames(Path("all.mp4")) == 30
    assert "crossfade" in dreamer("show", "all.mp4").stdout
    assert dreamer(*run).returncode == 0, "what this very command made is made again"
    other = dreamer("compile", "a.mp4", "--out", "all.mp4", check=False)
    assert other.returncode == 1
    assert "is there already" in other.stderr
    dreamer("compile", "a.mp4", "--out", "all.mp4", "--force")
    assert count_frames(Path("all.mp4")) == 12


def test_the_commands_that_are_shown_work_by_themselves() -> None:
    numbered(Path("a.mp4"), 6)
    told = compile_films(["a.mp4"], out=Path("all.mp4"), dry_run=True).commands
    decoding = dict(told)["a.mp4"]
    raw = subprocess.run(
        [ffmpeg_binary(), "-v", "error", *decoding], capture_output=True, check=True
    )
    frames = np.frombuffer(raw.stdout, "<u2").reshape(-1, 32, 48, 3) / 257
    assert np.allclose(frames.mean((1, 2, 3)), [20 + 4 * k for k in range(6)], atol=1)
    words = shlex.join(decoding)
    assert "-protocol_whitelist file,pipe" in words
    assert not re.search(r"concat|hls|dash", words)


def test_folders_and_patterns_in_the_order_people_count_in() -> None:
    Path("clips").mkdir()
    for name in ("clip10", "clip2", "clip1"):
        numbered(Path("clips", f"{name}.mp4"), 2)
    Path("clips", ".hidden.mp4").write_bytes(b"x")
    Path("clips", "notes.txt").write_text("x")
    names = ["clip1.mp4", "clip2.mp4", "clip10.mp4"]
    for word in ("clips", "clips/*.mp4"):
        cut = compile_films([word], dry_run=True).cut
        assert [placed.shot.name for placed in cut.shots] == names


def test_a_wall_by_an_option_has_pages() -> None:
    for k in range(5):
        numbered(Path(f"{k}.mp4"), 2, size=(64, 64))
    files = [f"{k}.mp4" for k in range(5)]
    cut = compile_films(files, columns=2, rows=2, dry_run=True).cut
    assert [len(placed.shot.cells) for placed in cut.shots] == [4, 1]
    for word in (".", "*.mp4"):
        cut = compile_films([word], columns=2, rows=2, dry_run=True).cut
        assert [len(placed.shot.cells) for placed in cut.shots] == [4, 1], "of a folder too"


def test_a_render_is_a_clip_with_its_labels_and_its_recipes_title(small: Path, dreamer) -> None:
    dreamer("render", small, "--out", "dream")
    Path("cut.yaml").write_text(
        "clips: [{file: dream, caption: [{labels: 2, at: top}, recipe], name: One}]\n"
    )
    found = compile_films(["cut.yaml"])
    assert found.cut.frames == 10
    assert probe(found.products[0]).fps == 5
    scores = json.loads(Path("dream/scores.json").read_text())["house"]["after"]
    from dreamer.engine.captions import _said
    from dreamer.recipe.lettered import Caption

    shot = found.cut.shots[0].shot
    assert _said(Caption(labels=2), shot).startswith(scores[0][0].replace("_", " "))
    assert _said(Caption(recipe=True), shot) == "Small"
    fresh = _said(Caption(labels=1, network="house"), shot)
    assert re.fullmatch(r"[\w ]+ [\d.<]+ %", fresh)


def test_titles_and_names_are_chapters_and_the_recipe_is_inside(dreamer) -> None:
    numbered(Path("a.mp4"), 24)
    Path("cut.yaml").write_text(
        "title: All\nfps: 24\nsize: [320, 180]\n# a note\n"
        "clips: [a.mp4, {title: Two; words, length: 1s, transition: {kind: wipe, over: 0.5s}},"
        " {file: a.mp4, name: Three}]\n"
    )
    compile_films(["cut.yaml"])
    _, words, _ = said(["-v", "error", "-i", "cut.mp4", "-f", "ffmetadata", "-"])
    starts = [int(n) / 1000 for n in re.findall(r"START=(\d+)", words)]
    assert starts == [0, 0.5, 1.5]
    assert re.findall(r"^title=(.*)$", words, re.MULTILINE) == ["All", r"Two\; words", "Three"]
    shown = dreamer("show", "cut.mp4").stdout
    assert "title: All" in shown
    again = dreamer("render", "cut.mp4", check=False)
    assert "dreamer compile" in again.stderr


def test_other_outputs_beside_it() -> None:
    numbered(Path("a.mp4"), 24)
    Path("cut.yaml").write_text(
        "clips: [a.mp4]\noutput: [{video: mkv, poster: 0.5s}, {video: webm, name: w, fps: 12}]\n"
    )
    found = compile_films(["cut.yaml"], out=Path("x.mkv")).products
    assert [p.name for p in found] == ["x.mkv", "x-w.webm", "x-poster.png"]
    assert count_frames(found[1]) == 12
    poster = np.asarray(Image.open("x-poster.png"))
    assert abs(poster.mean() - (20 + 4 * 12)) < 1.5


def test_all_problems_at_once_with_file_line_and_key() -> None:
    numbered(Path("good.mp4"), 6)
    Path("broken.mp4").write_bytes(Path("good.mp4").read_bytes()[:900])
    filmed.run("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", "-vn", "song.mp4")
    Path("page.mp4").write_text("<html>")
    Path("empty").mkdir()
    Image.new("RGB", (9, 9)).save("p.png")
    found = refused(
        "clips:\n"
        "  - god.mp4\n"
        "  - broken.mp4\n"
        "  - song.mp4\n"
        "  - page.mp4\n"
        "  - empty\n"
        "  - none/*.mp4\n"
        "  - {file: good.mp4, zoom: 2}\n"
        "  - {file: p.png, speed: 2}\n"
        "  - {file: good.mp4, end: 9s}\n"
        "sound: gone.mp3\n"
    )
    lines = {int(re.match(r"cut\.yaml:(\d+): ", line)[1]): line for line in found}
    assert sorted(lines) == list(range(2, 12))
    assert "did you mean 'good.mp4'" in lines[2]
    assert "cannot be read" in lines[3]
    assert "holds no pictures" in lines[4]
    assert "an HTML page" in lines[5]
    assert "holds no films and no pictures" in lines[6]
    assert "nothing is called none/*.mp4" in lines[7]
    assert "clips.6.zoom: is of pictures" in lines[8]
    assert "clips.7.speed: is of films" in lines[9]
    assert "clips.8.end" in lines[10]
    assert "no such file" in lines[11]


def test_a_transition_longer_than_its_clip_is_refused_where_it_is_said() -> None:
    numbered(Path("a.mp4"), 12)
    (line,) = refused("clips:\n  - a.mp4\n  - file: a.mp4\n    transition: {over: 1s}\n")
    assert line.startswith("cut.yaml:4: clips.1.transition: takes 24 frames, and a.mp4 has 12")


def test_a_letter_that_a_font_lacks_is_named() -> None:
    (line,) = refused("clips: [{title: 'Good 日'}]\n")
    assert "cannot draw '日' (U+65E5" in line
    assert "say font: FILE" in line
    Path("no.ttf").write_bytes(b"no font")
    (line,) = refused("font: no.ttf\nclips: [{title: Good}]\n")
    assert "no.ttf is no font" in line
    assert (
        "room" in refused(f"clips: [{{title: '{'word ' * 79}', size: 50%}}]\nsize: [64, 16]\n")[0]
    )


def test_words_that_cannot_be_meant() -> None:
    numbered(Path("a.mp4"), 6)
    found = refused(
        "clips:\n  - {file: a.mp4, transition: wipe_lef}\n  - {title: x, speed: 2}\n"
        "  - {wall: [{wall: [a.mp4]}]}\nsize: [4, 4]\nfont: 3\n"
    )
    assert any("did you mean 'wipe_left'" in line for line in found)
    assert any("speed is of file, and this is a title" in line for line in found)
    with pytest.raises(RecipeError, match=r"^--size: sides must be 16 to"):
        compile_films(["a.mp4"], options={"size": "[4, 4]"})


def test_what_cannot_be_written() -> None:
    numbered(Path("a.mp4"), 6)
    with pytest.raises(UsageError, match=r"expected a name ending in"):
        compile_films(["a.mp4"], out=Path("x.mp5"))
    with pytest.raises(UsageError, match=r"one of the clips"):
        compile_films(["a.mp4"], out=Path("a.mp4"), force=True)
    with pytest.raises(UsageError, match=r"no folder"):
        compile_films(["a.mp4"], out=Path("nowhere/x.mp4"))


def test_a_clip_that_breaks_midway_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    numbered(Path("a.mp4"), 30)
    numbered(Path("b.mp4"), 30)
    from dreamer.jobs import compile as job

    def and_then_it_broke(*arguments, **words):
        found = found_before(*arguments, **words)
        Path("b.mp4").write_bytes(Path("b.mp4").read_bytes()[:1500])
        return found

    found_before = job.heard_in
    monkeypatch.setattr(job, "heard_in", and_then_it_broke)
    with pytest.raises(DreamerError, match=r"b\.mp4"):
        compile_films(["a.mp4", "b.mp4"], out=Path("all.mp4"))
    assert sorted(p.name for p in Path().iterdir()) == ["a.mp4", "b.mp4"]


def test_stopped_it_leaves_nothing_half_made(here: Path) -> None:
    for k in range(4):
        numbered(Path(f"{k}.mp4"), 40, size=(320, 240))
    names = [f"{k}.mp4" for k in range(4)]
    running = subprocess.Popen(
        [sys.executable, "-m", "dreamer", "compile", *names, "--size", "1280x720",
         "--out", "all.mp4"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not [p for p in here.iterdir() if p.suffix == ".part"]:
        assert running.poll() is None
        time.sleep(0.01)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, words = running.communicate(timeout=20)
    assert running.returncode == 130, words
    assert "no film is half made" in words
    assert sorted(p.name for p in here.iterdir()) == names


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is needed")
def test_a_full_disk_is_said(here: Path) -> None:
    numbered(Path("a.mp4"), 30, size=(320, 240))
    code = (
        "import resource, sys\n"
        "from dreamer import cli\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "compile", "a.mp4", "--out", "all.mp4"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "all.mp4" in done.stderr
    assert not list(here.glob("all*"))


def test_from_python() -> None:
    numbered(Path("a.mp4"), 6)
    found = package.compile_films("a.mp4", out=Path("x.mp4"))
    assert found.products == (Path("x.mp4"),)
    assert len(greys(found.products[0])) == 6


def test_our_recipe_compiles() -> None:
    found = compile_films([ROOT / "recipes/compilation.yaml"], dry_run=True)
    assert found.cut.frames == 700
    assert {placed.shot.kind for placed in found.cut.shots} == {
        "title", "film", "still", "wall", "sheet",
    }  # fmt: skip
