"""A diagnosis as a page to read: self-contained but for the pictures beside it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, NamedTuple

from dreamer.draw.page_style import beginning

MOSTLY = 0.5  # of what speaks for a class lies elsewhere
STYLE = """
body { color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif;
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p, figcaption, table { max-width: 46rem } .faint, figcaption small { color: var(--soft) }
.loud { color: var(--loud); font-weight: 600 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .3rem 1rem .3rem 0; border-bottom: 1px solid var(--line) }
.samples { display: grid; gap: 1.2rem;
  grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)) }
figure { margin: 0 } .row { display: flex; flex-wrap: wrap; gap: .3rem }
.row img { width: 9rem; height: 9rem; image-rendering: pixelated;
  border: 1px solid var(--line) }
figcaption { font-size: .85rem; line-height: 1.35; overflow-wrap: anywhere }
"""


def percent(part: float) -> str:
    """`44 %`; below one, `0.3 %`."""
    return f"{100 * part:.0f} %" if part >= 0.01 or part == 0 else f"{100 * part:.1f} %"


def ranking(labels: list[list[Any]], most: int = 3) -> str:
    """`dumbbell 46 %, arm 51 %`, without what is under a hundredth."""
    told = [f"{name} {percent(p)}" for name, p in labels[:most] if p >= 0.01]
    return ", ".join(told) or "nothing sure"


def listed(names: list[str]) -> str:
    """`a, b and c`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


class Company(NamedTuple):
    """What is named beside a class, by where a network sees it: mostly elsewhere than the class, it
    comes along; mostly in the same place, it looks like it; or nobody knows, where the network does
    not know the class or sees nothing.
    """

    apart: list[str]
    same: list[str]
    open: list[str]


def company(data: Mapping[str, Any], who: str = "judge") -> Company:
    """All that one network surely names beside the class."""
    side = data[who]
    places = {p["class"]: p["elsewhere"] for p in side["places"]}
    found = Company([], [], [])
    for name in (row["class"] for row in side["beside"] if row["beside"]):
        elsewhere = places.get(name)
        if elsewhere is None:
            found.open.append(name)
        else:
            (found.same if elsewhere < MOSTLY else found.apart).append(name)
    return found


def verdict(data: Mapping[str, Any]) -> str:
    """What was found, in a sentence or two."""
    network, judge, asked = data["network"]["name"], data["judge"], data["class"]
    found = company(data)
    said = []
    if found.apart:
        said.append(
            f"To {network}, {asked} may come with {listed(found.apart)}: {judge['name']} names "
            "this more often in these pictures than in those of other classes."
        )
    if found.same:
        said.append(
            f"{judge['name']} sees {listed(found.same)} where it sees {asked}: to it they look "
            "alike."
        )
    if found.open:
        said.append(
            f"{judge['name']} names {listed(found.open)} more often in these pictures than in "
            f"those of other classes; not known whether it comes with {asked} or only looks like "
            "it."
        )
    if not said:
        said.append(
            f"{judge['name']} names nothing beside {asked} more often than in pictures of other "
            "classes."
        )
    return " ".join(said)


def page(data: Mapping[str, Any]) -> str:
    """HTML of what `report.json` says; every name in it may be a stranger's."""
    network, judge, asked = data["network"], data["judge"], data["class"]
    faithful = data["saliency"]
    parts = [
        beginning(f"{asked} · {network['name']}", STYLE),
        f"<h1>What {escape(network['name'])} takes for {escape(asked)}</h1>",
        f"<p class={'loud' if company(data).apart else 'faint'}>{escape(verdict(data))}</p>",
        f"<p>{len(data['pictures'])} pictures climbed from different noises towards the class, and "
        f"what two networks see in them: {escape(network['name'])} itself, and "
        f"{escape(judge['name'])}, which did not make them.</p>",
    ]
    for who in ("judge", "network"):
        side = data[who]
        parts += [f"<h2>{escape(side['name'])} sees</h2>", _mean(side), _beside(who, data)]
    parts += [
        "<h2>Where the score comes from</h2>",
        f"<p>{escape(_trust(faithful))}</p>",
        _places(judge, network, asked),
        "<h2>The pictures</h2><p class=faint>Each as it is, where the score of "
        f"{escape(asked)} comes from, and where {escape(judge['name'])} sees what it names. "
        "The brighter, the more.</p><div class=samples>",
        *(_sample(picture, data) for picture in data["pictures"]),
        "</div>\n",
    ]
    return "\n".join(parts)


def _mean(side: Mapping[str, Any]) -> str:
    return f"<p>On average: {escape(ranking(side['labels'], 5))}.</p>"


def _beside(who: str, data: Mapping[str, Any]) -> str:
    side, found = data[who], company(data, who)
    marks = dict.fromkeys(found.apart, "<td class=loud>comes with it")
    marks |= dict.fromkeys(found.same, "<td>looks like it")
    marks |= dict.fromkeys(found.open, "<td>comes with it, or looks like it")
    if not side["beside"]:
        return f"<p class=faint>Nothing else is named beside {escape(data['class'])}.</p>"
    head = "<tr><th>beside it<th>named in<th>in those of other classes<th>by chance"
    head += "<th>in noises<th>"
    rows = []
    for row in side["beside"]:
        named, neutral, noise = row["named"], row["neutral_named"], row["noise_named"]
        mark = marks.get(row["class"], "<td class=faint>not surely")
        rows.append(
            f"<tr><td>{escape(row['class'])}<td>{named[0]} of {named[1]} "
            f"({percent(row['probability'])})<td>{neutral[0]} of {neutral[1]} "
            f"({percent(row['neutral_probability'])})<td>{row['chance']:.2g}"
            f"<td>{noise[0]} of {noise[1]}{mark}"
        )
    return f"<div class=scroll><table>{head}{''.join(rows)}</table></div>"


def _trust(found: Mapping[str, Any]) -> str:
    return (
        f"By {found['method']}. The log-odds of the class are {found['whole']:.1f}; without the "
        f"most salient tenth of each picture {found['without_salient']:.1f}, without a tenth by "
        f"chance {found['without_chance']:.1f}."
    )


def _places(judge: Mapping[str, Any], network: Mapping[str, Any], asked: str) -> str:
    rows = [
        f"<tr><td>{escape(side['name'])} sees {escape(place['class'])}"
        f"<td>{percent(place['share'])}<td>{percent(place['area'])}<td>{_elsewhere(place)}"
        for side in (judge, network)
        for place in side["places"]
    ]
    if not rows:
        return ""
    head = f"<tr><th>where<th>of the score of {escape(asked)}<th>of the picture"
    head += f"<th>not where it sees {escape(asked)}"
    return f"<div class=scroll><table>{head}{''.join(rows)}</table></div>"


def _elsewhere(place: Mapping[str, Any]) -> str:
    return "" if place["elsewhere"] is None else percent(place["elsewhere"])


def _sample(picture: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    shown = [(picture["file"], "the picture"), (picture["saliency"], "where its score comes from")]
    shown += [(place["file"], f"where {place['of']} is seen") for place in picture["places"]]
    images = "".join(
        f'<img src="{escape(file)}" alt="{escape(alt)}" title="{escape(alt)}">'
        for file, alt in shown
    )
    labels = "<br>".join(
        f"<small>{escape(data[who]['name'])}</small> {escape(ranking(picture['labels'][who]))}"
        for who in ("judge", "network")
    )
    return f"<figure><div class=row>{images}</div><figcaption>{labels}</figcaption></figure>"
