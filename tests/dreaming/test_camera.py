"""The camera moves the picture as its arguments say, and invents nothing at the edges but what
`edges` says.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dreamer.draw.noise import pink
from dreamer.dreaming.camera import EDGES, source_of, view

COLOR = (0.9, 0.2, 0.4)


def reference(image: np.ndarray, places: np.ndarray, edges: str) -> np.ndarray:
    """The cubic spline through the pixels of a picture that numpy has continued far beyond its
    edges: its coefficients by solving the equations that it goes through them all, its values by
    summing B-splines as they are printed (Unser 1999), pixel by pixel.
    """

    def kernel(distance: float) -> float:
        s = abs(distance)
        if s < 1:
            return 2 / 3 - s**2 + s**3 / 2
        return (2 - s) ** 3 / 6 if s < 2 else 0.0

    def solved(values: np.ndarray, axis: int) -> np.ndarray:
        count = values.shape[axis]
        sampled = np.array([[kernel(i - k) for k in range(count)] for i in range(count)])
        return np.moveaxis(np.linalg.solve(sampled, np.moveaxis(values, axis, 1)), 1, axis)

    far = 3 * max(image.shape)
    margins = ((0, 0), (far, far), (far, far))
    modes = {"mirror": "symmetric", "replicate": "edge", "wrap": "wrap"}
    below = np.array(COLOR)[:, None, None] if edges == "color" else 0.0
    wide = np.pad(image - below, margins, modes.get(edges, "constant")).astype(np.float64)
    coefficients = solved(solved(wide, 1), 2)
    out = np.zeros((3, *places.shape[:2]))
    for i, j in np.ndindex(*places.shape[:2]):
        x, y = places[i, j]
        for row in range(int(np.floor(y)) - 1, int(np.floor(y)) + 3):
            for column in range(int(np.floor(x)) - 1, int(np.floor(x)) + 3):
                part = kernel(x - column) * kernel(y - row)
                out[:, i, j] += part * coefficients[:, row + far, column + far]
    return (out + below).clip(0, 1)


def spot(height: int, width: int, y: float, x: float) -> torch.Tensor:
    """A soft white spot centred on (y, x) in pixels."""
    ys, xs = torch.arange(height)[:, None], torch.arange(width)[None]
    return torch.exp(-((ys - y) ** 2 + (xs - x) ** 2) / 18.0).expand(1, 3, -1, -1)


def centre_of(image: torch.Tensor) -> tuple[float, float]:
    light = image[0, 0].double()
    ys, xs = torch.arange(light.shape[0])[:, None], torch.arange(light.shape[1])[None]
    return ((light * ys).sum() / light.sum()).item(), ((light * xs).sum() / light.sum()).item()


def test_no_motion_returns_the_very_image() -> None:
    image = torch.rand(1, 3, 9, 9)
    assert view(image) is image


def test_zoom_moves_away_from_the_centre() -> None:
    y, x = centre_of(view(spot(81, 121, 40, 70), zoom=1.5, edges="color"))
    assert (y, x) == pytest.approx((40, 75), abs=0.05)  # ten right of the middle becomes fifteen


def test_rotation_is_counter_clockwise() -> None:
    y, x = centre_of(view(spot(121, 121, 60, 80), rotate=90, edges="color"))
    assert (y, x) == pytest.approx((40, 60), abs=0.05)  # right of the middle becomes above it


def test_move_is_in_widths_and_heights() -> None:
    y, x = centre_of(view(spot(100, 200, 50, 60), move=(0.1, -0.2), edges="color"))
    assert (y, x) == pytest.approx((30, 80), abs=0.05)


def test_center_stays_in_place() -> None:
    image = spot(100, 200, 24.5, 149.5)
    y, x = centre_of(view(image, zoom=1.3, rotate=30, center=(0.75, 0.25), edges="color"))
    assert (y, x) == pytest.approx((24.5, 149.5), abs=0.05)


def test_rates_compose() -> None:
    once = source_of((64, 64), 1.21, 20, (0, 0), (0.5, 0.5))
    half = source_of((64, 64), 1.1, 10, (0, 0), (0.5, 0.5))
    square = torch.cat([half, torch.tensor([[0, 0, 1.0]], dtype=torch.float64)])
    torch.testing.assert_close((square @ square)[:2], once)


@pytest.mark.parametrize("edges", EDGES)
def test_edges(edges: str) -> None:
    image = torch.zeros(1, 3, 20, 40)
    image[..., :10] = 0.75  # the left quarter is bright
    image[..., 30:] = 0.25
    seen = view(image, move=(0.25, 0), edges=edges, edge_color=(1.0, 0.0, 0.0))
    beyond = seen[0, :, 10, 2].tolist()  # what came in from the left
    expected = {
        "mirror": [0.75] * 3,
        "replicate": [0.75] * 3,
        "wrap": [0.25] * 3,
        "color": [1.0, 0.0, 0.0],
    }
    assert beyond == pytest.approx(expected[edges], abs=0.02)


def test_wrapping_round_and_back_is_the_same_picture() -> None:
    image = torch.rand(1, 3, 16, 32, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        view(image, move=(1.0, -1.0), edges="wrap"), image, atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("edges", EDGES)
def test_a_view_is_the_spline_through_all_pixels(edges: str) -> None:
    image = torch.rand(1, 3, 9, 14, generator=torch.Generator().manual_seed(0))
    motion = {"zoom": 0.6, "rotate": 17.0, "move": (0.31, -0.2)}
    matrix = source_of((9, 14), center=(0.5, 0.5), **motion).numpy()
    places = np.array([[matrix @ (j, i, 1) for j in range(14)] for i in range(9)])
    seen = view(image, edges=edges, edge_color=COLOR, **motion)[0].numpy()
    np.testing.assert_allclose(seen, reference(image[0].numpy(), places, edges), atol=1e-6)


@pytest.mark.parametrize("edges", EDGES)
def test_whole_pixels_are_moved_exactly_to_rounding(edges: str) -> None:
    image = torch.rand(2, 3, 16, 32, generator=torch.Generator().manual_seed(0))
    seen = view(image, move=(3 / 32, -5 / 16), edges=edges)
    torch.testing.assert_close(seen[:, :, :-5, 3:], image[:, :, 5:, :-3], atol=5e-7, rtol=0)


@pytest.mark.parametrize("move", [(0.5 / 96, 0), (0.37 / 96, 0.5 / 64)])
def test_the_camera_alone_sharpens_nothing(move: tuple[float, float]) -> None:
    """A film feeds its frames back: what a frame amplifies, two hundred blow up."""
    image = before = pink(64, 96, 0)
    for _ in range(200):
        image = view(image, move=move, edges="wrap")
    assert image.std() <= before.std()
    torch.testing.assert_close(image.mean((2, 3)), before.mean((2, 3)), rtol=0, atol=1e-4)


def test_an_edge_seen_two_hundred_times_is_neither_soft_nor_rings() -> None:
    """A Catmull-Rom kernel leaves it a slope of 0.10 and 5 % of ringing."""
    image = torch.full((1, 3, 8, 128), 0.25)
    image[..., 32:96] = 0.75
    for _ in range(200):
        image = view(image, move=(0.37 / 128, 0), edges="wrap")
    line = image[0, 0, 4]
    assert (line - line.roll(1)).abs().max() > 0.16
    assert line.max() < 0.75 + 0.035
    assert line.min() > 0.25 - 0.035


def test_a_turn_round_and_back_keeps_middle_frequencies() -> None:
    """Of waves of four pixels, after sixty turns by three degrees; Catmull-Rom leaves 4 %."""
    across = torch.arange(96)
    image = (0.5 + 0.25 * torch.sin(across * torch.pi / 2)).expand(1, 3, 96, 96).contiguous()
    before = image[..., 32:64, 32:64].std()
    for turn in range(60):
        image = view(image, rotate=3.0 if turn < 30 else -3.0)
    assert image[..., 32:64, 32:64].std() > 0.35 * before


def test_unknown_edges_are_refused() -> None:
    with pytest.raises(ValueError, match="mirror"):
        view(torch.rand(1, 3, 4, 4), zoom=2, edges="bounce")
