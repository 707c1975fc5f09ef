"""What a collage says of itself and its pieces, and what other verbs say of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from collages_made import made, pictures, pixels, written
from PIL import Image
from small_collages import noise

from dreamer.engine import picking
from dreamer.engine.collage_kept import load_kept
from dreamer.engine.collaging import Collaged
from dreamer.engine.scores import BATCH
from dreamer.engine.told import Told
from dreamer.errors import DreamerError
from dreamer.jobs.classify import classify
from dreamer.jobs.collage import collage
from dreamer.jobs.encode import encode
from dreamer.jobs.extend import extend
from dreamer.jobs.plan import plan
from dreamer.jobs.render import render
from dreamer.jobs.resume import resume
from dreamer.jobs.show import show
from dreamer.jobs.verify import verify

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
    first, second = scored.report["said"]
    assert first.startswith("its 5 pieces are ")
    assert " % daisy to house; most of it is ../pics/" in first
    assert " % daisy to house-flowers; most of it is ../pics/" in second
    assert text.endswith(f"{first}\n{second}\n{scored.product}")
    assert str(scored.folder.parent) not in json.dumps(scored.report)


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


def test_other_verbs_name_the_right_one(scored: Collaged, tmp_path: Path) -> None:
    goes_on = f"run `dreamer collage {scored.folder}/recipe.yaml`"
    for verb in (resume, verify, encode, lambda path: extend(path, "2s")):
        with pytest.raises(DreamerError) as refused:
            verb(scored.folder)
        assert goes_on in str(refused.value)
    with pytest.raises(DreamerError, match=f"`dreamer collage {scored.folder}` goes on there"):
        render(scored.folder)
    for wrong in (render, plan):
        with pytest.raises(DreamerError) as refused:
            wrong(scored.product)
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
    (said,) = made(recipe, tmp_path / "out").report["said"]
    assert said.startswith("its only piece is ")
