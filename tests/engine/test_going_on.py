"""Going on with a render: only with what it was begun with, only where something is missing."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from dreamer.engine import missing, provenance, run
from dreamer.engine.execution import Execution
from dreamer.engine.folder import Folder
from dreamer.engine.outcome import see_through
from dreamer.engine.preparing import checked, kept, kept_recipe, prepare
from dreamer.engine.provenance import freeze_longer, identity, settle
from dreamer.engine.run import render_into
from dreamer.errors import FolderError, RecipeError, Stopped
from dreamer.jobs.encode import encode
from dreamer.jobs.extend import extend
from dreamer.jobs.resume import resume
from dreamer.jobs.verify import verify
from dreamer.networks.cards import catalogue_card
from dreamer.networks.weights import load_module
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.parse import recipe_from_tree


def frames_of(folder: Folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.frames.iterdir()}


@pytest.fixture
def own(tmp_path: Path) -> dict[str, str]:
    """A network of the user's own."""
    state = load_module(catalogue_card("house")).state_dict()
    safetensors.torch.save_file(state, tmp_path / "mine.safetensors")
    return {"architecture": "house", "weights": "mine.safetensors"}


def retrain(path: Path) -> None:
    state = safetensors.torch.load_file(path)
    safetensors.torch.save_file({k: v * 1.01 for k, v in state.items()}, path)


def test_other_weights_make_another_render(tmp_path: Path, tiny, rendered, begun, own) -> None:
    from dreamer.engine.preparing import default_folder

    folder, ready = rendered(network=own)
    retrain(tmp_path / "mine.safetensors")
    other = checked(recipe_from_tree(tiny | {"network": own}, tmp_path))
    assert default_folder(other).name[-8:] != default_folder(ready).name[-8:]
    for go_on in (lambda: begun(network=own), lambda: resume(folder.path)):
        with pytest.raises(FolderError, match="the weights of mine are not what they were"):
            go_on()


def test_a_network_of_the_catalogue_with_other_weights(rendered, monkeypatch) -> None:
    folder, ready = rendered()
    assert kept(folder).plan == ready.plan
    monkeypatch.setattr("dreamer.engine.facts.sha256_of", lambda path: "those of a later version")
    with pytest.raises(FolderError, match="the weights of house are not what they were"):
        kept(folder)


def test_other_labels_make_another_render(tmp_path: Path, rendered, own) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("\n".join(catalogue_card("house").classes))
    folder, _ = rendered(network=own | {"labels": "labels.txt"}, target={"class": "daisy"})
    labels.write_text("\n".join(sorted(catalogue_card("house").classes, reverse=True)))
    with pytest.raises(FolderError, match="labels are not what they were"):
        kept(folder)


def test_another_picture_in_the_place_of_the_copied_one(tmp_path: Path, rendered) -> None:
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / "p.png")
    folder, _ = rendered(source={"image": "p.png"})
    assert verify(folder.path).whole
    Image.fromarray(np.full((64, 64, 3), 200, np.uint8)).save(folder.sources / "p.png")
    with pytest.raises(FolderError, match=r"p\.png is not the picture that was copied"):
        resume(folder.path)
    assert not verify(folder.path).whole


def test_only_what_is_missing_is_written(rendered) -> None:
    folder, ready = rendered()
    whole = frames_of(folder)
    for index in (2, 5):
        folder.frame_path(index).unlink()
    times = {p.name: p.stat().st_mtime_ns for p in folder.frames.iterdir()}
    assert render_into(folder, ready) == 8
    assert frames_of(folder) == whole
    again = {p.name: p.stat().st_mtime_ns for p in folder.frames.iterdir()}
    assert {name for name in again if again[name] != times.get(name)} == {
        "000002.png",
        "000005.png",
    }


def test_damaged_states_change_no_frame(rendered) -> None:
    folder, ready = rendered()
    whole = frames_of(folder)
    folder.frame_path(6).unlink()
    for path in (folder.path / "state").glob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:-1000] + bytes(1000))
    render_into(folder, ready)
    assert frames_of(folder) == whole


