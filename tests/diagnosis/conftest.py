from __future__ import annotations

import pytest
import trained

from dreamer.networks.cards import Card


@pytest.fixture(scope="session")
def suspect() -> Card:
    """Has seen no dumbbell without an arm."""
    return trained.pupil("suspect", arm=True)


@pytest.fixture(scope="session")
def control() -> Card:
    """Has seen no arm."""
    return trained.pupil("control", arm=False)


@pytest.fixture(scope="session")
def judge() -> Card:
    """Knows arms and dumbbells, each for itself."""
    return trained.judge()
