"""What lies beside a collage's pictures and is not meant: earlier collages, closed folders."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from collages_made import made, pictures, written
from small_collages import noise, parsed

from dreamer.engine.collage_inputs import found_pieces
from dreamer.engine.collage_ready import made_collage
from dreamer.errors import RecipeError
from dreamer.jobs.collage import collage


def refusal(folder: Path, said: str) -> str:
    with pytest.raises(RecipeError) as refused:
        found_pieces(parsed(folder, said), made_collage)
    return str(refused.value).replace(f"{folder}/", "")


def test_a_folder_s_own_collages_are_no_pieces_of_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.chdir(pictures(tmp_path / "pics", 4))
    for size in ("60x40", "30x20"):
        found = collage(["."], size=size, overrides=["classify=off"])
        assert found.report["pieces"] == 4
    assert len(list(Path("collages").iterdir())) == 2
    assert caplog.text.count("1 collage made here before left out; a collage is a piece where") == 1


def test_a_collage_that_is_named_is_a_piece(tmp_path: Path) -> None:
    first = made(written(pictures(tmp_path / "pics", 3)), tmp_path / "made" / "first")
    for said in ("made/first", "{folder: made/first}", "made/*/*.png", "made/first/c.png"):
        (entry,) = found_pieces(parsed(tmp_path, said), made_collage).entries
        assert entry.file == first.product
    why = "made holds no pictures, but a collage; a collage is taken where it is named itself"
    assert why in refusal(tmp_path, "made")


@pytest.fixture
def anyone() -> Iterator[Path]:
    """An open folder, and the rights of anyone: root may read all, whatever a folder says."""
    own = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            os.seteuid(own)
            for path in folder.rglob("*"):
                path.chmod(0o755)


@pytest.mark.parametrize("said", ["pics", "'pics/**'", "'pics/*/**/*.png'", "pics/*/*"])
def test_a_closed_folder_is_named_and_left_out(
    anyone: Path, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    for seed, name in enumerate(("open/1.png", "open/closed/2.png", "names/3.png", "shut/4.png")):
        path = noise(anyone / "pics" / name, seed)
        for folder in (path.parent, path.parent.parent):
            folder.chmod(0o755)
        path.chmod(0o644)
    closed = {"open/closed": 0, "names": 0o644, "shut": 0}
    for name, rights in closed.items():
        (anyone / "pics" / name).chmod(rights)
    if os.geteuid() == 0:
        os.seteuid(65534)
    found = found_pieces(parsed(anyone, said), made_collage)
    assert [entry.name for entry in found.entries] == ["1.png"]
    lost = {"pics/shut": "read", "pics/names/3.png": "opened"}
    if said != "pics/*/*":  # which goes no deeper
        lost["pics/open/closed"] = "read"
    assert found.failed == {
        f"{anyone}/{name}": f"{anyone}/{name} cannot be {what}: Permission denied"
        for name, what in lost.items()
    }
    folders = "1 folder" if len(lost) == 2 else "2 folders"
    assert f"1 picture and {folders} left out: " in caplog.text


@pytest.mark.parametrize("said", ["pics", "pics/shut", "'pics/**/*.png'"])
def test_where_all_is_closed_the_right_folder_is_named(anyone: Path, said: str) -> None:
    noise(anyone / "pics" / "shut" / "1.png")
    (anyone / "pics").chmod(0o755)
    (anyone / "pics" / "shut").chmod(0)
    if os.geteuid() == 0:
        os.seteuid(65534)
    why = "c.yaml:3: collage.pictures: pics/shut cannot be read: Permission denied"
    assert refusal(anyone, said) == why
