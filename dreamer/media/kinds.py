"""What a file is by its first bytes, whatever its name says: so that a refusal can name it."""

from __future__ import annotations

from pathlib import Path

from dreamer.errors import MediaError

# (place, bytes there, what it is): the first that fits counts.
KINDS = (
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF8", "a GIF picture"),
    (8, b"WEBP", "a WebP picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyphe", "a HEIC picture, which must be converted first"),
    (4, b"ftypmif1", "a HEIC picture, which must be converted first"),
    (4, b"ftypqt", "a QuickTime film"),
    (4, b"ftyp", "an MP4 film"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM film"),
    (8, b"AVI ", "an AVI film"),
    (0, b"\0\0\1\xba", "an MPEG film"),
    (8, b"WAVE", "a WAV sound"),
    (0, b"ID3", "an MP3 sound"),
    (0, b"\xff\xfb", "an MP3 sound"),
    (0, b"\xff\xf3", "an MP3 sound"),
    (0, b"fLaC", "a FLAC sound"),
    (0, b"OggS", "an Ogg sound"),
    (8, b"AIFF", "an AIFF sound"),
    (0, b"8BPS", "a Photoshop document, which must be exported first"),
    (0, b"%!PS", "a PostScript file"),
    (0, b"%PDF", "a PDF"),
    (0, b"<svg", "an SVG drawing, which must be exported first"),
    (0, b"<?xml", "an XML file"),
    (0, b"<!", "an HTML page"),
    (0, b"<h", "an HTML page"),
    (0, b"<H", "an HTML page"),
    (0, b"PK\3\4", "a zip archive"),
    (0, b"#EXTM3U", "a playlist, which may name other files"),
    (0, b"ffconcat", "a playlist, which may name other files"),
    (0, b"version https://git-lfs", "a Git-LFS pointer, not the file it points to"),
)
# What pictures are called that can be read; a PNG may carry a recipe.
PICTURE_ENDINGS = frozenset(
    f".{kind}"
    for kind in ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif", "jp2", "ppm")
)
UNKNOWN = "no picture or film of a kind known here"


def head_of(path: Path, expected: str) -> bytes:
    """The first 64 bytes of the file at `path`.

    Raises:
        MediaError: nothing there, a folder, or not ours to read, where `expected` was to be.
    """
    try:
        with path.open("rb") as file:
            return file.read(64)
    except FileNotFoundError:
        raise MediaError(f"no such file: {path}") from None
    except IsADirectoryError:
        raise MediaError(f"{path} is a folder; expected {expected}") from None
    except OSError as error:
        raise MediaError(f"{path} cannot be opened: {error.strerror}") from error


def what_it_is(path: Path) -> str:
    """Words for the file at `path`: `an empty file`, `an HTML page` or `an MP4 film`."""
    head = head_of(path, "a picture or film")
    if not head:
        return "an empty file"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")  # pages and playlists may begin with blanks
    fitting = (
        name for at, sign, name in KINDS if head[at:].startswith(sign) or text[at:].startswith(sign)
    )
    return next(fitting, UNKNOWN)


def is_film(path: Path) -> bool:
    """Whether the file at `path` begins like a film."""
    return what_it_is(path).endswith(" film")
