"""Which layers of a network learn, and how fast: the head first, then from the top downwards, as
Howard and Ruder (2018) unfreeze language models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from torch import Tensor, nn

from dreamer.errors import NetworkError, did_you_mean


def first_of(module: nn.Module, path: str) -> int:
    """The place, among all parameters of `module`, of the first one of the submodule at `path`.

    Raises:
        NetworkError: it has none there.
    """
    for k, (name, _) in enumerate(module.named_parameters()):
        if name.startswith(f"{path}."):
            return k
    paths = {name.rpartition(".")[0] for name, _ in module.named_parameters()}
    raise NetworkError(f"'{path}' has no weights that could learn{did_you_mean(path, paths)}")


def rate_factors(module: nn.Module, first: str, bottom: float, head: str) -> dict[str, float]:
    """Every parameter's rate as a part of the head's, and 0 for those that do not learn.

    Args:
        module: its parameters in the order in which a picture meets them.
        first: the path of the submodule from which on it learns; everything learns if empty.
        bottom: the factor of the first parameter that learns; those between lie on a line of
            logarithms.
        head: the path of the class head, which always learns, at the full rate.

    Raises:
        NetworkError: no such submodule.
    """
    names = [name for name, _ in module.named_parameters()]
    start = first_of(module, first) if first else 0
    own = {name for name in names if head and name.startswith(f"{head}.")}
    last = max(1, len(names) - 1 - start)
    found = {}
    for k, name in enumerate(names):
        if name in own:
            found[name] = 1.0
        else:
            found[name] = 0.0 if k < start else float(bottom ** (1 - (k - start) / last))
    return found


def awake(module: nn.Module) -> None:
    """Training mode for all parts that learn; the others stay as they are when they are used, with
    the statistics of their batch norms.
    """
    module.train()
    for part in module.modules():
        own = list(part.parameters(recurse=False))
        if own and not any(p.requires_grad for p in own):
            part.eval()


@contextmanager
def frozen(parameters: Sequence[Tensor]) -> Iterator[None]:
    """While the block runs, none of `parameters` wants a gradient."""
    for parameter in parameters:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)
