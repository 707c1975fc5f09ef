"""The gallery as a person meets it: in Chromium, from the disk, with every way out barred."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from browsing import wait_until
from small_gallery import NASTY, page_of

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
ITEMS = 13  # of the fixture


class Watched:
    """What pages asked for and complained of."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve().as_uri() + "/"
        self.outside: list[str] = []
        self.errors: list[str] = []

    def asked(self, route: Any) -> None:
        url = route.request.url
        if url.startswith((self.home, "blob:")):
            route.continue_()
        else:
            self.outside.append(url)
            route.abort()

    def failed(self, page: Any, asked: Any) -> None:
        if asked.failure != "net::ERR_ABORTED":  # the page was left before a picture came
            self.complained(page, f"{asked.failure}: {asked.url}")

    def complained(self, page: Any, words: str) -> None:
        """Note an error; one of the policy's where somebody broke a page on purpose."""
        own = ("Content Security Policy" in words or "x.example" in words) and self.home.endswith(
            "elsewhere/"
        )
        (page.barred if own else self.errors).append(words)

    def follow(self, page: Any) -> None:
        page.barred = []  # what the policy did not let through
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda said: said.type in ("error", "warning") and self.complained(page, said.text),
        )
        page.on("requestfailed", lambda asked: self.failed(page, asked))


