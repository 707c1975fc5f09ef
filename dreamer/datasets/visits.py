"""One address asked for, its redirects followed, its bytes put into a file: never more of them, of
hops, of tries or of time than was allowed.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpcore
import httpx

from dreamer.datasets.addresses import Private, PublicNetwork
from dreamer.datasets.answers import Unpacking, opted_out, user_agent
from dreamer.datasets.hosts import Hosts, Manners, retry_after
from dreamer.datasets.items import MAY_PASS, Reason
from dreamer.media import durable

MOST_HOPS = 6
REDIRECTS = (301, 302, 303, 307, 308)
ACCEPTED = "image/jpeg,image/png,image/webp;q=0.9,image/*;q=0.8"


@dataclass(frozen=True)
class Came:
    """A body is in its file: from where, and what it is."""

    url: str
    status: int
    sha256: str
    md5: str
    size: int


class Missed(Exception):
    """Why there is no body."""

    def __init__(
        self, reason: Reason, detail: str, url: str = "", status: int = 0, rest: float | None = None
    ) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail
        self.url, self.status, self.rest = url, status, rest


def address(text: str) -> httpx.URL:
    """The address `text` in its one form: without a fragment, its host in small letters.

    Raises:
        ValueError: none that can be asked for.
    """
    if any(c.isspace() for c in text):
        raise ValueError("a blank in the address; write %20")
    if len(text) > 4096:
        raise ValueError("an address of more than 4096 characters")
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise ValueError(f"not an address: {error}") from error
    if url.scheme not in ("http", "https"):
        raise ValueError(f"expected http:// or https://, not '{text[:40]}'")
    if not url.host:
        raise ValueError(f"no host in '{text[:40]}'")
    if url.userinfo:
        raise ValueError("a name or password in the address, which is not sent")
    return url.copy_with(fragment=None)


class Visitor:
    """Asks for addresses, with `manners`."""

    def __init__(
        self,
        manners: Manners,
        most_bytes: int,
        network: PublicNetwork,
        contact: str = "",
    ) -> None:
        self.hosts = Hosts(manners)
        self._manners, self._most_bytes = manners, most_bytes
        self._headers = [
            ("User-Agent", user_agent(contact)),
            ("Accept", ACCEPTED),
            ("Accept-Encoding", "identity"),
        ]
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=2 * manners.at_once,
            max_keepalive_connections=manners.at_once,
            keepalive_expiry=5.0,
            network_backend=network,
        )

    async def close(self) -> None:
        await self._pool.aclose()

    async def visit(self, text: str, to: Path) -> Came:
        """Have what lies at the address `text` in the file `to`.

        Raises:
            Missed: there is nothing that may be had.
            OSError: it cannot be written here.
        """
        try:
            url = address(text)
        except ValueError as error:
            raise Missed("bad-address", str(error)) from error
        host = url.host
        if self.hosts.is_dead(host):
            raise Missed("unreachable", f"{host} could not be reached for others before this one")
        tried = 0
        while True:
            tried += 1
            try:
                came = await self._followed(url, to)
            except Missed as missed:
                last = tried >= self._manners.tries or missed.reason not in MAY_PASS
                if missed.rest is not None and missed.rest > self._manners.most_pause:
                    last = True
                if not last:
                    # a rest that its host asked for is waited for at its turn
                    await asyncio.sleep(self._manners.pause_after(tried))
                    continue
                if missed.reason == "unreachable":
                    self.hosts.unreached(host)
                raise
            self.hosts.answered(host)
            return came

    async def _followed(self, url: httpx.URL, to: Path) -> Came:
        seen = [url]
        while True:
            url = seen[-1]
            async with self.hosts.turn(url.host):
                found = await self._timed(url, to)
            if isinstance(found, Came):
                return found
            if found in seen:
                raise Missed("bad-redirect", f"goes round in a circle by {found}", str(url))
            if len(seen) >= MOST_HOPS:
                raise Missed("bad-redirect", f"more than {MOST_HOPS - 1} redirects", str(url))
            seen.append(found)

    async def _timed(self, url: httpx.URL, to: Path) -> Came | httpx.URL:
        try:
            return await asyncio.wait_for(self._asked(url, to), self._manners.total)
        except asyncio.TimeoutError as error:
            seconds = f"{self._manners.total:g}"
            raise Missed("timeout", f"not whole after {seconds} seconds", str(url)) from error

    async def _asked(self, url: httpx.URL, to: Path) -> Came | httpx.URL:
        """One request: a body, or where it is said to be."""
        wait = self._manners.timeout
        asked = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        timeouts = {"connect": wait, "read": wait, "write": wait, "pool": None}
        with _said(url):
            async with self._pool.stream(
                "GET", asked, headers=self._headers, extensions={"timeout": timeouts}
            ) as answer:
                headers = httpx.Headers(answer.headers)
                self.hosts.answered(url.host)
                if answer.status in REDIRECTS and "location" in headers:
                    return _target(url, headers["location"], answer.status)
                self._refuse(url, answer.status, headers)
                return await self._stored(url, answer, headers, to)

    def _refuse(self, url: httpx.URL, status: int, headers: httpx.Headers) -> None:
        """Turn an answer that is no picture away.

        Raises:
            Missed: it is none.
        """
        where, words = str(url), f"answered {status}"
        if status in (408, 429) or status >= 500:
            rest = retry_after(headers.get("retry-after", ""), time.time())
            if rest is not None:
                words += f", asking for a rest of {rest:.0f} seconds"
                self.hosts.rest(url.host, min(rest, self._manners.most_pause))
            reason: Reason = "too-many-requests" if status == 429 else "server-error"
            raise Missed(reason, words, where, status, rest)
        if status in (404, 410):
            raise Missed("not-found", words, where, status)
        if status != 200:
            raise Missed("refused", words, where, status)
        if word := opted_out(headers.get_list("x-robots-tag")):
            raise Missed("opted-out", f"X-Robots-Tag: {word}", where, status)
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self._most_bytes:
            raise self._too_large(url)

    def _too_large(self, url: httpx.URL) -> Missed:
        return Missed("too-large", f"more than {self._most_bytes} bytes", str(url), 200)

    async def _stored(
        self, url: httpx.URL, answer: httpcore.Response, headers: httpx.Headers, to: Path
    ) -> Came:
        sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        try:
            unpacked = Unpacking(headers.get("content-encoding", ""))
            with durable.naming(to.parent), to.open("wb") as file:
                async for piece in answer.aiter_stream():
                    data = unpacked(piece, self._most_bytes + 1 - size)
                    size += len(data)
                    if size > self._most_bytes:
                        raise self._too_large(url)
                    sha256.update(data)
                    md5.update(data)
                    file.write(data)
        except ValueError as error:
            raise Missed("damaged", str(error), str(url), 200) from error
        if not unpacked.whole:
            raise Missed("truncated", "its packed bytes end too early", str(url), 200)
        return Came(str(url), answer.status, sha256.hexdigest(), md5.hexdigest(), size)


def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _target(url: httpx.URL, location: str, status: int) -> httpx.URL:
    """Where a redirect leads.

    Raises:
        Missed: nowhere that may be asked.
    """
    try:
        return address(str(url.join(location.strip().replace(" ", "%20"))))
    except (ValueError, httpx.InvalidURL) as error:
        raise Missed("bad-redirect", f"sends elsewhere: {error}", str(url), status) from error


@contextmanager
def _said(url: httpx.URL) -> Iterator[None]:
    """What goes wrong on the wire, in our words."""
    where = str(url)
    try:
        yield
    except Private as error:
        raise Missed("private-address", str(error), where) from error
    except httpcore.ConnectTimeout as error:
        raise Missed("unreachable", str(error) or "no connection in time", where) from error
    except httpcore.TimeoutException as error:
        raise Missed("timeout", "no more bytes in time", where) from error
    except httpcore.ConnectError as error:
        raise Missed("unreachable", str(error) or "no connection", where) from error
    except httpcore.RemoteProtocolError as error:
        raise Missed("truncated", str(error) or "the connection broke", where) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
        raise Missed("truncated", str(error) or "the connection broke", where) from error
