"""A dream on a film follows the film, and begins anew at its cuts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from dreamt_films import CUT, begun, moving_film, rendered, to_levels
from filmed import film

from dreamer.draw.masks import drawn
from dreamer.dreaming.carrying import carried, motion_of
from dreamer.engine.footage import frames_of as frames_in
from dreamer.engine.run import render_into
from dreamer.media.pictures import read_picture


@pytest.fixture
def moving(tmp_path: Path) -> Path:
    return moving_film(tmp_path)


def test_each_frame_is_dreamt_on_its_own_source(tmp_path: Path, moving: Path) -> None:
    sources = list(frames_in(moving, range(10)))
    dreamt = rendered(tmp_path, {"video": "moving.mkv"})
    assert len(dreamt) == 10
    for k, picture in enumerate(dreamt):
        apart = [np.abs(picture - source).mean() for source in sources]
        assert int(np.argmin(apart)) == k
        assert 0.001 < apart[k] < 0.1
    bare = rendered(tmp_path, {"video": "moving.mkv"}, ascent={"octaves": 1, "steps": 0})
    np.testing.assert_array_equal(np.stack(bare), np.stack(sources))


def test_a_frame_begins_with_what_was_dreamt_on_the_last_carried_along(
    tmp_path: Path, moving: Path
) -> None:
    """With no steps after the first, what is seen is what is carried, by the formula."""
    words = {"ascent": {"octaves": 1, "steps": 0, "first_steps": 3, "hold": 0}}
    made, ready = begun(tmp_path, {"video": "moving.mkv"}, follow={"keep": 0.8}, **words)
    render_into(made, ready)
    sources = [torch.from_numpy(p)[None] for p in frames_in(moving, range(10))]
    dreamt = [torch.from_numpy(read_picture(p))[None] for p in sorted(made.frames.iterdir())]
    for k in (1, 4, 7):
        added = carried(dreamt[k - 1] - sources[k - 1], motion_of(sources[k], sources[k - 1]))
        wanted = (sources[k] + 0.8 * added).clamp(0, 1)
        assert (dreamt[k] - wanted).abs().max() < 1.5 / 255  # of 8 bits before and after
        assert (dreamt[k] - sources[k]).abs().mean() > 0.002
    alone = (dreamt[CUT] - sources[CUT]).abs().mean()
    assert alone > (dreamt[CUT + 1] - sources[CUT + 1]).abs().mean() > 0.002


def test_nothing_is_carried_over_a_cut(tmp_path: Path, moving: Path) -> None:
    after = film(tmp_path / "after.mkv", [to_levels(p) for p in frames_in(moving, range(5, 10))], 5)
    words = {"follow": {"keep": 1.0}}
    both = rendered(tmp_path, {"video": "moving.mkv"}, **words)
    seamed = rendered(tmp_path, {"video": "moving.mkv"}, follow={"keep": 1.0, "cuts": False})
    one = rendered(tmp_path, {"video": after.name}, **words)
    # Chance is of the frame's number: only what does not depend on it is the same.
    assert np.abs(both[CUT] - one[0]).mean() < np.abs(both[CUT] - seamed[CUT]).mean()
    still = {"ascent": {"octaves": 1, "steps": 0, "first_steps": 0}}
    source = next(frames_in(moving, [CUT]))
    found = rendered(tmp_path, {"video": "moving.mkv"}, **still)[CUT]
    np.testing.assert_array_equal(found, source)


def test_only_a_part_of_the_dream_is_shown_and_all_of_it_carried(
    tmp_path: Path, moving: Path
) -> None:
    source = np.stack(list(frames_in(moving, range(10))))
    whole = np.stack(rendered(tmp_path, {"video": "moving.mkv"}))
    half = np.stack(rendered(tmp_path, {"video": "moving.mkv"}, follow={"strength": 0.5}))
    none = np.stack(rendered(tmp_path, {"video": "moving.mkv"}, follow={"strength": 0}))
    np.testing.assert_allclose(half - source, 0.5 * (whole - source), atol=1.01 / 255)
    np.testing.assert_array_equal(none, source)


def test_outside_a_mask_the_film_is_as_it_was(tmp_path: Path, moving: Path) -> None:
    """Though the scene moves to the left, out of the mask, and the dream with it."""
    source = np.stack(list(frames_in(moving, range(10))))
    found = np.stack(rendered(tmp_path, {"video": "moving.mkv"}, inpaint={"mask": "right"}))
    clear = drawn("right", (64, 96))[0, 0].numpy() == 0
    assert 0.2 < clear.mean() < 0.6
    np.testing.assert_array_equal(found[..., clear], source[..., clear])
    assert np.abs(found - source)[..., ~clear].mean() > 0.002


def test_a_reference_to_the_source_is_the_frames_own(tmp_path: Path, moving: Path) -> None:
    """An inversion of the source pulls every frame to its own source, not to the first one."""
    target = {"layer": "inception_3b", "objective": "inversion", "reference": "source"}
    words = {"target": target, "follow": {"flow": False}}
    ascent = {"octaves": 1, "steps": 3, "step": 1.0, "jitter": 0}
    found = rendered(tmp_path, {"video": "moving.mkv"}, ascent=ascent, **words)
    for k, source in enumerate(frames_in(moving, range(10))):
        assert np.abs(found[k] - source).max() == 0  # nothing is nearer to it than itself
