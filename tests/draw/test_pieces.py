"""Pieces as they are drawn: where they should lie, in what colours, and the same in all bands."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import Image

from dreamer.draw import patches
from dreamer.draw.canvas import compose, covered, plain
from dreamer.draw.cutouts import Mask
from dreamer.draw.dress import Dress
from dreamer.draw.layouts.placement import Frame, Placement
from dreamer.draw.patches import rows
from dreamer.draw.piece import bounds, prepare
from dreamer.draw.shadows import Shadow
from dreamer.draw.spots import spot_of

PLAIN = Dress()


def picture(height: int = 40, width: int = 60, alpha: bool = False) -> np.ndarray:
    """Soft colours, no two places alike; with alpha a disc of it."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [0.5 + 0.4 * np.sin(x / 7 + k) * np.cos(y / (5 + k)) for k in range(3)]
    if alpha:
        away = np.hypot(x - width / 2, y - height / 2)
        planes.append(np.clip(min(width, height) / 2 - away, 0, 1))
    return np.stack(planes).astype(np.float32)


def drawn(
    given: np.ndarray,
    placement: Placement,
    dress: Dress = PLAIN,
    size: tuple[int, int] = (100, 80),
    ground: str = "black",
    exact: bool = False,
) -> np.ndarray:
    ready = prepare(given, placement, dress, exact)
    return compose(lambda *_: [ready], 0, size[1], plain(ground, size[0]))


def test_a_straight_piece_of_its_own_size_is_copied() -> None:
    given = np.rint(picture() * 255).astype(np.float32) / 255
    found = drawn(given, Placement(0, 50, 40, 60, 40))
    np.testing.assert_allclose(found[:, 20:60, 20:80], given, atol=1e-6)
    found[:, 20:60, 20:80] = 0
    assert not found.any()


def test_neighbours_between_pixels_leave_no_gap_and_do_not_overlap() -> None:
    white = np.ones((3, 8, 8), np.float32)
    halves = Dress(mode="difference")  # twice white would be black
    ready = [
        prepare(white, Placement(k, 3.3 + 7.37 * k + 3.685, 20, 7.37, 11), halves) for k in range(9)
    ]
    found = compose(lambda *_: ready, 0, 40, plain("black", 80))
    assert (found[:, 15:26, 3:70] == 1).all()
    assert found.sum() == pytest.approx(3 * 11 * 67)


def test_smaller_is_as_areas_are() -> None:
    """Bars finer than a pixel become grey, and not other bars."""
    bars = np.zeros((3, 90, 90), np.float32)
    bars[:, :, ::2] = 1
    found = drawn(bars, Placement(0, 50, 40, 31, 29))[:, 30:50, 40:60]
    np.testing.assert_allclose(found, 0.5, atol=0.03)


def test_resized_as_pillow_does_by_lanczos() -> None:
    given = np.rint(picture(160, 240) * 255).astype(np.uint8)
    seen = Image.fromarray(np.ascontiguousarray(given.transpose(1, 2, 0)))
    expected = np.asarray(seen.resize((60, 40), Image.Resampling.LANCZOS, (24, 16, 216, 144)))
    placed = Placement(0, 50, 40, 60, 40, crop=(0.1, 0.1, 0.9, 0.9))
    found = drawn(given.astype(np.float32) / 255, placed)[:, 20:60, 20:80]
    np.testing.assert_allclose(found * 255, expected.transpose(2, 0, 1), atol=1)


def test_what_is_transparent_lends_no_colour() -> None:
    """Red in a green sea that is not there: no green fringe, whatever is done to it."""
    given = np.zeros((4, 200, 200), np.float32)
    given[1] = 1
    given[:, 60:140, 60:140] = np.array([1, 0, 0, 1], np.float32)[:, None, None]
    for turn, exact in ((0, False), (0, True), (33, False)):
        found = drawn(given, Placement(0, 50.3, 40.2, 51, 51, turn), ground="white", exact=exact)
        assert (np.abs(found[1] - found[2]) < 1e-3).all()
        assert found[0].min() > 0.999
        assert found[1, 40, 50] < 1e-3


