"""Files are what their first bytes say; each that is no weight file is told by its kind."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
from collections.abc import Callable

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from written_files import blob, part, saved, v1_layer, v2_layer, whole

from dreamer.errors import NetworkError
from dreamer.networks.formats.read import Contents
from dreamer.networks.formats.recognise import recognised

LAYER = v1_layer("conv1", 4, blob(np.ones((2, 3), np.float32)))


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("weights.caffemodel"))
    return out.getvalue()


def array() -> bytes:
    out = io.BytesIO()
    np.save(out, np.ones(3))
    return out.getvalue()


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, kind)
    return out.getvalue()


def graph() -> bytes:
    node = (
        part(1, b"input") + part(2, b"Placeholder") + part(5, part(1, b"dtype") + part(2, b"0\1"))
    )
    return part(1, node) + part(1, part(1, b"conv2d0_w") + part(2, b"Const") + b"\xf8\x01\x00")


PROTOTXT = b'name: "GoogleNet"\nlayer {\n  name: "data"\n  type: "Data"\n}\n'
ONNX = whole(1, 7) + part(2, b"pytorch") + part(3, b"1.10") + part(7, b"\x0a\x02ab" * 40)
OTHERS = {
    "an empty file": b"",
    "an HTML page": b"<!DOCTYPE html><title>404</title>",
    "an HTML page ": b"\xef\xbb\xbf \n<html lang=en>",
    "a Git-LFS pointer, not the file it points to": b"version https://git-lfs.github.com/spec/v1\n",
    "an HDF5 file": b"\x89HDF\r\n\x1a\n" + b"\0" * 40,
    "a gzip archive: unpack it first": gzip.compress(LAYER),
    "a tar archive: unpack it first": tar(),
    "a NumPy array": array(),
    r"a picture \(PNG\)": picture("PNG"),
    r"a picture \(JPEG\)": picture("JPEG"),
    "a PDF": b"%PDF-1.4",
    "a Caffe prototxt, which describes a network but holds no weights": PROTOTXT,
    "a Caffe prototxt": b'input: "data"\ninput_dim: 10\n',
    "a JSON text": json.dumps({"error": "not found"}).encode(),
    "an XML or HTML page": b"<Error><Code>AccessDenied</Code></Error>",
    r"a text \('404: Not Found'\)": b"404: Not Found",
    "a text": "Zugriff verweigert: äöü".encode(),
    "an empty text": b"\n\n",
    "a plain Python pickle, not one that torch.save wrote": pickle.dumps({"w": [1.0]}),
    "an ONNX model": ONNX,
    r"a TensorFlow graph \(.pb\)": graph(),
    "a TensorFlow SavedModel": whole(1, 1) + part(2, b"\x0a\x10" * 200),
    r"a mean picture of Caffe's \(.binaryproto\), not weights": blob(
        np.ones((1, 3, 2, 2), np.float32), "legacy"
    ),
    "nothing but zeros": bytes(5000),
    r"too short to be weights \(4 bytes\)": b"\x0a\xff\xfe\x01",
    "nothing known .it begins with the bytes ff 00 12": b"\xff\x00\x12" + b"\x7f\xff" * 9,
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_no_weight_file(what: str, read: Callable[[bytes], Contents]) -> None:
    expected = "expected safetensors, a PyTorch checkpoint or a .caffemodel"
    with pytest.raises(NetworkError, match=f"weights.bin is {what.strip()}.*; {expected}"):
        read(OTHERS[what])


def test_a_plain_pickle_that_begins_like_pytorchs(read: Callable[[bytes], Contents]) -> None:
    with pytest.raises(NetworkError, match="a plain Python pickle"):
        read(pickle.dumps(1 << 75, protocol=2))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (safetensors.torch.save({"w": torch.ones(2)}), "safetensors"),
        (saved({"w": torch.ones(2)}, False), "pytorch-zip"),
        (saved({"w": torch.ones(2)}, True), "pytorch-legacy"),
        (LAYER, "caffemodel"),
        (part(1, b"GoogleNet") + LAYER, "caffemodel"),
        (v2_layer("conv1", "Convolution", blob(np.ones((2, 3), np.float32))), "caffemodel"),
        (part(3, b"data") + whole(4, 10) + LAYER, "caffemodel"),
        (whole(5, 1) + LAYER, "caffemodel"),
    ],
)
def test_what_is_one(data: bytes, kind: str) -> None:
    assert recognised(data, "a file") == kind
