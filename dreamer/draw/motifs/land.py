"""Motifs of sky and earth; they fill their whole place unless they are single things."""

from __future__ import annotations

import math

import torch

from dreamer.draw.motifs.canvas import (
    TAU,
    Draw,
    Ink,
    box,
    cells,
    line,
    lit,
    mix,
    pale,
    ramp,
    scatter,
    sector,
    smooth,
    wave,
)


def _sky(d: Draw, ink: Ink) -> None:
    c, chance = d.colours, d.chance
    ink.lay(ramp(0.5 + 0.5 * d.y, [c[2], pale(c[2], 0.6)]), torch.ones_like(d.x))
    puffs = smooth(0.5, 0.75, chance.clouds(4, 4) + 0.1 * d.y) * chance.coin(0.6)
    ink.wash(pale(c[4], 0.8), puffs * 0.8)


def mountain(d: Draw) -> Ink:
    """Ranges with snow, paler with distance, under a sky with its sun."""
    c, ink, chance = d.colours, d.ink(), d.chance
    _sky(d, ink)
    sun = torch.hypot(d.x - chance.between(-0.7, 0.7), d.y + chance.between(0.3, 0.8))
    ink.wash(
        pale(c[3], 0.75),
        (d.inside(sun - 0.14) + 0.35 * torch.exp(-((sun / 0.35) ** 2))).clamp(0, 1),
    )
    for k in range(4):
        ridge = chance.ridge(5, 5)
        below = d.y - (-0.05 + 0.34 * k) + (1.15 - 0.22 * k) * (ridge - 0.35)
        crags = 1 - 2 * (chance.clouds(7, 4) - 0.5 + 0.06 * d.x).abs() * 3
        rock = mix(pale(c[2], 0.35), c[0] * 0.45, torch.tensor(k / 3.2))
        light = 0.6 + 0.5 * crags.clamp(0, 1) + 0.25 * (chance.noise(30) - 0.5)
        ink.lay(lit(rock, light), d.inside(-below))
        snow = (
            smooth(0.0, 0.1, 0.16 - below + 0.2 * (crags.clamp(0, 1) - 0.6))
            * chance.coin(0.7)
            * (k < 3)
        )
        ink.wash(lit(pale(c[4], 0.9), 0.8 + 0.2 * crags.clamp(0, 1)), snow * d.inside(-below))
    return ink


def river(d: Draw) -> Ink:
    """Water winding away between meadows to hills."""
    c, ink, chance = d.colours, d.ink(), d.chance
    _sky(d, ink)
    horizon = -0.35
    hills = d.y - horizon + 0.3 * (chance.ridge(3, 3) - 0.3)
    ink.wash(lit(pale(c[0], 0.35), 0.7 + 0.4 * chance.clouds(6)), d.inside(-hills))
    depth = (d.y - horizon).clamp(min=0.02)
    ground = d.inside(horizon - d.y)
    tufts = chance.clouds(12, 3)
    ink.wash(
        lit(ramp(tufts + 0.2 * depth, [c[1] * 0.7, c[0], pale(c[0], 0.25)]), 0.6 + 0.7 * tufts),
        ground,
    )
    way = (
        chance.between(0.35, 0.6) * torch.sin(1.6 / (depth + 0.22) + chance.between(0, TAU)) * depth
    )
    bank = (d.x - way).abs() - 0.42 * depth
    water = ramp(0.5 + 0.5 * wave(9 / depth + 3 * d.x), [c[3] * 0.8, c[3], pale(c[2], 0.6)])
    ink.wash(water, d.inside(bank) * ground)
    return ink.shade(1 - 0.4 * torch.exp(-((bank / 0.04) ** 2)) * ground)


def dunes(d: Draw) -> Ink:
    """Sand in crests with one lit and one shadowed side, and ripples."""
    c, ink, chance = d.colours, d.ink(), d.chance
    _sky(d, ink)
    for k in range(4):
        rate, phase = chance.between(1.2, 2.6), chance.between(0, TAU)
        shape = (torch.sin(d.x * rate + phase) + 0.4 * torch.sin(d.x * rate * 2.3 + phase)) * 0.2
        below = d.y + 0.35 - 0.35 * k + shape
        crest = d.x * rate + phase + (1.4 + k * 0.3) * below
        side = smooth(-0.25, 0.25, torch.sin(crest))
        ripples = wave((below * 34 + 4 * torch.sin(d.x * 3 + phase)) * (1 - 0.12 * k))
        sand = ramp(side, [c[1] * 0.55, c[0], pale(c[0], 0.3)])
        ink.lay(lit(sand, 0.82 + 0.22 * ripples), d.inside(-below))
    return ink


