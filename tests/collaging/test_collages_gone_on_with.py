"""A collage's folder is one to every verb: resumed, verified, encoded, made longer; and moved, it
finds its pieces.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from collages_made import everything, made, pictures, pixels, written
from small_collages import noise

from dreamer.engine.collaged import Collaged
from dreamer.engine.folder import Folder
from dreamer.errors import FolderError
from dreamer.jobs.classify import classify
from dreamer.jobs.collage import collage
from dreamer.jobs.encode import encode
from dreamer.jobs.extend import extend
from dreamer.jobs.resume import resume
from dreamer.jobs.verify import verify
from dreamer.media.metadata import read_texts
from dreamer.media.probing import probe

FILM = "size: [96, 64]\nlength: {length}\nfps: 5\noutput: {{crf: 30, preset: ultrafast}}"
MOVES = "layout: scatter\nmoves: {turn: {expr: 20*t}, move: [{expr: 0.1*chance*t}, 0]}"


def film(folder: Path, length: int = 4, more: str = MOVES, name: str = "c") -> Path:
    return written(pictures(folder / "pics"), more, FILM.format(length=length), name)


def still(folder: Path, name: str = "c") -> Path:
    return written(pictures(folder / "pics"), "layout: scatter", name=name)


def shown(folder: Path) -> list[np.ndarray]:
    return [pixels(path) for path in sorted((folder / "frames").glob("*.png"))]


def test_a_film_that_lost_frames_is_resumed_to_the_same_bytes(tmp_path: Path) -> None:
    whole = made(film(tmp_path), tmp_path / "out").folder
    before = everything(whole)
    assert verify(whole).as_text() == "4 of 4 frames are as they were written"
    (whole / "frames" / "000001.png").unlink()
    (whole / "frames" / "000003.png").write_bytes(b"no picture")
    found = verify(whole)
    assert not found.whole
    assert found.as_json()["frames"] == 2
    assert found.as_text().endswith(f"`dreamer resume {whole}` makes what is missing")
    again = resume(whole)
    assert isinstance(again, Collaged)
    assert everything(whole) == before
    assert verify(whole).whole


def test_what_was_killed_is_resumed(tmp_path: Path) -> None:
    whole = everything(made(film(tmp_path), tmp_path / "whole").folder)
    code = (
        "import os, signal, sys, dreamer.engine.folder as f\n"
        "keep = f.Folder.keep_frame\n"
        "def dying(self, index, *rest):\n"
        "    keep(self, index, *rest)\n"
        "    if index == 1: os.kill(os.getpid(), signal.SIGKILL)\n"
        "f.Folder.keep_frame = dying\n"
        "sys.argv = ['dreamer', 'collage', 'c.yaml', '--out', 'out']\n"
        "from dreamer.cli import main; main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    assert ended.returncode == -signal.SIGKILL
    out = tmp_path / "out"
    (told,) = classify([out], networks=["house"]).failed.values()
    assert f"`dreamer resume {out}`" in told
    assert verify(out).as_json()["frames"] == 2
    resume(out)
    assert everything(out) == whole


def test_a_finished_picture_is_left_alone_and_said_to_be_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    folder = made(still(tmp_path), tmp_path / "out").folder
    written_at = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert resume(folder).product == folder / "c.png"
    assert f"{folder} is finished; nothing is missing there" in caplog.text
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == written_at


def test_a_picture_is_verified_by_what_is_in_it_and_mended(tmp_path: Path) -> None:
    folder = made(still(tmp_path), tmp_path / "out").folder
    before = everything(folder)
    assert verify(folder).as_text() == "3 of 3 files are as they were written"
    picture = folder / "c.png"
    picture.write_bytes(picture.read_bytes()[:-9])
    (folder / "preview.jpg").unlink()
    found = verify(folder)
    assert (found.whole, found.as_json()["files"]) == (False, 1)
    assert set(found.problems) == {
        f"{picture} is not the file that was written",
        f"{folder / 'preview.jpg'} is missing",
    }
    resume(folder)
    assert everything(folder) == before


def test_of_pieces_that_changed_it_is_said_and_nothing_goes_on_with_others(tmp_path: Path) -> None:
    folder = made(still(tmp_path), tmp_path / "out").folder
    noise(tmp_path / "pics" / "3.png", 55)
    found = verify(folder)
    assert found.whole, "the picture itself is what it was"
    (note,) = found.notes
    assert note.startswith("1 piece is not there as before, and it cannot be drawn anew: ")
    (folder / "c.png").unlink()
    with pytest.raises(FolderError) as refused:
        resume(folder)
    assert str(refused.value) == (
        f"{folder}: 3.png is new and 1 of its pictures is gone; put that back, or make another "
        f"collage of what is there now by `dreamer collage {folder}`"
    )
    assert not (folder / "c.png").exists()


def test_a_layout_that_a_hand_changed_is_no_damage(tmp_path: Path) -> None:
    folder = made(still(tmp_path), tmp_path / "out").folder
    path = folder / "layout.json"
    changed = path.read_text().replace('"turn": ', '"turn": 1')
    path.write_text(changed)
    found = verify(folder)
    assert found.whole
    assert found.notes == (f"{path} was changed; `dreamer collage {path}` draws what it says",)
    resume(folder)
    assert path.read_text() == changed


def test_films_are_encoded_again_and_otherwise(tmp_path: Path) -> None:
    folder = made(film(tmp_path), tmp_path / "out").folder
    first = (folder / "c.mp4").read_bytes()
    (folder / "c.mp4").unlink()
    assert encode(folder) == [folder / "c.mp4"]
    assert (folder / "c.mp4").read_bytes() == first
    assert encode(folder, video="gif", poster="end") == [folder / "c.gif", folder / "c-poster.png"]
    assert probe(folder / "c.gif").width == 96
    assert (folder / "c-poster.png").read_bytes() == (folder / "frames/000003.png").read_bytes()
    (out,) = encode(folder, out=tmp_path / "small.webm", size=48)
    assert "collage:" in read_texts(out)["dreamer:recipe"]
    assert verify(folder).whole


def test_what_has_no_film_says_so(tmp_path: Path) -> None:
    folder = made(still(tmp_path), tmp_path / "out").folder
    with pytest.raises(FolderError, match="is a still; there is no film to make"):
        encode(folder)
    with pytest.raises(FolderError, match="is a still; only a film that ends can be extended"):
        extend(folder, "2s")
    clear = "background: transparent\ngutter: 9"
    top = FILM.format(length=2).replace("{crf: 30, preset: ultrafast}", "{video: none}")
    recipe = written(tmp_path / "pics", clear, top, "clear")
    with pytest.raises(FolderError, match="frames that are see-through, which films are not"):
        encode(made(recipe, tmp_path / "clear").folder, video="mp4")


def test_a_film_made_longer_is_the_longer_film(tmp_path: Path) -> None:
    short = made(film(tmp_path), tmp_path / "out").folder
    before = everything(short)
    found = extend(short, "0.6s")
    assert found.products == (short / "c.mp4",)
    long = made(film(tmp_path, 7, name="long"), tmp_path / "long").folder
    assert all(np.array_equal(a, b) for a, b in zip(shown(short), shown(long), strict=True))
    assert all(everything(short)[name] == png for name, png in before.items() if "frames" in name)
    assert len([name for name in everything(short) if "frames" in name]) == 7
    assert verify(short).as_text() == "7 of 7 frames are as they were written"
    said = json.loads((short / "provenance.json").read_text())
    assert said["parent_sha256"] is not None
    assert "extending" not in said
    again = collage([short])
    assert again.folder == short, "and it goes on there by itself"
    with pytest.raises(FolderError, match=f"made longer than .*`dreamer resume {short}` goes on"):
        made(film(tmp_path), tmp_path / "out")


def test_one_that_was_drawn_again_is_made_longer_too(tmp_path: Path) -> None:
    first = made(film(tmp_path), tmp_path / "out").folder
    second = collage([first / "layout.json"], size=(48, None), out=tmp_path / "again").folder
    extend(second, "2")
    assert len(shown(second)) == 6
    assert shown(second)[0].shape == (32, 48, 3)
    resume(second)
    assert verify(second).as_json()["wanted"] == 6


def test_a_film_whose_moves_count_in_parts_of_it_stays_as_long(tmp_path: Path) -> None:
    moves = "moves: {turn: {keys: [{at: 0, value: 0}, {at: end, value: 90}]}}"
    folder = made(film(tmp_path, more=moves), tmp_path / "out").folder
    before = everything(folder)
    with pytest.raises(FolderError, match="frame 1 would be another, because its moves count in"):
        extend(folder, "2s")
    assert everything(folder) == before


@pytest.mark.parametrize("where", ["freeze_longer_film", "settle_film", "end_extending"])
def test_killed_while_it_is_made_longer_it_is_the_one_or_the_other(
    tmp_path: Path, where: str
) -> None:
    folder = made(film(tmp_path), tmp_path / "out").folder
    module = (
        "dreamer.jobs.extend" if where == "freeze_longer_film" else "dreamer.engine.collage_again"
    )
    code = (
        f"import os, signal, sys, {module} as m\n"
        f"real = m.{where}\n"
        "def dying(folder, *rest):\n"
        "    said = folder.read_json('provenance.json')\n"
        f"    if 'extending' in said or {where!r} == 'freeze_longer_film':\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return real(folder, *rest)\n"
        f"m.{where} = dying\n"
        "sys.argv = ['dreamer', 'extend', 'out', '3']\n"
        "from dreamer.cli import main; main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    assert ended.returncode == -signal.SIGKILL
    resume(folder)
    frames = 7 if where == "end_extending" else 4
    assert verify(folder).as_text() == f"{frames} of {frames} frames are as they were written"
    assert "extending" not in json.loads((folder / "provenance.json").read_text())
    extend(folder, "1")
    assert len(shown(folder)) == frames + 1


def test_a_folder_of_another_process_is_left_to_it(tmp_path: Path) -> None:
    folder = made(film(tmp_path), tmp_path / "out").folder
    with Folder(folder).locked():
        for verb in (resume, lambda path: extend(path, "2")):
            with pytest.raises(FolderError, match="another process is rendering into"):
                verb(folder)


def test_a_folder_that_moved_finds_pieces_that_did_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    more = "background: {image: ../ground.png}\nlayout: scatter"
    noise(tmp_path / "ground.png", 40)
    first = made(written(pictures(home / "pics"), more), home / "collages" / "first").folder
    before = everything(first)
    deeper = home / "kept" / "of last" / "year"
    shutil.copytree(first, deeper / "first")
    for away in (deeper / "first", tmp_path / "first"):
        if away.parent == tmp_path:  # nothing above it leads to them, but where somebody is does
            shutil.move(first, away)
            monkeypatch.chdir(home)
        assert verify(away).notes == ()
        (away / "c.png").unlink()
        resume(away)
        assert pixels(away / "c.png").tobytes() == before_pixels(before, tmp_path)
        drawn = collage([away / "layout.json"], out=tmp_path / f"again {away.parent.name}")
        assert pixels(drawn.product).tobytes() == before_pixels(before, tmp_path)
        assert collage([away]).folder == away


def before_pixels(before: dict[str, bytes], folder: Path) -> bytes:
    (folder / "before.png").write_bytes(before["c.png"])
    return pixels(folder / "before.png").tobytes()


def test_pictures_that_are_only_called_alike_are_not_taken(tmp_path: Path) -> None:
    first = made(still(tmp_path / "home"), tmp_path / "home" / "collages" / "first").folder
    away = tmp_path / "first"
    first.rename(away)
    pictures(tmp_path / "pics", 4)
    noise(tmp_path / "pics" / "0.png", 77)
    (note,) = verify(away).notes
    assert "no such file: " in note
    with pytest.raises(FolderError, match=r"0\.png, 3\.png are new and 7 of its"):
        resume(away)
    with pytest.raises(FolderError, match="no such file"):
        collage([away / "layout.json"], out=tmp_path / "again")


def test_a_film_of_a_collage_leads_to_it_as_a_picture_does(tmp_path: Path) -> None:
    first = made(film(tmp_path), tmp_path / "out")
    assert collage([first.product]).folder == first.folder, "which is found done"
    shutil.copy(first.product, tmp_path / "copy.mp4")
    said = ["length=2", "output.preset=ultrafast"]
    again = collage([tmp_path / "copy.mp4"], out=tmp_path / "again", overrides=said)
    assert len(shown(again.folder)) == 2
    assert np.array_equal(shown(again.folder)[1], shown(first.folder)[1])
