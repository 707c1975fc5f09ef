"""`networks import`: weights, or labels, of whatever origin."""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.importing import Imported, import_weights
from dreamer.errors import NetworkError, UsageError
from dreamer.networks.label_sets import keep_labels, kept_at, label_set_of
from dreamer.networks.labels import read_labels


def import_file(
    path: Path,
    name: str = "",
    labels: Path | None = None,
    architecture: str = "",
    force: bool = False,
) -> Imported:
    """Make a network of the catalogue of the file at `path`; a file of labels that is known
    (ImageNet's, Places') becomes the names of the networks' classes.

    Args:
        path: weights, an archive with weights inside, or labels.
        name: what to call the network; as the catalogue or the file does unless given.
        labels: names of its classes.
        architecture: what builds it, where the file does not tell.
        force: put it in the place of what is kept under that name.

    Raises:
        NetworkError: a file that is none of these, with what it is.
        UsageError: no file, or another network has that name.
    """
    if not path.is_file():
        raise UsageError(f"no file {path}")
    if labels is None and not name and _are_known_labels(path):
        key = keep_labels(path, replace=force)
        what = f"the names of {key}'s classes"
        return Imported(key, kept_at(key), what, "its networks have them now")
    return import_weights(path, name, labels, architecture, force)


def _are_known_labels(path: Path) -> bool:
    try:
        return label_set_of(read_labels(path)) is not None
    except NetworkError:
        return False
