"""Films of collages: as many frames as said, pieces that glide by parts of pixels, films that hold
what the frames show.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from collages_made import centroid, made, pictures, pixels, written
from small_collages import flat

from dreamer.engine import pasting
from dreamer.engine.collaged import Collaged
from dreamer.errors import RecipeError
from dreamer.media.decoding import read_frames
from dreamer.media.probing import probe

TOP = "size: [96, 64]\nfps: 5\noutput: {video: none}"


def frames(of: Collaged) -> list[np.ndarray]:
    return [pixels(path) for path in sorted((of.folder / "frames").glob("*.png"))]


def alone(tmp_path: Path, moves: str, length: int) -> list[np.ndarray]:
    """Frames of one white square of 20 pixels on black, which lies in the middle."""
    flat(tmp_path / "pics" / "a.png", None, size=(20, 20))
    layout = "layout: {scatter: {size: 0.3125, turn: 0, where: middle, box: [0.4, 0.4, 0.6, 0.6], "
    said = f"{layout}over: 0, placing: random}}}}\nmoves: {moves}"
    return frames(made(written(tmp_path / "pics", said, f"{TOP}\nlength: {length}")))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_films_have_as_many_frames_as_are_said(tmp_path: Path) -> None:
    top = "size: [96, 64]\nlength: 1.4s\nfps: 30000/1001\noutput: [{crf: 28, preset: ultrafast}, "
    recipe = written(
        pictures(tmp_path / "pics"),
        "layout: scatter\nshadow: on\nmoves: {turn: {expr: 30*t}}",
        f"{top}{{video: gif, name: small}}]",
    )
    found = made(recipe, tmp_path / "out")
    assert [path.name for path in found.products] == ["c.mp4", "c-small.gif"]
    drawn = frames(found)
    assert len(drawn) == 42
    facts = probe(found.product)
    assert facts.fps == Fraction(30000, 1001)
    decoded = [picture for _, picture in read_frames(found.product, 1, facts)]
    assert len(decoded) == 42
    for k in (0, 20, 41):
        shown = drawn[k].transpose(2, 0, 1) / 255
        assert np.abs(decoded[k] - shown).mean() < 0.06, "but for what x264 leaves out"
    assert (found.folder / "preview.jpg").is_file()
    assert not (found.folder / "c.png").exists()


def test_a_piece_glides_by_parts_of_pixels(tmp_path: Path) -> None:
    ways = alone(tmp_path, "{move: [{expr: 0.003*n}, {expr: -0.002*n}]}", 12)
    places = np.array([centroid(frame) for frame in ways])
    steps = np.diff(places, axis=0)
    assert steps[:, 0] == pytest.approx(0.003 * 96, abs=0.02)
    assert steps[:, 1] == pytest.approx(-0.002 * 96, abs=0.02)
    light = [frame.sum() for frame in ways]
    assert max(light) / min(light) < 1.01, "and neither grows nor fades on its way"


def test_a_piece_turns_about_its_middle(tmp_path: Path) -> None:
    ways = alone(tmp_path, "{turn: {expr: 7.5*n}}", 13)
    places = np.array([centroid(frame) for frame in ways])
    assert np.ptp(places, axis=0).max() < 0.05
    assert np.array_equal(ways[0], ways[12]), "a square turned by 90 degrees"
    assert not np.array_equal(ways[0], ways[6])


def test_a_piece_grows_and_fades(tmp_path: Path) -> None:
    grown = alone(tmp_path, "{scale: {expr: 1 + n}}", 2)
    assert grown[1].sum() / grown[0].sum() == pytest.approx(4, rel=0.02)
    faded = alone(tmp_path, "{alpha: {expr: 1 - n/2}}", 3)
    assert [int(frame.max()) for frame in faded] == pytest.approx([255, 128, 0], abs=1)


def test_a_course_that_closes_ends_where_it_began(tmp_path: Path) -> None:
    recipe = written(
        pictures(tmp_path / "pics"),
        "layout: polaroid\nmoves: {move: [{expr: 0.05*sin(tau*(t + chance))}, 0], "
        "turn: {expr: 9*cos(tau*(t + piece))}}",
        f"{TOP}\nlength: 11",
    )
    ways = frames(made(recipe, tmp_path / "out"))
    for k in (0, 1, 5):
        assert np.array_equal(ways[k], ways[k + 5]), "a second later all is where it was"
    assert not np.array_equal(ways[0], ways[2])


def test_what_moves_beyond_the_sheet_and_back_is_there_again(tmp_path: Path) -> None:
    ways = alone(tmp_path, "{move: [{expr: 2*(n == 1)}, 0]}", 3)
    assert ways[1].max() == 0
    assert np.array_equal(ways[0], ways[2])


def test_without_moves_all_frames_are_one(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "layout: grid", f"{TOP}\nlength: 3")
    first, *others = frames(made(recipe, tmp_path / "out"))
    assert all(np.array_equal(first, other) for other in others)


@pytest.mark.parametrize("layout", ["grid", "justified", "masonry", "treemap"])
def test_what_lies_still_lies_as_in_a_picture(tmp_path: Path, layout: str) -> None:
    """Nothing of the ground is seen between cells, though others may move."""
    for k in range(9):
        flat(tmp_path / "pics" / f"{k}.png", None, size=(60 + k, 60))
    said = f"layout: {layout}\nbackground: black\nduplicates: keep\n"
    size = "size: [100, 100]\noutput: {video: none}"
    picture = made(written(tmp_path / "pics", said, "size: [100, 100]"), tmp_path / "still")
    still = pixels(picture.product)
    moves = "moves: {turn: {expr: 20*n*(piece > 0.9)}, alpha: {expr: 1 - n/4}}"
    film = frames(made(written(tmp_path / "pics", said + moves, f"{size}\nlength: 2")))
    assert still.min() == 255
    assert np.array_equal(film[0][:25], still[:25])
    assert film[1][:25].max() == film[1][:25].min() == round(255 * 0.75)


def test_a_film_reads_each_piece_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    real = pasting.read_piece

    def counted(path: Path, width: float, height: float) -> np.ndarray:
        read.append(path)
        return real(path, width, height)

    monkeypatch.setattr(pasting, "read_piece", counted)
    moves = "moves: {move: [{expr: 0.01*n*chance}, 0], turn: {expr: 7*n}, alpha: {expr: 1 - n/9}}"
    said = f"layout: scatter\nshadow: on\n{moves}"
    ways = frames(made(written(pictures(tmp_path / "pics", 5), said, f"{TOP}\nlength: 6")))
    assert len(read) == 5
    assert len({way.tobytes() for way in ways}) == 6


def test_frames_that_are_asked_for_are_scored_and_the_last(tmp_path: Path) -> None:
    recipe = written(
        pictures(tmp_path / "pics", 3), "", f"{TOP}\nlength: 6\nclassify: {{every: 2, top: 1}}"
    )
    found = made(recipe, tmp_path / "out")
    scores = json.loads((found.folder / "scores.json").read_text())["house"]
    assert list(scores["frames"]) == ["0", "2", "4", "5"]
    assert scores["after"] == scores["frames"]["5"]


def test_see_through_frames_are_to_be_had_and_see_through_films_refused(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pics")
    recipe = written(folder, "background: transparent\ngutter: 9", f"{TOP}\nlength: 2")
    found = frames(made(recipe, tmp_path / "out"))
    assert found[0].shape == (64, 96, 4)
    assert found[0][..., 3].min() == 0
    recipe = written(
        folder, "background: transparent", "size: [96, 64]\nlength: 2\noutput: {video: gif}"
    )
    with pytest.raises(RecipeError) as refused:
        made(recipe)
    assert str(refused.value).endswith(
        "c.yaml:7: collage.background: films are not see-through; say a colour, or output: "
        "{video: none} for the frames alone"
    )


def test_what_is_seen_through_is_white_in_a_preview_and_has_no_fringe(tmp_path: Path) -> None:
    """White on nothing, small: white everywhere, where means of colours alone would be grey."""
    flat(tmp_path / "pics" / "a.png", None, size=(300, 20))
    top = (
        "background: transparent\nlayout: {scatter: {count: 9, placing: random}}\nduplicates: keep"
    )
    folder = written(tmp_path / "pics", top, "size: [2600, 700]")
    still = made(folder, tmp_path / "still").folder / "preview.jpg"
    film = "size: [2600, 700]\nlength: 1\noutput: {video: none}"
    moving = made(written(tmp_path / "pics", top, film), tmp_path / "film").folder / "preview.jpg"
    for preview in (still, moving):
        assert max(pixels(preview).shape[:2]) < 1300
        assert pixels(preview).min() >= 253, preview


def test_a_number_that_cannot_be_is_refused_before_any_frame(tmp_path: Path) -> None:
    recipe = written(
        pictures(tmp_path / "pics"), "moves:\n  scale: {expr: 1 - n}", f"{TOP}\nlength: 3"
    )
    with pytest.raises(RecipeError) as refused:
        made(recipe, tmp_path / "out")
    assert "c.yaml:9: collage.moves.scale: 0 at frame 1 is below 0.001" in str(refused.value)
    assert not (tmp_path / "out" / "frames").exists()


FILM = "length: 2\nfps: 5\n"


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("[{video: mp4}, {video: mp4, crf: 30}]", "output.1: would be the same file as output.0"),
        ("{video: mp4, poster: 0}", "output.poster: is of renders; every collage has a preview"),
        ("{frames: png16}", "output.frames: is of renders, and a collage has 8 bits"),
        ("{transparency: attribution}", "output.transparency: is of renders; say collage.back"),
        ("{video: gif, fps: 10}", "output.fps: there are 5 frames a second"),
        ("{video: mp4, size: 500}", "output.size: the frames are 96×64, and a copy can only be"),
        ("{video: none, name: a}", "output.name: is of a film, and video: none makes none"),
    ],
)
def test_films_that_cannot_be_are_refused_by_line(tmp_path: Path, output: str, words: str) -> None:
    top = f"size: [96, 64]\n{FILM}output: {output}"
    with pytest.raises(RecipeError) as refused:
        made(written(pictures(tmp_path / "pics"), "", top))
    assert f"c.yaml:5: {words}" in str(refused.value)


def test_a_picture_has_no_film(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "", "output: {video: webm, loop: true}")
    with pytest.raises(RecipeError) as refused:
        made(recipe)
    assert str(refused.value).splitlines() == [
        f"{recipe}:3: output.loop: is of a film, and this is a picture; say length: 10s",
        f"{recipe}:3: output.video: is of a film, and this is a picture; say length: 10s",
    ]
