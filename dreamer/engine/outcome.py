"""A render seen through: frames, then the picture or film, scores and report."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.engine.filming import Filming
from dreamer.engine.films import films_of
from dreamer.engine.finishing import films_made, make_still, report, score_frames
from dreamer.engine.folder import Folder
from dreamer.engine.perceive import Through
from dreamer.engine.provenance import settle
from dreamer.engine.ready import Ready
from dreamer.engine.run import render_into
from dreamer.engine.scores import line
from dreamer.engine.spreading import finish_segments
from dreamer.engine.stopping import Stop, listening
from dreamer.engine.told import Watcher
from dreamer.errors import MediaError, Stopped


@dataclass(frozen=True)
class Outcome:
    """What a render made: its folder, the pictures and films, scores by network, the report."""

    folder: Path
    products: tuple[Path, ...]
    scores: Mapping[str, Mapping[str, Any]]
    report: Mapping[str, Any]

    @property
    def product(self) -> Path:
        """The picture or first film; where only frames were asked for, their folder."""
        return self.products[0] if self.products else Folder(self.folder).frames

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "folder": str(self.folder),
            "product": str(self.product),
            "products": [str(path) for path in self.products],
            "scores": self.scores,
            "report": self.report,
        }

    def as_text(self) -> str:
        """The picture or film, then each network's scores, likeliest first."""
        lines = []
        for network, parts in self.scores.items():
            lines.append(f"{network} sees:")
            lines += [f"  {line(label, score)}" for label, score in parts["after"]]
        took = self.report
        frames = "1 frame" if took["frames"] == 1 else f"{took['frames']} frames"
        lines.append(f"{frames} in {took['seconds']} s")
        lines += map(str, self.products or [self.product])
        return "\n".join(lines)


def see_through(
    folder: Folder,
    ready: Ready,
    watch: Watcher = lambda told: None,
    stop: Stop | None = None,
    through: Through | None = None,
) -> Outcome:
    """Render what is missing in `folder`, then make all that is made of frames, the folder being
    this process's all the while. `stop` is asked instead of listening to signals here; networks are
    run by `through`, as `render_into` has it.

    An endless film ends when somebody stops it: what is there by then is made into a film before
    the stop goes on.

    Raises:
        Stopped: a signal, or `stop`, asked for it.
        FolderError: the folder is another process's, or cannot go on here.
        MediaError: a film could not be made; all else is.
    """
    listened = listening() if stop is None else nullcontext(stop)
    with folder.locked(), listened as asked:
        settle(folder, ready)
        finish_segments(folder, ready, watch, asked)
        with Filming(folder, films_of(ready.recipe, folder), ready.recipe.lead) as filming:
            try:
                count = render_into(folder, ready, watch, asked, filming, through)
            except Stopped:
                count = folder.whole_frames()
                if ready.plan.frames is None and count:
                    _finish(folder, ready, count, Stop(), filming)
                raise
            return _finish(folder, ready, count, asked, filming)


def _finish(folder: Folder, ready: Ready, count: int, stop: Stop, filming: Filming) -> Outcome:
    def go_on() -> None:
        stop.check(f"with every frame made; `dreamer resume {folder.path}` makes what is left")

    execution = folder.execution()
    failed: MediaError | None = None
    products: list[Path] = []
    try:
        if ready.recipe.still:
            products.append(make_still(folder))
        products += films_made(folder, ready.recipe, count, filming, go_on)
    except MediaError as error:
        failed = error  # what else there is to make does not need it
    found = score_frames(folder, ready, count, execution, go_on)
    outcome = Outcome(folder.path, tuple(products), found, report(folder, ready, execution))
    go_on()
    if failed is not None:
        raise failed
    return outcome
