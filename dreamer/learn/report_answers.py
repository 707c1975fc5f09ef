"""What a report's page shows of a network's answers: what it takes for what, class by class, where
it errs worst, and whether it is as sure as it is right.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from dreamer.draw import confusion
from dreamer.draw.page_style import shown
from dreamer.draw.reliability import reliability
from dreamer.learn.evaluation import Mistake
from dreamer.learn.report import Report
from dreamer.learn.report_style import MOST_ROWS, percent

Thumbnail = Callable[[int], bytes | None]
MOST_MISTAKES = 24
MOST_BYTES = 60_000  # of one thumbnail
PICTURES_BYTES = 1_300_000  # of all, which base64 makes a third larger
PAIRS, MORE_PAIRS = 10, 20  # with few classes, and with more than a matrix can name


def confusion_section(report: Report) -> str:
    """Which classes it takes for which: the matrix, and the commonest of its mistakes."""
    found, size = report.evaluation, len(report.evaluation.classes)
    named = size <= confusion.MOST_NAMED
    if named:
        svg = confusion.as_svg(found.confusion, found.classes)
        matrix = f'<div class="scroll" tabindex="0">{svg}</div>'
    else:
        address = _data_uri(confusion.as_specks(found.confusion), "png")
        matrix = (
            f'<p><img class="specks" src="{address}" alt="Confusion matrix of '
            f'{size} classes, too many to name"></p>'
        )
    return (
        '<div class="beside"><section><h2>What it takes for what</h2>\n<p class="soft">Each row is '
        "a true class, each column what it said"
        + (", in the order of the classes" if not named else "")
        + ". On the diagonal it was right; every other mark is a mistake, the stronger the larger "
        f"a part of its row.</p>\n{matrix}</section>\n"
        "<section><h2>Most often confused</h2>\n"
        f"{_pairs(report, PAIRS if size <= confusion.NAMED else MORE_PAIRS)}</section></div>\n"
    )


def _pairs(report: Report, most: int) -> str:
    found = report.evaluation
    if not found.confused:
        return '<p class="soft">It made no mistake.</p>'
    rows = "".join(
        f'<tr><td class="names">{shown(found.classes[p.truth])}</td><td class="names">'
        f"{shown(found.classes[p.said])}</td><td>{p.count}</td><td>{percent(p.share)}</td></tr>"
        for p in found.confused[:most]
    )
    rest = len(found.confused) - most
    more = f'<p class="soft">and {rest} more pairs</p>' if rest > 0 else ""
    return (
        '<div class="scroll"><table><thead><tr><th class="names">is'
        '</th><th class="names">was taken for</th><th>pictures</th><th>of that class</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div>{more}"
    )


def classes_section(report: Report) -> str:
    """A row of figures for each class, the weakest first."""
    found = report.evaluation
    weakness = [2.0 if one.f1 is None else one.f1 for one in found.per_class]  # unknown ones last
    order = sorted(range(len(weakness)), key=weakness.__getitem__)
    rows = []
    for k in order[:MOST_ROWS]:
        one, counts = found.per_class[k], report.made.counts[k]
        bar = f'<span class="bar"><i style="width:{100 * (one.f1 or 0):.0f}%"></i></span>'
        rows.append(
            f'<tr><td class="names">{shown(one.name)}</td><td>{percent(one.f1)}{bar}</td>'
            f"<td>{percent(one.precision)}</td><td>{percent(one.recall)}</td><td>{one.support}</td>"
            f'<td class="more">{counts.training}</td></tr>\n'
        )
    rest = len(order) - MOST_ROWS
    more = f'<p class="soft">and {rest} more classes; report.json has all</p>' if rest > 0 else ""
    return (
        '<section><h2>Class by class, the weakest first</h2>\n<p class="soft"><b>Precision</b>: of '
        "what it calls this, how much is. <b>Recall</b>: of what is this, how much it calls so. "
        "<b>F1</b>: both in one, high only where both are. A dash: no pictures to say it "
        'from.</p>\n<div class="scroll"><table><thead><tr><th class="names">class</th><th>F1</th>'
        "<th>precision</th><th>recall</th><th>tested on</th>"
        '<th class="more">learnt from</th></tr></thead>'
        f"<tbody>\n{''.join(rows)}</tbody></table></div>{more}</section>\n"
    )


def mistakes_section(report: Report, thumbnail: Thumbnail | None) -> str:
    """The pictures it was surest of, and wrong; nothing where it made no mistake."""
    found, left = report.evaluation, PICTURES_BYTES
    if not found.mistakes:
        return ""
    items = []
    for mistake in found.mistakes[:MOST_MISTAKES]:
        jpeg = thumbnail(mistake.index) if thumbnail else None
        if jpeg is not None and (len(jpeg) > MOST_BYTES or len(jpeg) > left):
            jpeg = None
        left -= len(jpeg or b"")
        items.append(f"<li>{_mistake(mistake, found.classes, jpeg)}</li>\n")
    count, all_ = len(items), len(found.mistakes)
    which = (
        f"The {count} of {all_} that it was surest of"
        if count < all_
        else "All of them, the surest first"
    )
    return (
        f'<section><h2>Its worst mistakes</h2>\n<p class="soft">{which}. '
        "Look whether the picture, its folder or the network is wrong.</p>\n"
        f'<ul class="mistakes">\n{"".join(items)}</ul></section>\n'
    )


def _mistake(mistake: Mistake, classes: tuple[str, ...], jpeg: bytes | None) -> str:
    name, said, truth = mistake.name, classes[mistake.said], classes[mistake.truth]
    if jpeg is None:
        picture = '<span class="none">no picture</span>'
    else:
        picture = f'<img src="{_data_uri(jpeg, "jpeg")}" alt="{shown(name)}">'
    return (
        f"<figure>{picture}<figcaption>said <b>{shown(said)}</b> {percent(mistake.confidence)}<br>"
        f"is <b>{shown(truth)}</b> {percent(mistake.given_truth)}<small>{shown(name)}</small>"
        "</figcaption></figure>"
    )


def calibration_section(report: Report) -> str:
    """How sure it was beside how often it was right."""
    found = report.calibration
    chart = reliability(
        [(b.low, b.high, b.count, b.confidence, b.accuracy) for b in found.bins],
        "How often it is right, by how sure it was",
    )
    return (
        '<section><h2>Is it as sure as it is right?</h2>\n<div class="two">'
        f"{chart}<div>{_verdict(report)}{_temperature(report)}</div></div></section>\n"
    )


def _verdict(report: Report) -> str:
    found = report.calibration
    if found.error <= found.by_chance:
        said = "No more than chance shows on so many pictures: its probabilities may be right."
    elif found.confidence > found.accuracy:
        said = "It is surer than it is right."
    else:
        said = "It is right more often than it is sure."
    return (
        f"<p>{said}</p><p>On average it was {percent(found.confidence)} sure and "
        f"{percent(found.accuracy)} right. The <b>expected calibration error</b>, how far bars lie "
        f"from the diagonal on average, is <b>{percent(found.error)}</b>; a network without fault "
        f"would show up to {percent(found.by_chance)} by chance. Brier score {found.brier:.3f} (0 "
        "is perfect, 2 the worst).</p>"
    )


def _temperature(report: Report) -> str:
    found = report.temperature
    if found is None:
        return ""
    return (
        f"<p>Dividing its logits by <b>{found.value:.2f}</b> would suit the {found.pictures} "
        f"validation pictures best (log loss {found.log_loss:.3f} → {found.log_loss_after:.3f}). "
        "Nothing of it was applied.</p>"
    )


def _data_uri(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
