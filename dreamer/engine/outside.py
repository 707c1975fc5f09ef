"""What a run of operations takes from outside, and whether it could be recorded at all.

A recorded run reads the same memory every time. What it reads and did not make itself (weights,
indices, what is kept from call to call) has to stay, and whatever passes between host and device
would pass once, while it is recorded, and never again: none of it may be there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.utils import _pytree
from torch.utils._python_dispatch import TorchDispatchMode

# What tells the host a value, or asks it for one.
PASSING = frozenset(
    (
        "_local_scalar_dense",
        "equal",
        "is_nonzero",
        "lift_fresh",
        "lift_fresh_copy",
        "masked_select",
        "nonzero",
    )
)


class Uncapturable(Exception):
    """These steps cannot be recorded; the text says why."""


class Outside(TorchDispatchMode):
    """Within the block, on devices of the type `kind`: `done` are the operations by name, `passed`
    those of them that pass something between host and device, `kept` the tensors that were there
    before, by their memory.

    Backward passes are seen where autograd runs in the caller's thread.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kind = kind
        self.done: list[str] = []
        self.passed: list[str] = []
        self.kept: dict[int, Tensor] = {}
        self._made: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        given = [x for x in _pytree.tree_leaves((args, kwargs)) if isinstance(x, Tensor)]
        made = [x for x in _pytree.tree_leaves(found) if isinstance(x, Tensor)]
        name = str(func).removeprefix("aten.")
        self.done.append(name)
        for x in given:
            if (memory := x.untyped_storage()._cdata) not in self._made:
                self.kept.setdefault(memory, x)
        # memory that is free again may be another's later, who then has made it too
        self._made.update(x.untyped_storage()._cdata for x in made)
        self._made -= self.kept.keys()
        kinds = {x.device.type for x in (*given, *made)}
        if self.kind in kinds and (len(kinds) > 1 or name.split(".")[0] in PASSING):
            self.passed.append(name)
        return found


def rehearsed(run: Callable[[], None], kind: str) -> list[Tensor]:
    """Do `run` twice on devices of the type `kind`: once so that all it keeps for later is made,
    and once to see what it reads. Returns the tensors that have to stay.

    Raises:
        Uncapturable: something passes between host and device.
    """
    run()
    with Outside(kind) as outside:
        run()
    if outside.passed and kind != "cpu":
        names = ", ".join(dict.fromkeys(outside.passed))
        raise Uncapturable(f"a step passes numbers between host and device ({names})")
    return list(outside.kept.values())
