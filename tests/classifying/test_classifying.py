"""What `classify` finds and prints, held to scores reckoned by hand."""

from __future__ import annotations

import csv
import os
import re
import signal
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from colours import CLASSES, RGB, colour_card, painted
from PIL import Image
from reckoned import SCORES, WARM, as_json, as_text, stems

import dreamer
from dreamer.engine.told import Told
from dreamer.errors import MediaError, UsageError
from dreamer.jobs.classify import classify
from dreamer.media.video import encode_film
from dreamer.networks.cards import Card


def test_scores_are_the_softmax_of_what_is_there(pictures: Path, card: Card) -> None:
    found = as_json(classify([pictures], networks=[card], top=4))
    assert [Path(row["file"]).stem for row in found["files"]] == ["blue", "green", "red", "yellow"]
    for row in found["files"]:
        assert dict(row["labels"]) == pytest.approx(SCORES[Path(row["file"]).stem], abs=2e-6)
        assert [p for _, p in row["labels"]] == sorted((p for _, p in row["labels"]), reverse=True)
    (summary,) = found["summary"]
    mean = {name: np.mean([SCORES[n][name] for n in SCORES]) for name in CLASSES}
    assert summary["things"] == 4
    assert dict(summary["labels"]) == pytest.approx(mean, abs=2e-6)
    assert summary["first_in"] == [1, 1, 1, 1]


def test_a_group_is_the_sum_of_its_classes_and_things_are_sorted_by_it(
    pictures: Path, card: Card
) -> None:
    found = classify([pictures], networks=[card], classes=["blue"], sort="warm")
    assert stems(found) == sorted(RGB, key=lambda name: -WARM[name])
    data = as_json(found)
    assert data["chosen"]["warm"] == {"colours": ["red", "yellow"]}
    for row in data["files"]:
        right = {
            "blue": SCORES[Path(row["file"]).stem]["blue"],
            "warm": WARM[Path(row["file"]).stem],
        }
        assert row["chosen"] == pytest.approx(right, abs=2e-6)
    mean = float(np.mean(list(WARM.values())))
    assert data["summary"][0]["chosen"]["warm"] == pytest.approx(mean, abs=2e-6)


def test_label_images_lines(pictures: Path, card: Card) -> None:
    text = as_text(classify([pictures / "red.png"], networks=[card], top=2))
    assert text.splitlines()[0] == f"{pictures}/red.png:"
    assert text.splitlines()[1] == f"  red (score={SCORES['red']['red']:.5f})"
    assert re.fullmatch(r"Evaluation time \(1-image\): \d+\.\d{3}s", text.splitlines()[-1])
    many = as_text(classify([pictures], networks=[card], top=1))
    assert re.search(r"\n4 pictures on average:\n  green \(score=0\.\d{5}\), first in 1\n", many)


def test_what_is_chosen_is_a_table(pictures: Path, card: Card) -> None:
    found = classify([pictures], networks=[card], sort="warm")
    rows = as_text(found).splitlines()
    assert rows[0].split() == ["warm", "file"]
    assert [float(row.split()[0]) for row in rows[1:5]] == pytest.approx(
        sorted(WARM.values(), reverse=True), abs=1e-5
    )
    with_labels = as_text(classify([pictures / "red.png"], networks=[card], sort="warm", top=1))
    assert with_labels.splitlines()[1:3] == [
        f"  warm (score={WARM['red']:.5f})",
        f"  red (score={SCORES['red']['red']:.5f})",
    ]


def test_several_networks_stand_side_by_side(pictures: Path, card: Card) -> None:
    other = colour_card(("rot", "grün", "blue", "gelb"), (), "farben")
    found = classify(
        [pictures],
        networks=[card, other],
        classes=["blue", "warm"],
    )
    rows = as_text(found).splitlines()
    assert re.split(r"  +", rows[0].strip()) == [
        "colours: blue",
        "colours: warm",
        "farben: blue",
        "file",
    ]
    data = as_json(found)
    assert [row["network"] for row in data["files"]] == ["colours", "farben"] * 4
    assert set(data["files"][1]["chosen"]) == {"blue"}
    assert [s["network"] for s in data["summary"]] == ["colours", "farben"]


def test_a_film_is_the_mean_of_its_frames(film: Path, card: Card) -> None:
    found = classify([film], networks=[card], classes=["blue"], every="2", top=4)
    (row,) = as_json(found)["files"]
    right = {n: (4 * SCORES["red"][n] + 2 * SCORES["blue"][n]) / 6 for n in CLASSES}
    assert dict(row["labels"]) == pytest.approx(right, abs=0.02)  # the film's colours are rounded
    assert list(row["frames"]) == ["0", "2", "4", "6", "8", "10"]
    assert [ranking[0][0] for ranking in row["frames"].values()] == ["red"] * 4 + ["blue"] * 2
    assert row["chosen_frames"]["blue"][4] == pytest.approx(SCORES["blue"]["blue"], abs=0.02)
    assert ", the mean of 6 frames 0.5 seconds apart:" in as_text(found)
    assert "mean of 3 frames a second apart" in as_text(classify([film], networks=[card]))


