"""PNGs written in bands are what Pillow and our own reader say they are, and whole or not there."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamer.errors import MediaError
from dreamer.media import banded
from dreamer.media.banded import PngInBands, filtered
from dreamer.media.png import read_png_text


def pixels(height: int = 150, width: int = 97, channels: int = 3) -> np.ndarray:
    """Soft ground, hard edges and noise, so that each filter is the best somewhere."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [128 + 100 * np.sin(x / 9 + k) * np.cos(y / 11) for k in range(channels)]
    out = np.stack(planes, 2).astype(np.uint8)
    out[40:60] = np.random.default_rng(0).integers(0, 256, (20, width, channels), np.uint8)
    out[70:90] = out[70]
    out[100:120] = out[100:120, :1]
    return out


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("cuts", [(0, 150), (0, 1, 2, 70, 149, 150), tuple(range(151))])
def test_read_by_pillow_in_whatever_bands_it_was_written(
    tmp_path: Path, channels: int, cuts: tuple[int, ...]
) -> None:
    given, out = pixels(channels=channels), tmp_path / "a.png"
    with PngInBands(out, 97, 150, {"dreamer:recipe": "a: ü"}, alpha=channels == 4) as png:
        for top, bottom in itertools.pairwise(cuts):
            png.write(given[top:bottom])
    with Image.open(out) as picture:
        assert picture.mode == ("RGB" if channels == 3 else "RGBA")
        assert np.array_equal(np.asarray(picture), given)
    assert read_png_text(out) == {"dreamer:recipe": "a: ü"}
    assert list(tmp_path.iterdir()) == [out]


def test_bands_do_not_change_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banded, "CHUNK", 1 << 12)
    given, files = pixels(), []
    for k, step in enumerate((1, 7, 150)):
        out = tmp_path / f"{k}.png"
        with PngInBands(out, 97, 150) as png:
            for top in range(0, 150, step):
                png.write(given[top : top + step])
        files.append(out.read_bytes())
        assert files[-1].count(b"IDAT") > 3
    assert files[0] == files[1] == files[2]


def test_each_row_has_the_filter_that_leaves_least() -> None:
    given = pixels()
    rows = given.reshape(150, -1)
    found = filtered(rows, np.zeros(97 * 3, np.uint8), 3)
    assert set(found[:, 0]) == {1, 2, 4}
    assert (found[71:90, 0] == 2).all()
    assert not found[71:90, 1:].any()
    assert not found[101:120, 4:].any()


def written(out: Path, rows: np.ndarray, then: BaseException | None = None) -> None:
    with PngInBands(out, 97, 150) as png:
        png.write(rows)
        if then:
            raise then


def test_fewer_rows_than_promised_leave_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    out.write_bytes(b"before")
    with pytest.raises(MediaError, match=r"a\.png was to have 150 rows and got only 149"):
        written(out, pixels()[:149])
    with pytest.raises(KeyboardInterrupt):
        written(out, pixels(), KeyboardInterrupt())
    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]


def test_what_was_not_promised_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    for wrong in (
        pixels()[:, 1:],
        pixels(channels=4),
        pixels() / 255.0,
        np.tile(pixels(), (2, 1, 1)),
    ):
        with pytest.raises(ValueError, match="expected"):
            written(out, wrong)
    with pytest.raises(ValueError, match="0×5"):
        PngInBands(out, 0, 5)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    out = tmp_path / "none" / "a.png"
    with pytest.raises(FileNotFoundError) as told, PngInBands(out, 4, 4):
        pass
    assert told.value.filename == str(out)


PEAK = """
import sys, time
import numpy as np
from pathlib import Path
from dreamer.media.banded import PngInBands
out, width, height = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
chance, began = np.random.default_rng(0), time.monotonic()
noise = chance.integers(0, 12, (256, width, 3), np.uint8)
soft = (np.arange(width) * 240 // width).astype(np.uint8)[None, :, None]
with PngInBands(out, width, height) as png:
    for top in range(0, height, 256):
        png.write((noise + soft)[: min(256, height - top)])
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
peak = int(status["VmHWM"].split()[0]) // 1024  # its own: that of getrusage is its parent's too
print(peak, time.monotonic() - began, out.stat().st_size)
"""


def peak_of(out: Path, width: int, height: int) -> tuple[float, float]:
    """MB that writing took at most, and seconds."""
    command = [sys.executable, "-c", PEAK, str(out), str(width), str(height)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak, seconds, _ = map(float, done.stdout.split())
    return peak, seconds


def test_memory_does_not_grow_with_height(tmp_path: Path) -> None:
    low, _ = peak_of(tmp_path / "low.png", 1500, 256)
    high, _ = peak_of(tmp_path / "high.png", 1500, 6 * 1024)
    assert high - low < 10


@pytest.mark.slow
def test_a_print_takes_little_memory(tmp_path: Path) -> None:
    peak, _ = peak_of(tmp_path / "print.png", 20_000, 14_000)
    assert peak < 300
