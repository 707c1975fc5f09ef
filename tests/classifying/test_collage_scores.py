"""Scores of a collage's pieces are classify's, asked for once."""

from __future__ import annotations

import json
import logging
import re
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from colours import RGB, by_hand, colour_card, painted
from small_collages import parsed, truncated

from dreamer.engine.choosing import chosen
from dreamer.engine.collage_inputs import found_pieces
from dreamer.engine.collage_kept import Kept, key_of, load_kept, save_kept
from dreamer.engine.collage_looks import look_over
from dreamer.engine.collage_scores import Scores, judging, score
from dreamer.engine.execution import decide
from dreamer.engine.seen_words import json_pieces, lines
from dreamer.engine.stopping import Stop
from dreamer.errors import RecipeError
from dreamer.jobs.classify import classify
from dreamer.networks.cards import Card
from dreamer.recipe.collage_recipe import ParsedCollage

HERE = decide("cpu", "float32")


def collage(folder: Path, more: str = "class: red", top: str = "") -> ParsedCollage:
    return parsed(folder, "pictures", f"network: colours\n{more}", top)


def scored(recipe: ParsedCollage, card: Card, kept: Kept | None = None) -> Scores:
    judges = judging(recipe, {card.name: card})
    kept = kept or Kept()
    assert score(found_pieces(recipe).entries, judges, kept, HERE) == {}
    return Scores(judges, kept)


def test_a_piece_s_score_is_the_network_s(tmp_path: Path, pictures: Path, card: Card) -> None:
    recipe = collage(tmp_path, "class: red\nonly: [{class: red+yellow, above: 0.1}]")
    scores, entries = scored(recipe, card), found_pieces(recipe).entries
    for entry, reds, warm in zip(
        entries, scores.of(entries, "red"), scores.of(entries, "red+yellow"), strict=True
    ):
        row = by_hand(RGB[entry.file.stem])
        assert (reds, warm) == pytest.approx((row[0], row[0] + row[3]), abs=1e-5)


def test_the_table_is_what_classify_says(tmp_path: Path, pictures: Path, card: Card) -> None:
    recipe = collage(tmp_path, "class: warm")
    scores, entries = scored(recipe, card), found_pieces(recipe).entries
    table = scores.table(entries, 3)
    whole = classify([e.file for e in entries], networks=[card], top=3, classes=["warm"])
    assert table.summaries == whole.summaries
    assert table.chosen == whole.chosen
    assert [t.seen[0].labels for t in table.things] == [t.seen[0].labels for t in whole.things]
    assert [t.seen[0].chosen for t in table.things] == [t.seen[0].chosen for t in whole.things]


def test_scores_decide_what_stays_and_its_order(tmp_path: Path, pictures: Path, card: Card) -> None:
    more = "sort: {by: score, class: green}\nonly: {class: blue, below: 0.5}\nclass: red"
    recipe = collage(tmp_path, more)
    scores = scored(recipe, card)
    entries = found_pieces(recipe).entries
    kept = chosen(entries, recipe, lambda entry: pytest.fail("no colours"), scores)
    wanted = sorted(("green", "red", "yellow"), key=lambda name: -by_hand(RGB[name])[1])
    assert [entry.file.stem for entry in kept] == wanted


