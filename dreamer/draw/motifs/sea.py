"""Motifs of water."""

from __future__ import annotations

import torch

from dreamer.draw.motifs.canvas import (
    TAU,
    Draw,
    Ink,
    cells,
    circle,
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


def shell(d: Draw) -> Ink:
    """A ribbed logarithmic spiral: an ammonite, a snail."""
    c, ink, chance = d.colours, d.ink(), d.chance
    growth, way = chance.between(0.16, 0.28), chance.sign()
    r = d.r.clamp(min=1e-3)
    winding = (r.log() / growth - way * d.angle) / TAU
    across = winding - winding.floor()
    dome = (across * (1 - across) * 4).clamp(min=1e-4) ** 0.6
    ribs = wave(
        d.angle * chance.whole(10, 30)
        + way * r.log() * chance.between(2, 8)
        + across * chance.between(-3, 3)
    )
    bands = wave(across * chance.between(4, 14))
    tone = ramp(mix(bands, ribs, chance.between(0, 1)), [c[0], c[1], pale(c[2], 0.3)])
    ink.lay(lit(tone, 0.25 + 0.85 * dome * (0.75 + 0.35 * ribs)), d.inside(_mouth(d, way)))
    return ink.shade(1.2 - 0.3 * d.r)


def _mouth(d: Draw, way: torch.Tensor) -> torch.Tensor:
    return d.r - (0.8 + 0.2 * ((d.angle * way / TAU) % 1))


def jellyfish(d: Draw) -> Ink:
    """A lit bell with frilled arms and thin trailing tentacles."""
    c, ink, chance = d.colours, d.ink(), d.chance
    sway = 0.12 * torch.sin(d.y * chance.between(3, 6) + chance.between(0, TAU))
    below = smooth(-0.3, -0.1, d.y) * smooth(1.15, 0.4, d.y)
    for k in range(7):
        x = (
            d.x
            - 0.19 * (k - 3) * (1 - 0.15 * d.y)
            - sway * (0.5 + d.y)
            - 0.03 * torch.sin(9 * d.y + k)
        )
        thread = d.stroke(x, 0.014) * below
        ink.lay(pale(c[1], 0.4), thread * 0.8)
    for k in range(3):
        x = d.x - 0.17 * (k - 1) - sway * (0.5 + d.y) * 0.8
        frill = x.abs() - 0.09 * (0.9 - d.y) * (0.7 + 0.3 * wave(d.y * 30 + k))
        light = 0.6 + 0.5 * wave(d.y * 30 + k)
        ink.lay(lit(c[2], light), d.inside(torch.maximum(frill, (d.y - 0.2).abs() - 0.5)) * 0.85)
    height = chance.between(0.55, 0.8)
    bell = torch.maximum(torch.hypot(d.x / 0.75, (d.y + 0.2) / height) - 1, d.y + 0.12)
    bell = bell + 0.03 * wave(d.x * 26) * smooth(-0.3, -0.1, d.y)
    rays = wave(torch.atan2(d.x, d.y + 1.0) * 18)
    depth = torch.hypot(d.x / 0.75, (d.y + 0.2) / height)
    glow = ramp(depth, [pale(c[0], 0.5), c[0], c[1], pale(c[1], 0.5)])
    return ink.lay(
        lit(glow, 0.75 + 0.35 * rays * depth), d.inside(bell * 0.7) * (0.75 + 0.25 * depth)
    )


def tentacle(d: Draw) -> Ink:
    """An arm that coils inwards, with a row of suckers."""
    c, ink, chance = d.colours, d.ink(), d.chance
    growth = chance.between(0.2, 0.28)
    r = d.r.clamp(min=0.02)
    winding = (r.log() / growth - d.angle) / TAU
    turn = winding.floor()
    across = (winding - turn - 0.5) * 2
    thick = 0.62
    reach = torch.maximum(across.abs() - thick, (d.r - 1.15) * 2)
    length = (turn + 0.5) * TAU + d.angle
    skin = ramp(0.5 + 0.5 * across, [c[1], c[0], pale(c[0], 0.2), c[0] * 0.6])
    mottle = cells(length * 1.8, across * 2.5)[0]
    light = (1.15 - 0.75 * across**2) * (0.85 + 0.3 * mottle)
    ink.lay(lit(skin, light), d.inside(reach * d.r * 0.45))
    along = (length * chance.between(1.3, 1.8)) % 1 - 0.5
    sucker = torch.hypot(along * 0.9, (across - 0.22) * 0.9)
    inner = d.inside((sucker - 0.36) * d.r * 0.4) * d.inside(reach * d.r)
    ink.wash(
        ramp(sucker / 0.36, [c[2] * 0.45, c[2] * 0.6, pale(c[2], 0.6), pale(c[2], 0.4)]), inner
    )
    return ink.shade(1 - 0.6 * torch.exp(-((reach / 0.12) ** 2)))


def coral(d: Draw) -> Ink:
    """Folded ridges like a brain, or branching fans."""
    c, ink, chance = d.colours, d.ink(), d.chance
    warp = 9 * chance.clouds(3, 3)
    folds = wave(d.r * chance.between(9, 15) + warp * 2.2 + 2 * torch.sin(3 * d.angle + warp))
    fan = sector(torch.atan2(d.x, 1.2 - d.y) + 0.12 * warp, chance.whole(40, 60))[1]
    branches = wave(fan * 80) * 0.7 + 0.5 * wave(d.r * 24 + warp)
    relief = mix(folds, branches.clamp(0, 1), chance.coin(0.35))
    body = d.r - 0.85 - 0.25 * (chance.clouds(5, 3) - 0.5) * 2
    tone = ramp(relief, [c[1] * 0.35, c[0] * 0.8, c[0], pale(c[0], 0.4)])
    pores = cells(d.x * 26, d.y * 26)[0]
    return ink.lay(lit(tone, (0.75 + 0.4 * pores) * (1.15 - 0.35 * d.r)), d.inside(body, 3))


def waves(d: Draw) -> Ink:
    """Crests behind crests, curling and foaming, under a sky."""
    c, ink, chance = d.colours, d.ink(), d.chance
    ink.lay(ramp(0.5 + 0.5 * d.y, [pale(c[2], 0.3), pale(c[1], 0.55)]), torch.ones_like(d.x))
    for k in range(6):
        rate, phase = chance.between(2.5, 4.5), chance.between(0, TAU)
        y = d.y + 0.85 - 0.36 * k
        crest = wave(d.x * rate + phase + chance.between(0.4, 1.4) * (1 - 2 * y)) ** 1.6
        height = chance.between(0.15, 0.34) * crest
        surface = 0.15 - (y + height)
        ripples = wave((y + height) * chance.between(26, 46))
        water = ramp((y + height) * 0.9, [pale(c[0], 0.35), c[0], c[1] * 0.5])
        ink.lay(lit(water, 0.75 + 0.35 * ripples), d.inside(surface))
        foam = torch.exp(-(((surface + 0.035) / 0.05) ** 2)) * (0.3 + crest)
        spray = smooth(0.35, 0.7, chance.clouds(14, 2) + 0.25 * crest)
        ink.wash(pale(c[3], 0.9), (foam * spray).clamp(0, 1) * d.inside(surface))
    return ink


def bubbles(d: Draw) -> Ink:
    """Clear spheres with a rim, a window's light and a caustic."""
    c, ink, chance = d.colours, d.ink(), d.chance
    for size in (1.6, 2.4, 3.6):
        x, y = d.x * size + chance.between(0, 9), d.y * size + chance.between(0, 9)
        column, row = x.floor(), y.floor()
        radius = 0.2 + 0.24 * scatter(column, row)
        px = x - column - 0.5 - (0.5 - radius) * (scatter(row, column) * 2 - 1)
        py = y - row - 0.5 - (0.5 - radius) * (scatter(column + 5, row) * 2 - 1)
        part = torch.hypot(px, py) / radius
        there = (scatter(column + 2, row + 8) < 0.75).float()
        inside = d.inside((part - 1) * radius / size) * there
        hue = ramp((part**4 + 0.2 * px).clamp(0, 1), [c[0], c[1], c[2], pale(c[3], 0.5)])
        ink.lay(hue, inside * (0.25 + 0.75 * part**3))
        glint = torch.hypot(px + 0.4 * radius, py + 0.45 * radius) - 0.16 * radius
        caustic = torch.exp(-(((part - 0.78) / 0.1) ** 2)) * ((px + py) > 0.4 * radius)
        ink.wash(
            pale(c[3], 0.9), (d.inside(glint / size) + 0.5 * caustic).clamp(0, 1) * inside.ceil()
        )
    return ink


def urchin(d: Draw) -> Ink:
    """Spines all round a studded test."""
    c, ink, chance = d.colours, d.ink(), d.chance
    number, across = sector(d.angle, chance.whole(26, 44))
    length = 0.75 + 0.3 * scatter(number)
    spine = across.abs() * d.r - 0.055 * (1 - d.r / length).clamp(min=0)
    tone = ramp(d.r, [c[1] * 0.5, c[0], pale(c[0], 0.4)])
    bands = 0.75 + 0.3 * wave(d.r * chance.between(10, 30))
    ink.lay(lit(tone, bands), d.inside(torch.maximum(spine, d.r - length)))
    _, lobe = sector(d.angle, chance.whole(5, 5) * 2)
    studs = wave(d.r * 60) * wave(lobe * 60)
    body = circle(d.x, d.y, 0.42)
    light = (1.2 - 1.3 * d.r) * (0.6 + 0.6 * studs) + 0.15
    return ink.lay(lit(c[2], light * (0.6 + 0.4 * line(body, 0.04))), d.inside(body))
