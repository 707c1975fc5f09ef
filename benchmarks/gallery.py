"""How long a gallery of many items takes to build, to bring up to date and to open:
python benchmarks/gallery.py [items] [FOLDER]

The items are made for it, 640 × 416 pixels and less, and lie in FOLDER; a folder for the time being
unless given. Building is compared with what Pillow alone takes, in one thread, to make the same
pictures small and to write them. A browser opens the page, where there is one: until the first
pictures are laid out, from a cold start of the page and not of the browser.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from dreamer.engine.gallery_pictures import QUALITY, THUMB
from dreamer.jobs.gallery import gallery

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "gallery"))
from made_items import many

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPENINGS = 5


def seconds(what: Callable[[], object]) -> float:
    """How long `what` takes."""
    return both(what)[0]


def both(what: Callable[[], object]) -> tuple[float, float]:
    """How long `what` takes, and how long processors work for it, all its threads together."""
    began, worked = time.perf_counter(), time.process_time()
    what()
    return time.perf_counter() - began, time.process_time() - worked


def bare(place: Path, out: Path) -> None:
    """Make every picture small by Pillow alone."""
    out.mkdir()
    for number, path in enumerate(sorted(place.glob("*/*.png"))):
        with Image.open(path) as picture:
            picture.load()
            picture.thumbnail(THUMB, Image.Resampling.LANCZOS)
            picture.save(out / f"{number}.jpg", quality=QUALITY)


def openings(index: Path) -> list[float] | None:
    """Seconds to open the page, several times; None where there is no browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        found = []
        for _ in range(OPENINGS):
            page = chromium.new_page(viewport={"width": 1440, "height": 900})

            def see(page: object = page) -> None:
                page.goto(index.as_uri(), wait_until="commit")
                page.locator(".tile").first.wait_for()

            found.append(seconds(see))
            page.close()
        chromium.close()
    return found


def main(count: int, folder: Path) -> None:
    """Print all of it."""
    place, site = folder / "renders", folder / "site"
    if not place.exists():
        many(place, count)
    shutil.rmtree(site, ignore_errors=True)
    shutil.rmtree(folder / "bare", ignore_errors=True)
    built = both(lambda: gallery([place], site))
    again = both(lambda: gallery([place], site))
    pillow = both(lambda: bare(place, folder / "bare"))
    print(f"{count} items         clock  processor      × Pillow alone")
    for name, (clock, worked) in (("built", built), ("again", again), ("Pillow alone", pillow)):
        ratios = f"{clock / pillow[0]:6.2f} {worked / pillow[1]:6.2f}"
        print(f"{name:12} {clock:10.1f} s {worked:8.1f} s {ratios}")
    found = openings((site / "index.html").resolve())
    if found is None:
        print("opened       no browser here; tools/install_browser.sh installs one")
    else:
        print(
            f"opened       {min(found):6.2f} s   (least of {OPENINGS}; the first {found[0]:.2f} s)"
        )


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    if len(sys.argv) > 2:
        main(wanted, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as place:
            main(wanted, Path(place))
