"""What docs/training.md says around the tables of its keys."""

from __future__ import annotations

from dreamer.recipe.numbers import Words
from dreamer.recipe.retraining import (
    HeadWords,
    PhotographAugment,
    Retraining,
    UnfreezeWords,
)
from dreamer.recipe.training import (
    Attack,
    Augment,
    Motifs,
    Optimiser,
    Photographs,
    SplitWords,
    StageWords,
    Training,
)

PARTS: dict[str, type[Words]] = {
    "The retraining recipe": Retraining,
    "head": HeadWords,
    "unfreeze": UnfreezeWords,
    "augment, retraining": PhotographAugment,
    "split": SplitWords,
    "The training recipe": Training,
    "photographs": Photographs,
    "motifs": Motifs,
    "stages": StageWords,
    "augment, training": Augment,
    "optimiser": Optimiser,
    "attack": Attack,
}
TRAINING = """# Training: from a folder of pictures to a network that dreams

This page is made from the schema by `make docs`.

Pictures lie in class folders, those in a folder: `pictures/flowers/daisy/1.jpg`. Two classes are the least; a hundred
pictures of each is a good beginning. `dreamer dataset fetch` gathers them from lists of addresses and `dreamer dataset check`
looks them through ([datasets.md](datasets.md)). Which are learnt from and which are kept for testing is decided by a hash of
each picture's name with the two folders above it (`flowers/daisy/1.jpg`), so that more pictures move none. A folder that gets
another name would be split anew; `split_as: flowers` keeps its old one.

## Retraining: a network learns your classes

```yaml
# my-dream.yaml
source: {image: photo.jpg}
network: trainings/my-flowers/my-flowers.json
target: {class: daisy}
```

```sh
dreamer retrain pictures/flowers --base house --out trainings/my-flowers --set name=my-flowers
dreamer classify photo.jpg --network trainings/my-flowers/my-flowers.json
dreamer render my-dream.yaml --out dream
dreamer networks import trainings/my-flowers/my-flowers.json
```

The new network is one like any other; once imported, its name is enough. Retraining begins with what the base makes of each picture (its bottleneck), which is kept: another run with the same base sees no
picture again. From these the class head is learnt, in seconds; `--head-only` ends there. Then more of the network learns, from
the top downwards, on pictures that are mirrored, cropped, turned and coloured anew each time. Pictures held out decide when it
is enough and which weights were best, others that decided nothing say how good it is. `--base` is any network with a class
head: `house`, `judge`, one of torchvision's, one of your own.

The folder then holds `my-flowers.safetensors` (the weights), `my-flowers.json` (the card: classes, range, layers, how good
it is), `my-flowers.txt` (the classes), `report.html` and `report.json` (how good, where it errs: [reports.md](reports.md)),
`checkpoint.pt`, and `events/`, which `tensorboard --logdir` shows. The same command goes on where it was stopped, to the same
weights as without the stop. Pictures that cannot be read are left out and said. Of a picture that is
there twice in a class one stays, that which is measured on if they fall into two parts; one that lies in two classes, byte for
byte, is learnt in neither, as in [data sets](datasets.md): one of its labels is wrong, or it shows both.

All of it can be said in a recipe, `dreamer retrain retraining.yaml --data pictures/flowers`:

```yaml
# retraining.yaml
base: house
unfreeze:                                    # after the head alone
  - {depth: 0.4, epochs: 4}                  # the upper two fifths
  - {first: inception_3a, epochs: 12, rate: find}
augment: {flip: true, crop: 0.3, rotate: 10, brightness: 0.1, colour: 0.2}
balance: true                                # for classes of very different sizes
```

`epsilon: 0.5` in a stage of `unfreeze` trains against small changes made to mislead it: dearer, a little less right, and its
dreams look more like things.

## Training: from nothing

```yaml
# flowers.yaml
title: My flowers
name: my-flowers
base: house                        # start from what house knows; without it, from nothing
photographs: {folders: [flowers], epsilon: 1.2}
stored: 112
stages: [{side: 96, steps: 300}]   # two minutes on two cores for each hundred
optimiser: {peak: 1.0e-3}
measure: 100
```

```sh
dreamer train flowers.yaml --data pictures --out trainings/flowers-from-house
dreamer classify photo.jpg --network trainings/flowers-from-house/my-flowers.json
```

`architecture` is one of [those made to be learnt](networks.md#networks-to-train-from-nothing): `alexnet-bn`, `alexnet-lean`,
`keras-mnist`, a VGG by its layers (`vgg:64,64,M,128,128,M`), `house`. Pictures are normalised by the mean and deviation of
those learnt from. `photographs: {folders: [mnist]}` reads MNIST's own files. While it learns, logits that explode, units that
are dead, a loss that is no number and pictures learnt by heart are named, with what to change.

`epsilon` above 0 trains against small changes made to mislead it (L2, at 64 px; house learnt with 1.2 for photographs and
2.0 for motifs). It costs a second pass a step and some accuracy, and is why its dreams look like things. A few hundred steps
make a classifier; a network to dream with wants thousands, and many classes.

From class folders, what cannot be read and what is there twice is left out and said, as by `retrain`; a pack gives all that was
put into it.

In `recipes/train/`: `alexnet.yaml` and `alexnet-lean.yaml` (twenty things), `vgg.yaml`, `mnist.yaml` and `mnist-shifted.yaml`
(digits), `house.yaml`, `house-flowers.yaml`, `judge.yaml`; in `recipes/retrain/`: `poets.yaml` (the head alone) and
`to-dream-with.yaml`.

What they came to, on pictures that were kept apart:

| recipe | right | of what |
|---|---|---|
| `train/mnist.yaml`, seeds 1, 2, 3 | 99.08, 99.16, 99.22 % (mean 99.15 %; 99.25 % was claimed for it) | 10,000 digits |
| `train/mnist-shifted.yaml`, seed 1 | 99.43 % | 10,000 digits |
| `train/alexnet.yaml` | 87.8 % mean over classes (the original had 25 %) | 358 pictures of twenty things |
| `train/alexnet-lean.yaml` | 89.0 % mean over classes | the same |
| `retrain` on five flowers, base house | 80.7 and 81.0 % in two runs; with `--head-only` 80.7 % | 295 pictures |
"""
