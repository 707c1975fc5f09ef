"""Lists as people have them, and class names as folders."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamer.datasets.folders import folders_of
from dreamer.datasets.items import Item
from dreamer.datasets.lists import read_lists
from dreamer.datasets.placeholders import placeholders
from dreamer.errors import UsageError


def listed(path: Path) -> list[tuple[str, str]]:
    return [item.key for item in read_lists([path]).items]


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_text_file_is_a_class(mark: bytes, end: bytes, tmp_path: Path) -> None:
    path = tmp_path / "wild roses.txt"
    lines = (
        b"# mine",
        b"http://a.org/1.jpg",
        b"",
        b"  http://a.org/2.jpg  ",
        b"http://A.org/1.jpg",
    )
    path.write_bytes(mark + end.join(lines))
    found = read_lists([path])
    assert [item.key for item in found.items] == [
        ("http://a.org/1.jpg", "wild roses"),
        ("http://a.org/2.jpg", "wild roses"),
    ]
    assert found.repeated == 1
    assert found.items[1].listed == f"{path}:4"


def test_lists_of_notepad_and_of_imagenet(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("http://a.org/ü.jpg\r\n".encode("utf-16"))
    (tmp_path / "b.txt").write_text("n01440764_36\thttp://b.org/x.jpg\n")
    assert listed(tmp_path) == [("http://a.org/%C3%BC.jpg", "a"), ("http://b.org/x.jpg", "b")]


def test_what_is_no_address_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"http://a.org/a b.jpg\nphoto.jpg\nhttp://a.org/\xff.jpg\nhttp://a.org/1.jpg")
    items = read_lists([path]).items
    assert [item.reason for item in items] == [*["bad-address"] * 3, "wanted"]
    assert items[0].detail == f"{path}:1: a blank in the address; write %20"
    assert "expected http:// or https://, not 'photo.jpg'" in items[1].detail
    assert items[2].detail == f"{path}:3: a line that is not UTF-8"


@pytest.mark.parametrize(
    "text",
    [
        "url,class,licence,source\nhttp://a.org/1.jpg,rose,CC BY 2.0,Ann\n",
        "Label;Image URL;License;Author\nrose;http://a.org/1.jpg;CC BY 2.0;Ann\n",
        '\ufeffClass\tid\tURL\tlicence\tsource\r\nrose\t7\t"http://a.org/1.jpg"\tCC BY 2.0\tAnn\r',
    ],
)
def test_tables(text: str, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_text(text, encoding="utf-8", newline="")
    (item,) = read_lists([path]).items
    assert item.key == ("http://a.org/1.jpg", "rose")
    assert (item.licence, item.source, item.listed) == ("CC BY 2.0", "Ann", f"{path}:2")


def test_tables_without_a_header_or_without_classes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("http://a.org/1.jpg,rose\nhttp://a.org/2.jpg,tulip\n")
    (tmp_path / "b.csv").write_text("url\nhttp://a.org/3.jpg\n")
    assert [name for _, name in listed(tmp_path)] == ["rose", "tulip", "b"]
    (tmp_path / "c.csv").write_text("ulr,class\nhttp://a.org/1.jpg,rose\n")
    with pytest.raises(UsageError, match=r"c\.csv:1: expected a header .* did you mean 'url'"):
        read_lists([tmp_path / "c.csv"])


def test_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"url": "http://a.org/1.jpg", "class": "rose", "license": "CC0"}\n[1]\n{"u\n')
    one, two, three = read_lists([path]).items
    assert (one.key, one.licence) == (("http://a.org/1.jpg", "rose"), "CC0")
    assert {two.reason, three.reason} == {"bad-address"}
    assert three.detail.startswith(f"{path}:3: not a line of JSON")


def test_nothing_to_fetch_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such list"):
        read_lists([tmp_path / "rose.txt"])
    with pytest.raises(UsageError, match="no lists in it"):
        read_lists([tmp_path])
    (tmp_path / "a.txt").write_text("# nothing\n")
    with pytest.raises(UsageError, match="no addresses in"):
        read_lists([tmp_path])


def test_class_names_become_folders_that_stay() -> None:
    names = [
        "Rose",
        "rose",
        "AC/DC",
        "AC:DC",
        "con",
        "..",
        "über\u0000",
        "x" * 300,
        "manifest.jsonl",
    ]
    folders = folders_of(names, {"": "manifest.jsonl"})
    assert folders["Rose"] == "Rose"
    assert folders["rose"].startswith("rose-")
    assert folders["AC/DC"] == "AC_DC"
    assert folders["manifest.jsonl"] != "manifest.jsonl"
    assert folders_of([*names, "RoSe"], folders) | folders == folders_of([*names, "RoSe"], folders)


DEVICES = st.sampled_from(["con", "CON", "Nul", "prn", "aux.", " aux", "con ", "NUL..."])


@given(st.lists(st.text(max_size=40) | DEVICES, max_size=12, unique=True))
def test_no_two_classes_share_a_folder(names: list[str]) -> None:
    folders = folders_of(names)
    folded = [folders[name].casefold() for name in names]
    assert len(set(folded)) == len(names)
    for folder in folded:
        assert not set(folder) & set('<>:"/\\|?*\0')
        assert folder.strip(" .") == folder != ""
        assert len(folder.encode()) < 200
        assert folder not in ("con", "nul", "prn", "aux")


def test_hashes_of_placeholders(tmp_path: Path) -> None:
    path = tmp_path / "more.md5"
    path.write_text("# a host's\n" + "AB" * 16 + "  sorry.png\n" + "0" * 64 + "\n")
    assert {"ab" * 16, "0" * 64, "880a7a58e05d3e83797f27573bb6d35c"} <= placeholders([path])
    path.write_text("sorry.png\n")
    with pytest.raises(UsageError, match=r"more\.md5:1: expected an MD5 or SHA-256"):
        placeholders([path])


def test_an_item_is_what_its_line_says() -> None:
    from dreamer.datasets.items import item_from
    from dreamer.datasets.likeness import Likeness

    item = Item("http://a", "b", status=200, likeness=Likeness(7, bytes(range(192))))
    assert item_from(item.as_json()) == item
    wrongs = [{"reason": "lost"}, {"status": "200"}, {"size": True}, {"colours": "AA=="}]
    wrongs += [{"file": f"{folder}/{'a' * 20}.jpg"} for folder in ("..", "", "a/..", "/etc")]
    for wrong in wrongs:
        with pytest.raises((ValueError, TypeError)):
            item_from(item.as_json() | wrong)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("dear.txt", "# of May\n\nDear Anna,\nthe roses\n", "dear.txt:3: "),
        ("a.csv", "url,class\nrose.jpg,rose\n", "a.csv:2: "),
        ("a.jsonl", "roses\n", "a.jsonl:1: not a line of JSON"),
    ],
)
def test_what_has_no_address_at_all_is_no_list(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError) as refused:
        read_lists([tmp_path / name])
    assert str(refused.value).startswith(f"{tmp_path}/{told}")
    assert "is an address: expected one a line, as in https://" in str(refused.value)
    (tmp_path / "good.txt").write_text("https://example.org/a.jpg\n")
    assert len(read_lists([tmp_path]).items) > 1  # beside one, the others are told in the manifest
