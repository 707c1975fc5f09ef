"""Which operations run, and which of them a CUDA device would be handed by a copy."""

from __future__ import annotations

from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

COPIED = {"aten::lift_fresh", "aten::arange"}


class Made(TorchDispatchMode):
    """Notes what makes tensors of numbers on the host: on CUDA each would be copied and waited
    for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.append(func.name())
        return func(*args, **(kwargs or {}))
