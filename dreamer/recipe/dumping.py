"""Plain data as YAML that reads back the same under a recipe's rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import yaml


def as_yaml(tree: Mapping[str, Any]) -> str:
    """Plain data as YAML that reads back the same under our rules, keys in the order of the
    tree.
    """
    return yaml.dump(dict(tree), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """Quotes every word that could be read as something else; never writes an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _word(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = text.replace("_", "").replace("-", "").isalpha() and text.lower() not in (
        "null",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
    )
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else "'")


def _float(dumper: yaml.SafeDumper, number: float) -> yaml.ScalarNode:
    text = {math.inf: ".inf", -math.inf: "-.inf"}.get(number, repr(number))
    text = ".nan" if math.isnan(number) else text
    # To PyYAML's writer 1e-05 is a word: without a point it would put a tag before it.
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


_Dumper.add_representer(str, _word)
_Dumper.add_representer(float, _float)
