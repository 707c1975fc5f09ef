"""Which machines may be asked: those of the public internet.

A list is a stranger's, and a redirect is anybody's: neither may send this machine to its own
services, its neighbours' or a cloud's metadata. A name is resolved once for each connection, the
addresses are looked at, and the connection goes to one of those, so that a name that means
something else a moment later gains nothing (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Awaitable[list[str]]]
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Private(Exception):
    """A name whose every address is of a private network."""


def is_public(text: str) -> bool:
    """Whether an IP address is one that anybody may ask: neither private, loopback, link-local,
    multicast nor reserved, nor an IPv6 form of such a one.
    """
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        else:
            address = address.ipv4_mapped or address.sixtofour or address
    return address.is_global and not address.is_multicast and not address.is_reserved


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of `host`, in the system's order.

    Raises:
        OSError: nobody knows it.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Connections to public addresses alone; with `allow_private`, to all."""

    def __init__(self, allow_private: bool = False, lookup: Lookup = resolved) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allow_private, self._lookup = allow_private, lookup

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that answers.

        Raises:
            Private: it has none that may be asked.
            httpcore.ConnectError: none of them answers, or nobody knows the name.
        """
        try:
            found = await asyncio.wait_for(self._lookup(host, port), timeout)
        except asyncio.TimeoutError as error:
            raise httpcore.ConnectTimeout(f"nobody says where {host} is") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"nobody knows {host}") from error
        allowed = [one for one in found if self._allow_private or is_public(one)]
        if found and not allowed:
            which = "" if host == str(found[0]) else f" {found[0]},"
            raise Private(
                f"{host} is{which} an address of a private network (--allow-private asks those too)"
            )
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in allowed:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Nothing here asks for one.

        Raises:
            Private: always.
        """
        raise Private(f"{path} is a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
