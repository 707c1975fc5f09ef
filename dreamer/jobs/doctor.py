"""`doctor`: what this machine has, and what is missing."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata

from dreamer import __version__
from dreamer.errors import DreamerError


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what, what was found, whether dreamer can work with it; one that is not
    `there` may be missing all the same.
    """

    what: str
    found: str
    well: bool = True
    there: bool = True

    @property
    def mark(self) -> str:
        """`ok`, `BAD`, or dashes."""
        return ("ok " if self.there else "-- ") if self.well else "BAD"


@dataclass(frozen=True)
class Health:
    """All findings."""

    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """Whether everything needed is there."""
        return all(f.well for f in self.findings)

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {"well": self.well, "findings": [vars(f) for f in self.findings]}

    def as_text(self) -> str:
        """A line for each finding."""
        return "\n".join(f"{f.mark} {f.what}: {f.found}" for f in self.findings)


def doctor() -> Health:
    """Look at the versions, the device, ffmpeg and the shipped network."""
    return Health((*_versions(), _pair(), _device(), _ffmpeg(), *_networks()))


def _versions() -> list[Finding]:
    python = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    rows = [Finding("dreamer", __version__), Finding("python", python)]
    names = ("torch", "torchvision", "numpy", "pillow", "safetensors")
    return rows + [Finding(name, metadata.version(name)) for name in names]


def _pair() -> Finding:
    what = "torch and torchvision"
    try:
        from torchvision.extension import _has_ops

        fits = bool(_has_ops())
    except (ImportError, RuntimeError) as error:
        return Finding(what, f"do not fit each other ({error}); install a matching pair", False)
    words = "fit each other" if fits else "do not fit each other; install a matching pair"
    return Finding(what, words, fits)


def _device() -> Finding:
    from dreamer.engine.execution import decide

    chosen = decide()
    found = f"{chosen.device_name}, {chosen.precision}, {chosen.threads} threads"
    return Finding("renders on", found)


def _ffmpeg() -> Finding:
    from dreamer.media.codecs import available_codecs
    from dreamer.media.ffmpeg import ffmpeg_version

    try:
        codecs = ", ".join(available_codecs()) or "no film at all"
        return Finding("ffmpeg", f"{ffmpeg_version()}, which writes {codecs}")
    except DreamerError as error:
        return Finding("ffmpeg", str(error), False)


def _networks() -> list[Finding]:
    from dreamer.networks.cards import card_names, catalogue_card
    from dreamer.networks.locate import missing, sha256_of, weights_path

    rows = []
    for name in card_names():
        try:
            card = catalogue_card(name)
        except DreamerError as error:
            rows.append(Finding(f"network {name}", f"damaged: {error}", False))
            continue
        if card.mislabelled:
            rows.append(Finding(f"network {name}", card.mislabelled, False))
            continue
        path = weights_path(card)
        if path is None or missing(card):
            found = missing(card) or "has no weights"
            rows.append(Finding(f"network {name}", found, name != "house", there=False))
            continue
        right = sha256_of(path).startswith(card.weights.sha256)
        words = "here" if right else f"{path} is damaged or another file"
        rows.append(Finding(f"network {name}", words, right))
    return rows
