"""What docs/collage.md says around the tables of its keys."""

from __future__ import annotations

from dreamer.recipe.background import Background
from dreamer.recipe.collage import Collage, Moves, Only, Print, Sort, Taken
from dreamer.recipe.collage_words import CollageRecipe
from dreamer.recipe.dressing import Blend, Look, Mask, Shadow
from dreamer.recipe.laying import (
    Contact,
    Grid,
    Justified,
    Masonry,
    Mosaic,
    Pass,
    Polaroid,
    Scatter,
    Spiral,
)
from dreamer.recipe.numbers import Words

PARTS: dict[str, type[Words]] = {
    "The collage recipe": CollageRecipe,
    "size, on paper": Print,
    "collage": Collage,
    "pictures": Taken,
    "only": Only,
    "sort": Sort,
    "background": Background,
    "layout: grid": Grid,
    "layout: justified": Justified,
    "layout: masonry": Masonry,
    "layout: scatter": Scatter,
    "layout: scatter: passes": Pass,
    "layout: polaroid": Polaroid,
    "layout: spiral": Spiral,
    "layout: contact": Contact,
    "layout: mosaic": Mosaic,
    "blend": Blend,
    "mask": Mask,
    "shadow": Shadow,
    "looks and finish": Look,
    "moves": Moves,
}
COLLAGE = """# Collages: many pictures in one

The tables of this page are made from the schema by `make docs`.

```sh
dreamer collage daemons                        # all pictures of a folder, in a grid
dreamer collage daemons "more/*.jpg" --layout scatter --size 2400x1600 --set collage.blend=multiply
dreamer collage recipes/collage/heap.yaml      # all of it said in a recipe
dreamer collage collages/daemons-1a2b3c4d/layout.json --size 9000x6750   # the same, for print
```

A collage has a folder of its own, by default `collages/<name>-<hash>/`: the picture, `preview.jpg`, `layout.json` (every piece's
file, hash, place, turn, height and blend mode), `recipe.yaml`, `scores.json` and `scores.csv` (what networks see in it, beside the
mean over its pieces), `pieces.csv` (the scores of every piece), `provenance.json`. The same command finds it done, or goes on,
as `dreamer collage DIR` does; other pictures or words make another collage. `dreamer resume`, `verify`, `encode` and `extend`
take its folder as any other: `resume` goes on with what was begun, or says that nothing is missing; `verify` checks every frame, or
the picture and what lies beside it, by hashes; films are made again and made longer. The recipe is inside the picture, and inside films (`dreamer show FILE`; `dreamer collage FILE` follows it), and `dreamer classify` takes the folder
as one thing. The pieces stay where they are: nothing is copied but into the picture.

`dreamer plan RECIPE` says what there will be: pictures found, layout, size, how many pieces lie in it, frames; not how long it takes,
which goes by how large the pictures are. All that can be refused without decoding one (unknown classes, rules that keep none,
margins, layouts, moves) is refused at once, before anything is looked at or written; what scores or damaged pictures refuse
later leaves no folder behind.

## A recipe

```yaml
title: A heap of daemons
seed: 7                                # decides all chance
size: [1600, 1200]                     # or a width alone; or {width: 60cm, height: 40cm, dpi: 300}
collage:
  pictures: [daemons, "more/*.jpg", {render: dream.yaml}, {files: first.png}]
  class: daisy                         # what scores are of
  only: {above: 0.3}
  sort: score
  limit: 300
  layout:
    scatter:                           # twice over the sheet
      passes:
        - {count: 120, size: [0.14, 0.42]}
        - {count: 30, size: [0.12, 0.3], blend: overlay, mask: {shape: ellipse, feather: 0.5}, shadow: off}
  shadow: on
  background: "#e8e2d4"
finish: {bloom: 0.3}
classify: {networks: [house, house-flowers], top: 5}
```

**Order and chance.** Pieces come in the order of `pictures`, folders in the order a person counts in (2 before 10), unless `sort` says
otherwise. Where a scatter puts a piece is decided by the seed and by what is in its file, and what comes later never moves what came
before: one more picture at the end of the list changes none of the others. One that comes before others makes a few of them smaller
(of 300 about ten, by a sixth); of those after it, `placing: random` moves none, `poisson` all that have no room now where they were,
which may be most, and `jittered` all. `keep: collages/…`, an earlier collage, lets new pictures come last. With a `count` below the
number of pictures, chance draws which are laid, and a new one takes the place of at most one; above it, pictures come again, and
those that do lie otherwise where there is one more. In all other layouts one more picture moves what comes after it, or all.

**Scores.** `only`, `sort: score`, `weights: score` and `captions: score` go by one class (`class: daisy`), a group (`flowers`) or a sum
(`daisy+roses`) of one network (`network`, which is `house` unless said). They are kept in the folder: the same pictures are looked
at once. Every collage ends with its own label scores beside the mean over its pieces, and says how much of its `class` both are:
`its 300 pieces are 63 % daisy to house, and the whole is 71 %` (a film's last frame; `chosen` in scores.json). Its pieces are those
that lie in it, each once; of a scatter or mosaic that lays fewer than there are, the command says how many it left. A network that
knows nothing but flowers is not asked how flowery they are. `classify: {every: …}` is of films.

**Room.** `placing: poisson` keeps pieces `apart` while there is room for that; what comes later lies where most is free, which is how
a scatter fills its sheet. Where `apart` or `placing` is said and cannot be kept, the command says for how many pieces, and how near
to each other the closest two are.

**Sizes.** With a width alone (`size: 1600`, `--size 1600`), grids, justified rows, masonry and contact sheets are as high as they get,
a mosaic has its target's shape, and the others are three quarters as high as wide. Films need both sides.

**Cropping.** In cells of one shape, pieces lose what does not fit: as much on both sides (`crop: centre`), or what matters least to the
network (`crop: saliency`). `crop: whole` keeps all of every piece.

**Captions** (`captions: name`, `score`, `date`, or `given` by `pictures`) stand below pictures in a contact sheet and on polaroids, in
dreamer's own font (Latin, Greek, Cyrillic) or in that of `font: FILE`; letters that it lacks are told of. They are as small as
their cards are; what would be smaller than 4 pixels is left out.

**Words for another layout** (captions in a grid, a treemap's weights in a scatter) change nothing, which is said when the collage is
made; words that deny each other are refused.

**Blend modes** follow [Compositing and Blending](https://www.w3.org/TR/compositing-1/), of levels as paint programs do
(`light: srgb`) or of light (`light: linear`). A piece's shadow is laid first, then the piece. Transparent pictures stay so;
a mosaic sees them on the background, and leaves out what is wholly transparent.
The background that nobody said is the one on which they show pieces as they are: white for `multiply` and `darken`, mid grey for
`overlay` and `soft-light` (which is faint on any), black for all others; in a scatter of passes the lowest one that is not `normal`
decides. On a colour that leaves nothing of them, as black does of what is multiplied, the command says so. Where many pieces lie
above each other, `multiply` and `darken` get dark, `screen` and `lighten` light: smaller ones (`size`), fewer (`count`) or see-through
ones (`alpha`) help.

**A dream on a collage**: `source: {collage: {…}}` in a render's recipe, or `source: {collage: FILE}` for a collage recipe. It is made
first, as a collage of its own, in `collages/`; the render then dreams on its picture, of which it keeps a copy.

**Print.** Sizes up to 20,000 on a side and 400 megapixels are drawn in bands, never whole in memory. A piece is drawn from at
most 8 megapixels of its picture, as is a background; masks, borders, words and shadows are drawn at the print's own size. Looks of
the whole that see more than a pixel at once (`finish`: bloom, kaleidoscope, threshold, grain) are of at most 30 megapixels.
`layout.json` is enough to draw the same
collage at another size, with as many dots an inch; the pieces' files are looked for where they were, and must be what they were.
They are named as they are reached from its folder; where that was moved, the same way is tried from the folders above it and from
where you are. What a hand changes in it is drawn, and drawn once more by the folder that comes of it; what cannot be drawn is
refused by its place.

**Films.** With a `length`, pieces move about their places by `moves`, and frames, films, resuming and making longer are as in any film
(a picture has no film to encode or make longer, and says so). In expressions `chance` is each piece's own (0 to 1, the same in all
frames), so that each moves in its own way, and `piece` goes from 0 for the first to 1 for the last; all names of
[schedules](recipe.md) are there, too:

```yaml
length: 12s
fps: 24
collage:
  pictures: daemons
  layout: scatter
  moves:
    move: [{expr: "0.01*sin(tau*(t/12 + chance))"}, {expr: "0.02*noise(t/3, 100*chance)"}]
    turn: {expr: "6*sin(tau*(t/6 + chance))"}
```

Pieces that lie still lie at whole pixels, as in a picture; those that move, turn or grow at any frame lie between them at every frame.
Their edges cover pixels in part, so that what lies below shines through between two that touch and move alike: let them overlap, or
leave them a gutter. Pieces are made ready once for all frames, and again where they grow.

**What is left out.** Pictures and folders inside others that cannot be read are named and left out, as are films in folders
(`dreamer compile` puts films together), collages that were made there before (one is a piece where it is named itself, or its
picture by a pattern: `collages/*/*.png`) and copies of a file that is there already (`duplicates: keep` keeps them). A folder without pictures, or a rule that keeps none of
them, is an error.

**Names that are no UTF-8** are written with their bytes as `\\xE4`, in messages, `layout.json`, `pieces.csv` and in recipes:
`pictures: 'K\\xE4fer.png'`, in single quotes. A backslash that would be read so is `\\x5C`. Of Windows, all names are as they are.
"""
