"""Motifs that people build."""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.draw.motifs.canvas import (
    TAU,
    Draw,
    Ink,
    box,
    circle,
    ellipse,
    line,
    lit,
    mix,
    pale,
    ramp,
    scatter,
    sector,
    segment,
    smooth,
    wave,
)


def _bricks(d: Draw, x: Tensor, y: Tensor, tone: Tensor, joint: Tensor) -> Tensor:
    """Courses of bricks, one unit wide and high, each of its own shade: `(N, 3, H, W)`."""
    row = y.floor()
    x = x + 0.5 * (row % 2)
    across, down = (x % 1 - 0.5).abs(), (y % 1 - 0.5).abs()
    gap = torch.maximum(smooth(0.43, 0.48, across), smooth(0.38, 0.46, down))
    light = 0.72 + 0.4 * scatter(x.floor(), row) + 0.25 * (d.chance.clouds(14, 2) - 0.5)
    return mix(lit(tone, light), joint, gap[:, None])


def brick(d: Draw) -> Ink:
    """A wall in running bond, weathered."""
    c, ink, chance = d.colours, d.ink(), d.chance
    scale = chance.between(2.2, 4.0)
    wall = _bricks(d, d.x * scale, d.y * scale * 2, c[0], pale(c[4], 0.3) * 0.8)
    ink.lay(wall, torch.ones_like(d.x))
    moss = smooth(0.55, 0.75, chance.clouds(4, 4)) * chance.coin(0.4)
    return ink.wash(lit(c[3], 0.4 + 0.6 * chance.noise(20)), moss * 0.8)


def arch(d: Draw) -> Ink:
    """Round or pointed windows in a wall, alone, in rows or storeys, framed and barred."""
    c, ink, chance = d.colours, d.ink(), d.chance
    wall = _bricks(d, d.x * chance.between(3, 6), d.y * chance.between(5, 9), c[0], pale(c[4], 0.3))
    plaster = lit(c[0], 0.85 + 0.3 * chance.clouds(8, 2))
    ink.lay(torch.where(chance.coin(0.6)[:, None] > 0, wall, plaster), torch.ones_like(d.x))
    x = torch.where(chance.coin(0.5) > 0, (d.x + 0.7) % 1.4 - 0.7, d.x)
    y = torch.where(chance.coin(0.4) > 0, (d.y + 1.3) % 2.6 - 1.3, d.y)
    half, spring = chance.between(0.3, 0.46), -chance.between(0.1, 0.4)
    pointed = chance.coin(0.45) * half * chance.between(0.4, 1.0)
    above = torch.hypot(x.abs() + pointed, (y - spring).clamp(max=0)) - half - pointed
    hole = torch.maximum(above, y - 0.95)
    frame = pale(c[3], 0.45)
    relief = 1.1 - 2.6 * (hole - 0.07).abs()
    ink.wash(lit(frame, relief), d.inside((hole - 0.06).abs() - 0.075))
    panes = wave(y * chance.between(4, 14)) * wave(x * chance.between(4, 16))
    glass = ramp(panes, [c[1] * 0.3, c[1], pale(c[2], 0.2)])
    dark = lit(c[1] * 0.18, 1 + 0.5 * y)
    ink.wash(torch.where(chance.coin(0.6)[:, None] > 0, glass, dark), d.inside(hole))
    bars = torch.minimum(x.abs(), ((y * 2 + 0.5) % 1 - 0.5).abs() / 2)
    ink.wash(c[3] * 0.25, d.stroke(bars, 0.018) * d.inside(hole) * chance.coin(0.7))
    return ink.shade(1 - 0.4 * torch.exp(-((hole / 0.04) ** 2)))


