"""JSON Schemas of recipes, by which editors check them as they are typed. What may be said shorter
than it is kept (a word for a mapping, one thing for a list of it) is added to what pydantic makes.
"""

from __future__ import annotations

import json
from typing import Any, get_args

from dreamer.recipe.collage import Key
from dreamer.recipe.collage_words import CollageRecipe
from dreamer.recipe.compilation import Compilation
from dreamer.recipe.dressing import MODES, SHAPES
from dreamer.recipe.laying import LayoutWords
from dreamer.recipe.schema import Recipe
from dreamer.recipe.sweep_keys import RESERVED
from dreamer.recipe.sweep_words import RULES, Sweep


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
    scenes = found["$defs"]["Scene"]["properties"]
    scenes["target"]["anyOf"] = [*target["anyOf"], listed, {"type": "null"}]
    outputs = properties["output"]
    listed = {word: outputs[word] for word in ("type", "items")} | {"minItems": 1}
    outputs.pop("default")
    properties["output"] = outputs | {"anyOf": [{"$ref": "#/$defs/Output"}, listed]}
    for word in ("type", "items"):
        properties["target"].pop(word, None)
        properties["output"].pop(word, None)
    properties["classify"]["anyOf"].append({"const": "off"})
    _shorten_collages(found["$defs"])
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
    properties = found["properties"]
    properties["extends"] = {"type": "string", "description": "A recipe to lay this one over."}
    for name, info in CollageRecipe.model_fields.items():
        properties[name].setdefault("description", info.description)
    _shorten(properties, "output", {"$ref": "#/$defs/Output"})
    _shorten(properties, "finish", {"$ref": "#/$defs/Look"})
    _shorten(properties, "classify", {"const": "off"})
    _shorten_collages(found["$defs"])
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(head | found, indent=1, ensure_ascii=False) + "\n"


def sweep_schema() -> str:
    """The text of docs/sweep.schema.json: a recipe's, and what a sweep says beside it."""
    found = json.loads(schema())
    own = Sweep.model_json_schema(by_alias=True)
    for name, info in Sweep.model_fields.items():
        own["properties"][name].setdefault("description", info.description)
    models = own["$defs"]
    ruled = [{"required": [rule]} for rule in RULES]
    models["Draw"]["oneOf"] = ruled
    rows = next(one for one in own["properties"]["zip"]["anyOf"] if one["type"] == "object")
    # Keys may be nested as a recipe has them; how deep is left to who reads the sweep.
    for holder in (models["Matrix"], rows, models["Random"]["properties"]["keys"]):
        nested = {"type": "object", "not": {"anyOf": ruled}}
        holder["additionalProperties"] = {"anyOf": [holder["additionalProperties"], nested]}
    for key in RESERVED:
        _shorten(models["Matrix"]["properties"], key, {"type": "object"})
    found["properties"] |= own["properties"]
    found["$defs"] |= models
    found["title"], found["description"] = "Sweep", "A recipe, and what of it is varied."
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _shorten_collages(models: dict[str, Any]) -> None:
    """Let what a collage says be said shorter."""
    collage = models["Collage"]["properties"]
    _shorten(collage, "pictures", {"type": "string"})
    pictures = collage["pictures"]["anyOf"][0]
    pictures["items"] = {"anyOf": [pictures["items"], {"type": "string"}]}
    _shorten(collage, "only", {"$ref": "#/$defs/Only"})
    _shorten(collage, "sort", {"enum": list(get_args(Key))})
    _shorten(collage, "layout", {"enum": list(LayoutWords.model_fields)})
    _shorten(collage, "background", {"type": "string"})
    for name in ("Collage", "Scatter", "Pass"):
        dressed = models[name]["properties"]
        _shorten(dressed, "looks", {"$ref": "#/$defs/Look"})
        _shorten(dressed, "blend", {"enum": list(MODES)})
        _shorten(dressed, "mask", {"enum": list(SHAPES)})
        _shorten(dressed, "shadow", {"enum": ["on", "off"]})
    for name in ("Scatter", "Pass"):
        for key in ("size", "turn", "alpha"):
            _shorten(models[name]["properties"], key, {"type": "number"})


def _shorten(properties: dict[str, Any], key: str, also: dict[str, Any]) -> None:
    """Let `key` be `also` besides what it is."""
    said = properties[key]
    whole = {k: said.pop(k) for k in WHOLE if k in said}
    said["anyOf"] = [*said.get("anyOf", [whole] if whole else []), also]


# What a schema says of a value, beside its meaning and its default.
WHOLE = ("$ref", "type", "items", "prefixItems", "allOf", "minItems", "maxItems")
