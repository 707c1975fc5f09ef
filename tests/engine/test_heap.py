"""Memory that is kept from step to step: counted in pages that the system has to give again."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

PIECES = """
import json, resource, sys
import torch
from dreamer.engine.heap import kept

torch.set_num_threads(1)


def faults(rounds):
    '''Pages given to us while six pieces of 20 MB are asked for and given back, again and again.'''
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(rounds):
        pieces = [torch.ones(5_000_000) for _ in range(6)]
        del pieces
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


faults(1)
found = {"before": faults(5)}
with kept():
    with kept():
        pass
    faults(1)
    found["kept"] = faults(5)
print(json.dumps(found))
"""


def counted(**environment: str) -> dict[str, int]:
    said = ("MALLOC_", "GLIBC_TUNABLES")
    usual = {k: v for k, v in os.environ.items() if not k.startswith(said)}
    found = subprocess.run(
        [sys.executable, "-c", PIECES],
        env={**usual, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    counts: dict[str, int] = json.loads(found.stdout)
    return counts


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's memory")
def test_what_a_step_gives_back_is_there_for_the_next() -> None:
    found = counted()
    assert found["before"] > 0
    assert found["kept"] <= found["before"] / 20


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's memory")
def test_an_environment_that_says_how_memory_is_kept_is_left_alone() -> None:
    found = counted(MALLOC_MMAP_THRESHOLD_="1000000")
    assert found["kept"] > found["before"] / 2 > 0