@pytest.fixture
def visit(chromium: Any, site: Path) -> Iterator[Open]:
    """`visit("index.html", width=375)` gives a page; nothing may have gone wrong in the end."""
    contexts, watched = [], Watched(site)

    def opened(
        address: str = "index.html", width: int = 1280, home: Path = site, **how: Any
    ) -> Any:
        watched.home = home.resolve().as_uri() + "/"
        how = {"viewport": {"width": width, "height": 900}, "reduced_motion": "reduce"} | how
        context = chromium.new_context(**how)
        context.set_default_timeout(20_000)
        contexts.append(context)
        context.route("**/*", watched.asked)
        page = context.new_page()
        watched.follow(page)
        page.goto((home / address).as_uri() if "#" not in address else watched.home + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert watched.outside == []
    assert watched.errors == []


def count(page: Any) -> int:
    """How many items are shown, as the page says."""
    return int(re.match(r"\d+", page.locator("#count").inner_text())[0])


def title_of(page: Any) -> str:
    return page.locator("#lightbox-title").inner_text()


def wait_for_focus(page: Any, title: str) -> None:
    """Until the item of that title has it: a dialog gives it back a moment after it is closed."""
    wait_until(
        page, "title => document.activeElement.closest('.tile')?.item?.title === title", title
    )


def faults(page: Any, *rules: str) -> list[str]:
    """What axe-core finds, of whatever weight; by all of its rules or by some."""
    from axe_playwright_python.sync_playwright import Axe

    options: dict[str, Any] = {"resultTypes": ["violations"]}
    found = Axe().run(page, options=options | ({"runOnly": list(rules)} if rules else {}))
    return [
        f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes']][:4]}"
        for one in found.response["violations"]
    ]


def test_every_item_is_shown_newest_first_and_none_is_markup(visit: Open) -> None:
    page = visit()
    assert count(page) == ITEMS
    titles = page.locator(".tile .caption b").all_inner_texts()
    assert len(titles) == ITEMS
    stamps = page.evaluate("[...document.querySelectorAll('.tile')].map(t => t.item.stamp)")
    assert stamps == sorted(stamps, reverse=True)
    assert NASTY in titles
    assert page.title() == "Night & day"
    assert page.locator(".tile script, .tile img[src='x']").count() == 0


def test_search_knows_titles_targets_recipes_and_forgets(visit: Open) -> None:
    page = visit()
    page.keyboard.press("/")
    page.keyboard.type("CITY domes")
    assert page.locator(".tile .caption b").all_inner_texts() == ["City of domes"]
    for words, many in (("daisy", 1), ("ascent.steps: 16", 2), ("METHING", 0), ("", ITEMS)):
        page.fill("#query", words)
        assert count(page) == many, words
    page.fill("#query", "nothing has this")
    assert page.locator("#nothing").is_visible()
    page.click("#clear")
    assert count(page) == ITEMS
    assert page.evaluate("document.activeElement.id") == "query"


def test_facets_narrow_widen_and_are_kept_in_the_address(visit: Open) -> None:
    page = visit()
    page.click("#open-filters")
    page.get_by_label(re.compile(r"^film")).check()
    assert page.locator(".tile .caption b").all_inner_texts() == ["A meadow"]
    page.get_by_label(re.compile(r"^collage")).check()
    assert count(page) == 2
    page.get_by_label(re.compile(r"^judge")).check()
    assert page.locator(".tile .caption b").all_inner_texts() == ["A heap"]
    page.reload()
    assert page.locator(".tile .caption b").all_inner_texts() == ["A heap"]
    page.get_by_role("button", name="Without judge").click()
    assert count(page) == 2
    page.get_by_role("button", name="Without film").click()
    page.get_by_role("button", name="Without collage").click()
    assert count(page) == ITEMS
    page.click("#open-filters")
    page.get_by_label(re.compile(r"^inception_3b")).check()
    assert count(page) == 4  # three of the sweep, and the one that is not finished


def test_a_label_above_a_score_and_dates(visit: Open) -> None:
    page = visit()
    page.click("#open-filters")
    page.fill("#label", "dome_outer")
    assert count(page) == 1
    page.locator("#least").fill("92")  # it has 91 per cent
    assert count(page) == 0
    page.locator("#least").fill("91")
    assert count(page) == 1
    assert page.locator(".tile .caption span").inner_text() == "dome_outer 91 %"
    page.fill("#label", "")
    assert count(page) == ITEMS
    page.fill("#to", "2001-12-31")
    assert count(page) == 2
    page.fill("#from", "2001-12-01")
    assert count(page) == 0
    page.fill("#to", "")
    assert count(page) == ITEMS - 2


def test_orders(visit: Open) -> None:
    page = visit()
    first = page.locator(".tile .caption b").first
    for order, title in (("score", "City of domes"), ("change", "City of domes"), ("old", "What")):
        page.select_option("#sort", order)
        if order != "old":
            assert first.inner_text() == title
    page.select_option("#sort", "title")
    titles = page.locator(".tile .caption b").all_inner_texts()
    assert titles.index("A heap") < titles.index("A meadow") < titles.index("City of domes")


def test_the_lightbox_by_keyboard_alone(visit: Open) -> None:
    page = visit()
    titles = page.locator(".tile .caption b").all_inner_texts()
    page.locator(".shot").nth(2).focus()
    page.keyboard.press("Enter")
    assert page.locator("#lightbox").is_visible()
    assert title_of(page) == titles[2]
    for key, number in (
        ("ArrowRight", 3),
        ("ArrowRight", 4),
        ("ArrowLeft", 3),
        ("End", ITEMS - 1),
        ("ArrowRight", ITEMS - 1),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
    ):
        page.keyboard.press(key)
        assert title_of(page) == titles[number], key
        assert page.locator("#lightbox-count").inner_text() == f"{number + 1} of {ITEMS}"
    assert page.evaluate("document.activeElement.closest('dialog').id") == "lightbox"
    for _ in range(12):  # the focus never leaves the dialog for the page behind it
        page.keyboard.press("Tab")
        assert page.evaluate("!document.activeElement.closest('.tile')")
    page.keyboard.press("Escape")
    assert not page.locator("#lightbox").is_visible()
    wait_for_focus(page, titles[1])


def test_the_lightbox_shows_whole_pictures_and_films_that_play(visit: Open) -> None:
    page = visit()
    page.get_by_role("link", name=re.compile("dome outer")).click()
    picture = page.locator("#lightbox-stage img")
    assert picture.evaluate("async (i) => { await i.decode(); return i.naturalWidth }") == 160
    assert "dome outer and bell tower" in picture.get_attribute("alt")
    assert page.locator("#lightbox-page").get_attribute("href").startswith("items/")
    page.click("#lightbox-close")
    page.get_by_role("link", name=re.compile("daisy")).click()
    film = page.locator("#lightbox-stage video")
    assert film.evaluate("(v) => v.paused")  # as motion is to be reduced
    assert film.evaluate("async (v) => { await v.play(); return v.videoWidth }") == 96


def test_a_film_plays_under_the_pointer_unless_motion_is_to_be_reduced(visit: Open) -> None:
    for motion, films in (("no-preference", True), ("reduce", False)):
        page = visit(reduced_motion=motion)
        page.get_by_role("link", name=re.compile("daisy")).hover()
        if films:
            wait_until(page, "() => document.querySelector('.moving')?.paused === false")
            page.locator("h1").hover()
        else:
            page.wait_for_timeout(300)
        assert page.locator(".moving").count() == 0


def test_stars_and_signs_show_under_the_pointer_and_for_the_focus(visit: Open) -> None:
    page = visit()
    first, second = page.locator(".acts").nth(0), page.locator(".acts").nth(1)
    shown = "e => getComputedStyle(e).opacity"
    assert (first.evaluate(shown), second.evaluate(shown)) == ("0", "0")
    page.locator(".shot").first.hover()
    assert (first.evaluate(shown), second.evaluate(shown)) == ("1", "0")
    page.locator(".shot").nth(1).focus()
    assert second.evaluate(shown) == "1"
    touched = visit(width=375, is_mobile=True, has_touch=True)
    assert touched.locator(".acts").first.evaluate(shown) == "1"


def test_arrows_move_among_pictures_and_letters_do_something_to_them(visit: Open) -> None:
    page = visit()
    titles = page.locator(".tile .caption b").all_inner_texts()
    focused = "document.activeElement.closest('.tile')?.item?.title"
    page.keyboard.press("Tab")
    assert page.locator("#skip").evaluate("e => e.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == titles[0]
    for key, number in (
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
        ("End", len(titles) - 1),
        ("ArrowRight", len(titles) - 1),
        ("ArrowDown", len(titles) - 1),
        ("Home", 0),
        ("ArrowUp", 0),
    ):
        page.keyboard.press(key)
        assert page.evaluate(focused) == titles[number], key
    page.locator(".shot").nth(2).focus()
    middle_and_top = """(e) => {
      const box = e.getBoundingClientRect();
      return [box.left + box.width / 2, box.top + scrollY];
    }"""
    was = page.locator(".shot").nth(2).evaluate(middle_and_top)
    page.keyboard.press("ArrowDown")
    now = page.locator(":focus").evaluate(middle_and_top)
    assert now[1] > was[1]
    row = [page.locator(".shot").nth(k).evaluate(middle_and_top) for k in range(len(titles))]
    nearest = min((abs(x - was[0]), x) for x, top in row if top == now[1])[1]
    assert now[0] == nearest, "the nearest one of the next row"
    page.keyboard.press("Home")
    page.keyboard.press("f")
    assert page.locator(".star").first.get_attribute("aria-pressed") == "true"
    page.keyboard.press("c")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")
    assert page.locator("#open-compare").is_enabled()
    page.fill("#query", "c")  # where they are letters
    assert page.locator("#tray-words").inner_text().count("·") == 1


def test_every_picture_has_a_name_of_its_own_that_says_what_it_shows(visit: Open) -> None:
    page = visit()
    links = "[...document.querySelectorAll('.shot')].map(e => e.getAttribute('aria-label'))"
    names = page.evaluate(links)
    assert len(set(names)) == ITEMS
    assert (
        "City of domes. A picture of dome outer and bell tower, as house sees them, dreamt from "
        "plasma noise" in names
    )
    assert [name for name in names if name.endswith(", unfinished")]
    assert [name for name in names if "(target inception_3b, steps 16)" in name]


def test_two_are_compared(visit: Open) -> None:
    page = visit()
    for title in ("target inception_3b, steps 3", "target inception_3b, steps 8"):
        page.get_by_role("button", name=f"Compare: {title}").click()
    page.click("#open-compare")
    assert page.locator("#compare").is_visible()
    slider = page.get_by_role("slider", name=re.compile("How much of A"))
    over = page.locator(".stack > :nth-child(2)")
    slider.focus()
    page.keyboard.press("End")
    assert over.evaluate("e => getComputedStyle(e).clipPath") == "inset(0px 0% 0px 0px)"
    page.keyboard.press("Home")
    assert "100%" in over.evaluate("e => getComputedStyle(e).clipPath")
    rows = page.locator("#told table").first.locator("tbody tr").all_inner_texts()
    assert [row.split() for row in rows] == [["ascent.steps", "3", "8"]]
    page.click("#beside")
    assert page.locator("#pair figure").count() == 2
    page.click("#swap")
    assert page.locator("#pair figcaption").first.inner_text().endswith("steps 8")
    page.keyboard.press("Escape")
    wait_until(page, "() => document.activeElement.id === 'open-compare'")
    page.click("#drop")
    assert not page.locator("#tray").is_visible()


def test_a_sweep_as_a_table_of_two_coordinates(visit: Open) -> None:
    page = visit()
    page.click("#open-sweeps")
    heads = page.locator("#table thead th").all_inner_texts()
    assert heads == ["target ↓", "3", "8", "16"]
    assert page.locator("#table tbody th").all_inner_texts() == ["inception_3b", "inception_4c"]
    assert page.locator("#table td img").count() == 6
    page.select_option("#across", "target")
    assert page.locator("#table thead th").all_inner_texts() == [
        "ascent.steps ↓",
        "inception_3b",
        "inception_4c",
    ]
    page.locator("#table td a").nth(2).click()
    assert title_of(page) == "target inception_3b, steps 8"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    link = page.locator("#table td a").nth(3)
    wait_until(page, "e => e === document.activeElement", link.element_handle())
    page.click("#open-sweeps")
    assert count(page) == ITEMS


def test_draws_and_rows_of_a_sweep_are_shown_as_they_were_made(visit: Open, tmp_path: Path) -> None:
    from made_items import render

    from dreamer.jobs.gallery import gallery

    rows, draws = (("pink", "P"), ("plasma", "Q")), ((343, 2.67), (12, 1.1), (904, 1.9))
    for k, (octaves, row, draw) in enumerate(product((3, 4), rows, draws)):
        words = {"octaves": octaves, "source.noise": row[0], "title": row[1]}
        words |= {"seed": draw[0], "ascent.step": draw[1]}
        for folder in ("a", "b"):
            sweep = {"name": "small", "sha256": folder, "index": k, "coordinates": words}
            render(tmp_path / "in" / folder / f"{k}", f"seed: {draw[0]}\n", sweep=sweep)
    gallery([tmp_path / "in"], tmp_path / "site")
    page = visit("index.html", home=tmp_path / "site")
    page.click("#open-sweeps")
    sweeps = page.locator("#sweep option").all_inner_texts()
    assert sorted(sweeps) == ["small, in in/a (12)", "small, in in/b (12)"]
    assert page.locator("#table thead th").all_inner_texts() == ["seed, ascent.step ↓", "3", "4"]
    drawn = page.locator("#table tbody th").all_inner_texts()
    assert drawn == ["1: seed 343, step 2.67", "2: seed 12, step 1.1", "3: seed 904, step 1.9"]
    assert page.locator("#others label").all_inner_texts() == [
        "source.noise, title\n1: noise pink, title P\n2: noise plasma, title Q"
    ]
    assert page.locator("#table td img").count() == 6
    page.select_option("#others select", label="2: noise plasma, title Q")
    assert page.locator("#table td img").count() == 6
    assert page.locator("#count").inner_text() == "6 of 12 items of the sweep"
    assert "noise plasma" in page.locator("#table .shot").first.get_attribute("aria-label")


def test_what_is_held_of_a_sweep_with_gaps_moves_to_where_something_is(
    visit: Open, tmp_path: Path
) -> None:
    from made_items import render

    from dreamer.jobs.gallery import gallery

    for k, (a, b, c, d) in enumerate(product("wxyz", "pqr", (1, 2), (3, 4))):
        if (c, d) != (1, 3):
            words = {"a": a, "b": b, "c": c, "d": d}
            sweep = {"name": "s", "sha256": "s", "index": k, "coordinates": words}
            render(tmp_path / "in" / f"{k}", f"seed: {k}\n", sweep=sweep)
    gallery([tmp_path / "in"], tmp_path / "site")
    page = visit("index.html", home=tmp_path / "site")
    page.click("#open-sweeps")
    c, d = page.locator("#others select").all()

    def shown() -> tuple[str, str, int]:
        chosen = [page.locator("#others option:checked").nth(k).inner_text() for k in (0, 1)]
        return *chosen, page.locator("#table td img").count()

    assert shown() == ("1", "4", 12)
    d.select_option(label="3")
    assert shown() == ("2", "3", 12)
    c.select_option(label="1")
    assert shown() == ("1", "4", 12)
    page.select_option("#across", "d")
    page.select_option("#down", "c")
    assert shown() == ("w", "p", 3)


def test_a_sweep_is_reached_from_its_items_searched_and_compared(visit: Open, site: Path) -> None:
    page = visit(page_of(site, "target inception_3b, steps 8").relative_to(site).as_posix())
    page.get_by_role("link", name="Sweep: layers by steps").click()
    cells = page.locator("#table .tile")
    assert cells.count() == 6
    page.fill("#query", "inception_4c")
    assert page.locator("#table .faint").count() == 3
    assert page.locator("#count").inner_text() == "3 of 6 items of the sweep"
    page.fill("#query", "")
    assert page.locator("#table .faint").count() == 0
    page.locator("#table .shot").first.focus()
    for key in ("c", "ArrowRight", "ArrowDown", "c", "f", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    focused = "document.activeElement.closest('.tile').item.title"
    assert page.evaluate(focused) == "target inception_3b, steps 3"
    assert cells.nth(4).locator(".star").get_attribute("aria-pressed") == "true"
    page.click("#open-compare")
    rows = page.locator("#told table").first.locator("tbody tr").all_inner_texts()
    assert sorted(row.split()[0] for row in rows) == ["ascent.steps", "target"]


def test_a_sweep_shows_the_score_of_a_label(visit: Open, tmp_path: Path) -> None:
    from made_items import render, seen

    from dreamer.jobs.gallery import gallery

    for k, share in enumerate((0.25, 0.75)):
        sweep = {"name": "s", "sha256": "s", "index": k, "coordinates": {"seed": k}}
        scores = seen("house", {"fern": 0.1}, {"daisy": share})
        words = f"title: One of two\nseed: {k}\n"
        render(tmp_path / "in" / f"{k}", words, sweep=sweep, scores=scores)
    gallery([tmp_path / "in"], tmp_path / "site")
    page = visit("index.html#sweep=none-of-these&label=daisy&least=50", home=tmp_path / "site")
    assert page.locator("#table .badge").all_inner_texts() == ["25 %", "75 %"]
    assert page.locator("#table .faint").count() == 1
    page.click("#open-sweeps")
    page.click("[aria-label^='Without daisy']")
    captions = page.locator(".caption").all_inner_texts()
    assert sorted(captions) == ["One of two\nseed 0", "One of two\nseed 1"]


def test_favourites_are_kept_shown_alone_and_taken_away(visit: Open) -> None:
    page = visit()
    for title in ("City of domes", "A meadow"):
        page.get_by_role("button", name=f"Favourite: {title}").click()
    page.reload()
    page.click("#starred")
    assert sorted(page.locator(".tile .caption b").all_inner_texts()) == [
        "A meadow",
        "City of domes",
    ]
    page.click("#open-list")
    assert page.locator("#list-text").input_value() == "renders/meadow\nrenders/domes\n"
    with page.expect_download() as saving:
        page.click("#list-save")
    assert saving.value.suggested_filename == "favourites.txt"
    assert Path(saving.value.path()).read_text() == "renders/meadow\nrenders/domes\n"
    page.click("#list-empty")
    page.click("#list-close")
    assert page.locator("#nothing").is_visible()


def test_favourites_last_for_the_visit_where_nothing_is_kept(visit: Open, chromium: Any) -> None:
    page = visit()
    barred = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })"
    page.context.add_init_script(barred)
    page.reload()
    page.get_by_role("button", name="Favourite: A meadow").click()
    page.click("#starred")
    assert page.locator(".tile .caption b").all_inner_texts() == ["A meadow"]
    page.click("#theme")


def test_colours_as_the_system_has_them_or_as_said(visit: Open) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(251, 250, 247)", "rgb(22, 24, 28)"
    assert visit(color_scheme="light").evaluate(paper) == light
    page = visit(color_scheme="dark")
    assert page.evaluate(paper) == dark
    page.click("#theme")
    assert page.evaluate(paper) == light
    page.reload()
    assert page.evaluate(paper) == light
    page.get_by_role("link", name=re.compile("dome outer")).click(modifiers=["Shift"])
    page.click("#theme")
    assert page.evaluate(paper) == dark


def test_nothing_is_wider_than_the_window(visit: Open, site: Path) -> None:
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for width in (375, 1024, 1440):
        page = visit(width=width, is_mobile=width < 500, has_touch=width < 500)
        assert page.evaluate(wide) <= 0
        page.click("#open-filters")
        page.click("#open-sweeps")
        assert page.evaluate(wide) <= 0
    kinds = ("City of domes", "A meadow", "A heap", "What house sees", "Half of it")
    for path in [page_of(site, title) for title in (*kinds, "target inception_3b, steps 8")]:
        page.goto(path.as_uri())
        for width in (375, 1024, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(wide) <= 0, (path, width)


def test_nothing_shifts_while_pictures_come(visit: Open) -> None:
    page = visit("index.html")
    shift = """async () => {
      let sum = 0;
      new PerformanceObserver((list) => { for (const e of list.getEntries()) sum += e.value; })
        .observe({ type: "layout-shift", buffered: true });
      for (let k = 0; k < 20; k++) { scrollBy(0, 200); await new Promise(requestAnimationFrame); }
      return sum;
    }"""
    assert page.evaluate(shift) == 0


def test_axe_finds_nothing(visit: Open, site: Path) -> None:
    page = visit()

    def in_the_dark() -> None:
        """By what colours can spoil."""
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert faults(page, "color-contrast") == []
        page.emulate_media(color_scheme="light", reduced_motion="reduce")

    def narrow() -> None:
        """By what less room can spoil."""
        page.set_viewport_size({"width": 375, "height": 800})
        assert faults(page, "button-name", "link-name", "label", "target-size") == []
        page.set_viewport_size({"width": 1280, "height": 900})

    page.click("#open-filters")
    assert faults(page) == []
    in_the_dark()
    narrow()
    page.locator(".shot").first.click()
    assert faults(page) == []
    narrow()
    page.keyboard.press("Escape")
    for k in range(2):
        page.locator(".pick").nth(k).click()
    page.click("#open-compare")
    assert faults(page) == []
    in_the_dark()
    page.keyboard.press("Escape")
    page.click("#open-list")
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.click("#open-sweeps")
    assert faults(page) == []
    for title in ("City of domes", "A meadow", "Half of it", "target inception_3b, steps 8"):
        page.goto(page_of(site, title).as_uri())
        assert faults(page) == []
    in_the_dark()


def test_axe_can_find_something(visit: Open) -> None:
    page = visit()
    page.evaluate(
        "document.body.append(document.createElement('img'), document.createElement('button'))"
    )
    assert {one.split(":")[0] for one in faults(page)} >= {"image-alt", "button-name", "region"}
    assert [one.split(":")[0] for one in faults(page, "button-name")] == ["button-name"]


def test_an_items_page_is_whole_without_a_script(visit: Open, site: Path) -> None:
    address = page_of(site, "City of domes").relative_to(site).as_posix()
    page = visit(address, java_script_enabled=False)
    text = page.locator("body").inner_text()
    for words in ("City of domes", "dome_outer", "91 %", "38 %", "CPU (AVX512)", "seed: 3"):
        assert words in text, words
    assert page.locator("figure.stage img").is_visible()
    assert not page.locator("button").first.is_visible()
    page.get_by_role("link", name="← Night & day").click()
    assert page.get_by_role("link", name="City of domes").is_visible()


def test_an_items_page_copies_its_recipe_and_leads_on(visit: Open, site: Path) -> None:
    address = page_of(site, "City of domes").relative_to(site).as_posix()
    page = visit(address, permissions=["clipboard-read", "clipboard-write"])
    page.locator("button[data-copy=recipe]").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith(
        "title: City of domes\nseed: 3"
    )
    page.get_by_role("link", name=re.compile("A heap")).first.click()
    assert page.locator("h1").inner_text() == "A heap"
    assert "part of" not in page.locator("main").inner_text()
    page.get_by_role("link", name="Collage", exact=True).click()
    assert page.locator(".tile .caption b").all_inner_texts() == ["A heap"]
    page.go_back()
    assert page.locator("h1").inner_text() == "A heap"


def test_a_title_that_is_a_script_stays_text(visit: Open, site: Path) -> None:
    page = visit()
    found = page.locator(".tile", has_text="<script>")
    found.locator(".shot").click()
    assert title_of(page) == NASTY
    with page.expect_navigation():
        page.click("#lightbox-page")
    assert page.locator("h1").inner_text() == NASTY
    assert page.title().startswith(NASTY[:20])
    assert page.locator("script").count() == 1
    assert page.locator("img[src='x']").count() == 0


def test_a_script_of_a_strangers_would_not_run(visit: Open, site: Path, tmp_path: Path) -> None:
    """The policy holds by itself, whatever escaping lets through."""
    moved = tmp_path / "elsewhere"
    shutil.copytree(site, moved)
    page_file = moved / "index.html"
    text = page_file.read_text(encoding="utf-8")
    hole = (
        "<script>window.taken = 1</script><img src='https://x.example/' onerror='window.taken = 2'>"
    )
    page_file.write_text(text.replace("<header", hole + "<header", 1), encoding="utf-8")
    page = visit(home=moved)
    page.wait_for_timeout(300)
    assert page.evaluate("window.taken") is None
    assert count(page) == ITEMS
    assert len(page.barred) >= 2


def test_names_that_need_quoting_work_as_links(visit: Open, tmp_path: Path) -> None:
    """Pictures that stay where they lie are reached by whatever names they have."""
    from made_items import render

    from dreamer.jobs.gallery import gallery

    names = ["a 'b' \"c\"", "50% off", "q#1?x=2", "größe 大", "two\nlines", "bad \udcff byte"]
    for k, name in enumerate(names):
        render(tmp_path / "in" / name, f"title: Item {k}\n", name=name, seed=k)
    gallery([tmp_path / "in"], tmp_path / "out" / "site", link=True)
    page = visit(home=tmp_path, address="out/site/index.html")
    sizes = page.evaluate("""async () => {
      const found = [];
      for (const t of document.querySelectorAll(".tile")) {
        const image = new Image();
        image.src = t.item.large[0];
        await image.decode();
        found.push(image.naturalWidth);
      }
      return found;
    }""")
    assert sizes == [96] * len(names)
    data = json.loads(page.locator("#data").inner_text())
    assert sorted(item["title"] for item in data["items"]) == [f"Item {k}" for k in range(6)]
