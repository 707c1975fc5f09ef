"""How float32 is multiplied on CUDA, said in the words that this torch knows.

torch 2.9 gave each kind of operation a word of its own (`fp32_precision`), and refuses to read the
older switches (`allow_tf32`) as soon as both have been used, so only one of the two is touched: the
words where they are, else the switches.
"""

from __future__ import annotations

from typing import Any

import torch

SWITCHED = {True: "tf32", False: "ieee"}


def _parts() -> tuple[Any, Any] | None:
    """What carries the words, for products of matrices and for convolutions."""
    parts = torch.backends.cuda.matmul, getattr(torch.backends.cudnn, "conv", None)
    return parts if all(hasattr(part, "fp32_precision") for part in parts) else None


def now() -> tuple[str, str]:
    """How matrices and convolutions are multiplied: `ieee`, `tf32`, or `none`, torch's own way."""
    parts = _parts()
    if parts is None:
        matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
        return SWITCHED[matmul.allow_tf32], SWITCHED[cudnn.allow_tf32]
    return parts[0].fp32_precision, parts[1].fp32_precision


def put(matmul: str, convolution: str) -> None:
    """Multiply so from here on, in all of the process."""
    parts = _parts()
    if parts is None:
        torch.backends.cuda.matmul.allow_tf32 = matmul == "tf32"
        torch.backends.cudnn.allow_tf32 = convolution == "tf32"
        return
    parts[0].fp32_precision, parts[1].fp32_precision = matmul, convolution
