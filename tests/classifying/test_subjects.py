"""What there is to look at: a render is one thing, and what is hidden is none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from colours import CLASSES, RGB, by_hand, painted
from PIL import Image

from dreamer.engine.subjects import subjects
from dreamer.errors import UsageError
from dreamer.jobs.classify import classify
from dreamer.networks.cards import Card


def render_of(folder: Path, recipe: str = "seed: 1\n", name: str = "it") -> Path:
    """A folder with all that a render leaves but its picture or film."""
    for part in ("frames/000000.png", "frames/000001.png", "sources/a.png", "preview.jpg"):
        painted(folder / part, RGB["green"])
    (folder / "recipe.yaml").write_text(recipe)
    (folder / "provenance.json").write_text(json.dumps({"name": name, "recipe_sha256": "0"}))
    return folder


def test_folders_are_looked_through_by_name(pictures: Path) -> None:
    painted(pictures / ".hidden.png", (0, 0, 0))
    painted(pictures / ".cache" / "x.png", (0, 0, 0))
    (pictures / "notes.txt").write_text("no picture")
    (pictures / "link").symlink_to(pictures, target_is_directory=True)
    found = [subject.name.removeprefix(f"{pictures}/") for subject in subjects([pictures])]
    assert found == ["deeper/blue.png", "green.png", "red.png", "yellow.png"]


def test_a_pipe_is_not_waited_for(pictures: Path) -> None:
    os.mkfifo(pictures / "a.png")
    assert len(subjects([pictures])) == 4


def test_a_render_is_its_film_or_its_picture(tmp_path: Path, film: Path, card: Card) -> None:
    painted(render_of(tmp_path / "renders" / "still") / "it.png", RGB["blue"])
    film.rename(render_of(tmp_path / "renders" / "film") / "it.mp4")
    found = classify([tmp_path / "renders"], networks=[card])
    assert [Path(thing.subject.name).name for thing in found.things] == ["film", "still"]
    assert [thing.seen[0].labels[0][0] for thing in found.things] == ["red", "blue"]
    assert found.things[0].seen[0].frames is not None
    assert found.things[1].seen[0].frames is None
    alone = subjects([tmp_path / "renders" / "still"])
    assert alone == [subject for subject in subjects([tmp_path / "renders"]) if not subject.film]


def test_samples_of_a_render_are_scored_apart(tmp_path: Path, card: Card) -> None:
    folder = render_of(tmp_path / "three", "samples: 3\nsize: 20\n")
    sheet = Image.new("RGB", (40, 40))  # two above one, and a black place
    places = {"red": (0, 0), "blue": (20, 0), "yellow": (0, 20)}
    for name, place in places.items():
        sheet.paste(RGB[name], (*place, place[0] + 20, place[1] + 20))
    sheet.save(folder / "it.png")
    (thing,) = classify([folder], networks=[card], top=4).things
    mean = sum(by_hand(RGB[name]) for name in places) / 3
    assert dict(thing.seen[0].labels) == pytest.approx(
        dict(zip(CLASSES, mean, strict=True)), abs=1e-5
    )


def test_a_render_that_is_not_finished_is_told(tmp_path: Path, pictures: Path, card: Card) -> None:
    half = render_of(pictures / "half")
    damaged = render_of(pictures / "lost", name="../elsewhere")
    found = classify([pictures], networks=[card])
    assert len(found.things) == 4
    assert f"`dreamer resume {half}`" in found.failed[str(half)]
    assert "its name is no file's name" in found.failed[str(damaged)]


def test_a_folder_that_may_not_be_read_is_told(pictures: Path, card: Card) -> None:
    (pictures / "deeper").chmod(0)
    if os.access(pictures / "deeper", os.R_OK):
        (pictures / "deeper").chmod(0o755)
        pytest.skip("this user reads everything")
    found = classify([pictures], networks=[card])
    (pictures / "deeper").chmod(0o755)
    assert len(found.things) == 3
    assert "cannot be read: Permission denied" in found.failed[str(pictures / "deeper")]


def test_what_is_not_there_is_refused_before_any_work(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such file or folder: .*nowhere"):
        subjects([pictures, tmp_path / "nowhere"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no pictures or films in"):
        subjects([tmp_path / "empty"])


def test_a_film_is_one_by_what_is_in_it_if_a_person_names_it(film: Path, tmp_path: Path) -> None:
    nameless = film.rename(tmp_path / "clip")
    still, moving = tmp_path / "still.gif", tmp_path / "moving.gif"
    frames = [Image.new("RGB", (32, 32), RGB[name]) for name in ("red", "blue")]
    frames[0].save(still)
    frames[0].save(moving, save_all=True, append_images=frames[1:], duration=500)
    found = subjects([nameless, still, moving])
    assert [subject.film for subject in found] == [True, False, True]
