"""Motifs that fly, swim or crawl, and their feathers."""

from __future__ import annotations

import math

import torch

from dreamer.draw.motifs.canvas import (
    TAU,
    Draw,
    Ink,
    band,
    cells,
    circle,
    ellipse,
    line,
    lit,
    mix,
    pale,
    ramp,
    sector,
    segment,
    smooth,
    turned,
    wave,
)


def feather(d: Draw) -> Ink:
    """Barbs slanting off a quill, with bands."""
    c, ink, chance = d.colours, d.ink(), d.chance
    y = d.y + chance.between(-0.3, 0.3) * d.x * d.x
    width = chance.between(0.25, 0.42) * (1 - ((d.x - 0.1) / 1.02) ** 2).clamp(min=0) ** 0.6
    split = 0.06 * (wave(d.x * 9 + torch.sign(y) * 2) > 0.93).float()
    distance = y.abs() - width + split
    rate = chance.between(60, 110)
    barbs = wave(d.x * rate - y.abs() * rate * chance.between(0.6, 1.1) + 2 * chance.noise(6))
    bands = wave(d.x * chance.between(4, 14) - y.abs() * 5)
    part = mix(y.abs() / (width + 0.05), bands, chance.between(0, 1))
    ink.lay(lit(ramp(part, [c[0], c[1], c[2]]), 0.65 + 0.45 * barbs), d.inside(distance, 3))
    quill = torch.maximum(y.abs() - 0.022 * (1.3 - d.x), (d.x + 0.1).abs() - 1.1)
    return ink.lay(pale(c[3], 0.6), d.inside(quill))


def peacock_eye(d: Draw) -> Ink:
    """The eye of a peacock's feather: rings of metal colours among loose barbs."""
    c, ink, chance = d.colours, d.ink(), d.chance
    fan = sector(torch.atan2(d.x, 1.4 - d.y), chance.whole(90, 140))[1]
    barbs = wave(fan * 110 + 3 * chance.noise(5))
    loose = ellipse(d.x, d.y - 0.05, 0.85, 1.1)
    ink.lay(lit(ramp(0.5 + 0.5 * d.y, [c[1], c[0] * 0.7]), 0.35 + 0.8 * barbs), d.inside(loose, 12))
    y = d.y + 0.2
    heart = 0.16 * torch.exp(-((d.x / 0.16) ** 2)) * (y > 0)
    tones = [c[3] * 0.3, c[2], c[4], c[1], pale(c[0], 0.3), c[1] * 0.7]
    for k, (tone, size) in enumerate(
        zip(reversed(tones), (0.66, 0.58, 0.5, 0.4, 0.3, 0.2), strict=True)
    ):
        ring = ellipse(d.x, y - 0.02 * k, size * 0.82, size) + heart * (k > 3)
        ink.lay(lit(tone, 0.8 + 0.3 * barbs - 0.15 * (ring > -0.02).float()), d.inside(ring))
    return ink


def moth(d: Draw) -> Ink:
    """Four wings with veins, eyespots and a dark border about a furred body."""
    c, ink, chance = d.colours, d.ink(), d.chance
    x = d.x.abs()
    angle, r = torch.atan2(d.y, x), torch.hypot(x, d.y)
    up, low = chance.between(0.45, 0.7), chance.between(0.5, 0.75)
    fore = chance.between(0.95, 1.1) * torch.cos((angle + up) * 1.5).clamp(min=0) ** 0.5
    hind = chance.between(0.65, 0.85) * torch.cos((angle - low) * 1.5).clamp(min=0) ** 0.5
    for reach, tones in ((hind, (c[1], c[0], c[2])), (fore, (c[0], c[1], c[2]))):
        edge = reach * (1 + 0.03 * wave(angle * chance.between(14, 24)))
        distance = r - edge
        along = r / (edge + 0.05)
        veins = wave(angle * chance.between(18, 26)) > 0.95
        bands = along + 0.1 * wave(angle * 9)
        tone = ramp(bands, [tones[0] * 0.7, tones[0], tones[1], tones[2] * 0.4])
        light = (1 - 0.4 * veins.float()) * (0.35 + 0.65 * line(distance, 0.06))
        ink.lay(lit(tone, light * (0.9 + 0.2 * chance.clouds(14, 2))), d.inside(distance))
        sx, sy = chance.between(0.4, 0.6), chance.between(0.3, 0.45) * (1 if reach is hind else -1)
        spot = torch.hypot(x - sx, d.y - sy) / chance.between(0.12, 0.2)
        rings = ramp(spot, [c[3] * 0.1, c[3], pale(c[3], 0.7), c[2] * 0.3])
        ink.wash(rings, d.inside((spot - 1) * 0.15) * d.inside(distance))
    body = ellipse(d.x, d.y, 0.085, 0.55)
    ink.lay(lit(c[2] * 0.5, 0.6 + 0.7 * wave(d.y * 34)), d.inside(body))
    feeler = (x - 0.22 * (-(d.y + 0.45)).clamp(min=0) ** 0.6).abs() - 0.014
    return ink.lay(c[2] * 0.2, d.inside(torch.maximum(feeler, band(d.y, -0.85, -0.45))))


