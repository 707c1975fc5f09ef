"""The slope at what a max pooling saw, gathered: each place adds up what the windows over it have,
in one pass over memory, where `pooling` scatters a phase of windows at a time.

Windows are asked in the order of those phases, and added in float32, so that both ways give the
same bytes. Only who computes on CUDA imports this: it needs Triton, which comes with torch there.
"""

# mypy: ignore-errors
# Triton reads annotations as they are: no `from __future__ import annotations` here.

import torch
import triton
import triton.language as tl

BLOCK = 512


@triton.jit
def _gather(
    grad,
    index,
    out,
    height,
    width,
    channels,
    out_height,
    out_width,
    g_b,
    g_c,
    g_h,
    g_w,
    i_b,
    i_c,
    i_h,
    i_w,
    o_b,
    o_c,
    o_h,
    o_w,
    KERNEL: tl.constexpr,
    STRIDE: tl.constexpr,
    PADDING: tl.constexpr,
    PHASES: tl.constexpr,
    LAST: tl.constexpr,
    SIZE: tl.constexpr,
):
    row = tl.program_id(0).to(tl.int64)
    lane = tl.program_id(1) * SIZE + tl.arange(0, SIZE)
    y = row % height + lane * 0  # of a scalar, interpreters make other masks than compilers
    if LAST:  # neighbours in memory are channels of a place
        b = row // height
        x = lane // channels
        c = lane % channels
        inside = lane < width * channels
    else:
        b = row // height // channels
        x = lane
        c = lane * 0 + (row // height) % channels
        inside = lane < width
    here = y * width + x
    total = tl.zeros((SIZE,), tl.float32)
    lowest = (y + PADDING) // STRIDE
    rightmost = (x + PADDING) // STRIDE
    for r in tl.static_range(PHASES):
        oy = lowest - (lowest + PHASES - r) % PHASES
        over_y = (oy >= 0) & (oy < out_height) & (oy * STRIDE - PADDING + KERNEL > y)
        for q in tl.static_range(PHASES):
            ox = rightmost - (rightmost + PHASES - q) % PHASES
            over_x = (ox >= 0) & (ox < out_width) & (ox * STRIDE - PADDING + KERNEL > x)
            there = inside & over_y & over_x
            chosen = tl.load(index + b * i_b + c * i_c + oy * i_h + ox * i_w, mask=there, other=-1)
            total += tl.load(
                grad + b * g_b + c * g_c + oy * g_h + ox * g_w,
                mask=there & (chosen == here),
                other=0.0,
            ).to(tl.float32)
    tl.store(
        out + b * o_b + c * o_c + y * o_h + x * o_w, total.to(out.dtype.element_ty), mask=inside
    )


def gathered(
    grad: torch.Tensor,
    index: torch.Tensor,
    size: tuple[int, int],
    kernel: int,
    stride: int,
    padding: int,
    last: bool,
) -> torch.Tensor:
    """The slope `(B, C, H, W)` at the input of a max pooling.

    Args:
        grad: the slope at its output, `(B, C, h, w)`, float32 or half precision.
        index: which place of the input each output is from, as torch tells it, of that shape.
        size: (H, W).
        kernel: side of a window.
        stride: from window to window.
        padding: of the input, on each side.
        last: whether the result is laid out with channels last.
    """
    (batch, channels), (height, width) = grad.shape[:2], size
    layout = torch.channels_last if last else torch.contiguous_format
    out = torch.empty(
        (batch, channels, height, width),
        dtype=grad.dtype,
        device=grad.device,
        memory_format=layout,
    )
    rows, lanes = (batch * height, width * channels) if last else (batch * channels * height, width)
    _gather[(rows, triton.cdiv(lanes, BLOCK))](
        grad,
        index,
        out,
        height,
        width,
        channels,
        grad.shape[2],
        grad.shape[3],
        *grad.stride(),
        *index.stride(),
        *out.stride(),
        KERNEL=kernel,
        STRIDE=stride,
        PADDING=padding,
        PHASES=-(-kernel // stride),
        LAST=last,
        SIZE=BLOCK,
    )
    return out