@pytest.mark.parametrize("every", ["0", "0s", "50%", "often", "1.5", "end"])
def test_frames_cannot_be_that_far_apart(film: Path, card: Card, every: str) -> None:
    with pytest.raises(UsageError, match=r"^--every: expected"):
        classify([film], networks=[card], every=every)


def test_what_is_broken_is_told_and_passed_over(pictures: Path, film: Path, card: Card) -> None:
    (pictures / "green.png").write_bytes(b"<!DOCTYPE html>")
    film.write_bytes(film.read_bytes()[:-1500])
    found = classify([pictures, film], networks=[card], table=pictures / "t.csv")
    assert stems(found) == ["blue", "red", "yellow"]
    assert set(found.failed) == {str(pictures / "green.png"), str(film)}
    assert f"{pictures}/green.png: not read: " in as_text(found)
    assert as_json(found)["summary"][0]["things"] == 3
    rows = list(csv.DictReader((pictures / "t.csv").read_text().splitlines()))
    assert [bool(row["problem"]) for row in rows] == [False] * 3 + [True] * 2


def test_the_table_has_a_row_for_each_thing_and_network(
    pictures: Path, film: Path, card: Card
) -> None:
    other = colour_card(name="others")
    table = pictures / "scores.csv"
    classify([pictures, film], networks=[card, other], classes=["warm"], table=table, top=2)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == 10
    red = rows[4]
    assert (Path(red["file"]).stem, red["network"], red["frames"]) == ("red", "colours", "")
    assert float(red["warm"]) == pytest.approx(WARM["red"], abs=2e-6)
    assert (red["label_1"], red["label_2"]) == ("red", "yellow")
    assert rows[-1]["frames"] == "3"


def test_names_that_are_no_text_are_written_out(tmp_path: Path, card: Card) -> None:
    folder = tmp_path / "odd"
    painted(folder / "red.png", RGB["red"])
    (folder / "red.png").rename(os.fsdecode(os.fsencode(folder) + b"/r\xffd\n.png"))
    found = classify([folder], networks=[card], table=folder / "t.csv")
    assert "r\\udcffd" in as_text(found).encode().decode()
    assert "r\\udcffd\n" in as_json(found)["files"][0]["file"]
    assert "r\\udcffd" in (folder / "t.csv").read_text()


def test_a_signal_ends_it_with_what_was_scored(pictures: Path, card: Card) -> None:
    for k in range(60):
        os.link(pictures / "red.png", pictures / f"z{k:02d}.png")
    table = pictures.parent / "t.csv"
    handler = signal.getsignal(signal.SIGINT)

    def ask(told: Told) -> None:
        if told.done == 16:
            os.kill(os.getpid(), signal.SIGINT)

    found = classify([pictures], networks=[card], table=table, watch=ask)
    assert found.stopped == signal.SIGINT
    assert 16 <= len(found.things) < 40
    assert len(table.read_text().splitlines()) == len(found.things) + 1
    assert as_json(found)["stopped"] is True
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_film_that_is_stopped_has_the_scores_of_its_beginning(film: Path, card: Card) -> None:
    def ask(told: Told) -> None:
        if told.done == 16:
            os.kill(os.getpid(), signal.SIGINT)

    red = film.parent / "frames" / "red.png"
    encode_film([red] * 90, film, Fraction(4), crf=40, preset="ultrafast")
    found = classify([film], networks=[card], every="1", watch=ask)
    (thing,) = found.things
    assert thing.partial
    assert thing.seen[0].frames is not None
    assert 16 <= len(thing.seen[0].frames.numbers) < 90
    assert "stopped before its end" in as_text(found)


def test_a_notebook_asks_for_classes_of_arrays_files_and_films(
    pictures: Path, film: Path, card: Card
) -> None:
    array = np.asarray(Image.open(pictures / "red.png"))
    for one in (array, pictures / "red.png", str(pictures / "red.png")):
        ((name, score),) = dreamer.classify(one, card, classes=["warm"])
        assert name == "warm"
        assert score == pytest.approx(WARM["red"], abs=2e-6)
    assert dreamer.classify(film, card, top=1)[0][0] == "red"
    with pytest.raises(UsageError, match=r"holds several pictures; dreamer.classify_files takes"):
        dreamer.classify(pictures, card)
    with pytest.raises(MediaError, match=r"no such file"):
        dreamer.classify(pictures / "no.png", card)
    found = dreamer.classify_files(str(pictures), networks=[card], sort="blue")
    assert stems(found)[0] == "blue"


def test_a_network_without_classes_is_refused(pictures: Path, card: Card) -> None:
    with pytest.raises(UsageError, match=r"--network: colours has no classes to score"):
        classify([pictures], networks=[replace(card, classes=())])
