"""`dreamer dataset fetch` as a person meets it: its summary, its exit codes, its refusals."""

from __future__ import annotations

import json
from pathlib import Path

from picture_site import Site, jpeg

from dreamer.datasets.items import Item
from dreamer.datasets.tally import tally


def test_what_a_person_reads_at_the_end(site: Site, tmp_path: Path, dreamer) -> None:
    table = ["url,class,licence"]
    table += [f"{site.put(f'r{k}.jpg', jpeg(k))},rose,CC BY 2.0" for k in range(3)]
    table += [f"{site.url('gone.jpg')},rose,", f"{site.put('t.jpg', jpeg(9))},tulip,CC0"]
    table += [f"{site.url('late.jpg')} x,tulip,"]
    (tmp_path / "all.csv").write_text("\r\n".join(table))
    words = ("dataset", "fetch", "all.csv", "--out", "set", "--delay", "0")
    refused = dreamer(*words[:-4], "--out", "inside", check=False)
    assert refused.returncode == 1
    assert "no picture came; inside/manifest.jsonl says why" in refused.stdout
    assert "5 addresses are of your own network; --allow-private asks them too" in refused.stdout
    # all five addresses are this machine's
    assert "5 private-address, 1 bad-address" in refused.stdout
    assert not site.asked
    found = dreamer(*words, "--allow-private")
    assert "set: 4 pictures of 6 addresses" in found.stdout
    assert "  rose        3 of 4   thin" in found.stdout
    assert "left out: 1 not-found, 1 bad-address" in found.stdout
    assert "from: 127.0.0.1 4" in found.stdout
    assert "licences: CC BY 2.0 3, CC0 1" in found.stdout
    again = json.loads(dreamer(*words, "--allow-private", "--json").stdout)
    assert (again["kept"], again["thin"]) == (4, ["rose", "tulip"])
    assert sum(site.asked.values()) == 5
    wrong = dreamer("dataset", "fetch", "none.txt", "--out", "set", check=False)
    assert wrong.returncode == 2
    assert "none.txt: no such list" in wrong.stderr


def test_thin_classes_and_what_may_come_another_time() -> None:
    counts = {"a": 100, "b": 110, "c": 90, "d": 22, "e": 30, "f": 3}
    items = [
        Item(f"http://h.org/{name}{k}", name, reason="kept")
        for name, n in counts.items()
        for k in range(n)
    ]
    items += [Item(f"http://x.org/{k}", "f", reason="timeout") for k in range(4)]
    found = tally(items)
    assert found.thin == ("f",)
    more = [Item(f"http://h.org/g{k}", "g", reason="kept") for k in range(400)]
    more += [Item(f"http://h.org/h{k}", "h", reason="kept") for k in range(400)]
    assert tally(items + more).thin == ("d", "f")  # a quarter of the middle one is 24
    assert (found.may_pass, found.hosts) == (4, {"h.org": 355})
    assert "thin classes: f;" in found.as_text()
    assert "4 may come another time" in found.as_text()
