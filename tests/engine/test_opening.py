"""A recipe out of a picture is a stranger's."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from drum_loops import drum_loop, write_wave
from PIL import Image

from dreamer.engine.lookup import card_of
from dreamer.engine.opening import open_recipe
from dreamer.errors import NetworkError, RecipeError, UsageError
from dreamer.jobs.show import show
from dreamer.media.pictures import encode_png
from dreamer.networks.cards import HERE
from dreamer.recipe.facts import NetworkRef


def gift(path: Path, recipe: str) -> Path:
    """A picture of black with `recipe` inside."""
    path.write_bytes(encode_png(np.zeros((3, 8, 8), np.float32), 8, {"dreamer:recipe": recipe}))
    return path


def test_no_name_of_a_picture_opens_files_outside_its_folder(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "secret.png")
    (tmp_path / "away").mkdir()
    for name in ("plain.png", "--set.png", "--set source.image"):
        file = gift(tmp_path / "away" / name, "source: {image: ../secret.png}")
        with pytest.raises(RecipeError, match="may not open it"):
            open_recipe(file)
        said = open_recipe(file, [f"source.image={tmp_path / 'secret.png'}"])
        assert said.image() == str(tmp_path / "secret.png")


def card(path: Path, weights: str) -> Path:
    """The house network's card, with other weights."""
    words = json.loads((HERE / "cards" / "house.json").read_text(encoding="utf-8"))
    words["weights"] = {"kind": "package", "file": weights}
    path.write_text(json.dumps(words))
    return path


def test_a_card_beside_the_picture_opens_nothing_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    secret = tmp_path / "secret" / "x.safetensors"
    secret.write_bytes(b"secret")
    (tmp_path / "away").mkdir()
    file = gift(tmp_path / "away" / "a.png", "network: {weights: card.json}")
    for name in ("../secret/x.safetensors", str(secret), "..", "", "a\\b", "c:x", "d/x"):
        card(tmp_path / "away" / "card.json", name)
        open_recipe(file)
        with pytest.raises(NetworkError, match=r"weights\.file: expected the bare name") as caught:
            card_of(NetworkRef(weights=str(tmp_path / "away" / "card.json")))
        assert "secret\n" not in str(caught.value)
    card(tmp_path / "away" / "card.json", "beside.safetensors")
    open_recipe(file)


def test_links_beside_the_picture_lead_nowhere_else(tmp_path: Path) -> None:
    """Neither a link that the recipe names, nor a card's, nor that of the weights it names."""
    (tmp_path / "away").mkdir()
    secret = tmp_path / "secret.safetensors"
    secret.write_bytes(b"secret")
    link = tmp_path / "away" / "link.safetensors"
    link.symlink_to(secret)
    named = gift(tmp_path / "away" / "a.png", "network: {weights: link.safetensors}")
    with pytest.raises(RecipeError, match="may not open it"):
        open_recipe(named)
    open_recipe(named, trust=True)
    card(tmp_path / "away" / "card.json", "link.safetensors")
    by_card = gift(tmp_path / "away" / "b.png", "network: {weights: card.json}")
    with pytest.raises(RecipeError, match=r"link\.safetensors is outside"):
        open_recipe(by_card)
    (tmp_path / "away" / "x.json").symlink_to(card(tmp_path / "theirs.json", "x.safetensors"))
    (tmp_path / "away" / "x.safetensors").write_bytes(b"")
    beside = gift(tmp_path / "away" / "c.png", "network: {weights: x.safetensors}")
    with pytest.raises(RecipeError, match=r"x\.json is outside"):
        open_recipe(beside)
    inside = tmp_path / "away" / "here.png"
    inside.symlink_to(gift(tmp_path / "away" / "d.png", "source: {image: here.png}"))
    open_recipe(tmp_path / "away" / "d.png")


def test_what_a_terminal_would_obey_is_refused_or_written_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(RecipeError, match=r"U\+001B"):
        open_recipe(gift(tmp_path / "a.png", "title: x\x1b[2J"))
    assert "x" not in caplog.text
    turned = gift(tmp_path / "b.png", "title: 'a\u202eb'")
    assert open_recipe(turned).words.title == "a\u202eb"
    assert "title: 'a\\u202eb'" in caplog.text
    assert show(gift(tmp_path / "c.png", "title: x\x1b[2J\n"))["dreamer:recipe"] == (
        "title: x\\x1b[2J\n"
    )


def test_a_picture_moved_from_its_source_says_how_to_name_another(tmp_path: Path) -> None:
    file = gift(tmp_path / "alone.png", "source: {image: sources/x.jpg}")
    with pytest.raises(RecipeError, match=r"no such file: .*--set source\.image=PICTURE"):
        open_recipe(file)


def test_a_film_moved_from_its_sound_says_how_to_name_another(tmp_path: Path) -> None:
    how = r"no such file: .*x\.mp3; name the sound to use with --set sound=FILE, or .*sound=none"
    for length in ("2s", "8 beats"):
        file = gift(tmp_path / "alone.png", f"sound: sources/x.mp3\nlength: {length}")
        with pytest.raises(RecipeError, match=how):
            open_recipe(file)
        song = write_wave(tmp_path.parent / "song.wav", drum_loop(120, 6)[0])
        assert open_recipe(file, [f"sound={song}"]).sound() == str(song)
    with pytest.raises(RecipeError, match="counts the beats of a sound, and there is none"):
        open_recipe(file, ["sound=none"])
    assert open_recipe(file, ["sound=none", "length=2s"]).sound() is None


def test_a_strangers_recipe_is_shown_before_its_sound_is_heard(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be heard is refused when the recipe is on the screen already."""
    caplog.set_level(logging.INFO)
    (tmp_path / "page.mp3").write_text("<!doctype html>")
    file = gift(tmp_path / "a.png", "title: listen\nsound: page.mp3\nlength: 8 beats")
    with pytest.raises(RecipeError, match="is an HTML page"):
        open_recipe(file)
    assert "title: listen" in caplog.text


def test_a_folder_and_pictures_without_recipes_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("seed: 4\n")
    with pytest.raises(UsageError, match="`dreamer resume"):
        open_recipe(tmp_path)
    assert show(tmp_path) == {"dreamer:recipe": "seed: 4\n"}
    for name in ("a.avif", "a.ppm"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
        with pytest.raises(UsageError, match=r"--set source\.image="):
            open_recipe(tmp_path / name)
