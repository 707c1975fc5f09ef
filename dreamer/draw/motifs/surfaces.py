"""Motifs without an outline: skins, grains, tissues; they fill their place."""

from __future__ import annotations

import torch

from dreamer.draw.motifs.canvas import (
    Draw,
    Ink,
    cells,
    circle,
    line,
    lit,
    pale,
    ramp,
    scatter,
    smooth,
    turned,
    wave,
)


def scales(d: Draw) -> Ink:
    """Rows of overlapping scales: fish, dragon, slate."""
    c, ink, chance = d.colours, d.ink(), d.chance
    size = chance.between(2.6, 4.6)
    x, y = d.x * size, d.y * size * chance.between(1.0, 1.4)
    ridge = chance.coin(0.4)
    pointed = chance.coin(0.4) * 0.35
    for k in (2, 1, 0, -1):
        row = y.floor() - k + 1
        shifted = x + 0.5 * (row % 2)
        centre = shifted.floor() + 0.5
        across, down = shifted - centre, y - row
        rim = torch.hypot(across, down * 0.75) - 0.72 + pointed * across.abs() * (down > 0)
        own = scatter(centre, row)
        tone = ramp(0.6 * (down + 0.4).clamp(0, 1) + 0.4 * own, [c[1] * 0.6, c[0], pale(c[2], 0.2)])
        light = (
            0.55
            + 0.55 * (down + 0.3).clamp(0, 1)
            + 0.2 * ridge * torch.exp(-((across / 0.08) ** 2))
        )
        ink.lay(lit(tone, light * (0.35 + 0.65 * line(rim, 0.09))), d.inside(rim / size))
    return ink.shade(0.75 + 0.5 * chance.clouds(3, 2))


def fur(d: Draw) -> Ink:
    """Tufts of hair along a flow, plain, spotted or striped."""
    c, ink, chance = d.colours, d.ink(), d.chance
    way = chance.between(-0.6, 0.6) + 1.6 * (chance.noise(3) - 0.5)
    u = d.x * torch.cos(way) + d.y * torch.sin(way)
    v = d.y * torch.cos(way) - d.x * torch.sin(way)
    strands = torch.zeros_like(d.x)
    for rate in (26, 43, 71):
        column = (v * rate + 5 * chance.noise(5)).floor()
        start = scatter(column, float(rate))
        strands = strands + ((u * 2.2 + start) % 1) * wave(v * rate * 6.3)
    patch, _, _ = cells(d.x * 2.2, d.y * 2.2)
    spots = smooth(0.38, 0.28, patch) * chance.coin(0.4)
    tone = ramp(
        chance.clouds(3, 3) + 0.3 * (strands / 3 - 0.3), [c[1] * 0.7, c[0], pale(c[0], 0.3)]
    )
    ink.lay(lit(tone, 0.5 + 0.42 * strands), torch.ones_like(d.x))
    return ink.wash(lit(c[2] * 0.3, 0.6 + 0.5 * strands), spots)


def bark(d: Draw) -> Ink:
    """Plates and furrows along a trunk, with lichen."""
    c, ink, chance = d.colours, d.ink(), d.chance
    warp = chance.clouds(4, 3) * 1.4
    x, y = d.x * chance.between(3, 5) + warp, d.y * chance.between(1.0, 1.8) + warp
    _, border, own = cells(x, y)
    grain = chance.clouds(14, 2)
    relief = smooth(0.02, 0.22, border)
    tone = ramp(0.5 * own + 0.6 * grain, [c[1] * 0.6, c[0], pale(c[0], 0.3)])
    ink.lay(
        lit(tone, (0.18 + 0.82 * relief) * (0.75 + 0.4 * wave(d.x * 40 + 10 * grain))),
        torch.ones_like(d.x),
    )
    return ink.wash(c[3], smooth(0.62, 0.72, chance.clouds(5, 3)) * relief * chance.coin(0.5))


def honeycomb(d: Draw) -> Ink:
    """Six-sided cells of wax, some with honey, some with lids."""
    c, ink, chance = d.colours, d.ink(), d.chance
    size = chance.between(2.0, 3.6)
    x, y = d.x * size, d.y * size
    tall = 3**0.5
    ax, ay = (x + 0.5) % 1 - 0.5, (y / tall + 0.5) % 1 * tall - tall / 2
    bx, by = x % 1 - 0.5, (y / tall) % 1 * tall - tall / 2
    nearer = (ax**2 + ay**2) < (bx**2 + by**2)
    px, py = torch.where(nearer, ax, bx), torch.where(nearer, ay, by)
    own = scatter((x - px).mul(2).round(), (y - py).mul(2 / tall).round())
    wall = 0.5 - torch.maximum(px.abs(), px.abs() * 0.5 + py.abs() * tall / 2)
    deep = smooth(0.04, 0.3, wall)
    honey = ramp(deep, [c[0], c[1], c[1] * 0.35])
    lid = lit(pale(c[0], 0.35), 0.75 + 0.3 * chance.clouds(10, 2))
    body = torch.where((own > 0.72)[:, None], lid, honey)
    ink.lay(body, torch.ones_like(d.x))
    glint = torch.exp(-(((px + 0.14) / 0.06) ** 2 + ((py + 0.16) / 0.06) ** 2)) * (own < 0.5)
    ink.wash(pale(c[0], 0.85), glint * 0.9)
    return ink.wash(pale(c[2], 0.3), d.inside((wall - 0.055) / size, 2))