def fish(d: Draw) -> Ink:
    """A scaled, banded body with fins, gill and eye."""
    c, ink, chance = d.colours, d.ink(), d.chance
    x, y = d.x, d.y
    tall = chance.between(0.3, 0.55)
    body = (y.abs() - tall * (1 - ((x + 0.15) / 0.8) ** 2).clamp(min=0) ** 0.75) * 0.8
    fork = (x - 0.5).clamp(min=0)
    tail = torch.maximum(
        y.abs() - 0.07 - fork * chance.between(0.8, 1.3),
        torch.maximum(0.5 - x, x - 1 + y.abs() * chance.between(-0.4, 0.4)),
    )
    back = torch.maximum(-y - tall * 1.55 + 0.3 * (x - 0.1).abs(), torch.maximum(y, x.abs() - 0.45))
    belly = torch.maximum(y - tall * 1.5 + 0.9 * (x - 0.05).abs(), torch.maximum(-y, x.abs() - 0.3))
    rays = wave(torch.atan2(y, x - 0.2) * 44)
    for fin in (tail, back, belly):
        ink.lay(lit(ramp(0.5 + 0.5 * x, [c[2], pale(c[2], 0.3)]), 0.55 + 0.5 * rays), d.inside(fin))
    row = (y * 13).floor()
    scale = ((x * 11 + 0.5 * (row % 2)) % 1 - 0.6) ** 2 + ((y * 13) % 1 - 0.5) ** 2
    bands = wave(x * chance.between(6, 20) + y * chance.between(-4, 4) + 2 * chance.noise(5))
    part = mix(bands, 0.5 + y * 1.2, chance.coin(0.4))
    light = 1.15 - 0.45 * scale - 0.45 * (y.abs() / tall) ** 3
    ink.lay(lit(ramp(part, [c[0], c[1], pale(c[0], 0.5)]), light), d.inside(body))
    gill = (x + 0.42 - 0.5 * y * y).abs()
    inner = d.inside(body)
    ink.shade(1 - 0.55 * torch.exp(-((gill / 0.025) ** 2)) * inner * (y.abs() < tall * 0.7))
    ink.wash(pale(c[3], 0.85), d.inside(circle(x + 0.64, y + 0.07, 0.1)))
    ink.wash(c[3] * 0.05, d.inside(circle(x + 0.65, y + 0.07, 0.055)))
    return ink.shade(1 - 0.45 * torch.exp(-((body / 0.03) ** 2)))


def snake(d: Draw) -> Ink:
    """A coil of patterned scales that ends in a head."""
    c, ink, chance = d.colours, d.ink(), d.chance
    pitch = chance.between(0.3, 0.38)
    turns = d.r / pitch - d.angle / TAU
    coil = turns.floor().clamp(0, 2)
    across = ((turns - coil) - 0.5) * pitch
    length = (coil + 0.5 + d.angle / TAU) * TAU * (coil + 0.6 + d.angle / TAU) * pitch * 0.5
    thick = 0.46 * pitch
    body = torch.maximum(across.abs() - thick, d.r - pitch * (3 + d.angle / TAU))
    u, v = length * 14, across / pitch * 9
    diamonds = ((u + v).remainder(2) - 1).abs() + ((u - v).remainder(2) - 1).abs()
    marks = wave(length * chance.between(5, 9)) + 0.5 * (1 - across.abs() / thick)
    tone = ramp(marks * 0.75, [c[1] * 0.6, c[0], c[2], pale(c[0], 0.3)])
    light = (0.75 + 0.22 * diamonds) * (1.15 - 0.7 * (across / thick) ** 2)
    ink.lay(lit(tone, light), d.inside(body))
    hx, hy = turned(d.x + pitch * 2.5, d.y + 0.02, math.pi / 2)
    head = ellipse(hx, hy, 0.26, 0.17)
    ink.lay(lit(c[0], 1.1 - 2 * hy.abs() + 0.2 * diamonds), d.inside(head))
    eyes = circle(hx - 0.06, hy.abs() - 0.09, 0.04)
    ink.wash(c[3], d.inside(eyes))
    ink.wash(c[3] * 0.05, d.inside(eyes + 0.02))
    tongue = torch.maximum(
        (hy.abs() - (hx - 0.36).clamp(min=0) * 0.5).abs() - 0.01, band(hx, 0.26, 0.48)
    )
    return ink.lay(c[3], d.inside(tongue))


