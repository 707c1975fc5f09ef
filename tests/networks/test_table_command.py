"""`networks list`, `show` and `layers`: what networks cost, checked by arithmetic of our own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dreamer.engine.lookup import described
from dreamer.errors import NetworkError
from dreamer.jobs.networks import layers, listing, showing
from dreamer.networks.cards import HERE, Weights, card_names
from dreamer.networks.labels import Labels
from dreamer.networks.locate import weights_path
from dreamer.networks.own_cards import own_card
from dreamer.networks.table import CS231N_FOOTNOTE, layer_rows
from dreamer.networks.table_text import amount, as_text, cs231n_words

PATTERN = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0]
Row = tuple[str, list[int], int, int, int]


@pytest.fixture(autouse=True)
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of weights where nothing is; torchvision's is returned."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))
    return tmp_path / "torch" / "hub" / "checkpoints"


def card_file(folder: Path, source: str, **words: Any) -> Path:
    """A card beside no weights: one of the catalogue's with other words."""
    raw = json.loads((HERE / "cards" / f"{source}.json").read_text(encoding="utf-8"))
    path = folder / "mine.json"
    raw["weights"] = {"kind": "file", "file": "mine.safetensors"}
    path.write_text(json.dumps(raw | words), encoding="utf-8")
    return path


def vgg16(size: int = 224) -> list[Row]:
    """The notes' word, shape, weights, biases and multiply-adds of each layer, by hand."""
    found: list[Row] = [("input", [3, size, size], 0, 0, 0)]
    channels = 3
    for width in PATTERN:
        if width:
            weights = 3 * 3 * channels * width
            row = (f"conv3-{width}", [width, size, size], weights, width, weights * size * size)
            channels = width
        else:
            size //= 2
            row = ("pool2", [channels, size, size], 0, 0, 0)
        found.append(row)
    inputs = channels * size * size
    for width in (4096, 4096, 1000):
        found.append((f"FC-{width}", [width, 1, 1], inputs * width, width, inputs * width))
        inputs = width
    return found


def test_vgg16_costs_what_plain_arithmetic_says(dreamer) -> None:  # type: ignore[no-untyped-def]
    found = json.loads(dreamer("networks", "show", "vgg16", "--json").stdout)
    assert found["here"] is False
    counting = [row for row in found["table"] if row["activations"]]
    right = vgg16()
    assert len(counting) == len(right) == 22
    for row, (_, shape, weights, biases, macs) in zip(counting, right, strict=True):
        numbers = shape[0] * shape[1] * shape[2]
        assert row["shape"] == shape
        assert (row["activations"], row["memory"]) == (numbers, 4 * numbers)
        assert row["parameters"] == weights + biases
        assert row["multiply-adds"] == macs
    idle = [row for row in found["table"] if not row["activations"]]
    assert {row["type"] for row in idle} == {"relu", "= features.30", "= classifier.6"}
    assert not any(row["parameters"] or row["multiply-adds"] for row in idle)
    totals = found["totals"]
    assert totals["activations"] == sum(r["activations"] for r in found["table"]) == 15_237_608
    assert totals["parameters"] == sum(r[2] + r[3] for r in right) == 138_357_544
    assert totals["multiply-adds"] == sum(r[4] for r in right)
    assert round(totals["multiply-adds"] / 1e9, 2) == 15.47
    assert totals["activations in MB"] == 60.95
    assert totals["activations in MiB"] == 58.127
    assert totals["parameters in MB"] == 553.43
    assert totals["parameters in MiB"] == 527.792
    fields = [row["receptive field"] for row in counting]
    assert fields[:7] == [1, 3, 5, 6, 10, 14, 16]
    assert {"name", "layers", "classes", "native size"} <= set(found)
    assert found["layers"][0]["kMAC a pixel"] == 1.728


def test_vgg16_is_said_in_the_words_of_the_notes() -> None:
    text = showing("vgg16").text
    lines = [line.split() for line in text.splitlines()]
    (heading,) = [k for k, line in enumerate(lines) if line[:2] == ["layer", "type"]]
    table = lines[heading + 1 : lines.index([], heading)]
    table = [line for line in table if line[1] not in ("relu", "=")]
    assert [line[1] for line in table] == [row[0] for row in vgg16()]
    assert "×".join(map(str, vgg16()[1][1])) == table[1][2] == "64×224×224"
    assert table[1][3:] == ["3,211,264", "12.8", "MB", "1,792", "86,704,128", "3"]
    assert table[3][3:] == ["802,816", "3.2", "MB", "·", "·", "6"]
    assert table[-1][3:6] == ["1,000", "4.0", "KB"]
    weights, biases = (sum(row[k] for row in vgg16()) for k in (2, 3))
    assert CS231N_FOOTNOTE in text
    assert f"{weights:,} weights with {biases:,} biases" in text
    assert f"{vgg16()[1][2]:,} there" in text
    assert "15,237,608      60.95 MB     58.13 MiB" in text
    assert "138,357,544     553.43 MB    527.79 MiB" in text
    assert "15,470,264,320      15.47 G     308.32 kMAC a pixel" in text
    for word in ("activations", "parameters", "multiply-adds", "receptive field"):
        assert sum(line.startswith(f"{word}: ") for line in text.splitlines()) == 1


