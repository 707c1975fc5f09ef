"""A collage planned: what it will be made of, and how large, before any picture is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dreamer.engine.collage_ahead import Ahead, look_ahead
from dreamer.engine.collage_ready import ReadyCollage, ready_collage
from dreamer.recipe.collage_recipe import ParsedCollage


@dataclass(frozen=True)
class CollagePlan:
    """A collage with all that it names, and what is known of it. How long it takes is not: that
    goes by the pictures' own sizes, and by what was seen of them before.
    """

    ready: ReadyCollage
    ahead: Ahead

    def as_json(self) -> dict[str, Any]:
        """Plain values; None is what only pixels or scores decide."""
        recipe, ahead = self.ready.recipe, self.ahead
        frames, fps = recipe.frames, recipe.fps
        return {
            "title": recipe.words.title,
            "size": list(ahead.size),
            "frames": frames,
            "fps": None if frames is None else str(fps),
            "seconds": None if frames is None else float(frames / fps),
            "found": len(self.ready.entries),
            "left_out": len(self.ready.failed),
            "pictures": ahead.pictures if ahead.certain else None,
            "layout": recipe.words.collage.layout.name,
            "pieces": ahead.placed,
            "networks": [card.name for card in ahead.judges.cards],
            "films": self._films(),
            "folder": str(self.ready.default_folder),
        }

    def _films(self) -> list[str]:
        recipe, (width, height) = self.ready.recipe, self.ahead.size
        if recipe.frames is None or height is None:
            return []
        return [output.told(recipe.fps, (width, height)) for output in recipe.words.output]

    def as_text(self) -> str:
        """The same for people."""
        found, ahead = self.as_json(), self.ahead
        width, height = ahead.size
        high = ", as high as its layout gets" if height is None else f"×{height}"
        frames = found["frames"]
        kind = "a picture" if frames is None else f"{frames} frames at {found['fps']} a second"
        stay = f", {ahead.pictures} of them used" if ahead.pictures < found["found"] else ""
        if not ahead.certain:
            stay += f"{' at most' if stay else ''}; scores decide which"
        pieces = "" if ahead.placed is None else f", {ahead.placed} pieces"
        lines = [
            f"{found['title'] or self.ready.recipe.name}: {width}{high}, {kind}",
            f"pictures: {found['found']} found{stay}",
            f"layout: {found['layout']}{pieces}",
        ]
        if found["networks"]:
            lines.append(f"scored by: {', '.join(found['networks'])}")
        lines += [f"film: {film}" for film in found["films"]]
        return "\n".join([*lines, f"goes into: {found['folder']}"])


def planned(recipe: ParsedCollage) -> CollagePlan:
    """The plan of `recipe`.

    Raises:
        RecipeError: all that cannot be made.
        MediaError: a film that the ffmpeg that is here cannot write.
    """
    ready = ready_collage(recipe)
    return CollagePlan(ready, look_ahead(ready))