@pytest.mark.parametrize(("turn", "times"), [(90, 1), (180, 2), (270, 3), (-90, 3), (450, 1)])
def test_quarter_turns_are_counter_clockwise_and_move_pixels_alone(turn: float, times: int) -> None:
    given = picture()
    found = drawn(given, Placement(0, 50, 40, 60, 40, turn), size=(100, 80))
    expected = np.rot90(given, times, (1, 2))
    high, wide = expected.shape[1:]
    top, left = 40 - high // 2, 50 - wide // 2
    np.testing.assert_allclose(found[:, top : top + high, left : left + wide], expected, atol=1e-5)


@pytest.mark.parametrize("turn", [10, 45, -30, 133])
def test_turned_as_places_say(turn: float) -> None:
    """Against what the picture is between its pixels, by its own formula."""
    found = drawn(picture(120, 160), Placement(0, 99.3, 101.6, 160, 120, turn), size=(200, 200))
    y, x = np.mgrid[0:200, 0:200] + 0.5
    dx, dy = x - 99.3, y - 101.6
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    u, v = c * dx - s * dy + 80 - 0.5, s * dx + c * dy + 60 - 0.5
    inside = (u > 1) & (u < 158) & (v > 1) & (v < 118)
    assert inside.sum() > 15_000
    for k in range(3):
        expected = 0.5 + 0.4 * np.sin(u / 7 + k) * np.cos(v / (5 + k))
        np.testing.assert_allclose(found[k][inside], expected[inside], atol=1e-3)


@pytest.mark.parametrize("turn", [0.5, 7, 45, 80])
def test_turned_edges_are_as_opaque_as_they_cover_pixels(turn: float) -> None:
    """Against a rectangle counted on a grid eight times as fine."""
    white = np.ones((3, 40, 60), np.float32)
    found = drawn(white, Placement(0, 50.25, 39.6, 60, 40, turn))[0]
    y, x = (np.mgrid[0:640, 0:800] + 0.5) / 8
    dx, dy = x - 50.25, y - 39.6
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    inside = (np.abs(c * dx - s * dy) <= 30) & (np.abs(s * dx + c * dy) <= 20)
    expected = inside.reshape(80, 8, 100, 8).mean((1, 3))
    assert np.abs(found - expected).max() < 0.13
    assert found.sum() == pytest.approx(60 * 40, rel=2e-3)


DRESSES = {
    "plain": Dress(),
    "dressed": Dress(
        "multiply", True, Mask("ellipse", feather=0.3), Shadow(), (("posterise", 5), ("bloom", 0.5))
    ),
    "screen": Dress("screen", mask=Mask("polygon", sides=5), shadow=Shadow((-9, 3.5), 0, "navy")),
    "lit": Dress("soft-light", True, Mask("luminance")),
}
FRAME = Frame(4, 4, 4, 14, "#f8f4e8")


@pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)
@pytest.mark.parametrize("ground", ["#8090a0", "transparent"])
@pytest.mark.parametrize("exact", [False, True])
def test_any_bands_are_the_same_bytes(dress: Dress, ground: str, exact: bool) -> None:
    placements = [
        Placement(0, 30.3, 20.7, 60, 40),
        Placement(1, 70.1, 50.2, 50.5, 41.2, 27.0, 0.7, frame=FRAME, caption="Any words"),
        Placement(2, -4, 76, 40, 30, 90, tint=(5.0, 3.0, -9.0)),
        Placement(3, 98, 3, 47, 61, -121.5, 0.4, crop=(0.2, 0.11, 0.83, 0.97)),
        Placement(4, 500, 500, 50, 50, 5),
        Placement(5, 44, 44, 0.2, 0.3, 0),
    ]
    ready = [prepare(picture(alpha=p.number % 2 == 1), p, dress, exact) for p in placements]

    def band(top: int, bottom: int) -> np.ndarray:
        return compose(lambda *_: ready, top, bottom, plain(ground, 100))

    whole = band(0, 80)
    assert len(np.unique(whole[0])) > 500
    for cuts in ((0, 1, 2, 40, 80), (0, 17, 79, 80), tuple(range(81))):
        parts = [band(a, b) for a, b in itertools.pairwise(cuts)]
        assert np.concatenate(parts, 1).tobytes() == whole.tobytes()


