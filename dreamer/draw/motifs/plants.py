"""Motifs that grow: leaves, trees, cones, ears."""

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
    pale,
    ramp,
    scatter,
    sector,
    segment,
    smooth,
    turned,
    wave,
)


def fern(d: Draw) -> Ink:
    """A frond: leaflets in pairs, shorter towards the tip, each one toothed."""
    c, ink, chance = d.colours, d.ink(), d.chance
    bend = chance.between(-0.35, 0.35)
    x, y = d.x + bend * (d.y + 1) * (d.y - 1), d.y
    pairs, slant = chance.between(7, 11), chance.between(0.5, 0.9)
    place = (y + x.abs() * slant) * pairs
    number = place.floor()
    across = place - number - 0.5
    rise = number / pairs  # −1 at the tip, 1 at the foot
    length = 0.72 * ((rise + 1.08) / 1.7).clamp(0.02, 1) ** 0.75 * (1.9 - rise).clamp(max=1)
    along = (x.abs() / length.clamp(min=0.02)).clamp(0, 1.2)
    tooth = 0.05 * wave(x.abs() * pairs * 12)
    leaf = (across.abs() - 0.5 * (1 - along**2).clamp(min=0) ** 0.5 + tooth) / pairs
    leaf = torch.maximum(leaf, torch.maximum(x.abs() - length, y.abs() - 1.02))
    tone = ramp(along * 0.7 + 0.3 * scatter(number), [c[1], c[0], pale(c[0], 0.25)])
    light = 0.75 + 0.35 * (1 - across.abs() * 2) + 0.12 * wave(x.abs() * pairs * 12)
    ink.lay(lit(tone, light), d.inside(leaf))
    spine = torch.maximum(x.abs() - 0.022 * (1.3 - (y + 0.2)), y.abs() - 1)
    return ink.lay(c[2] * 0.8, d.inside(spine))


def leaf(d: Draw) -> Ink:
    """One broad leaf with its midrib and veins, entire, toothed or lobed."""
    c, ink, chance = d.colours, d.ink(), d.chance
    x, y = d.x, d.y + chance.between(-0.2, 0.2) * d.x**2
    width = chance.between(0.35, 0.6)
    lobes = chance.between(3, 7)
    teeth = 1 - chance.between(0.0, 0.3) * wave(x * TAU * lobes / 2)
    half = width * (1 - x**2).clamp(min=0) ** 0.7 * teeth * (1.1 - 0.35 * x)
    distance = y.abs() - half
    veins = ((x - y.abs() * chance.between(0.7, 1.3)) * chance.between(5, 9)) % 1
    vein = torch.minimum(veins, 1 - veins)
    tone = ramp(0.6 * chance.clouds(4) + 0.5 * y.abs() / width, [c[0], c[0] * 0.8, c[1]])
    light = 0.75 + 0.45 * smooth(0, 0.35, vein) + 0.12 * torch.sign(y)
    ink.lay(lit(tone, light * (0.6 + 0.4 * line(distance, 0.03))), d.inside(distance))
    ink.wash(pale(c[2], 0.4), d.inside(vein / 8 - 0.004) * d.inside(distance))
    rib = torch.maximum(y.abs() - 0.022 * (1.3 - x), (x + 0.15).abs() - 1.1)
    return ink.lay(pale(c[2], 0.35), d.inside(rib))


def tree(d: Draw) -> Ink:
    """A trunk that forks and forks, and mostly a crown of leaves."""
    c, ink, chance = d.colours, d.ink(), d.chance
    zero = torch.zeros_like(d.pixel)
    branches = [(zero, zero + 1.0, zero - math.pi / 2, chance.between(0.5, 0.65), 0.1)]
    wood = torch.full_like(d.x, 9.0)
    for _level in range(5):
        grown = []
        for x, y, way, length, thick in branches:
            tip = (x + length * torch.cos(way), y + length * torch.sin(way))
            limb, _ = segment(d.x, d.y, (x, y), tip, (thick, thick * 0.66))
            wood = torch.minimum(wood, limb)
            for side in (-1, 1):
                turn = way + side * chance.between(0.25, 0.6)
                grown.append((*tip, turn, length * chance.between(0.62, 0.8), thick * 0.66))
        branches = grown
    bark = lit(c[2], 0.6 + 0.6 * chance.clouds(12, 2))
    ink.lay(bark, d.inside(wood))
    crown = 0.95 - torch.hypot(d.x, (d.y + 0.25) * 1.15) + 1.6 * (chance.clouds(7, 4) - 0.5)
    leafy = smooth(0, 0.12, crown - chance.between(-0.1, 0.35)) * chance.coin(0.75)
    light = 0.55 + 0.7 * chance.clouds(16, 2) - 0.25 * d.y
    tone = ramp(chance.clouds(10, 3) * 1.5 - 0.25, [c[1] * 0.5, c[0] * 0.8, c[0], pale(c[0], 0.3)])
    return ink.lay(lit(tone, light), leafy * (1 - 0.35 * d.inside(wood)))


