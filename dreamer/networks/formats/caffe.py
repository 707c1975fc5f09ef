"""`.caffemodel` files without Caffe: the few messages of its schema that hold weights, built at run
time in a descriptor pool of our own, so that they meet no other copy of Caffe's in the process.

Both generations of layers are read: `layers` (V1, 2014, an enum for a type) and `layer` (2015 on, a
text); V0 of 2013 is refused by name.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from torch import Tensor

from dreamer.errors import printable
from dreamer.networks.formats.recognise import Unreadable

MOST_LAYERS = 100_000  # and other outermost fields
MOST_BLOBS = 64  # of a layer
ALL_BLOBS = 20_000  # an empty one takes 4 bytes of a file and some 1,000 of memory
MOST_DIMENSIONS = 32

V1_TYPES = {
    3: "Concat",
    4: "Convolution",
    5: "Data",
    6: "Dropout",
    14: "InnerProduct",
    15: "LRN",
    17: "Pooling",
    18: "ReLU",
    20: "Softmax",
    21: "SoftmaxWithLoss",
    22: "Split",
    39: "Deconvolution",
}
CONVOLUTIONS = ("Convolution", "Deconvolution")
ROLES = ("weight", "bias")


@dataclass(frozen=True)
class CaffeLayer:
    """A layer with its blobs, float32: the first a weight, the second a bias."""

    name: str
    type: str
    blobs: tuple[Tensor, ...]


@dataclass(frozen=True)
class CaffeNet:
    """A network's name and its layers in their order."""

    name: str
    layers: tuple[CaffeLayer, ...]

    def tensors(self) -> dict[str, Tensor]:
        """`inception_4c/3x3_reduce.weight`, `….bias`, and `….blob2` on for layers with more."""
        return {
            f"{layer.name}.{ROLES[k] if k < len(ROLES) else f'blob{k}'}": blob
            for layer in self.layers
            for k, blob in enumerate(layer.blobs)
        }


