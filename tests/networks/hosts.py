"""A host of files as there are many: good, forgetful, dead in the middle, or lying."""

from __future__ import annotations

import hashlib
import random
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep  # its own: tests put others in the place of `time.sleep`
from typing import NamedTuple

from dreamer.networks.cards import Source
from dreamer.networks.download import download
from dreamer.networks.transfer import Patience

HASTY = Patience(timeout=2.0, tries=3, pause=0.01)


def weights(seed: int, size: int = 200_000) -> bytes:
    """Bytes that begin as a safetensors file does."""
    return (64).to_bytes(8, "little") + b"{" + random.Random(seed).randbytes(size - 9)


class Asked(NamedTuple):
    path: str
    range: str | None
    if_range: str | None


@dataclass
class Page:
    """One file of a host. Of every answer only `breaks`' next many bytes are sent; `pause` is the
    seconds before each piece of `piece` bytes; `trusting` gives ranges whatever If-Range says;
    `says` are headers that override what is true.
    """

    data: bytes
    etag: str = '"1"'
    modified: str = ""
    ranges: bool = True
    trusting: bool = False
    statuses: list[int] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    piece: int = 1 << 20
    pause: float = 0.0
    length: bool = True
    location: str = ""
    says: dict[str, str] = field(default_factory=dict)


class Host:
    """A web server of `pages` on this machine; `asked` is what it was asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{path}"

    def has(self, path: str, page: Page) -> Source:
        """Put `page` up, as a place with the page's true SHA-256."""
        self.pages[f"/{path}"] = page
        return Source(self.url(path), hashlib.sha256(page.data).hexdigest())

    def ranges(self) -> list[str | None]:
        return [asked.range for asked in self.asked]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            said = self.headers.get("Range"), self.headers.get("If-Range")
            host.asked.append(Asked(self.path, *said))
            page = host.pages.get(self.path)
            if page is None:
                self.send_error(404)
            elif page.location:
                self.send_response(302)
                self.send_header("Location", page.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif page.statuses:
                self.send_error(page.statuses.pop(0))
            else:
                self.send_page(page, *said)

        def send_page(self, page: Page, wanted: str | None, condition: str | None) -> None:
            same = page.trusting or condition in (page.etag, page.modified)
            found = re.fullmatch(r"bytes=(\d+)-", wanted or "")
            start = int(found[1]) if found and same and page.ranges else 0
            total = len(page.data)
            headers = {}
            if start >= total > 0:
                self.send_response(416)
                headers = {"Content-Range": f"bytes */{total}", "Content-Length": "0"}
            elif start:
                self.send_response(206)
                headers["Content-Range"] = f"bytes {start}-{total - 1}/{total}"
            else:
                self.send_response(200)
            if page.length:
                headers.setdefault("Content-Length", str(total - start))
            headers |= {"ETag": page.etag, "Last-Modified": page.modified} | page.says
            for name, value in headers.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            most = page.breaks.pop(0) if page.breaks else total
            rest = page.data[start : start + most]
            try:
                for at in range(0, len(rest), page.piece):
                    sleep(page.pause)
                    self.wfile.write(rest[at : at + page.piece])
            except OSError:
                pass  # nobody listens any more

    return Handler


class Fetching:
    """`fetch(place, …)` to `to`; `said` is what was said meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.to = folder / "weights" / "net.caffemodel"
        self.part = self.to.with_name("net.caffemodel.part")
        self.said: list[str] = []
        self.patience = HASTY

    def __call__(self, *places: Source) -> bytes:
        assert download(places, self.to, self.said.append, self.patience) == self.to
        return self.to.read_bytes()

    def left(self) -> list[str]:
        """Names in the folder of the file."""
        return sorted(path.name for path in self.to.parent.iterdir())
