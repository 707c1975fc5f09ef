"""Folders with a thing of every kind, and where its page lies in their gallery."""

from __future__ import annotations

import json
import os
from pathlib import Path

from made_items import atlas, compilation, render, seen, sweep_of

from dreamer.networks.locate import sha256_of

NASTY = """<script>document.title = 'taken'</script><img src=x onerror="alert(1)">"""
LONG_AGO = 1_000_000_000  # in 2001


def made(place: Path) -> Path:
    """Folders with a still, a film, a collage, a compilation, an atlas, a sweep, what is
    unfinished and what is damaged.
    """
    domes = seen("house", {"cloud": 0.38, "fern": 0.05}, {"dome_outer": 0.91, "bell_tower": 0.05})
    render(
        place / "domes",
        "title: City of domes\nseed: 3\ntarget: [{class: dome_outer}, {class: bell_tower}]\n",
        size=(160, 104),
        scores=domes,
        when=100,
    )
    flowers = seen("house", {"cloud": 0.5}, {"daisy": 0.42, "dunes": 0.1})
    render(
        place / "meadow",
        "title: A meadow\nseed: 7\ntarget: {class: daisy}\nlength: 2s\nfps: 6\n",
        film=True,
        scores=flowers,
        when=200,
    )
    render(place / "nasty", f"title: {json.dumps(NASTY)}\ntarget: inception_4c\n", seed=4, when=300)
    piece = sha256_of(place / "domes" / "dream.png")
    render(
        place / "heap",
        "title: A heap\ncollage: {pictures: [../domes], layout: scatter}\n",
        made_of=[piece, "ab" * 32],
        scores=seen("judge", {"vault": 0.3}, {"vault": 0.6}),
        pieces=2,
        when=400,
    )
    compilation(place / "all.mp4", "title: All of them\nclips: [a.mp4, b.mp4]\n")
    os.utime(place / "all.mp4", (1_790_000_500,) * 2)
    atlas(place / "atlas")
    for sheet in (place / "atlas").glob("*.jpg"):
        os.utime(sheet, (LONG_AGO, LONG_AGO))
    axes = {"target": ["inception_3b", "inception_4c"], "ascent.steps": [3, 8, 16]}
    sweep_of(place / "sweep", "layers by steps", axes, first=1000)
    render(place / "half", "title: Half of it\ntarget: inception_3b\n", seed=6, when=500)
    (place / "half" / "report.json").unlink()
    os.utime(place / "half" / "provenance.json", (LONG_AGO, LONG_AGO))
    render(place / "broken", "title: Broken\n", when=600)
    (place / "broken" / "provenance.json").write_text("{")
    return place


def page_of(site: Path, title: str) -> Path:
    """The page of the item whose heading is `title`."""
    found = [
        path
        for path in sorted((site / "items").iterdir())
        if f'<h1 class="wrap">{title}</h1>' in path.read_text(encoding="utf-8")
    ]
    assert len(found) == 1, (title, found)
    return found[0]
