"""Waiting for what a page comes to. Playwright's own `wait_for_function` looks a second time by
`eval` in the page, which the galleries' policy forbids: it fails wherever it has to wait.
"""

from __future__ import annotations

import time
from typing import Any

PATIENCE = 30.0  # seconds


def wait_until(page: Any, is_so: str, argument: Any = None) -> None:
    """Wait until `is_so`, an expression or a function in JavaScript, is true of the page."""
    begun = time.monotonic()
    while not page.evaluate(is_so, argument):
        assert time.monotonic() - begun < PATIENCE, f"never came true: {is_so}"
        page.wait_for_timeout(20)
