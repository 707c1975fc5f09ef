"""What gets a network's name is its file, whole, whoever sent it."""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hosts import Fetching, Host, Page, weights

from dreamer.errors import NetworkError
from dreamer.media.locks import taken
from dreamer.networks.cards import Source
from dreamer.networks.download import _alone, download

FILE, OTHER = weights(1), weights(2)
HTML = b"<!DOCTYPE html><html><body>We have moved!</body></html>" * 200
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:1f25f8\nsize 27\n"
FETCH = (
    "import signal, sys\nfrom pathlib import Path\nfrom dreamer.networks.cards import Source\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background has none
    "from dreamer.networks.download import download\n"
    "url, sha256, to = sys.argv[1:]\n"
    "download([Source(url, sha256)], Path(to), lambda text: print(text, flush=True))\n"
)


def test_a_file_that_is_here_and_right_is_left_alone(host: Host, fetch: Fetching) -> None:
    place = host.has("a", Page(FILE))
    assert fetch(place) == FILE
    assert fetch(place, Source("http://never.asked")) == FILE
    assert len(host.asked) == 1
    lock = fetch.to.with_name("net.caffemodel.lock")
    lock.mkdir()  # as where nothing may be written
    assert fetch(place) == FILE
    lock.rmdir()
    fetch.to.write_bytes(OTHER)
    assert fetch(place) == FILE
    assert any("another file, or damaged; it is replaced" in text for text in fetch.said)


def test_a_wrong_file_that_cannot_be_replaced_stays(host: Host, fetch: Fetching) -> None:
    fetch.to.parent.mkdir()
    fetch.to.write_bytes(OTHER)
    with pytest.raises(NetworkError):
        fetch(Source(host.url("gone"), "0" * 64))
    assert fetch.to.read_bytes() == OTHER


def test_places_are_asked_in_order_until_one_has_it(host: Host, fetch: Fetching) -> None:
    places = [host.has("page", Page(HTML)), Source(host.url("gone")), host.has("a", Page(FILE))]
    assert fetch(*places, host.has("b", Page(FILE))) == FILE
    assert [asked.path for asked in host.asked] == ["/page", "/gone", "/a"]


def test_all_that_happened_is_in_one_error(host: Host, fetch: Fetching) -> None:
    places = [host.has("page", Page(HTML)), Source(host.url("gone")), Source("ftp://old.host/a")]
    with pytest.raises(NetworkError) as caught:
        fetch(*places)
    lines = str(caught.value).splitlines()
    assert lines[0] == "net.caffemodel could not be fetched:"
    assert lines[1].startswith(f"  {places[0].url}: what came is an HTML page; expected safetens")
    assert lines[2] == f"  {places[1].url}: answered 404 Not Found"
    assert lines[3] == "  ftp://old.host/a: not an address of the kinds http, https, file"
    assert lines[4].endswith("dreamer networks import FILE")
    assert fetch.left() == []
    with pytest.raises(NetworkError, match="no place is known"):
        fetch()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (HTML, "what came is an HTML page"),
        (POINTER, "a Git-LFS pointer, not the file"),
        (b"", "an empty file"),
        (b"\0" * 9000, "nothing but zeros"),
    ],
)
@pytest.mark.parametrize("length", [True, False])
def test_what_is_no_weights_is_named(
    data: bytes, words: str, length: bool, host: Host, fetch: Fetching
) -> None:
    """Of a publisher without hashes, and of one that gave the size of something else."""
    place = Source(host.has("a", Page(data, length=length)).url)
    for known in (place, replace(place, size=len(FILE))):
        with pytest.raises(NetworkError, match=words):
            fetch(known)
    assert fetch.left() == []


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"sha256": "00ff"}, r"its SHA-256 is [0-9a-f]{64}, expected 00ff…: another file"),
        ({"sha1": "0" * 40}, r"its SHA-1 is [0-9a-f]{40}, expected 0{40}: another file"),
        ({"md5": "0" * 32}, r"its MD5 is [0-9a-f]{32}, expected 0{32}: another file"),
        ({"size": 7}, "has 200000 bytes, expected 7: another file"),
    ],
)
def test_each_thing_known_of_a_file_is_checked(
    known: dict[str, str], words: str, host: Host, fetch: Fetching
) -> None:
    right = host.has("a", Page(FILE))
    wrong = replace(right, **known)
    with pytest.raises(NetworkError, match=words):
        fetch(wrong)
    assert fetch.left() == []
    assert fetch(wrong, right) == FILE


def test_all_hashes_that_are_right(host: Host, fetch: Fetching) -> None:
    place = Source(
        host.has("a", Page(FILE)).url,
        hashlib.sha256(FILE).hexdigest()[:8].upper(),
        hashlib.sha1(FILE).hexdigest(),
        hashlib.md5(FILE).hexdigest(),
        len(FILE),
    )
    assert fetch(place) == FILE
    assert fetch.said[-1] == "net.caffemodel: 0.2 MB, as its publisher's hash says"


def test_more_than_the_size_known_is_not_taken_in(host: Host, fetch: Fetching) -> None:
    place = host.has("a", Page(weights(1, 5_000_000), length=False))
    with pytest.raises(NetworkError, match="sends more than the 200000 bytes expected"):
        fetch(replace(place, size=200_000))
    assert fetch.left() == []


