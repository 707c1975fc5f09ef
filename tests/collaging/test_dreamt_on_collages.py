"""A render whose source is a collage: said in words, by a file or by a folder."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from collages_made import made, pictures, pixels, written
from small_collages import noise

from dreamer.errors import RecipeError
from dreamer.jobs.collage import collage
from dreamer.jobs.plan import plan
from dreamer.jobs.render import render
from dreamer.jobs.resume import resume
from dreamer.jobs.verify import verify
from dreamer.media.png import read_png_text

WORDS = """
seed: 3
size: [96, 64]
source: {collage: {pictures: pics, layout: scatter, background: '#203040'}}
ascent: {steps: 0}
classify: off
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    pictures(tmp_path / "pics")
    return tmp_path


def dream(home: Path, text: str = WORDS, name: str = "dream") -> Path:
    path = home / f"{name}.yaml"
    path.write_text(text)
    return path


def of(place: str) -> str:
    return f"source: {{collage: {place}}}\nascent: {{steps: 0}}\nclassify: off"


def test_said_in_words_it_is_the_collage_of_the_recipe_s_size_and_seed(home: Path) -> None:
    found = render(dream(home))
    (folder,) = (home / "collages").iterdir()
    assert folder.name.startswith("dream-collage-")
    (picture,) = folder.glob("*.png")
    assert np.array_equal(pixels(found.product), pixels(picture))
    alone = written(
        home / "pics", "layout: scatter\nbackground: '#203040'", "seed: 3\nsize: [96, 64]"
    )
    assert np.array_equal(pixels(made(alone, home / "alone").product), pixels(picture))


@pytest.mark.parametrize("said", ["file", "folder"])
def test_said_by_a_place_too(home: Path, said: str) -> None:
    recipe = written(home / "pics", "layout: masonry", "size: 77")
    if said == "folder":
        made(recipe, home / "there")
    found = render(dream(home, of("c.yaml" if said == "file" else "there")))
    there = home / "there" if said == "folder" else next((home / "collages").iterdir())
    assert np.array_equal(pixels(found.product), pixels(there / "c.png"))
    assert (home / "collages").exists() == (said == "file")


def test_the_render_stands_alone(home: Path) -> None:
    found = render(dream(home))
    carried = read_png_text(found.product)["dreamer:recipe"]
    assert "image: 'sources/dream-collage.png'" in carried
    assert "pics" not in carried
    picture = found.product.read_bytes()
    for path in (home / "collages").rglob("*.*"):
        path.unlink()
    for path in (home / "pics").iterdir():
        path.unlink()
    assert verify(found.folder).whole
    (found.folder / "dream.png").unlink()
    (found.folder / "frames" / "000000.png").unlink()
    assert not verify(found.folder).whole
    assert resume(found.folder).product.read_bytes() == picture


def test_the_same_dream_is_the_same_and_of_another_picture_another(home: Path) -> None:
    first = render(dream(home))
    again = render(dream(home))
    assert again.folder == first.folder
    assert len(list((home / "collages").iterdir())) == 1
    noise(home / "pics" / "more.png", 55)
    other = render(dream(home))
    assert other.folder != first.folder
    assert len(list((home / "collages").iterdir())) == 2


def test_a_draft_is_of_the_whole_collage(home: Path) -> None:
    found = render(dream(home, WORDS.replace("[96, 64]", "[400, 320]")), draft=True)
    (collage,) = (home / "collages").glob("*/*.png")
    assert pixels(collage).shape == (320, 400, 3)
    assert max(pixels(found.product).shape[:2]) < 400


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (WORDS, (64, 96)),
        (WORDS.replace("[96, 64]", "96"), (72, 96)),
        (WORDS.replace("size: [96, 64]\n", ""), (768, 1024)),
        (of("c.yaml"), (90, 120)),
        ("size: 60\n" + of("c.yaml"), (45, 60)),
        ("size: [50, 70]\n" + of("c.yaml"), (70, 50)),
    ],
)
def test_a_plan_makes_nothing_and_is_right(home: Path, text: str, size: tuple[int, int]) -> None:
    written(home / "pics")
    path = dream(home, text)
    assert plan(path).plan.shown == size
    assert not (home / "collages").exists()
    assert pixels(render(path).product).shape[:2] == size


