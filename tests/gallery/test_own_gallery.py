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
        assert len(data) <= 400_000, name
        if name.startswith(("pictures/", "thumbs/")):
            assert len(data) <= 300_000, name
    assert sum((SITE / name).stat().st_size for name in files) < 8_000_000


def test_it_names_nobodys_folders() -> None:
    for path in SITE.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not any(folder in text for folder in ("/home/", "/root/", "/tmp/", "/work/")), path
        assert not re.findall(r"(?:\.\./){4}|\.\./\.\./\.\./(?!docs/|gallery/)", text), path
