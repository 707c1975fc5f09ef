"""What was measured is kept whoever else measures, and sizes are kept apart from rates."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from groups import still

from dreamer.engine import calibration, measured
from dreamer.engine.measured import keep, read_kept


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_what_another_keeps_while_this_one_measures_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(*of: object) -> float:
        keep("sizes", {"theirs": 4})
        keep("rates", {"theirs": 0.5})
        return 1.0

    monkeypatch.setattr(calibration, "seconds_a_picture", slowly)
    assert calibration.calibrated([still()], 1).measured == 1
    assert read_kept("sizes") == {"theirs": 4}
    assert len(read_kept("rates")) == 2
    assert read_kept("rates")["theirs"] == 0.5


def test_processes_that_keep_at_once_lose_nothing() -> None:
    code = "import sys; from dreamer.engine.measured import keep\n"
    code += "for k in range(20): keep('sizes', {f'{sys.argv[1]}-{k}': 2})"
    ran = [subprocess.Popen([sys.executable, "-c", code, str(k)]) for k in range(3)]
    assert [one.wait(60) for one in ran] == [0, 0, 0]
    assert len(read_kept("sizes")) == 60


def test_many_rates_push_no_size_out() -> None:
    keep("sizes", {"size": 8})
    keep("rates", {str(k): 1.0 for k in range(measured.MOST_RATES + 10)})
    assert read_kept("sizes") == {"size": 8}
    assert list(read_kept("rates")) == [str(k) for k in range(10, measured.MOST_RATES + 10)]


@pytest.mark.parametrize("value", ["Infinity", "NaN", "1" + "0" * 400, "-1", "null", '"2"', "[]"])
def test_what_is_no_number_to_go_by_is_not_read(home: Path, value: str) -> None:
    home.mkdir()
    (home / "calibration.json").write_text(f'{{"sizes": {{"k": {value}, "other": 2}}}}')
    assert read_kept("sizes") == {"other": 2}


@pytest.mark.parametrize("text", ["", "[]", '{"sizes": 3}', "nonsense"])
def test_a_damaged_file_is_as_none(home: Path, text: str) -> None:
    home.mkdir()
    (home / "calibration.json").write_text(text)
    assert read_kept("sizes") == {}
    keep("sizes", {"k": 2})
    assert read_kept("sizes") == {"k": 2}
