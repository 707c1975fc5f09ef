"""A job where its own files cannot be seen: everything that it names lies below one folder there,
under the names that it has at home, so that names which lead from one file to another stay right.

What a job is made of is known by hashes and not by names, so it stays the same job.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from dreamer.batch.adding import whole_words
from dreamer.batch.job import Job
from dreamer.engine.atlas_ready import atlas_words
from dreamer.engine.layout import PROVENANCE, RECIPE
from dreamer.media import durable
from dreamer.recipe.collage_recipe import collage_from_text
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.marks import read_yaml
from dreamer.recipe.parse import recipe_from_text

Rename = Callable[[str], str]


@dataclass(frozen=True)
class Mirror:
    """The folder below which a job's files lie."""

    root: Path

    def at(self, path: Path | str) -> Path:
        """Where `path` of the job's home lies here."""
        there = Path(path)
        return there if self._is_here(there) else self.root / there.relative_to(there.anchor)

    def home(self, path: Path | str) -> Path:
        """Where what lies at `path` here lies at home."""
        there = Path(path)
        return Path(os.sep, there.relative_to(self.root)) if self._is_here(there) else there

    def _is_here(self, path: Path) -> bool:
        return path.is_relative_to(self.root)

    def job(self, job: Job) -> Job:
        """`job` with all its files here."""
        return replace(
            job,
            base=self.at(job.base),
            out=self.at(job.out),
            recipe=renamed(job, job.recipe, job.base, lambda file: str(self.at(file))),
            inputs={str(self.at(file)): sha256 for file, sha256 in job.inputs.items()},
        )

    def take_in(self, job: Job) -> None:
        """Let the recipe of a folder that came from home name files as they are called here."""
        self._renamed(job, lambda file: str(self.at(file)))

    def give_out(self, job: Job) -> None:
        """Let the folder that was made here name files as they are called at home, in its recipe
        and in what it says of weights.
        """
        self._renamed(job, lambda file: str(self.home(file)))
        path = self.at(job.out) / PROVENANCE
        if path.is_file():
            here = json.dumps(str(self.root), ensure_ascii=False)[1:-1] + os.sep
            text = path.read_text(encoding="utf-8")
            durable.write_text(path, text.replace(here, os.sep))

    def _renamed(self, job: Job, rename: Rename) -> None:
        """Give the files that the frozen recipe of `job`'s folder here names, and that are not in
        it, other names. A collage's are named from its folder, which leads to them here too.
        """
        folder = self.at(job.out)
        path = folder / RECIPE
        if job.kind in ("atlas", "collage") or not path.is_file():
            return

        def outside(file: str) -> str:
            inside = Path(file).is_relative_to(folder)
            return Path(file).relative_to(folder).as_posix() if inside else rename(file)

        text = path.read_text(encoding="utf-8")
        found = renamed(job, text, folder, outside)
        if found != text:
            durable.write_text(path, found)


def renamed(job: Job, text: str, folder: Path, rename: Rename) -> str:
    """A recipe of the kind of `job`, whose files are named from `folder`, with other names for
    them.
    """
    if job.kind == "compile":
        return as_yaml(whole_words(read_yaml(text, job.name, folder), rename))
    if job.kind == "atlas":
        words = atlas_words(text)
        return (
            text
            if words.file is None
            else replace(words, network=rename(str(words.file))).as_text()
        )
    if job.kind == "collage":
        return as_yaml(collage_from_text(text, folder, f"{job.name}.yaml").with_files(rename))
    return as_yaml(recipe_from_text(text, folder, f"{job.name}.yaml").with_files(rename))
