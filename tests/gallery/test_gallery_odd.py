"""Reports and recipes with numbers that nobody counted: the rest of a gallery is built all the
same.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from made_items import picture, render

from dreamer.engine import gallery as engine
from dreamer.engine.gallery_items import _rate
from dreamer.jobs.gallery import gallery

HUGE = int("9" * 400)


@pytest.mark.parametrize(
    "told",
    [
        {"seconds": float("inf")},
        {"seconds": float("nan")},
        {"seconds": HUGE},
        {"seconds": -1},
        {"seconds": "long"},
        {"megapixel_steps_a_second": float("inf")},
        {"megapixel_steps_a_second": HUGE},
        {"frames_a_second": HUGE},
        {"frames": HUGE},
    ],
    ids=lambda told: "-".join(f"{key}-{str(value)[:5]}" for key, value in told.items()),
)
@pytest.mark.parametrize("film", [False, True], ids=["still", "film"])
def test_a_number_that_nobody_counted_is_not_shown(
    tmp_path: Path, told: dict[str, object], film: bool
) -> None:
    render(tmp_path / "in" / "odd", "seed: 1\n", film=film, **told)
    built = gallery([tmp_path / "in"], tmp_path / "site").built
    assert (built.items, built.left_out) == (1, ())
    (page,) = (tmp_path / "site" / "items").iterdir()
    text = page.read_text()
    assert "inf" not in text.split("<dl", 1)[1].split("</dl>")[0]
    if "seconds" in told:
        assert "<dt>time</dt>" not in text


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (24, 24),
        (23.976, 23.976),
        ("30000/1001", pytest.approx(29.97, abs=1e-3)),
        ("1e3000000", 0),
        ("1e99999999999999", 0),
        ("1/1e99999999", 0),
        ("1/0", 0),
        ("1" * 300, 0),
        (float("inf"), 0),
        (-5, 0),
        ([24], 0),
        ("", 0),
    ],
)
def test_a_rate_is_read_in_no_time_whatever_it_is(fps: object, rate: float) -> None:
    began = time.perf_counter()
    assert _rate(fps) == rate
    assert time.perf_counter() - began < 0.1


def test_what_breaks_its_page_is_left_out_with_all_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("good", "odd"):
        render(tmp_path / "in" / name, f"title: {name}\n")
    gallery([tmp_path / "in"], tmp_path / "site")
    picture((96, 64), 7).save(tmp_path / "in" / "odd" / "dream.png")
    real = engine.item

    def broken(key: str, thing: engine.Thing, seen: engine.Seen) -> engine.Item:
        if thing.found.path.name == "odd":
            raise OverflowError("int too large to convert to float")
        return real(key, thing, seen)

    monkeypatch.setattr(engine, "item", broken)
    built = gallery([tmp_path / "in"], tmp_path / "site").built
    (said,) = built.left_out
    assert said == f"{tmp_path / 'in' / 'odd'} cannot be shown: int too large to convert to float"
    assert built.items == 1
    left = [path.name for path in (tmp_path / "site").rglob("*.*") if path.name[0] != "."]
    assert len(left) == 5, left  # the index; page, recipe, thumbnail and picture of the other
    assert json.loads((tmp_path / "site" / ".dreamer-gallery.json").read_text())[
        "files"
    ].keys() == {
        path.relative_to(tmp_path / "site").as_posix()
        for path in (tmp_path / "site").rglob("*.*")
        if path.name[0] != "."
    }
