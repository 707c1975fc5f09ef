"""The pictures and films of a gallery: what of each thing is copied, made small, or only referred
to. A picture that is there, and was made of the same bytes in the same way, is not made again.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from PIL import Image

from dreamer.draw.site.values import Film, Picture
from dreamer.engine.gallery_site import Site
from dreamer.engine.gallery_things import Thing
from dreamer.errors import FolderError, MediaError
from dreamer.media.decoding import read_frames
from dreamer.media.durable import share_or_copy
from dreamer.media.opening import read_size
from dreamer.media.probing import VideoFacts, probe
from dreamer.media.small_pictures import read_within

THUMB = (900, 360)  # pixels: twice what a row is high, for screens with small ones
QUALITY = 82
POSTER = (1600, 1200)
SMALL_BYTES, SMALL = 300_000, (1280, 1280)
QUALITIES = (88, 82, 74, 64)
PLAYED = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".apng": "image/apng",
}
SHOWN = frozenset(f".{kind}" for kind in ("png", "jpg", "jpeg", "webp", "gif", "avif", "apng"))


@dataclass(frozen=True)
class Ways:
    """How a gallery has its pictures: `link` refers to those of renders where they lie, `small`
    makes them JPEGs of at most 300 kB.
    """

    link: bool = False
    small: bool = False


@dataclass(frozen=True)
class Seen:
    """The pictures of a thing; `hashes` are those of the files that show it. `facts` are those of
    its film, where nothing else tells how long it is.
    """

    thumb: Picture
    large: Picture
    film: Film | None
    more: tuple[tuple[str, Picture], ...]
    hashes: tuple[str, ...]
    facts: VideoFacts | None = None


def names_of(key: str, thing: Thing, ways: Ways) -> dict[str, str]:
    """What the files of a thing are called in the gallery, by what they are."""
    names = {"page": f"items/{key}.html", "thumb": f"thumbs/{key}.jpg"}
    if thing.recipe:
        names["recipe"] = f"recipes/{key}.yaml"
    if thing.film is not None and not ways.link:
        names["film"] = f"films/{key}{thing.film.suffix.lower()}"
    if not _linked(thing, ways):
        names["large"] = f"pictures/{key}{'.jpg' if _recoded(thing, ways) else _ending(thing)}"
    for number, sheet in enumerate(thing.sheets, 2):
        if not ways.link:
            ending = ".jpg" if ways.small else sheet.suffix.lower()
            names[f"sheet {number}"] = f"pictures/{key}-{number}{ending}"
    return names


def _linked(thing: Thing, ways: Ways) -> bool:
    return ways.link and _is_still(thing) and _ending(thing) in SHOWN


def _recoded(thing: Thing, ways: Ways) -> bool:
    """Whether its large picture is made anew: frames of films are, as PNG is large for a poster."""
    return ways.small or not _is_still(thing) or _ending(thing) not in SHOWN


def _is_still(thing: Thing) -> bool:
    return thing.look is not None and thing.film is None and thing.kind != "film"


def _ending(thing: Thing) -> str:
    return thing.look.suffix.lower() if thing.look is not None else ".jpg"


def seen(key: str, thing: Thing, site: Site, ways: Ways) -> Seen:
    """Have all pictures of `thing` in `site`.

    Raises:
        MediaError: a picture or film that cannot be read.
    """
    names = names_of(key, thing, ways)
    look = thing.look or thing.film
    if look is None:
        raise FolderError(f"{thing.found.path} has no picture")
    try:
        sha256 = site.hash_of(look)
        opened = _Look(thing)
        thumb = _picture(site, names["thumb"], sha256, f"{THUMB} {QUALITY}", opened.thumb)
        if "large" not in names:
            large = Picture(reached(look, site.path), *read_size(look))
        elif _recoded(thing, ways):
            how = f"{SMALL} {SMALL_BYTES}" if ways.small else f"{POSTER} {QUALITIES[0]}"
            make = opened.small if ways.small else opened.poster
            large = _picture(site, names["large"], sha256, how, make)
        else:
            large = _copied(site, names["large"], look)
        film, hashes = None, [sha256]
        if thing.film is not None:
            hashes.append(site.hash_of(thing.film))
            if "film" in names:
                _copied(site, names["film"], thing.film, sized=False)
            address = quote(names["film"]) if "film" in names else reached(thing.film, site.path)
            film = Film(address, PLAYED.get(thing.film.suffix.lower(), ""))
        more = []
        for number, sheet in enumerate(thing.sheets, 2):
            name = names.get(f"sheet {number}")
            title = sheet.stem
            if name is None:
                more.append((title, Picture(reached(sheet, site.path), *read_size(sheet))))
            elif ways.small:
                make = _Look(thing, sheet).small
                how = f"{SMALL} {SMALL_BYTES}"
                more.append((title, _picture(site, name, site.hash_of(sheet), how, make)))
            else:
                more.append((title, _copied(site, name, sheet)))
    except OSError as error:
        if error.filename is not None and str(site.path) in str(error.filename):
            raise  # the gallery cannot be written
        raise MediaError(f"{error.filename or look} cannot be read: {error.strerror}") from error
    return Seen(thumb, large, film, tuple(more), tuple(hashes), _facts(thing))


def _facts(thing: Thing) -> VideoFacts | None:
    if thing.film is not None and not thing.frames:
        with suppress(MediaError):  # shown by its poster, as long as it may be
            return probe(thing.film)
    return None


def reached(file: Path, home: Path) -> str:
    """The address of `file` from the folder `home`, quoted byte by byte: names need not be UTF-8.

    Raises:
        MediaError: there is no way, as between two drives.
    """
    try:
        way = os.path.relpath(file, home.resolve())
    except ValueError as error:
        raise MediaError(f"{file} lies on another drive; build without --link") from error
    return quote(os.fsencode(way.replace(os.sep, "/")))


class _Look:
    """What a thing looks like, at any size; the frame that stands for a film is looked for once."""

    def __init__(self, thing: Thing, look: Path | None = None) -> None:
        self._look, self._film = look or thing.look, thing.film
        self._frame: Image.Image | None = None

    def _within(
        self, box: tuple[int, int], by: Image.Resampling = Image.Resampling.LANCZOS
    ) -> Image.Image:
        if self._look is not None:
            return read_within(self._look, box, by)
        if self._frame is None:
            assert self._film is not None
            self._frame = middle_of(self._film)
        small = self._frame.copy()
        small.thumbnail(box, by)
        return small

    def thumb(self, path: Path) -> dict[str, Any]:
        return _written(path, self._within(THUMB, Image.Resampling.HAMMING), QUALITY)

    def poster(self, path: Path) -> dict[str, Any]:
        return _written(path, self._within(POSTER), QUALITIES[0])

    def small(self, path: Path) -> dict[str, Any]:
        image = self._within(SMALL)
        while True:
            for quality in QUALITIES:
                data = _jpeg(image, quality)
                if len(data) <= SMALL_BYTES:
                    path.write_bytes(data)
                    return {"size": list(image.size)}
            image = image.resize((image.width * 7 // 8, image.height * 7 // 8))


def middle_of(film: Path) -> Image.Image:
    """The frame in the middle of a film, or its last one before that.

    Raises:
        MediaError: no film, or one of which nothing can be read.
    """
    facts = probe(film)
    every = max(1, facts.frames // 2)
    last = None
    with closing(read_frames(film, every, facts)) as frames:
        for number, pixels in frames:
            last = pixels
            if number:
                break
    if last is None:
        raise MediaError(f"{film} has no frame that can be read")
    return Image.fromarray(np.rint(last.transpose(1, 2, 0) * 255).astype(np.uint8))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _written(path: Path, image: Image.Image, quality: int) -> dict[str, Any]:
    path.write_bytes(_jpeg(image, quality))
    return {"size": list(image.size)}


def _picture(
    site: Site, name: str, sha256: str, how: str, make: Callable[[Path], dict[str, Any]]
) -> Picture:
    of = hashlib.sha256(f"{sha256} {how}".encode()).hexdigest()
    return Picture(quote(name), *site.put(name, of, make)["size"])


def _copied(site: Site, name: str, file: Path, sized: bool = True) -> Picture:
    def copy(path: Path) -> dict[str, Any]:
        share_or_copy(file, path)
        return {"size": list(read_size(file))} if sized else {}

    told = site.put(name, site.hash_of(file), copy)
    return Picture(quote(name), *(told["size"] if sized else (0, 0)))
