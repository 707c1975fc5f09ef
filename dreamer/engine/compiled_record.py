"""What a compilation was made of, by hashes, kept beside it: so that the same command finds it
whole where nothing has changed, and has nothing to do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from dreamer import __version__
from dreamer.engine.captions import Drawn
from dreamer.engine.clips import contents_of
from dreamer.engine.making import Making, key_of
from dreamer.media import durable
from dreamer.media.ffmpeg import ffmpeg_version
from dreamer.media.mixing import Heard
from dreamer.networks.locate import sha256_of
from dreamer.recipe.compilation import ParsedCompilation
from dreamer.recipe.shots import FileFacts, with_cells

ENDING = ".made.json"


def record_of(product: Path) -> Path:
    """Where it is kept what the film at `product` was made of."""
    return product.with_name(f".{product.name}{ENDING}")


def made_of(recipe: ParsedCompilation, making: Making, heard: Sequence[Heard]) -> str:
    """A hash of all that decides the bytes of a film: its words, what its files hold, the letters
    drawn over them, and by which dreamer and ffmpeg.

    Raises:
        MediaError: a file that cannot be read any more.
    """
    whole = hashlib.sha256()
    for part in _parts(recipe, making, heard):
        whole.update(f"{len(part)}:".encode() + part)
    return whole.hexdigest()


def _parts(recipe: ParsedCompilation, making: Making, heard: Sequence[Heard]) -> Iterator[bytes]:
    yield from (__version__.encode(), ffmpeg_version().encode(), recipe.carried().encode())
    hashes: dict[Path, str] = {}
    for shot in with_cells(placed.shot for placed in making.cut.shots):
        if shot.file is not None:
            if shot.file.file not in hashes:
                hashes[shot.file.file] = _contents(shot.file)
            yield f"{shot.frames} {hashes[shot.file.file]}".encode()
        for drawn in making.words.get(key_of(shot), ()):
            yield from _letters(drawn)
    for one in heard:
        yield (hashes.get(one.file) or contents_of(one.file)).encode()


def _contents(file: FileFacts) -> str:
    return contents_of(file.file) if file.film is None else file.film.sha256


def _letters(drawn: Drawn) -> Iterator[bytes]:
    layer = drawn.layer
    place = (layer.left, layer.top, *layer.pixels.shape, drawn.start, drawn.end, drawn.fade)
    yield json.dumps(place).encode()
    yield layer.pixels.tobytes()


def is_whole(products: Sequence[Path], made_from: str) -> bool:
    """Whether all of `products` lie there as they were made, from what has the hash `made_from`."""
    try:
        kept = json.loads(record_of(products[0]).read_text(encoding="utf-8"))
        return kept["made_of"] == made_from and bool(kept == _record(products, made_from))
    except (KeyError, OSError, TypeError, ValueError):
        return False


def record(products: Sequence[Path], made_from: str) -> None:
    """Keep beside `products`, which are whole, that they were made from what has that hash."""
    text = json.dumps(_record(products, made_from), indent=1)
    durable.write_text(record_of(products[0]), f"{text}\n")


def _record(products: Sequence[Path], made_from: str) -> dict[str, object]:
    return {"made_of": made_from, "files": {path.name: sha256_of(path) for path in products}}
