"""What is sent to others with a gallery, and may name nobody's folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from made_items import render

from dreamer.engine.gallery_typed import shortened
from dreamer.jobs.gallery import gallery


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("/home/jane/night.yaml", "…/night.yaml"),
        ("/home/jane doe/secret project/x.yaml", "…/x.yaml"),
        ("/home/jane (old)/secret/x.yaml", "…/x.yaml"),
        ("/home/jane, doe/x.png", "…/x.png"),
        ("/home/jane/", "…/"),
        ("~alice/work/night", "…/night"),
        ("~alice/night", "…/night"),
        ("../../home/al/x.yaml", "…/x.yaml"),
        ("recipes/../../al b/x.yaml", "recipes/…/x.yaml"),
        (r"C:\Users\Jane Doe\x y\z.yaml", "…/z.yaml"),
        (r"\\server\jane\z.yaml", "…/z.yaml"),
        ("-o/home/jane/x/y", "-o…/y"),
        (r"-oC:\Users\jane\y", "-o…/y"),
        ("--out=/home/jane/y", "--out=…/y"),
        ("source.image=/home/jane doe/p/q.png", "source.image=…/q.png"),
        (
            "source={image: /home/jane doe/a.png, mask: /b c/d.png, folder: x/y}",
            "'source={image: …/a.png, mask: …/d.png, folder: x/y}'",
        ),
        ("/home/jane/the night", "'…/the night'"),
    ],
)
def test_whole_paths_are_cut_to_their_last_part(word: str, told: str) -> None:
    assert shortened(word) == told


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("recipes/first-dream.yaml", "recipes/first-dream.yaml"),
        ("./a b/c.yaml", "'./a b/c.yaml'"),
        ("../x.yaml", "../x.yaml"),
        ("zoom=1 + t / 4 / 2", "'zoom=1 + t / 4 / 2'"),
        ("--set", "--set"),
        ("", "''"),
    ],
)
def test_what_names_no_folder_of_the_machine_stays(word: str, told: str) -> None:
    assert shortened(word) == told


def test_no_file_of_a_gallery_says_where_the_renders_lay(tmp_path: Path) -> None:
    place = tmp_path / "jane doe" / "renders"
    render(place / "a", "seed: 1\n")
    render(place / "b", "seed: 2\n", film=True)
    site = tmp_path / "site"
    gallery([place], site)
    told = [path for path in site.rglob("*") if path.is_file() and path.suffix != ".png"]
    assert len(told) > 6
    for path in told:
        data = path.read_bytes()
        assert b"jane doe" not in data, path
        assert os.fsencode(tmp_path) not in data, path
