"""Pictures through a filter graph of ffmpeg's: raw ones in at its standard input, raw ones out.

A graph of several inputs gets them on top of one another in one tall picture, as a process has one
standard input alone: so a transition of two films, or a wall of many, needs one ffmpeg and holds
no more than a few pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ffmpeg
import numpy as np

from dreamer.errors import MediaError
from dreamer.media.ffmpeg import Piped

RAW = {"format": "rawvideo", "pix_fmt": "rgb48le"}
Build = Callable[[list[Any]], Any]  # from streams to the one that comes out


@dataclass(frozen=True)
class Graph:
    """A filter graph for raw pictures of 16 bits: `count` of `size` (width, height) on top of one
    another go in, ones of `made` come out, as `build` joins them.
    """

    size: tuple[int, int]
    count: int
    made: tuple[int, int]
    fps: Fraction
    build: Build

    def arguments(self) -> list[str]:
        """What ffmpeg is told."""
        width, height = self.size
        picture = ffmpeg.input(
            "pipe:", framerate=str(self.fps), s=f"{width}x{height * self.count}", **RAW
        )
        picture = picture.filter("format", "gbrp16le")
        streams = [picture]
        if self.count > 1:
            parts = picture.filter_multi_output("split", self.count)
            streams = [
                parts[k].filter("crop", width, height, 0, k * height) for k in range(self.count)
            ]
        out = ffmpeg.output(self.build(streams), "pipe:", fps_mode="passthrough", **RAW)
        arguments: list[str] = ffmpeg.compile(out)[1:]
        return arguments


def through(
    graph: Graph, pictures: Iterable[Sequence[np.ndarray]], what: str
) -> Generator[np.ndarray, None, None]:
    """What `graph` makes of `pictures`, `(H, W, 3)` uint16 each, so many at once as go in.

    A thread feeds ffmpeg; closing this ends both.

    Raises:
        MediaError: ffmpeg failed, or what giving the pictures raised.
    """
    width, height = graph.made
    failed: list[BaseException] = []
    with Piped(graph.arguments(), what) as running:

        def feed() -> None:
            try:
                for row in pictures:
                    for one in row:
                        running.write(np.ascontiguousarray(one).data)
            except BrokenPipeError:
                pass  # it ended, and says why
            except BaseException as error:
                failed.append(error)
            finally:
                if (close := getattr(pictures, "close", None)) is not None:
                    close()
                running.end()

        thread = threading.Thread(target=feed, name="picture-feeder", daemon=True)
        thread.start()
        try:
            for piece in running.pieces(width * height * 6):
                yield np.frombuffer(piece, "<u2").reshape(height, width, 3)
        except MediaError:
            if not failed:
                raise
        finally:
            running.kill()
            thread.join()
    if failed:
        raise failed[0]
