"""Building networks without filling them with chance, which takes seconds for the large ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch.overrides import TorchFunctionMode

CHANCE = ("normal_", "uniform_", "trunc_normal_", "kaiming_", "xavier_", "orthogonal_")


class Unfilled(TorchFunctionMode):
    """Modules built under it are zero where chance would have filled them: their weights follow
    from a file, and drawing 138 million numbers first takes seconds.

    Zero, not whatever memory holds: torchvision's truncated normal draws until all fits.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__name__", "").startswith(CHANCE):
            return (args[0] if args else (kwargs or {})["tensor"]).detach().zero_()
        return func(*args, **(kwargs or {}))
