"""`networks filters`: first filters as a picture, every one in its place and in its colour."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from dreamer.draw.filters import filter_sheet
from dreamer.engine.lookup import described
from dreamer.errors import FolderError, NetworkError, UsageError
from dreamer.jobs.filters import filters
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import HERE
from dreamer.networks.weights import load_module

COLOURS = {
    "red": (1, -1, -1),
    "green": (-1, 1, -1),
    "blue": (-1, -1, 1),
    "yellow": (1, 1, -1),
    "magenta": (1, -1, 1),
}
Box = tuple[int, int, int, int]


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Path]:
    """A folder whose weights, some of them large, are gone after the test."""
    yield tmp_path
    for path in tmp_path.glob("*.safetensors"):
        path.unlink()


def network(folder: Path, source: str, weight: str, filled: Mapping[int, str]) -> str:
    """A card of the catalogue's `source` with weights beside it: zero, but for first filters of
    one colour.
    """
    card = json.loads((HERE / "cards" / f"{source}.json").read_text(encoding="utf-8"))
    with torch.device("meta"):
        wanted = ARCHITECTURES[card["architecture"]].build(2).state_dict()
    state = {k: torch.zeros(v.shape, dtype=torch.half) for k, v in wanted.items()}
    for k, colour in filled.items():
        channels = torch.tensor(COLOURS[colour], dtype=torch.half)
        if card.get("order") == "BGR":
            channels = channels.flip(0)
        state[weight][k] = 0.3 * channels[:, None, None]
    safetensors.torch.save_file(state, folder / "mine.safetensors")
    card |= {"classes": ["a", "b"], "weights": {"kind": "file", "file": "mine.safetensors"}}
    path = folder / "mine.json"
    path.write_text(json.dumps(card), encoding="utf-8")
    return str(path)


def read(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        assert picture.mode == "RGB"
        return np.asarray(picture).astype(int)


def box(picture: np.ndarray, colour: str) -> Box:
    """Left, top, right and bottom of the one square of exactly `colour`."""
    wanted = [255 if part > 0 else 0 for part in COLOURS[colour]]
    rows, columns = np.nonzero((picture == wanted).all(2))
    left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    assert len(rows) == (right - left) * (bottom - top), f"{colour} is not one whole square"
    return int(left), int(top), int(right), int(bottom)


def test_two_groups_are_two_families_side_by_side(files: Path) -> None:
    filled = {0: "blue", 5: "green", 7: "red", 48: "yellow", 95: "magenta"}
    card = network(files, "caffenet", "conv1.conv.weight", filled)
    made = filters(card, files / "all.png")
    assert made.as_json() == {
        "file": str(files / "all.png"),
        "network": "mine",
        "filters": 96,
        "size": [11, 11],
        "families": [48, 48],
    }
    picture = read(files / "all.png")
    high, wide, _ = picture.shape
    blue, green, red = (box(picture, colour) for colour in ("blue", "green", "red"))
    yellow, magenta = box(picture, "yellow"), box(picture, "magenta")
    for left, top, right, bottom in (blue, green, red, yellow, magenta):
        assert (right - left, bottom - top) == (77, 77)  # 7 pixels for each of 11
    across = (green[0] - blue[0]) // 5
    assert green[0] - blue[0] == 5 * across  # six a row
    assert green[1] == blue[1] == yellow[1]
    assert red[0] == blue[0] + across
    down = red[1] - blue[1]
    assert magenta[0] == yellow[0] + 5 * across
    assert magenta[1] == yellow[1] + 7 * down  # eight rows
    assert green[2] < wide / 2 < yellow[0]
    assert blue[0] == wide - magenta[2]  # even margins
    grey = picture[blue[1] + down + 5, blue[0] + 5]
    assert grey.tolist() == [128, 128, 128]  # filter 6 is zero
    assert (picture[0, 0] == picture[high - 1, wide - 1]).all()
    assert picture[0, 0].max() < 40


def test_torchvisions_alexnet_has_one_family(files: Path) -> None:
    card = network(files, "alexnet", "features.0.weight", {0: "blue", 7: "green", 63: "red"})
    made = filters(card, files / "all.png")
    assert made.families == (64,)
    picture = read(files / "all.png")
    blue, green, red = (box(picture, colour) for colour in ("blue", "green", "red"))
    assert green[1] == blue[1]
    assert red[0] == green[0]  # eight a row, and the last below the eighth
    assert red[1] - blue[1] == 7 * (77 + 24 + 12)


def test_house_is_enlarged_without_smoothing(tmp_path: Path) -> None:
    made = filters("house", tmp_path / "house.png")
    assert made.families == (24,)
    picture = read(made.file)
    weight = load_module(described("house")).conv1.conv.weight.detach()[0]
    levels = (127.5 + 127.5 * weight / weight.abs().max()).permute(1, 2, 0).numpy()
    found = picture[78:148, 24:94]
    for row in range(5):
        for column in range(5):
            block = found[14 * row : 14 * row + 14, 14 * column : 14 * column + 14]
            assert (block == block[0, 0]).all()
            assert np.abs(block[0, 0] - levels[row, column]).max() <= 0.51


def test_words_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def listened(words: str, font: object, width: float) -> str:
        said.append(words)
        return words

    monkeypatch.setattr("dreamer.draw.filters.fitted", listened)
    monkeypatch.setattr("dreamer.draw.sheet.fitted", listened)
    grey = torch.full((5, 3, 3, 3), 0.5)
    filter_sheet(grey, [0, 0, 0, 1, 1], "five\nfilters", "a note")
    assert said == [*"01234", "five filters", "a note", "group 1: 3 filters", "group 2: 2 filters"]
    said.clear()
    filter_sheet(grey, [0] * 5, "five")
    assert said == [*"01234", "five", ""]
    with pytest.raises(ValueError, match="a family for each of 5 filters"):
        filter_sheet(grey, [0], "five")


def test_files_that_are_there_stay(tmp_path: Path, dreamer) -> None:  # type: ignore[no-untyped-def]
    mine = tmp_path / "house-filters.png"
    mine.write_bytes(b"mine")
    refused = dreamer("networks", "filters", "house", check=False)
    assert refused.returncode == 1
    assert "house-filters.png is there already" in refused.stderr
    assert mine.read_bytes() == b"mine"
    found = json.loads(dreamer("networks", "filters", "house", "--force", "--json").stdout)
    assert (found["file"], found["filters"]) == ("house-filters.png", 24)
    assert read(mine).shape[2] == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["house-filters.png"]


def test_places_where_no_picture_can_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ending in \.png, not house\.jpg"):
        filters("house", tmp_path / "house.jpg")
    with pytest.raises(UsageError, match="there is no folder"):
        filters("house", tmp_path / "nowhere" / "house.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        filters("house", tmp_path / "folder.png", force=True)
    (tmp_path / "taken.png").touch()
    with pytest.raises(FolderError, match="name another with --out"):
        filters("house", tmp_path / "taken.png")


@pytest.mark.parametrize("name", ["vgg16", "caffenet"])
def test_weights_must_be_here(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path))
    with pytest.raises(NetworkError, match=rf"{name}: its weights are not here .* fetch {name}"):
        filters(name, tmp_path / "all.png")
    assert list(tmp_path.iterdir()) == []


def test_a_strangers_name_is_no_path(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = network(files, "house", "conv1.conv.weight", {3: "red"})
    raw = json.loads(Path(card).read_text(encoding="utf-8"))
    Path(card).write_text(json.dumps(raw | {"name": "../../outside"}), encoding="utf-8")
    (files / "here").mkdir()
    monkeypatch.chdir(files / "here")
    assert filters("../mine.json").file == Path("mine-filters.png")
    assert [p.name for p in (files / "here").iterdir()] == ["mine-filters.png"]
