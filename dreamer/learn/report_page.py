"""A training's report as one HTML file for people: no scripts, nothing fetched, right in the light
and in the dark, on paper and on a telephone.

Names of classes and files are strangers' texts: they reach the page only through
`page_style.shown`.
"""

from __future__ import annotations

from dreamer.draw import charts, confusion, reliability
from dreamer.draw.page_style import beginning, shown
from dreamer.learn.history import Point, series, thinned
from dreamer.learn.report import Report
from dreamer.learn.report_answers import (
    Thumbnail,
    calibration_section,
    classes_section,
    confusion_section,
    mistakes_section,
)
from dreamer.learn.report_style import MOST_ROWS, STYLE, percent

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
        beginning(
            f"{report.name}: what it learnt",
            STYLE + charts.STYLE + reliability.STYLE + confusion.STYLE,
        ),
        _head(report),
        _warnings(report),
        _curves(report),
        confusion_section(report),
        classes_section(report),
        mistakes_section(report, thumbnail),
        calibration_section(report),
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
    for kind, title, shares in (
        ("loss", "Loss over steps", False),
        ("accuracy", "Accuracy over steps", True),
    ):
        both = {f"{part} {kind}": line(f"{part}_{kind}") for part in ("training", "validation")}
        if any(both.values()):
            drawn.append(charts.lines(both, title, marks, shares))
    if not drawn:
        return ""
    return (
        '<section><h2>While it learnt</h2>\n<p class="soft">Training pictures are those it learnt '
        "from; validation pictures were looked at and not learnt from. Where validation stays far "
        f"behind, it learns its pictures by heart.{' Dotted lines: stages.' * bool(marks)}</p>\n"
        f'<div class="two">{"".join(drawn)}</div></section>\n'
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