def test_a_large_piece_is_looked_up_in_strips_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    placed = Placement(0, 48.3, 41.8, 70, 50, 33)
    whole = drawn(picture(), placed, DRESSES["dressed"], ground="#8090a0")
    monkeypatch.setattr(patches, "AT_ONCE", 300)
    strips = drawn(picture(), placed, DRESSES["dressed"], ground="#8090a0")
    assert strips.tobytes() == whole.tobytes()


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("turn", [0, 90, 41])
def test_nothing_lies_outside_the_bounds_that_were_told(turn: float, exact: bool) -> None:
    dress = DRESSES["dressed"]
    placed = Placement(0, 48.3, 41.8, 30, 20, turn)
    told = bounds(placed, dress, exact)
    ready = prepare(picture(), placed, dress, exact)
    assert ready.bounds == told
    found = compose(lambda *_: [ready], 0, 80, plain("transparent", 100))[3]
    left, top, right, bottom = told
    assert found.sum() > 300
    found[max(0, top) : bottom, max(0, left) : right] = 0
    assert not found.any()
    assert rows(ready, bottom, bottom + 10, 100) == []


def test_a_piece_that_moves_by_parts_of_pixels_does_not_jump() -> None:
    """Its middle of weight goes as far as it does, each time."""
    given = picture(alpha=True)
    middles = []
    for k in range(25):
        placed = Placement(0, 40 + k / 8, 40, 47.3, 31.7)
        found = drawn(given, placed, ground="transparent", exact=True)[3]
        middles.append((found * (np.arange(100) + 0.5)).sum() / found.sum())
    np.testing.assert_allclose(np.diff(middles), 1 / 8, atol=0.015)


@pytest.mark.parametrize("frame", [None, Frame(3, 3, 3, 9)])
@pytest.mark.parametrize("turn", [0, 3])
def test_a_piece_that_grows_by_parts_of_pixels_does_not_jump(
    turn: float, frame: Frame | None
) -> None:
    dress = Dress(mask=Mask("ellipse", feather=0.1), shadow=Shadow((2, 3), 4))
    found = [
        drawn(
            picture(),
            Placement(0, 50, 40, 48, 32, turn, frame=frame).scaled(1 + k / 400),
            dress,
            ground="#8090a0",
            exact=True,
        )
        for k in range(25)
    ]
    steps = [np.abs(b - a).mean() for a, b in itertools.pairwise(found)]
    assert 0 < max(steps) < 2.5 * np.median(steps)


def test_a_piece_that_lies_at_whole_pixels_is_the_same_exactly() -> None:
    given = picture()
    placed = Placement(0, 50, 40, 60, 40)
    np.testing.assert_allclose(drawn(given, placed, exact=True), drawn(given, placed), atol=2e-5)


def test_the_piece_of_no_size_is_a_pixel() -> None:
    for turn, exact in ((0, False), (0, True), (30, False)):
        placed = Placement(0, 50.5, 40.5, 0.001, 0.001, turn)
        found = drawn(np.ones((3, 1, 1), np.float32), placed, exact=exact)
        assert found[:, 40, 50] == pytest.approx(1, abs=0.01)
        assert 2.9 < found.sum() < 4  # an edge is smooth, however short it is


def test_shadows_fall_where_light_says_however_a_piece_is_turned() -> None:
    dress = Dress(shadow=Shadow((12, 8), 6, "black", 0.6))
    white = np.ones((3, 20, 20), np.float32)
    for turn in (0, 90, 45, 200):
        found = drawn(white, Placement(0, 40, 30, 30, 30, turn), dress, ground="white")[0]
        dark = 1 - found
        weight = dark.sum()
        x = (dark * (np.arange(100) + 0.5)).sum() / weight
        y = (dark * (np.arange(80) + 0.5)[:, None]).sum() / weight
        assert x > 40 + 12
        assert y > 30 + 8
        assert dark[:8].max() < 0.01
        assert found[30, 40] == pytest.approx(1, abs=1e-5)


def test_a_shadow_does_not_lie_below_a_piece_that_is_mixed() -> None:
    shadow = Shadow((5, 5), 6, "black", 1.0)
    given = np.full((3, 30, 30), 0.5, np.float32)
    placed = Placement(0, 50, 40, 30, 30)
    found = drawn(given, placed, Dress("multiply", shadow=shadow), ground="#808080")
    alone = drawn(given, placed, Dress("multiply"), ground="#808080")
    np.testing.assert_allclose(found[:, 25:55, 35:65], alone[:, 25:55, 35:65], atol=1e-4)
    assert found[0, 57, 60] < 0.3


