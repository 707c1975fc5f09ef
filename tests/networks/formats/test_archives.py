"""Weights are found inside archives, and nothing else comes out of them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from written_files import blob, saved, v2_layer

from dreamer.errors import NetworkError
from dreamer.networks.formats.archives import is_archive, unpacked

CAFFEMODEL = v2_layer("conv1", "Convolution", blob(np.ones((64, 3, 7, 7), np.float32)))


def tar(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_the_caffemodel_of_a_tar_archive(mode: str, tmp_path: Path, out: Path) -> None:
    members = {
        "places/deploy.prototxt": b"layer { name: 'x' }",
        "places/net.caffemodel": CAFFEMODEL,
        "places/categories.csv": b"/a/abbey 0\n",
    }
    path = tar(tmp_path / "whatever", members, mode)
    assert is_archive(path)
    weights, texts = unpacked(path, out)
    assert weights.read_bytes() == CAFFEMODEL
    assert [weights.name, *(t.name for t in texts)] == ["net.caffemodel", "categories.csv"]
    assert sorted(p.name for p in out.iterdir()) == ["categories.csv", "net.caffemodel"]


def test_a_zip_archive_is_one_unless_it_is_a_checkpoint(tmp_path: Path, out: Path) -> None:
    with zipfile.ZipFile(tmp_path / "net.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/net.caffemodel", CAFFEMODEL)
    assert unpacked(tmp_path / "net.zip", out)[0].read_bytes() == CAFFEMODEL
    (tmp_path / "net.pth").write_bytes(saved({"a": torch.ones(3)}, legacy=False))
    assert not is_archive(tmp_path / "net.pth")
    (tmp_path / "page.html").write_text("<html>")
    assert not is_archive(tmp_path / "page.html")


def test_what_only_begins_as_weights_is_not_taken_for_them(tmp_path: Path, out: Path) -> None:
    picture = b"BM" + bytes(range(256)) * 40
    text = b"\n\xe9t\xe9 " * 2000
    members = {"net/net.caffemodel": CAFFEMODEL, "net/sample.bmp": picture, "net/notes": text}
    assert unpacked(tar(tmp_path / "a.tar", members), out)[0].name == "net.caffemodel"


def test_nothing_is_written_outside_the_folder(tmp_path: Path, out: Path) -> None:
    path = tar(tmp_path / "evil.tar.gz", {"../../evil.caffemodel": CAFFEMODEL})
    assert unpacked(path, out)[0] == out / "evil.caffemodel"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evil.tar.gz", "out"]
    with tarfile.open(tmp_path / "link.tar", "w") as archive:
        info = tarfile.TarInfo("net.caffemodel")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(NetworkError, match="holds no weights, but nothing"):
        unpacked(tmp_path / "link.tar", out)


def test_what_is_wrong_with_an_archive_is_said(tmp_path: Path, out: Path) -> None:
    with pytest.raises(NetworkError, match=r"holds no weights, but a/readme\.md"):
        unpacked(tar(tmp_path / "a.tar", {"a/readme.md": b"read me"}), out)
    two = tar(tmp_path / "b.tar", {"a.caffemodel": CAFFEMODEL, "b.caffemodel": CAFFEMODEL})
    with pytest.raises(NetworkError, match=r"several weight files \(a.caffemodel, b.caffemodel\)"):
        unpacked(two, out)
    whole = tar(tmp_path / "c.tar.gz", {"c.caffemodel": CAFFEMODEL * 3}).read_bytes()
    (tmp_path / "d.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NetworkError, match="cannot be unpacked"):
        unpacked(tmp_path / "d.tar.gz", out)
