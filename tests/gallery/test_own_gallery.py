"""The gallery that comes with the repository: whole, small, and as it was built."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from dreamer.engine.gallery_found import MARKER

SITE = Path(__file__).parents[2] / "gallery" / "site"


def test_it_is_whole_and_small() -> None:
    files = json.loads((SITE / MARKER).read_text())["files"]
    assert "index.html" in files
    for name, said in files.items():
        data = (SITE / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == said["sha256"], name
        limit = {"films": 1_500_000, "items": 30_000}.get(name.rpartition("/")[0], 300_000)
        assert len(data) <= limit, name
    assert sum((SITE / name).stat().st_size for name in files) < 8_000_000


def test_it_names_nobodys_folders() -> None:
    for path in SITE.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not any(folder in text for folder in ("/home/", "/root/", "/tmp/", "/work/")), path
        assert not re.findall(r"(?:\.\./){4}|\.\./\.\./\.\./(?!docs/|gallery/)", text), path


def test_it_has_something_of_every_kind_and_a_whole_sweep() -> None:
    text = (SITE / "index.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text)
    assert found is not None
    told = json.loads(found[1])
    assert {item["kind"] for item in told["items"]} == {
        "still",
        "film",
        "collage",
        "compilation",
        "atlas",
    }
    assert not [item["title"] for item in told["items"] if item.get("unfinished")]
    (sweep,) = told["sweeps"]
    assert sweep[1] == "sweep-gardens"
    places = {tuple(map(tuple, item["at"])) for item in told["items"] if "at" in item}
    assert len(places) == 12
