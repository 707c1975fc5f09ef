"""The pages of docs/ that are tables of keys, and the JSON Schemas, made from the schema: `python -m dreamer.recipe.reference`."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from dreamer.recipe.ascent import Ascent, Crops, Octave, Transform
from dreamer.recipe.asking import ALSO, OBJECTIVES
from dreamer.recipe.collage_reference import COLLAGE
from dreamer.recipe.collage_reference import PARTS as COLLAGE_PARTS
from dreamer.recipe.compile_reference import COMPILE
from dreamer.recipe.compile_reference import PARTS as COMPILE_PARTS
from dreamer.recipe.easing import EASINGS
from dreamer.recipe.expressions import FUNCTIONS, NAMES, SIGNALS
from dreamer.recipe.follow import Follow
from dreamer.recipe.json_schemas import collage_schema, compile_schema, schema, sweep_schema
from dreamer.recipe.numbers import Expression, Key, Keyframes, WordKey, WordKeyframes, Words
from dreamer.recipe.output import Output
from dreamer.recipe.parts import Classify, Close, Colors, Inpaint, Motion, Source, Wobble
from dreamer.recipe.presets import PRESETS
from dreamer.recipe.scene import Scene
from dreamer.recipe.schema import Recipe
from dreamer.recipe.sound import Sound
from dreamer.recipe.sweep_reference import PARTS as SWEEP_PARTS
from dreamer.recipe.sweep_reference import SWEEP
from dreamer.recipe.targets import Choice, Network, Other, Target
from dreamer.recipe.training_reference import PARTS as TRAINING_PARTS
from dreamer.recipe.training_reference import TRAINING

DOCS = Path(__file__).parents[2] / "docs"
PARTS: dict[str, type[Words]] = {
    "The recipe": Recipe,
    "source": Source,
    "network": Network,
    "target": Target,
    "target: channels": Choice,
    "target: other": Other,
    "ascent": Ascent,
    "ascent: octaves": Octave,
    "ascent: transforms": Transform,
    "ascent: transforms: crops": Crops,
    "inpaint": Inpaint,
    "colors": Colors,
    "follow": Follow,
    "motion": Motion,
    "motion: wobble": Wobble,
    "scenes": Scene,
    "sound": Sound,
    "close": Close,
    "output": Output,
    "classify": Classify,
}
INTRODUCTION = """# The recipe: every key

This page is made from the schema by `make docs`. Editors that know JSON Schema check recipes against
`docs/recipe.schema.json`; `dreamer plan RECIPE` checks everything.

A recipe is YAML, read by the rules of YAML 1.2: `off` and `yes` are words, `1e-3` is a number, `010` is ten,
a key given twice is an error. `extends: other.yaml` lays a recipe over another; `--set ascent.steps=20` changes
a key without touching the file. File names are relative to the recipe they stand in, those of `--set` to where
you are.

A **number** is a constant, keyframes or an expression:

```yaml
zoom: 1.25
zoom: {keys: [{at: 0s, value: 1.1}, {at: 50%, value: 1.4, ease: in_out_sine}, {at: end, value: 1.1}]}
rotate: {expr: "4*sin(tau*t/period) + noise(t, 7)", vars: {period: 8}, clamp: [-6, 6]}
```

A moment (`at`) is a frame (`12`), seconds (`1.5s`), a part of the film (`50%`), `end`, or, in a film with a
[sound](sound.md), `beat 8`; lengths there may be `16 beats`. Before its first key
and after its last a number stays; zoom goes between keys in equal ratios. Values of `motion` are rates a second,
so the film does not change with `fps`; the value at frame n is what happens between frames n−1 and n.

[film.md](film.md) compares the kinds of films that `output` may ask for; [effort.md](effort.md) says what
`ascent: {effort: 0.5}` saves, and what it keeps.
"""


def kind_of(annotation: Any) -> str:
    """A type in the words of this page."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        return kind_of(inner[0])
    if origin in (typing.Union, types.UnionType):
        kinds = dict.fromkeys(kind_of(a) for a in inner if a is not type(None))
        if "keyframes" in kinds and "number" in kinds:
            kinds = {"number, keyframes or expression": None} | {
                k: None for k in kinds if k not in ("number", "keyframes", "expression")
            }
        return " or ".join(kinds)
    if origin is Literal:
        return ", ".join(f"`{a}`" for a in inner)
    if origin is list:
        return f"list of {kind_of(inner[0])}"
    if origin is tuple:
        return f"[{', '.join(kind_of(a) for a in inner)}]"
    if origin is dict:
        kind = kind_of(inner[1])
        return "mapping of numbers" if kind == "number" else f"mapping of {kind}"
    if isinstance(annotation, type) and issubclass(annotation, Words):
        named = {Keyframes: "keyframes", WordKeyframes: "keyframes", Expression: "expression"}
        return named.get(annotation, "mapping")
    if annotation is Any:
        return "values"
    names = {int: "whole number", float: "number", str: "word", bool: "true or false"}
    return names.get(annotation, str(annotation))


def default_of(info: FieldInfo) -> str:
    """What a key is when it is not said."""
    if info.is_required():
        return "must be said"
    value = info.default
    if isinstance(value, Words) or value is None or value == {} or value == "":
        return ""
    if isinstance(value, list):
        return ", ".join(f"`{said}`" for said in map(_brief, value) if said)
    return f"`{json.dumps(value)}`" if not isinstance(value, str) else f"`{value}`"


