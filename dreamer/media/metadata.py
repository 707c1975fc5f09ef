"""What travels inside a picture or film that dreamer made, read back without decoding a pixel."""

from __future__ import annotations

from pathlib import Path

from dreamer.errors import MediaError
from dreamer.media.animations import read_gif_text, read_webp_text
from dreamer.media.kinds import head_of, is_film, what_it_is
from dreamer.media.png import SIGNATURE, read_png_text
from dreamer.media.probing import read_film_text

RECIPE = "dreamer:recipe"


def read_texts(path: Path) -> dict[str, str]:
    """All texts inside the file at `path` whose key begins with `dreamer:`.

    Raises:
        MediaError: no such file, one that can carry none, or one without a recipe.
    """
    head = head_of(path, "a PNG or film that dreamer made")
    if head.startswith(SIGNATURE):
        texts = read_png_text(path)
    elif head.startswith(b"GIF8"):
        texts = read_gif_text(path)
    elif head[8:12] == b"WEBP":
        texts = read_webp_text(path)
    elif is_film(path):
        texts = read_film_text(path)
    else:
        raise MediaError(f"{path} is {what_it_is(path)}; expected a PNG or film that dreamer made")
    # Matroska writes keys in capitals.
    found = {k.lower(): v for k, v in texts.items() if k.lower().startswith("dreamer:")}
    if RECIPE not in found:
        raise MediaError(
            f"{path} has no recipe inside; dreamer did not make it, or it was re-saved"
        )
    return found