def test_a_frame_is_paper_with_the_picture_in_it_and_words_below() -> None:
    frame = Frame(5, 6, 7, 30, "#f0e0c0")
    blue = np.zeros((3, 50, 50), np.float32)
    blue[2] = 1
    placed = Placement(0, 50, 50, 80, 90, frame=frame, caption="Anything")
    found = np.rint(drawn(blue, placed, size=(100, 100)) * 255).astype(int)
    paper = found[:, 6, 11]
    assert paper.tolist() == [0xF0, 0xE0, 0xC0]
    left, top, right, bottom = 10 + 5, 5 + 6, 90 - 7, 95 - 30
    inside = found[:, top:bottom, left:right]
    assert (inside[2] == 255).all()
    assert not inside[0].any()
    around = (found[2] == 255).sum()
    assert around == (right - left) * (bottom - top)
    words = found[0, 66:94, 11:89]
    assert 60 < (words < 100).sum() < 900
    columns = np.flatnonzero((words < 100).any(0))
    assert abs((columns[0] + columns[-1]) / 2 - 38.5) < 3
    bare = drawn(blue, Placement(0, 50, 50, 80, 90, frame=frame), size=(100, 100))
    assert (np.rint(bare[0, 66:94, 11:89] * 255) == 0xF0).all()


def test_a_broad_frame_leaves_a_pixel_of_the_picture() -> None:
    placed = Placement(0, 50, 40, 10, 10, frame=Frame(9, 9, 9, 9, "white"))
    found = drawn(np.zeros((3, 5, 5), np.float32), placed, ground="white")
    assert (found[0] < 0.01).sum() == 1


def test_a_ground_of_a_picture_covers_all_in_any_bands() -> None:
    for given in (picture(30, 30), picture(300, 200)):
        ground = covered(given, 100, 80)
        whole = ground(0, 80)
        assert whole.shape == (3, 80, 100)
        parts = [ground(a, b) for a, b in ((0, 3), (3, 41), (41, 80))]
        assert np.concatenate(parts, 1).tobytes() == whole.tobytes()
        assert whole.min() > 0.05  # nothing black at the edges
        tall, wide = given.shape[1:]
        scale = max(100 / wide, 80 / tall)
        seen = Image.fromarray(given[0])
        across, down = 100 / scale / 2, 80 / scale / 2
        box = (wide / 2 - across, tall / 2 - down, wide / 2 + across, tall / 2 + down)
        expected = np.asarray(seen.resize((100, 80), Image.Resampling.BICUBIC, box))
        assert np.abs(whole[0] - expected).mean() < 0.01


def test_a_ground_with_alpha_makes_a_canvas_with_alpha() -> None:
    assert plain("#102030", 5)(3, 6).shape == (3, 3, 5)
    clear = plain("#10203000", 5)(3, 6)
    assert clear.shape == (4, 3, 5)
    assert not clear[3].any()
    seen = covered(picture(alpha=True), 60, 40, under="white")(0, 40)
    assert seen.shape == (3, 40, 60)
    np.testing.assert_allclose(seen[:, 0, 0], 1)  # through what is transparent


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"mode": "multipy"}, "did you mean 'multiply'"),
        ({"looks": (("posterise", 1),)}, "posterise: expected a whole number of levels"),
    ],
)
def test_a_dress_that_cannot_be_meant_is_refused(words: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Dress(**words)  # type: ignore[arg-type]


def test_a_dress_grows_with_its_canvas() -> None:
    found = Dress(shadow=Shadow((1, 2), 3), mask=Mask("ellipse")).scaled(3)
    assert found == Dress(shadow=Shadow((3, 6), 9), mask=Mask("ellipse"))
    assert Dress().scaled(3) == Dress()


@pytest.mark.parametrize("columns", [2, 6, 14, 22])
def test_neighbours_whose_edge_is_at_half_a_pixel_leave_no_line(columns: int) -> None:
    width = 1003 / columns
    spots = [
        spot_of(Placement(0, round((k + 0.5) * width, 4), 5, round(width, 4), 10), False)
        for k in range(columns)
    ]
    edges = [(spot.bounds[0], spot.bounds[2]) for spot in spots]
    assert all(right == left for (_, right), (left, _) in itertools.pairwise(edges))
    assert (edges[0][0], edges[-1][1]) == (0, 1003)
