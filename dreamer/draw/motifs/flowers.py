"""Motifs that bloom."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dreamer.draw.motifs.canvas import (
    TAU,
    Draw,
    Ink,
    cells,
    ellipse,
    line,
    lit,
    mix,
    pale,
    ramp,
    scatter,
    sector,
    turned,
    wave,
)


def _petals(
    d: Draw, count: Tensor, turn: Tensor, reach: Tensor | float, width: Tensor, blunt: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """A ring of petals: distance, 0–1 from foot to tip, −1 to 1 across, and the petal's number."""
    number, across = sector(d.angle, count, turn)
    along = d.r / reach
    half = TAU / count / 2
    profile = width * half * (1 - (2 * along - 1.1).abs().clamp(max=1) ** blunt).clamp(min=0) ** 0.6
    distance = torch.maximum((across.abs() - profile) * d.r, d.r - reach)
    return distance, along, across / half, number


def blossom(d: Draw) -> Ink:
    """Five or six broad notched petals about stamens: cherry, apple, dog rose."""
    c, ink, chance = d.colours, d.ink(), d.chance
    count, turn = chance.whole(5, 6), chance.between(0, TAU)
    _, across = sector(d.angle, count, turn)
    half = TAU / count / 2
    edge = 1 - 0.42 * (across / half).abs() ** 3 - 0.12 * torch.exp(-((across / 0.09) ** 2))
    distance = (d.r - edge) * 0.8
    along = d.r / edge
    light = 0.82 + 0.22 * wave(across * 5) - 0.22 * (across / half).abs() ** 6
    petal = lit(ramp(along, [c[1], c[0], pale(c[0])]), light + 0.08 * wave(across * 50))
    ink.lay(petal, d.inside(distance))
    for k in range(2):
        spoke, off = sector(d.angle, chance.whole(9, 14), chance.between(0, TAU))
        length = 0.34 + 0.16 * scatter(spoke, float(k))
        ink.wash(pale(c[3], 0.6), d.stroke(off * d.r, 0.012) * (d.r < length))
        ink.wash(c[3], d.inside(torch.hypot(d.r - length, off * d.r) - 0.035))
    return ink.wash(c[2], d.inside(d.r - 0.1))


def dahlia(d: Draw) -> Ink:
    """Ring upon ring of pointed petals, smaller and darker inwards."""
    c, ink, chance = d.colours, d.ink(), d.chance
    count = chance.whole(9, 16)
    blunt = chance.between(1.6, 2.6)
    for ring in range(5):
        reach = 1 - 0.19 * ring
        turn = (ring % 2) * math.pi / count
        width = chance.between(0.95, 1.1)
        distance, along, across, _ = _petals(d, count, turn, reach, width, blunt)
        body = ramp(along, [c[1] * 0.5, c[0] * 0.8, c[0], pale(c[0], 0.35)])
        light = (1.08 - 0.35 * across.abs()) * (0.55 + 0.45 * line(distance, 0.03))
        ink.lay(lit(body, light * (1 - 0.06 * ring)), d.inside(distance))
    dots, _, own = cells(d.x * 22, d.y * 22)
    return ink.wash(lit(c[2], 0.6 + 0.6 * own - 0.5 * dots), d.inside(d.r - 0.2))


def peony(d: Draw) -> Ink:
    """Cupped petals folded about each other, as in a garden rose."""
    c, ink, chance = d.colours, d.ink(), d.chance
    depth = chance.between(0.5, 1.0)
    for ring in range(8):
        size = 1 - 0.12 * ring
        lobes, turn = chance.whole(3, 5), chance.between(0, TAU)
        dent = torch.cos((d.angle + turn) * lobes / 2).abs() ** 0.6
        edge = size * (1 - 0.15 * (1 - dent) * depth)
        x = d.x + (chance.between(-0.05, 0.05)) * ring / 3
        distance = torch.hypot(x, d.y) - edge
        inward = ((distance + 0.3) / 0.3).clamp(0, 1)
        body = ramp(inward, [c[1] * 0.45, c[0] * 0.85, c[0], pale(c[0], 0.45)])
        light = (0.82 + 0.26 * wave((d.angle + turn) * lobes)) * (1.05 - 0.03 * ring)
        ink.lay(lit(body, light * (0.5 + 0.5 * line(distance, 0.03))), d.inside(distance))
    return ink