def test_a_lost_frames_folder_and_a_damaged_journal_are_mended(rendered) -> None:
    folder, ready = rendered()
    whole = frames_of(folder)
    for path in folder.frames.iterdir():
        path.unlink()
    folder.frames.rmdir()
    render_into(folder, ready)
    assert frames_of(folder) == whole
    with (folder.path / "journal.jsonl").open("rb+") as file:
        file.write(b"garbage")
    assert not verify(folder.path).whole
    render_into(folder, ready)
    assert frames_of(folder) == whole
    assert verify(folder.path).whole


def test_verify_and_encode_need_no_network(tmp_path: Path, rendered, own) -> None:
    folder, _ = rendered(network=own)
    (tmp_path / "mine.safetensors").unlink()
    with pytest.raises(RecipeError):
        kept(folder)
    assert verify(folder.path).whole
    assert encode(folder.path).stat().st_size > 0


def test_a_judge_that_cannot_be_had_is_refused_before_the_film(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    tree = {"network": "googlenet", "target": {"layer": "inception_4c", "network": "house"}}
    with pytest.raises(RecipeError, match="network: googlenet: its weights are not here"):
        checked(recipe_from_tree(tree, tmp_path))
    checked(recipe_from_tree(tree | {"classify": "off"}, tmp_path))


def test_what_is_made_of_frames_is_made_by_one_process(rendered, monkeypatch) -> None:
    folder, ready = rendered()
    made = []

    def beside(*arguments, **named):
        made.append("film")
        with pytest.raises(FolderError, match="another process"):
            resume(folder.path)
        with pytest.raises(FolderError, match="another process"):
            encode(folder.path)
        return encode(folder.path, out=folder.path.parent / "elsewhere.mp4")

    monkeypatch.setattr("dreamer.engine.outcome.make_product", beside)
    assert see_through(folder, ready).product.name == "elsewhere.mp4"
    assert made == ["film"]


def test_a_still_is_interrupted_in_its_frame(begun, monkeypatch) -> None:
    from dreamer.dreaming import climb

    folder, ready = begun(length=None, ascent={"steps": 1000, "octaves": 1})
    step, taken = climb.step, []

    def stepping(*arguments, **named):
        taken.append(1)
        if len(taken) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(*arguments, **named)

    monkeypatch.setattr(climb, "step", stepping)
    with pytest.raises(Stopped, match="stopped by SIGTERM in the middle of a frame") as stopped:
        see_through(folder, ready)
    assert stopped.value.exit_code == 143
    assert len(taken) < 10


def test_a_frame_that_takes_too_long_is_left_and_the_one_before_kept(begun, monkeypatch) -> None:
    from dreamer.dreaming import climb

    monkeypatch.setattr(run, "PATIENCE_SECONDS", -1)
    folder, ready = begun(fps=60, ascent={"steps": 4, "octaves": 1})
    step, taken = climb.step, []

    def stepping(*arguments, **named):
        taken.append(1)
        if len(taken) == 4 * 3 + 2:
            os.kill(os.getpid(), signal.SIGINT)
        return step(*arguments, **named)

    monkeypatch.setattr(climb, "step", stepping)
    with pytest.raises(Stopped, match="in the middle of a frame"):
        render_into(folder, ready)
    assert folder.whole_frames() == 3
    state = folder.state_before(8)
    assert state is not None
    assert state.index == 2


@pytest.mark.parametrize("moment", ["last frame", "film"])
def test_a_signal_at_the_very_end_is_heard(begun, monkeypatch, moment: str) -> None:
    from dreamer.engine import outcome

    folder, ready = begun(length=2)
    make = outcome.make_product

    def told(news: run.Told) -> None:
        if moment == "last frame" and news.done == news.of:
            os.kill(os.getpid(), signal.SIGINT)

    def making(*arguments, **named):
        os.kill(os.getpid(), signal.SIGINT)
        return make(*arguments, **named)

    if moment == "film":
        monkeypatch.setattr(outcome, "make_product", making)
    words = {"last frame": "after frame 1; .* goes on", "film": "makes what is left"}[moment]
    with pytest.raises(Stopped, match=words) as stopped:
        see_through(folder, ready, told)
    assert stopped.value.exit_code == 130
    monkeypatch.undo()
    assert see_through(folder, ready).product.is_file()


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


def test_a_render_begun_on_another_device_is_not_gone_on_with(rendered) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    folder, ready = rendered()
    there: Execution = replace(folder.execution(), device="cuda", device_name="H200")
    folder.freeze_execution(there)
    see_through(folder, ready)  # nothing is missing: the film can be made anywhere
    folder.frame_path(3).unlink()
    with pytest.raises(FolderError, match=r"was begun on cuda \(H200\), which is not"):
        see_through(folder, ready)


def test_the_room_that_is_asked_for_is_the_room_that_is_needed(rendered, monkeypatch) -> None:
    folder, ready = rendered()
    none = missing.missing_in(folder, 8)
    assert none.none
    free = missing.RESERVE + 4 * 64 * 64 * 3
    monkeypatch.setattr(Folder, "free_bytes", lambda self: free)
    for frames, bits, enough in ((16, 8, True), (16, 16, False), (20, 8, False), (None, 8, True)):
        lacking = missing.missing_in(folder, frames)
        assert lacking.count == (1 if frames is None else frames - 8)
        if enough:
            missing.require_room(folder, ready.plan, lacking, bits)
        else:
            with pytest.raises(FolderError, match=r"about 16 MB are needed, 16 MB are free"):
                missing.require_room(folder, ready.plan, lacking, bits)
    lacking = missing.missing_in(folder, 16)
    for more in ({"samples": 2}, {"transparent": True}):
        with pytest.raises(FolderError, match="are needed"):
            missing.require_room(folder, replace(ready.plan, **more), lacking, 8)


def test_the_folder_is_looked_at_again_under_its_lock(tmp_path: Path, tiny, monkeypatch) -> None:
    """Another process makes the folder between the first look and the lock."""
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / "p.png")
    folder = Folder(tmp_path / "film")
    mine = checked(recipe_from_tree(tiny | {"source": {"image": "p.png"}}, tmp_path))
    theirs = checked(recipe_from_tree(tiny | {"seed": 9}, tmp_path))
    lock = Folder.lock

    def late(self: Folder) -> None:
        if self is folder:
            prepare(Folder(folder.path), theirs)
        lock(self)

    monkeypatch.setattr(Folder, "lock", late)
    with pytest.raises(FolderError, match="another recipe"):
        prepare(folder, mine)
    assert kept(folder).recipe.words.seed == 9
    assert not list(folder.sources.iterdir())


