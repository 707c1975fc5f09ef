"""Every motif by name: how it is drawn, in which colours, and how it may lie."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from dreamer.draw.motifs import (
    animals,
    built,
    flowers,
    gazes,
    land,
    made,
    plants,
    sea,
    surfaces,
)
from dreamer.draw.motifs.canvas import Draw, Ink


class Motif(NamedTuple):
    """How a motif is drawn.

    `tilt` is the greatest angle from upright in radians, `size` the range of its half size in half
    short sides of the picture. What `fills` has no outline and covers the picture.
    """

    draw: Callable[[Draw], Ink]
    tilt: float
    size: tuple[float, float] = (0.55, 1.1)
    fills: bool = False


TURNING, LEANING, UPRIGHT = math.pi, 0.4, 0.12
WIDE = (0.75, 1.3)

MOTIFS: dict[str, Motif] = {
    "blossom": Motif(flowers.blossom, TURNING),
    "dahlia": Motif(flowers.dahlia, TURNING),
    "peony": Motif(flowers.peony, TURNING),
    "poppy": Motif(flowers.poppy, TURNING),
    "sunburst": Motif(flowers.sunburst, TURNING),
    "tulip_bed": Motif(flowers.tulip_bed, UPRIGHT, (0.8, 1.3), True),
    "fern": Motif(plants.fern, TURNING),
    "leaf": Motif(plants.leaf, TURNING),
    "tree": Motif(plants.tree, UPRIGHT, WIDE),
    "mushroom": Motif(plants.mushroom, LEANING),
    "cactus": Motif(plants.cactus, UPRIGHT),
    "pinecone": Motif(plants.pinecone, LEANING),
    "wheat": Motif(plants.wheat, LEANING),
    "eye": Motif(gazes.eye, LEANING, (0.6, 1.15)),
    "face": Motif(gazes.face, LEANING, (0.65, 1.1)),
    "owl": Motif(gazes.owl, UPRIGHT, (0.6, 1.05)),
    "feather": Motif(animals.feather, TURNING),
    "peacock_eye": Motif(animals.peacock_eye, TURNING),
    "moth": Motif(animals.moth, TURNING),
    "fish": Motif(animals.fish, LEANING),
    "snake": Motif(animals.snake, TURNING, (0.75, 1.15)),
    "bird": Motif(animals.bird, LEANING),
    "beetle": Motif(animals.beetle, TURNING),
    "spider_web": Motif(animals.spider_web, TURNING, (0.9, 1.6)),
    "shell": Motif(sea.shell, TURNING),
    "jellyfish": Motif(sea.jellyfish, LEANING, (0.65, 1.1)),
    "tentacle": Motif(sea.tentacle, TURNING),
    "coral": Motif(sea.coral, TURNING),
    "waves": Motif(sea.waves, UPRIGHT, (0.8, 1.5), True),
    "bubbles": Motif(sea.bubbles, TURNING, (0.8, 1.5)),
    "urchin": Motif(sea.urchin, TURNING),
    "mountain": Motif(land.mountain, UPRIGHT, WIDE, True),
    "river": Motif(land.river, UPRIGHT, WIDE, True),
    "dunes": Motif(land.dunes, UPRIGHT, WIDE, True),
    "cloud": Motif(land.cloud, UPRIGHT, (0.7, 1.3)),
    "flame": Motif(land.flame, UPRIGHT, (0.7, 1.2)),
    "galaxy": Motif(land.galaxy, TURNING, (0.7, 1.4), True),
    "moon": Motif(land.moon, TURNING, (0.5, 1.05)),
    "star": Motif(land.star, TURNING),
    "crystal": Motif(land.crystal, LEANING, (0.7, 1.1)),
    "lightning": Motif(land.lightning, UPRIGHT, WIDE, True),
    "volcano": Motif(land.volcano, UPRIGHT, (0.75, 1.15)),
    "arch": Motif(built.arch, UPRIGHT, (0.4, 0.95), True),
    "castle": Motif(built.castle, UPRIGHT, (0.7, 1.1)),
    "bridge": Motif(built.bridge, UPRIGHT, WIDE, True),
    "lantern": Motif(built.lantern, LEANING, (0.5, 1.0)),
    "rose_window": Motif(built.rose_window, TURNING, (0.75, 1.25)),
    "brick": Motif(built.brick, UPRIGHT, (0.5, 1.3), True),
    "roof_tile": Motif(built.roof_tile, LEANING, (0.6, 1.3), True),
    "sailboat": Motif(built.sailboat, LEANING, (0.6, 1.05)),
    "city": Motif(built.city, UPRIGHT, WIDE, True),
    "stairs": Motif(built.stairs, TURNING, (0.8, 1.4), True),
    "lighthouse": Motif(built.lighthouse, UPRIGHT, (0.7, 1.1)),
    "mandala": Motif(made.mandala, TURNING, (0.7, 1.25)),
    "gear": Motif(made.gear, TURNING),
    "knit": Motif(made.knit, LEANING, (0.6, 1.3), True),
    "basket": Motif(made.basket, LEANING, (0.6, 1.3), True),
    "calligraphy": Motif(made.calligraphy, UPRIGHT, (0.6, 1.2), True),
    "knot": Motif(made.knot, TURNING),
    "paisley": Motif(made.paisley, TURNING),
    "clock": Motif(made.clock, LEANING),
    "carpet": Motif(made.carpet, LEANING, WIDE),
    "scales": Motif(surfaces.scales, TURNING, (0.6, 1.5), True),
    "fur": Motif(surfaces.fur, TURNING, (0.7, 1.4), True),
    "bark": Motif(surfaces.bark, LEANING, (0.6, 1.3), True),
    "honeycomb": Motif(surfaces.honeycomb, TURNING, (0.6, 1.3), True),
    "zebra": Motif(surfaces.zebra, TURNING, (0.7, 1.4), True),
    "agate": Motif(surfaces.agate, TURNING, (0.6, 1.3), True),
    "mosaic": Motif(surfaces.mosaic, TURNING, (0.7, 1.4), True),
    "embers": Motif(surfaces.embers, TURNING, (0.6, 1.3), True),
    "pebbles": Motif(surfaces.pebbles, TURNING, (0.6, 1.4), True),
    "ripples": Motif(surfaces.ripples, LEANING, (0.7, 1.4), True),
}
