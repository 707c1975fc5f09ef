"""Motifs that look back."""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.draw.motifs.canvas import (
    Draw,
    Ink,
    band,
    circle,
    ellipse,
    line,
    lit,
    pale,
    ramp,
    scatter,
    smooth,
    wave,
)


def _iris(
    d: Draw, ink: Ink, x: Tensor, y: Tensor, size: Tensor | float, tones: list[Tensor]
) -> None:
    """An iris with its fibres, pupil and highlight about the origin of (x, y)."""
    radius, angle = torch.hypot(x, y), torch.atan2(y, x)
    fibres = wave(angle * d.chance.whole(16, 34) + 7 * d.chance.clouds(6, 2))
    inside = d.inside(radius - size)
    ink.wash(lit(ramp(radius / size, tones), 0.65 + 0.6 * fibres), inside)
    ink.shade(1 - 0.6 * inside * torch.exp(-(((radius - size) / (0.12 * size)) ** 2)))
    slit = torch.where(d.chance.coin(0.25) > 0, d.chance.between(0.25, 0.45), 1.0)
    pupil = torch.hypot(x / slit, y) - size * d.chance.between(0.32, 0.55)
    ink.wash(tones[0] * 0.04, d.inside(pupil))
    glint = torch.hypot(x + 0.32 * size, y + 0.34 * size) - 0.17 * size
    ink.wash(torch.ones_like(tones[0]), d.inside(glint) * 0.95)


def eye(d: Draw) -> Ink:
    """An eye between its lids, with folds, lashes and a brow."""
    c, ink, chance = d.colours, d.ink(), d.chance
    skin = lit(c[2], 0.75 + 0.3 * chance.clouds(5, 3) - 0.25 * d.r)
    ink.lay(skin, d.inside(ellipse(d.x, d.y, 1.15, 0.95), 40))
    open_, tilt = chance.between(0.36, 0.62), chance.between(-0.15, 0.15)
    y = d.y + tilt * d.x
    upper = -open_ * (1 - (d.x / 0.9) ** 2)
    lower = 0.75 * open_ * (1 - (d.x / 0.9) ** 2)
    lid = torch.maximum(upper - y, y - lower)
    for k in range(3):
        fold = y - upper * (1.25 + 0.22 * k) + 0.06 * k
        ink.shade(1 - (0.4 - 0.1 * k) * torch.exp(-((fold / 0.035) ** 2)) * (d.x.abs() < 0.95))
    white = lit(pale(c[4], 0.85), 1.0 - 0.3 * d.x.abs())
    ink.wash(white, d.inside(lid))
    before = ink.colour
    gaze = chance.between(-0.2, 0.2)
    _iris(d, ink, d.x - gaze, y - 0.02, chance.between(0.36, 0.5), [c[1], c[0], c[0] * 0.45])
    ink.colour = torch.lerp(before, ink.colour, d.inside(lid)[:, None])
    ink.shade(1 - 0.45 * torch.exp(-(((y - upper) / 0.12) ** 2)) * d.inside(lid))
    ink.shade(1 - 0.85 * torch.exp(-((lid / 0.035) ** 2)))
    lash = wave(d.x * 60 + d.x * 20 * (y - upper)) > 0.72
    reach = torch.maximum(upper - 0.17 - y, y - upper)
    ink.shade(1 - 0.8 * lash.float() * d.inside(reach) * (d.x.abs() < 0.88))
    brow = (y + 0.78 + 0.25 * d.x**2).abs() - 0.07 * (1 - d.x.abs())
    hair = 0.5 + 0.5 * wave(d.x * 55 + y * 40)
    return ink.wash(c[3] * 0.35, d.inside(brow, 4) * hair * chance.coin(0.7))


