"""A web site as lists of pictures find it: pages that are there, gone, elsewhere, cut or lying."""

from __future__ import annotations

import io
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image

from dreamer.datasets.gathering import Wants
from dreamer.datasets.hosts import Manners


def photograph(seed: int, size: tuple[int, int] = (240, 180)) -> Image.Image:
    """Something with large shapes and fine grain, unlike any of another seed."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    levels = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC)).astype(float)
    grain = random.normal(0, 12, levels.shape)
    return Image.fromarray((levels * 0.8 + 20 + grain).clip(0, 255).astype(np.uint8))


def saved(picture: Image.Image, kind: str = "jpeg", **how: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def jpeg(seed: int, quality: int = 90) -> bytes:
    return saved(photograph(seed), quality=quality)


@dataclass
class Page:
    """An answer. `cut` bytes of the body are sent; `statuses` come before the page itself;
    `pause` is the seconds before the head and before each of `pieces` of the body.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    cut: int | None = None
    length: bool = True
    pause: float = 0.0
    pieces: int = 1
    endless: bool = False


class Site:
    """A server of `pages` on this machine. `asked` counts what was asked for, `most` is how many
    requests of slow pages there were at once, `heads` are what came with them.
    """

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: Counter[str] = Counter()
        self.heads: list[dict[str, str]] = []
        self.times: list[float] = []
        self.now = self.most = 0
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_port

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/{path}"

    def put(self, path: str, page: Page | bytes) -> str:
        """Put a page up; its address."""
        self.pages[f"/{path}"] = page if isinstance(page, Page) else Page(page)
        return self.url(path)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            with site.lock:
                site.asked[self.path] += 1
                site.heads.append(dict(self.headers))
                site.times.append(time.monotonic())
                slow = self.path in site.pages and site.pages[self.path].pause > 0
                site.now += slow
                site.most = max(site.most, site.now)
            try:
                self.answer(site.pages.get(self.path, Page(b"<html>gone</html>", 404)))
            except OSError:
                pass  # nobody listens any more
            finally:
                with site.lock:
                    site.now -= slow

        def answer(self, page: Page) -> None:
            time.sleep(page.pause)
            status, headers = page.status, page.headers
            if page.statuses:
                status, headers = page.statuses.pop(0)
            body = b"" if status != page.status else page.body
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if page.length and "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            body = body[: page.cut]
            size = -(-len(body) // page.pieces) or 1
            for at in range(0, len(body), size):
                if at:
                    time.sleep(page.pause)
                self.wfile.write(body[at : at + size])
            while page.endless:
                self.wfile.write(bytes(1 << 16))
            if page.cut is not None or not page.length:
                self.close_connection = True

    return Handler


HASTY = Manners(delay=0.0, tries=2, pause=0.02, most_pause=1.5, timeout=0.6, total=1.5)
HERE = Wants(manners=HASTY, allow_private=True, most_bytes=400_000)
