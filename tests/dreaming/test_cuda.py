"""On a GPU every backward pass gives the same bytes twice, about those of the CPU."""

from __future__ import annotations

import pytest
import torch

from dreamer.dreaming import cppn, fourier, maco, priors, pyramid, smoothing, transforms
from dreamer.dreaming.carrying import carried, motion_of
from dreamer.dreaming.parameterisation import Parameterisation, pixels
from dreamer.networks import pooling

SIZE = (96, 128)


def made(device: str) -> dict[str, Parameterisation]:
    return {
        "pixels": pixels(SIZE, device),
        "laplacian": pyramid.laplacian(SIZE, device),
        "fourier": fourier.fourier(SIZE, device),
        "maco": maco.maco(SIZE, torch.ones(3, 9, 9), device),
        "cppn": cppn.cppn(SIZE, device),
    }


def slopes(device: str, name: str) -> tuple[torch.Tensor, ...]:
    """Of a picture under all deterministic transforms, smoothed."""
    built = made(device)[name]
    leaves = tuple(p.requires_grad_() for p in built.start(1))
    shown = smoothing.gaussian(built.picture(leaves), 1.2)
    seen = transforms.transformed(shown, (*transforms.LUCID, transforms.crops(3, 40)), 5)
    weigh = torch.linspace(-1, 1, seen.numel(), device=device).view(seen.shape)
    return torch.autograd.grad((seen * weigh).square().sum(), leaves)


@pytest.mark.gpu
@pytest.mark.parametrize("name", made("cpu"))
def test_slopes_are_the_same_bytes_twice(name: str) -> None:
    once, twice, cpu = slopes("cuda", name), slopes("cuda", name), slopes("cpu", name)
    assert all(torch.equal(a, b) for a, b in zip(once, twice, strict=True))
    for a, b in zip(once, cpu, strict=True):
        assert (a.cpu() - b).norm() < 1e-2 * b.norm()


@pytest.mark.gpu
def test_evening_scales_is_the_same_bytes_twice() -> None:
    gradient = torch.randn(2, 3, 97, 128, generator=torch.Generator().manual_seed(0)).cuda()
    assert torch.equal(priors.by_scales(gradient), priors.by_scales(gradient))


@pytest.mark.gpu
def test_flow_and_what_it_carries_are_the_same_bytes_twice() -> None:
    generator = torch.Generator().manual_seed(0)
    small = torch.rand(1, 3, 12, 16, generator=generator)
    here = torch.nn.functional.interpolate(small, size=SIZE, mode="bicubic").clamp(0, 1)
    before = here.roll(3, 3)
    devices = ("cuda", "cuda", "cpu")
    found = [motion_of(here.to(device), before.to(device)) for device in devices]
    assert all(torch.equal(a, b) for a, b in zip(*found[:2], strict=True))
    moved = [carried(here.to(m.flow.device), m) for m in found]
    assert torch.equal(moved[0], moved[1])
    assert (moved[0].cpu() - moved[2]).abs().mean() < 1e-3


@pytest.mark.gpu
@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("how", [(3, 2, 0, True), (3, 1, 1, False), (2, 2, 0, True)])
def test_max_pooling_goes_back_by_our_kernel_as_by_torchs(
    how: tuple[int, int, int, bool], last: bool, kind: torch.dtype
) -> None:
    from dreamer.networks.pooled_kernel import gathered

    kernel, stride, padding, ceil = how
    x = torch.randn(2, 65, 61, 130, generator=torch.Generator().manual_seed(0)).to("cuda", kind)
    x = x.to(memory_format=torch.channels_last) if last else x
    out, index = torch.nn.functional.max_pool2d(
        x, kernel, stride, padding, ceil_mode=ceil, return_indices=True
    )
    grad = torch.randn_like(out)
    torchs = pooling.scattered(grad, index, x.shape, kernel, stride, last)
    ours = gathered(grad, index, (61, 130), kernel, stride, padding, last)
    assert torchs.stride() == ours.stride()
    assert torch.equal(torchs, ours)
    leaf = x.clone(memory_format=torch.preserve_format).requires_grad_(True)
    pooling.max_pool(leaf, kernel, stride, padding, ceil).backward(grad)
    assert torch.equal(leaf.grad, ours)
