"""The few signs on buttons, as SVG in the colour of the words beside them."""

from __future__ import annotations

PATHS = {
    "star": "M12 3.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.7-5.2 2.7 1-5.8-4.2-4.1 5.8-.8z",
    "theme": "M12 4a8 8 0 1 0 0 16z M12 4a8 8 0 0 1 0 16",
    "left": "M15 5l-7 7 7 7",
    "right": "M9 5l7 7-7 7",
    "close": "M6 6l12 12M18 6L6 18",
    "filter": "M4 6h16M7 12h10M10 18h4",
    "sweep": "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
    "pair": "M4 5h16v14H4zM12 5v14",
    "search": "M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13zM15.5 15.5L20 20",
    "list": "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
}


def icon(name: str, full: bool = False) -> str:
    """The sign `name`; `full`: filled while its button is pressed."""
    more = " full" if full else ""
    return (
        f'<svg class="icon{more}" viewBox="0 0 24 24" aria-hidden="true">'
        f'<path d="{PATHS[name]}"/></svg>'
    )
