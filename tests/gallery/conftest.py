"""A small gallery with everything in it, and a browser that lets nothing out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_gallery import made

from dreamer.jobs.gallery import gallery

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def renders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such folders; nobody may change them."""
    return made(tmp_path_factory.mktemp("made") / "renders")


@pytest.fixture(scope="session")
def site(renders: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gallery of `renders`; nobody may change it."""
    out = tmp_path_factory.mktemp("site") / "gallery"
    gallery([renders], out, title="Night & day")
    return out


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium, driven by Playwright."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        why = "there is no Chromium; tools/install_browser.sh installs one"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        sandbox = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
        browser = driver.chromium.launch(executable_path=path, args=sandbox)
        yield browser
        browser.close()