def bird(d: Draw) -> Ink:
    """A songbird in profile: body, folded wing, tail, beak, eye."""
    c, ink, chance = d.colours, d.ink(), d.chance
    tail = torch.maximum((d.y - 0.35 - 0.35 * (d.x - 0.4)).abs() - 0.1, band(d.x, 0.3, 1.1))
    ink.lay(lit(c[1] * 0.8, 0.6 + 0.5 * wave(d.y * 50)), d.inside(tail))
    for side in (-0.08, 0.1):
        leg, _ = segment(
            d.x, d.y, (d.pixel * 0 + side, d.pixel * 0 + 0.5),
            (d.pixel * 0 + side - 0.05, d.pixel * 0 + 0.95), (0.022, 0.018),
        )  # fmt: skip
        ink.lay(c[3] * 0.5, d.inside(leg))
    bx, by = turned(d.x, d.y - 0.12, 0.35)
    body = ellipse(bx, by, 0.62, chance.between(0.4, 0.48))
    head = circle(d.x + 0.42, d.y + 0.38, 0.3)
    merged = torch.minimum(torch.minimum(body, head), (body + head) * 0.5 - 0.06)
    down = chance.clouds(16, 2)
    tone = ramp(0.5 + d.y * 0.8 + 0.3 * (down - 0.5), [c[0], c[0], c[2], pale(c[2], 0.5)])
    ink.lay(lit(tone, 0.75 + 0.4 * down), d.inside(merged, 3))
    wx, wy = turned(d.x - 0.18, d.y - 0.12, 0.45)
    wing = ellipse(wx, wy, 0.55, 0.25 * (1.1 - 0.5 * wx))
    quill = ((wy + wx * 0.25) * 13) % 1
    ink.lay(lit(ramp(0.5 + wx, [c[0] * 0.7, c[1], c[1] * 0.4]), 0.55 + 0.5 * quill), d.inside(wing))
    beak = torch.maximum((d.y + 0.36).abs() - 0.1 - (d.x + 0.68) * 0.35, band(d.x, -1.0, -0.66))
    ink.lay(c[3], d.inside(beak))
    ink.wash(pale(c[4], 0.8), d.inside(circle(d.x + 0.5, d.y + 0.43, 0.075)))
    ink.wash(c[3] * 0.04, d.inside(circle(d.x + 0.51, d.y + 0.43, 0.052)))
    return ink.shade(0.8 + 0.2 * line(merged, 0.03))


def beetle(d: Draw) -> Ink:
    """Shining wing cases with a seam, a shield, a head and six legs."""
    c, ink, chance = d.colours, d.ink(), d.chance
    x = d.x.abs()
    zero = torch.zeros_like(d.pixel)
    for k in range(3):
        foot = (zero + 0.62 + 0.1 * k, zero + 0.75 * (k - 0.8))
        knee = (zero + 0.55, zero + 0.42 * (k - 0.9))
        upper, _ = segment(x, d.y, (zero, zero + 0.3 * (k - 0.9)), knee, (0.06, 0.045))
        lower, _ = segment(x, d.y, knee, (foot[0] + 0.2, foot[1]), (0.04, 0.02))
        ink.lay(c[2] * 0.2, d.inside(torch.minimum(upper, lower)))
    feeler = (x - 0.1 - 0.35 * (-(d.y + 0.75)).clamp(min=0) ** 0.7).abs() - 0.016
    ink.lay(c[2] * 0.2, d.inside(torch.maximum(feeler, band(d.y, -1.1, -0.75))))
    ink.lay(c[2] * 0.35, d.inside(ellipse(d.x, d.y + 0.72, 0.2, 0.16)))
    shield = ellipse(d.x, d.y + 0.45, 0.36, 0.24)
    ink.lay(lit(c[1] * 0.7, 1.2 - x * 2), d.inside(shield))
    wing = ellipse(d.x, d.y - 0.2, 0.5, 0.68)
    shine = torch.exp(-(((x - 0.2) / 0.1) ** 2 + ((d.y + 0.1) / 0.4) ** 2))
    spot = cells(x * 3 + 0.5, d.y * 3, 0.5)[0]
    spots = d.inside((spot - 0.24) / 3) * chance.coin(0.55)
    ribs = mix(wave(x * 50), torch.ones_like(x), chance.coin())
    tone = ramp(0.5 + 0.4 * d.y + 0.3 * (x - 0.2), [c[0], c[3], c[0] * 0.6])
    ink.lay(lit(tone, 0.6 + 0.3 * ribs - 0.5 * x**2), d.inside(wing))
    ink.wash(c[2] * 0.1, spots * d.inside(wing + 0.02))
    ink.wash(pale(c[0], 0.85), 0.75 * shine * d.inside(wing))
    return ink.shade(1 - 0.8 * torch.exp(-((d.x / 0.018) ** 2)) * d.inside(wing))


def spider_web(d: Draw) -> Ink:
    """Spokes and sagging rounds, hung with drops."""
    c, ink, chance = d.colours, d.ink(), d.chance
    spokes = chance.whole(11, 18)
    _, across = sector(d.angle, spokes)
    half = TAU / spokes / 2
    sag = d.r * (1 + 0.14 * (1 - (across / half) ** 2))
    rounds = (sag * chance.between(7, 11)) % 1
    thread = torch.minimum((rounds - 0.5).abs() / 9, across.abs() * d.r)
    glow = torch.exp(-((thread / 0.02) ** 2)) * 0.35
    drops = smooth(0.6, 1.0, wave(across / half * 14)) * d.inside((rounds - 0.5).abs() / 9 - 0.014)
    cover = (d.stroke(thread, 0.006) * 0.8 + glow + drops * chance.coin()).clamp(0, 1)
    return ink.lay(pale(c[0], 0.75), cover * (d.r < 1.15))