def cloud(d: Draw) -> Ink:
    """A heaped cloud, flat below, lit from above."""
    c, ink, chance = d.colours, d.ink(), d.chance
    heap = torch.full_like(d.x, 9.0)
    light = torch.zeros_like(d.x)
    for _ in range(9):
        px, py = chance.between(-0.75, 0.75), chance.between(-0.35, 0.25)
        radius = chance.between(0.2, 0.4) * (1.2 - px.abs())
        puff = torch.hypot(d.x - px, d.y - py) - radius
        near = d.inside(puff, 30)
        light = torch.maximum(light, near * (0.75 - (d.y - py) / radius * 0.35))
        heap = torch.minimum(heap, puff)
    edge = heap - 0.16 * (chance.clouds(6, 4) - 0.5)
    edge = torch.maximum(edge, (d.y - 0.38) * 0.7)
    tone = ramp(
        light + 0.35 * (chance.clouds(8, 3) - 0.5), [c[1], pale(c[0], 0.5), pale(c[0], 0.92)]
    )
    return ink.lay(tone, smooth(0.06, -0.08, edge))


def flame(d: Draw) -> Ink:
    """Tongues of fire, white at the heart."""
    c, ink, chance = d.colours, d.ink(), d.chance
    rise = (d.y + 1) / 2
    lick = (chance.clouds(4, 3) - 0.5) * (1 - rise) * 1.6
    x = d.x + lick
    tongues = 0.12 * torch.sin(x * chance.between(7, 12) + 3 * rise) * (1 - rise)
    width = 0.62 * (rise.clamp(0.01, 1) ** 0.7) * (1.15 - 0.8 * (rise - 0.75).clamp(min=0) * 3)
    heat = ((width - x.abs()) / 0.5 + tongues).clamp(-1, 1)
    tone = ramp(heat * 1.25, [c[1] * 0.8, c[1], c[0], pale(c[0], 0.4), pale(c[2], 0.9)])
    return ink.lay(tone, smooth(0.0, 0.18, heat))


def galaxy(d: Draw) -> Ink:
    """Arms of dust and stars about a bright heart."""
    c, ink, chance = d.colours, d.ink(), d.chance
    squash = chance.between(1.0, 2.2)
    r = torch.hypot(d.x, d.y * squash).clamp(min=0.02)
    angle = torch.atan2(d.y * squash, d.x)
    wind = chance.between(2.0, 4.0) * chance.sign()
    arms = wave((angle + wind * r.log()) * chance.whole(2, 3) + 2 * chance.clouds(6, 3))
    dust = chance.clouds(7, 4)
    glow = torch.exp(-r * 2.2) * 1.1 + arms**2 * torch.exp(-r * 1.5) * (0.4 + dust)
    night = c[4] * 0.12
    sky = ramp(glow, [night, c[1] * 0.7, c[0], pale(c[2], 0.55), pale(c[2], 0.9)])
    stars, _, own = cells(d.x * 13, d.y * 13)
    ink.lay(sky, torch.ones_like(d.x))
    return ink.wash(pale(c[3], 0.8), smooth(0.16, 0.02, stars) * (own > 0.55) * (0.4 + own))


def moon(d: Draw) -> Ink:
    """A cratered ball, whole or a crescent, with a halo."""
    c, ink, chance = d.colours, d.ink(), d.chance
    halo = torch.exp(-(((d.r - 0.6).clamp(min=0) / 0.35) ** 2)) * 0.5
    ink.lay(pale(c[0], 0.3), halo)
    ball = d.r - 0.72
    seas = chance.clouds(4, 3)
    relief = torch.zeros_like(d.x)
    for size in (3.2, 6.5):
        distance, _, own = cells(d.x * size + chance.between(0, 9), d.y * size, 0.9)
        rim = 0.22 + 0.14 * own
        relief = relief + (
            torch.exp(-(((distance - rim) / 0.07) ** 2)) - 0.7 * (distance < rim)
        ) * (own > 0.4)
    tone = ramp(seas * 1.6 - 0.3, [c[1] * 0.65, c[0], pale(c[0], 0.5)])
    phase = smooth(-0.25, 0.3, chance.between(-0.3, 1.3) - d.x * chance.sign())
    light = (0.85 + 0.22 * relief) * (1.1 - 0.4 * d.r**2) * (0.12 + 0.88 * phase)
    return ink.lay(lit(tone, light), d.inside(ball))


def star(d: Draw) -> Ink:
    """A pointed star of two-sided facets, or a burst of light."""
    c, ink, chance = d.colours, d.ink(), d.chance
    count = chance.whole(5, 8)
    number, across = sector(d.angle, count, math.pi / 2)
    half = TAU / count / 2
    inner = chance.between(0.35, 0.55)
    part = across.abs() / half
    edge = inner / (inner + (1 - inner) * part).clamp(min=1e-3)
    distance = (d.r - edge) * 0.5
    facet = 0.72 + 0.3 * torch.sign(across) * torch.cos(d.angle - across)
    tone = ramp(d.r / edge, [pale(c[0], 0.6), c[0], c[1]])
    ink.lay(pale(c[0], 0.5), torch.exp(-d.r * 2.4) * 0.6 * chance.coin())
    light = (facet + 0.1 * scatter(number)) * (0.6 + 0.4 * line(distance, 0.03))
    return ink.lay(lit(tone, light), d.inside(distance))


