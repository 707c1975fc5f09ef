"""Files of labels: each publisher's is read as it wrote it, and what is nearly one is refused where
it is not.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamer.errors import NetworkError
from dreamer.networks import labels as module
from dreamer.networks.labels import MOST_BYTES, MOST_LABELS, Labels, labels_in, read_labels

TENCH, CAT = "n01440764", "n02123045"
IDS = (TENCH, CAT)

READ: dict[str, tuple[str, Labels]] = {
    "plain": (
        "daisy\n\n  dome inner\nrock'n'roll: live, 1972\n",
        Labels(("daisy", "dome inner", "rock'n'roll: live, 1972")),
    ),
    "names twice": ("crane\nkite\ncrane\n", Labels(("crane", "kite", "crane"))),
    "no comments": ("# one\ntwo\n", Labels(("# one", "two"))),
    "byte order mark": ("\ufeffdaisy\r\nrose\r\n", Labels(("daisy", "rose"))),
    "old Macintosh": ("daisy\rrose", Labels(("daisy", "rose"))),
    "Places365": (
        "/a/airfield 0\n/a/apartment_building/outdoor 2\n/b/bar 1\n",
        Labels(("airfield", "bar", "apartment_building/outdoor"), places=True),
    ),
    "Places with commas": ("/a/abbey,1\n/b/bar,0", Labels(("bar", "abbey"), places=True)),
    "synset_words": (
        f"{TENCH} tench, Tinca tinca\n{CAT} tabby, tabby cat",
        Labels(("tench, Tinca tinca", "tabby, tabby cat"), IDS),
    ),
    "synset_words with tabs": (f"{TENCH}\ttench\n{CAT}\ttabby\n", Labels(("tench", "tabby"), IDS)),
    "synsets": (f"{TENCH}\n{CAT}\n", Labels(IDS, IDS)),
    "numbered by spaces": ("0 tench\n1 great white shark", Labels(("tench", "great white shark"))),
    "numbered by colons": ("0: tench\n1: 2 sharks", Labels(("tench", "2 sharks"))),
    "numbered by commas, unsorted": (
        "1,shark\n0,tench, Tinca tinca",
        Labels(("tench, Tinca tinca", "shark")),
    ),
    "numbered by dashes": ("0 - zero\n1 - one", Labels(("zero", "one"))),
    "some names begin with numbers": ("0 tench\nshark", Labels(("0 tench", "shark"))),
    "all names begin with numbers": ("2 door\n4 door", Labels(("2 door", "4 door"))),
    "only numbers": ("0\n1\n2", Labels(("0", "1", "2"))),
    "JSON list": ('["tench", "1 crane", "1 crane"]', Labels(("tench", "1 crane", "1 crane"))),
    "JSON list of ids": (json.dumps(IDS), Labels(IDS, IDS)),
    "JSON list of pairs": (json.dumps([[TENCH, "tench"]]), Labels(("tench",), (TENCH,))),
    "imagenet_class_index": (
        json.dumps({"1": [CAT, "tabby"], "0": [TENCH, "tench"]}),
        Labels(("tench", "tabby"), IDS),
    ),
    "JSON by number": ('\n{"1": "b", "0": "a"}', Labels(("a", "b"))),
}


@pytest.mark.parametrize("name", READ)
def test_labels_are_known_by_what_is_in_the_file(name: str, tmp_path: Path) -> None:
    text, wanted = READ[name]
    path = tmp_path / "whatever.bin"
    path.write_bytes(text.encode())
    found = read_labels(path)
    assert (found, found.places) == (wanted, wanted.places)


WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"\n \n", "f: holds 0 names; expected 1 to 100000"),
    "no text": (b"daisy\n\xff\xfer\0", "f:2: is no text in UTF-8"),
    "binary": (b"daisy\na\0b", "f:2: holds U+0000, which is in no name"),
    "long": (b"a\n" + b"b" * 501, "f:2: expected a name, not 501 characters"),
    "web page": (b"\n<!DOCTYPE html>\n<p>404", "f: is a page of the web, not labels"),
    "places with a gap": (
        b"/a/airfield 0\n/b/bar 2",
        "f:2: number 2; expected 0 to 1, each once",
    ),
    "place twice": (
        b"/a/airfield 0\n/b/bar 0\n",
        "f:2: number 0 again; expected 0 to 1, each once",
    ),
    "a place without number": (
        b"/a/airfield 0\n\n/b/bar\n/c/cave 1",
        "f:3: expected a place and its number, as in '/a/airfield 0', as in the other lines",
    ),
    "a name among ids": (
        f"{TENCH} tench\nshark\n{CAT} tabby".encode(),
        "f:2: expected a wordnet id, as in the other lines",
    ),
    "an id without a name": (
        f"{TENCH} tench\n{CAT}".encode(),
        f"f:2: expected a name after {CAT}, as in other lines",
    ),
    "numbered from 1": (
        b"1 tench\n2 shark",
        "f:2: number 2; expected 0 to 1, each once; names with",
    ),
    "numbered with a gap": (b"0 tench\n2 shark", "f:2: number 2; expected 0 to 1, each once"),
    "broken JSON": (b'["tench",\n"shark"', "f:2: is no JSON: Expecting ',' delimiter"),
    "deep JSON": (b"[" * 100_000, "f: is no JSON: "),
    "long number in JSON": (b"[" + b"1" * 5000 + b"]", "f: "),
    "JSON of numbers": (b'["a", 3]', "f: class 1: expected a name, or a wordnet id and a name"),
    "JSON of names by name": (b'{"tench": 0}', "f: key 'tench'; expected the number of a class"),
    "JSON key twice": (b'{"0": "a", "0": "b"}', "f: number 0 again; expected 0 to 1, each once"),
    "JSON of nested objects": (b'[{"n01440764": "a"}]', "f: class 0: expected a name"),
    "JSON half with ids": (
        b'["a", ["n01440764", "b"]]',
        "f: expected wordnet ids for all names or for none",
    ),
    "JSON with no id": (b'[["tench", "b"]]', "f: class 0: expected a name, or a wordnet id"),
    "JSON without names": (b"{}", "f: holds 0 names"),
    "half a character in JSON": (b'["\\ud800"]', "f: holds U+D800, which is in no name"),
    "empty name in JSON": (b'["a", " "]', "f: expected a name, not nothing"),
    "too many": (b"a\n" * (MOST_LABELS + 1), "f: holds 100001 names; expected 1 to 100000"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_file_and_line(name: str) -> None:
    data, message = WRONG[name]
    with pytest.raises(NetworkError) as caught:
        labels_in(data, Path("f"))
    assert str(caught.value).startswith(f"labels: {message}")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, why in (
        (large, "is larger than 8,000,000 bytes"),
        (tmp_path, "is no file"),
        (pipe, "is no file"),
        (tmp_path / "gone", "No such file"),
        (Path("a\0b"), "null"),
    ):
        with pytest.raises(NetworkError, match=why):
            read_labels(path)


def test_the_largest_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 6)
    path = tmp_path / "f"
    path.write_text("daisy\n")
    assert read_labels(path).names == ("daisy",)
    path.write_text("daisies")
    with pytest.raises(NetworkError, match="too large"):
        read_labels(path)


PIECES = st.sampled_from(
    ["n01440764", "/a/b", "/", "0", "1", "2", "007", " ", "\t", ",", ":", "-", "tench", "é", "\r\n",
     "\n", "\n", "[", "]", "{", "}", '"', "\\u", "\ufeff", "\x85", "\u2028", "<html", "1e999"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS | st.sampled_from(IDS),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.integers(0, 3).map(str), inner)
        | st.tuples(st.sampled_from(IDS), inner)
    ),
)
FILES = (
    st.binary()
    | st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.lists(PIECES).map(lambda pieces: "".join(pieces).encode())
    | VALUES.map(lambda value: json.dumps(value).encode())
)


@settings(max_examples=1000, deadline=None)
@given(FILES)
def test_any_bytes_are_labels_or_refused(data: bytes) -> None:
    try:
        found = labels_in(data, Path("f"))
    except NetworkError:
        return
    assert found.names
    assert len(found.synsets) in (0, len(found.names))
    for name in found.names:
        assert name == name.strip() != ""
        name.encode()
