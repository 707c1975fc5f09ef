"""A training's report as one HTML file for people: no scripts, nothing fetched, right in the light
and in the dark, on paper and on a telephone.

Names of classes and files are strangers' texts: they reach the page only through
`page_style.shown`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from dreamer.draw import charts, confusion
from dreamer.draw.page_style import beginning, shown
from dreamer.learn.evaluation import Mistake
from dreamer.learn.history import Point, series, thinned
from dreamer.learn.report import Report
from dreamer.learn.report_style import STYLE, percent

Thumbnail = Callable[[int], bytes | None]
MOST_MISTAKES = 24
MOST_BYTES = 60_000  # of one thumbnail
PICTURES_BYTES = 1_300_000  # of all, which base64 makes a third larger
PAIRS, MORE_PAIRS = 10, 20  # with few classes, and with more than a matrix can name
MOST_ROWS = 1000  # of the table of classes
MOST_WARNINGS, LONGEST_WARNING = 20, 600


def page(report: Report, thumbnail: Thumbnail | None = None) -> str:
    """The whole page, less than 3 MB however many classes and pictures there are.

    Args:
        report: what it says.
        thumbnail: a small JPEG of the picture with that place among the test outcomes, or None
            where it cannot be had; asked of at most `MOST_MISTAKES`. One over `MOST_BYTES` is not
            shown.
    """
    parts = [
        beginning(f"{report.name}: what it learnt", STYLE + charts.STYLE + confusion.STYLE),
        _head(report),
        _warnings(report),
        _curves(report),
        _confusion(report),
        _classes(report),
        _mistakes(report, thumbnail),
        _calibration(report),
        _made(report),
        "</main>\n</body>\n</html>\n",
    ]
    return "".join(parts)


def _head(report: Report) -> str:
    found = report.evaluation
    low, high = found.interval
    figures = [
        ("right among its first " + str(found.top), percent(found.top_accuracy))
        if found.top > 1
        else None,
        ("mean over classes, each counting alike", percent(found.balanced_accuracy)),
        ("right by always saying the commonest class", percent(found.commonest)),
        ("log loss", f"{found.log_loss:.3f}"),
        ("calibration error", percent(report.calibration.error)),
    ]
    listed = "".join(f"<div><dt>{one[0]}</dt><dd>{one[1]}</dd></div>" for one in figures if one)
    return (
        f"<header>\n<h1>{shown(report.name)}</h1>\n"
        f'<div class="counts"><strong>{percent(found.accuracy)}</strong><span>of the pictures that '
        f"{report.unseen} are right: {found.right} of {found.pictures}, in {len(found.classes)} "
        f'classes.<br><span class="soft">On other pictures of this kind expect {percent(low)} to '
        f"{percent(high)} (95\u00a0% interval).</span></span></div>\n"
        f"<dl>{listed}</dl>\n</header>\n<main>\n"
    )


def _warnings(report: Report) -> str:
    told = report.warnings
    if not told:
        return ""
    rows = [f"<li>{shown(words, LONGEST_WARNING)}</li>" for words in told[:MOST_WARNINGS]]
    if len(told) > MOST_WARNINGS:
        rows.append(f"<li>and {len(told) - MOST_WARNINGS} more; report.json has all</li>")
    return (
        '<section class="warnings"><strong class="loud">To know before you believe it</strong><ul>'
        f"{''.join(rows)}</ul></section>\n"
    )


def _curves(report: Report) -> str:
    def line(of: str) -> list[Point]:
        return thinned(series(report.moments, of))

    marks = [(float(mark.step), mark.title) for mark in report.stages]
    drawn = []
    for kind, title, most in (
        ("loss", "Loss over steps", None),
        ("accuracy", "Accuracy over steps", (0.0, 1.0)),
    ):
        both = {f"{part} {kind}": line(f"{part}_{kind}") for part in ("training", "validation")}
        if any(both.values()):
            drawn.append(charts.lines(both, title, marks, most))
    if not drawn:
        return ""
    return (
        '<section><h2>While it learnt</h2>\n<p class="soft">Training pictures are those it learnt '
        "from; validation pictures were looked at and not learnt from. Where validation stays far "
        f"behind, it learns its pictures by heart.{' Dotted lines: stages.' * bool(marks)}</p>\n"
        f'<div class="two">{"".join(drawn)}</div></section>\n'
    )


def _confusion(report: Report) -> str:
    found = report.evaluation
    few = len(found.classes) <= confusion.NAMED
    if few:
        matrix = f'<div class="scroll">{confusion.as_svg(found.confusion, found.classes)}</div>'
    else:
        address = _data_uri(confusion.as_specks(found.confusion), "png")
        matrix = (
            f'<p><img class="specks" src="{address}" alt="Confusion matrix of '
            f'{len(found.classes)} classes, too many to name"></p>'
        )
    return (
        '<section><h2>What it takes for what</h2>\n<p class="soft">Each row is a true class, each '
        "column what it said"
        + (", in the order of the classes" if not few else "")
        + ". On the diagonal it was right; every other mark is a mistake, the stronger the larger "
        f"a part of its row.</p>\n{matrix}</section>\n"
        "<section><h2>Most often confused</h2>\n"
        f"{_pairs(report, PAIRS if few else MORE_PAIRS)}</section>\n"
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


def _classes(report: Report) -> str:
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
            f"<td>{counts.training}</td></tr>\n"
        )
    rest = len(order) - MOST_ROWS
    more = f'<p class="soft">and {rest} more classes; report.json has all</p>' if rest > 0 else ""
    return (
        '<section><h2>Class by class, the weakest first</h2>\n<p class="soft"><b>Precision</b>: of '
        "what it calls this, how much is. <b>Recall</b>: of what is this, how much it calls so. "
        "<b>F1</b>: both in one, high only where both are. A dash: no pictures to say it "
        'from.</p>\n<div class="scroll"><table><thead><tr><th class="names">class</th><th>F1</th>'
        "<th>precision</th><th>recall</th><th>test pictures</th><th>learnt from</th></tr></thead>"
        f"<tbody>\n{''.join(rows)}</tbody></table></div>{more}</section>\n"
    )


def _mistakes(report: Report, thumbnail: Thumbnail | None) -> str:
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
    which = f"The {count} of {all_}" if count < all_ else "All"
    return (
        f'<section><h2>Its worst mistakes</h2>\n<p class="soft">{which} that it was surest of. '
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


def _calibration(report: Report) -> str:
    found = report.calibration
    chart = charts.reliability(
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


def _made(report: Report) -> str:
    made, names = report.made, report.evaluation.classes
    rows = [
        ("pictures", made.data),
        ("started from", made.base or "nothing: all weights were learnt here"),
        ("seed", str(made.seed)),
        ("time", _duration(made.seconds)),
        *made.more.items(),
        *made.versions.items(),
    ]
    words = "".join(
        f'<tr><td>{shown(key)}</td><td class="names wide">{shown(value, 300)}</td></tr>'
        for key, value in rows
    )
    parts = "".join(
        f'<tr><td class="names">{shown(name)}</td><td>{c.training}</td><td>{c.validation}</td>'
        f"<td>{c.test}</td></tr>\n"
        for name, c in list(zip(names, made.counts, strict=True))[:MOST_ROWS]
    )
    whole = [
        sum(getattr(c, part) for c in made.counts) for part in ("training", "validation", "test")
    ]
    return (
        f'<section><h2>How it was made</h2>\n<div class="scroll"><table>{words}</table></div>\n'
        f"<details><summary>Pictures: {whole[0]} to learn from, {whole[1]} for validation, "
        f'{whole[2]} for the test</summary><div class="scroll"><table><thead><tr><th class="names">'
        "class</th><th>training</th><th>validation</th><th>test</th></tr></thead><tbody>\n"
        f"{parts}</tbody></table></div></details>\n{_skipped(report)}</section>\n"
    )


def _skipped(report: Report) -> str:
    files = report.made.skipped
    if not files:
        return ""
    rows = "".join(f"<li>{shown(file, 200)}: {shown(why, 200)}</li>" for file, why in files[:100])
    rest = len(files) - 100
    more = f"<li>and {rest} more</li>" if rest > 0 else ""
    summary = f"<summary>Files passed over: {len(files)}</summary>"
    return f"<details>{summary}<ul>{rows}{more}</ul></details>\n"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _data_uri(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
