"""Verbs called from Python: what they refuse before any work, and how they say what they found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from dreamer.errors import NetworkError, UsageError
from dreamer.jobs.doctor import Finding, doctor
from dreamer.jobs.networks import layers, listing, showing
from dreamer.jobs.plan import plan
from dreamer.networks import locate
from dreamer.networks.cards import card_names

KEYED = """
target:
  - {class: {keys: [{at: 0s, value: daisy}, {at: 1s, value: dome_outer, blend: 1s}]}}
  - {layer: inception_3b, weight: {expr: t}}
length: 2s
fps: 4
"""


@pytest.fixture
def keyed(tmp_path: Path) -> Path:
    path = tmp_path / "keyed.yaml"
    path.write_text(KEYED)
    return path


def test_schedules_are_called_as_the_recipe_calls_them(keyed: Path) -> None:
    found = plan(keyed)
    assert list(found.as_json()["schedules"]) == [
        "target.0.weight (daisy)",
        "target.0.weight (dome_outer)",
        "target.1.weight (inception_3b)",
    ]
    assert "target.1.weight (inception_3b) goes from 0 to" in found.as_text()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([(0, 2), (7, 0)], "goes from 2 to 0"),  # not "from 0 to 2", which is a rise
        ([(0, 0), (7, 2)], "goes from 0 to 2"),
        ([(0, 0), (3, 2), (7, 1)], "goes from 0 to 1, between 0 and 2"),
        ([(0, 1), (3, 2), (7, 1)], "goes between 1 and 2"),
    ],
)
def test_a_schedule_is_told_from_its_beginning_to_its_end(
    keyed: Path, keys: list[tuple[int, float]], said: str
) -> None:
    written = [{"at": at, "value": value} for at, value in keys]
    found = plan(keyed, overrides=[f"target.1.weight={{keys: {json.dumps(written)}}}"])
    assert f"target.1.weight (inception_3b) {said}" in found.as_text().splitlines()


@pytest.mark.parametrize(
    ("ascent", "said"),
    [
        ("{effort: 1}", "steps: 12 of 2 levels"),
        ("{effort: 0.5}", "steps: 6 of 4 levels (effort 0.5)"),
        (
            "{octaves: 2, persistence: 0.9, first_steps: 9, steps: 3, step: 1}",
            "steps: 9 of 1, 0.9 levels; at last 3 of 1, 0.9 levels",
        ),
        (
            "{octaves: [{steps: 4, step: 3, step_end: 1}, {}], steps: 8, effort: 0.5}",
            # 3 + 2.5 + 2 + 1.5 = 5.4 + 3.6
            "steps: 2 of 5.4 to 1.8 levels, 4 of 4 levels (effort 0.5)",
        ),
        ("{preset: lucid, steps: 20}", "steps: 20 of 0.05"),  # a learning rate, and no levels
    ],
)
def test_a_plan_says_which_steps_are_taken(keyed: Path, ascent: str, said: str) -> None:
    found = plan(keyed, overrides=[f"ascent={ascent}"])
    (line,) = [line for line in found.as_text().splitlines() if line.startswith("steps: ")]
    assert line == said
    assert found.as_json()["effort"] == (0.5 if "0.5" in line else 1)


@pytest.mark.parametrize(
    ("network", "called"),
    [
        ("house", "house"),
        ("judge.json", "judge.json"),
        ("{weights: judge.json}", "judge.json"),
        ("{architecture: house, weights: random}", "house:random"),
        ("{architecture: house, weights: random, seed: 3}", "house:random (seed 3)"),
    ],
)
def test_networks_are_called_what_the_recipe_calls_them(
    tmp_path: Path, network: str, called: str
) -> None:
    for name in ("cards/judge.json", "weights/judge.safetensors"):
        shutil.copy(Path(locate.__file__).parent / name, tmp_path)
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(f"network: house\ntarget: {{class: 0, network: {network}}}\nsize: 64\n")
    (line,) = plan(recipe).as_json()["targets"]
    assert line.startswith(f"{called}: ")
    assert str(tmp_path) not in line


def test_plots_go_into_folders_that_are_there(keyed: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--plot: there is no folder"):
        plan(keyed, plot=tmp_path / "none" / "p.png")


def test_a_plan_of_a_draft(keyed: Path) -> None:
    assert plan(keyed, overrides=["size=800"], draft=True).as_json()["size"] == [200, 200]


def test_a_plan_says_how_a_large_picture_will_be_seen(keyed: Path) -> None:
    def said(*overrides: str) -> tuple[str, ...]:
        return plan(keyed, overrides=["target=inception_4c", "length=1", *overrides]).notes

    small, whole, cut = said("size=700"), said("size=1100", "tiles=off"), said("size=9000")
    assert small == ()
    assert [note.split(",")[0] for note in whole] == ["seen whole"]
    assert cut[0].startswith("seen in tiles of ")
    assert float(cut[0].split("about ")[1].split()[0]) > 2.4  # picture and slope alone are 2 GB
    assert [note.split(",")[0] for note in said("size=700", "tiles=512")] == [
        "seen in tiles of 512×512"
    ]
    with pytest.raises(NetworkError, match=r"tiles: there are none where .* is not known to look"):
        said(
            "size=700",
            "tiles=512",
            'network={architecture: "torchvision:mobilenet_v3_large", weights: random}',
            "target=features.10",
        )


def test_a_plan_says_that_its_device_is_not_here(keyed: Path) -> None:
    assert plan(keyed).notes == ()
    notes = plan(keyed, overrides=["device=cuda"]).notes
    assert bool(notes) != torch.cuda.is_available()


def test_only_layers_that_recipes_may_name_are_listed() -> None:
    assert "inception_4c" in layers("house").data
    assert "logits" not in layers("house").data


def test_what_may_be_missing_is_not_called_ok() -> None:
    marks = [
        Finding("a", "").mark,
        Finding("a", "", False).mark,
        Finding("a", "", there=False).mark,
    ]
    assert marks == ["ok ", "BAD", "-- "]


def test_a_bad_file_among_the_cards_hides_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "networks"
    folder.mkdir()
    (folder / "odd.json").write_text("")
    (folder / "list.json").write_text("[1]")
    (folder / "._odd.json").write_bytes(b"\x00\x05\x16\x07")
    (folder / "folder.json").mkdir()
    found = listing()
    rows = {row["name"]: row for row in found.data}
    assert not any(name.startswith(".") for name in rows)
    assert rows["house"]["here"]
    assert rows["house"]["damaged"] == ""
    for name in ("odd", "list", "folder"):
        assert rows[name].keys() == rows["house"].keys()
        assert f"{name}.json is no network's card" in rows[name]["damaged"]
        assert not rows[name]["here"]
    (line,) = [line for line in found.text.splitlines() if line.startswith("list ")]
    assert line.endswith("list.json is no network's card: all: expected an object, got [1]")
    assert line.split()[1] == "damaged"
    bad = {f.what for f in doctor().findings if f.found.startswith("damaged: ")}
    assert bad == {"network odd", "network list", "network folder"}


def test_encoding_and_extending_refuse_before_any_work(tmp_path: Path, small: Path) -> None:
    from dreamer.engine.folder import Folder
    from dreamer.engine.preparing import checked, prepare
    from dreamer.jobs.encode import encode
    from dreamer.jobs.extend import extend
    from dreamer.recipe.parse import parse_recipe

    prepare(Folder(tmp_path / "out"), checked(parse_recipe(small)))
    with pytest.raises(UsageError, match="there is no folder"):
        encode(tmp_path / "out", out=tmp_path / "none" / "x.mp4")
    for length in ("1m", "50%", "end", "²", "0", "-3"):
        with pytest.raises(UsageError, match="expected 20s or a number of frames"):
            extend(tmp_path / "out", length)


def test_labels_that_were_kept_wrongly_are_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path))
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "places365.txt").write_text("airfield\n")
    wrong = "places365.txt holds 1 names; expected 365"
    found = [f for f in doctor().findings if wrong in f.found]
    places = [name for name in card_names() if name.startswith("places365-")]
    assert {(f.what, f.well) for f in found} == {(f"network {name}", False) for name in places}
    assert wrong in showing("places365-googlenet").text
