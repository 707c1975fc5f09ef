"""What docs/sweeps.md says around the tables of its keys."""

from __future__ import annotations

from dreamer.recipe.numbers import Words
from dreamer.recipe.sweep_words import Draw, Matrix, Random, Sweep

PARTS: dict[str, type[Words]] = {
    "The sweep": Sweep,
    "matrix": Matrix,
    "random": Random,
    "random: keys": Draw,
}
SWEEP = """# Sweeps: one recipe, many pictures

This page is made from the schema by `make docs`; editors that know JSON Schema check sweeps against `docs/sweep.schema.json`.

```sh
dreamer sweep recipes/sweep-gardens.yaml --dry-run   # how many, how large, how much work, about how long
dreamer sweep recipes/sweep-gardens.yaml --run       # queued, then made
dreamer gallery build renders/sweep-gardens          # "Sweeps" there shows them as a table
```

A sweep is a recipe that also says which of its keys are varied. It may `extends` another recipe, which is the shortest way to one:

```yaml
extends: glass.yaml
matrix:                                          # every combination of these: 2 × 3 = 6
  ascent.octaves: [3, 4]
  target: [{class: stained_glass}, {class: dome_inner}, inception_4c]
  exclude:                                       # but for these
    - {ascent.octaves: 4, target: inception_4c}
  include:                                       # and with these
    - {target: {class: dome_inner}, ascent.steps: 40}  # added to the combinations it fits: both domes
    - {ascent.octaves: 2, ascent.steps: 60}      # which fits none, and is one of its own
zip:                                             # rows side by side: × 2
  source: [{noise: pink}, {noise: plasma}]
  title: [Pink, Plasma]
random:                                          # drawn by chance: × 20
  n: 20
  seed: 7
  keys:
    ascent.step: {between: [0.5, 3], log: true}
    seed: {integers: [1, 9999]}
    ascent.preset: {choice: [deepdream-2015, lucid]}
```

## What is varied

**Keys** are those of [a recipe](recipe.md), as `--set` has them: `ascent.steps`, `target.0.weight`. `ascent: {steps: [10, 20]}` says the
same as `ascent.steps: [10, 20]`. **Values** are whatever the recipe may have there, and are laid over it as `--set` lays them: a
mapping changes what it names and keeps the rest, `target: {class: dome_inner}` takes the place of a layer. What is larger comes first:
`target`, then `target.0.weight`. A sweep that extends a sweep varies the keys of both, but its own `random` takes the
place of the other's. Files are relative to the file they are written in. Only one of matrix, zip and random may vary a key.

**matrix** makes every combination, the last key varying fastest. `exclude` and `include` mean what they do in GitHub's workflows:
what all keys and values of an `exclude` fit is left out; then each `include` is added to all combinations whose values of the
matrix it does not deny, and is a combination of its own where there is none. An `exclude` that leaves out nothing is told of.

**zip** takes the first values of all its keys, then the second ones …; all must be equally many.

**random** draws `n` times. Every draw is a function of `seed`, its number and its key alone: a larger `n` or more keys change none of
those that were drawn. Numbers are rounded to about a millionth of their span, or to seven digits with `log`. Steps, octaves and
jitter are whole numbers, which `integers` draws (with `log` too); `between` is refused for them.

What is given together is multiplied: matrix × zip × random, random varying fastest, so that all combinations of a matrix see
the same draws. At most 10,000 combinations are made, not counting what is excluded (of a matrix of up to 400,000).

Combinations that are equal, or that say the same render in different words, are told of and made once. What is wrong is told of all
combinations at once, with file, line and key, each mistake once and with how many share it; then nothing is queued. What a mistake
hides is looked for without the value that is wrong, unless that decides what others mean, as `source`, `network` and `ascent.preset` do.

## What comes of it

`dreamer sweep FILE` puts a job for each combination into [the queue](batch.md) (`--queue FILE`, else `DREAMER_QUEUE`, else
`batch.sqlite` here), and `dreamer batch run` makes them; `--run` does that at once, with all else that waits there (`--json` then tells
of each of its jobs how it ended and where it is). `dreamer
batch add FILE` does the same with the options that it has: `--threads`, `--force`, `--keep-going` (which queues the combinations that
are right). `--priority 5` goes before others. `batch cancel NAME`, `retry`, `list` and `priority` take the sweep's name for all of its jobs. `--set` changes the recipe or the sweep (`--set random.n=40`, `--set matrix.ascent.steps=[10, 20]`), and
makes a sweep of a plain recipe: `dreamer sweep recipes/glass.yaml --set "matrix.seed=[1, 2, 3]"`. A picture or film that
carries a recipe may stand for it; that recipe opens files elsewhere only with `--trust`.

Each has a folder of its own, `renders/NAME/001-octaves-3-class-dome_inner-1a2b3c4d` (`--out DIR` instead of `renders/NAME`): its number from 1,
its values as far as there is room, and the hash of what it is made of. In it is an ordinary render, with the bytes that `dreamer
render` would have made of the recipe with those values set, under the same threads. `provenance.json` says of which sweep it is:

```json
"sweep": {"name": "gardens", "sha256": "…", "index": 1, "coordinates": {"ascent.octaves": 3, "target": {"class": "dome_inner"}}}
```

`sha256` is of the recipe that is varied and the keys that are: more values or draws make no other sweep. What was made before is not
made again when a sweep grows, and keeps its folder, though numbers after it may change. A render that was made outside of the
sweep, of the same recipe, is told to be there and stays where it is.

## Before it is made

`--dry-run` checks all of it and writes no render and no queue. It tells how many stills and films, a table of their values (the first 20;
`--json` has all of them, with size, frames, work and seconds), megapixel-steps and multiply-adds as [`dreamer plan`](../README.md) counts
them, bytes on the disk (frames at half the bytes of their pixels, as of most dreams, the stills' copies, and states to go on from;
films not counted), and a time.

The time is measured: of each kind of work (network, layers, how they are looked at, size by powers of four, how many are rendered
[together](batch.md#groups)) a few steps of the smallest are made, and what a megapixel-step takes there is taken for all of that
kind. After 20 seconds no other kind is begun, and the rest is reckoned by multiply-adds. What was measured is kept in `calibration.json` in dreamer's folder (`DREAMER_HOME`), for this
machine, kind and size. To that are added the encoding of frames, 0.4 s a job and 4 s for starting, and all is divided among the
workers that `dreamer batch run` would start here. Encoding of films is not counted, nor that workers side by side slow each
other down, nor what else the machine does.
"""
