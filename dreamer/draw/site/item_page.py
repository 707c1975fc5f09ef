"""An item's page: the picture or film first, then all that is known of it. It needs no script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from math import ceil
from urllib.parse import quote

from dreamer.draw.page_style import shown
from dreamer.draw.site.icons import icon
from dreamer.draw.site.policy import page, script, style
from dreamer.draw.site.values import Difference, Item, Kin, Relative, Scores
from dreamer.errors import printable

KINDS = {
    "still": "Still",
    "film": "Film",
    "collage": "Collage",
    "compilation": "Compilation",
    "atlas": "Atlas",
}
NAMING = ("source", "collage", "clips", "sound", "network", "target")  # words with files
# Pixels: pictures that are narrower are shown at that width where there is room, and those that
# are very small at a little more than twice theirs.
SMALL, TINY = 900, 330
_KEY = re.compile(r"^([ \t]*(?:- +)*)([^\s#'\"\[{][^:#\n]*)(:)(?=\s|$)", re.MULTILINE)


def item_page(
    item: Item, kin: Kin, gallery: str, before: Item | None = None, after: Item | None = None
) -> str:
    """The page of `item` in the gallery called `gallery`, between two others."""
    body = [
        _top(item, gallery, before, after),
        '<main>\n<div class="first">\n',
        f'<figure class="stage">{_stage(item)}</figure>\n<div class="about">\n',
        f'<h1 class="wrap">{shown(item.title, 200)}</h1>\n',
        f'<p class="alt">{shown(item.alt, 300)}.</p>\n',
        _tags(item),
        _scores(item),
        "</div>\n</div>\n",
        _sheets(item),
        '<div class="rest">\n<div>\n',
        _again(item),
        _facts(item),
        "</div>\n",
        "<div>\n",
        _relatives("Neighbours in the sweep", kin.neighbours, item),
        _relatives("Made from", kin.ancestors, item, kin.lost),
        _relatives("Made of it", kin.descendants, item),
        _recipe(item),
        "</div>\n</div>\n</main>\n",
    ]
    title = f"{item.name} · {gallery}"
    return page(
        title, style("common.css", "item.css"), script("theme.js", "item.js"), "".join(body)
    )


def _top(item: Item, gallery: str, before: Item | None, after: Item | None) -> str:
    links = []
    for other, rel, sign, words in (
        (before, "prev", "left", "Previous"),
        (after, "next", "right", "Next"),
    ):
        if other is not None:
            name = shown(f"{words}: {other.name}")
            links.append(
                f'<a class="button round" rel="{rel}" href="{quote(other.key)}.html" '
                f'aria-label="{name}" title="{name}">{icon(sign)}</a>'
            )
    return (
        '<header class="top">'
        f'<a class="back" rel="up" href="../index.html">← {shown(gallery)}</a>\n'
        f'<nav aria-label="Items"><button class="button round" id="star" type="button" hidden '
        f'aria-pressed="false" aria-label="Favourite" title="Favourite" value="{escape(item.key)}">'
        f"{icon('star', full=True)}</button>"
        f'<button class="button round" id="theme" type="button" hidden>{icon("theme")}</button>'
        f"{''.join(links)}</nav></header>\n"
    )


def _stage(item: Item) -> str:
    """The film with its controls, or the picture, which leads to itself alone."""
    large, alt = item.large, shown(item.alt, 300)
    size = f'width="{large.width}" height="{large.height}"'
    small = (
        ' class="tiny"' if large.width < TINY else ' class="small"' if large.width < SMALL else ""
    )
    if item.film is not None and item.film.type.startswith("video/"):
        return (
            f'<video src="../{escape(item.film.address)}" {size}{small} controls loop playsinline '
            f'preload="metadata" poster="../{escape(large.address)}" aria-label="{alt}">'
            f'<a href="../{escape(item.film.address)}">{alt}</a></video>'
        )
    moves = item.film is not None and item.film.type.startswith("image/")
    address = item.film.address if moves and item.film is not None else large.address
    target = item.film.address if item.film is not None else large.address
    return (
        f'<a href="../{escape(target)}"><img src="../{escape(address)}" {size}{small} '
        f'alt="{alt}"></a>'
    )


def _tags(item: Item) -> str:
    """What it is, as links to all that is the same."""
    found = [f'<li><a href="../index.html#kind={item.kind}">{KINDS[item.kind]}</a></li>']
    if item.unfinished:
        found.append('<li><span class="loud">Unfinished</span></li>')
    if item.sweep is not None:
        address = f"../index.html#sweep={item.sweep.key}"
        found.append(f'<li><a href="{address}">Sweep: {shown(item.sweep.name)}</a></li>')
    facets = (("network", item.networks), ("class", item.classes), ("layer", item.layers))
    for facet, names in facets:
        found += [
            f'<li><a href="../index.html#{facet}={quote(name, safe="")}">{shown(name)}</a></li>'
            for name in names
        ]
    return f'<ul class="tags" aria-label="What it is of">{"".join(found)}</ul>\n'


def percent(share: float | None) -> str:
    """`44 %`, `0.3 %`; a dash where it is not known."""
    if share is None:
        return "–"
    if 0 < share < 0.0005:
        return "< 0.1 %"
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"


def below(least: float | None) -> str:
    """`< 2 %`, of what is no more than `least`; a dash where that is not known, or is all."""
    if least is None or least >= 1:
        return "–"
    step = 0.001 if least < 0.0985 else 0.01
    return f"< {percent(max(step, ceil(least / step - 1e-9) * step))}"


def _scores(item: Item) -> str:
    if not item.scores:
        return ""
    return f"<section><h2>What networks see</h2>\n{''.join(map(_table, item.scores))}</section>\n"


def _table(scores: Scores) -> str:
    before, after = scores.titles
    rows = []
    for label, was, now in scores.rows:
        name = shown(label)
        told = [
            escape(below(least) if share is None else percent(share))
            for share, least in zip((was, now), scores.least, strict=True)
        ]
        rows.append(
            f'<tr><th scope="row" title="{name}">{name}</th><td class="n">{told[0]}</td>'
            f'<td class="n after">{told[1]}</td><td class="b">{_bar(was, now)}</td></tr>'
        )
    named = " named" if scores.titles != ("before", "after") else ""
    return (
        f'<table class="scores{named}"><caption>{shown(scores.network)}</caption><thead><tr>'
        f'<th scope="col">label</th><th class="n" scope="col">{shown(before)}</th>'
        f'<th class="n" scope="col">{shown(after)}</th><td class="b"></td></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>\n{_unlisted(scores)}"
    )


def _unlisted(scores: Scores) -> str:
    """What it means that a label has a bound, where one has."""
    bounds = [
        least
        for row in scores.rows
        for share, least in zip((row.before, row.after), scores.least, strict=True)
        if share is None
    ]
    if all(least is None for least in bounds):
        return ""
    return '<p class="note">&lt;: not among the likeliest, which alone were written down.</p>\n'


def _bar(was: float | None, now: float | None) -> str:
    """Both as bars, the later one broad."""
    return (
        '<svg class="bar" aria-hidden="true"><rect class="whole" width="100%" height="12" rx="2"/>'
        f'<rect class="was" y="1" width="{100 * (was or 0):.1f}%" height="3" rx="1"/>'
        f'<rect class="is" y="5" width="{100 * (now or 0):.1f}%" height="6" rx="1"/></svg>'
    )


def _again(item: Item) -> str:
    parts = ["<section><h2>Make it again</h2>\n", _code("command", item.command, line=True)]
    if item.recipe:
        parts.append('<p class="note">Typed in the folder of this gallery.</p>\n')
    if item.unfinished:
        parts.append(f'<p class="note wrap">Not finished: {shown(item.unfinished, 300)}.</p>\n')
    if item.typed:
        parts.append(
            '<p class="note wrap">First made by '
            f"<code>{escape(printable(item.typed[:2000]))}</code></p>\n"
        )
    if any(key.split(".")[0] in NAMING and "/" in value for key, value in item.words):
        parts.append(
            '<p class="note">Its recipe names files, which are looked for from where it lies.</p>\n'
        )
    return "".join([*parts, "</section>\n"])


def _facts(item: Item) -> str:
    facts = [("seed", item.seed), ("networks", ", ".join(item.networks))]
    facts += [*item.facts, ("made", item.date), ("lies in", item.place)]
    if item.sweep is not None:
        told = ", ".join(f"{key}: {value}" for key, value in item.sweep.coordinates)
        facts.insert(0, ("sweep", f"{item.sweep.name}, {told}"))
    rows = "".join(
        f"<dt>{shown(name)}</dt><dd>{shown(value, 400)}</dd>" for name, value in facts if value
    )
    return f"<section><h2>About it</h2>\n<dl>{rows}</dl></section>\n"


def _recipe(item: Item) -> str:
    if not item.recipe:
        return ""
    return (
        f"<section><h2>Recipe</h2>\n{_code('recipe', item.recipe)}"
        f'<p class="note"><a href="../recipes/{quote(item.key)}.yaml" download>'
        f"{escape(item.key)}.yaml</a></p></section>\n"
    )


def _code(name: str, text: str, line: bool = False) -> str:
    """Words to be copied; the keys of a recipe stand back."""
    told = escape(printable(text.rstrip("\n")), quote=False)
    if not line:
        told = _KEY.sub(r'\1<span class="k">\2\3</span>', told)
    kind = ' class="line"' if line else ""
    return (
        f'<div class="code"><pre id="{name}"{kind} tabindex="0" role="region" '
        f'aria-label="The {name}">{told}</pre>'
        f'<button class="button copy" type="button" data-copy="{name}" hidden>Copy</button></div>\n'
    )


def _relatives(
    title: str, relatives: Sequence[Relative], item: Item, lost: Sequence[str] = ()
) -> str:
    if not relatives and not lost:
        return ""
    told = any(relative.differences for relative in relatives)
    cards = "".join(
        f'<li><a class="card" href="{quote(one.item.key)}.html">'
        f'<img src="../{escape(one.item.thumb.address)}" width="{one.item.thumb.width}" '
        f'height="{one.item.thumb.height}" alt="" loading="lazy" decoding="async">'
        f'<span><b class="wrap">{shown(one.item.name)}</b>'
        f'<span class="soft wrap">{shown(one.how, 120)}</span></span></a>'
        f"{_differences(one.differences)}</li>"
        for one in relatives
    )
    notes = "".join(f'<p class="note wrap">It {shown(words, 200)}.</p>\n' for words in lost)
    many = "" if told else " many"
    shown_cards = f'<ul class="kin{many}">{cards}</ul>\n' if cards else ""
    return f"<section><h2>{title}</h2>\n{shown_cards}{notes}</section>\n"


def _differences(found: Sequence[Difference]) -> str:
    if not found:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{shown(one.key, 120)}</th>'
        f"<td><del>{shown(one.theirs, 160)}</del></td>"
        f"<td><ins>{shown(one.here, 160)}</ins></td></tr>"
        for one in found
    )
    return (
        '<table class="diff"><thead><tr><th scope="col">differs in</th><th scope="col">there</th>'
        f'<th scope="col">here</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _sheets(item: Item) -> str:
    if not item.more:
        return ""
    figures = "".join(
        f'<figure><a href="../{escape(picture.address)}"><img src="../{escape(picture.address)}" '
        f'width="{picture.width}" height="{picture.height}" alt="{shown(name)}" loading="lazy" '
        f'decoding="async"></a><figcaption class="wrap">{shown(name)}</figcaption></figure>\n'
        for name, picture in item.more
    )
    return f'<div class="sheets">{figures}</div>\n'
