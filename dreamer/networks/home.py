"""Where dreamer keeps what it did not bring: fetched weights, and labels a person gave it."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def home() -> Path:
    """Dreamer's own folder of fetched files: `DREAMER_HOME`, or the platform's for caches."""
    if said := os.environ.get("DREAMER_HOME", "").strip():
        return Path(said).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dreamer"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "").strip()
        return Path(local or Path.home() / "AppData" / "Local") / "dreamer" / "Cache"
    caches = os.environ.get("XDG_CACHE_HOME", "").strip()
    return Path(caches or Path.home() / ".cache") / "dreamer"


def networks_folder() -> Path:
    """Where imported networks lie: weights, cards and labels, named alike."""
    return home() / "networks"
