"""Reading ahead: in order, no further than it may, and in batches across files."""

from __future__ import annotations

import threading
import time
import tracemalloc
from dataclasses import replace
from functools import partial
from itertools import count, repeat
from pathlib import Path

import numpy as np
import pytest
import torch
from colours import RGB, painted
from PIL import Image

from dreamer.engine.execution import decide
from dreamer.engine.looking import End, View, ahead, looks
from dreamer.engine.scores import BATCH, classifier, fit
from dreamer.engine.scoring import Asked, scored
from dreamer.engine.seen import Sums
from dreamer.engine.spooled import Spool
from dreamer.engine.subjects import subjects
from dreamer.media.pictures import read_picture
from dreamer.media.png import encode_png
from dreamer.media.small_pictures import one_large
from dreamer.networks.cards import Card
from dreamer.recipe.times import Time


def test_results_come_in_order_and_not_too_many_are_made_before() -> None:
    made: list[int] = []

    def slowly(number: int) -> int:
        time.sleep(0.01 if number % 3 == 0 else 0)  # so that later ones are done before
        made.append(number)
        return number

    found = ahead((partial(slowly, k) for k in count()), 3, 5)
    for expected in range(12):
        assert next(found) == expected
        time.sleep(0.03)
        assert len(made) <= expected + 5
    found.close()


def test_what_nobody_waits_for_is_not_made() -> None:
    made: list[float] = []

    def slowly() -> None:
        time.sleep(0.05)
        made.append(time.monotonic())

    found = ahead(repeat(slowly), 1, 20)
    next(found)
    found.close()
    assert len(made) <= 3
    assert not [t for t in threading.enumerate() if t.name.startswith("reading")]


def test_an_error_of_a_reader_rises_where_its_result_would_be() -> None:
    def broken() -> int:
        raise ZeroDivisionError

    found = ahead([lambda: 1, broken, lambda: 3], 2, 2)
    assert next(found) == 1
    with pytest.raises(ZeroDivisionError):
        next(found)


def test_a_films_frames_are_as_far_apart_as_asked(film: Path, card: Card) -> None:
    def seen(every: Time) -> list[tuple[int, float]]:
        found = looks(subjects([film]), [card], every)
        return [(look.number, look.seconds) for look in found if isinstance(look, View)]

    assert seen(Time(1.0, "s")) == [(0, 0.0), (4, 1.0), (8, 2.0)]
    assert seen(Time(5.0, "frame")) == [(0, 0.0), (5, 1.25), (10, 2.5)]


def test_two_networks_that_want_the_same_share_it(pictures: Path, card: Card) -> None:
    view = next(looks(subjects([pictures]), [card, card], Time(1.0, "s")))
    assert isinstance(view, View)
    assert view.inputs[0] is view.inputs[1]
    assert view.inputs[0].shape == (1, 3, 16, 16)


def test_a_broken_file_ends_with_its_reason(pictures: Path, card: Card) -> None:
    (pictures / "green.png").write_bytes(b"<!DOCTYPE html>")
    found = list(looks(subjects([pictures]), [card], Time(1.0, "s")))
    ends = [look for look in found if isinstance(look, End)]
    assert [bool(end.problem) for end in ends] == [False, True, False, False]
    assert "is an HTML page; expected a picture" in ends[1].problem


def test_batches_go_across_files_and_give_what_one_by_one_gives(tmp_path: Path, card: Card) -> None:
    rng = np.random.default_rng(4)
    for k in range(2 * BATCH + 3):
        painted(tmp_path / "many" / f"{k:03d}.png", tuple(map(int, rng.integers(0, 256, 3))))
    execution, told = decide("cpu", "float32"), list[int]()
    asked, sums = Asked((card,), top=4), [Sums(card.classes)]
    listed = subjects([tmp_path / "many"])
    found = list(scored(listed, asked, execution, sums, None, told.append))
    assert told == [BATCH, 2 * BATCH, 2 * BATCH + 3]
    assert [thing.subject for thing in found] == listed
    alone = classifier(card, execution)
    for thing in found:
        (right,) = alone([read_picture(Path(thing.subject.file))])
        assert dict(thing.seen[0].labels) == pytest.approx(
            dict(zip(card.classes, right, strict=True)), abs=2e-6
        )


