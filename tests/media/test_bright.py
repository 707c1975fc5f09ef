"""Light made for bright screens, by the points that the standards name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from filmed import film, numbered

from dreamer.media.bright import hlg_nits, pq_nits, shown
from dreamer.media.footage import film_frames
from dreamer.media.survey import survey

PQ = {0.0: 0, 0.508078: 100, 0.580689: 203, 0.751827: 1000, 1.0: 10_000}  # ITU-R BT.2408, table


def grey(level: float) -> np.ndarray:
    return np.full((3, 2, 2), level)


def test_levels_are_nits_as_the_standards_say() -> None:
    for level, nits in PQ.items():
        assert pq_nits(np.array(level)) == pytest.approx(nits, rel=1e-3)
    assert hlg_nits(grey(0.75)).max() == pytest.approx(203, rel=0.01)  # BT.2408's white
    assert hlg_nits(grey(1.0)).max() == pytest.approx(1000, rel=1e-3)


def test_greys_stay_grey_and_what_is_brighter_stays_brighter() -> None:
    found = [shown(grey(level), "smpte2084") for level in np.linspace(0, 1, 30)]
    assert max(np.ptp(picture) for picture in found) < 2e-3
    means = [picture.mean() for picture in found]
    assert np.all(np.diff(means) > 0)
    assert means[-1] == pytest.approx(1, abs=2e-3)
    assert means[22] == pytest.approx(0.994, abs=2e-3)  # about 1000 nits: nearly, not quite white
    # Light of half of white paper is what sRGB says of it: nothing is rolled off there.
    half = next(x for x in np.linspace(0.4, 0.6, 4001) if pq_nits(np.array(x)) >= 101.5)
    assert shown(grey(half), "smpte2084").mean() == pytest.approx(0.7354, abs=2e-3)


def test_a_red_of_bt2020_is_red_and_hues_stay() -> None:
    colour = np.array([0.55, 0.45, 0.40])[:, None, None] * np.ones((3, 2, 2))
    once, brighter = shown(colour, "smpte2084"), shown(colour + 0.12, "smpte2084")
    assert once[0].mean() > once[1].mean() > once[2].mean()
    assert brighter.max() <= 1
    assert brighter[0].mean() > once[0].mean()


def test_a_film_for_bright_screens_is_read_so(tmp_path: Path) -> None:
    tags = ("-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc")
    ten = "scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le"
    grade = f"{ten},setparams=color_trc=smpte2084:color_primaries=bt2020:colorspace=bt2020nc"
    options = ("-vf", grade, "-c:v", "libx265", "-x265-params", "log-level=none:lossless=1", *tags)
    path = film(tmp_path / "bright.mp4", numbered(4, 64, 64), options=options)
    found = list(film_frames(path, [0, 3], survey(path)))
    for number, picture in zip((0, 3), found, strict=True):
        level = (20 + 4 * number) / 255
        wanted = shown(grey(level), "smpte2084").mean()
        assert picture.mean() == pytest.approx(wanted, abs=4e-3)
