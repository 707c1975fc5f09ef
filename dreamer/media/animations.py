"""What GIF, WebP and APNG carry beside their pictures: texts, which ffmpeg cannot write there, read
without decoding a pixel.

A GIF has a comment (JSON), a WebP a packet of XMP, an APNG the same texts as any PNG.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, NamedTuple
from xml.sax.saxutils import escape, unescape

from dreamer.errors import MediaError
from dreamer.media.durable import PARTIAL
from dreamer.media.png import text_chunk

MOST_TEXT = 1 << 20
OURS = "https://dreamer.invalid/ns/"
_LOOPS = b"!\xff\x0bNETSCAPE2.0"
_HAS_XMP, _HAS_ALPHA = 0x04, 0x10
_LINE_ENDS = {"\r": "&#13;"}  # which XML would make plain ends of lines of


class _Chunk(NamedTuple):
    """A part of a WebP: its name, where its body begins, and how long that is."""

    kind: bytes
    start: int
    length: int


def put_texts(path: Path, container: str, texts: Mapping[str, str]) -> None:
    """Write `texts` into the whole file at `path`, a row of `film_formats.CONTAINERS`."""
    if texts and container == "gif":
        _into_gif(path, texts)
    elif texts:
        with path.open("rb+") as file:
            (_into_webp if container == "webp" else _into_apng)(file, texts)


def _into_gif(path: Path, texts: Mapping[str, str]) -> None:
    """Before the first picture: behind the last, some readers take a comment for one more."""
    data = json.dumps(texts, ensure_ascii=False).encode()
    blocks = (data[start : start + 255] for start in range(0, len(data), 255))
    comment = b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
    other = path.with_name(f"{path.name}.texts{PARTIAL}")
    try:
        with path.open("rb") as file, other.open("wb") as made:
            head = file.read(13)
            made.write(head + file.read(_colours(head[10])))
            mark = file.read(len(_LOOPS))
            made.write(mark + file.read(5) + comment if mark == _LOOPS else comment + mark)
            shutil.copyfileobj(file, made)
        other.replace(path)
    finally:
        other.unlink(missing_ok=True)


def _colours(flags: int) -> int:
    """How many bytes the table of colours takes that `flags` tell of."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _into_apng(file: BinaryIO, texts: Mapping[str, str]) -> None:
    file.seek(-12, 2)
    end = file.read()
    if end[4:8] != b"IEND":
        raise MediaError("an APNG came out without its end")
    file.seek(-12, 2)
    file.write(b"".join(text_chunk(key, text) for key, text in texts.items()) + end)


def _into_webp(file: BinaryIO, texts: Mapping[str, str]) -> None:
    chunks = list(_chunks(file))
    if not chunks or chunks[0].kind != b"VP8X":
        _extend(file)
        chunks = list(_chunks(file))
    file.seek(chunks[0].start)
    flags = file.read(1)[0]
    file.seek(chunks[0].start)
    file.write(bytes([flags | _HAS_XMP]))
    rows = "".join(
        f"<dreamer:{key.partition(':')[2]}>{escape(text, _LINE_ENDS)}"
        f"</dreamer:{key.partition(':')[2]}>"
        for key, text in texts.items()
    )
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:dreamer="{OURS}">{rows}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()
    file.seek(0, 2)
    file.write(b"XMP " + struct.pack("<I", len(packet)) + packet + b"\0" * (len(packet) % 2))
    _say_size(file)


def _extend(file: BinaryIO) -> None:
    """Give the WebP of a single picture the header that one with texts has."""
    file.seek(0)
    data = file.read()
    kind, body = data[12:16], data[20:]
    if kind == b"VP8 ":
        width, height = (n & 0x3FFF for n in struct.unpack("<HH", body[6:10]))
        flags = 0
    else:
        bits = struct.unpack("<I", body[1:5])[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _HAS_ALPHA if bits >> 28 & 1 else 0
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    header = b"VP8X" + struct.pack("<I", 10) + bytes([flags, 0, 0, 0]) + sides
    file.seek(12)
    file.write(header + data[12:])
    _say_size(file)


def _say_size(file: BinaryIO) -> None:
    size = file.seek(0, 2)
    file.seek(4)
    file.write(struct.pack("<I", size - 8))


def _chunks(file: BinaryIO) -> Iterator[_Chunk]:
    """The parts of a WebP, as far as they are whole."""
    end = file.seek(0, 2)
    place = 12
    while place + 8 <= end:
        file.seek(place)
        kind, length = struct.unpack("<4sI", file.read(8))
        if place + 8 + length > end:
            return
        yield _Chunk(kind, place + 8, length)
        place += 8 + length + length % 2


def length_of(path: Path) -> tuple[Fraction, int]:
    """How many seconds the WebP at `path` lasts, and of how many pictures it is."""
    milliseconds, count = 0, 0
    with path.open("rb") as file:
        for chunk in _chunks(file):
            if chunk.kind == b"ANMF":
                file.seek(chunk.start + 12)
                milliseconds += int.from_bytes(file.read(3), "little")
                count += 1
            elif chunk.kind in (b"VP8 ", b"VP8L"):
                count += 1
    return Fraction(milliseconds, 1000), count


def read_gif_text(path: Path) -> dict[str, str]:
    """The texts in a comment of the GIF at `path` that dreamer wrote; none where there is no such.

    Raises:
        MediaError: it breaks off before its end.
    """
    with path.open("rb") as file:
        found = next(filter(None, map(_as_texts, _gif_comments(file, path))), None)
    return found or {}


def _as_texts(comment: bytes) -> dict[str, str] | None:
    try:
        found = json.loads(comment)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        return None
    return found


def _gif_comments(file: BinaryIO, path: Path) -> Iterator[bytes]:
    def take(count: int) -> bytes:
        data = file.read(count)
        if len(data) < count:
            raise MediaError(f"{path} is a GIF that breaks off")
        return data

    def passed() -> None:
        while length := take(1)[0]:
            file.seek(length, 1)

    file.seek(_colours(take(13)[10]), 1)
    while (mark := take(1)) != b";":
        if mark == b",":
            file.seek(_colours(take(9)[8]) + 1, 1)
            passed()
        elif mark == b"!" and take(1) == b"\xfe":
            parts, size = list[bytes](), 0
            while length := take(1)[0]:
                parts.append(take(length))
                size += length
                if size > MOST_TEXT:
                    raise MediaError(f"{path} holds a comment longer than {MOST_TEXT >> 20} MB")
            yield b"".join(parts)
        elif mark == b"!":
            passed()
        else:
            raise MediaError(f"{path} is a damaged GIF")


def read_webp_text(path: Path) -> dict[str, str]:
    """The texts in the XMP of the WebP at `path` that dreamer wrote; none where there is no such.

    Raises:
        MediaError: its XMP is longer than a recipe is.
    """
    with path.open("rb") as file:
        for chunk in _chunks(file):
            if chunk.kind == b"XMP ":
                if chunk.length > MOST_TEXT:
                    raise MediaError(f"{path} holds XMP longer than {MOST_TEXT >> 20} MB")
                file.seek(chunk.start)
                return _of_packet(file.read(chunk.length).decode("utf-8", "replace"))
    return {}


def _of_packet(packet: str) -> dict[str, str]:
    # Read by its own marks, and not by a parser that would unfold a stranger's entities.
    plain = {entity: letter for letter, entity in _LINE_ENDS.items()}
    rows = re.findall(r"<dreamer:(\w+)>([^<]*)</dreamer:\1>", packet)
    return {f"dreamer:{key}": unescape(text, plain) for key, text in rows}
