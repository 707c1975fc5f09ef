"""PNG, 8 and 16 bits a channel, written to the same bytes everywhere, and its text read without
decoding pixels.

Pillow reads PNG well but neither writes nor keeps 16-bit colour; frames need both, so chunks are
put together here (PNG specification, third edition).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from dreamer.errors import MediaError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COMPRESS_FROM = 512
MOST_TEXT = 1 << 20
LEVEL = 6
PIECE = 1 << 30  # bytes of packed pixels a chunk, which may be twice that by the standard
BAND = 1 << 22  # pixels that are made levels of at once
KINDS = {3: 2, 4: 6}  # channels → colour type


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG's chunk of a `kind` of four letters."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def text_chunk(key: str, text: str) -> bytes:
    """A PNG's iTXt chunk that carries `text` by `key`."""
    data = text.encode()
    packed = len(data) >= COMPRESS_FROM
    body = zlib.compress(data, 9) if packed else data
    header = key.encode("latin-1") + b"\0" + (b"\1\0" if packed else b"\0\0") + b"\0\0"
    return chunk(b"iTXt", header + body)


def quantised(pixels: np.ndarray, bits: int) -> np.ndarray:
    """`(C, H, W)` in [0, 1] as `(H, W, C)` whole levels, rounded to the nearest."""
    most = (1 << bits) - 1
    channels, height, width = pixels.shape
    found = np.empty((height, width, channels), np.uint8 if bits == 8 else np.uint16)
    rows = max(1, BAND // max(1, width))
    for top in range(0, height, rows):  # doubles of all of a large picture are too many
        band = np.clip(pixels[:, top : top + rows], 0, 1).astype(np.float64)
        found[top : top + rows] = np.rint(band * most).transpose(1, 2, 0)
    return found


def encode_png(pixels: np.ndarray, bits: int = 8, text: Mapping[str, str] | None = None) -> bytes:
    """A PNG file of `pixels` `(3, H, W)` RGB or `(4, H, W)` RGBA in [0, 1].

    Args:
        pixels: the picture. Alpha is straight: colours are not multiplied with it, and are kept
            where it is 0.
        bits: a channel, 8 or 16.
        text: what travels inside, as iTXt chunks, in this order.

    Raises:
        ValueError: another number of bits, or another shape.
    """
    if bits not in (8, 16) or pixels.ndim != 3 or pixels.shape[0] not in (3, 4):
        raise ValueError(f"expected (3 or 4, H, W) at 8 or 16 bits, not {pixels.shape} at {bits}")
    levels = quantised(pixels, bits)
    height, width, channels = levels.shape
    rows = levels.astype(">u2").view(np.uint8) if bits == 16 else levels
    rows = rows.reshape(height, -1)
    step = channels * bits // 8
    # Filter 1 (each byte less the one a pixel to the left) suits soft pictures, and one filter for
    # all is fast.
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = 1
    filtered[:, 1 : step + 1] = rows[:, :step]
    filtered[:, step + 1 :] = rows[:, step:] - rows[:, :-step]
    header = struct.pack(">IIBBBBB", width, height, bits, KINDS[channels], 0, 0, 0)
    parts = [SIGNATURE, chunk(b"IHDR", header), chunk(b"sRGB", b"\0")]
    parts += [text_chunk(k, v) for k, v in (text or {}).items()]
    packed = zlib.compress(filtered.tobytes(), LEVEL)
    parts += [chunk(b"IDAT", packed[at : at + PIECE]) for at in range(0, len(packed), PIECE)]
    return b"".join([*parts, chunk(b"IEND", b"")])


def _chunks(data: bytes, path: Path) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        if place + 12 + length > len(data):
            break
        (told,) = struct.unpack_from(">I", data, place + 8 + length)
        if kind != b"IDAT" and told != zlib.crc32(kind + body):  # pixels are checked by zlib
            raise MediaError(f"{path} is a damaged PNG: its {kind!r} is not what was written")
        yield kind, body
        if kind == b"IEND":
            return
        place += 12 + length
    raise MediaError(f"{path} is a PNG that breaks off")


def decode_png16(path: Path) -> np.ndarray | None:
    """The 16-bit RGB or RGBA picture at `path` as `(3 or 4, H, W)` float32 in [0, 1], its alpha
    straight; None where it is a PNG of another kind.

    Raises:
        MediaError: it breaks off or is damaged.
    """
    with path.open("rb") as file:
        head = file.read(33)
    if head[:8] != SIGNATURE or len(head) < 33:
        return None
    width, height, bits, kind, _, _, interlaced = struct.unpack(">IIBBBBB", head[16:29])
    if (bits, interlaced) != (16, 0) or kind not in KINDS.values():
        return None
    channels = 3 if kind == 2 else 4
    data = path.read_bytes()
    packed = b"".join(body for name, body in _chunks(data, path) if name == b"IDAT")
    depth = 2 * channels
    stride = width * depth
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(packed, height * (stride + 1) + 1)
    except zlib.error as error:
        raise MediaError(f"{path} is a damaged PNG: {error}") from error
    if len(raw) != height * (stride + 1):
        raise MediaError(f"{path} is a PNG that breaks off")
    rows = np.frombuffer(raw, np.uint8).reshape(height, stride + 1)
    filters, body = rows[:, 0], rows[:, 1:].reshape(height, width, depth)
    if filters.max() > 4:
        raise MediaError(f"{path} is a damaged PNG: filter {filters.max()}")
    # Ours have filter 1 alone, which is a running sum.
    out = np.cumsum(body, 1, dtype=np.uint8) if (filters == 1).all() else _unfiltered(filters, body)
    scaled = np.empty((channels, height, width), np.float32)
    np.divide(out.view(">u2").transpose(2, 0, 1), 65535, out=scaled, casting="unsafe")
    return scaled


def _unfiltered(filters: np.ndarray, body: np.ndarray) -> np.ndarray:
    """The bytes `(H, W, D)` of a picture whose rows were written with any of PNG's five filters.

    A byte needs its neighbours to the left, above and between: so all of a diagonal can be had at
    once, from the two diagonals before.
    """
    height, width, depth = body.shape
    out = np.zeros((height + 1, width + 1, depth), np.int16)  # a row and a column of zeros before
    kinds = filters[:, None]
    for diagonal in range(height + width - 1):
        y = np.arange(max(0, diagonal - width + 1), min(height, diagonal + 1))
        x = diagonal - y
        left, above, corner = out[y + 1, x], out[y, x + 1], out[y, x]
        to_left, to_above = abs(above - corner), abs(left - corner)
        to_corner = abs(left + above - 2 * corner)
        nearest = np.where(to_above <= to_corner, above, corner)
        paeth = np.where((to_left <= to_above) & (to_left <= to_corner), left, nearest)
        guess = np.choose(kinds[y], [np.int16(0), left, above, (left + above) >> 1, paeth])
        out[y + 1, x + 1] = (body[y, x] + guess) & 255
    return out[1:, 1:].astype(np.uint8)


def read_png_text(path: Path) -> dict[str, str]:
    """The texts inside a PNG by key (iTXt, zTXt, tEXt), at most 1 MB together.

    Raises:
        MediaError: it is no PNG, breaks off, or holds more or damaged texts.
    """
    data = path.read_bytes()
    if not data.startswith(SIGNATURE):
        raise MediaError(f"{path} is not a PNG")
    found: dict[str, str] = {}
    room = MOST_TEXT
    for kind, body in _chunks(data, path):
        if kind not in (b"iTXt", b"zTXt", b"tEXt"):
            continue
        try:
            key, text = _text(kind, body, room)
        except (ValueError, IndexError, zlib.error) as error:
            raise MediaError(f"{path} holds a damaged text: {error}") from error
        room -= len(text)
        found[key] = text
    return found


def _text(kind: bytes, body: bytes, room: int) -> tuple[str, str]:
    """Key and text of a chunk's body; its text takes `room` bytes at most."""
    key, rest = body.split(b"\0", 1)
    packed, encoding = kind == b"zTXt", "latin-1"
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        packed, encoding = rest[0] == 1, "utf-8"
        rest = rest[2:].split(b"\0", 2)[2]
    if packed:
        unpacker = zlib.decompressobj()
        rest = unpacker.decompress(rest, room + 1)
    if len(rest) > room:
        raise ValueError(f"longer than {MOST_TEXT >> 20} MB")
    return key.decode("latin-1"), rest.decode(encoding)
