"""What is said of how far something is."""

from __future__ import annotations

from dreamer.engine.told import Told, Within
from dreamer.progress import words


def test_frames_with_their_rate_and_what_is_left() -> None:
    assert words(Told(12, 72, 4.0, 12)) == "frame 12 of 72, 3.00 frames a second, 20 s left"
    assert words(Told(12, None, 4.0, 12)) == "frame 12, 3.00 frames a second"
    assert words(Told(3, 9, 0.0, 0)) == "frame 3 of 9"


def test_what_is_whole_has_nothing_left_and_one_has_no_rate() -> None:
    assert words(Told(72, 72, 4.0, 12)) == "frame 72 of 72, 3.00 frames a second"
    assert words(Told(1, 1, 25.0, 1)) == "frame 1 of 1"


def test_inside_the_first_frame_its_octave_and_step() -> None:
    told = Told(0, 72, 4.0, 0, Within(2, 4, 3, 10))
    assert words(told) == "frame 1 of 72, octave 2 of 4, step 3 of 10"


def test_what_is_counted_may_change_on_the_way() -> None:
    """A retraining looks at pictures, then learns in passes, then in steps."""
    told = Told(30, 60, 10.0, 20, what="picture")
    assert words(told, "step") == "picture 30 of 60, 2.00 pictures a second, 15 s left"
    told = told._replace(what="pass")
    assert words(told, "step") == "pass 30 of 60, 2.00 passes a second, 15 s left"
