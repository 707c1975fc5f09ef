"""Films of others are read as a player shows them, and what is none, or ends early, is said."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dreamer.errors import MediaError
from dreamer.media import ffmpeg, video
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.pictures import encode_png
from dreamer.media.video import count_frames, probe, read_frames

BLUE = np.zeros((3, 20, 20), np.float32) + np.array([[[0]], [[0]], [[1]]], np.float32)


def made(path: Path, *arguments: str) -> Path:
    """A film by ffmpeg itself, of its test picture if `arguments` name no input."""
    source = [] if "-i" in arguments else ["-f", "lavfi", "-i", "testsrc2=s=64x48:d=2:r=10"]
    command = [ffmpeg_binary(), "-v", "error", *source, *arguments, str(path)]
    subprocess.run(command, check=True)
    return path


def as_ffmpeg_shows(path: Path, width: int, height: int) -> np.ndarray:
    command = [ffmpeg_binary(), "-v", "error", "-i", str(path), "-frames:v", "1", "-f", "rawvideo"]
    command += ["-sws_flags", "accurate_rnd+full_chroma_int+bicubic", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(raw.stdout, np.uint8).reshape(height, width, 3).transpose(2, 0, 1) / 255


def test_a_turned_film_is_read_upright(tmp_path: Path) -> None:
    flat_film = made(tmp_path / "a.mp4", "-pix_fmt", "yuv420p")
    turned = made(tmp_path / "b.mp4", "-display_rotation", "90", "-i", str(flat_film), "-c", "copy")
    found = probe(turned)
    assert (found.width, found.height) == (48, 64)
    pictures = dict(read_frames(turned))
    assert len(pictures) == 20
    assert np.abs(pictures[0] - as_ffmpeg_shows(turned, 48, 64)).max() < 0.01


def test_pixels_become_square(tmp_path: Path) -> None:
    wide = made(tmp_path / "a.mp4", "-vf", "setsar=3/2", "-pix_fmt", "yuv420p")
    assert (probe(wide).width, probe(wide).height) == (96, 48)
    assert next(read_frames(wide))[1].shape == (3, 48, 96)


@pytest.mark.parametrize("matrix", ["bt601", "bt709", None])
@pytest.mark.parametrize("size", ["64x48", "1280x720"])
def test_colours_follow_the_tags_then_the_size(
    tmp_path: Path, matrix: str | None, size: str
) -> None:
    tag = {"bt601": "smpte170m", "bt709": "bt709", None: "unknown"}[matrix]
    stored = matrix or ("bt709" if size == "1280x720" else "bt601")
    picture = f"color=red:s={size}:d=0.1:r=10,scale=out_color_matrix={stored}:out_range=tv"
    tags = f"format=yuv420p,setparams=colorspace={tag}:range=tv"
    film = made(tmp_path / "a.mp4", "-f", "lavfi", "-i", f"{picture},{tags}", "-crf", "1")
    assert probe(film).matrix == tag
    (_, found), *_ = read_frames(film)
    assert found[:, 8, 8] == pytest.approx([1, 0, 0], abs=2.5 / 255)


def test_a_cover_is_not_the_film(tmp_path: Path) -> None:
    (tmp_path / "cover.png").write_bytes(encode_png(BLUE))
    film = made(tmp_path / "a.mp4", "-pix_fmt", "yuv420p")
    both = ["-i", str(tmp_path / "cover.png"), "-i", str(film), "-map", "0", "-map", "1"]
    cover = ["-c", "copy", "-disposition:v:0", "attached_pic"]
    covered = made(tmp_path / "b.mp4", *both, *cover)
    assert (probe(covered).width, count_frames(covered)) == (64, 20)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_film_that_breaks_off_gives_its_frames_and_then_says_so(
    tmp_path: Path, name: str
) -> None:
    whole = made(tmp_path / name, "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-g", "5")
    cut = tmp_path / f"cut-{name}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 4])
    reader, found = read_frames(cut), []
    with pytest.raises(MediaError, match="breaks off"):
        found.extend(reader)
    assert 0 < len(found) < 20


def test_sound_is_noticed(tmp_path: Path) -> None:
    tone = ["-f", "lavfi", "-i", "sine=d=1", "-f", "lavfi", "-i", "testsrc2=s=64x48:d=1"]
    assert probe(made(tmp_path / "a.mkv", *tone, "-shortest")).has_audio
    assert not probe(made(tmp_path / "b.mkv")).has_audio


def test_what_is_no_film_is_said(tmp_path: Path) -> None:
    out = made(tmp_path / "a.mp4", "-movflags", "+faststart")
    stopped = made(tmp_path / "b.mp4").read_bytes()
    listed = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{out}\n#EXT-X-ENDLIST\n".encode()
    cases = {
        "page.mp4": (b"<!DOCTYPE html>", "is an HTML page; expected a film"),
        "cut.mp4": (out.read_bytes()[:400], "is an MP4 film that cannot be read"),
        "stopped.mp4": (stopped[: len(stopped) // 2], "moov atom not found"),
        "empty.mp4": (b"", "is an empty file"),
        "noise.mp4": (bytes(range(256)) * 40, "of a kind known here; expected a film"),
        "list.mp4": (listed, "is a playlist, which may name other files"),
        "list.m3u8": (listed, "is a playlist, which may name other files"),
        "list.mkv": (f"ffconcat version 1.0\nfile {out}\n".encode(), "is a playlist"),
        "picture.mp4": (encode_png(BLUE), "is a PNG picture; expected a film"),
    }
    for name, (data, message) in cases.items():
        (tmp_path / name).write_bytes(data)
        for read in (probe, count_frames, lambda p: next(read_frames(p))):
            with pytest.raises(MediaError, match=message):
                read(tmp_path / name)
    with pytest.raises(MediaError, match="no such file"):
        probe(tmp_path / "none.mp4")
    with pytest.raises(MediaError, match="is a folder"):
        probe(tmp_path)


def test_a_playlist_is_not_followed(tmp_path: Path) -> None:
    """Not even asked what it names: ffmpeg refuses the format before it reads the list."""
    film = made(tmp_path / "a.mkv")
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{film}\n#EXT-X-ENDLIST\n")
    arguments = ["-f", "null", "-"]
    assert ffmpeg.said([*video.reading(film), *arguments])[0] == 0
    code, _, words = ffmpeg.said([*video.reading(playlist), *arguments])
    assert code
    assert "whitelist" in words


def test_closing_the_reader_early_ends_ffmpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = ffmpeg._popen

    def remembered(*arguments: Any) -> subprocess.Popen[bytes]:
        started.append(start(*arguments))
        return started[-1]

    monkeypatch.setattr(ffmpeg, "_popen", remembered)
    reader = read_frames(made(tmp_path / "a.mp4", "-s", "640x480"), 4)
    assert next(reader)[0] == 0
    assert next(reader)[0] == 4
    assert started[0].poll() is None
    reader.close()
    assert started[0].poll() is not None