def castle(d: Draw) -> Ink:
    """Towers with battlements or cones about a gate."""
    c, ink, chance = d.colours, d.ink(), d.chance
    stone = _bricks(d, d.x * 5, d.y * 9, c[0], c[0] * 0.6)
    zero = torch.zeros_like(d.pixel)
    towers = [(-0.45, 0.17), (0.45, 0.17), (-0.78, 0.15), (0.78, 0.15), (0.0, 0.2)]
    for place, half in towers:
        top = chance.between(-0.75, 0.0) + (0.1 if place else -0.1)
        x = d.x - place
        teeth = 0.07 * (wave(x / half * TAU * 1.25) > 0.5)
        body = torch.maximum(x.abs() - half, torch.maximum(top - teeth - d.y, d.y - 0.95))
        ink.lay(lit(stone, 1.15 - 0.5 * (x / half + 0.3).abs()), d.inside(body))
        slot = torch.maximum(x.abs() - 0.03, (d.y - top - 0.25).abs() - 0.09)
        ink.wash(c[1] * 0.15, d.inside(slot))
        roofed = chance.coin(0.6)
        cone = torch.maximum(x.abs() * 1.9 - (d.y - top + 0.62), d.y - top)
        light = 1.1 - 0.6 * (x / half + 0.2)
        ink.lay(lit(c[2], light * (0.8 + 0.2 * wave(d.y * 70))), d.inside(cone * 0.5) * roofed)
        pole, _ = segment(x, d.y, (zero, top - 0.6), (zero, top - 0.78), (0.012, 0.012))
        flag = torch.maximum((d.y - top + 0.74).abs() - 0.05 + 0.3 * x, (x - 0.08).abs() - 0.08)
        ink.lay(c[3], d.inside(torch.minimum(pole, flag)) * roofed)
    wall = torch.maximum(
        d.x.abs() - 0.9, torch.maximum(0.35 - 0.06 * (wave(d.x * 26) > 0.5) - d.y, d.y - 0.95)
    )
    ink.lay(stone, d.inside(wall))
    gate = torch.maximum(torch.hypot(d.x, (d.y - 0.68).clamp(max=0)) - 0.17, d.y - 0.95)
    return ink.wash(c[1] * 0.2, d.inside(gate))


def bridge(d: Draw) -> Ink:
    """Arches over water, with their reflections."""
    c, ink, chance = d.colours, d.ink(), d.chance
    ink.lay(ramp(0.5 + 0.5 * d.y, [c[2], pale(c[2], 0.5)]), torch.ones_like(d.x))
    level = chance.between(0.3, 0.5)
    below = d.y > level
    y = torch.where(below, 2 * level - d.y, d.y)
    x = d.x + torch.where(below, 0.03 * torch.sin(d.y * 40), 0.0)
    rise = chance.between(0.0, 0.35)
    deck = y + 0.15 - rise * x * x
    span = chance.between(0.55, 0.9)
    hole = ellipse((x + span / 2) % span - span / 2, y - level, span * 0.4, level + 0.02)
    body = torch.maximum(torch.maximum(-deck, -hole), deck - 1.0)
    stone = _bricks(d, x * 7, y * 12, c[0], c[0] * 0.65)
    ring = torch.exp(-((hole / 0.03) ** 2))
    ink.wash(lit(stone, 1 - 0.35 * ring), d.inside(body))
    rail = torch.maximum((deck + 0.06).abs() - 0.025, -y - 2)
    ink.wash(pale(c[0], 0.2), d.inside(rail))
    water = ramp(wave(d.y * 50 + 3 * torch.sin(d.x * 5)), [c[1] * 0.8, c[1], pale(c[2], 0.3)])
    return ink.wash(water, below.float() * 0.6)


def lantern(d: Draw) -> Ink:
    """A ribbed paper lamp, glowing, with caps and a tassel."""
    c, ink, chance = d.colours, d.ink(), d.chance
    glow = torch.exp(-(d.r**2) * 1.5)
    ink.lay(pale(c[1], 0.4), glow * 0.55)
    tall = chance.between(0.45, 0.7)
    body = ellipse(d.x, d.y, 0.58, tall)
    side = (d.x / 0.6 / (1 - (d.y / tall) ** 2).clamp(min=0.04) ** 0.5).clamp(-1, 1)
    ribs = mix(wave(side.asin() * 12), wave(d.y * 26), chance.coin())
    heat = torch.exp(-(d.x**2 * 3 + (d.y - 0.1) ** 2 * 3))
    tone = ramp(heat, [c[0] * 0.55, c[0], c[1], pale(c[1], 0.6)])
    ink.lay(lit(tone, 0.75 + 0.3 * ribs), d.inside(body))
    caps = torch.minimum(box(d.x, d.y - tall, 0.24, 0.06), box(d.x, d.y + tall, 0.24, 0.06))
    ink.lay(c[3] * 0.6, d.inside(caps))
    cord = torch.maximum(d.x.abs() - 0.014, torch.maximum(-1.1 - d.y, d.y + tall))
    tassel = torch.maximum(d.x.abs() - 0.08, box(d.x, d.y - tall - 0.22, 1, 0.17))
    ink.lay(c[3], d.inside(torch.minimum(cord, tassel + 0.05 * wave(d.x * 80))))
    return ink