def test_the_notes_are_for_the_architecture_and_not_for_a_name(tmp_path: Path) -> None:
    other = card_file(tmp_path, "vgg16", name="painter", classes=10)
    assert CS231N_FOOTNOTE in showing(str(other)).text
    assert "FC-10 " in showing(str(other)).text
    assert "15,237,608" in showing(str(other), 320).text  # of the notes; at 320 it is more
    named = card_file(tmp_path, "house", name="vgg16")
    assert CS231N_FOOTNOTE not in showing(str(named)).text
    for twin in ("vgg19", "vgg16_bn"):
        assert cs231n_words(layer_rows(f"torchvision:{twin}", 1000)[0]) == {}
    rows, _ = layer_rows("torchvision:vgg16", 1000)
    assert len(cs231n_words(rows)) == 21
    for k, words in ((2, {"shape": (65, 224, 224)}), (2, {"kind": "conv 5×5"})):
        assert cs231n_words([*rows[:k], replace(rows[k], **words), *rows[k + 1 :]]) == {}
    no_third = [row for row in rows if not row.name.startswith("classifier.3")]
    assert cs231n_words(no_third) == {}


def test_the_size_is_the_cards_own_or_a_given_one() -> None:
    found = showing("house").data
    first = next(row for row in found["table"] if row["layer"] == "conv1")
    assert found["totals"]["size"] == 96  # of house, whose architecture was made for 224
    assert first["activations"] == 24 * 96 * 96
    assert first["multiply-adds"] == 24 * 96 * 96 * 3 * 5 * 5
    large = showing("house", 160).data
    assert large["table"][0]["shape"] == [3, 160, 160]
    assert next(r for r in large["table"] if r["layer"] == "conv1")["shape"] == [24, 160, 160]
    assert large["totals"]["parameters"] == found["totals"]["parameters"]
    with pytest.raises(NetworkError, match="cannot take pictures of 8 × 8"):
        showing("vgg16", 8)


def test_blocks_say_their_convolutions() -> None:
    rows = {row.name: row.kind for row in layer_rows("judge", 5)[0]}
    assert rows["stage2"] == "block: conv 3×3/2, conv 3×3, conv 1×1/2"
    assert rows["conv1"] == "conv 3×3 + batch norm + relu"


def test_columns_are_straight() -> None:
    text = as_text(*layer_rows("house", 185, 96))
    table = text[: text.index("\n\n")].splitlines()
    assert len({len(line) for line in table}) == 1
    assert len(table) == 1 + 1 + 66  # heading, picture, layers


@pytest.mark.parametrize(
    ("size", "words"),
    [(4000, "4.0 KB"), (401_408, "401 KB"), (12_845_056, "12.8 MB"), (553_430_176, "553 MB")],
)
def test_amounts_are_as_fits(size: int, words: str) -> None:
    assert amount(size) == words


def test_a_cards_file_is_a_name(tmp_path: Path, dreamer) -> None:  # type: ignore[no-untyped-def]
    card_file(tmp_path, "house", name="mine", title="\x1b[2Jmine", classes=["a", "b"])
    shown = dreamer("networks", "show", "mine.json").stdout
    assert "2 classes: a, b" in shown
    assert "title: \\x1b[2Jmine" in shown, "a stranger's words do not command the terminal"
    assert "inception_4c/5x5_reduce" in dreamer("networks", "layers", "mine.json").stdout
    assert layers("house").data == layers(str(tmp_path / "mine.json")).data
    missing = dreamer("networks", "show", "nothing.json", check=False)
    assert missing.returncode == 1
    assert "no file nothing.json" in missing.stderr
    assert dreamer("networks", "show", "house", "--size", "0", check=False).returncode == 2


def test_the_listing_says_sizes_and_licences(no_weights: Path) -> None:
    no_weights.mkdir(parents=True)
    (no_weights / "alexnet-owt-7be5be79.pth").write_bytes(bytes(1_500_000))
    found = listing()
    data = {row["name"]: row for row in found.data}
    assert list(data) == list(card_names())
    assert {"name", "title", "classes", "native", "here", "licence"} < set(data["house"])
    path = weights_path(described("house"))
    assert path is not None
    assert data["house"]["size"] == path.stat().st_size
    assert (data["alexnet"]["here"], data["alexnet"]["size"]) == (True, 1_500_000)
    assert (data["vgg16"]["here"], data["vgg16"]["size"]) == (False, 4 * 138_357_544)
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in found.text.splitlines()}
    assert lines["name"] == "weights size classes licence title"
    assert lines["house"].startswith("here 3.6 MB 185 MIT The house network")
    assert lines["alexnet"].startswith("here 1.5 MB 1000 BSD-3-Clause AlexNet")
    assert lines["vgg16"].startswith("not here about 553.4 MB 1000 BSD-3-Clause VGG16")
    assert lines["inception5h"].startswith("not here about 28.3 MB 1008 not known Inc")
    assert lines["caffenet"].startswith("not here about 243.9 MB 1000 unrestricted use Caf")


@pytest.mark.parametrize("name", ["house", "house-flowers", "judge", "googlenet", "inception-v3"])
def test_cards_know_how_many_parameters_there_are(name: str) -> None:
    card = described(name)
    _, totals = layer_rows(card.architecture, len(card.classes))
    assert card.parameters == totals.parameters


def test_other_classes_are_another_number_of_parameters() -> None:
    assert own_card("vgg16", Weights("random")).parameters == 138_357_544
    assert own_card("vgg16", Weights("random"), Labels(("a", "b"))).parameters == 0


def test_listing_needs_no_torch() -> None:
    code = (
        "import sys\nfrom dreamer.jobs.networks import layers, listing\n"
        "listing(), layers('vgg16')\nsys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_who_looks_for_classes_is_told_above_the_layers_where_they_are() -> None:
    lines = showing("house").text.splitlines()
    above = lines[: lines.index("")]
    assert above[-1] == "classes: 185, by name at the end"
    assert lines[-1].startswith("185 classes: daisy, ")
