"""What a file is, from its first bytes: names lie (`.pth.tar` is no tar archive), and what a dead
host sends instead of weights is a page.
"""

from __future__ import annotations

import codecs
import re
from typing import Literal

from dreamer.errors import NetworkError

Format = Literal["safetensors", "pytorch-zip", "pytorch-legacy", "caffemodel"]

EXPECTED = "expected safetensors, a PyTorch checkpoint or a .caffemodel"
ENOUGH = 4096  # bytes that tell everything

LEGACY = re.compile(
    rb"\x80[\x02-\x05](\x95[\x00-\xff]{8})?\x8a\x0a"
)  # a pickled number of ten bytes

OTHERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"version https://git-lfs", "a Git-LFS pointer, not the file it points to"),
    (0, b"\x89HDF", "an HDF5 file (Keras or Caffe's snapshot_format HDF5)"),
    (0, b"\x1f\x8b", "a gzip archive: unpack it first"),
    (0, b"BZh", "a bzip2 archive: unpack it first"),
    (0, b"\xfd7zXZ", "an xz archive: unpack it first"),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive: unpack it first"),
    (0, b"7z\xbc\xaf", "a 7z archive: unpack it first"),
    (0, b"Rar!", "a RAR archive: unpack it first"),
    (257, b"ustar", "a tar archive: unpack it first"),
    (0, b"\x93NUMPY", "a NumPy array (.npy)"),
    (0, b"GGUF", "a GGUF file (a language model)"),
    (4, b"TFL3", "a TensorFlow Lite model"),
    (0, b"\x04\0\0\0\x01\0\0\0", "a Torch 7 file (.t7)"),
    (0, b"\x89PNG", "a picture (PNG)"),
    (0, b"\xff\xd8\xff", "a picture (JPEG)"),
    (0, b"GIF8", "a picture (GIF)"),
    (0, b"%PDF", "a PDF"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
)

# Fields that begin a Caffe NetParameter: name, layers, input, input_dim, force_backward, state,
# debug_info, input_shape; and layer, whose number takes two bytes.
CAFFE_STARTS = (b"\x0a", b"\x12", b"\x1a", b"\x20", b"\x22", b"\x28", b"\x32", b"\x38", b"\x42")
CAFFE_LAYER = b"\xa2\x06"

# A GraphDef begins with a node (1), which begins with its name (1) and its operation (2).
TENSORFLOW_GRAPH = re.compile(
    rb"\x0a[\x00-\xff]{1,3}?\x0a[\x01-\x7f][\w./-]+\x12[\x01-\x20][A-Z]\w+"
)
ONNX = re.compile(rb"\x08[\x01-\x14](\x12[\x01-\x40][\w. -]{2}|[\x3a\x42])")
SAVED_MODEL = re.compile(rb"\x08\x01\x12[\x80-\xff]")
MEAN_FILE = re.compile(rb"\x08\x01\x10[\x01-\x04]\x18")
PROTOTXT = re.compile(r"^\s*(layers?|net_param|input(_shape)?)\s*:?\s*[{\"]", re.MULTILINE)


class Unreadable(Exception):
    """Why a file is not read; the message completes 'this file …'."""


def recognised(data: bytes, file: object) -> Format:
    """The format of a weight file, from how its bytes begin.

    Args:
        data: the file, or at least its first `ENOUGH` bytes and its true length where it is short.
        file: how errors call it.

    Raises:
        NetworkError: it is something else, with what it is and what was expected.
    """
    start = bytes(data[:ENOUGH])
    if len(start) > 8 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 1 << 32:
        return "safetensors"
    if start.startswith(b"PK\x03\x04"):
        return "pytorch-zip"
    if LEGACY.match(start):
        return "pytorch-legacy"
    what = _something_else(start)
    if what:
        raise NetworkError(f"{file} is {what}; {EXPECTED}")
    return "caffemodel"


def _something_else(start: bytes) -> str:
    """What a file is that is none of ours, or nothing where it may be a caffemodel."""
    if not start:
        return "an empty file"
    for offset, magic, what in OTHERS:
        if start.startswith(magic, offset):
            return what
    stripped = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"<(!doctype|html|head|body|script|meta|!--)", stripped, re.IGNORECASE):
        return "an HTML page"
    if not any(start):
        return "nothing but zeros at its start (a download that broke off?)"
    text = _text(start)
    if text is not None:
        return _some_text(text)
    if re.match(rb"\x80[\x02-\x05]", start):
        return "a plain Python pickle, not one that torch.save wrote"
    for pattern, what in (
        (MEAN_FILE, "a mean picture of Caffe's (.binaryproto), not weights"),
        (ONNX, "an ONNX model"),
        (SAVED_MODEL, "a TensorFlow SavedModel"),
        (TENSORFLOW_GRAPH, "a TensorFlow graph (.pb)"),
    ):
        if pattern.match(start):
            return what
    if len(start) < 9:
        return f"too short to be weights ({len(start)} bytes)"
    if start.startswith((*CAFFE_STARTS, CAFFE_LAYER)):
        return ""
    return f"nothing known (it begins with the bytes {start[:8].hex(' ')})"


def _text(start: bytes) -> str | None:
    """`start` as text, or None where it is none; a letter may be cut in two at its end."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return None
    return text if all(c.isprintable() or c in "\t\n\v\f\r\ufeff" for c in text) else None


def _some_text(text: str) -> str:
    """What a text is, in words."""
    stripped = text.lstrip("\ufeff \t\r\n")
    if PROTOTXT.search(text):
        return "a Caffe prototxt, which describes a network but holds no weights"
    if stripped.startswith(("{", "[")):
        return "a JSON text"
    if stripped.startswith("<"):
        return "an XML or HTML page"
    line = stripped.splitlines()[0][:40] if stripped else ""
    return f"a text ('{line}')" if line else "an empty text"