def rose_window(d: Draw) -> Ink:
    """Stone tracery about coloured glass, in rings of petals and circles."""
    c, ink, chance = d.colours, d.ink(), d.chance
    count = chance.whole(6, 14)
    number, across = sector(d.angle, count)
    half = TAU / count / 2
    rings = (d.r * 9).floor()
    pick = scatter(number, rings)
    glass = ramp(pick, [c[0], c[1], c[2], c[3], c[0] * 0.6])
    shine = 0.75 + 0.5 * d.chance.clouds(7, 3)
    ink.lay(lit(glass, shine), d.inside(d.r - 1))
    wide = d.r * half
    spokes = (across.abs() - half).abs() * d.r
    petal = ((d.r - 0.55).abs() / 0.24) ** 2 + (across * d.r / (wide * 0.82)) ** 2
    outer = torch.hypot(d.r - 0.88, (across.abs() - half) * d.r) - 0.85 * 0.88 * half.clamp(
        max=0.14
    )
    heart = torch.minimum((d.r - 0.22).abs(), (d.r - 0.1).abs())
    lead = torch.minimum(torch.minimum(spokes, heart), (d.r - 0.97).abs() - 0.03)
    lead = torch.minimum(lead, torch.minimum((petal**0.5 - 1).abs() * 0.2, outer.abs()))
    stone = lit(pale(c[4], 0.25), 0.6 + 0.5 * smooth(0.03, 0.0, lead))
    return ink.wash(stone, d.inside(lead - 0.018))


def roof_tile(d: Draw) -> Ink:
    """Rows of curved tiles, each row over the next."""
    c, ink, chance = d.colours, d.ink(), d.chance
    scale = chance.between(2.5, 4)
    ink.lay(c[1] * 0.3, torch.ones_like(d.x))
    y = d.y * scale
    for k in (1, 0):
        row = y.floor() - k
        x = d.x * scale * 1.2 + 0.5 * (row % 2)
        column = x.floor()
        across = (x - column - 0.5) * 2
        down = y - row
        tile = torch.maximum(
            across.abs() - 0.98, down - 0.85 - 0.45 * (1 - across**2).clamp(min=0) ** 0.5
        )
        light = (0.45 + 0.65 * (1 - across**2)) * (0.7 + 0.5 * scatter(column, row))
        light = light * (1.1 - 0.5 * smooth(0.35, 0.0, down - 0.2 * k))
        tone = mix(c[0], c[2], scatter(row, column)[:, None] * 0.5)
        ink.lay(lit(tone, light * (0.5 + 0.5 * line(tile, 0.09))), d.inside(tile / scale / 1.3))
    return ink


def sailboat(d: Draw) -> Ink:
    """A hull with mast and sails on the sea."""
    c, ink, chance = d.colours, d.ink(), d.chance
    hull = torch.maximum(d.x.abs() - 0.62 + 0.55 * (d.y - 0.45), box(d.x, d.y - 0.58, 2, 0.17))
    ink.lay(lit(c[1], 0.7 + 0.4 * wave(d.y * 60)), d.inside(hull))
    mast = box(d.x, d.y + 0.25, 0.022, 0.72)
    ink.lay(c[1] * 0.5, d.inside(mast))
    belly = 0.12 * torch.cos(d.y * 1.6)
    rise = ((d.y + 0.92) / 1.2).clamp(0, 1.2)
    main = torch.maximum(torch.maximum(0.05 - d.x, d.x - 0.62 * rise - belly * rise), d.y - 0.28)
    jib = torch.maximum(torch.maximum(d.x + 0.05, -d.x - 0.55 * rise - belly * rise), d.y - 0.24)
    stripes = wave(d.y * chance.between(8, 24)) > 0.7
    cloth = mix(pale(c[0], 0.75), c[0], (stripes * chance.coin())[:, None])
    ink.lay(lit(cloth, 0.8 + 0.5 * d.x.abs()), d.inside(main))
    ink.lay(lit(pale(c[2], 0.5), 1.1 - 0.5 * d.x.abs()), d.inside(jib))
    swell = d.y - 0.7 - 0.04 * torch.sin(d.x * 8 + chance.between(0, TAU))
    sea = ramp(wave(d.y * 34 + 2 * torch.sin(d.x * 6)), [c[3] * 0.7, c[3], pale(c[3], 0.4)])
    return ink.lay(sea, d.inside(torch.maximum(-swell, ellipse(d.x, d.y - 0.8, 1.1, 0.35))))


