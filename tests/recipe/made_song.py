"""A made-up song that recipes are planned with: two beats a second, rising steadily."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dreamer.recipe.beats import Beats
from dreamer.recipe.facts import Facts, HeardFacts, SoundFacts
from dreamer.recipe.following import beats_of
from dreamer.recipe.parse import recipe_from_text
from dreamer.recipe.parsed import Parsed

RATE = 10.0  # envelopes of the made-up song, a second
SECONDS = 20.0
BEATS = tuple(0.25 + 0.5 * k for k in range(39))  # 120 a minute, the first at 0.25 s
# Rises by 0.05 a second: what is heard at a moment says which it is.
RAMP = tuple(k / RATE / SECONDS for k in range(int(SECONDS * RATE) + 1))


def song(facts: Facts, tmp_path: Path) -> Facts:
    """`facts`, and a song called song.mp3 beside the recipe."""
    heard = HeardFacts(120.0, BEATS, RATE, {"audio": RAMP, "audio_low": RAMP})
    sounds = {
        str(tmp_path / "song.mp3"): SoundFacts(SECONDS, "cd" * 32, heard),
        str(tmp_path / "page.mp3"): f"{tmp_path / 'page.mp3'} is an HTML page",
    }
    return replace(facts, sounds=sounds)


def listening(recipe: Parsed) -> Beats:
    """What is heard of beats in the song."""
    return beats_of(recipe, BEATS, SECONDS)


def parsed(text: str, tmp_path: Path) -> Parsed:
    return recipe_from_text(text, tmp_path, "x.yaml", hear=listening)
