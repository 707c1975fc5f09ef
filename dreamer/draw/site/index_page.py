"""The page of all items: pictures, what chooses among them, and the dialogs over them. Without a
script it is a list of links.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from dreamer.draw.page_style import shown
from dreamer.draw.site.icons import icon
from dreamer.draw.site.payload import payload
from dreamer.draw.site.policy import asset, data, page, script, style
from dreamer.draw.site.values import Item

SCRIPTS = (
    "theme.js",
    "state.js",
    "filters.js",
    "tiles.js",
    "rows.js",
    "favourites.js",
    "lightbox.js",
    "compare.js",
    "sweeps.js",
    "keys.js",
    "index.js",
)
SORTS = (
    ("new", "Newest first"),
    ("old", "Oldest first"),
    ("title", "By title"),
    ("place", "By place"),
    ("score", "Highest score"),
    ("change", "Most gained"),
)


def index_page(title: str, items: Sequence[Item]) -> str:
    """The page of `items`, in their order."""
    body = [
        _top(title),
        _part("filters.html"),
        '<main id="main">\n<h2 class="unseen">Pictures</h2>\n<div id="grid" role="list"></div>\n',
        _part("sweeps.html"),
        '<p id="nothing" class="soft" hidden>Nothing here fits. '
        '<button class="button" type="button" id="clear">Show everything</button></p>\n',
        _without_script(items),
        "</main>\n",
        _part("dialogs.html"),
        data("data", payload(title, items)),
    ]
    styles = style("common.css", "index.css", "dialogs.css")
    return page(title, styles, script(*SCRIPTS), "".join(body))


def _part(name: str) -> str:
    """HTML of ours, with signs where it names them: `[[close]]`, `[[star full]]`."""
    return re.sub(
        r"\[\[(\w+)( full)?\]\]", lambda found: icon(found[1], bool(found[2])), asset(name)
    )


def _button(name: str, words: str, sign: str, kind: str = "", more: str = "") -> str:
    return (
        f'<button class="button {kind}" type="button" id="{name}" {more} title="{words}" '
        f'aria-label="{words}">{icon(sign, full=sign == "star")}</button>\n'
    )


def _top(title: str) -> str:
    sorts = "".join(f'<option value="{value}">{words}</option>' for value, words in SORTS)
    return (
        '<a class="skip" id="skip" href="#main">To the pictures '
        "<span>Arrows move, Enter opens, f is a favourite, c compares, / searches</span></a>\n"
        f'<header class="top">\n<div class="brand"><h1 class="wrap">{shown(title)}</h1>'
        '<output id="count" class="soft"></output></div>\n'
        '<search class="tools" aria-label="Pictures">\n'
        f'<label class="search">{icon("search")}<span class="unseen">Search titles, targets, '
        "networks, recipes and places</span>"
        '<input class="field" id="query" type="search" placeholder="Search" autocomplete="off" '
        'spellcheck="false"></label>\n'
        '<label class="sort"><span class="unseen">Order</span>'
        f'<select id="sort">{sorts}</select></label>\n'
        '<button class="button" type="button" id="open-filters" aria-expanded="false" '
        f'aria-controls="filters">{icon("filter")}<span>Filters</span></button>\n'
        '<button class="button" type="button" id="open-sweeps" aria-pressed="false" hidden>'
        f"{icon('sweep')}<span>Sweeps</span></button>\n"
        '<span class="signs">'
        + _button("starred", "Favourites only", "star", "round", 'aria-pressed="false"')
        + _button("open-list", "List of favourites", "list", "round")
        + _button("theme", "Colours", "theme", "round")
        + "</span></search>\n</header>\n"
    )


def _without_script(items: Sequence[Item]) -> str:
    links = "".join(
        f'<li><a href="items/{quote(item.key)}.html">{shown(item.name)}</a> '
        f'<span class="soft">{shown(item.alt, 200)}</span></li>\n'
        for item in items
    )
    return f"<noscript><ul>\n{links}</ul></noscript>\n"