def _brief(value: object) -> str:
    """A part of a list as a recipe would say it, without what need not be said."""
    if not isinstance(value, Words):
        return str(value)
    said = value.model_dump(exclude_defaults=True)
    if set(said) <= {"layer"}:
        return ", ".join(map(str, said.values()))
    return f"{{{', '.join(f'{k}: {v:g}' for k, v in said.items())}}}"


def rows(model: type[Words]) -> Iterator[str]:
    """The table of a part of the recipe, line by line."""
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    if model.model_config.get("extra") == "allow":
        yield "| any of the recipe | list of values |  | What it is, in turn. |"
    for name, info in model.model_fields.items():
        key = info.alias or name
        yield (
            f"| `{key}` | {kind_of(info.annotation)} | {default_of(info)} | {info.description} |"
        )


def markdown() -> str:
    """The text of docs/recipe.md."""
    lines = [INTRODUCTION]
    for title, model in PARTS.items():
        lines += [f"## {title}", "", *rows(model), ""]
    lines += ["## Keys of keyframes", "", *rows(Key), ""]
    lines += ["Layers and classes change in time too, with a fade (`blend`):", "", *rows(WordKey)]
    lines += ["", "## Expressions", "", *rows(Expression), ""]
    lines += ["Names:", "", *(f"- `{name}`: {what}" for name, what in NAMES.items()), ""]
    lines += ["And in a film with a sound ([sound.md](sound.md)):", ""]
    lines += [*(f"- `{name}`: {what}" for name, what in SIGNALS.items()), ""]
    lines += [f"Functions: {', '.join(f'`{f}`' for f in FUNCTIONS)}. Operators: `+ - * / // % **`,"]
    lines += ["comparisons, `and`, `or`, `not`, `a if test else b`. `noise(x, seed)` is smooth and"]
    lines += ["lies in [-1, 1]; `random(seed)` lies in [0, 1). Nothing else is allowed.", ""]
    lines += ["## Easings", "", ", ".join(f"`{e}`" for e in EASINGS) + ".", ""]
    lines += [*_objectives(), "", *_presets()]
    return "\n".join(lines) + "\n"


def _objectives() -> Iterator[str]:
    yield from ("## Objectives", "", "What may be asked of a layer or a class (`objective`), with")
    yield from (
        "the keys of the target that it needs, and those it takes. Pictures of each are in",
    )
    yield from ("[objectives.md](objectives.md).", "", "| of | objective | needs | takes | is |")
    yield "|---|---|---|---|---|"
    for name, row in OBJECTIVES.items():
        needs = ", ".join(" or ".join(f"`{key}`" for key in one) for one in row.needs)
        needs = ", ".join(filter(None, (needs, "`samples`" if row.batch else "")))
        takes = ", ".join(f"`{key}`" for key in (*row.takes, *(["apart"] if row.apart else [])))
        word = name.removeprefix("class_")
        yield f"| {row.of} | `{word}` | {needs} | {takes} | {row.what} |"
    also = ", ".join(f"`{other}` is `{name}`" for other, name in ALSO.items())
    yield from ("", f"Other programs' names are understood: {also}.")


def _presets() -> Iterator[str]:
    yield from ("## Presets", "", f"| key | {' | '.join(f'`{p}`' for p in PRESETS)} |")
    yield "|---" * (len(PRESETS) + 1) + "|"
    for key in next(iter(PRESETS.values())):
        yield f"| `{key}` | {' | '.join(_shown(p[key]) for p in PRESETS.values())} |"


def _shown(value: object) -> str:
    if isinstance(value, list):
        octaves = (", ".join(f"{k}: {v:g}" for k, v in one.items()) for one in value)
        return "; ".join(f"{{{octave}}}" for octave in octaves)
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def training_markdown() -> str:
    """The text of docs/training.md."""
    return "\n".join(_tables(TRAINING, TRAINING_PARTS))


def collage_markdown() -> str:
    """The text of docs/collage.md."""
    return "\n".join(_tables(COLLAGE, COLLAGE_PARTS))


def _tables(introduction: str, parts: Mapping[str, type[Words]]) -> list[str]:
    lines = [introduction]
    for title, model in parts.items():
        lines += [f"## {title}", "", *rows(model), ""]
    return lines


def compile_markdown() -> str:
    """The text of docs/compile.md."""
    titled = {f"{title}: keys": model for title, model in COMPILE_PARTS.items()}
    return "\n".join(_tables(COMPILE, titled))


def sweep_markdown() -> str:
    """The text of docs/sweeps.md."""
    return "\n".join(_tables(SWEEP, SWEEP_PARTS))


def write() -> None:
    """Write all of them."""
    DOCS.joinpath("collage.md").write_text(collage_markdown(), encoding="utf-8")
    DOCS.joinpath("collage.schema.json").write_text(collage_schema(), encoding="utf-8")
    DOCS.joinpath("training.md").write_text(training_markdown(), encoding="utf-8")
    DOCS.joinpath("compile.md").write_text(compile_markdown(), encoding="utf-8")
    DOCS.joinpath("compilation.schema.json").write_text(compile_schema(), encoding="utf-8")
    DOCS.joinpath("recipe.md").write_text(markdown(), encoding="utf-8")
    DOCS.joinpath("recipe.schema.json").write_text(schema(), encoding="utf-8")
    DOCS.joinpath("sweeps.md").write_text(sweep_markdown(), encoding="utf-8")
    DOCS.joinpath("sweep.schema.json").write_text(sweep_schema(), encoding="utf-8")


if __name__ == "__main__":
    write()
