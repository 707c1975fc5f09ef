"""Networks: what there is to know of each (cards), and how weights become one that can be seen
through.

`from_module(module, name)` makes a card of any torch module, for a notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["from_module"]

if TYPE_CHECKING:
    from dreamer.networks.modules import from_module


def __getattr__(name: str) -> Any:
    if name == "from_module":  # torch is imported only here
        from dreamer.networks.modules import from_module

        return from_module
    raise AttributeError(f"module 'dreamer.networks' has no attribute '{name}'")