@pytest.mark.parametrize("text", [WORDS, of("c.yaml"), of("there")])
def test_a_plan_needs_no_torch(home: Path, text: str) -> None:
    made(written(home / "pics"), home / "there")
    dream(home, text)
    code = (
        "import sys; sys.argv = ['dreamer', 'plan', 'dream.yaml']\n"
        "from dreamer import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd=home)
    assert done.returncode == 0, done.stdout
    assert b"a still" in done.stdout


MOVES = "source.collage: moves; make its film first, and say source: {video: FILE}"
BROKEN: dict[str, tuple[str, str]] = {
    "a moving one": (of("film.yaml"), f"dream.yaml:1: {MOVES}"),
    "a moving one's folder": (of("film"), f"dream.yaml:1: {MOVES}"),
    "moves": (
        "source:\n  collage:\n    pictures: pics\n    moves: {turn: 5}\n",
        "dream.yaml:4: source.collage.moves: a dream is on a picture",
    ),
    "no such file": (of("gone.yaml"), "dream.yaml:1: source.collage: gone.yaml: no such file"),
    "no collage's folder": (
        of("pics"),
        "source.collage: pics is no collage's folder",
    ),
    "not finished": (of("begun"), "dream.yaml:1: source.collage: begun is not finished"),
    "another's recipe": (of("other.yaml"), "other.yaml: this is a recipe for pictures"),
    "no such picture": (
        "source:\n  collage:\n    pictures:\n    - pics\n    - gone/*.png\n",
        "dream.yaml:5: source.collage.pictures.1: no such file or folder: gone",
    ),
    "a wrong word": (
        "source:\n  collage:\n    pictures: pics\n    layuot: grid\n",
        "dream.yaml:4: source.collage.layuot: unknown key; did you mean 'layout'?",
    ),
}


@pytest.mark.parametrize("verb", [plan, render])
@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_dreamt_on_is_refused(
    home: Path, name: str, verb: Callable[[Path], object]
) -> None:
    film = "size: [64, 48]\nlength: 2\nfps: 5\noutput: {video: none}"
    recipe = written(home / "pics", "moves: {turn: 5}", film, name="film")
    if "folder" in name:
        made(recipe, home / "film")
    (home / "other.yaml").write_text("source: {noise: pink}")
    if name == "not finished":
        made(written(home / "pics"), home / "begun").product.unlink()
    text, words = BROKEN[name]
    with pytest.raises(RecipeError) as refused:
        verb(dream(home, text))
    assert words in str(refused.value).replace(f"{home}/", "")
    assert not (home / "collages").exists()


def test_dreamt_on_it_is_another(home: Path) -> None:
    climbing = WORDS.replace("ascent: {steps: 0}", "ascent: {octaves: 1, steps: 2}")
    found = render(dream(home, climbing + "target: {class: daisy}"))
    (collage,) = (home / "collages").glob("*/*.png")
    off = np.abs(pixels(found.product).astype(int) - pixels(collage).astype(int))
    assert 0 < off.mean() < 30
    provenance = json.loads((found.folder / "provenance.json").read_text())
    assert any("dream-collage" in name for name in provenance["sources"])


@pytest.mark.parametrize("source", ["words", "file", "folder"])
def test_a_dream_on_a_collage_is_a_piece_by_its_recipe(home: Path, source: str) -> None:
    recipe = written(home / "pics", "layout: masonry", "size: 77")
    said = {"words": WORDS, "file": of("c.yaml"), "folder": of("there")}[source]
    if source == "folder":
        made(recipe, home / "there")
    path = dream(home, said)
    of_dream = home / "of.yaml"
    of_dream.write_text(
        "classify: off\nsize: [60, 40]\ncollage: {pictures: [{render: dream.yaml}]}"
    )
    with pytest.raises(RecipeError, match=r"run `dreamer render .*dream.yaml` first"):
        collage([of_dream])
    product = render(path).product
    layout = json.loads((collage([of_dream]).folder / "layout.json").read_text())
    (piece,) = layout["pieces"]
    assert piece["sha256"] == hashlib.sha256(product.read_bytes()).hexdigest()
