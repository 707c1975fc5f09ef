"""Pages as text: what they may do, whom they name, where their links lead."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from made_items import picture, render
from small_gallery import NASTY, page_of

from dreamer.draw.site.item_page import _code, below
from dreamer.draw.site.policy import data
from dreamer.jobs.gallery import gallery

VOID = {"meta", "img", "input", "br"}


class Read(HTMLParser):
    """A page's elements, and the texts of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if self.open and self.open[-1] in self.texts:
            self.texts[self.open[-1]].append(text)

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def pages(site: Path) -> dict[Path, Read]:
    return {path: Read(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def test_every_page_obeys_its_own_style_and_script_and_nothing_else(site: Path) -> None:
    for path, page in pages(site).items():
        assert page.open == [], path
        (policy,) = [m["content"] for m in page.of("meta") if "http-equiv" in m]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["default-src"] == "'none'"
        assert "unsafe" not in policy
        assert "http" not in policy
        for kind in ("style", "script"):
            hashes = {
                f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
                for text, said in zip(page.texts[kind], page.of(kind), strict=True)
                if said.get("type") != "application/json"
            }
            assert hashes == {rules[f"{kind}-src"]}, path
        for _, attributes in page.elements:
            assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_every_link_leads_to_a_file_of_the_gallery(site: Path) -> None:
    found = 0
    for path, page in pages(site).items():
        for _, attributes in page.elements:
            for name in ("href", "src", "poster"):
                address = attributes.get(name)
                if not address or address.startswith("#"):
                    continue
                split = urlsplit(address)
                assert (split.scheme, split.netloc) == ("", ""), address
                target = (path.parent / unquote(split.path)).resolve()
                assert target.is_file(), (path, address)
                assert target.is_relative_to(site.resolve()), (path, address)
                found += 1
    assert found > 100


def test_nothing_is_said_to_the_world_outside(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"(?:https?|wss?)://|url\(|@import|fetch\(|XMLHttp", text), path
        assert "/home/somebody" not in text, "the folders of a machine are nobody's business"
        assert str(site.parent) not in text


def test_every_item_says_what_it_is_and_how_it_was_made(site: Path) -> None:
    text = page_of(site, "City of domes").read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", text, flags=re.S).split())
    for said in (
        "A picture of dome outer and bell tower, as house sees them, dreamt from plasma noise.",
        "cloud 38 % &lt; 5.0 %",
        "dome_outer &lt; 5.0 % 91 %",
        "bell_tower &lt; 5.0 % 5.0 %",
        "&lt;: not among the likeliest, which alone were written down.",
        "Typed in the folder of this gallery.",
        "seed 3",
        "networks house",
        "time 4.25 s",
        "speed 0.125 megapixel steps a second",
        "device CPU (AVX512), float32",
        "lies in renders/domes",
        "First made by dreamer render dream.yaml --out …/dream",
        "Made of it A heap part of",
    ):
        assert said in words, said
    heap = page_of(site, "A heap").read_text(encoding="utf-8")
    assert "is made of a picture that is not in this gallery" in heap
    key = page_of(site, "City of domes").stem
    assert f"dreamer render recipes/{key}.yaml" in text
    recipe = (site / "recipes" / f"{key}.yaml").read_text(encoding="utf-8")
    assert recipe.startswith("title: City of domes\n")


@pytest.mark.parametrize(
    ("least", "words"),
    [
        (None, "–"),  # nothing was written down
        (1.0, "–"),
        (0.0, "< 0.1 %"),
        (0.0004, "< 0.1 %"),
        (0.02, "< 2.0 %"),
        (0.0201, "< 2.1 %"),  # never less than it may be
        (0.0989, "< 10 %"),
        (0.1449, "< 15 %"),
    ],
)
def test_what_was_not_written_down_is_below_the_least_that_was(
    least: float | None, words: str
) -> None:
    assert below(least) == words


def test_what_a_queue_made_is_made_again_by_its_recipe(tmp_path: Path) -> None:
    for name, command in (("a", "dreamer batch run"), ("b", "dreamer render x.yaml")):
        folder = tmp_path / "in" / name
        render(folder, "seed: 1\n", name=name)
        said = json.loads((folder / "provenance.json").read_text()) | {"command": command}
        (folder / "provenance.json").write_text(json.dumps(said))
    gallery([tmp_path / "in"], tmp_path / "site")
    queued, typed = (page_of(tmp_path / "site", name).read_text() for name in "ab")
    assert "dreamer render recipes/a-" in queued
    assert "First made by" not in queued
    assert "First made by <code>dreamer render x.yaml</code>" in typed


def test_a_film_that_has_no_report_tells_its_length_itself(site: Path) -> None:
    told = page_of(site, "All of them").read_text(encoding="utf-8")
    assert "<dt>length</dt><dd>6 frames, 1 s at 6 a second</dd>" in told


def test_commands_are_those_of_the_kind(site: Path) -> None:
    for title, command in (
        ("A heap", "dreamer collage recipes/"),
        ("All of them", "dreamer compile recipes/"),
        ("What house sees", "dreamer atlas house"),
        ("A meadow", "dreamer render recipes/"),
    ):
        assert command in page_of(site, title).read_text(encoding="utf-8"), title


def test_only_what_is_made_by_chance_has_a_seed(site: Path) -> None:
    for title, many in (("City of domes", 1), ("A heap", 1), ("All of them", 0)):
        assert page_of(site, title).read_text(encoding="utf-8").count("<dt>seed</dt>") == many


def test_a_film_has_its_film_and_a_poster_and_an_atlas_all_sheets(site: Path) -> None:
    film = Read(page_of(site, "A meadow").read_text(encoding="utf-8"))
    (video,) = film.of("video")
    assert video["src"].endswith(".mp4")
    assert video["poster"].endswith(".jpg")
    assert video["preload"] == "metadata"
    compiled = Read(page_of(site, "All of them").read_text(encoding="utf-8"))
    assert len(compiled.of("video")) == 1
    sheets = Read(page_of(site, "What house sees").read_text(encoding="utf-8"))
    assert len([i for i in sheets.of("img") if i["src"].startswith("../pictures")]) == 2


def test_neighbours_of_a_sweep_are_shown_with_what_differs(site: Path) -> None:
    text = page_of(site, "target inception_3b, steps 8").read_text(encoding="utf-8")
    assert text.count('class="diff"') == 3
    assert "<del>16</del></td><td><ins>8</ins>" in text
    assert "<del>inception_4c</del></td><td><ins>inception_3b</ins>" in text


def test_whatever_strangers_write_stays_text(tmp_path: Path) -> None:
    said = json.dumps(NASTY)
    recipe = f"title: {said}\nseed: 1\nnetwork: {said}\ntarget: [{{class: {said}}}, {said}]\n"
    recipe += f"source: {{image: {said}}}\nvars: {{{said}: {said}}}\n"
    sweep = {"name": NASTY, "sha256": "s", "index": 0, "coordinates": {NASTY: NASTY}}
    scores = {NASTY: {"before": [[NASTY, 0.5]], "after": [[NASTY, 0.25]], "frames": {}}}
    for k in range(2):
        coordinates = {"coordinates": {NASTY: NASTY + str(k)}, "index": k}
        render(
            tmp_path / "in" / f"{k}", recipe, name="<b>&'\"", sweep=sweep | coordinates,
            scores=scores, seed=k,
        )  # fmt: skip
    gallery([tmp_path / "in"], tmp_path / "site", title=NASTY)
    for path, page in pages(tmp_path / "site").items():
        scripts = [one for one in page.of("script") if one.get("type") != "application/json"]
        assert len(scripts) == 1, path
        assert not [i for i in page.of("img") if i.get("src") == "x"], path
        assert not page.of("b") or all("class" in b for b in page.of("b")), path
    index = Read((tmp_path / "site" / "index.html").read_text(encoding="utf-8"))
    told = json.loads(index.texts["script"][0])
    assert told["items"][0]["classes"] == [NASTY]
    assert [name for _, name, _ in told["sweeps"]] == [NASTY]
    assert told["sweeps"][0][2] == [[NASTY, [f"{NASTY}0", f"{NASTY}1"]]]


def test_data_ends_no_element() -> None:
    value = {"a": "</script><!--", "b": "\u2028 & <script>", "c": "ä"}
    text = data("x", value)
    inside = text.removeprefix('<script type="application/json" id="x">').removesuffix(
        "</script>\n"
    )
    assert json.loads(inside) == value
    assert "<" not in inside


@pytest.mark.parametrize(
    "spoilt",
    [
        {"index": "x", "coordinates": {}},
        {"name": 5, "sha256": 7, "coordinates": {"a": [1, {"b": None}]}},
        {"coordinates": [1]},
        "text",
        None,
    ],
)
def test_provenance_that_says_odd_things_is_no_end(tmp_path: Path, spoilt: object) -> None:
    folder = tmp_path / "in" / "r"
    render(folder, "size: 5\nfps: 0\nlength: x\n")
    said = json.loads((folder / "provenance.json").read_text())
    odd = {"sweep": spoilt, "sources": spoilt, "weights": spoilt, "versions": [1]}
    odd |= {"command": "dreamer 'unclosed", "parent_sha256": 3}
    (folder / "provenance.json").write_text(json.dumps(said | odd))
    scores = {"a": {"before": "x", "after": [["l", "m"], ["n"], ["o", 7], ["p", None]]}, "b": 3}
    (folder / "scores.json").write_text(json.dumps(scores))
    report = {"frames": "many", "seconds": -1, "execution": "slow", "pieces": []}
    (folder / "report.json").write_text(json.dumps(report))
    assert gallery([tmp_path / "in"], tmp_path / "site").built.items == 1


def test_a_film_that_no_browser_plays_is_shown_by_its_poster(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "r"
    render(folder, "length: 2s\n", film=True)
    (folder / "dream.mp4").rename(folder / "dream.mkv")
    picture((96, 64), 3).save(folder / "dream-poster.png")
    gallery([tmp_path / "in"], tmp_path / "site")
    page = Read(next((tmp_path / "site" / "items").iterdir()).read_text(encoding="utf-8"))
    assert page.of("video") == []
    assert [a["href"] for a in page.of("a") if a["href"].endswith(".mkv")]


def test_the_keys_of_a_recipe_stand_back_and_nothing_else() -> None:
    told = _code("recipe", "size:\n- 640\n- 416\ntarget:\n- class: eye\n  weight: 0.5\n")
    assert re.findall(r'<span class="k">([^<]*)</span>', told) == [
        "size:",
        "target:",
        "class:",
        "weight:",
    ]
    assert "\n- 640\n- 416\n" in told


def test_those_of_a_sweep_that_share_a_title_are_told_apart(tmp_path: Path) -> None:
    for k in range(2):
        sweep = {"name": "s", "sha256": "s", "index": k, "coordinates": {"target.class": f"c{k}"}}
        recipe = f"title: Two\ntarget: {{class: c{k}}}\n"
        render(tmp_path / "in" / f"{k}", recipe, sweep=sweep, seed=k)
    gallery([tmp_path / "in"], tmp_path / "site")
    texts = [path.read_text() for path in sorted((tmp_path / "site" / "items").iterdir())]
    for text, mine, other in zip(texts, ("c0", "c1"), ("c1", "c0"), strict=True):
        mine, other = (mine, other) if f"<title>Two: class {mine}" in text else (other, mine)
        assert f"<title>Two: class {mine} · in</title>" in text
        assert f'<b class="wrap">Two: class {other}</b>' in text
        assert f"dreamt from plasma noise (class {mine})." in text


@pytest.mark.parametrize(("width", "kind"), [(320, "tiny"), (640, "small"), (1200, None)])
def test_small_pictures_are_shown_larger_but_not_by_much(
    tmp_path: Path, width: int, kind: str | None
) -> None:
    render(tmp_path / "in" / "r", "seed: 1\n", size=(width, 200))
    gallery([tmp_path / "in"], tmp_path / "site")
    page = Read(next((tmp_path / "site" / "items").iterdir()).read_text(encoding="utf-8"))
    assert page.of("img")[0].get("class") == kind
