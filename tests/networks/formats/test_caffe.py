"""Caffe's files in every way they were ever written, against NumPy and a schema of our own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from written_files import blob, part, v1_layer, v2_layer, whole

from dreamer.errors import NetworkError
from dreamer.networks.formats.caffe import read_net
from dreamer.networks.formats.read import Contents

Read = Callable[[bytes], Contents]
CHANCE = np.random.default_rng(0)
WEIGHT = CHANCE.standard_normal((4, 3, 5, 5)).astype(np.float32)
BIAS = CHANCE.standard_normal(4).astype(np.float32)
FULL = CHANCE.standard_normal((6, 4)).astype(np.float32)
WAYS = list(product(("V1", "V2"), ("legacy", "shape"), (True, False), (False, True)))


def by_hand(version: str, shape: str, packed: bool, double: bool) -> bytes:
    conv = [blob(a, shape, packed, double) for a in (WEIGHT, BIAS)]
    full = [blob(a, shape, packed, double) for a in (FULL, np.ones(6, np.float32))]
    name = part(1, b"GoogleNet")
    if version == "V1":
        return name + v1_layer("a/conv", 4, *conv) + v1_layer("r", 18) + v1_layer("fc", 14, *full)
    rest = v2_layer("r", "ReLU") + v2_layer("fc", "InnerProduct", *full)
    return name + v2_layer("a/conv", "Convolution", *conv) + rest


def by_protobuf(version: str, shape: str, packed: bool, double: bool) -> bytes:
    """The same network by the protobuf package, with a schema that packs or does not."""
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="t", package="t", syntax="proto2")
    for message, fields in {
        "Shape": [("dim", 1, 3, "INT64")],
        "Blob": [
            *[(n, k, 1, "INT32") for k, n in enumerate(("num", "channels", "height", "width"), 1)],
            ("data", 5, 3, "FLOAT"),
            ("shape", 7, 1, "Shape"),
            ("double_data", 8, 3, "DOUBLE"),
        ],
        "V1": [("name", 4, 1, "STRING"), ("type", 5, 1, "INT32"), ("blobs", 6, 3, "Blob")],
        "V2": [("name", 1, 1, "STRING"), ("type", 2, 1, "STRING"), ("blobs", 7, 3, "Blob")],
        "Net": [("name", 1, 1, "STRING"), ("layers", 2, 3, "V1"), ("layer", 100, 3, "V2")],
    }.items():
        made = file.message_type.add(name=message)
        for name, number, label, kind in fields:
            row = made.field.add(name=name, number=number, label=label)
            if kind.isupper() and kind not in ("V1", "V2"):
                row.type = kinds.Type.Value(f"TYPE_{kind}")
                if label == 3:
                    row.options.packed = packed
            else:
                row.type, row.type_name = kinds.TYPE_MESSAGE, f".t.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    net = message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Net"))(name="GoogleNet")

    def fill(layer: object, *arrays: np.ndarray) -> None:
        for array in arrays:
            made = layer.blobs.add()
            if shape == "legacy":
                dims = (1,) * (4 - array.ndim) + array.shape
                made.num, made.channels, made.height, made.width = dims
            else:
                made.shape.dim.extend(array.shape)
            (made.double_data if double else made.data).extend(array.ravel().tolist())

    rows = [("a/conv", 4, "Convolution", (WEIGHT, BIAS)), ("r", 18, "ReLU", ())]
    rows.append(("fc", 14, "InnerProduct", (FULL, np.ones(6, np.float32))))
    for name, number, word, arrays in rows:
        if version == "V1":
            fill(net.layers.add(name=name, type=number), *arrays)
        else:
            fill(net.layer.add(name=name, type=word), *arrays)
    return net.SerializeToString()


@pytest.mark.parametrize("write", [by_hand, by_protobuf])
@pytest.mark.parametrize(("version", "shape", "packed", "double"), WAYS)
def test_every_way(
    write: Callable[..., bytes], version: str, shape: str, packed: bool, double: bool, read: Read
) -> None:
    data = write(version, shape, packed, double)
    found = read(data)
    assert found.format == "caffemodel"
    assert found.metadata == {"name": "GoogleNet", "layers": ["a/conv", "r", "fc"]}
    assert [layer.type for layer in read_net(data).layers] == [
        "Convolution",
        "ReLU",
        "InnerProduct",
    ]
    for name, array in {
        "a/conv.weight": WEIGHT,
        "a/conv.bias": BIAS,
        "fc.weight": FULL,
        "fc.bias": np.ones(6),
    }.items():
        np.testing.assert_array_equal(found.tensors[name].numpy(), array)
        assert found.tensors[name].numpy().dtype == np.float32


def test_the_two_writers_agree() -> None:
    """Byte for byte, where both put a layer's name before its type, as V2 does."""
    for way in WAYS:
        if way[0] == "V2" and way[1] == "legacy":
            assert by_hand(*way) == by_protobuf(*way)