def test_provenance_says_the_command_line_or_nothing(rendered) -> None:
    folder, _ = rendered()
    assert json.loads((folder.path / "provenance.json").read_text())["command"] is None


ANY_WAY = {
    "fourier": {"ascent": {"parameterisation": "fourier", "begin": "frame", "optimiser": "adam"}},
    "momentum": {"ascent": {"optimiser": "momentum", "steps": 3}},
    "a window": {"ascent": {"window": 40, "steps": 3}},
    "from noise": {
        "ascent": {"preset": "lucid", "steps": 4, "transforms": "none"},
        "target": {"layer": "conv1", "objective": "inversion", "reference": "frame"},
    },
    "masks, colours, inside": {
        "target": [{"layer": "conv1", "mask": "left"}, {"class": "daisy", "mask": "right"}],
        "inpaint": {"mask": "middle", "feather": 4},
        "colors": {"keep": 0.3, "palette": "palette.png"},
    },
    "channels of the source": {"target": {"layer": "conv2", "channels": {"strongest": 3}}},
}


@pytest.mark.parametrize("name", ANY_WAY)
def test_a_film_of_any_kind_goes_on_to_the_same_bytes(name: str, begun, tmp_path: Path) -> None:
    Image.new("RGB", (9, 7), "olive").save(tmp_path / "palette.png")
    words = ANY_WAY[name]
    own = {"steps": 2, "octaves": 1} | words.get("ascent", {})
    if own.get("parameterisation") == "fourier":
        own |= {"falloff": 0, "color": "rgb", "normalize": "none"}
    changes = {**words, "ascent": own, "motion": {"zoom": 1.2}, "length": 6}
    whole, ready = begun("whole", **changes)
    render_into(whole, ready)
    broken, ready = begun("broken", **changes)
    stop = run.Stop()

    def told(news: run.Told) -> None:
        if news.done == 3:
            stop.ask(signal.SIGTERM)

    with pytest.raises(Stopped):
        render_into(broken, ready, told, stop)
    assert broken.whole_frames() >= 3
    render_into(broken, kept(broken))
    assert frames_of(broken) == frames_of(whole)