def crystal(d: Draw) -> Ink:
    """Faceted shafts growing out of one foot."""
    c, ink, chance = d.colours, d.ink(), d.chance
    for k in (-2, 2, -1, 1, 0):
        lean = 0.28 * k + chance.between(-0.1, 0.1)
        cosine, sine = torch.cos(lean), torch.sin(lean)
        x = d.x * cosine + (d.y - 0.8) * sine
        y = (d.y - 0.8) * cosine - d.x * sine
        tall, wide = chance.between(1.1, 1.8) - 0.22 * abs(k), chance.between(0.14, 0.24)
        tip = (wide - x.abs()) * 1.3
        shaft = torch.maximum(x.abs() - wide, torch.maximum(y - 0.1, -tall - y + (wide - tip)))
        face = torch.where(x / wide < -0.35, 0.65, torch.where(x / wide < 0.3, 1.15, 0.85))
        capped = torch.where(y < -tall + wide, face * 1.2, face)
        tone = ramp(-y / tall + 0.15 * chance.noise(5), [c[1] * 0.7, c[0], pale(c[0], 0.55)])
        seams = (x / wide + 0.35).abs().minimum((x / wide - 0.3).abs())
        ink.lay(lit(tone, capped * (0.75 + 0.25 * line(seams, 0.06))), d.inside(shaft))
        ink.wash(pale(c[2], 0.8), d.stroke(seams * wide, 0.006) * d.inside(shaft) * 0.7)
    return ink


def lightning(d: Draw) -> Ink:
    """Forked bolts under a storm cloud."""
    c, ink, chance = d.colours, d.ink(), d.chance
    storm = chance.clouds(4, 4)
    ink.lay(
        lit(ramp(storm, [c[1] * 0.25, c[1] * 0.6, c[0] * 0.8]), 1.0 - 0.2 * d.y),
        torch.ones_like(d.x),
    )
    for k in range(3):
        path = (chance.ridge(6, 5) - 0.45).transpose(1, 2)
        rows = torch.nn.functional.interpolate(
            path.transpose(1, 2), size=d.x.shape[1], mode="linear"
        )
        off = d.x - rows.transpose(1, 2) * (0.9 + 0.4 * k) - chance.between(-0.4, 0.4)
        foot = chance.between(0.2, 1.3)
        reach = smooth(0.0, 0.25, foot - d.y)
        glow = torch.exp(-off.abs() * 7) * 0.6 + torch.exp(-off.abs() * 60)
        ink.wash(pale(c[2], 0.75), (glow * reach / (1 + 0.5 * k)).clamp(0, 1))
    return ink


def volcano(d: Draw) -> Ink:
    """A cone that spills fire, with a plume."""
    c, ink, chance = d.colours, d.ink(), d.chance
    plume = torch.hypot(d.x + 0.3 * d.y * chance.sign(), (d.y + 0.75) * 0.8) - 0.45
    billow = plume + 0.35 * (chance.clouds(5, 4) - 0.5) * 2
    ink.lay(lit(pale(c[4], 0.25), 0.4 + 0.8 * chance.clouds(7, 3)), smooth(0.1, -0.15, billow))
    slope = d.x.abs() - 0.13 - 0.62 * (d.y + 0.35).clamp(min=0) ** 1.2
    cone = torch.maximum(slope, -d.y - 0.35 + 0.05 * chance.noise(12))
    rock = lit(c[1] * 0.45, 0.6 + 0.8 * wave(d.angle * 30 + 5 * chance.clouds(8, 3)))
    ink.lay(rock, d.inside(torch.maximum(cone, d.y - 1)))
    run = (torch.sin(d.x * 9 + 3 * chance.clouds(4, 2)) + 0.25 * d.y).abs() - 0.16
    ink.wash(
        ramp(0.6 - run * 2, [c[0] * 0.8, c[0], pale(c[2], 0.5)]),
        d.inside(run / 8, 4) * d.inside(cone),
    )
    fountain = torch.exp(-((d.x / (0.06 + 0.25 * (-d.y - 0.3).clamp(min=0))) ** 2)) * d.inside(
        box(d.x, d.y + 0.55, 0.4, 0.25), 12
    )
    return ink.lay(pale(c[2], 0.35), (fountain * (0.4 + chance.noise(16))).clamp(0, 1))
