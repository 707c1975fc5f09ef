"""The kernel for CUDA gives the bytes of torch's own, as Triton's interpreter runs it here."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

CHECK = """
import itertools
import torch
import torch.nn.functional as F
from dreamer.networks.pooled_kernel import gathered
from dreamer.networks.pooling import scattered

torch.manual_seed(0)
ways = [(3, 2, 0, True), (3, 2, 1, False), (3, 1, 1, True), (2, 2, 0, True), (5, 2, 2, False)]
kinds = [torch.float32, torch.bfloat16]
count = 0
for (kernel, stride, padding, ceil), last, kind in itertools.product(ways, (True, False), kinds):
    x = torch.randn(2, 3, 7, 9).round(decimals=1).to(kind)  # with places that are alike
    if kind == torch.bfloat16 and (kernel, last) != (3, True):
        continue
    if last:
        x = x.to(memory_format=torch.channels_last)
    out, index = F.max_pool2d(x, kernel, stride, padding, ceil_mode=ceil, return_indices=True)
    grad = torch.randn(out.shape).to(kind)
    one = scattered(grad, index, x.shape, kernel, stride, last)
    other = gathered(grad, index, (7, 9), kernel, stride, padding, last)
    assert one.stride() == other.stride()
    if kind == torch.bfloat16:  # whose last bit the interpreter cuts off, and a GPU rounds
        torch.testing.assert_close(one, other, rtol=2**-7, atol=0)
    else:
        assert torch.equal(one, other), (kernel, stride, padding, ceil, last, kind)
        leaf = x.clone().requires_grad_(True)
        F.max_pool2d(leaf, kernel, stride, padding, ceil_mode=ceil).backward(grad)
        torch.testing.assert_close(other, leaf.grad)
    count += 1
print(count)
"""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="Triton is not here")
def test_what_is_gathered_is_what_is_scattered() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        env=os.environ | {"TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["13"]
