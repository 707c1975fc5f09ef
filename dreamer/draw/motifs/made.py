"""Motifs of handicraft and ornament."""

from __future__ import annotations

import math

import torch

from dreamer.draw.motifs.canvas import (
    TAU,
    Draw,
    Ink,
    box,
    circle,
    line,
    lit,
    mix,
    pale,
    ramp,
    scatter,
    sector,
    segment,
    smooth,
    turned,
    wave,
)


def mandala(d: Draw) -> Ink:
    """Rings of dots and petals in one symmetry."""
    c, ink, chance = d.colours, d.ink(), d.chance
    count = chance.whole(6, 16)
    _, across = sector(d.angle, count)
    _, between = sector(d.angle, count, math.pi / count)
    bands = wave(d.r * chance.between(14, 30) + chance.between(-3, 3) * across * count / 2)
    ink.lay(ramp(bands, [c[0], c[1], c[2]]), d.inside(d.r - 1))
    for k, place in enumerate((0.85, 0.62, 0.42, 0.25)):
        off = between if k % 2 else across
        x, y = d.r - place - chance.between(-0.04, 0.04), off * d.r
        size = 0.8 * (place * math.pi / count).clamp(max=0.13)
        dot = torch.hypot(x / chance.between(0.8, 1.5), y) - size
        tone = ramp((dot / size + 1).clamp(0, 1), [pale(c[3], 0.4), c[(k + 3) % 5], c[k]])
        ink.wash(tone, d.inside(dot))
        ink.shade(1 - 0.75 * torch.exp(-((dot / 0.018) ** 2)))
        ink.shade(1 - 0.6 * torch.exp(-(((d.r - place - 0.11) / 0.014) ** 2)))
    return ink


def gear(d: Draw) -> Ink:
    """A cogwheel with spokes and hub."""
    c, ink, chance = d.colours, d.ink(), d.chance
    count = chance.whole(9, 20)
    _, across = sector(d.angle, count)
    half = TAU / count / 2
    tooth = smooth(0.62, 0.38, across.abs() / half)
    rim = d.r - 0.8 - 0.18 * tooth
    _, spoke = sector(d.angle, chance.whole(3, 6))
    hollow = torch.maximum(0.32 - d.r, torch.maximum(d.r - 0.6, 0.09 - spoke.abs() * d.r))
    body = torch.maximum(torch.maximum(rim, -hollow), 0.12 - d.r)
    brushed = wave(d.r * 90 + 2 * chance.noise(5))
    tone = ramp(
        0.5 + 0.35 * torch.cos(d.angle * 2 + chance.between(0, TAU)),
        [c[1] * 0.6, c[0], pale(c[0], 0.5)],
    )
    light = (0.85 + 0.2 * brushed) * (0.5 + 0.5 * line(body, 0.05))
    return ink.lay(lit(tone, light), d.inside(body))


def knit(d: Draw) -> Ink:
    """Stocking stitch: columns of V's, in stripes or a pattern."""
    c, ink, chance = d.colours, d.ink(), d.chance
    scale = chance.between(3.5, 6)
    x, y = d.x * scale, d.y * scale * 1.3
    column = x.floor()
    side = x - column - 0.5
    v = y - side.abs() * 1.1
    row = v.floor()
    leg = torch.hypot((side.abs() - 0.25) * 2.2, (v - row - 0.5) * 1.25)
    stripes = scatter(row, 0.0) < 0.35
    chart = ((column + row) % 4 == 0) | ((column - row) % 4 == 0)
    second = torch.where(chance.coin() > 0, stripes, chart).float()
    yarn = mix(c[0], c[1], second[:, None])
    fibre = wave(side * 30 + v * 18)
    light = (1.15 - 0.95 * leg.clamp(max=0.85)) * (0.85 + 0.2 * fibre)
    return ink.lay(lit(yarn, light), torch.ones_like(d.x))


def basket(d: Draw) -> Ink:
    """Splints over and under each other."""
    c, ink, chance = d.colours, d.ink(), d.chance
    scale = chance.between(2.2, 4)
    x, y = turned(d.x * scale, d.y * scale, chance.coin() * math.pi / 4)
    column, row = x.floor(), y.floor()
    over = (column + row) % 2
    u = torch.where(over > 0, x - column, y - row) - 0.5
    v = torch.where(over > 0, y - row, x - column) - 0.5
    arc = (1 - (2 * v) ** 2).clamp(min=0)
    splint = u.abs() - 0.44
    grain = wave(u * 40 + 2 * scatter(column, row))
    tone = mix(c[0], c[1], (over * chance.coin())[:, None])
    light = (0.4 + 0.6 * arc) * (0.85 + 0.2 * grain) * (0.4 + 0.6 * line(splint, 0.1))
    return ink.lay(lit(tone, light + 0.1), torch.ones_like(d.x))


def calligraphy(d: Draw) -> Ink:
    """Strokes of a broad nib in rows, or one great flourish."""
    c, ink, chance = d.colours, d.ink(), d.chance
    paper = lit(pale(c[4], 0.8), 0.92 + 0.12 * chance.clouds(9, 3))
    ink.lay(paper, torch.ones_like(d.x))
    rows = torch.where(chance.coin(0.6) > 0, chance.between(1.6, 3), torch.ones_like(d.pixel) * 0.8)
    y = d.y * rows
    row = y.floor()
    v = (y - row - 0.5) * 2
    u = d.x * rows * 2 + 7 * scatter(row)
    nib = chance.between(0.35, 1.1)
    written = torch.zeros_like(d.x)
    for k in range(3):
        rate, phase = chance.between(2.0, 4.5), chance.between(0, TAU)
        path = 0.55 * torch.sin(u * rate + phase) * torch.cos(u * rate * 0.37 + 2 * k)
        slope = torch.cos(u * rate + phase)
        width = 0.05 + 0.11 * torch.sin(torch.atan(slope * rate * 0.5) - nib).abs()
        gap = (torch.sin(u * 1.3 + k * 2.1) > -0.5).float()
        written = torch.maximum(written, d.inside(((v - path).abs() - width) / rows / 2) * gap)
    ink.wash(c[0] * 0.35, written)
    seal = box(d.x - 0.7, d.y - 0.7, 0.13, 0.13)
    return ink.wash(c[1], d.inside(seal) * chance.coin(0.5))


