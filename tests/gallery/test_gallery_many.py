"""Two thousand items, counted: times are for benchmarks/gallery.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import wait_until
from made_items import many

from dreamer.jobs.gallery import gallery

MANY = 2000


@pytest.mark.slow
@pytest.mark.browser
def test_two_thousand_items(tmp_path: Path, chromium: Any) -> None:
    many(tmp_path / "in", MANY, size=(96, 64))
    site = tmp_path / "site"
    assert gallery([tmp_path / "in"], site).built.written == 4 * MANY + 1
    again = gallery([tmp_path / "in"], site).built
    assert (again.written, again.removed) == (0, 0)
    assert (site / "index.html").stat().st_size < 2_500_000
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "index.html").as_uri())
    assert page.locator("#count").inner_text() == "2,000 items"
    elements = page.evaluate("document.querySelectorAll('*').length")
    assert elements < 2000, "only what is near the window is in the page"
    assert len(asked) < 100, "no picture is asked for before it is near"
    page.fill("#query", "night 1999")
    assert page.locator(".tile .caption b").all_inner_texts() == ["Night 1999"]
    page.fill("#query", "")
    height = page.evaluate("document.documentElement.scrollHeight")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.get_by_role("listitem").filter(has_text="Night 0").wait_for()
    assert page.evaluate("document.documentElement.scrollHeight") == height
    assert page.evaluate("document.querySelectorAll('*').length") < 2000
    page.locator(".shot").last.click()
    page.keyboard.press("Home")
    page.keyboard.press("Escape")
    wait_until(page, "document.activeElement.closest('.tile')?.item.title === 'Night 1999'")
    assert page.evaluate("scrollY") < 500
