"""What a collage says of itself and its pieces, and what other verbs say of it."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from collages_made import made, pictures, pixels, written
from PIL import Image, ImageFont
from small_collages import noise, truncated

from dreamer.engine import picking
from dreamer.engine.collage_kept import load_kept
from dreamer.engine.collaged import Collaged
from dreamer.engine.scores import BATCH
from dreamer.engine.told import Told
from dreamer.errors import DreamerError
from dreamer.jobs.classify import classify
from dreamer.jobs.collage import collage
from dreamer.jobs.render import render
from dreamer.jobs.show import show

TOP = "classify: {networks: [house, house-flowers], top: 3}"


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Collaged:
    home = tmp_path_factory.mktemp("scored")
    recipe = written(pictures(home / "pics", 5), "layout: spiral\nclass: daisy", TOP)
    return made(recipe, home / "out")


def test_scores_are_those_that_classify_sees(scored: Collaged, tmp_path: Path) -> None:
    networks = ["house", "house-flowers"]
    said = json.loads((scored.folder / "scores.json").read_text())
    assert list(said) == networks
    (whole,) = classify([scored.folder], networks=networks, top=3).things
    for seen, network in zip(whole.seen, networks, strict=True):
        assert [list(pair) for pair in seen.labels] == said[network]["after"]
    pics = scored.folder.parent / "pics"
    classify([pics], networks=networks, classes=["daisy"], top=3, table=tmp_path / "t.csv")
    expected = (tmp_path / "t.csv").read_text().replace(str(pics), "../pics")
    assert (scored.folder / "pieces.csv").read_text() == expected


def test_the_mean_over_pieces_is_the_mean(scored: Collaged) -> None:
    """By classify, one piece after the other."""
    said = json.loads((scored.folder / "scores.json").read_text())["house"]["before"]
    label, mean = said[0]
    each = []
    for path in sorted((scored.folder.parent / "pics").iterdir()):
        (thing,) = classify([path], networks=["house"], classes=[label], top=1).things
        each.append(thing.seen[0].chosen[0])
    assert sum(each) / len(each) == pytest.approx(mean, abs=2e-6)


def test_it_says_how_much_of_it_is_what(scored: Collaged) -> None:
    text = scored.as_text()
    assert "house sees in the whole:" in text
    assert "house sees in its pieces, on average:" in text
    *_, first, second, product = text.splitlines()
    assert product == str(scored.product)
    said = r"its 5 pieces are [\d.]+ % daisy to NETWORK, and the whole is [\d.]+ %; most of it is "
    for line, network in ((first, "house"), (second, "house-flowers")):
        found = re.fullmatch(said.replace("NETWORK", network) + r"(\S+) \([\d.]+\)", line)
        assert found, line
        assert Path(found[1]).samefile(scored.folder / one_share(scored, network)["most"])
    assert str(scored.folder.parent) not in json.dumps(scored.report)


def one_share(of: Collaged, network: str) -> dict[str, Any]:
    (share,) = (one for one in of.report["shares"] if one["network"] == network)
    return share


def test_how_much_of_the_whole_is_what_classify_says(scored: Collaged) -> None:
    networks = ["house", "house-flowers"]
    (whole,) = classify([scored.folder], networks=networks, classes=["daisy"]).things
    said = json.loads((scored.folder / "scores.json").read_text())
    for seen, network in zip(whole.seen, networks, strict=True):
        assert said[network]["chosen"]["daisy"]["after"] == seen.chosen[0]
        assert one_share(scored, network)["whole"] == seen.chosen[0]


def test_the_file_is_named_as_it_is_reached_from_here(
    scored: Collaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(scored.folder.parent)
    assert "; most of it is pics/" in scored.as_text()
    monkeypatch.chdir(scored.folder)
    assert "; most of it is ../pics/" in scored.as_text()


def test_what_does_not_lie_is_not_spoken_of(tmp_path: Path) -> None:
    """Of seven pictures a scatter lays three."""
    folder = pictures(tmp_path / "pics", 7)
    said = "class: daisy\nlayout: {scatter: {count: 3}}"
    found = made(written(folder, said, "classify: {top: 200}"), tmp_path / "out")
    layout = json.loads((found.folder / "layout.json").read_text())
    names = {layout["pieces"][one["piece"]]["file"] for one in layout["placements"]}
    assert len(names) == 3
    with (found.folder / "pieces.csv").open() as file:
        table = {row["file"]: float(row["daisy"]) for row in csv.DictReader(file)}
    assert set(table) == names
    before = dict(found.scores["house"]["before"])["daisy"]
    assert before == pytest.approx(sum(table.values()) / 3, abs=2e-6)
    assert one_share(found, "house")["pieces"] == pytest.approx(before, abs=2e-6)
    assert (found.report["pieces"], found.report["not_laid"]) == (3, 4)
    text = found.as_text()
    assert "its 3 pieces are " in text
    assert "of 7 pictures 4 are not laid" in text


def test_a_class_that_is_all_a_network_knows_says_nothing(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics", 3), "class: flowers", TOP)
    found = made(recipe, tmp_path / "out")
    assert [one["network"] for one in found.report["shares"]] == ["house"]
    assert "house-flowers knows nothing but flowers" in found.as_text()
    assert found.scores["house-flowers"]["chosen"] == {}
    alone = "class: flowers\nnetwork: house-flowers"
    told = made(written(tmp_path / "pics", alone, "classify: {top: 1}", "a"), tmp_path / "alone")
    assert not told.report["shares"]
    assert "100 %" not in told.as_text()
    with pytest.raises(DreamerError, match=r"collage.class: flowers is all that house-flowers kn"):
        made(written(tmp_path / "pics", f"{alone}\nsort: score", name="s"), tmp_path / "sorted")


def test_scores_may_be_off_and_pieces_scored_all_the_same(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pics", 4)
    found = made(written(folder), tmp_path / "off")
    assert not found.scores
    assert not list(found.folder.glob("scores.*"))
    assert not (found.folder / "pieces.csv").exists()
    sorted_by = made(written(folder, "sort: score\nclass: daisy", name="s"), tmp_path / "sorted")
    assert not sorted_by.scores
    assert (sorted_by.folder / "pieces.csv").is_file()


def test_the_best_come_first(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pics", 6)
    recipe = written(
        folder, "sort: score\nclass: daisy\nlimit: 3\ncaptions: score\nlayout: contact"
    )
    found = made(recipe, tmp_path / "out")
    share = {}
    for path in folder.iterdir():
        (thing,) = classify([path], networks=["house"], classes=["daisy"], top=1).things
        share[path.name] = thing.seen[0].chosen[0]
    best = sorted(share, key=lambda name: -share[name])[:3]
    layout = json.loads((found.folder / "layout.json").read_text())
    assert [Path(piece["file"]).name for piece in layout["pieces"]] == best
    captions = [one["caption"] for one in layout["placements"]]
    assert captions == [f"daisy {100 * share[name]:.0f} %" for name in best]


def test_classify_takes_the_folder_as_one_thing(scored: Collaged) -> None:
    (thing,) = classify([scored.folder], networks=["house"]).things
    assert thing.subject.file == str(scored.product)


def test_show_shows_the_recipe_of_folder_and_picture(scored: Collaged) -> None:
    text = (scored.folder / "recipe.yaml").read_text()
    assert show(scored.folder)["dreamer:recipe"] == text
    inside = show(scored.product)["dreamer:recipe"]
    assert inside == text.replace("files: '../pics'", "files: pics"), "it says nothing of places"


def test_what_was_seen_is_kept_while_more_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picking, "OFTEN", 0.0)
    monkeypatch.setattr(picking, "PART", 0)
    for k in range(2 * BATCH + 1):
        noise(tmp_path / "pics" / f"{k}.png", k, (4, 4))
    known = []

    def watch(told: Told) -> None:
        if told.what == "picture":
            known.append(len(load_kept(tmp_path / "out" / "state" / "seen.json").looks))

    recipe = written(tmp_path / "pics", "sort: lightness")
    collage([recipe], out=tmp_path / "out", watch=watch)
    assert known == [0, BATCH, 2 * BATCH], "a batch behind, however it ends"


def test_a_limit_bounds_what_is_looked_at(tmp_path: Path) -> None:
    """And one that cannot be read makes room for the next."""
    for k in range(9):
        noise(tmp_path / "pics" / f"{k}.png", k)
    truncated(tmp_path / "pics" / "7.png")
    looked = []

    def watch(told: Told) -> None:
        if told.what == "picture":
            looked.append((told.done, told.of))

    recipe = written(tmp_path / "pics", "limit: 3\nsort: {by: name, reverse: true}")
    found = collage([recipe], out=tmp_path / "out", watch=watch)
    layout = json.loads((found.folder / "layout.json").read_text())
    assert [piece["file"][-5:] for piece in layout["pieces"]] == ["8.png", "6.png", "5.png"]
    assert looked[-1] == (1, 1), "three, and one more"
    assert len(load_kept(tmp_path / "out" / "state" / "seen.json").looks) == 3
    every = written(tmp_path / "pics", "limit: 3\nsort: lightness", name="d")
    found = collage([every], out=tmp_path / "every")
    assert len(load_kept(tmp_path / "every" / "state" / "seen.json").looks) == 8


def test_what_changes_nothing_is_told_and_nobody_looks_for_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = pictures(tmp_path / "pics", 3)
    made(written(folder, "crop: saliency\nlayout: scatter"), tmp_path / "out")
    assert "c.yaml:6: collage.crop: changes nothing: this scatter shows all" in caplog.text
    assert not load_kept(tmp_path / "out" / "state" / "seen.json").focus
    caplog.clear()
    made(written(folder, "crop: saliency\nlayout: grid", name="d"), tmp_path / "seen")
    assert "changes nothing" not in caplog.text
    assert load_kept(tmp_path / "seen" / "state" / "seen.json").focus


def test_a_title_is_the_picture_s(tmp_path: Path) -> None:
    noise(tmp_path / "pics" / "a.png")
    found = made(written(tmp_path / "pics", "", "title: Große Hänge"), tmp_path / "out")
    with Image.open(found.product) as picture:
        assert picture.info["Title"] == "Große Hänge"


def test_render_names_the_right_verb(scored: Collaged) -> None:
    with pytest.raises(DreamerError, match=f"`dreamer collage {scored.folder}` goes on there"):
        render(scored.folder)
    with pytest.raises(DreamerError) as refused:
        render(scored.product)
    assert f"run `dreamer collage {scored.product}`" in str(refused.value)


def test_a_picture_s_recipe_takes_what_lies_beside_it(scored: Collaged, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    pictures(moved / "mine", 3)
    shutil.copy(scored.product, moved / "c.png")
    with pytest.raises(DreamerError, match="no such"):
        collage([moved / "c.png"], out=tmp_path / "out")
    found = collage(
        [moved / "c.png"],
        overrides=[f"collage.pictures={moved / 'mine'}", "classify=off"],
        out=tmp_path / "out",
    )
    assert found.report["pieces"] == 3
    shutil.copytree(scored.folder.parent / "pics", moved / "pics")
    again = collage([moved / "c.png"], out=tmp_path / "again")
    assert pixels(again.product).tobytes() == pixels(scored.product).tobytes()


def test_one_picture_is_no_plural(tmp_path: Path) -> None:
    noise(tmp_path / "pics" / "a.png")
    recipe = written(tmp_path / "pics", "class: daisy", "classify: {top: 1}")
    assert "\nits only piece is " in made(recipe, tmp_path / "out").as_text()


def test_captions_have_the_font_that_is_said(tmp_path: Path) -> None:
    """It travels with layout.json, and one that is not there is told of before any work."""
    folder = pictures(tmp_path / "pics", 3)
    (tmp_path / "f.ttf").write_bytes(ImageFont.load_default(10).path.getvalue())
    plain = made(written(folder, "layout: contact\ncaptions: name", name="p"), tmp_path / "p")
    recipe = written(folder, "layout: contact\ncaptions: name\nfont: f.ttf")
    found = made(recipe, tmp_path / "out")
    assert (pixels(found.product) != pixels(plain.product)).any()
    again = collage([found.folder / "layout.json"], size="120x90", out=tmp_path / "again")
    assert pixels(again.product).tobytes() == pixels(found.product).tobytes()
    (tmp_path / "f.ttf").write_text("no letters")
    for lost in (recipe, found.folder / "layout.json"):
        with pytest.raises(DreamerError, match="is no font that can be read"):
            collage([lost], out=tmp_path / "lost")
    assert not (tmp_path / "lost").exists()


def test_distances_that_cannot_be_kept_are_told_once(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pics", 9)
    once = "{size: 0.4, apart: 1.2}"
    found = made(written(folder, f"layout: {{scatter: {once}}}"), tmp_path / "out")
    (said,) = found.report["said"]
    told = r"(\d) of 9 pieces have no room 1.2 apart .* the closest two (0\.\d+) apart; fewer"
    count, apart = re.match(told, said).groups()
    assert 1 <= int(count) < 9
    assert float(apart) < 1.2
    passes = written(folder, f"layout: {{scatter: {{passes: [{{count: 2}}, {once}]}}}}", name="p")
    (said,) = made(passes, tmp_path / "passes").report["said"]
    assert " of 9 pieces of pass 2 have no room" in said
    for roomy in ("scatter", "{scatter: {size: 0.1, apart: 0.5}}"):  # nobody said, or there is
        recipe = written(folder, f"layout: {roomy}", name="r")
        assert not made(recipe, tmp_path / roomy.strip("{}:. ")[:8]).report["said"]


def test_without_a_height_a_mosaic_has_its_target_s_shape(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pics", 9)
    recipe = written(folder, "layout: {mosaic: {target: target.png, columns: 9}}", "size: 100")
    found = made(recipe, tmp_path / "out")
    with Image.open(tmp_path / "target.png") as target:
        assert target.size == (32, 24)
    assert found.report["size"] == [100, 75]
