"""The command line as a person meets it: what it prints, where it puts things, how it ends."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

ROOT = Path(__file__).parents[1]
STILL = """
seed: 5
source: {image: photo.png}
target: {class: stained_glass}
ascent: {octaves: 1, steps: 2}
classify: {top: 2}
"""


@pytest.fixture
def still(tmp_path: Path) -> Path:
    """A still that dreams on a picture beside it."""
    noise = np.random.default_rng(1).integers(0, 255, (72, 96, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    path = tmp_path / "still.yaml"
    path.write_text(STILL)
    return path


def test_a_film_and_its_scores(small: Path, dreamer) -> None:
    found = dreamer("render", small, "--out", "out")
    assert re.search(r"^  \w+ \(score=0\.\d{5}\)$", found.stdout, re.M)
    assert "out/small.mp4" in found.stdout
    folder = small.parent / "out"
    scores = json.loads((folder / "scores.json").read_text())["house"]
    assert list(scores["frames"]) == ["0", "4", "8"]
    for ranking in (scores["before"], scores["after"], *scores["frames"].values()):
        assert len(ranking) == 3
        assert ranking == sorted(ranking, key=lambda pair: -pair[1])
    table = (folder / "scores.csv").read_text().splitlines()
    assert table[0] == "network,when,rank,label,score"
    assert len(table) == 1 + 5 * 3
    with Image.open(folder / "scores.png") as chart:
        assert chart.size == (960, 480)
    with Image.open(folder / "preview.jpg") as preview:
        assert preview.size == (80, 64)
    assert json.loads((folder / "report.json").read_text())["frames"] == 10


def test_the_dream_raises_what_it_was_told_to(tmp_path: Path, dreamer) -> None:
    (tmp_path / "glass.yaml").write_text(
        "seed: 5\nsource: {noise: plasma}\nsize: [96, 72]\ntarget: {class: stained_glass}\n"
        "ascent: {octaves: 1, steps: 24}\nclassify: {top: 200}\n"
    )
    dreamer("render", "glass.yaml", "--out", "out")
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())["house"]
    before, after = dict(scores["before"]), dict(scores["after"])
    assert max(after, key=after.__getitem__) == "stained_glass"
    assert after["stained_glass"] > 100 * before["stained_glass"]


def test_the_same_recipe_gives_the_same_picture(still: Path, dreamer) -> None:
    for name in ("a", "b"):
        dreamer("render", still, "--out", name)
    pictures = [(still.parent / n / "still.png").read_bytes() for n in ("a", "b")]
    assert pictures[0] == pictures[1]
    dreamer("render", still, "--out", "c", "--set", "seed=6")
    assert (still.parent / "c" / "still.png").read_bytes() != pictures[0]


def test_no_steps_and_no_motion_return_the_source(still: Path, dreamer) -> None:
    dreamer("render", still, "--out", "a", "--set", "ascent.steps=0")
    with (
        Image.open(still.parent / "a" / "still.png") as found,
        Image.open(still.parent / "photo.png") as source,
    ):
        assert np.array_equal(np.asarray(found), np.asarray(source))


def test_a_picture_carries_its_recipe_and_renders_again(still: Path, dreamer) -> None:
    dreamer("render", still, "--out", "first")
    picture = still.parent / "first" / "still.png"
    shown = yaml.safe_load(dreamer("show", picture).stdout)
    assert shown["source"] == {"image": "sources/photo.png"}
    assert shown["seed"] == 5
    (still.parent / "photo.png").unlink()  # the render's folder has its own copy
    again = dreamer("render", picture, "--out", "second")
    assert "stained_glass" in again.stderr, "a stranger's recipe is shown first"
    assert (still.parent / "second" / "still.png").read_bytes() == picture.read_bytes()
    frame = still.parent / "first" / "frames" / "000000.png"
    dreamer("render", frame, "--out", "third")
    found = (still.parent / "third" / "000000.png").read_bytes()
    assert found == picture.read_bytes()


def test_a_film_carries_its_recipe_and_renders_again(small: Path, dreamer) -> None:
    dreamer("render", small, "--out", "first")
    film = small.parent / "first" / "small.mp4"
    assert yaml.safe_load(dreamer("show", film).stdout)["title"] == "Small"
    dreamer("render", film, "--out", "second")
    assert (small.parent / "second" / "small.mp4").read_bytes() == film.read_bytes()


def test_a_strangers_recipe_opens_only_its_own_folder(still: Path, dreamer) -> None:
    dreamer("render", still, "--out", "first")
    (still.parent / "away").mkdir()
    moved = still.parent / "away" / "gift.png"
    shutil.copy(still.parent / "first" / "still.png", moved)
    missing = dreamer("render", moved, "--out", "a", check=False)
    assert missing.returncode == 2
    assert "no such file" in missing.stderr
    secret = still.parent / "secret.png"
    shutil.copy(still.parent / "photo.png", secret)
    from dreamer.media.pictures import encode_png

    text = "source: {image: '../secret.png'}\nascent: {steps: 1, octaves: 1}\n"
    moved.write_bytes(encode_png(np.zeros((3, 64, 64), np.float32), 8, {"dreamer:recipe": text}))
    refused = dreamer("render", moved, "--out", "b", check=False)
    assert refused.returncode == 2
    assert "may not open it" in refused.stderr
    assert "--trust" in refused.stderr
    dreamer("render", moved, "--out", "c", "--trust")
    dreamer("render", moved, "--out", "d", "--set", "source.image=secret.png")


def test_metadata_says_nothing_of_here_and_now(still: Path, dreamer) -> None:
    dreamer("render", still, "--out", "out")
    data = (still.parent / "out" / "still.png").read_bytes()
    assert str(still.parent).encode() not in data
    assert b"tIME" not in data
    assert time.strftime("%Y-%m").encode() not in data


def test_a_draft_is_a_quarter_at_six_frames_a_second(small: Path, dreamer) -> None:
    text = small.read_text().replace("[80, 64]", "[320, 256]").replace("fps: 5", "fps: 10")
    small.write_text(text)
    found = json.loads(dreamer("render", small, "--draft", "--out", "d", "--json").stdout)
    assert found["product"] == "d/small-draft.mp4"
    with Image.open(small.parent / "d" / "frames" / "000000.png") as frame:
        assert frame.size == (80, 64)
    assert found["report"]["frames"] == 6


def test_a_wrong_recipe_ends_with_two_and_all_its_problems(small: Path, dreamer) -> None:
    small.write_text(small.read_text() + "sed: 3\n")
    found = dreamer("render", small, "--set", "target.0.class=dasy", check=False)
    assert found.returncode == 2
    assert "small.yaml:14: sed: unknown key; did you mean 'seed'?" in found.stderr
    small.write_text(small.read_text().replace("sed: 3\n", ""))
    found = dreamer("render", small, "--set", "target.0.class=dasy", check=False)
    assert found.returncode == 2
    assert "house has no class 'dasy'; did you mean 'daisy'?" in found.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("render",),
        ("render", "no.yaml"),
        ("rendr", "x"),
        ("classify", "no.png"),
        ("plan", "x.yaml", "--colour"),
        ("networks", "show", "hous3"),
        ("resume", "."),
        ("show", "x.yaml"),
        ("encode", "."),
        ("verify", "nowhere"),
        ("extend", ".", "20s"),
    ],
)
def test_wrong_arguments_end_in_words(tmp_path: Path, dreamer, arguments: tuple[str, ...]) -> None:
    (tmp_path / "x.yaml").write_text("seed: 1\n")
    found = dreamer(*arguments, check=False)
    assert found.returncode in (1, 2)
    assert found.stderr.strip()


def test_a_damaged_source_is_refused_before_anything_is_made(still: Path, dreamer) -> None:
    picture = still.parent / "photo.png"
    picture.write_bytes(picture.read_bytes()[:-2000])
    found = dreamer("render", still, "--out", "out", check=False)
    assert found.returncode == 1
    assert "photo.png is a damaged picture" in found.stderr or "breaks off" in found.stderr
    assert not (still.parent / "out").exists()


def test_a_photograph_in_place_of_a_recipe(tmp_path: Path, dreamer) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "me.jpg")
    found = dreamer("render", "me.jpg", check=False)
    assert found.returncode == 2
    assert "--set source.image=me.jpg" in found.stderr
    assert "is a folder; expected a recipe" in dreamer("render", ".", check=False).stderr


def test_plan_reckons_without_torch_and_fast(small: Path, dreamer) -> None:
    found = json.loads(dreamer("plan", small, "--json", "--plot", "plot.png").stdout)
    assert found["size"] == [80, 64]
    assert found["frames"] == 10
    assert found["targets"] == ["house: daisy", "house: inception_3b"]
    assert found["schedules"]["motion.rotate"][0] == 0
    with Image.open(small.parent / "plot.png") as chart:
        assert chart.size == (960, 480)
    code = (
        "import sys; sys.argv = ['dreamer', 'plan', sys.argv[1]]\n"
        "from dreamer import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(small)], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert "10 frames at 5 a second" in done.stdout.decode()


def test_help_does_not_load_what_it_does_not_need() -> None:
    code = (
        "import sys; sys.argv = ['dreamer', '--help']\n"
        "from dreamer import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'pydantic', 'PIL', 'yaml'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_classify_pictures_films_folders_and_broken_files(
    small: Path, still: Path, dreamer
) -> None:
    dreamer("render", small, "--out", "out")
    (small.parent / "pics").mkdir()
    shutil.copy(still.parent / "photo.png", small.parent / "pics" / "a.png")
    (small.parent / "pics" / "b.jpg").write_bytes(b"<!DOCTYPE html>")
    found = dreamer("classify", "pics", "out/small.mp4", "--top", "2", "--json", check=False)
    assert found.returncode == 1
    data = json.loads(found.stdout)
    assert list(data["failed"]) == ["pics/b.jpg"]
    assert [f["file"] for f in data["files"]] == ["pics/a.png", "out/small.mp4"]
    assert all(len(f["labels"]) == 2 for f in data["files"])
    assert list(data["files"][1]["frames"]) == ["0", "5"]
    text = dreamer("classify", "pics/a.png").stdout
    assert re.search(r"^  \S+ \(score=\d\.\d{5}\)$", text, re.M)
    assert re.search(r"Evaluation time \(1-image\): \d+\.\d{3}s", text)


def test_networks_and_doctor(dreamer) -> None:
    listed = json.loads(dreamer("networks", "list", "--json").stdout)
    assert next(n["name"] for n in listed) == "house"
    assert listed[0]["here"]
    shown = dreamer("networks", "show", "house").stdout
    assert "stained_glass" in shown
    assert "kMAC a pixel" in shown
    assert "inception_4c/5x5_reduce" in dreamer("networks", "layers", "googlenet").stdout
    found = json.loads(dreamer("doctor", "--json").stdout)
    assert found["well"], found


def test_insisting_to_stop_says_what_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import typer

    from dreamer import cli

    def insist(**_: object) -> None:
        raise typer.Abort

    monkeypatch.setattr(cli, "app", insist)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    assert "what is finished is kept" in capsys.readouterr().err


def test_every_command_and_option_is_in_the_readme() -> None:
    import typer.main

    from dreamer.cli import app

    readme = (ROOT / "README.md").read_text()
    group = typer.main.get_command(app)
    for name, command in group.commands.items():
        subcommands = getattr(command, "commands", None)
        words = [f"{name} {s}" for s in subcommands] if subcommands else [name]
        for word in words:
            assert f"dreamer {word}" in readme, f"README does not mention dreamer {word}"


@pytest.mark.parametrize("path", sorted((ROOT / "recipes").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_recipe_plans(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dreamer.engine.facts import gather
    from dreamer.recipe.parse import parse_recipe
    from dreamer.recipe.planning import plan

    Image.new("RGB", (400, 300), "teal").save(tmp_path / "photo.png")
    # A network may be absent on this machine: its card says all that a plan needs.
    monkeypatch.setattr("dreamer.engine.lookup.missing", lambda card: "")
    recipe = parse_recipe(path)
    if recipe.words.source.image is not None:
        recipe = parse_recipe(path, [f"source.image={tmp_path / 'photo.png'}"])
    found = plan(recipe, gather(recipe).facts)
    assert found.at(0).sizes[-1] == (found.height, found.width)
    assert recipe.words.title


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("first-dream", ["length=3", "ascent.first_steps=2"]),
        ("photo-dream", ["source.image=photo.png"]),
        ("lucid", []),
        ("maco", []),
        ("inversion", ["source.image=photo.png"]),
        ("cppn", []),
        ("inner-eye", ["length=2", "ascent.octaves=2"]),
    ],
)
def test_the_small_recipes_render(name: str, changes: list[str], still: Path, dreamer) -> None:
    words = ["size=96", "ascent.steps=1", *changes]
    changes = [part for word in words for part in ("--set", word)]
    found = dreamer("render", ROOT / "recipes" / f"{name}.yaml", "--out", "o", "--json", *changes)
    assert (still.parent / json.loads(found.stdout)["product"]).stat().st_size > 1000
