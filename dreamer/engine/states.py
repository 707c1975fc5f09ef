"""States: what the next frame depends on, kept every second so that a render can go on from there.

A state says what its own tensors should be: one damaged byte would change all frames after it
without a word.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import safetensors

from dreamer.media import durable

if TYPE_CHECKING:  # folders are looked into where nobody needs torch, as for plans
    from torch import Tensor

KEPT = 2
ENDING = ".safetensors"
DTYPES = {"float32": "F32", "float64": "F64"}


@dataclass(frozen=True)
class State:
    """All that the next frame depends on: number and float image `(B, 3, H, W)` of the last one,
    colours to hold. `alpha` `(B, 1, H, W)` is how opaque it is, where that was asked for; `shown`
    is what is seen of it, where that is another picture. Nothing depends on these two, and they
    are not kept.
    """

    index: int
    image: Tensor
    anchor: Tensor
    alpha: Tensor | None = None
    shown: Tensor | None = None


def _seal(index: int, image: Tensor, anchor: Tensor) -> str:
    digest = hashlib.sha256(f"{index} {tuple(image.shape)}".encode())
    for tensor in (image, anchor):
        digest.update(tensor.numpy().reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _path(folder: Path, index: int) -> Path:
    return folder / f"{index:06d}{ENDING}"


def _indices(folder: Path) -> list[int]:
    """Of which frames `folder` holds states, lowest first; other files are none of ours."""
    names = (path.stem for path in folder.glob(f"*{ENDING}"))
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())


def keep_state(folder: Path, state: State) -> None:
    """Make `state` durable and let go of older ones.

    The newest few stay, and the newest few up to this one: while a film's early frames are made
    again, states of later ones must not push out those that a resume would need.
    """
    image, anchor = state.image.cpu().contiguous(), state.anchor.cpu().contiguous()
    seal = _seal(state.index, image, anchor)
    path = _path(folder, state.index)
    with durable.replacing(path) as partial, partial.open("wb") as file:
        _write(file, {"image": image.numpy(), "anchor": anchor.numpy()}, {"sha256": seal})
        file.flush()
        os.fsync(file.fileno())
    there = _indices(folder)
    until_here = [index for index in there if index <= state.index]
    for index in set(there) - set(there[-KEPT:]) - set(until_here[-KEPT:]):
        _path(folder, index).unlink(missing_ok=True)


def _write(file: IO[bytes], tensors: Mapping[str, np.ndarray], said: Mapping[str, str]) -> None:
    """A safetensors file: the length of its header, that in JSON, and the tensors as they lie in
    memory. The library would copy them twice before it wrote any.
    """
    header: dict[str, object] = {"__metadata__": said}
    place = 0
    for name, tensor in tensors.items():
        end = place + tensor.nbytes
        header[name] = {
            "dtype": DTYPES[str(tensor.dtype)],
            "shape": tensor.shape,
            "data_offsets": (place, end),
        }
        place = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for tensor in tensors.values():
        file.write(tensor.reshape(-1).view(np.uint8).data)


def state_before(folder: Path, count: int) -> State | None:
    """The newest whole state of a frame below `count`."""
    for index in reversed(_indices(folder)):
        if index < count and (state := _read(folder, index)) is not None:
            return state
    return None


def _read(folder: Path, index: int) -> State | None:
    try:
        with safetensors.safe_open(_path(folder, index), framework="pt") as file:
            said = (file.metadata() or {}).get("sha256")
            image, anchor = file.get_tensor("image"), file.get_tensor("anchor")
    except (OSError, ValueError, safetensors.SafetensorError):
        return None
    return State(index, image, anchor) if said == _seal(index, image, anchor) else None