def zebra(d: Draw) -> Ink:
    """Stripes that fork and bend with the body under them."""
    c, ink, chance = d.colours, d.ink(), d.chance
    flow = d.x * chance.between(3, 6) + 2.2 * torch.sin(d.y * 1.7 + chance.between(0, 6))
    fork = 2.4 * chance.clouds(3, 2) + 0.8 * torch.sin(d.y * 3)
    stripe = smooth(-0.12, 0.12, torch.sin(flow * 2.2 + 2 * fork) + 0.25)
    hair = chance.clouds(20, 2)
    ink.lay(lit(pale(c[4], 0.85), 0.8 + 0.25 * hair), torch.ones_like(d.x))
    return ink.wash(lit(c[0] * 0.2, 0.6 + 0.8 * hair), stripe)


def agate(d: Draw) -> Ink:
    """Bands of stone about a hollow of crystals."""
    c, ink, chance = d.colours, d.ink(), d.chance
    field = d.r * 0.9 + 0.9 * (chance.clouds(3, 3) - 0.5)
    bands = wave(field * chance.between(24, 50)) * 0.5 + 0.5 * scatter((field * 14).floor())
    tone = ramp(
        0.55 * bands + 0.45 * field, [pale(c[3], 0.5), c[1], c[0], pale(c[2], 0.4), c[0] * 0.6]
    )
    ink.lay(lit(tone, 0.85 + 0.2 * chance.clouds(9, 2)), torch.ones_like(d.x))
    druse, _, own = cells(d.x * 11, d.y * 11)
    hollow = smooth(0.24, 0.18, field)
    return ink.wash(lit(pale(c[3], 0.35), 0.35 + 1.1 * own - 0.4 * druse), hollow)


def mosaic(d: Draw) -> Ink:
    """Small stones set along curves, in mortar."""
    c, ink, chance = d.colours, d.ink(), d.chance
    field = d.r + 0.35 * (chance.clouds(2, 2) - 0.5) * 2 * chance.coin()
    lane = (field * 9).floor()
    around = d.angle * (lane + 0.5) * 1.05 + scatter(lane)
    stone = around.floor()
    gap = torch.maximum((field * 9 - lane - 0.5).abs(), (around - stone - 0.5).abs()) - 0.41
    group = (wave(lane * chance.between(0.6, 1.6) + chance.between(0, 6)) * 2.99).floor() / 2
    tone = ramp(group, [c[0], c[1], pale(c[2], 0.3)])
    light = 0.72 + 0.5 * scatter(stone, lane)
    ink.lay(pale(c[4], 0.5) * 0.75, torch.ones_like(d.x))
    return ink.wash(lit(tone, light), d.inside(gap / 9))


def embers(d: Draw) -> Ink:
    """Cracked black crust with fire beneath: lava, coals."""
    c, ink, chance = d.colours, d.ink(), d.chance
    warp = chance.clouds(4, 3)
    _, border, own = cells(d.x * 2.6 + warp, d.y * 2.6 + warp)
    heat = torch.exp(-border * chance.between(9, 16)) + 0.25 * chance.clouds(6, 2) * (own > 0.6)
    crust = lit(c[1] * 0.28, 0.4 + 0.9 * chance.clouds(16, 2) + 0.3 * own)
    glow = ramp(heat, [c[1] * 0.3, c[1], c[0], pale(c[2], 0.45)])
    ink.lay(crust, torch.ones_like(d.x))
    return ink.wash(glow, smooth(0.1, 0.55, heat))


def pebbles(d: Draw) -> Ink:
    """Rounded stones of a beach, wet and dry."""
    c, ink, chance = d.colours, d.ink(), d.chance
    x, y = turned(d.x, d.y, chance.between(-0.4, 0.4))
    distance, border, own = cells(x * 2.4, y * 3.1, 0.9)
    dome = smooth(0.0, 0.3, border)
    veins = smooth(
        0.04, 0.0, (torch.sin(x * 9 + 30 * own) * 0.3 + (y * 5 + 9 * own) % 1 - 0.5).abs()
    )
    tone = ramp(own, [c[0], pale(c[1], 0.3), c[2] * 0.7, pale(c[4], 0.4), c[1] * 0.6])
    light = (0.25 + 0.8 * dome) * (1.15 - 0.5 * distance) * (0.85 + 0.25 * chance.clouds(16, 2))
    ink.lay(lit(tone, light), torch.ones_like(d.x))
    return ink.wash(pale(c[4], 0.8), veins * dome * (own > 0.6) * 0.7)


def ripples(d: Draw) -> Ink:
    """Rings that run through each other on still water."""
    c, ink, chance = d.colours, d.ink(), d.chance
    height = torch.zeros_like(d.x)
    for _ in range(3):
        px, py = chance.between(-0.9, 0.9), chance.between(-0.9, 0.9)
        r = circle(d.x - px, (d.y - py) * 1.4, 0.0)
        height = height + torch.cos(r * chance.between(18, 30)) * torch.exp(-r * 1.3)
    light = 0.5 + 0.42 * height
    tone = ramp(light, [c[1] * 0.5, c[0], c[2], pale(c[3], 0.7)])
    return ink.lay(lit(tone, 0.9 + 0.2 * chance.clouds(4, 2)), torch.ones_like(d.x))