def poppy(d: Draw) -> Ink:
    """Four crumpled petals with dark feet about a ribbed capsule."""
    c, ink, chance = d.colours, d.ink(), d.chance
    turn = chance.between(0, TAU)
    crumple = 0.05 * (chance.noise(9) - 0.5) * 4
    for k in range(4):
        x, y = turned(d.x, d.y, turn + k * math.pi / 2)
        distance = ellipse(x - 0.48, y, 0.56, 0.66) + crumple
        folds = wave(torch.atan2(y, x + 0.25) * 26 + 5 * chance.noise(5))
        along = (x / 0.95).clamp(0, 1)
        body = ramp(along, [c[3] * 0.25, c[0] * 0.8, c[0], pale(c[0], 0.2)])
        light = (0.72 + 0.3 * folds) * (0.6 + 0.4 * line(distance, 0.04))
        ink.lay(lit(body, light), d.inside(distance))
    spoke, off = sector(d.angle, chance.whole(22, 36))
    length = 0.22 + 0.14 * scatter(spoke)
    ink.wash(c[3] * 0.2, d.stroke(off * d.r, 0.012) * (d.r < length))
    ink.wash(c[3] * 0.3, d.inside(torch.hypot(d.r - length, off * d.r) - 0.03))
    ribs = wave(d.angle * 9)
    return ink.wash(lit(c[2], 0.7 + 0.4 * ribs), d.inside(d.r - 0.15))


def sunburst(d: Draw) -> Ink:
    """A big seed head in Fibonacci spirals with a fringe of flames, a sunflower's face."""
    c, ink, chance = d.colours, d.ink(), d.chance
    count = chance.whole(16, 26)
    for ring in range(2):
        width, turn = chance.between(0.9, 1.25), chance.between(0, TAU)
        distance, along, across, number = _petals(
            d, count, turn, 1 - 0.1 * ring, width, chance.between(1.5, 2.2)
        )
        body = ramp(along, [c[1] * 0.7, c[1], c[0], pale(c[0], 0.2)])
        light = (1.05 - 0.35 * across.abs()) * (0.85 + 0.3 * scatter(number))
        ink.lay(lit(body, light * (0.5 + 0.5 * line(distance, 0.03))), d.inside(distance))
    size = chance.between(0.42, 0.58)
    spiral = d.r.clamp(min=0.02).log() * 9
    seeds = wave(d.angle * 13 + spiral * 1.3) * wave(d.angle * -21 + spiral * 1.3)
    head = ramp(d.r / size, [c[3] * 0.9, c[3] * 0.35, c[2], c[2] * 0.4])
    return ink.lay(lit(head, 0.5 + 0.8 * seeds), d.inside(d.r - size))


def tulip_bed(d: Draw) -> Ink:
    """Cups on stems between blades, rows behind rows."""
    c, ink, chance = d.colours, d.ink(), d.chance
    ground = lit(c[4], 0.5 + 0.5 * chance.clouds(9))
    ink.lay(ground, torch.ones_like(d.x))
    for row in range(4):
        scale, base = 0.42 + 0.13 * row, -0.75 + 0.42 * row
        x = d.x / scale + 0.5 * (row % 2) + chance.between(0, 1)
        number = x.floor()
        lean = 0.25 * (scatter(number, float(row)) - 0.5)
        y = (d.y - base) / scale + 0.4 * (scatter(number, row + 9.0) - 0.5)
        x = (x - number - 0.5 - lean) * 1.15
        stem = torch.maximum((x + lean * y * 0.3).abs() - 0.045, -y)
        ink.wash(lit(c[2], 0.75 + 0.3 * wave(x * 40)), d.inside(stem * scale))
        blade = torch.maximum((x + 0.12 * y * y - 0.1).abs() - 0.1 * (1.6 - y), 0.35 - y)
        ink.wash(lit(c[2], 0.6 + 0.5 * (x + 0.5)), d.inside(blade * scale))
        cup = ellipse(x, y + 0.12, 0.3, 0.42)
        points = -0.32 + 0.14 * wave(x * 21 + math.pi)
        distance = torch.maximum(cup, points - y)
        fold = (x / 0.3).abs()
        tone = mix(c[0], c[1], (scatter(number, row + 3.0) > 0.6).float()[:, None])
        light = (0.65 + 0.5 * wave(x * 9) - 0.3 * fold**4) * (0.6 + 0.4 * line(distance, 0.05))
        ink.wash(lit(tone, light + 0.25 * (-y).clamp(-0.3, 0.5)), d.inside(distance * scale))
    return ink