def mushroom(d: Draw) -> Ink:
    """A cap with spots on a stem, its gills seen from below."""
    c, ink, chance = d.colours, d.ink(), d.chance
    height, width = chance.between(0.45, 0.9), chance.between(0.65, 0.95)
    thick = chance.between(0.12, 0.24)
    x = d.x + 0.1 * torch.sin(d.y * 2)
    stem = torch.maximum(x.abs() - thick * (1 + 0.4 * (d.y - 0.5).clamp(min=0)), band(d.y, 0, 1))
    light = 1.05 - 0.5 * (x / thick).clamp(-1, 1) ** 2 + 0.08 * wave(x * 70)
    ink.lay(lit(pale(c[2], 0.7), light), d.inside(stem))
    skirt = torch.maximum(ellipse(x, d.y - 0.22, thick * 1.9, 0.12), 0.2 - d.y)
    ink.lay(lit(pale(c[2], 0.75), 0.8 + 0.3 * wave(x * 60)), d.inside(skirt) * chance.coin())
    below = ellipse(d.x, d.y - 0.02, width, height * 0.24)
    gills = wave(torch.atan2(d.x, d.y + 1.0) * 70)
    ink.lay(lit(pale(c[1], 0.4), 0.45 + 0.5 * gills), d.inside(below))
    cap = torch.maximum(ellipse(d.x, d.y, width, height), d.y - 0.08 + 0.1 * torch.cos(d.x * 2))
    shine = 1.15 - 0.5 * torch.hypot(d.x / width + 0.3, d.y / height + 0.55)
    ink.lay(lit(c[0], shine * (0.6 + 0.4 * line(cap, 0.04))), d.inside(cap))
    spot, _, own = cells(d.x * 3.6, d.y * 4.2, 0.7)
    dots = d.inside((spot - 0.12 - 0.2 * own) / 4) * d.inside(cap + 0.02) * chance.coin(0.7)
    return ink.wash(pale(c[3], 0.85), dots)


def cactus(d: Draw) -> Ink:
    """A ribbed column with two arms, thorns, and sometimes a flower."""
    c, ink, chance = d.colours, d.ink(), d.chance
    zero = torch.zeros_like(d.pixel)
    parts = [((zero, zero + 1.1), (zero, zero - 0.7), chance.between(0.2, 0.28))]
    for side in (-1, 1):
        out, low = chance.between(0.45, 0.6) * side, chance.between(0.0, 0.5)
        parts.append(((zero, low), (out, low - 0.05), chance.between(0.1, 0.14)))
        parts.append(
            ((out, low), (out, low - chance.between(0.3, 0.7)), chance.between(0.11, 0.15))
        )
    for start, end, thick in parts:
        distance, _ = segment(d.x, d.y, start, end, (thick, thick))
        upright = (end[0] - start[0]).abs() < 0.1
        across = torch.where(upright, d.x - start[0], d.y - start[1]) / thick
        ribs = wave(across.clamp(-1, 1).asin() * 7)
        tone = ramp(0.5 + 0.5 * across, [c[1], c[0], pale(c[0], 0.15), c[0] * 0.7])
        ink.lay(lit(tone, 0.5 + 0.55 * ribs), d.inside(distance))
        thorn, _, _ = cells(d.x * 9, d.y * 9, 0.4)
        ink.wash(pale(c[2], 0.7), d.inside((thorn - 0.12) / 9) * d.inside(distance + 0.01))
    _, across = sector(torch.atan2(d.y + 0.95, d.x), chance.whole(6, 9))
    flower = torch.hypot(d.x, d.y + 0.95) - 0.22 + 0.25 * across.abs()
    return ink.lay(c[3], d.inside(flower) * chance.coin(0.6))


def pinecone(d: Draw) -> Ink:
    """Overlapping woody scales in two spirals on an egg."""
    c, ink, chance = d.colours, d.ink(), d.chance
    width = 0.62 * (1 - 0.25 * d.y)
    body = ellipse(d.x, d.y, width, 0.98)
    across = (d.x / width / (1 - d.y**2).clamp(min=0.05) ** 0.5).clamp(-1, 1).asin()
    rows = chance.between(5, 7)
    v = (d.y + 0.1 * across**2) * rows
    u = across * chance.between(1.6, 2.2)
    for k in (1, 0, -1):
        row = v.floor() - k
        shift = u + 0.5 * (row % 2)
        centre = shift.floor() + 0.5
        x, y = shift - centre, v - row - 0.35
        scale = torch.maximum(circle(x, y * 0.62, 0.52), x.abs() + y * 0.35 - 0.72)
        light = 0.45 + 0.7 * (0.5 + y * 0.5).clamp(0, 1) + 0.25 * (scatter(row, centre) - 0.5)
        tone = ramp(0.5 + 0.6 * y, [c[1] * 0.45, c[0], pale(c[0], 0.25)])
        ink.lay(lit(tone, light * (0.4 + 0.6 * line(scale, 0.08))), d.inside(scale / rows))
    ink.alpha = d.inside(body)
    return ink.shade(1.1 - 0.5 * (d.x / width + 0.25).abs())


def wheat(d: Draw) -> Ink:
    """An ear of grain: kernels in two rows and long awns."""
    c, ink, chance = d.colours, d.ink(), d.chance
    x, y = d.x + chance.between(-0.3, 0.3) * d.y**2, d.y
    stalk = torch.maximum(x.abs() - 0.03, -y)
    ink.lay(c[1], d.inside(torch.maximum(stalk, y - 1.1)))
    awn = (x.abs() - (y + 0.2).abs() * 0.35) % 0.13 - 0.065
    fan = torch.maximum(x.abs() - 0.55, (y + 0.65).abs() - 0.5)
    ink.lay(pale(c[0], 0.3), d.stroke(awn, 0.007) * d.inside(fan) * chance.coin(0.8))
    for k in range(7):
        for side in (-1, 1):
            px, py = turned(x - side * 0.13, y - 0.2 + 0.15 * k, side * 0.5)
            kernel = ellipse(px, py, 0.09, 0.19)
            light = 0.75 + 0.5 * wave(px * 22) * (0.5 + 0.5 * line(kernel, 0.03))
            ink.lay(
                lit(ramp(0.5 - py * 2.5, [c[1], c[0], pale(c[0], 0.3)]), light), d.inside(kernel)
            )
    return ink
