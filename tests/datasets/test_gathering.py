"""A fetched data set: nothing good is lost, nothing bad kept, whatever the hosts do."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import numpy as np
import pytest
from conftest import Collecting, hasty
from picture_site import HERE, Page, Site, jpeg, photograph, saved
from PIL import Image

from dreamer.datasets.manifest import MANIFEST, read_manifest
from dreamer.errors import FolderError, UsageError

HTML = b"<!DOCTYPE html><html>" + b"<p>sign in</p>" * 1000


def test_the_good_is_kept_and_the_bad_is_not(site: Site, collect: Collecting) -> None:
    good = [site.put(f"good/{k}.jpg", jpeg(k)) for k in range(4)]
    whole = jpeg(50)
    half = bytearray(saved(photograph(60), "png"))
    half[len(half) // 2 :] = bytes(len(half) - len(half) // 2)
    huge = saved(photograph(61, (900, 900)), "bmp")
    flat = saved(Image.new("L", (8000, 8000)), "png")
    bad = {
        site.url("nothing.jpg"): "not-found",
        site.put("gone.jpg", Page(jpeg(49), 410)): "not-found",
        site.put("forbidden.jpg", Page(HTML, 403)): "refused",
        site.put("page.jpg", Page(HTML, headers={"Content-Type": "image/jpeg"})): "not-a-picture",
        site.put("empty.jpg", b""): "not-a-picture",
        site.put("tiny.gif", saved(Image.new("L", (1, 1)), "gif")): "too-small",
        site.put("narrow.png", saved(photograph(51, (20, 900)), "png")): "too-small",
        site.put("half.jpg", whole[: len(whole) // 2]): "damaged",
        site.put("half.png", bytes(half)): "damaged",
        site.put("cut.jpg", Page(whole, cut=9000)): "truncated",
        site.put("huge.bmp", huge): "too-large",
        site.put("endless", Page(huge, length=False, endless=True)): "too-large",
        site.put("flat.png", flat): "too-many-pixels",
        site.put("slow.jpg", Page(whole, pause=1.0)): "timeout",
        site.put("drip.jpg", Page(whole, pause=0.3, pieces=60)): "timeout",
        site.put("noai.jpg", Page(whole, headers={"X-Robots-Tag": "all, NoAI"})): "opted-out",
        site.put("round", Page(status=302, headers={"Location": "/round2"})): "bad-redirect",
        site.put("ftp", Page(status=301, headers={"Location": "ftp://a/b"})): "bad-redirect",
        site.put("down", Page(status=503)): "server-error",
        "http://127.0.0.1:9/closed.jpg": "unreachable",
        f"http://user:secret@127.0.0.1:{site.port}/good/0.jpg": "bad-address",
        "gopher://127.0.0.1/x.jpg": "bad-address",
        f"{site.url('a')} b.jpg": "bad-address",
    }
    site.put("round2", Page(status=307, headers={"Location": "/round"}))
    for k in range(12):
        site.put(f"far{k}", Page(status=302, headers={"Location": f"far{k + 1}"}))
    bad[site.url("far0")] = "bad-redirect"
    elsewhere = site.put("moved", Page(status=302, headers={"Location": "/good/99.jpg"}))
    good += [elsewhere, site.put("odd%20name(1).jpg?size=l&x=%2F", jpeg(7))]
    site.put("good/99.jpg", jpeg(99))
    found = collect({"roses": [*good, *bad]}, wants=hasty(of_a_host=8))
    assert found.ended
    assert {url: collect.reason(url) for url in bad} == bad
    assert {collect.reason(url) for url in good} == {"kept"}
    assert (site.asked["/round"], site.asked["/round2"], site.asked["/far6"]) == (1, 1, 0)
    hashes = {hashlib.sha256(jpeg(k)).hexdigest()[:20] for k in (0, 1, 2, 3, 7, 99)}
    assert collect.files() == sorted(f"roses/{name}.jpg" for name in hashes)
    for name in collect.files():
        data = (collect.out / name).read_bytes()
        assert hashlib.sha256(data).hexdigest()[:20] == Path(name).stem
    assert collect.items[elsewhere].final_url == site.url("good/99.jpg")
    assert not [head for head in site.heads if "Authorization" in head or "Cookie" in head]
    assert "gathers pictures" in site.heads[0]["User-Agent"]


def test_a_finished_set_asks_for_nothing_again(site: Site, collect: Collecting) -> None:
    urls = [site.put(f"{k}.jpg", jpeg(k)) for k in range(3)]
    urls += [site.url("never.jpg"), site.put("late.jpg", Page(jpeg(9), statuses=[(500, {})] * 2))]
    collect({"a": urls})
    assert collect.reason(urls[-1]) == "server-error"
    asked, manifest = site.asked.copy(), (collect.out / MANIFEST).read_bytes()
    collect({"a": urls})
    assert site.asked == asked
    assert (collect.out / MANIFEST).read_bytes() == manifest
    collect({"a": urls}, again=True)
    assert site.asked - asked == {"/late.jpg": 1}
    assert collect.reason(urls[-1]) == "kept"
    assert len(collect.files()) == 4


def test_retries_wait_as_long_as_hosts_ask(site: Site, collect: Collecting) -> None:
    shy = site.put("shy.jpg", Page(jpeg(1), statuses=[(429, {"Retry-After": "1"})]))
    never = site.put("never.jpg", Page(jpeg(3), statuses=[(429, {"Retry-After": "3600"})] * 9))
    others = [site.put(f"{k}.jpg", jpeg(10 + k)) for k in range(2)]
    collect({"a": [shy, *others]}, wants=hasty(of_a_host=1))
    assert site.times[1] - site.times[0] >= 1.0  # the others wait as well
    site.times.clear()
    soon = formatdate(time.time() + 1.4, usegmt=True)  # in whole seconds
    dated = site.put("dated.jpg", Page(jpeg(2), statuses=[(503, {"Retry-After": soon})]))
    collect({"a": [shy, *others, dated]})
    assert site.times[1] - site.times[0] >= 0.3
    collect({"a": [shy, *others, dated, never]})
    assert site.asked["/never.jpg"] == 1  # an hour is not waited for
    assert collect.items[never].detail == "answered 429, asking for a rest of 3600 seconds"
    assert {collect.items[url].reason for url in (shy, dated)} == {"kept"}


def test_a_host_is_asked_by_two_at_once_and_not_in_a_hurry(site: Site, collect: Collecting) -> None:
    urls = [site.put(f"{k}.jpg", Page(jpeg(k), pause=0.1)) for k in range(6)]
    collect({"a": urls}, wants=hasty(delay=0.06))
    assert site.most == 2
    # what a busy machine hears late may come together; all of it takes as long
    assert max(site.times) - min(site.times) > 0.9 * 0.06 * (len(site.times) - 1)


def test_a_host_that_others_lead_to_is_asked_by_two_at_once(
    site: Site, collect: Collecting
) -> None:
    urls = [site.put(f"{k}.jpg", Page(jpeg(k), pause=0.1)) for k in range(4)]
    for k in range(4, 8):
        site.put(f"{k}.jpg", Page(jpeg(k), pause=0.1))
        site.put(f"to{k}", Page(status=302, headers={"Location": site.url(f"{k}.jpg")}))
        urls.append(site.url(f"to{k}", "localhost"))
    collect({"a": urls})
    assert site.most == 2
    assert {collect.reason(url) for url in urls} == {"kept"}


def test_a_host_that_is_not_there_is_left_in_peace(site: Site, collect: Collecting) -> None:
    urls = [f"http://127.0.0.1:9/{k}.jpg" for k in range(30)]
    collect({"a": urls}, wants=hasty(tries=1, of_a_host=1))
    said = [collect.items[url].detail for url in urls]
    assert sum("for others before" in words for words in said) == 25
    assert {collect.items[url].reason for url in urls} == {"unreachable"}


@pytest.mark.parametrize("first_is_slow", [True, False])
def test_which_of_two_stays_does_not_hang_on_the_weather(
    site: Site, collect: Collecting, first_is_slow: bool
) -> None:
    """Exact and near duplicates: the larger stays, else the first listed, whoever comes first."""
    small = saved(photograph(1).resize((200, 150)), quality=85)
    pauses = (0.4, 0.0) if first_is_slow else (0.0, 0.4)
    urls = [
        site.put("small.jpg", Page(small, pause=pauses[0])),
        site.put("large.jpg", Page(jpeg(1), pause=pauses[1])),
        site.put("one.jpg", Page(jpeg(2), pause=pauses[0])),
        site.put("same.jpg", Page(jpeg(2), pause=pauses[1])),
        site.put("anew.jpg", Page(jpeg(2, quality=70), pause=pauses[0])),
    ]
    collect({"a": urls}, wants=hasty(of_a_host=5))
    reasons = [collect.reason(url) for url in urls]
    assert reasons == ["near-duplicate", "kept", "kept", "duplicate", "near-duplicate"]
    assert collect.items[urls[3]].detail == f"of {urls[2]}"
    assert len(collect.files()) == 2


def test_a_picture_in_two_classes_is_in_neither(site: Site, collect: Collecting) -> None:
    one, other = site.put("1.jpg", jpeg(1)), site.put("2.jpg", jpeg(1, quality=80))
    both, mine = site.put("both.jpg", jpeg(2)), site.put("mine.jpg", jpeg(3))
    collect({"roses": [one, both, mine], "tulips": [other, both]})
    assert {collect.reason(url) for url in (one, other, both)} == {"ambiguous"}
    assert collect.items[both].detail == "listed in roses and tulips"
    assert site.asked["/both.jpg"] == 0
    assert len(collect.files()) == 1
    assert not (collect.out / "tulips").exists()
    collect({"roses": [one, both, mine], "tulips": []} | {"tulips": [site.put("4.jpg", jpeg(4))]})
    assert {collect.reason(url) for url in (one, both, mine)} == {"kept"}  # the lists were mended
    assert len(collect.files()) == 4


def test_placeholders_are_known_by_hash_and_by_coming_often(
    site: Site, collect: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    sorry, known = jpeg(1), jpeg(2)
    often = [site.put(f"sorry{k}.jpg", sorry) for k in range(5)]
    hashed = site.put("known.jpg", known)
    md5 = hashlib.md5(known).hexdigest()
    rare = [site.put(f"rare{k}.jpg", jpeg(3)) for k in range(4)]
    wants = replace(HERE, placeholders=HERE.placeholders | {md5})
    collect({"a": [*often[:4], hashed, *rare]}, wants=wants)
    assert collect.reason(often[0]) == "kept"
    assert collect.reason(hashed) == "placeholder"
    assert [collect.reason(url) for url in rare] == ["kept", *["duplicate"] * 3]
    collect({"a": [*often, hashed, *rare]}, wants=wants)  # a fifth gives it away
    assert {collect.reason(url) for url in often} == {"placeholder"}
    assert len(collect.files()) == 1


def test_what_a_person_took_away_stays_away(site: Site, collect: Collecting) -> None:
    ugly, fine = site.put("ugly.jpg", jpeg(1)), site.put("fine.jpg", jpeg(2))
    collect({"a": [ugly, fine]})
    gone = collect.out / collect.items[ugly].file
    kept = gone.read_bytes()
    gone.unlink()
    copy = site.put("copy.jpg", jpeg(1, quality=80))
    collect({"a": [ugly, fine, copy]})
    assert [collect.reason(url) for url in (ugly, copy)] == ["removed", "near-duplicate"]
    assert site.asked["/ugly.jpg"] == 1
    assert len(collect.files()) == 1
    gone.write_bytes(kept)
    collect({"a": [ugly, fine, copy]})
    assert collect.reason(ugly) == "kept"


def test_what_a_person_made_is_not_touched(site: Site, collect: Collecting) -> None:
    one, other = site.put("1.jpg", jpeg(1)), site.put("2.jpg", jpeg(1))
    collect({"a": [one]})
    path = collect.out / collect.items[one].file
    path.write_bytes(jpeg(77))  # drawn over by hand
    (collect.out / "a" / "mine.jpg").write_bytes(jpeg(78))
    collect({"a": [one], "b": [other]})
    assert collect.reason(one) == "ambiguous"
    assert path.read_bytes() == jpeg(77)
    assert (collect.out / "a" / "mine.jpg").exists()


def test_what_an_earlier_run_kept_stays_before_what_a_later_one_finds(
    site: Site, collect: Collecting
) -> None:
    small = site.put("small.jpg", saved(photograph(1).resize((200, 150)), quality=85))
    large = site.put("large.jpg", jpeg(1))
    collect({"a": [small]})
    collect({"a": [large, small]})
    assert [collect.reason(url) for url in (small, large)] == ["kept", "near-duplicate"]


def test_kinds_that_training_does_not_read_become_png(site: Site, collect: Collecting) -> None:
    frames = [photograph(k) for k in (1, 2)]
    moving = site.put("m.jpg", saved(frames[0], "gif", save_all=True, append_images=frames[1:]))
    printed = site.put("cmyk.jpg", saved(photograph(3).convert("CMYK"), quality=90))
    turned = photograph(4)
    turned.getexif()[0x0112] = 6
    sideways = site.put("turned.jpg", saved(turned, quality=90, exif=turned.getexif()))
    packed = gzip.compress(jpeg(5))
    zipped = site.put("zipped.jpg", Page(packed, headers={"Content-Encoding": "gzip"}))
    bomb = gzip.compress(bytes(50_000_000))
    bombed = site.put("bomb.jpg", Page(bomb, headers={"Content-Encoding": "gzip"}))
    collect({"a": [moving, printed, sideways, zipped, bombed]})
    urls = (moving, printed, sideways, zipped, bombed)
    assert [collect.reason(url) for url in urls] == ["kept"] * 4 + ["too-large"]
    with Image.open(collect.out / collect.items[moving].file) as picture:
        assert picture.format == "PNG"
        first = np.asarray(picture.convert("RGB")).astype(int)
    with Image.open(__import__("io").BytesIO(site.pages["/m.jpg"].body)) as gif:
        assert np.abs(first - np.asarray(gif.convert("RGB"))).max() == 0
    assert (collect.items[sideways].width, collect.items[sideways].height) == (180, 240)
    assert (collect.out / collect.items[zipped].file).read_bytes() == jpeg(5)


def test_the_manifest_has_a_line_for_each_address(site: Site, collect: Collecting) -> None:
    urls = [site.put("1.jpg", jpeg(1)), site.url("2.jpg")]
    collect({"a": urls})
    lines = [json.loads(line) for line in (collect.out / MANIFEST).read_text().splitlines()]
    assert [line["url"] for line in lines] == urls
    assert lines[0]["sha256"] == hashlib.sha256(jpeg(1)).hexdigest()
    assert (lines[0]["size"], lines[0]["status"], lines[0]["class"]) == (len(jpeg(1)), 200, "a")
    assert (lines[1]["status"], lines[1]["reason"]) == (404, "not-found")
    with (collect.out / MANIFEST).open("a") as file:
        file.write('{"url": "http://half')  # a writer was killed here
    collect({"a": urls})
    assert len(read_manifest(collect.out / MANIFEST)) == 2
    (collect.out / MANIFEST).write_text('{"url": "x"}\n')
    with pytest.raises(FolderError, match=r"manifest\.jsonl:1: not a line"):
        collect({"a": urls})


def test_a_folder_of_anybody_elses_is_not_taken(site: Site, collect: Collecting) -> None:
    collect.out.mkdir()
    (collect.out / "thesis.doc").write_text("years")
    with pytest.raises(UsageError, match="holds other things"):
        collect({"a": [site.put("1.jpg", jpeg(1))]})
    assert not site.asked


def test_without_leave_this_machine_is_not_asked(site: Site, collect: Collecting) -> None:
    wants = replace(HERE, allow_private=False)
    picture = site.put("1.jpg", jpeg(1))
    others = [site.url("1.jpg", host) for host in ("localhost", "[::1]", "2130706433", "0x7f.1")]
    collect({"a": [picture, *others]}, wants=wants)
    reasons = {collect.reason(item) for item in collect.items}
    assert reasons == {"private-address"}
    assert not site.asked
    assert collect.files() == []
