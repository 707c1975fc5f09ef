"""An atlas that is asked for: in words, as a command or a queue has it, and ready to be made, with
all that decides its pictures.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from dreamer.engine.atlas_folder import AtlasFolder, settings
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.plates import Plate, asked_plates
from dreamer.errors import UsageError
from dreamer.networks.cards import Card
from dreamer.networks.locate import weights_path
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.marks import read_yaml

SEED, SIDE = 5, 96


@dataclass(frozen=True)
class AtlasWords:
    """What a command says of an atlas.

    `network` is a catalogue name, a card's file or a weight file; `layers`, `channels` and
    `classes` are as `asked_plates` has them; `side` is in pixels, 96 unless said, or more where the
    network needs it; `html` asks for a page; `seed` decides all chance.
    """

    network: str
    layers: tuple[str, ...] = ()
    channels: str = ""
    classes: str = ""
    side: int | None = None
    html: bool = False
    seed: int = SEED

    @property
    def file(self) -> Path | None:
        """The network's file, by its whole path, where it is called so."""
        named = ref_of(self.network).weights == self.network
        return Path(self.network).absolute() if named else None

    def as_text(self) -> str:
        """As a file, the network's by its whole path."""
        words = asdict(self) | {"network": self.network if self.file is None else str(self.file)}
        said: dict[str, Any] = {k: v for k, v in words.items() if v not in ("", None, ())}
        return as_yaml({"atlas": said | {"layers": list(self.layers)}})


def atlas_words(text: str) -> AtlasWords:
    """What `AtlasWords.as_text` told."""
    said = read_yaml(text, "atlas.yaml", Path()).value["atlas"]
    return AtlasWords(**(said | {"layers": tuple(said["layers"])}))


class ReadyAtlas(NamedTuple):
    """An atlas with the card of its network, and the plates that are asked for."""

    words: AtlasWords
    card: Card
    side: int
    plates: tuple[Plate, ...]

    @property
    def settings(self) -> dict[str, Any]:
        """What all its pictures have in common."""
        return settings(self.card, self.side, self.words.seed)

    @property
    def pictures(self) -> int:
        """How many are asked for."""
        return sum(len(plate.numbers) for plate in self.plates)

    def identity(self) -> str:
        """SHA-256 of all that it is made of, the network by its weights and its classes."""
        plates = [[p.name, p.way, *p.numbers] for p in self.plates]
        made_of = [self.settings, list(self.card.classes), plates, self.words.html]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()

    def files(self) -> list[Path]:
        """The network's files that a person named."""
        named = () if self.words.file is None else (self.words.file, weights_path(self.card))
        return list(dict.fromkeys(path.absolute() for path in named if path is not None))

    def folder(self, path: Path) -> AtlasFolder:
        """The folder at `path` as that of this atlas."""
        return AtlasFolder(path, self.settings)


def ready_atlas(words: AtlasWords) -> ReadyAtlas:
    """Look up what `words` ask for.

    Raises:
        UsageError: what the network has not, or pictures too small for it.
        NetworkError: a network that is not here.
    """
    card = card_of(ref_of(words.network))
    side = max(SIDE, card.smallest) if words.side is None else words.side
    if side < card.smallest:
        raise UsageError(f"--side {side}: {card.name} needs {card.smallest} pixels or more")
    plates = asked_plates(card, words.layers, words.channels, words.classes)
    return ReadyAtlas(words, card, side, tuple(plates))
