"""How every page of a gallery begins: its style and script inside it, and a policy by which nothing
else is obeyed or fetched. A page that was moved alone is still as it was.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from dreamer.draw.page_style import DARK, LIGHT
from dreamer.errors import printable

# Pages are read from a disk as from a server. A page of the first kind has no origin of its own in
# some browsers, so that what lies beside it is allowed by its scheme.
BESIDE = "'self' file:"


@cache
def asset(name: str) -> str:
    """A style sheet or script of ours."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def style(*names: str) -> str:
    """Style sheets, after the colours that all our pages share, for light and dark."""
    both = " ".join(f"--{name}: light-dark({LIGHT[name]}, {DARK[name]});" for name in LIGHT)
    return f":root {{ {both} }}\n" + "".join(map(asset, names))


@cache
def script(*names: str) -> str:
    """Scripts as one, which share their names with each other and nothing else."""
    return '"use strict";\n{\n' + "".join(map(asset, names)) + "}\n"


@cache
def _hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def policy(style: str, script: str) -> str:
    """What a page may do: show pictures and films that lie beside it, and obey this style and
    script.
    """
    rules = {
        "default-src": "'none'",
        "img-src": BESIDE,
        "media-src": BESIDE,
        "style-src": f"'sha256-{_hashed(style)}'",
        "script-src": f"'sha256-{_hashed(script)}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def page(title: str, style: str, script: str, body: str) -> str:
    """A whole page. `body` is HTML of ours; `title` may be anybody's."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(style, script)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(printable(title))}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n{body}<script>{script}</script>\n</body>\n</html>\n"
    )


def data(name: str, value: Any) -> str:
    """A value for scripts to read, in an element that no browser runs."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return f'<script type="application/json" id="{name}">{text}</script>\n'