def knot(d: Draw) -> Ink:
    """A cord plaited round a ring, over and under."""
    c, ink, chance = d.colours, d.ink(), d.chance
    lobes = chance.whole(4, 9)
    middle, reach = 0.66, chance.between(0.16, 0.24)
    thick = chance.between(0.07, 0.1)
    phase = d.angle * lobes
    for k, again in ((0, False), (1, False), (0, True)):
        offset = math.pi * k
        strand = d.r - middle - reach * torch.sin(phase + offset)
        slope = (reach * lobes * torch.cos(phase + offset) / middle).square() + 1
        distance = strand.abs() / slope.sqrt() - thick
        twist = wave(strand / thick * 1.5 + d.angle * 60)
        light = (1.15 - 0.8 * (distance / thick + 1).clamp(0, 1) ** 2) * (0.8 + 0.25 * twist)
        shown = d.inside(distance)
        if again:  # over the other, at every second crossing
            shown = shown * (torch.cos(phase) > 0)
        ink.shade(1 - 0.5 * torch.exp(-((distance.clamp(min=0) / 0.04) ** 2)))
        ink.lay(lit(mix(c[0], c[1], torch.tensor(float(k))), light), shown)
    return ink


def paisley(d: Draw) -> Ink:
    """The bent drop, filled with rows of dots and a flower."""
    c, ink, chance = d.colours, d.ink(), d.chance
    x, y = d.x, d.y - 0.2
    bend = 0.45 * (-y).clamp(min=0) ** 1.6
    px = x - bend
    width = 0.6 * (1 - ((-y).clamp(min=0) / 1.15) ** 1.1).clamp(min=0)
    drop = torch.where(y > 0, torch.hypot(px, y) - 0.6, px.abs() - width) * 0.85
    rings = (drop + 0.6) / 0.6
    tone = ramp(wave(rings * chance.between(9, 16)), [c[0], c[1], c[2]])
    ink.lay(tone, d.inside(drop))
    fringe = wave(torch.atan2(y, px) * 30 + y * 18)
    ink.wash(pale(c[3], 0.5), d.stroke(drop + 0.07, 0.025) * smooth(0.4, 0.7, fringe))
    _, across = sector(torch.atan2(y, px), chance.whole(6, 10))
    petal = torch.hypot(px, y) - 0.26 - 0.08 * torch.cos(across * 6)
    ink.wash(ramp(torch.hypot(px, y) / 0.3, [c[3], c[2], pale(c[0], 0.5)]), d.inside(petal))
    return ink.shade(1 - 0.7 * torch.exp(-((drop / 0.025) ** 2)))


def clock(d: Draw) -> Ink:
    """A dial with hours, hands and a rim."""
    c, ink, chance = d.colours, d.ink(), d.chance
    zero = torch.zeros_like(d.pixel)
    ring = 0.5 + 0.5 * torch.cos((d.r - 0.92) * 26) * torch.cos(d.angle + 0.8)
    ink.lay(lit(c[0], 0.45 + 0.75 * ring), d.inside(d.r - 1))
    ink.wash(lit(pale(c[4], 0.85), 1.02 - 0.15 * d.r), d.inside(d.r - 0.84))
    _, hour = sector(d.angle, zero + 12)
    _, minute = sector(d.angle, zero + 60)
    ticks = box(d.r - 0.72, hour * d.r, 0.075, 0.024)
    fine = box(d.r - 0.78, minute * d.r, 0.02, 0.008)
    ink.wash(c[1] * 0.25, d.inside(torch.minimum(ticks, fine)))
    for reach, thick in ((0.45, 0.045), (0.68, 0.03)):
        way = chance.between(0, TAU)
        tip = (reach * torch.cos(way), reach * torch.sin(way))
        hand, _ = segment(d.x, d.y, (-0.15 * tip[0], -0.15 * tip[1]), tip, (thick, thick * 0.4))
        ink.wash(c[1] * 0.15, d.inside(hand))
    return ink.wash(c[2], d.inside(circle(d.x, d.y, 0.06)))


def carpet(d: Draw) -> Ink:
    """Borders about a field of stepped medallions."""
    c, ink, chance = d.colours, d.ink(), d.chance
    steps = chance.between(10, 16)
    x, y = (d.x.abs() * steps).floor() / steps, (d.y.abs() * steps).floor() / steps
    edge = torch.maximum(x, y)
    diamond = (x + y) * chance.between(4, 7)
    field = ramp(wave(diamond * 2.2), [c[0], c[1], c[2] * 0.7])
    rows = wave(x * chance.between(14, 26)) * wave(y * chance.between(14, 26))
    ink.lay(mix(field, pale(c[3], 0.3), (rows > 0.55).float()[:, None]), d.inside(edge - 1))
    for k, place in enumerate((0.8, 0.92)):
        band = d.stroke(edge - place, 0.05)
        beads = wave((x - y) * 24 + (x + y) * 24 * (k % 2))
        ink.wash(ramp(beads, [c[(k + 1) % 5] * 0.6, pale(c[3], 0.4)]), band)
    weave = wave(d.x * 110) * 0.5 + wave(d.y * 110) * 0.5
    return ink.shade(0.75 + 0.35 * weave)
