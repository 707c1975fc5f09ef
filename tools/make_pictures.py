"""Render the pictures of the README and of the model card into gallery/:
python tools/make_pictures.py PHOTOS [NAME…]

PHOTOS is a folder with the photographs that SHOWN and DREAMT name. NAMEs are recipes in recipes/,
or of SHEETS, or `collage-` and one in recipes/collage/; all of them unless given.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

import dreamer
from dreamer.draw.motifs.catalogue import MOTIFS
from dreamer.draw.motifs.scene import scene
from dreamer.draw.sheet import sheet
from dreamer.engine.atlas_folder import AtlasFolder, settings
from dreamer.engine.execution import decide, under
from dreamer.engine.making_plates import make_missing
from dreamer.engine.plates import Plate, asked_plates
from dreamer.jobs.atlas import SEED, SIDE
from dreamer.jobs.encode import encode
from dreamer.networks.cards import Card, catalogue_card

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "gallery"
ELSEWHERE = {"googlenet-2015", "photo-dream"}  # another network's weights, another's photograph
FILM = (0.12, 0.4, 0.7, 1.0)  # which parts of a film are shown
CLIPS = {"inceptionism-zoom", "journey-through-layers", "closing-loop", "music-dream"}
MOST_BYTES = 300_000
BUILDINGS = [{"class": c} for c in ("dome_outer", "bell_tower", "vault")]
SHOWN = (
    ("canyon", BUILDINGS),
    ("sunset-by-the-pier", [{"class": "lotus"}, {"class": "daisy"}]),
    ("canyon", "inception_4c"),
    ("art-wanderer-sea-fog", "inception_4e"),
)
DREAMT = ("canyon", "sunset-by-the-pier", "chelsea", "blossom", "art-starry-night", "rocket")
DEPTHS = ("inception_3b", "inception_4c", "inception_5b")
CHANNELS = 12  # shown of each block


def saved(picture: Image.Image, name: str) -> None:
    """As a JPEG of at most MOST_BYTES, smaller where no quality is enough."""
    path = GALLERY / f"{name}.jpg"
    while True:
        for quality in (90, 86, 80, 72):
            picture.save(path, quality=quality, optimize=True)
            if path.stat().st_size < MOST_BYTES:
                print(name, path.stat().st_size // 1000, "kB", flush=True)
                return
        size = (picture.width * 7 // 8, picture.height * 7 // 8)
        picture = picture.resize(size, Image.Resampling.LANCZOS)


def as_image(pixels: np.ndarray) -> Image.Image:
    """`(H, W, 3)` in [0, 1] as a picture."""
    return Image.fromarray(np.rint(pixels * 255).astype(np.uint8))


def tiled(pictures: list[Image.Image], columns: int) -> Image.Image:
    """Pictures of one size side by side."""
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * (width + 4) - 4, rows * (height + 4) - 4), "white")
    for k, picture in enumerate(pictures):
        whole.paste(picture, ((k % columns) * (width + 4), (k // columns) * (height + 4)))
    return whole


def rendered(recipe: Path) -> Image.Image:
    """A still's picture, or four frames of a film, which comes into the gallery too if it is one
    of CLIPS.
    """
    with tempfile.TemporaryDirectory() as place:
        outcome = dreamer.render(recipe, Path(place, "render"))
        if recipe.stem in CLIPS:
            clip(outcome.folder, recipe.stem)
        return shown(outcome.folder)


def collaged(recipe: Path) -> Image.Image:
    """A collage, or four frames of one that moves."""
    with tempfile.TemporaryDirectory() as place:
        made = dreamer.collage(recipe, out=Path(place, "collage"))
        if (made.folder / "frames").is_dir():
            return shown(made.folder)
        return Image.open(made.product).convert("RGB")


def shown(folder: Path) -> Image.Image:
    """The picture of a render's folder, or four frames of its film."""
    frames = sorted((folder / "frames").iterdir())
    if len(frames) == 1:
        return Image.open(frames[0]).convert("RGB")
    some = [frames[round(part * (len(frames) - 1))] for part in FILM]
    return tiled([Image.open(path).convert("RGB") for path in some], 2)


