"""The folder of a report, and what of others' it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamer.engine.reports import kept_files
from dreamer.errors import UsageError


@pytest.mark.parametrize("text", ["", "[1]", "{}", "\udcff", "[" * 100_000])
def test_a_damaged_report_is_left_alone(text: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=r"holds other things \(report\.json\)"):
        kept_files(tmp_path, {})