def test_legacy_dims_go_before_a_shape(read: Read) -> None:
    both = blob(WEIGHT, "legacy") + part(7, part(1, b"\x01\x02"))
    found = read(v2_layer("c", "Convolution", both)).tensors["c.weight"]
    assert tuple(found.shape) == WEIGHT.shape


def test_ones_that_mean_something_stay(read: Read) -> None:
    """A 1×1 convolution to one channel, a fully connected layer with one output."""
    thin, single = np.ones((1, 7, 1, 1), np.float32), np.ones((1, 7), np.float32)
    one = np.ones(1, np.float32)
    found = read(
        v1_layer("c", 4, blob(thin, "legacy"), blob(one, "legacy"))
        + v1_layer("f", 14, blob(single, "legacy"), blob(one, "legacy"))
        + v1_layer("other", 26, blob(BIAS, "legacy"))
    ).tensors
    assert tuple(found["c.weight"].shape) == (1, 7, 1, 1)
    assert tuple(found["f.weight"].shape) == (1, 7)
    assert tuple(found["c.bias"].shape) == tuple(found["f.bias"].shape) == (1,)
    assert tuple(found["other.weight"].shape) == (4,)


def test_fields_we_do_not_know_are_passed_over(read: Read) -> None:
    """Data types, learning rates, differences: a real file has plenty."""
    odd = part(106, whole(1, 64)) + whole(10, 1) + part(3, b"bottom")
    layer = part(
        100,
        part(1, b"c") + part(2, b"Convolution") + odd + part(7, blob(WEIGHT) + part(6, b"\0" * 8)),
    )
    found = read(part(1, b"n") + part(3, b"data") + whole(4, 10) + layer + whole(5, 1))
    np.testing.assert_array_equal(found.tensors["c.weight"].numpy(), WEIGHT)


GOOD = v2_layer("c", "Convolution", blob(WEIGHT), blob(BIAS))
V0 = part(2, part(1, part(1, b"conv1") + part(2, b"conv")) + part(4, b"c"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (V0, "V0 format of 2013.*upgrade_net_proto_binary"),
        (part(1, b"GoogleNet") + whole(5, 1), "holds no layers"),
        (
            v2_layer("data", "Data") + v2_layer("r", "ReLU"),
            "describes 2 layers but holds no weights",
        ),
        (GOOD + v1_layer("d", 4, blob(WEIGHT)), "two formats at once"),
        (GOOD + GOOD, "two layers called 'c'"),
        (GOOD[:-20], r"cut short: layer 1 needs 20 more bytes"),
        (GOOD + GOOD[:3], "cut short"),
        (v2_layer("c", "Convolution", blob(WEIGHT)[:-4]), "cut short|cannot parse"),
        (
            v2_layer("c", "Convolution", part(7, part(1, b"\x05")) + part(5, b"\0" * 8)),
            r"'c.0' is of shape \(5,\) and has 2 numbers",
        ),
        (
            v1_layer("c", 4, whole(1, -1) + whole(2, -2) + part(5, b"\0" * 8)),
            r"is of shape \(-1, -2, 0, 0\)",
        ),
        (
            v2_layer("c", "X", part(7, part(1, b"\x00" + b"\xff\xff\xff\xff\xff\xff\xff\x7f"))),
            "of no possible shape",
        ),
    ],
)
def test_what_is_no_caffemodel(data: bytes, message: str, read: Read) -> None:
    with pytest.raises(NetworkError, match=message):
        read(data)