def clip(folder: Path, name: str) -> None:
    """A small film of a render's folder."""
    path = GALLERY / f"{name}.mp4"
    path.unlink(missing_ok=True)
    encode(folder, out=path, size=360, crf=24, preset="slow")
    print(name, path.stat().st_size // 1000, "kB", flush=True)


def motifs(photos: Path) -> Image.Image:
    """Every motif, drawn at twice its size."""
    squares = []
    for k, name in enumerate(MOTIFS):
        drawn = scene(name, 1, (192, 192), torch.Generator().manual_seed(40 + k), calm=True)[0]
        large = as_image(drawn.permute(1, 2, 0).numpy())
        small = large.resize((96, 96), Image.Resampling.LANCZOS)
        squares.append((small, name.replace("_", " ")))
    return sheet(squares, 12, (96, 96))


def opened(photos: Path, name: str, side: int) -> Image.Image:
    """The middle square of a photograph."""
    photo = Image.open(photos / f"{name}.jpg").convert("RGB")
    return ImageOps.fit(photo, (side, side), Image.Resampling.LANCZOS)


def photo_dreams(photos: Path) -> Image.Image:
    """Photographs dreamt on by classes and layers."""
    dreams = []
    for name, target in SHOWN:
        square = np.asarray(opened(photos, name, 384))
        dreams.append(as_image(dreamer.dream(square, target=target, seed=11)))
    return tiled(dreams, 2)


def depths(photos: Path) -> Image.Image:
    """Photographs before, and dreamt on at three depths."""
    cells = []
    for name in DREAMT:
        square = opened(photos, name, 256)
        cells.append((square, name))
        for layer in DEPTHS:
            dreamt = dreamer.dream(np.asarray(square), target=layer, seed=11)
            cells.append((as_image(dreamt), layer))
    return sheet(cells, 1 + len(DEPTHS), (256, 256))


def portraits(card: Card, plates: Sequence[Plate]) -> Iterator[tuple[Plate, int, Image.Image]]:
    """Every picture of `plates`, as an atlas of the network has it, with its plate and number."""
    with tempfile.TemporaryDirectory() as place:
        folder = AtlasFolder(Path(place), settings(card, SIDE, SEED))
        with folder.locked(decide("cpu")) as execution, under(execution), torch.no_grad():
            make_missing(folder, plates, card, SIDE, SEED, execution, lambda told: None)
        for plate in plates:
            for number in plate.numbers:
                with Image.open(folder.tile(plate, number)) as picture:
                    yield plate, number, picture.convert("RGB")


def classes(way: str) -> Image.Image:
    """Every class of house by one parameterisation."""
    card = catalogue_card("house")
    plates = [plate for plate in asked_plates(card, classes="all") if plate.way == way]
    cells = [(picture, plate.caption(card, k)) for plate, k, picture in portraits(card, plates)]
    return sheet(cells, 17, (SIDE, SIDE))


def channels(photos: Path) -> Image.Image:
    """Channels of every block of house, a row each."""
    card = catalogue_card("house")
    plates = [
        replace(plate, numbers=tuple(k * plate.count(card) // CHANNELS for k in range(CHANNELS)))
        for plate in asked_plates(card, classes="none")
        if plate.kind == "channels"
    ]
    cells = [
        (picture, f"{plate.title.removeprefix('inception_')} {plate.caption(card, k)}")
        for plate, k, picture in portraits(card, plates)
    ]
    return sheet(cells, CHANNELS, (SIDE, SIDE))


SHEETS: dict[str, Callable[[Path], Image.Image]] = {
    "motifs": motifs,
    "photo-dream": photo_dreams,
    "house-depths": depths,
    "house-channels": channels,
    "house-classes-pixels": lambda photos: classes("pixels"),
    "house-classes-fourier": lambda photos: classes("fourier"),
}


def main(photos: Path, names: list[str]) -> None:
    """Render what `names` say."""
    recipes = {p.stem: p for p in sorted((ROOT / "recipes").glob("*.yaml"))}
    collages = {f"collage-{p.stem}": p for p in sorted((ROOT / "recipes" / "collage").glob("*"))}
    recipes = {name: path for name, path in recipes.items() if not name.startswith("sweep-")}
    for name in names or [*(recipes.keys() - ELSEWHERE), *collages, *SHEETS]:
        if name in collages:
            saved(collaged(collages[name]), name)
        else:
            saved(SHEETS[name](photos) if name in SHEETS else rendered(recipes[name]), name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
