"""The tables of a queue's file, and by what is looked for in them.

A queue of a hundred thousand jobs is looked at ten times a second: what is asked that often is
answered by an index alone.
"""

from __future__ import annotations

SCHEMA = 1
TABLES = """
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  recipe TEXT NOT NULL,
  base TEXT NOT NULL,
  out TEXT NOT NULL UNIQUE,
  identity TEXT NOT NULL,
  inputs TEXT NOT NULL,
  version TEXT NOT NULL,
  threads INTEGER NOT NULL,
  device TEXT NOT NULL,
  asked TEXT NOT NULL,
  cost REAL,
  likeness TEXT,
  most INTEGER NOT NULL,
  grp TEXT,
  row INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  lot INTEGER NOT NULL,
  sweep TEXT,
  coordinates TEXT,
  priority INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  tries INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  crashed_at INTEGER NOT NULL DEFAULT 0,
  alone INTEGER NOT NULL DEFAULT 0,
  together INTEGER NOT NULL DEFAULT 1,
  company INTEGER NOT NULL DEFAULT 0,
  not_before REAL NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  cancel INTEGER NOT NULL DEFAULT 0,
  worker TEXT,
  run INTEGER NOT NULL DEFAULT 0,
  done REAL NOT NULL DEFAULT 0,
  of INTEGER,
  said TEXT NOT NULL DEFAULT '',
  made TEXT,
  added REAL NOT NULL,
  started REAL,
  ended REAL
);
CREATE TABLE runs (
  job INTEGER NOT NULL REFERENCES jobs (number),
  number INTEGER NOT NULL,
  worker TEXT NOT NULL,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  together INTEGER NOT NULL,
  started REAL NOT NULL,
  ended REAL,
  exit TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  log TEXT NOT NULL,
  PRIMARY KEY (job, number)
);
CREATE TABLE workers (
  id TEXT PRIMARY KEY,
  runner TEXT,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  device TEXT NOT NULL,
  lock TEXT NOT NULL,
  started REAL NOT NULL,
  beats INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
INDEXES = """
CREATE INDEX IF NOT EXISTS jobs_turn ON jobs
  (state, priority DESC, number, lot, device, not_before, alone, cost);
CREATE INDEX IF NOT EXISTS jobs_kind ON jobs (state, device, lot);
CREATE INDEX IF NOT EXISTS jobs_ended ON jobs (state, ended);
CREATE UNIQUE INDEX IF NOT EXISTS jobs_place ON jobs (lot, row);
CREATE INDEX IF NOT EXISTS jobs_name ON jobs (name);
CREATE INDEX IF NOT EXISTS runs_ended ON runs (exit, ended);
"""
