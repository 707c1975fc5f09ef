"""A motif in a picture: ground, place, pose, company, what covers it, shadow and light."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.draw.motifs.canvas import TAU, Chance, Draw, Ink, cells, mix, ramp, smooth, wave
from dreamer.draw.motifs.catalogue import MOTIFS
from dreamer.draw.motifs.colours import palettes

BACKGROUND = "background"
OWN_COLOURS = 0.8  # of the pictures; the others have colours of any kind
GROUNDS = (
    "7aa8d8 c8dcec f0f0e8",
    "3f6a30 6a9a4a a8c070",
    "241c1a 4a3a30 7a6450",
    "14182a 2a3454 4a5a8a",
    "c8b48a e0d4b0 a88a5a",
    "d8d8d4 f0ece8 b0aca8",
    "1f4a5a 3a8a9a a0d0d0",
    "8a4a3a c8886a f0c8a0",
    "5a4a6a 9a8ab0 d8c8e0",
    "2a3a24 4a5a34 8a8a54",
)


def _rgb(words: tuple[str, ...]) -> Tensor:
    """Rows of hexadecimal colours as `(rows, colours, 3)`."""
    return torch.tensor([[list(bytes.fromhex(w)) for w in row.split()] for row in words]) / 255


def _any_colours(chance: Chance, count: int) -> Tensor:
    """Colours of any kind that go together, `(N, count, 3)`."""
    n, device = chance.count, chance.device
    hue = chance.between(0, 1)[:, :, 0]
    spread = torch.where(chance.coin(0.5)[:, :, 0] > 0, 0.07, 0.3)
    away = torch.randn((n, count), generator=chance.generator, device=device)
    other = 0.5 * (torch.arange(count, device=device) % 2) * chance.coin()[:, :, 0]
    hues = (hue + spread * away + other) % 1
    pick = torch.rand((2, n, count), generator=chance.generator, device=device)
    strength, value = 0.15 + 0.7 * pick[0], 0.25 + 0.75 * pick[1]
    k = torch.stack([(5 + hues * 6) % 6, (3 + hues * 6) % 6, (1 + hues * 6) % 6], -1)
    dip = torch.minimum(k, 4 - k).clamp(0, 1)
    return value[..., None] * (1 - strength[..., None] * dip)


def _pick(chance: Chance, rows: tuple[str, ...], own: float) -> tuple[Tensor, ...]:
    """For each picture one of the palettes, a little varied, or any colours."""
    table = _rgb(rows).to(chance.device)
    n, count = chance.count, table.shape[1]
    index = chance.whole(0, len(rows) - 1)[:, 0, 0].long()
    generator, device = chance.generator, chance.device
    vary = torch.randn((n, count, 3), generator=generator, device=device) * 0.035
    light = (chance.between(-0.12, 0.12) + 1)[:, :, :1]
    named = (table[index] * light + vary).clamp(0.01, 0.99)
    free = _any_colours(chance, count)
    colours = torch.where(chance.coin(own) > 0, named, free)
    return tuple(colours[:, k, :, None, None] for k in range(count))


def grid(chance: Chance) -> tuple[Tensor, Tensor]:
    """Coordinates of the pixels, ±1 on the shorter side, `(1, H, W)` each."""
    height, width = chance.size
    half = min(height, width) / 2
    y = (torch.arange(height, device=chance.device) + 0.5 - height / 2)[:, None] / half
    x = (torch.arange(width, device=chance.device) + 0.5 - width / 2)[None] / half
    return x.expand(height, width)[None], y.expand(height, width)[None]


def _posed(chance: Chance, name: str, crowd: float, calm: bool) -> Draw:
    """A place, an angle, a size, a slant and a little bending; `calm` leaves it in the middle."""
    motif = MOTIFS[name]
    x, y = grid(chance)
    pixel = 2 / min(chance.size)
    reach = 0.0 if calm else 0.35 + 0.25 * (1 - crowd)
    low, high = (s * crowd for s in motif.size)
    if calm:
        low = high = min(0.92, sum(motif.size) / 2)
    size = torch.exp(chance.between(0, 1) * torch.log(torch.tensor(high / low))) * low
    x, y = x - chance.between(-reach, reach), y - chance.between(-reach, reach)
    tilt = 0.0 if calm else motif.tilt
    angle = chance.between(-tilt, tilt)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    x, y = x * cosine + y * sine, y * cosine - x * sine
    squash = torch.exp(chance.between(-0.18, 0.18) * (0.0 if calm else 1.0))
    x, y = x / size * squash, y / size / squash
    if not calm:
        x = x + chance.between(-0.18, 0.18) * y
        if motif.tilt > 1:
            x = x * torch.sign(chance.between(-1, 1))
    bend = chance.between(0.0, 0.03 if calm else 0.09)
    x = x + (chance.noise(3) - 0.5) * 2 * bend
    y = y + (chance.noise(3) - 0.5) * 2 * bend
    colours = _pick(chance, palettes()[name], 1.0 if calm else OWN_COLOURS)
    return Draw(x, y, pixel / size, colours, chance)


def ground(chance: Chance, calm: bool = False) -> Tensor:
    """What lies behind things: light, haze, foliage, stripes, out-of-focus shapes, `(N, 3, H, W)`;
    `calm` is light and haze alone.
    """
    x, y = grid(chance)
    colours = _pick(chance, GROUNDS, 1.0 if calm else 0.75)
    angle = chance.between(0, TAU)
    along = x * torch.cos(angle) + y * torch.sin(angle)
    haze = chance.clouds(3, 4)
    if calm:
        return ramp(0.35 * haze + 0.65 * (0.5 + 0.4 * along), colours)
    t = mix(haze, 0.5 + 0.5 * along, chance.between(0, 1))
    stripes = wave(along * chance.between(4, 24) + haze * chance.between(0, 6))
    patches = cells(x * chance.between(2, 6), y * chance.between(2, 6))[2]
    kind = chance.between(0, 1)
    t = torch.where(kind < 0.15, stripes, torch.where(kind < 0.3, 0.6 * patches + 0.4 * haze, t))
    leaves = smooth(0.45, 0.6, chance.clouds(9, 3))
    t = torch.where(kind > 0.8, 0.7 * leaves + 0.3 * haze, t)
    picture = ramp(t, colours)
    for _ in range(3):
        px, py, size = chance.between(-1, 1), chance.between(-1, 1), chance.between(0.08, 0.45)
        power = chance.between(1.5, 4)
        blob = ((x - px).abs() ** power + (y - py).abs() ** power) ** (1 / power) - size
        cover = (0.5 - blob / chance.between(0.03, 0.3)).clamp(0, 1) * chance.coin(0.35)
        picture = mix(picture, _any_colours(chance, 1)[:, 0, :, None, None], cover[:, None])
    return picture


def _laid(picture: Tensor, ink: Ink, chance: Chance) -> Tensor:
    """`ink` over a picture, with its shadow beside it."""
    alpha = ink.alpha[:, None]
    step = max(1, min(chance.size) // 24)
    shadow = F.avg_pool2d(alpha.roll((step, step), (2, 3)), 2 * step + 1, 1, step)
    picture = picture * (1 - 0.45 * shadow * chance.between(0, 1)[:, None])
    return torch.lerp(picture, ink.colour, alpha)


def _light(picture: Tensor, chance: Chance) -> Tensor:
    """Slow light and shadow over everything, another exposure, and a lens's haze."""
    shade = 0.6 + 0.8 * chance.clouds(2, 2)
    strength = chance.between(0, 0.8)
    picture = picture * mix(torch.ones_like(shade), shade, strength)[:, None]
    tint = torch.stack([chance.between(0.9, 1.1)[:, 0] for _ in range(3)], 1)[..., None]
    gamma = torch.exp(chance.between(-0.3, 0.3))[:, None]
    return (picture * tint).clamp(1e-3, 1) ** gamma


