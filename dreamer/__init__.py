"""Dreamer renders what neural networks see: stills, zoom films and label scores from YAML recipes.

`dreamer.render("recipe.yaml")`, `dreamer.dream(image, target="inception_4c")`,
`dreamer.classify(image)` and, for many, `dreamer.classify_files(folder)`,
`dreamer.collage(pictures)`, `dreamer.compile_films(films)` and `dreamer.gallery(folders)` are the
whole of what a notebook needs. Importing dreamer has no effect and loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "__version__",
    "classify",
    "classify_files",
    "collage",
    "compile_films",
    "dream",
    "gallery",
    "render",
]

if TYPE_CHECKING:
    from dreamer.api import classify_files, collage, compile_films, gallery, render
    from dreamer.api_arrays import classify, dream


def __getattr__(name: str) -> Any:
    if name in __all__:
        from dreamer import api, api_arrays

        return getattr(api_arrays if name in ("classify", "dream") else api, name)
    raise AttributeError(f"module 'dreamer' has no attribute '{name}'")
