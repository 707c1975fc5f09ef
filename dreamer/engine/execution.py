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

from dreamer.errors import FolderError, UsageError

log = logging.getLogger("dreamer")
GROUPED = {"row": 0, "rows": 1}  # what only an execution in a group says
PRECISIONS = {
    "float32": torch.float32,
    "tf32": torch.float32,
    "bfloat16": torch.bfloat16,
}


@dataclass(frozen=True)
class Execution:
    """Device, number format and threads of a render, with the versions it was decided under; and
    which of the `rows` of a group's passes it is (`together`), where it was begun in one.
    """

    device: str
    device_name: str
    precision: str
    channels_last: bool
    threads: int
    torch: str
    row: int = 0
    rows: int = 1

    @property
    def dtype(self) -> DType:
        """The dtype networks run in; pictures are always float32."""
        return PRECISIONS[self.precision]

    def as_json(self) -> dict[str, str | int | bool]:
        """Plain values, as execution.json holds them."""
        return {k: v for k, v in asdict(self).items() if self.rows > 1 or k not in GROUPED}


def execution_from(kept: Mapping[str, Any]) -> Execution:
    """The execution that `as_json` told; what a later version added is passed over.

    Raises:
        ValueError: something is missing, or is not what it should be.
    """
    kept = {**GROUPED, **kept}
    kinds = {"channels_last": bool, "threads": int, "row": int, "rows": int}
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
    those of the thread that asks; the others are the process's.
    """

    threads: int
    deterministic: bool
    benchmark: bool
    matmul_tf32: bool
    cudnn_tf32: bool


def settings() -> Settings:
    """What is set here and now."""
    return Settings(
        torch.get_num_threads(),
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
    )


def put(wanted: Settings) -> None:
    """Set all of `wanted`."""
    torch.set_num_threads(wanted.threads)
    torch.backends.cudnn.deterministic = wanted.deterministic
    torch.backends.cudnn.benchmark = wanted.benchmark
    torch.backends.cuda.matmul.allow_tf32 = wanted.matmul_tf32
    torch.backends.cudnn.allow_tf32 = wanted.cudnn_tf32


@contextmanager
def under(execution: Execution) -> Iterator[None]:
    """Run the block under `execution`: its threads, deterministic kernels only; everything set
    back afterwards.
    """
    before, tf32 = settings(), execution.precision == "tf32"
    put(Settings(execution.threads, True, False, tf32, tf32))
    try:
        yield
    finally:
        put(before)
