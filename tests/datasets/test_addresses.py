"""Only the public internet is asked, whatever names and redirects say."""

from __future__ import annotations

import asyncio

import httpcore
import pytest
from picture_site import HASTY, Page, Site, jpeg

from dreamer.datasets.addresses import PublicNetwork, is_public
from dreamer.datasets.answers import opted_out
from dreamer.datasets.hosts import retry_after
from dreamer.datasets.visits import Came, Missed, Visitor, address


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("0.0.0.0", "100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "nonsense"),
    ],
)
def test_private_addresses(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("text", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses(text: str) -> None:
    assert is_public(text)


def visit(network: PublicNetwork, url: str, to) -> Came | Missed:
    async def asked() -> Came | Missed:
        visitor = Visitor(HASTY, 400_000, network)
        try:
            return await visitor.visit(url, to)
        except Missed as missed:
            return missed
        finally:
            await visitor.close()

    return asyncio.run(asked())


class Names:
    """A name server that says what it likes; `asked` is how often."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Wire(PublicNetwork):
    """The network, but every public address is the test's own machine; `went` is where it was to
    go.
    """

    def __init__(self, lookup: Names) -> None:
        super().__init__(lookup=lookup)
        self.went: list[str] = []
        outer, inner = self, self._inner

        class Inner(httpcore.AsyncNetworkBackend):
            async def connect_tcp(self, host: str, port: int, *more):
                outer.went.append(host)
                return await inner.connect_tcp("127.0.0.1", port, *more)

        self._inner = Inner()


def test_a_name_that_changes_its_mind_gains_nothing(site: Site, tmp_path) -> None:
    """Resolved once a connection, and connected to what was looked at."""
    site.put("1.jpg", jpeg(1))
    names = Names(["93.184.215.14"], ["127.0.0.1"])
    wire = Wire(names)
    came = visit(wire, site.url("1.jpg", "photos.example"), tmp_path / "x")
    assert isinstance(came, Came)
    assert (wire.went, names.asked) == (["93.184.215.14"], 1)
    assert site.heads[0]["Host"] == f"photos.example:{site.port}"
    later = visit(wire, site.url("1.jpg", "photos.example"), tmp_path / "x")
    assert isinstance(later, Missed)
    assert later.reason == "private-address"
    assert later.detail == (
        "photos.example is 127.0.0.1, an address of a private network "
        "(--allow-private asks those too)"
    )
    assert wire.went == ["93.184.215.14"]


@pytest.mark.parametrize("inside", ["http://127.0.0.1:{}/1.jpg", "http://169.254.169.254/latest/"])
def test_a_redirect_does_not_lead_inside(inside: str, site: Site, tmp_path) -> None:
    site.put("1.jpg", jpeg(1))
    site.put("in", Page(status=302, headers={"Location": inside.format(site.port)}))

    class Known(Names):
        async def __call__(self, host: str, port: int) -> list[str]:
            return [host] if host[0].isdigit() else ["93.184.215.14"]

    wire = Wire(Known([]))
    found = visit(wire, site.url("in", "photos.example"), tmp_path / "x")
    assert isinstance(found, Missed)
    assert found.reason == "private-address"
    assert site.asked == {"/in": 1}
    assert wire.went == ["93.184.215.14"]


def test_of_a_names_addresses_only_public_ones_are_asked(site: Site, tmp_path) -> None:
    site.put("1.jpg", jpeg(1))
    wire = Wire(Names(["10.0.0.1", "93.184.215.14"]))
    assert isinstance(visit(wire, site.url("1.jpg", "a.example"), tmp_path / "x"), Came)
    assert wire.went == ["93.184.215.14"]


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ([], ""),
        (["all"], ""),
        (["noai"], "noai"),
        (["nofollow, NoImageAI"], "noimageai"),
        (["noindex"], "noindex"),
        (["all", "noimageindex"], "noimageindex"),
        (["none"], "none"),
        (["otherbot: noindex, noai"], ""),
        (["otherbot: noindex, dreamer: noai"], "noai"),
        (["otherbot: all", "noai"], "noai"),
        (["*: noai"], "noai"),
        (["unavailable_after: 25 Jun 2010 15:00:00 PST, noindex"], "noindex"),
        (["max-image-preview: large, noai"], "noai"),
        (["noaim"], ""),
    ],
)
def test_opting_out(headers: list[str], word: str) -> None:
    assert opted_out(headers) == word


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 60.0),
        ("Wed, 31 Dec 1969 23:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("²", None),
    ],
)
def test_retry_after(said: str, seconds: float | None) -> None:
    assert retry_after(said, 0.0) == seconds


@pytest.mark.parametrize(
    ("text", "one_form"),
    [
        ("HTTP://Example.COM:80/A%20b?x=%2f#part", "http://example.com/A%20b?x=%2f"),
        ("https://exämple.org/ü.jpg", "https://xn--exmple-cua.org/%C3%BC.jpg"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"),
    ],
)
def test_addresses_have_one_form(text: str, one_form: str) -> None:
    assert str(address(text)) == one_form


@pytest.mark.parametrize(
    "text", ["", "x.jpg", "file:///etc/passwd", "http://", "http://a:b@c/", "http://a/b c", "//a/b"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        address(text)