def test_a_file_without_a_hash_is_said_to_be_unchecked(
    host: Host, fetch: Fetching, caplog: pytest.LogCaptureFixture
) -> None:
    place = Source(host.has("a", Page(FILE)).url)
    assert fetch(place) == FILE
    word = f"not checked beyond its format; SHA-256 was {hashlib.sha256(FILE).hexdigest()}"
    assert word in fetch.said[-1]
    fetch.to.unlink()
    with caplog.at_level(logging.WARNING, "dreamer"):
        download([place], fetch.to)  # with nobody to say it to
    assert word in caplog.text
    fetch(place)
    assert len(host.asked) == 2, "what is here is as right as what could come"
    fetch.to.write_bytes(HTML)
    assert fetch(place) == FILE


def test_redirects_are_followed_to_web_addresses_alone(
    new_host: Callable[[], Host], fetch: Fetching, tmp_path: Path
) -> None:
    near, far = new_host(), new_host()
    place = far.has("a", page := Page(FILE, breaks=[100_000]))
    moved = replace(place, url=near.has("a", Page(b"", location=place.url)).url)
    assert fetch(moved) == FILE
    assert far.ranges() == [None, "bytes=100000-"], page
    fetch.to.unlink()
    secret = tmp_path / "secret"
    secret.write_bytes(FILE)
    for target in (secret.as_uri(), "ftp://old.host/a", moved.url):
        near.has("a", Page(b"", location=target))
        with pytest.raises(NetworkError, match=r"answered 302|unknown url type: ftp"):
            fetch(moved)


def test_a_file_on_this_machine(fetch: Fetching, tmp_path: Path) -> None:
    here = tmp_path / "a b.caffemodel"
    here.write_bytes(FILE)
    assert fetch(Source(here.as_uri(), hashlib.sha256(FILE).hexdigest())) == FILE
    fetch.to.unlink()
    with pytest.raises(NetworkError, match="No such file"):
        fetch(Source((tmp_path / "none").as_uri()))


def archive(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as files:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        files.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def test_a_file_in_an_archive(host: Host, fetch: Fetching) -> None:
    whole = archive("net/a.caffemodel", FILE)
    place = replace(host.has("a.tar.gz", Page(whole)), member="net/a.caffemodel")
    assert fetch(place) == FILE
    assert fetch(place) == FILE
    assert len(host.asked) == 1
    assert fetch.left() == ["net.caffemodel"]
    fetch.to.unlink()
    fetch(replace(place, sha256=""))
    assert fetch.said[-1].endswith(f"SHA-256 was {hashlib.sha256(FILE).hexdigest()}")
    fetch.to.unlink()
    assert fetch(replace(host.has("a", Page(FILE)), member="net/a.caffemodel")) == FILE
    fetch.to.unlink()
    for data, member, words in (
        (whole, "net/b", "there is no 'net/b' in the archive"),
        (archive("net/b", HTML), "net/b", "'net/b' in the archive: what came is an HTML page"),
        (whole[:100_000], "net/a.caffemodel", "the archive is damaged"),
        (whole, "", "a gzip archive: unpack it first"),
    ):
        place = host.has("a.tar.gz", Page(data))
        with pytest.raises(NetworkError, match=words):
            fetch(replace(place, member=member))
        assert fetch.left() == []


def test_two_processes_that_fetch_one_file(host: Host, fetch: Fetching) -> None:
    place = host.has("a", Page(FILE, piece=20_000, pause=0.05))
    command = [sys.executable, "-c", FETCH, place.url, place.sha256, str(fetch.to)]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert len(host.asked) == 1
    assert sum("another process is fetching it; waiting" in text for text in said) == 1
    assert fetch.to.read_bytes() == FILE
    assert fetch.left() == ["net.caffemodel"]


def test_whoever_waited_waits_for_who_was_quicker(tmp_path: Path) -> None:
    """A lock is removed by who had it: what one waited for may be nobody's lock any more."""
    to, lock = tmp_path / "net", tmp_path / "net.lock"
    waits, inside = threading.Event(), threading.Event()

    def third() -> None:
        with _alone(to, lambda _: waits.set()):
            inside.set()

    thread = threading.Thread(target=third)
    with taken(lock):
        thread.start()
        assert waits.wait(10)
        lock.unlink()
        second = taken(lock)
    with second:
        assert not inside.wait(0.2)
    thread.join(10)
    assert inside.is_set()
    assert not lock.exists()


def test_stopped_from_the_keyboard_it_goes_on_later(host: Host, fetch: Fetching) -> None:
    place = host.has("a", page := Page(FILE, piece=20_000, pause=0.1))
    command = [sys.executable, "-c", FETCH, place.url, place.sha256, str(fetch.to)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while not (fetch.part.exists() and fetch.part.stat().st_size > 20_000):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in process.communicate(timeout=60)[1]
    kept = fetch.part.stat().st_size
    assert FILE.startswith(fetch.part.read_bytes())
    page.pause = 0
    assert fetch(place) == FILE
    assert host.ranges() == [None, f"bytes={kept}-"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_full_disk(host: Host, fetch: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    place = host.has("a", Page(FILE))
    fetch.to.parent.mkdir()
    fetch.part.symlink_to("/dev/full")
    with pytest.raises(NetworkError, match=r"cannot write .*No space left.*what came is kept"):
        fetch(place, place)
    fetch.part.unlink()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage)
    with pytest.raises(NetworkError, match=r"no room in .*: 0.2 MB to come, 0.1 MB free"):
        fetch(place, place)
    assert len(host.asked) == 2, "another place would not mend it"


class _Usage:
    free = 100_000


def test_a_folder_that_cannot_be(host: Host, fetch: Fetching) -> None:
    fetch.to.parent.write_text("a file")
    with pytest.raises(NetworkError, match=r"cannot write .*File exists"):
        fetch(host.has("a", Page(FILE)))


def test_fetching_needs_no_torch() -> None:
    code = "import sys, dreamer.networks.download; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
