"""Large pictures that wait: kept in a file that has no name, and in memory only while they are
looked at.
"""

from __future__ import annotations

import ctypes
import mmap
import tempfile
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

import numpy as np
import torch
from torch import Tensor

LEAST = 2**26  # bytes: smaller pictures stay where they are


class Shelf:
    """Keeps pictures in files in `folder`; each is gone with the last tensor that looks at it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._maps: WeakSet[mmap.mmap] = WeakSet()

    def put(self, picture: Tensor) -> Tensor:
        """`picture` with its numbers in a file, if it is a large one on the processor: a tensor as
        any other, not to be written into.

        Raises:
            OSError: the disk is full.
        """
        size = picture.numel() * picture.element_size()
        if picture.device.type != "cpu" or size < LEAST:
            return picture
        # Written, and not through the map: on a full disk that would end the process.
        with tempfile.TemporaryFile(dir=self._folder) as file:
            numbers = picture.contiguous().numpy()
            file.write(numbers.reshape(-1).view(np.uint8).data)
            file.flush()
            kept = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY)
        self._maps.add(kept)
        return torch.from_numpy(np.frombuffer(kept, numbers.dtype)).view(picture.shape)

    def let_go(self) -> None:
        """Give back the memory of what was looked at, which is read again when it is, and what was
        freed and is kept by the C library.
        """
        if not self._maps:
            return
        for kept in self._maps:
            if hasattr(kept, "madvise"):
                kept.madvise(mmap.MADV_DONTNEED)
        with suppress(OSError, AttributeError, TypeError):  # glibc's alone
            ctypes.CDLL(None).malloc_trim(0)