def city(d: Draw) -> Ink:
    """Towers with lit windows, rank before rank, at dusk."""
    c, ink, chance = d.colours, d.ink(), d.chance
    ink.lay(ramp(0.5 + 0.5 * d.y, [c[2] * 0.7, c[2], pale(c[3], 0.3)]), torch.ones_like(d.x))
    for k in range(3):
        width = chance.between(0.22, 0.36)
        x = d.x / width + chance.between(0, 1)
        column = x.floor()
        top = 0.45 * k - 0.75 + 0.75 * scatter(column, k + 2.0)
        wall = torch.maximum((x - column - 0.5).abs() - 0.46, (top - d.y) * 3)
        tone = mix(pale(c[2], 0.1), c[0] * 0.3, torch.tensor((k + 1) / 3))
        ink.lay(lit(tone, 0.8 + 0.4 * scatter(column)), d.inside(wall * width))
        u, v = x * 4, d.y * 4 / width
        pane = torch.maximum((u % 1 - 0.5).abs() - 0.28, (v % 1 - 0.5).abs() - 0.3)
        on = (scatter(u.floor(), v.floor() + k) < 0.5).float()
        ink.wash(pale(c[1], 0.3), d.inside(pane * width / 4) * on * d.inside(wall * width + 0.02))
    return ink


def stairs(d: Draw) -> Ink:
    """Steps that turn about a well, seen from above."""
    c, ink, chance = d.colours, d.ink(), d.chance
    way = chance.sign()
    r = d.r.clamp(min=0.02)
    turn = way * d.angle / TAU + r.log() / chance.between(0.55, 0.8)
    flight = turn.floor()
    depth = turn - flight
    steps = chance.whole(14, 24)
    _, across = sector(d.angle, steps)
    edge = across / (TAU / steps) + 0.5
    tread = ramp(0.3 + 0.5 * edge, [c[0] * 0.45, c[0], pale(c[0], 0.35)])
    rail = torch.minimum(depth, 1 - depth)
    light = (0.55 + 0.6 * (1 - d.r).clamp(min=0) * 0.4 + 0.3 * depth) * (
        0.35 + 0.65 * smooth(0.0, 0.06, edge)
    )
    ink.lay(lit(tread, light), torch.ones_like(d.x))
    ink.wash(lit(c[3], 0.7 + 0.4 * wave(d.angle * 30)), d.inside((rail - 0.07) * d.r * 0.8))
    return ink.wash(pale(c[2], 0.5), smooth(0.3, 0.05, d.r))


def lighthouse(d: Draw) -> Ink:
    """A banded tower with its lamp's two beams."""
    c, ink, chance = d.colours, d.ink(), d.chance
    beam = ((d.y + 0.68).abs() - 0.05 - 0.16 * d.x.abs()) * 0.9
    ink.lay(pale(c[3], 0.6), d.inside(beam, 10) * torch.exp(-d.x.abs()) * 0.7)
    half = 0.16 + 0.1 * (d.y + 0.5)
    tower = torch.maximum(d.x.abs() - half, box(d.x, d.y - 0.2, 1, 0.75))
    bands = (wave(d.y * chance.between(5, 10)) > 0.5).float()
    tone = mix(pale(c[1], 0.85), c[0], bands[:, None])
    ink.lay(lit(tone, 1.05 - 0.8 * (d.x / half + 0.25).clamp(min=0) * 0.6), d.inside(tower))
    ink.lay(c[2] * 0.35, d.inside(box(d.x, d.y + 0.55, 0.24, 0.04)))
    lamp = box(d.x, d.y + 0.68, 0.11, 0.1)
    ink.lay(pale(c[3], 0.7), d.inside(lamp))
    cap = torch.maximum(d.x.abs() - (d.y + 1.0) * 0.75, box(d.x, d.y + 0.87, 1, 0.1))
    ink.lay(c[0], d.inside(cap))
    window = torch.maximum(d.x.abs() - 0.035, ((d.y * 2.2) % 1 - 0.5).abs() - 0.12)
    ink.wash(c[2] * 0.15, d.inside(window) * d.inside(tower + 0.05))
    rock = circle(d.x, (d.y - 1.15) * 1.6, 0.62) + 0.15 * (chance.noise(9) - 0.5)
    return ink.lay(lit(c[2] * 0.6, 0.4 + 0.9 * chance.clouds(10, 2)), d.inside(rock))