def scene(
    name: str,
    count: int,
    size: tuple[int, int],
    generator: torch.Generator,
    calm: bool = False,
) -> Tensor:
    """Pictures of one motif, on the generator's device.

    Args:
        name: a key of `MOTIFS`, or `background` for a ground with nothing on it.
        count: how many.
        size: (height, width) in pixels.
        generator: where all chance comes from.
        calm: one motif in the middle, upright, whole, in its own colours and light.

    Returns: `(count, 3, H, W)` float32 in [0, 1].

    Raises:
        KeyError: no motif of that name.
    """
    chance = Chance(count, size, generator)
    motif = None if name == BACKGROUND else MOTIFS[name]
    if motif is not None and motif.fills:
        picture = motif.draw(_posed(chance, name, 1.0, calm)).colour
    else:
        picture = ground(chance, calm)
        if motif is not None:
            crowd = (
                1
                if calm
                else int(torch.rand((), generator=generator, device=chance.device) * 2.6) + 1
            )
            for _ in range(crowd):
                drawn = motif.draw(_posed(chance, name, 1.0 if crowd == 1 else 0.7, calm))
                picture = _laid(picture, drawn, chance)
    if not calm:
        picture = _covered(picture, chance)
        picture = _light(picture, chance)
    return picture.clamp(0, 1)


def _covered(picture: Tensor, chance: Chance) -> Tensor:
    """Sometimes something dark or bright and out of focus before a corner."""
    x, y = grid(chance)
    angle, off = chance.between(0, TAU), chance.between(0.65, 1.2)
    beyond = x * torch.cos(angle) + y * torch.sin(angle) + 0.3 * (chance.noise(4) - 0.5) - off
    cover = smooth(0.0, 0.15, beyond) * chance.coin(0.3)
    return mix(picture, _any_colours(chance, 1)[:, 0, :, None, None], cover[:, None])
