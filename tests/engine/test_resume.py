"""Nothing is lost: killed at any moment, a render ends with the bytes of an unbroken one."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

import pytest
from killed import contents, journalled, start, wait_for

from dreamer.engine.folder import Folder
from dreamer.errors import FolderError

KILLS = 12


@pytest.fixture
def whole(small: Path, dreamer) -> dict[str, bytes]:
    dreamer("render", small, "--out", "whole")
    return contents(small.parent / "whole")


@pytest.mark.slow
def test_killed_again_and_again_it_ends_with_the_same_bytes(
    small: Path, whole: dict[str, bytes]
) -> None:
    folder = small.parent / "killed"
    chance = random.Random(7)
    killed = 0
    for attempt in range(60):
        process = start(small.parent, "render", str(small), "--out", "killed")
        if killed < KILLS:
            # Wait for a frame more than there was, or for none at all, then strike within the next.
            goal = journalled(folder) + (attempt % 3 > 0)
            while process.poll() is None and journalled(folder) < goal:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.25) if goal else chance.uniform(0.5, 3))
            if process.poll() is None:
                process.kill()
                killed += 1
        process.communicate()
        if process.returncode == 0:
            if killed >= KILLS:
                break
            for path in folder.rglob("*"):  # finished too soon: begin again, to be killed some more
                if path.is_file():
                    path.unlink()
    assert killed >= KILLS
    assert contents(folder) == whole


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_frame_and_resume_goes_on(
    small: Path, whole: dict[str, bytes], dreamer, number: int
) -> None:
    folder = small.parent / "stopped"
    process = start(small.parent, "render", str(small), "--out", "stopped")
    wait_for(folder, 2, process)
    process.send_signal(number)
    _, words = process.communicate()
    assert process.returncode == 128 + number
    assert "dreamer resume stopped" in words
    frames = journalled(folder)
    assert 2 <= frames < 10
    newest = sorted((folder / "state").glob("*.safetensors"))[-1]
    assert int(newest.stem) == frames - 1, "the state of the last frame was kept"
    dreamer("resume", "stopped")
    assert contents(folder) == whole


def test_a_damaged_and_a_missing_frame_are_made_again(
    small: Path, whole: dict[str, bytes], dreamer
) -> None:
    folder = small.parent / "whole"
    frame = folder / "frames" / "000004.png"
    frame.write_bytes(frame.read_bytes()[:-5] + b"xxxxx")
    (folder / "frames" / "000007.png").unlink()
    found = dreamer("verify", "whole", check=False)
    assert found.returncode == 1
    assert "000004.png is not the frame that was written" in found.stdout
    assert "000007.png is missing" in found.stdout
    dreamer("resume", "whole")
    assert contents(folder) == whole
    assert dreamer("verify", "whole").returncode == 0


def test_the_film_is_derived_and_can_be_made_again(
    small: Path, whole: dict[str, bytes], dreamer
) -> None:
    folder = small.parent / "whole"
    (folder / "small.mp4").unlink()
    (folder / "scores.json").unlink()
    dreamer("resume", "whole")
    assert contents(folder) == whole
    dreamer("encode", "whole", "--out", "other.mp4", "--crf", "30", "--loop")
    assert (small.parent / "other.mp4").stat().st_size > 0
    taken = dreamer("encode", "whole", "--out", "other.mp4", check=False)
    assert taken.returncode == 1
    assert "is there already" in taken.stderr


def test_another_recipe_is_refused_and_a_folder_of_other_things_too(
    small: Path, whole: dict[str, bytes], dreamer
) -> None:
    other = dreamer("render", small, "--set", "seed=4", "--out", "whole", check=False)
    assert other.returncode == 1
    assert "another recipe" in other.stderr
    assert contents(small.parent / "whole") == whole
    (small.parent / "mine").mkdir()
    (small.parent / "mine" / "novel.txt").write_text("chapter one")
    refused = dreamer("render", small, "--out", "mine", check=False)
    assert refused.returncode == 1
    assert [p.name for p in (small.parent / "mine").iterdir()] == ["novel.txt"]


@pytest.mark.slow
def test_extending_goes_on_from_the_last_frame(small: Path, dreamer) -> None:
    dreamer("render", small, "--out", "long", "--set", "length=14")
    dreamer("render", small, "--out", "grown")
    dreamer("extend", "grown", "4")
    long, grown = (small.parent / n / "frames" for n in ("long", "grown"))
    assert len(list(grown.iterdir())) == 14
    from dreamer.media.pictures import read_picture

    for frame in sorted(long.iterdir()):  # the recipe inside differs, the picture does not
        assert (read_picture(frame) == read_picture(grown / frame.name)).all()
    provenance = json.loads((small.parent / "grown" / "provenance.json").read_text())
    assert provenance["parent_sha256"]


def test_extending_refuses_what_would_change_the_past(small: Path, dreamer) -> None:
    dreamer("render", small, "--out", "a", "--set", "motion.rotate.expr=10*u", "--set", "length=3")
    refused = dreamer("extend", "a", "4", check=False)
    assert refused.returncode == 1
    assert "parts of the film" in refused.stderr
    assert len(list((small.parent / "a" / "frames").iterdir())) == 3


@pytest.mark.slow
def test_an_endless_film_is_stopped_by_hand_and_goes_on(small: Path, dreamer) -> None:
    folder = small.parent / "endless"
    arguments = ("render", str(small), "--out", "endless", "--set", "length=endless")
    process = start(small.parent, *arguments)
    wait_for(folder, 3, process)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    first = journalled(folder)
    assert (folder / "small.mp4").is_file()
    process = start(small.parent, "resume", "endless")
    wait_for(folder, first + 2, process)
    process.send_signal(signal.SIGINT)
    process.communicate()
    finite = dreamer("render", small, "--out", "finite", "--set", f"length={first + 2}")
    assert finite.returncode == 0
    from dreamer.media.pictures import read_picture

    name = f"{first + 1:06d}.png"
    ours, theirs = (read_picture(small.parent / n / "frames" / name) for n in ("endless", "finite"))
    assert (ours == theirs).all()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    first, second = Folder(tmp_path), Folder(tmp_path)
    first.lock()
    with pytest.raises(FolderError, match="another process"):
        second.lock()
    first.unlock()
    second.lock()
    second.unlock()