@cache
def _net_message() -> Any:
    """The class of `NetParameter`, as far as it holds weights."""
    kinds: Any = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="caffe.proto", package="caffe", syntax="proto2")

    def message(name: str, *fields: tuple[str, int, int, str | int]) -> None:
        made = file.message_type.add(name=name)
        for field, number, label, kind in fields:
            row: Any = made.field.add(name=field, number=number, label=label)
            if isinstance(kind, str):
                row.type, row.type_name = kinds.TYPE_MESSAGE, f".caffe.{kind}"
            else:
                row.type = kind
            if label == kinds.LABEL_REPEATED and kind in PACKED:
                row.options.packed = True

    one, many = kinds.LABEL_OPTIONAL, kinds.LABEL_REPEATED
    number, text = kinds.TYPE_INT32, kinds.TYPE_BYTES
    message("BlobShape", ("dim", 1, many, kinds.TYPE_INT64))
    message(
        "BlobProto",
        *((name, k, one, number) for k, name in enumerate(LEGACY_SHAPE, 1)),
        ("data", 5, many, kinds.TYPE_FLOAT),
        ("shape", 7, one, "BlobShape"),
        ("double_data", 8, many, kinds.TYPE_DOUBLE),
    )
    message("V0LayerParameter", ("name", 1, one, text))
    message(
        "V1LayerParameter",
        ("layer", 1, one, "V0LayerParameter"),
        ("name", 4, one, text),
        ("type", 5, one, number),
        ("blobs", 6, many, "BlobProto"),
    )
    message(
        "LayerParameter",
        ("name", 1, one, text),
        ("type", 2, one, text),
        ("blobs", 7, many, "BlobProto"),
    )
    message(
        "NetParameter",
        ("name", 1, one, text),
        ("layers", 2, many, "V1LayerParameter"),
        ("layer", 100, many, "LayerParameter"),
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe.NetParameter"))


LEGACY_SHAPE = ("num", "channels", "height", "width")
PACKED = tuple(
    descriptor_pb2.FieldDescriptorProto.Type.Value(f"TYPE_{kind}")
    for kind in ("FLOAT", "DOUBLE", "INT64")
)


def read_net(data: bytes) -> CaffeNet:
    """The layers of a `.caffemodel`.

    Raises:
        Unreadable: a file that is cut short, damaged, of the V0 format, or holds no layers.
    """
    _walk(data)
    try:
        net = _net_message().FromString(data)
    except (DecodeError, RecursionError, MemoryError, ValueError) as error:
        raise Unreadable("is no caffemodel, or a damaged one: protobuf cannot parse it") from error
    net.DiscardUnknownFields()
    if net.layers and net.layer:
        raise Unreadable(
            "holds layers of two formats at once ('layers' and 'layer'), as no Caffe does"
        )
    if any(row.HasField("layer") for row in net.layers):
        raise Unreadable(
            "is of Caffe's V0 format of 2013; upgrade it with Caffe's upgrade_net_proto_binary"
        )
    blobs = sum(len(row.blobs) for rows in (net.layers, net.layer) for row in rows)
    if blobs > ALL_BLOBS:
        raise Unreadable(f"holds {blobs:,} blobs, as no network does")
    layers = [
        _layer(_text(row.name), V1_TYPES.get(row.type, f"V1 type {row.type}"), row.blobs)
        for row in net.layers
    ] + [_layer(_text(row.name), _text(row.type), row.blobs) for row in net.layer]
    if not layers:
        raise Unreadable("holds no layers, so it is no caffemodel (or an empty one)")
    holding = [layer.name for layer in layers if layer.blobs]
    if not holding:
        raise Unreadable(f"describes {len(layers)} layers but holds no weights")
    (most, times), *_ = Counter(holding).most_common(1)
    if times > 1:
        raise Unreadable(f"has two layers called '{most[:60]}'")
    return CaffeNet(_text(net.name), tuple(layers))


def _text(raw: bytes) -> str:
    return printable(raw.decode(errors="replace"))


def _layer(name: str, kind: str, blobs: Any) -> CaffeLayer:
    if len(blobs) > MOST_BLOBS:
        raise Unreadable(f"is damaged: '{name[:60]}' has {len(blobs)} blobs")
    made = tuple(_blob(blob, f"{name[:60]}.{k}", kind, k) for k, blob in enumerate(blobs))
    return CaffeLayer(name, kind, made)


def _blob(blob: Any, name: str, kind: str, place: int) -> Tensor:
    """One blob: legacy dims (a bias is 1,1,1,N, a fully connected weight 1,1,out,in) go before a
    shape, as in Caffe, and lose the ones that only fill up.
    """
    if any(blob.HasField(side) for side in LEGACY_SHAPE):
        shape = [int(getattr(blob, side)) for side in LEGACY_SHAPE]
    else:
        shape = [int(n) for n in blob.shape.dim]
    if len(shape) > MOST_DIMENSIONS:
        raise Unreadable(f"is damaged: '{name}' is of no possible shape")
    raw = blob.double_data if len(blob.double_data) else blob.data
    if min(shape, default=0) < 0 or math.prod(shape) != len(raw):
        raise Unreadable(
            f"is damaged: '{name}' is of shape {tuple(shape)} and has {len(raw):,} numbers"
        )
    if math.prod(max(n, 1) for n in shape) > 1 << 40:
        raise Unreadable(f"is damaged: '{name}' is of no possible shape")
    with np.errstate(over="ignore"):
        numbers = torch.from_numpy(np.array(raw, np.float32))
    return numbers.reshape(_meant(shape, kind, place))


def _meant(shape: list[int], kind: str, place: int) -> list[int]:
    """`shape` without the ones that legacy dims fill up with, which only a layer's type tells: a
    1×1 convolution to one channel keeps its own.
    """
    if place == 1 and kind in (*CONVOLUTIONS, "InnerProduct"):
        return [math.prod(shape)]
    if place == 0 and kind == "InnerProduct" and len(shape) == 4 and shape[:2] == [1, 1]:
        return shape[2:]
    if kind in (*CONVOLUTIONS, "InnerProduct"):
        return shape
    while len(shape) > 1 and shape[0] == 1:
        shape = shape[1:]
    return shape


def _walk(data: bytes) -> None:
    """Step over the outermost fields, to say where a file is cut short and to count them before
    they are made.

    Raises:
        Unreadable: fields that end beyond the file, or of no known kind, or too many.
    """
    place, layers, fields = 0, 0, 0
    while place < len(data):
        key, place = _varint(data, place)
        field, wire = key >> 3, key & 7
        if wire == 0:
            _, place = _varint(data, place)
        elif wire in (1, 5):
            place += 8 if wire == 1 else 4
        elif wire == 2:
            size, place = _varint(data, place)
            layers += field in (2, 100)
            if field in (2, 100) and place + size > len(data):
                raise Unreadable(
                    f"is cut short: layer {layers} needs {place + size - len(data):,} more bytes"
                )
            place += size
        else:
            raise Unreadable("is no caffemodel: its bytes are no protobuf message")
        fields += 1
        if not field or fields > MOST_LAYERS:
            raise Unreadable("is no caffemodel: its bytes are no network's message")
    if place > len(data):
        raise Unreadable("is cut short, or no caffemodel: its last field ends beyond it")


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    number = 0
    for k, byte in enumerate(data[place : place + 10]):
        number |= (byte & 127) << 7 * k
        if byte < 128:
            return number, place + k + 1
    raise Unreadable("is cut short, or no caffemodel: its bytes are no protobuf message")