def test_what_is_known_is_not_scored_again_whatever_is_asked(
    tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = parsed(tmp_path, "pictures", "class: daisy")
    judges, kept = judging(recipe), Kept()
    entries = found_pieces(recipe).entries
    counts: list[int] = []
    score(entries, judges, kept, HERE, on_looks=counts.append)
    assert counts[-1] == len(entries) == 4
    save_kept(tmp_path / "kept.json", kept)
    again = load_kept(tmp_path / "kept.json")
    other = parsed(tmp_path, "pictures", "class: roses+tulips\nsort: score")
    monkeypatch.setattr("dreamer.engine.collage_scores.scored", lambda *args: 1 / 0)
    assert score(entries, judging(other), again, HERE) == {}
    before, after = Scores(judges, kept), Scores(judging(other), again)
    assert (before.rows(0, entries) == after.rows(0, entries)).all()
    painted(pictures / "new.png", (9, 9, 99))
    with pytest.raises(ZeroDivisionError):
        score(found_pieces(other).entries, judging(other), again, HERE)


def test_another_network_is_never_taken_for_this_one(card: Card) -> None:
    house = replace(card, weights=replace(card.weights, kind="random", seed=1))
    assert key_of(house) == key_of(replace(house, name="renamed"))
    changes = {
        "mean": (0.5, 0, 0),
        "native": 32,
        "fit": "centre",
        "classes": ("a",),
        "order": "BGR",
    }
    keys = {key_of(replace(house, **{key: value})) for key, value in changes.items()}
    keys |= {key_of(house), key_of(card), key_of(colour_card())}
    assert len(keys) == len(changes) + 3


def test_a_row_of_another_length_is_scored_anew(tmp_path: Path, pictures: Path, card: Card) -> None:
    recipe = collage(tmp_path)
    entries = found_pieces(recipe).entries
    kept = Kept(rows={key_of(card): {entry.sha256: np.zeros(3, np.float32) for entry in entries}})
    assert scored(recipe, card, kept).rows(0, entries).sum(1) == pytest.approx(1)


def test_broken_pictures_are_told_and_the_others_scored(
    tmp_path: Path, pictures: Path, card: Card, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    broken = truncated(pictures / "broken.png")
    recipe = collage(tmp_path)
    entries = found_pieces(recipe).entries
    kept = Kept()
    failed = score(entries, judging(recipe, {"colours": card}), kept, HERE)
    assert list(failed) == [str(broken)]
    assert failed == look_over(entries, Kept(), None, HERE)
    assert len(kept.rows[key_of(card)]) == 4


def test_who_asks_to_stop_keeps_what_was_scored(tmp_path: Path, pictures: Path, card: Card) -> None:
    recipe, kept, stop = collage(tmp_path), Kept(), Stop()
    stop.ask(signal.SIGINT)
    entries = found_pieces(recipe).entries
    score(entries, judging(recipe, {"colours": card}), kept, HERE, stop)
    assert 0 < len(kept.rows[key_of(card)]) < 4
    assert scored(recipe, card, kept).rows(0, entries).shape == (4, 4)


def test_networks_are_asked_once_and_the_deciding_one_first(tmp_path: Path, card: Card) -> None:
    other = colour_card(classes=("black", "red", "c", "d"), groups=("", "", "", ""), name="other")
    given = {"colours": card, "other": other}

    def names(more: str, top: str) -> list[str]:
        return [one.name for one in judging(collage(tmp_path, more, top), given).cards]

    both = "classify: {networks: [other, colours]}"
    assert names("", "") == ["colours"]
    assert names("", both) == ["other", "colours"]
    assert names("class: red", both) == ["colours", "other"]
    assert names("", "classify: off") == names("class: red", "classify: off") == []
    assert names("class: red\nsort: score", "classify: off") == ["colours"]
    judges = judging(collage(tmp_path, "class: yellow\nonly: {class: red, above: 0}", both), given)
    assert judges.chosen["yellow"].numbers == ((3,), None)
    assert judges.chosen["red"].numbers == ((0,), (1,))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "class: rde",
            "c.yaml:5: collage.class: colours has no class or group 'rde'; did you mean",
        ),
        ("class: red\nonly: {class: blew, above: 0}", "collage.only.class: colours has no class"),
        ("class: red\nsort: {by: score, class: '='}", "collage.sort.class: expected the name of a"),
        ("network: hause", "c.yaml:4: collage.network: no network 'hause'"),
        ("network: {weights: x.pth}", "collage.network: no weights at"),
        ("", "c.yaml:1: classify.networks.1: no network 'hause'"),
    ],
)
def test_what_no_network_knows_is_refused(
    tmp_path: Path, card: Card, more: str, message: str
) -> None:
    network = "" if more.startswith("network") else "network: colours\n"
    top = "" if more else "classify: {networks: [colours, hause]}"
    recipe = parsed(tmp_path, "pictures", f"{network}{more}", top)
    with pytest.raises(RecipeError, match=re.escape(message)):
        judging(recipe, {"colours": card})


def test_a_table_is_told_as_classify_s(tmp_path: Path, pictures: Path, card: Card) -> None:
    recipe = collage(tmp_path, "class: red")
    table = scored(recipe, card).table(found_pieces(recipe).entries, 2)
    assert len(json.loads("".join(json_pieces(table)))) >= 1
    text = "\n".join(lines(table))
    mean = np.mean([by_hand(rgb)[0] for rgb in RGB.values()])
    assert f"{mean:.4f}" in text or f"{mean:.5f}" in text, text