def face(d: Draw) -> Ink:
    """A mask: two eyes, brows, nose and mouth, before hair."""
    c, ink, chance = d.colours, d.ink(), d.chance
    wide = chance.between(0.62, 0.78)
    hair = ellipse(d.x, d.y + 0.08, wide * 1.25, 1.05) + 0.08 * (chance.noise(8) - 0.5)
    strands = wave(d.angle * 40 + 6 * chance.noise(4))
    ink.lay(lit(c[3] * 0.6, 0.5 + 0.5 * strands), d.inside(hair) * chance.coin(0.75))
    head = ellipse(d.x, d.y, wide * (1.05 - 0.18 * d.y), 0.92)
    light = 1.08 - 0.35 * (d.x + 0.3).abs() - 0.12 * d.y.abs() + 0.1 * (chance.clouds(4, 2) - 0.5)
    ink.lay(lit(c[0], light * (0.65 + 0.35 * line(head, 0.08))), d.inside(head))
    height, apart = chance.between(0.08, 0.2), wide * 0.44
    x, y = d.x.abs() - apart, d.y + height
    socket = torch.exp(-((x / 0.22) ** 2 + (y / 0.16) ** 2))
    ink.shade(1 - 0.3 * socket)
    lid = ellipse(x, y, 0.19, chance.between(0.08, 0.12))
    ink.wash(pale(c[4], 0.9), d.inside(lid))
    ink.wash(c[1], d.inside(lid) * d.inside(circle(x, y, 0.085)))
    ink.wash(c[1] * 0.05, d.inside(lid) * d.inside(circle(x, y, 0.045)))
    ink.shade(1 - 0.75 * torch.exp(-((lid / 0.025) ** 2)))
    brow = (y + 0.19 + chance.between(-0.3, 0.6) * x).abs() - 0.035
    ink.wash(c[3] * 0.3, d.inside(torch.maximum(brow, x.abs() - 0.24)))
    nose = (d.x.abs() - 0.05 - 0.13 * smooth(-0.1, 0.32, d.y)).abs()
    ink.shade(1 - 0.4 * torch.exp(-((nose / 0.04) ** 2)) * d.inside((d.y - 0.1).abs() - 0.22))
    nostril = ellipse(d.x.abs() - 0.09, d.y - 0.31, 0.05, 0.03)
    ink.shade(1 - 0.7 * d.inside(nostril))
    smile = d.y - 0.56 + chance.between(-0.1, 0.35) * (d.x**2 - 0.05)
    lips = torch.maximum(smile.abs() - 0.085 * (1 - (d.x / 0.3) ** 2), d.x.abs() - 0.3)
    ink.wash(c[2], d.inside(lips))
    return ink.shade(1 - 0.8 * torch.exp(-((smile / 0.02) ** 2)) * d.inside(lips))


def owl(d: Draw) -> Ink:
    """Two great discs of feathers with eyes, a beak, and a barred breast."""
    c, ink = d.colours, d.ink()
    body = ellipse(d.x, d.y - 0.15, 0.72, 0.95)
    row = ((d.y + 0.12 * wave(d.x * 18)) * 9).floor()
    bars = ((d.x * 9 + 0.5 * (row % 2)) % 1 - 0.5).abs()
    breast = ramp(bars * 1.5 + 0.2 * scatter(row), [c[1] * 0.6, c[0], pale(c[0], 0.5)])
    ink.lay(lit(breast, 1.0 - 0.5 * d.x.abs()), d.inside(body))
    wing = ellipse(d.x.abs() - 0.68, d.y - 0.3, 0.24, 0.72)
    quills = wave(d.y * 14 + d.x.abs() * 10)
    ink.lay(lit(c[1], 0.5 + 0.5 * quills), d.inside(wing))
    ear = torch.maximum(d.x.abs() - 0.62, -(d.y + 0.98) + (d.x.abs() - 0.55).abs() * 1.2)
    ink.lay(c[1] * 0.8, d.inside(torch.maximum(ear, d.y + 0.45)))
    x, y = d.x.abs() - 0.31, d.y + 0.4
    disc = circle(x, y, 0.37)
    rays = wave(torch.atan2(y, x) * 26)
    tone = ramp(torch.hypot(x, y) / 0.37, [c[1], pale(c[0], 0.6), c[0], c[1] * 0.6])
    ink.lay(lit(tone, 0.75 + 0.3 * rays), d.inside(disc))
    _iris(d, ink, x, y, 0.17, [c[3], c[3], c[3] * 0.7])
    beak = torch.maximum(d.x.abs() - 0.1 * (0.1 - d.y) / 0.3, band(d.y, -0.3, 0.05))
    ink.lay(c[2] * 0.7, d.inside(beak))
    return ink.shade(0.7 + 0.3 * line(body, 0.03))
