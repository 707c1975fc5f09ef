"""What a recipe's plan must know of the world, gathered from cards and headers, without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import cast

from dreamer.draw.motifs.colours import palettes
from dreamer.engine.clips import clip_facts
from dreamer.engine.lookup import card_of
from dreamer.errors import DreamerError
from dreamer.media.hearing import LONGEST
from dreamer.media.opening import read_size
from dreamer.media.sound_probing import sound_seconds
from dreamer.media.sounding import hear
from dreamer.networks.cards import Card
from dreamer.networks.locate import sha256_once, weights_path
from dreamer.recipe.facts import (
    ClipFacts,
    Facts,
    HeardFacts,
    NetworkFacts,
    PictureFacts,
    SoundFacts,
    fold,
)
from dreamer.recipe.parsed import Parsed


@dataclass(frozen=True)
class Gathered:
    """Facts for the plan, and what they came from: cards by network key, files of the user's own
    networks (weights and labels) by whole path, the picture of the source, or the film or folder
    that is dreamt on.

    Hashes of networks are made when asked for: a plan needs none, and some files are large.
    """

    facts: Facts
    cards: Mapping[str, Card]
    own_files: tuple[str, ...]
    source: Path | None

    @property
    def pictures(self) -> dict[str, str]:
        """SHA-256 of each picture by whole path."""
        found = self.facts.pictures.items()
        return {path: p.sha256 for path, p in found if isinstance(p, PictureFacts)}

    @property
    def sources(self) -> dict[str, str]:
        """SHA-256 of all that a render's folder keeps a copy of, by whole path: pictures, sounds,
        and the film or folder that is dreamt on.
        """
        clip, sounds = self.facts.clip, self.facts.sounds.items()
        dreamt_on = {str(self.source): clip.sha256} if isinstance(clip, ClipFacts) else {}
        heard = {path: sound.sha256 for path, sound in sounds if isinstance(sound, SoundFacts)}
        return dreamt_on | self.pictures | heard

    @cached_property
    def sha256(self) -> dict[str, str]:
        """SHA-256 of each file the recipe names, by whole path."""
        return self.sources | {path: sha256_once(Path(path)) for path in self.own_files}

    @cached_property
    def weights(self) -> dict[str, str]:
        """SHA-256 of each network's weights by its key, or where they come from."""
        return {key: weights_of(card) for key, card in self.cards.items()}


def weights_of(card: Card) -> str:
    """SHA-256 of a network's weights, or where they come from that lie in no file."""
    path = weights_path(card)
    return f"random, seed {card.weights.seed}" if path is None else sha256_once(path)


def network_facts(card: Card) -> NetworkFacts:
    """A card as the plan reads it."""
    return NetworkFacts(
        name=card.name,
        layers=tuple(row.name for row in card.layers if row.name != "logits"),
        classes=card.classes,
        synsets=card.synsets,
        native=card.native,
        smallest=card.smallest,
        channels={row.name: row.channels for row in card.layers},
        strides={row.name: row.stride for row in card.layers},
        aliases={fold(alias): layer for alias, layer in card.aliases},
        macs={row.name: row.macs for row in card.layers},
    )


def picture_facts(path: Path) -> PictureFacts:
    """Size and hash of a picture file."""
    width, height = read_size(path)
    return PictureFacts(width, height, sha256_once(path))


def sound_facts(path: Path, tempo: float | None = None, listen: bool = True) -> SoundFacts:
    """Length and hash of a file with sound; with `listen`, what is heard in it. `tempo` is what
    somebody says of it.
    """
    if not listen:
        return SoundFacts(sound_seconds(path), sha256_once(path))
    found = hear(path, tempo)
    envelopes = {name: cast(Sequence[float], values) for name, values in found.envelopes.items()}
    heard = HeardFacts(found.tempo, found.beats, found.rate, envelopes)
    return SoundFacts(found.seconds, sha256_once(path), heard)


@cache
def _cached_facts(card: Card) -> NetworkFacts:
    return network_facts(card)


def gather(
    recipe: Parsed, given: Mapping[str, Card] | None = None, listen: bool = False
) -> Gathered:
    """All that `recipe` names, looked at; what cannot be had stands in the facts as the reason.

    `given` are cards by name that no catalogue has: modules in memory. A sound is heard only where
    numbers follow it, or with `listen` if it is not too long for that.
    """
    wants = recipe.wants()
    networks: dict[str, NetworkFacts | str] = {}
    cards: dict[str, Card] = {}
    for key, ref in wants.networks.items():
        try:
            cards[key] = (given or {}).get(key) or card_of(ref)
            networks[key] = _cached_facts(cards[key])
        except DreamerError as error:
            networks[key] = str(error)
    refs = [ref for key, ref in wants.networks.items() if key in cards]
    own = [f for ref in refs for f in (ref.weights, ref.labels) if f not in (None, "random")]
    pictures: dict[str, PictureFacts | str] = {}
    for path in wants.pictures:
        try:
            pictures[path] = picture_facts(Path(path))
        except DreamerError as error:
            pictures[path] = str(error)
    clip: ClipFacts | str | None = None
    source = recipe.image()
    if wants.clip is not None:
        source = wants.clip.file
        try:
            clip = clip_facts(Path(source), folder=wants.clip.path[-1] == "folder")
        except DreamerError as error:
            clip = str(error)
    sounds: dict[str, SoundFacts | str] = {}
    if wants.sound is not None and recipe.words.sound is not None:
        try:
            file, tempo = Path(wants.sound), recipe.words.sound.tempo
            asked = wants.follows or (listen and sound_seconds(file) <= LONGEST)
            sounds[wants.sound] = sound_facts(file, tempo, asked)
        except DreamerError as error:
            sounds[wants.sound] = str(error)
    return Gathered(
        Facts(networks, pictures, tuple(palettes()), clip, sounds),
        cards,
        tuple(dict.fromkeys(map(str, own))),
        None if source is None else Path(source),
    )
