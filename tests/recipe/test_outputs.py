"""What a recipe may ask of its films, and what it is told where that does not go together."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest

from dreamer.errors import RecipeError
from dreamer.film_formats import CODECS, CONTAINERS, PRESETS
from dreamer.recipe.facts import Facts
from dreamer.recipe.output import Output
from dreamer.recipe.parse import draft_of, parse_recipe, recipe_from_text
from dreamer.recipe.planning import plan

FILM = "length: 4s\nfps: 30\nsize: [64, 36]\n"
# A recipe's `output`, and what is said of it after its file.
REFUSED = {
    "ending": ("output: {video: mp5}", "4: output.video: expected 'mp4', 'mov'"),
    "near": ("output: {video: mp5}", "did you mean 'mp4'"),
    "codec": (
        "output: {video: webm, codec: h264}",
        "4: output.codec: webm holds vp9, av1, not h264; say video: 'mp4', 'mov' or 'mkv'",
    ),
    "prores": ("output: {codec: prores}", "not prores; say video: 'mov' or 'mkv'"),
    "crf": ("output: {codec: h265, crf: 52}", "4: output.crf: must be at most 51, not 52"),
    "crf of av1": ("output: {codec: av1, crf: 0}", "4: output.crf: must be at least 1, not 0"),
    "crf of gif": ("output: {video: gif, crf: 9}", "4: output.crf: GIF has none"),
    "preset": (
        "output: {video: mov, codec: prores, preset: slow}",
        "4: output.preset: ProRes 422 HQ knows no presets; leave it out",
    ),
    "pixels": (
        "output: {codec: av1, pixel_format: yuv444p}",
        "4: output.pixel_format: AV1 has yuv420p, yuv420p10, not yuv444p; did you mean 'yuv420p'",
    ),
    "pixels of gif": ("output: {video: gif, fps: 25, pixel_format: rgb24}", "GIF has only one"),
    "plays": ("output: {plays: 2}", "4: output.plays: is of gif, webp and apng"),
    "fast gif": ("output: {video: gif, fps: 60}", "4: output.fps: GIF shows at most 50"),
    "size": (
        "output: {size: 65}",
        "4: output.size: the frames are 64×36, and a copy can only be smaller, not 65",
    ),
    "fps": (
        "output: {fps: 31}",
        "4: output.fps: there are 30 frames a second, and a film may show fewer, not 31",
    ),
    "poster": ("output: {poster: 4s}", "4: output.poster: 4s is past the last frame, 119; say end"),
    "small": (
        "output: {codec: h265, size: 20}",
        "4: output: H.265 needs sides of 16 pixels and more, and these would be 20×12",
    ),
    "none": ("output: {video: none, loop: true}", "4: output.loop: is of a film"),
    "none's size": ("output: {video: none, size: 32}", "4: output.size: is of a film"),
    "none's crf": ("output: {video: none, crf: 3}", "4: output.crf: video: none makes no film"),
    "transparency": ("output: {transparency: attribution}", "is had of a still"),
    "name": ("output: {name: ../x}", "4: output.name: expected a few letters"),
    "same file": (
        "output:\n  - {crf: 17}\n  - {crf: 30}",
        "6: output.1: would be the same file as output.0, ending in .mp4; say name: WORD",
    ),
    "same file in capitals": (
        "output:\n  - {name: Web}\n  - {name: web, crf: 30}",
        "6: output.1: would be the same file as output.0",
    ),
    "posters": (
        "output:\n  - {poster: 1s}\n  - {video: gif, poster: 2s}",
        "6: output.1.poster: output.0 has a poster of the same name",
    ),
    "bits": (
        "output:\n  - {frames: png16}\n  - {video: gif, frames: png8}",
        "6: output.1.frames: output.0 says png16, and there is one set of frames",
    ),
    "no output": ("output: []", "4: output: expected 1 to 16 outputs, not 0"),
    "key": (
        "output:\n  - {video: gif, crv: 3}",
        "5: output.0.crv: unknown key; did you mean 'crf'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_go_together(name: str, tmp_path: Path, facts: Facts) -> None:
    text, words = REFUSED[name]
    path = tmp_path / "x.yaml"
    path.write_text(FILM + text + "\n")
    with pytest.raises(RecipeError) as caught:
        plan(parse_recipe(path), facts)
    (said,) = str(caught.value).split("\n")
    assert words in said
    assert said.startswith(f"{path}:")


def test_what_is_taken_back_is_not_said(tmp_path: Path) -> None:
    """`--set output.video=none --set output.crf=null` on a recipe of films."""
    recipe = recipe_from_text(
        "length: 4s\noutput: {video: mp4, crf: 17, pixel_format: yuv444p}\n",
        tmp_path,
        "x",
        overrides=["output.video=none", "output.crf=null", "output.pixel_format=null"],
    )
    assert recipe.words.output[0].container is None


def test_a_gif_of_a_fast_film_says_what_to_do(tmp_path: Path, facts: Facts) -> None:
    for text, fine in (("{video: gif}", False), ("{video: gif, fps: 25}", True)):
        recipe = recipe_from_text(f"length: 4s\nfps: 60\noutput: {text}\n", tmp_path, "x")
        if fine:
            plan(recipe, facts)
        else:
            with pytest.raises(RecipeError, match=r"at most 50 frames a second.* say fps: 25"):
                plan(recipe, facts)


def test_a_still_has_no_film(tmp_path: Path, facts: Facts) -> None:
    recipe = recipe_from_text("output: {video: gif, loop: true}\n", tmp_path, "x")
    with pytest.raises(RecipeError) as caught:
        plan(recipe, facts)
    assert [p.key for p in caught.value.problems] == ["output.loop", "output.video"]
    assert "say length: 10s" in str(caught.value)
    plan(recipe_from_text("output: {video: mp4, frames: png16}\n", tmp_path, "x"), facts)


def test_one_output_or_several(tmp_path: Path) -> None:
    one = recipe_from_text(FILM + "output: {crf: 20}\n", tmp_path, "x")
    assert one.canonical()["output"] == {"crf": 20}
    several = recipe_from_text(
        FILM + "output:\n  - {frames: png16}\n  - {video: gif}\n", tmp_path, "x"
    )
    assert several.bits == 16
    assert several.canonical()["output"] == [{"frames": "png16"}, {"video": "gif"}]
    changed = recipe_from_text(
        FILM + "output: {crf: 20}\n", tmp_path, "x", ["output.0.crf=9", "output.video=mkv"]
    )
    assert changed.canonical()["output"] == {"crf": 9, "video": "mkv"}


def test_a_draft_has_smaller_and_slower_films(tmp_path: Path, facts: Facts) -> None:
    text = "size: [1280, 720]\nlength: 4s\nfps: 30\noutput:\n"
    rows = "  - {video: gif, size: 640, fps: 12}\n  - {fps: 4, size: 1000, poster: 60}\n"
    draft = draft_of(recipe_from_text(text + rows, tmp_path, "x"), (1280, 720))
    gif, mp4 = draft.words.output
    assert (gif.size, gif.fps) == (160, None)
    assert (mp4.size, mp4.rate, mp4.poster) == (250, Fraction(4), "2s")
    plan(draft, facts)


def test_the_words_are_those_of_the_table() -> None:
    def words(key: str) -> set[str]:
        kinds = [Output.model_fields[key].annotation]
        found: set[str] = set()
        while kinds:
            kind = kinds.pop()
            inner = get_args(kind)
            found |= {word for word in inner if isinstance(word, str)}
            kinds += [k for k in inner if not isinstance(k, str)]
        return found

    assert words("video") == {*CONTAINERS, "none"}
    assert words("codec") == set(CODECS)
    assert words("preset") == set(PRESETS)
    assert words("pixel_format") == {p for c in CODECS.values() for p in c.pixel_formats}
    crf = Output.model_fields["crf"].description or ""
    for name, codec in CODECS.items():
        if codec.crf is not None:
            best, default, least = codec.crf
            assert f"{name} {best} to {least} ({default}" in crf.replace("\n", " ")