def test_rows_on_the_disk_are_those_that_were_added() -> None:
    rows = np.random.default_rng(0).random((2500, 7), np.float32)
    spool = Spool(7)
    for row in rows:
        spool.add(row)
    np.testing.assert_array_equal(spool.columns([5, 0]), rows[:, [5, 0]])
    np.testing.assert_array_equal(spool.peak, rows.max(0))
    spool.close()


def test_nothing_waits_but_what_networks_want(tmp_path: Path, card: Card) -> None:
    painted(tmp_path / "large.png", RGB["red"], (3000, 2000))
    (view, _) = looks(subjects([tmp_path / "large.png"]), [card], Time(1.0, "s"))
    assert isinstance(view, View)
    assert view.inputs[0].untyped_storage().nbytes() < 3 * 30 * 30 * 4


def noise(*size: int) -> np.ndarray:
    """Levels that change from pixel to pixel and from place to place."""
    rng = np.random.default_rng(sum(size))
    return np.uint8(rng.integers(0, 128, size) + np.linspace(0, 127, size[1])[None, :, None])


@pytest.mark.parametrize("fitted", ["centre", "squash"])
@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("large.png", Image.fromarray(noise(1300, 1700, 3))),  # several pieces
        ("wide.png", Image.fromarray(noise(30, 900, 3))),
        ("tiny.png", Image.fromarray(noise(5, 3, 3))),
        ("clear.png", Image.fromarray(noise(80, 90, 4))),
        ("grey.png", Image.fromarray(noise(80, 90, 1)[:, :, 0].astype(np.uint16) * 250)),
        ("near.jpg", Image.fromarray(noise(100, 90, 3))),  # as large as is needed
    ],
)
def test_made_small_row_by_row_it_is_what_the_whole_would_be(
    tmp_path: Path, card: Card, name: str, picture: Image.Image, fitted: str
) -> None:
    path, card = tmp_path / name, replace(card, fit=fitted, native=16, resize=24)
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    picture.save(path, exif=exif)
    (view, _) = looks(subjects([path]), [card], Time(1.0, "s"))
    assert isinstance(view, View)
    right = fit(torch.from_numpy(read_picture(path))[None], card)
    torch.testing.assert_close(view.inputs[0], right, atol=1e-6, rtol=0)


def test_levels_between_those_of_8_bits_count(tmp_path: Path, card: Card) -> None:
    level = 20000.4 / 65535
    (tmp_path / "deep.png").write_bytes(encode_png(np.full((3, 20, 30), level), 16))
    (view, _) = looks(subjects([tmp_path / "deep.png"]), [card], Time(1.0, "s"))
    assert isinstance(view, View)
    assert view.inputs[0].numpy() == pytest.approx(20000 / 65535, abs=1e-6)


def test_a_large_jpeg_is_decoded_small_and_seen_much_the_same(tmp_path: Path, card: Card) -> None:
    path = tmp_path / "large.jpg"
    soft = Image.fromarray(noise(40, 60, 3)).resize((1800, 1200), Image.Resampling.BICUBIC)
    soft.save(path, quality=95)
    (view, _) = looks(subjects([path]), [card], Time(1.0, "s"))
    assert isinstance(view, View)
    right = fit(torch.from_numpy(read_picture(path))[None], card)
    assert (view.inputs[0] - right).abs().max() < 0.02


@pytest.mark.parametrize("name", ["large.png", "large.jpg"])
def test_no_picture_is_ever_whole_in_floats(tmp_path: Path, card: Card, name: str) -> None:
    painted(tmp_path / name, RGB["red"], (4000, 3000))
    tracemalloc.start()
    try:
        list(looks(subjects([tmp_path / name]), [card], Time(1.0, "s")))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4000 * 3000 * 3  # in floats it is four times that


def test_one_very_large_picture_is_decoded_at_a_time(tmp_path: Path) -> None:
    small, large = tmp_path / "small.png", tmp_path / "large.png"
    Image.new("1", (9, 9)).save(small)
    Image.new("1", (5001, 5001)).save(large)
    begun = {path: threading.Event() for path in (small, large)}

    def decode(path: Path) -> None:
        with one_large(path):
            begun[path].set()

    with one_large(large):
        threads = [threading.Thread(target=decode, args=[path]) for path in (large, small)]
        for thread in threads:
            thread.start()
        assert begun[small].wait(5)
        assert not begun[large].wait(0.2)
    assert begun[large].wait(5)
    for thread in threads:
        thread.join()
