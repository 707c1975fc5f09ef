"""JSON Schemas of recipes, by which editors check them as they are typed. What may be said shorter
than it is kept (a word for a mapping, one thing for a list of it) is added to what pydantic makes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from dreamer.recipe.collage import Key
from dreamer.recipe.collage_recipe import CollageRecipe
from dreamer.recipe.compilation import Compilation
from dreamer.recipe.dressing import MODES
from dreamer.recipe.laying import LayoutWords
from dreamer.recipe.schema import Recipe


def schema() -> str:
    """The text of docs/recipe.schema.json."""
    found = Recipe.model_json_schema(by_alias=True)
    properties = found["properties"]
    for name, info in Recipe.model_fields.items():  # pydantic drops some beside a reference
        properties[name].setdefault("description", info.description)
    properties["extends"] = {"type": "string", "description": "A recipe to lay this one over."}
    properties["sound"]["anyOf"] += [{"type": "string"}, {"const": False}]
    target = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Target"}]}
    listed = {"type": "array", "items": target, "minItems": 1}
    properties["target"] = properties["target"] | {"anyOf": [*target["anyOf"], listed]}
    outputs = properties["output"]
    listed = {word: outputs[word] for word in ("type", "items")} | {"minItems": 1}
    outputs.pop("default")
    properties["output"] = outputs | {"anyOf": [{"$ref": "#/$defs/Output"}, listed]}
    for word in ("type", "items"):
        properties["target"].pop(word, None)
        properties["output"].pop(word, None)
    properties["classify"]["anyOf"].append({"const": "off"})
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(head | found, indent=1, ensure_ascii=False) + "\n"


def compile_schema() -> str:
    """The text of docs/compilation.schema.json."""
    found = Compilation.model_json_schema(by_alias=True)
    found["properties"]["extends"] = {"type": "string", "description": "A recipe to lay it over."}
    shorts = {"Clip": ("string",), "Transition": ("string",), "Caption": ("string",)}
    shorts["Bed"] = ("string",)
    for name, kinds in shorts.items():
        whole = found["$defs"][name]
        found["$defs"][name] = {"anyOf": [whole, *({"type": kind} for kind in kinds)]}
    caption = found["$defs"]["Clip"]["anyOf"][0]["properties"]["caption"]["anyOf"]
    caption.append({"$ref": "#/$defs/Caption"})
    output = found["properties"]["output"]
    output.pop("default", None)
    listed = {word: output.pop(word) for word in ("type", "items")}
    output["anyOf"] = [{"$ref": "#/$defs/Output"}, listed]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(head | found, indent=1, ensure_ascii=False) + "\n"


def collage_schema() -> str:
    """The text of docs/collage.schema.json."""
    found = CollageRecipe.model_json_schema(by_alias=True)
    found["properties"]["extends"] = {
        "type": "string",
        "description": "A recipe to lay this one over.",
    }
    properties, collage = found["properties"], found["$defs"]["Collage"]["properties"]
    for name, info in CollageRecipe.model_fields.items():
        properties[name].setdefault("description", info.description)
    # What is said shorter than it is kept: a word for a mapping, one thing for a list of it.
    shorter: list[tuple[dict[str, Any], str, list[Any]]] = [
        (properties, "output", [{"$ref": "#/$defs/Output"}]),
        (properties, "finish", [{"$ref": "#/$defs/Look"}]),
        (properties, "classify", [{"const": "off"}]),
        (collage, "pictures", [{"type": "string"}]),
        (collage, "only", [{"$ref": "#/$defs/Only"}]),
        *((part, "looks", [{"$ref": "#/$defs/Look"}]) for part in _dressed(found)),
        (collage, "sort", [{"enum": list(get_args(Key))}]),
        (collage, "layout", [{"enum": list(LayoutWords.model_fields)}]),
        (collage, "background", [{"type": "string"}]),
        *((part, "blend", [{"enum": list(MODES)}]) for part in _dressed(found)),
        *((part, "mask", [{"type": "string"}]) for part in _dressed(found)),
        *((part, "shadow", [{"enum": ["on", "off"]}]) for part in _dressed(found)),
    ]
    for part, key, also in shorter:
        said = part[key]
        kept = {k: said.pop(k) for k in ("$ref", "type", "items", "allOf", "minItems") if k in said}
        said["anyOf"] = [*said.get("anyOf", [kept] if kept else []), *also]
    pictures = collage["pictures"]["anyOf"][0]
    pictures["items"] = {"anyOf": [pictures["items"], {"type": "string"}]}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(head | found, indent=1, ensure_ascii=False) + "\n"


def _dressed(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The properties of all that says how pieces are drawn."""
    for model in ("Collage", "Scatter", "Pass"):
        yield found["$defs"][model]["properties"]
