"""How commands say what they found: lines, or JSON where that is asked for."""

from __future__ import annotations

import json
import logging
from typing import Annotated, Any

import typer

from dreamer.errors import in_unicode, printable
from dreamer.file_names import readable

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")]


class Told(logging.Formatter):
    """What is told on the way, names of files so that UTF-8 can hold them."""

    def format(self, record: logging.LogRecord) -> str:
        return readable(super().format(record))


def shown(found: Any, as_json: bool) -> None:
    """Print a listing: its `data`, or its `text`, which may hold a stranger's words."""
    print(_as_json(found.data) if as_json else printable(found.text))


def report(outcome: Any, as_json: bool) -> None:
    """Print how a job ended, by its own `as_json` or `as_text`."""
    print(_as_json(outcome.as_json()) if as_json else in_unicode(outcome.as_text()))


def _as_json(found: Any) -> str:
    return in_unicode(json.dumps(found, indent=1, ensure_ascii=False))
