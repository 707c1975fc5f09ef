"""Features of pictures for TensorBoard's projector: each picture a point among those that the
network finds like it.

Written here and not by torch's `add_embedding`, which in a training that goes on forgets the points
of all steps before it, leaves half-written files when it is killed, and prints.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from google.protobuf import text_format
from PIL import Image, ImageOps
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

from dreamer.errors import FolderError, printable
from dreamer.media.durable import write_bytes, write_text

CONFIG = "projector_config.pbtxt"
MOST = 1000  # points; the projector turns as many smoothly
SPRITE = 32  # pixels a side


@dataclass(frozen=True)
class Points:
    """`features` `(N, D)` of N pictures, what is said of each in columns of N words (`class`,
    `picture` …), and, where they are to be seen, the pictures.
    """

    features: np.ndarray
    columns: Mapping[str, Sequence[str]]
    pictures: Sequence[Image.Image] | None = None


def write_points(folder: Path, points: Points, step: int, tag: str = "features") -> None:
    """Add `points` to what the projector shows of the events in `folder`: at most `MOST` of them,
    evenly chosen. Those of the same step and tag are replaced, all others stay.

    Args:
        folder: of the events.
        points: what to show.
        step: of the training.
        tag: what they are called, of letters, digits and hyphens.

    Raises:
        ValueError: no points, columns or pictures of another length, features that are no numbers,
            or a tag that is no name.
        FolderError: a `projector_config.pbtxt` that is none.
    """
    count = _checked(points, tag)
    listed = _listed(folder)
    chosen = np.linspace(0, count - 1, min(count, MOST)).round().astype(int)
    part = f"{step:05}/{tag}"
    (folder / part).mkdir(parents=True, exist_ok=True)
    rows = ("\t".join(map(str, row)) for row in points.features[chosen].tolist())
    write_text(folder / part / "tensors.tsv", "".join(f"{row}\n" for row in rows))
    write_text(folder / part / "metadata.tsv", _metadata(points.columns, chosen))
    if points.pictures is not None:
        sprites = _sprites([points.pictures[k] for k in chosen])
        write_bytes(folder / part / "sprite.png", sprites)
    _add(listed, part, f"{tag}:{step:05}", points.pictures is not None)
    write_text(folder / CONFIG, text_format.MessageToString(listed))


def _checked(points: Points, tag: str) -> int:
    """How many points there are."""
    features, count = points.features, len(points.features)
    if features.ndim != 2 or not features.size:
        raise ValueError(f"expected features (N, D) of some pictures, not {features.shape}")
    if not np.isfinite(features).all():
        raise ValueError("features that are no numbers (NaN or infinite) have no place")
    if not points.columns:
        raise ValueError("expected at least one column of words: what each point is")
    lengths = {name: len(words) for name, words in points.columns.items()}
    if points.pictures is not None:
        lengths["pictures"] = len(points.pictures)
    for name, length in lengths.items():
        if length != count:
            raise ValueError(f"{name}: {length} for {count} points")
    if not tag.replace("-", "").isalnum():
        raise ValueError(f"'{tag}': expected letters, digits and hyphens")
    return count


def _metadata(columns: Mapping[str, Sequence[str]], chosen: np.ndarray) -> str:
    """A line a point; one column alone has no heading, as the projector wants it. Tabs and breaks
    in names would shift all that follows.
    """
    words = {name: [" ".join(printable(w).split()) for w in row] for name, row in columns.items()}
    lines = ["\t".join(row[k] for row in words.values()) for k in chosen]
    if len(words) > 1:
        lines.insert(0, "\t".join(words))
    return "".join(f"{line}\n" for line in lines)


def _sprites(pictures: Sequence[Image.Image]) -> bytes:
    """All pictures in one, in rows of a square, as the projector wants it."""
    across = math.ceil(math.sqrt(len(pictures)))
    whole = Image.new("RGB", (across * SPRITE,) * 2)
    for k, picture in enumerate(pictures):
        small = ImageOps.fit(picture.convert("RGB"), (SPRITE, SPRITE), Image.Resampling.BOX)
        whole.paste(small, (k % across * SPRITE, k // across * SPRITE))
    file = io.BytesIO()
    whole.save(file, "PNG")
    return file.getvalue()


def _listed(folder: Path) -> ProjectorConfig:
    """What the projector's list has so far.

    Raises:
        FolderError: it is none.
    """
    path, listed = folder / CONFIG, ProjectorConfig()
    if path.is_file():
        try:
            text_format.Parse(path.read_text(encoding="utf-8"), listed)
        except (text_format.ParseError, UnicodeDecodeError) as error:
            raise FolderError(f"{path} is no list of embeddings; move it away ({error})") from error
    return listed


def _add(listed: ProjectorConfig, part: str, name: str, pictures: bool) -> None:
    """Name the points in the list, in the place of those of the same name."""
    own = [one for one in listed.embeddings if one.tensor_name == name]
    info = own[0] if own else listed.embeddings.add()
    info.Clear()
    info.tensor_name = name
    info.tensor_path = f"{part}/tensors.tsv"
    info.metadata_path = f"{part}/metadata.tsv"
    if pictures:
        info.sprite.image_path = f"{part}/sprite.png"
        info.sprite.single_image_dim.extend([SPRITE, SPRITE])
