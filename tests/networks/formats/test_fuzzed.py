"""Whatever a file holds, it is read or refused in words, soon and in little memory."""

from __future__ import annotations

import io
import pickletools
import re
import struct
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written_files import blob, legacy_bytes, saved, v1_layer, v2_layer, zip_bytes

from dreamer.errors import NetworkError
from dreamer.networks.formats.read import read_weights

STATE = {"state_dict": {"a.weight": torch.ones(2, 3), "b.bias": torch.ones(4).half()}, "epoch": 3}
ARRAY = np.ones((2, 3, 1, 1), np.float32)
WHOLE = {
    "safetensors": safetensors.torch.save(STATE["state_dict"], {"arch": "x"}),
    "zip": saved(STATE, False),
    "legacy": saved(STATE, True),
    "caffe V1": v1_layer("a", 4, blob(ARRAY, "legacy"), blob(np.ones(2, np.float32), "legacy")),
    "caffe V2": v2_layer("a", "InnerProduct", blob(np.ones((2, 3)), packed=False, double=True)),
}
STARTS = (
    *(b"PK\x03\x04", b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."),
    *(
        b"\x0a\x03net\x12",
        b"\xa2\x06",
        b"\x12",
        b"\x40\0\0\0\0\0\0\0{",
        b"\x93NUMPY",
        b"",
    ),
)
NUMBERS = [
    *(struct.pack(kind, n) for kind in ("<q", "<I", "<H") for n in (0, 1, 255, 65535)),
    *(struct.pack("<Q", 1 << k) for k in (31, 32, 40, 62, 63)),
    b"\xff" * 8,
    b"\x80" * 8,
]
WORDS = [w.code.encode("latin1") for w in pickletools.opcodes]
WAYS = ("flip", "number", "leave out", "double", "cut", "noise", "word")
MOST_MEMORY = 1 << 20  # KiB
MOST_SECONDS = 10.0


@pytest.fixture(scope="module")
def survives(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], None]:
    """Reads bytes as a file; only our own refusal is let pass."""
    path: Path = tmp_path_factory.mktemp("fuzzed") / "weights"

    def reading(data: bytes) -> None:
        path.write_bytes(data)
        held = _held_from_now()
        begun = time.monotonic()
        said, tensors = "", {}
        try:
            tensors = dict(read_weights(path).tensors)
        except NetworkError as error:
            said = str(error)
        if said:
            assert str(path) in said
            assert len(said) < 1000 + len(str(path))
        else:
            assert tensors
            assert all(t.dtype == torch.float32 for t in tensors.values())
        assert time.monotonic() - begun < MOST_SECONDS
        assert _peak() - held < MOST_MEMORY

    return reading


def _held_from_now() -> int:
    """How much memory this process holds, in KiB; its high-water mark begins there again, where the
    kernel lets us say so. The bombs are measured everywhere.
    """
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    """The high-water mark in KiB, 0 where there is no /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
    return int(found[1]) if found else 0


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """`whole` with bytes replaced, left out, put in or doubled, or its end missing."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.integers(0, 24))
        how = draw(st.sampled_from(WAYS))
        if how == "flip" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif how == "number":
            number = draw(st.sampled_from(NUMBERS))
            data[at : at + len(number)] = number
        elif how == "leave out":
            del data[at : at + length]
        elif how == "double":
            data[at:at] = data[at : at + length]
        elif how == "cut":
            del data[max(at, 1) :]
        elif how == "noise":
            data[at : at + length] = draw(st.binary(max_size=24))
        elif how == "word":
            data[at : at + 1] = draw(st.sampled_from(WORDS))
    return bytes(data)


def cases(count: int) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("kind", WHOLE)
@cases(200)
@given(data=st.data())
def test_damaged_files(kind: str, survives: Callable[[bytes], None], data: st.DataObject) -> None:
    survives(data.draw(damaged(WHOLE[kind])))


with zipfile.ZipFile(io.BytesIO(WHOLE["zip"])) as archive:
    VALUE = archive.read("archive/data.pkl")
RAW = b"\0" * 24


def in_zip(words: bytes) -> bytes:
    return zip_bytes(words, data__0=RAW, data__1=RAW)


def in_legacy(words: bytes) -> bytes:
    return legacy_bytes(words, ["0", "1"], (6, RAW), (4, RAW[:8]))


def test_what_is_damaged_was_whole(tmp_path: Path) -> None:
    """Else nothing but the first bytes would ever be tried."""
    path = tmp_path / "weights"
    for data in (*WHOLE.values(), in_zip(VALUE), in_legacy(VALUE)):
        path.write_bytes(data)
        assert read_weights(path).tensors


@pytest.mark.parametrize("around", [in_zip, in_legacy])
@cases(250)
@given(data=st.data())
def test_damaged_pickles_in_whole_files(
    around: Callable[[bytes], bytes], survives: Callable[[bytes], None], data: st.DataObject
) -> None:
    survives(around(data.draw(damaged(VALUE))))


@cases(300)
@given(words=st.lists(st.sampled_from(WORDS) | st.binary(max_size=9), max_size=60))
def test_any_words_of_a_pickle(words: list[bytes], survives: Callable[[bytes], None]) -> None:
    survives(zip_bytes(b"\x80\x04" + b"".join(words) + b"."))


@cases(300)
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=200))
def test_any_bytes(start: bytes, rest: bytes, survives: Callable[[bytes], None]) -> None:
    survives(start + rest)
