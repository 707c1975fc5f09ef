"""What TensorBoard's own readers find in what was written for it."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from google.protobuf import text_format
from judged import by_chance, outcomes
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from dreamer.draw.confusion import as_picture
from dreamer.errors import FolderError
from dreamer.learn import board
from dreamer.learn.embeddings import CONFIG, MOST, SPRITE, Points, write_points
from dreamer.learn.evaluation import evaluated
from dreamer.learn.health import Finding
from dreamer.learn.history import Moment


def read(folder: Path) -> EventAccumulator:
    sizes = {"images": 0, "scalars": 0, "tensors": 0, "histograms": 0}  # 0: all of them
    found = EventAccumulator(str(folder), size_guidance=sizes)
    found.Reload()
    return found


def points(found: EventAccumulator, tag: str) -> list[tuple[int, float]]:
    return [(event.step, round(event.value, 5)) for event in found.Scalars(tag)]


def picture(found: EventAccumulator, tag: str) -> np.ndarray:
    (event,) = found.Images(tag)
    return np.asarray(Image.open(io.BytesIO(event.encoded_image_string)))


def coloured(index: int) -> Image.Image:
    return Image.new("RGB", (40, 30), (200, 10 * index, 20))


def test_curves_are_read_back_by_their_names(tmp_path: Path) -> None:
    with board.opened(tmp_path, 0) as writer:
        for step in (1, 2, 3):
            board.write_moment(writer, Moment(step, training_loss=1 / step, rate=0.01))
        board.write_moment(
            writer,
            Moment(
                3,
                validation_loss=0.5,
                validation_accuracy=0,
                training_accuracy=0.8,
                largest_logit=9,
            ),
        )
    found = read(tmp_path)
    assert set(found.Tags()["scalars"]) == set(board.TAGS.values())
    assert points(found, "loss/training") == [(1, 1.0), (2, 0.5), (3, 0.33333)]
    assert points(found, "accuracy/validation") == [(3, 0)], "nothing is right, which was measured"


def test_a_training_that_goes_on_takes_the_place_of_what_was_lost(tmp_path: Path) -> None:
    """Killed at step 8 with a checkpoint of step 5: steps 6 to 8 are written again, otherwise."""
    with board.opened(tmp_path, 0) as writer:
        for step in range(1, 9):
            board.write_moment(writer, Moment(step, training_loss=1.0))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    time.sleep(1.1)  # files of events are read in the order of their names, which begin in seconds
    with board.opened(tmp_path, 5) as writer:
        for step in range(6, 11):
            board.write_moment(writer, Moment(step, training_loss=2.0))
    expected = [(step, 1.0 if step <= 5 else 2.0) for step in range(1, 11)]
    assert points(read(tmp_path), "loss/training") == expected
    for path, content in before.items():
        assert path.read_bytes() == content, "nothing is deleted"


@pytest.mark.parametrize("classes", [4, 60])
def test_a_confusion_matrix_is_the_picture_that_was_drawn(tmp_path: Path, classes: int) -> None:
    found = evaluated(by_chance(50, classes, 1))
    with board.opened(tmp_path, 0) as writer:
        board.write_evaluation(writer, found, 7, "validation")
    events = read(tmp_path)
    drawn = np.asarray(as_picture(found.confusion, found.classes))
    assert np.array_equal(picture(events, "confusion/validation"), drawn)
    assert points(events, "balanced accuracy/validation") == [
        (7, round(found.balanced_accuracy, 5))
    ]
    assert f"top-{found.top} accuracy/validation" in events.Tags()["scalars"]


def test_mistakes_are_shown_surest_first_with_strangers_names(tmp_path: Path) -> None:
    found = evaluated(
        outcomes([0, 0, 1], [[0.2, 0.8], [0.05, 0.95], [0.3, 0.7]], ("a\x1b[31m\udcff", "b"))
    )
    asked = []

    def shown(index: int) -> Image.Image:
        asked.append(index)
        return coloured(9 if index == 1 else 1)

    with board.opened(tmp_path, 0) as writer:
        board.write_mistakes(writer, found, shown, 3, "test")
    assert asked == [1, 0]
    grid = picture(read(tmp_path), "mistakes/test").astype(int)
    left, right = grid[:, : grid.shape[1] // 2], grid[:, grid.shape[1] // 2 :]
    assert abs(left[90, 100] - (200, 90, 20)).max() < 3
    assert abs(right[90, 100] - (200, 10, 20)).max() < 3
    written = replace(found, classes=("a\\x1b[31m\\udcff", "b"))
    with board.opened(tmp_path / "again", 0) as writer:
        board.write_mistakes(writer, written, shown, 3, "test")
    assert np.array_equal(picture(read(tmp_path / "again"), "mistakes/test"), grid)


def test_no_mistakes_and_no_illness_write_nothing(tmp_path: Path) -> None:
    with board.opened(tmp_path, 0) as writer:
        board.write_mistakes(writer, evaluated(outcomes([0], [[1, 0]])), coloured, 1, "test")
        board.write_findings(writer, [], 1)
    assert not any(read(tmp_path).Tags()[kind] for kind in ("images", "tensors", "scalars"))


def test_at_most_so_many_mistakes_are_asked_for(tmp_path: Path) -> None:
    found = evaluated(by_chance(400, 10, 2, skill=0))
    asked: list[int] = []

    def counted(index: int) -> Image.Image:
        asked.append(index)
        return coloured(0)

    with board.opened(tmp_path, 0) as writer:
        board.write_mistakes(writer, found, counted, 1, "test")
    assert len(asked) == board.MOST_MISTAKES < len(found.mistakes)


def test_weights_are_histograms_but_for_those_that_are_none(tmp_path: Path) -> None:
    module = nn.Linear(3, 2)
    with torch.no_grad():
        module.weight.copy_(torch.arange(6.0).reshape(2, 3))
        module.bias[0] = float("nan")
    with board.opened(tmp_path, 0) as writer:
        board.write_weights(writer, module, 2)
    found = read(tmp_path)
    assert found.Tags()["histograms"] == ["weights/weight"]
    (event,) = found.Histograms("weights/weight")
    said = event.histogram_value
    assert (said.min, said.max, said.num, said.sum) == (0, 5, 6, 15)


def test_illnesses_are_text(tmp_path: Path) -> None:
    finding = Finding("dead-units", "relu1", 4, 0.5, "half are dead", "wake them")
    with board.opened(tmp_path, 0) as writer:
        board.write_findings(writer, [finding], 4)
    (event,) = read(tmp_path).Tensors("health/text_summary")
    assert event.tensor_proto.string_val == [b"- **dead-units** half are dead; wake them"]


def some(count: int, side: int = SPRITE) -> Points:
    chance = np.random.default_rng(count)
    levels = chance.integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    return Points(
        chance.normal(size=(count, 5)).astype(np.float32),
        {
            "class": [f"class {k % 3}" for k in range(count)],
            "picture": [f"{k}" for k in range(count)],
        },
        [Image.fromarray(one) for one in levels],
    )


def config(folder: Path) -> ProjectorConfig:
    found: ProjectorConfig = text_format.Parse((folder / CONFIG).read_text(), ProjectorConfig())
    return found


def test_points_are_written_as_torch_writes_them(tmp_path: Path) -> None:
    of = some(11)
    write_points(tmp_path / "ours", of, 300, "features")
    with SummaryWriter(str(tmp_path / "theirs")) as writer:
        levels = np.stack([np.asarray(p) for p in of.pictures or ()])
        rows = [list(row) for row in zip(*of.columns.values(), strict=True)]
        writer.add_embedding(
            torch.from_numpy(of.features),
            rows,
            torch.from_numpy(levels).permute(0, 3, 1, 2) / 255,
            300,
            "features",
            list(of.columns),
        )
    ours, theirs = config(tmp_path / "ours"), config(tmp_path / "theirs")
    assert ours == theirs
    (info,) = ours.embeddings
    for path in (info.tensor_path, info.metadata_path):
        assert (tmp_path / "ours" / path).read_text() == (tmp_path / "theirs" / path).read_text()
    sprites = [
        np.asarray(Image.open(tmp_path / who / info.sprite.image_path)).astype(int)
        for who in ("ours", "theirs")
    ]
    assert abs(sprites[0] - sprites[1]).max() <= 1, "torch cuts fractions off"


def test_points_of_earlier_steps_stay_and_those_of_the_same_step_are_replaced(
    tmp_path: Path,
) -> None:
    for step, count in ((100, 4), (200, 5), (200, 6)):
        write_points(tmp_path, some(count), step)
    assert [info.tensor_name for info in config(tmp_path).embeddings] == [
        "features:00100",
        "features:00200",
    ]
    lines = [
        len((tmp_path / info.tensor_path).read_text().splitlines())
        for info in config(tmp_path).embeddings
    ]
    assert lines == [4, 6]


def test_points_are_at_most_so_many_evenly_chosen(tmp_path: Path) -> None:
    count = 2 * MOST + 1
    whole = np.arange(count, dtype=np.float32)[:, None]
    write_points(tmp_path, Points(whole, {"class": [str(k) for k in range(count)]}), 1)
    (info,) = config(tmp_path).embeddings
    values = [float(line) for line in (tmp_path / info.tensor_path).read_text().splitlines()]
    assert len(values) == MOST
    assert (values[0], values[-1]) == (0, count - 1)
    assert set(np.diff(values)) <= {2, 3}
    words = (tmp_path / info.metadata_path).read_text().splitlines()
    assert [float(w) for w in words] == values, "one column alone has no heading"
    assert not info.sprite.image_path


def test_sprites_stand_in_rows_of_a_square(tmp_path: Path) -> None:
    of = Points(np.eye(5), {"class": list("abcde")}, [coloured(4 * k) for k in range(5)])
    write_points(tmp_path, of, 1)
    whole = np.asarray(Image.open(tmp_path / "00001" / "features" / "sprite.png"))
    assert whole.shape == (3 * SPRITE, 3 * SPRITE, 3)
    middles = whole[SPRITE // 2 :: SPRITE, SPRITE // 2 :: SPRITE, 1].reshape(-1)
    assert middles.tolist() == [0, 40, 80, 120, 160, 0, 0, 0, 0]


def test_names_with_tabs_and_breaks_shift_nothing(tmp_path: Path) -> None:
    columns = {"class": ["a\tb", "c\nd"], "picture": ["\udcff.jpg", "\u202ex"]}
    write_points(tmp_path, Points(np.eye(2), columns), 1)
    lines = (tmp_path / "00001" / "features" / "metadata.tsv").read_text().splitlines()
    assert lines == ["class\tpicture", "a b\t\\udcff.jpg", "c d\t\\u202ex"]


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (Points(np.zeros((0, 3)), {"class": []}), "some pictures"),
        (Points(np.zeros(3), {"class": ["a"] * 3}), r"not \(3,\)"),
        (Points(np.full((1, 2), np.nan), {"class": ["a"]}), "no numbers"),
        (Points(np.eye(2), {"class": ["a"]}), "class: 1 for 2 points"),
        (Points(np.eye(2), {"class": ["a", "b"]}, [coloured(1)]), "pictures: 1 for 2 points"),
        (Points(np.eye(2), {}), "at least one column"),
    ],
)
def test_points_that_cannot_be_placed_are_refused(tmp_path: Path, of: Points, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        write_points(tmp_path, of, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_tag_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="letters, digits and hyphens"):
        write_points(tmp_path, some(2), 1, "../../x")


def test_a_list_of_somebody_elses_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text("my own notes: {")
    with pytest.raises(FolderError, match="is no list of embeddings; move it away"):
        write_points(tmp_path, some(2), 1)
    assert (tmp_path / CONFIG).read_text() == "my own notes: {"
    assert len(list(tmp_path.iterdir())) == 1
