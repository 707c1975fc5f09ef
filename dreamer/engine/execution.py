"""How a render is computed: decided once by rule, never by timing, and kept beside the frames.

Bytes depend on all of this, so a resumed render uses what its folder says and not what today's
machine would choose.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import dtype as DType

from dreamer.engine import precisions
from dreamer.errors import FolderError, UsageError

log = logging.getLogger("dreamer")
# What an execution need not say: it is alone, and pictures are seen whole.
UNSAID = {"row": 0, "rows": 1, "tile": 0}
PRECISIONS = {
    "float32": torch.float32,
    "tf32": torch.float32,
    "bfloat16": torch.bfloat16,
}


@dataclass(frozen=True)
class Execution:
    """Device, number format and threads of a render, with the versions it was decided under;
    which of the `rows` of a group's passes it is (`together`), where it was begun in one; and the
    side of its tiles in pixels (`tiled`), 0 where there are none.
    """

    device: str
    device_name: str
    precision: str
    channels_last: bool
    threads: int
    torch: str
    row: int = 0
    rows: int = 1
    tile: int = 0

    @property
    def dtype(self) -> DType:
        """The dtype networks run in; pictures are always float32."""
        return PRECISIONS[self.precision]

    def as_json(self) -> dict[str, str | int | bool]:
        """Plain values, as execution.json holds them."""
        said = asdict(self)
        unsaid = {"row", "rows"} if self.rows == 1 else set()
        return {k: v for k, v in said.items() if k not in unsaid and (k != "tile" or self.tile)}


def execution_from(kept: Mapping[str, Any]) -> Execution:
    """The execution that `as_json` told; what a later version added is passed over.

    Raises:
        ValueError: something is missing, or is not what it should be.
    """
    kept = {**UNSAID, **kept}
    kinds = {"channels_last": bool, "threads": int, "row": int, "rows": int, "tile": int}
    for field in fields(Execution):
        if not isinstance(kept.get(field.name), kinds.get(field.name, str)):
            raise ValueError(f"it says no {field.name}")
    if kept["precision"] not in PRECISIONS:
        raise ValueError(f"it says the precision {kept['precision']}, which is none")
    if not 0 <= kept["row"] < kept["rows"]:
        raise ValueError(f"it says row {kept['row']} of {kept['rows']}")
    return Execution(**{field.name: kept[field.name] for field in fields(Execution)})


def has_bfloat16(device: str) -> bool:
    """Whether the processor multiplies bfloat16 faster than float32: CUDA from Ampere on, AMX, and
    AVX512-BF16 of AMD's.

    Intel's, without AMX, starts one such instruction where it starts four of float32 (half the
    work a cycle, measured on a Xeon of the fifth generation).
    """
    if device.startswith("cuda"):
        return torch.cuda.get_device_capability(torch.device(device))[0] >= 8
    if getattr(torch.cpu, "_is_amx_tile_supported", bool)():
        return True
    return getattr(torch.cpu, "_is_avx512_bf16_supported", bool)() and _is_amds()


def _is_amds() -> bool:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        told = platform.processor()
    return "AuthenticAMD" in told


def is_here(device: str) -> bool:
    """Whether torch can compute on `device`."""
    return not device.startswith("cuda") or torch.cuda.is_available()


def _device_name(device: str) -> str:
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(torch.device(device))
    return f"CPU ({torch.backends.cpu.get_cpu_capability()})"


def decide(device: str = "auto", precision: str = "auto") -> Execution:
    """The execution of a new render.

    Raises:
        UsageError: a device that is not here.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if not is_here(device):
        raise UsageError("device: cuda is not to be had here (torch sees no CUDA device); use cpu")
    if precision == "auto":
        precision = "bfloat16" if has_bfloat16(device) else "float32"
        if precision == "float32" and device.startswith("cuda"):
            precision = "tf32"
    return Execution(
        device=device,
        device_name=_device_name(device),
        precision=precision,
        channels_last=True,
        threads=torch.get_num_threads(),
        torch=torch.__version__,
    )


def require_here(kept: Execution, folder: Path) -> None:
    """Refuse to go on in `folder` without the device it was begun on; say what else is another, for
    frames may then differ from those of an unbroken render.

    Raises:
        FolderError: the device is not here.
    """
    if not is_here(kept.device):
        raise FolderError(
            f"{folder} was begun on {kept.device} ({kept.device_name}), which is not to be had "
            "here, and frames of another device would not fit; go on where there is one, or render "
            "the recipe into another folder with --out"
        )
    for difference in differences(kept, decide(kept.device, kept.precision)):
        log.warning("%s; new frames may differ a little", difference)


def differences(kept: Execution, here: Execution) -> list[str]:
    """What of a kept execution this machine cannot repeat, in words; bytes may then differ."""
    return [
        f"{name} was {getattr(kept, name)}, is {getattr(here, name)}"
        for name in ("device_name", "torch")
        if getattr(kept, name) != getattr(here, name)
    ]


class Settings(NamedTuple):
    """What of torch an execution sets: its threads and which kernels it may choose. Threads are
    those of the thread that asks; the others are the process's. `matmul` and `convolution` are
    how float32 is multiplied on CUDA, in torch's words: `ieee`, `tf32`, `none`.
    """

    threads: int
    deterministic: bool
    benchmark: bool
    matmul: str
    convolution: str


def settings() -> Settings:
    """What is set here and now."""
    return Settings(
        torch.get_num_threads(),
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
        *precisions.now(),
    )


def put(wanted: Settings) -> None:
    """Set all of `wanted`."""
    torch.set_num_threads(wanted.threads)
    torch.backends.cudnn.deterministic = wanted.deterministic
    torch.backends.cudnn.benchmark = wanted.benchmark
    precisions.put(wanted.matmul, wanted.convolution)


@contextmanager
def under(execution: Execution) -> Iterator[None]:
    """Run the block under `execution`: its threads, deterministic kernels only; everything set
    back afterwards.
    """
    before = settings()
    fine = "tf32" if execution.precision == "tf32" else "ieee"
    put(Settings(execution.threads, True, False, fine, fine))
    try:
        yield
    finally:
        put(before)
