"""Longer films, whole or not at all, and films that have no end."""

from __future__ import annotations

import pytest

from dreamer.engine import provenance, run
from dreamer.engine.folder import Folder
from dreamer.engine.outcome import see_through
from dreamer.engine.preparing import checked, kept, kept_recipe
from dreamer.engine.provenance import freeze_longer, identity, settle
from dreamer.errors import FolderError
from dreamer.jobs.extend import extend
from dreamer.jobs.verify import verify
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.parse import recipe_from_tree


def test_an_endless_film_ends_where_its_schedule_does(begun, monkeypatch, caplog) -> None:
    monkeypatch.setattr(run, "ENDLESS_WINDOW", 4)
    monkeypatch.setattr("dreamer.recipe.planning.WINDOW", 4)
    folder, ready = begun(length="endless", motion={"zoom": {"expr": "2 - n/3"}})
    assert see_through(folder, ready).report["frames"] == 6
    assert "the film ends before frame 6" in caplog.text
    assert see_through(folder, ready).report["frames"] == 6


def test_extending_by_two_at_once(rendered) -> None:
    folder, _ = rendered()
    with folder.locked(), pytest.raises(FolderError, match="another process"):
        extend(folder.path, "4")
    extend(folder.path, "2")
    assert verify(folder.path).frames == 10


@pytest.mark.parametrize(("killed_in", "frames"), [("freeze_recipe", 8), ("settle", 10)])
def test_killed_while_extending_it_is_one_film_or_the_other(
    rendered, monkeypatch, killed_in: str, frames: int
) -> None:
    folder, short = rendered()
    tree = short.recipe.canonical() | {"length": 10}
    longer = checked(recipe_from_tree(tree, folder.path))
    before = folder.read_json("provenance.json")

    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        place = Folder if killed_in == "freeze_recipe" else provenance
        patch.setattr(place, killed_in, kill)
        with pytest.raises(KeyboardInterrupt):
            freeze_longer(folder, longer, as_yaml(tree))
    ready = kept(folder)
    settle(folder, ready)
    assert ready.plan.frames == frames
    said = folder.read_json("provenance.json")
    longer_one = {"recipe_sha256": identity(ready), "parent_sha256": before["recipe_sha256"]}
    assert said == (before if frames == 8 else before | longer_one)


def test_a_render_is_called_the_same_whoever_goes_on(rendered) -> None:
    folder, ready = rendered()
    assert ready.recipe.name == "recipe"
    said = folder.read_json("provenance.json")
    folder.write_json("provenance.json", said | {"name": "meadow"})
    assert kept_recipe(folder).name == "meadow"
    assert extend(folder.path, "1").product.name == "meadow.mp4"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"scenes": [{"length": 2}, {"length": 2}], "length": None}, "is made of scenes"),
        ({"close": {"by": "return", "over": 2}}, "comes back to its beginning"),
    ],
)
def test_what_has_an_end_of_its_own_is_rendered_anew(rendered, words, said: str) -> None:
    folder, _ = rendered(**words)
    with pytest.raises(FolderError, match=f"{said}; change its recipe and render it anew"):
        extend(folder.path, "2")
