"""A job as a row of the queue's table, and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dreamer.batch.job import Job, Queued

# What a listing reads: all but the long texts.
LISTED = "number, id, kind, name, '' AS recipe, base, out, identity, '{}' AS inputs, version, \
threads, device, cost, likeness, most, grp, row, rows, sweep, coordinates, lot, priority, state, \
tries, crashes, crashed_at, alone, together, company, not_before, reason, cancel, worker, run, \
done, of, said, made, added, started, ended"


def columns_of(job: Job) -> dict[str, Any]:
    """What a row says of `job`, by column."""
    return {
        "id": job.id,
        "kind": job.kind,
        "name": job.name,
        "recipe": job.recipe,
        "base": str(job.base),
        "out": str(job.out),
        "identity": job.identity,
        "inputs": json.dumps(dict(job.inputs)),
        "version": job.version,
        "threads": job.threads,
        "device": job.device,
        "cost": job.cost,
        "likeness": job.likeness,
        "most": job.most,
        "grp": job.group,
        "row": job.row,
        "rows": job.rows,
        "sweep": _json(job.sweep),
        "coordinates": _json(job.coordinates),
    }


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(dict(value), ensure_ascii=False)


def _unjson(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def queued_of(row: sqlite3.Row) -> Queued:
    """A row of `jobs` as a value."""
    job = Job(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        recipe=row["recipe"],
        base=Path(row["base"]),
        out=Path(row["out"]),
        identity=row["identity"],
        inputs=json.loads(row["inputs"]),
        version=row["version"],
        threads=row["threads"],
        device=row["device"],
        cost=row["cost"],
        likeness=row["likeness"],
        most=row["most"],
        group=row["grp"],
        row=row["row"],
        rows=row["rows"],
        sweep=_unjson(row["sweep"]),
        coordinates=_unjson(row["coordinates"]),
    )
    return Queued(
        job=job,
        number=row["number"],
        lot=row["lot"],
        priority=row["priority"],
        state=row["state"],
        tries=row["tries"],
        crashes=row["crashes"],
        crashed_at=row["crashed_at"],
        alone=bool(row["alone"]),
        together=row["together"],
        company=row["company"],
        not_before=row["not_before"],
        reason=row["reason"],
        cancel=bool(row["cancel"]),
        worker=row["worker"],
        run=row["run"],
        done=row["done"],
        of=row["of"],
        said=row["said"],
        made=_unjson(row["made"]),
        added=row["added"],
        started=row["started"],
        ended=row["ended"],
    )
