"""What docs/collage.md says around the tables of its keys."""

from __future__ import annotations

from dreamer.recipe.collage import Background, Collage, Moves, Only, Print, Sort, Taken
from dreamer.recipe.collage_recipe import CollageRecipe
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
dreamer collage collages/daemons-1a2b3c4d/layout.json --size 9000x6000   # the same, for print
```

A collage has a folder of its own, by default `collages/<name>-<hash>/`: the picture, `preview.jpg`, `layout.json` (every piece's
file, hash, place, turn, height and blend mode), `recipe.yaml`, `scores.json` and `scores.csv` (what networks see in it, beside the
mean over its pieces), `pieces.csv` (the scores of every piece), `provenance.json`. The same command finds it done, or goes on,
as `dreamer collage DIR` does; other pictures or words make another collage. The recipe is inside the picture (`dreamer show FILE`), and `dreamer classify` takes the folder
as one thing. The pieces stay where they are: nothing is copied but into the picture.

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
        - {count: 120, size: [0.2, 0.4], alpha: [0.6, 0.9]}
        - {count: 60, size: [0.1, 0.25], blend: multiply, mask: {shape: ellipse, feather: 0.5}}
  shadow: on
  background: "#e8e2d4"
finish: {bloom: 0.3}
classify: {networks: [house, house-flowers], top: 5}
```

**Order and chance.** Pieces come in the order of `pictures`, folders in the order a person counts in (2 before 10), unless `sort` says
otherwise. Where a scatter puts a piece is decided by the seed and by what is in its file, so that one more picture moves none of the
others but those it would lie too near to; at the end of the list it moves none.

**Scores.** `only`, `sort: score`, `weights: score` and `captions: score` go by one class (`class: daisy`), a group (`flowers`) or a sum
(`daisy+roses`) of one network (`network`, which is `house` unless said). They are kept in the folder: the same pictures are looked
at once. Every collage ends with its own label scores beside the mean over its pieces; `classify: {every: …}` is of films.

**Cropping.** In cells of one shape, pieces lose what does not fit: as much on both sides (`crop: centre`), or what matters least to the
network (`crop: saliency`). `crop: whole` keeps all of every piece.

**Words for another layout** (captions in a grid, a treemap's weights in a scatter) change nothing, which is said when the collage is
made; words that deny each other are refused.

**Blend modes** follow [Compositing and Blending](https://www.w3.org/TR/compositing-1/), of levels as paint programs do
(`light: srgb`) or of light (`light: linear`). A piece's shadow is laid first, then the piece. Transparent pictures stay so.

**A dream on a collage**: `source: {collage: {…}}` in a render's recipe, or `source: {collage: FILE}` for a collage recipe. It is made
first, as a collage of its own, in `collages/`; the render then dreams on its picture, of which it keeps a copy.

**Print.** Sizes up to 20,000 on a side and 400 megapixels are drawn in bands, never whole in memory. A piece is drawn from at
most 8 megapixels of its picture. `layout.json` is enough to draw the same
collage at another size, with as many dots an inch; the pieces' files are looked for where they were, and must be what they were.
What a hand changes in it is drawn, and drawn once more by the folder that comes of it; what cannot be drawn is refused by its place.

**Films.** With a `length`, pieces move about their places by `moves`, and frames, films and resuming are as in any film:

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

**What is left out.** Pictures that cannot be read are named and left out, as are films in folders (`dreamer compile` puts films together)
and copies of a file that is there already (`duplicates: keep` keeps them). A folder without pictures, or a rule that keeps none of
them, is an error.
"""
