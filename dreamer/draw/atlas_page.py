"""An atlas as one HTML page that needs nothing but the pictures beside it.

Names of classes and layers come from strangers' files: everything is escaped, every address quoted.
Without scripts the page is whole, pictures being links; a few lines filter them and show one large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from dreamer.draw.page_style import beginning


@dataclass(frozen=True)
class Shown:
    """A picture: its address relative to the page, the words below it, what it is a picture of."""

    address: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Section:
    """Pictures that belong together; `anchor` is a name of letters, digits, `.`, `_` and `-`."""

    anchor: str
    title: str
    note: str
    pictures: tuple[Shown, ...]


def page(title: str, note: str, sections: Sequence[Section], side: int) -> str:
    """The page's text; pictures are `side` pixels wide and high."""
    parts = [
        beginning(title, _STYLE.replace("SIDE", str(side))),
        f"<header>\n<h1>{escape(title)}</h1>\n<p>{escape(note)}</p>\n",
        '<search><label>Show only <input id="filter" type="search" autocomplete="off" '
        'placeholder="a class, layer or channel"></label> '
        '<output id="count" for="filter"></output></search>\n',
        '<nav aria-label="Sections">\n',
        *(f'<a href="#{escape(s.anchor)}">{escape(s.title)}</a>\n' for s in sections),
        "</nav>\n</header>\n<main>\n",
    ]
    for section in sections:
        parts.append(
            f'<section id="{escape(section.anchor)}" '
            f'data-words="{escape(section.title.lower())}">\n'
            f"<h2>{escape(section.title)}</h2>\n<p>{escape(section.note)}</p>\n<ul>\n"
        )
        for shown in section.pictures:
            address, alt = escape(quote(shown.address)), escape(shown.alt)
            parts.append(
                f'<li data-words="{escape(shown.caption.lower())}"><a href="{address}">'
                f'<img src="{address}" width="{side}" height="{side}" loading="lazy" '
                f'decoding="async" alt="{alt}"><span>{escape(shown.caption)}</span></a></li>\n'
            )
        parts.append("</ul>\n</section>\n")
    return "".join([*parts, _FOOT])


_STYLE = """
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 90rem; padding: 1.5rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 0; overflow-wrap: anywhere; }
p { margin: 0 0 .8rem; color: var(--soft); }
a { color: inherit; }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: 1rem 0; }
input { font: inherit; color: inherit; background: transparent; width: min(22rem, 100%);
  border: 1px solid var(--soft); border-radius: .4rem; padding: .3rem .6rem; }
output { color: var(--soft); margin-left: .6rem; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .8rem;
  grid-template-columns: repeat(auto-fill, minmax(min(SIDEpx, 100%), 1fr)); }
li a { display: block; text-decoration: none; font-size: .8rem; text-align: center; }
img { display: block; width: 100%; height: auto; border-radius: .3rem; background: var(--line);
  image-rendering: auto; }
li span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
[hidden] { display: none; }
dialog { border: 0; border-radius: .6rem; padding: 1rem; background: var(--paper);
  color: var(--ink); text-align: center; }
dialog::backdrop { background: #000b; }
dialog img { width: min(80vmin, calc(6 * SIDEpx)); }
dialog p { margin: .6rem 0; overflow-wrap: anywhere; }
button { font: inherit; color: inherit; background: transparent; cursor: pointer;
  border: 1px solid var(--soft); border-radius: .4rem; padding: .2rem .8rem; }
"""

_FOOT = """</main>
<dialog id="large" aria-labelledby="words">
<img id="picture" alt="">
<p id="words"></p>
<button id="before" type="button">← before</button>
<button id="close" type="button" autofocus>close</button>
<button id="after" type="button">after →</button>
</dialog>
<script>
"use strict";
const at = (id) => document.getElementById(id);
const all = [...document.querySelectorAll("main li")];
const shown = () => all.filter((li) => !li.hidden && !li.parentElement.parentElement.hidden);
let open = null;

function filter() {
  const words = at("filter").value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const section of document.querySelectorAll("main section")) {
    let some = false;
    for (const li of section.querySelectorAll("li")) {
      const own = li.dataset.words, text = section.dataset.words + " " + own;
      li.hidden = !words.every((w) => (/^\\d+$/.test(w) ? own === w : text.includes(w)));
      some ||= !li.hidden;
    }
    section.hidden = !some;
    document.querySelector(`nav a[href="#${section.id}"]`).hidden = !some;
  }
  const some = words.length ? `${shown().length} of ` : "";
  at("count").value = `${some}${all.length} pictures`;
}

function enlarge(li) {
  const small = li.querySelector("img");
  open = li;
  at("picture").src = small.src;
  at("picture").alt = small.alt;
  at("words").textContent = small.alt;
  if (!at("large").open) at("large").showModal();
}

function step(by) {
  const some = shown();
  enlarge(some[(some.indexOf(open) + by + some.length) % some.length]);
}

document.querySelector("main").addEventListener("click", (event) => {
  const li = event.target.closest("li");
  if (!li || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  enlarge(li);
});
at("large").addEventListener("click", (event) => {
  if (event.target === at("large")) at("large").close();
});
at("large").addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});
at("before").addEventListener("click", () => step(-1));
at("after").addEventListener("click", () => step(1));
at("close").addEventListener("click", () => at("large").close());
at("large").addEventListener("close", () => open && open.querySelector("a").focus());
at("filter").addEventListener("input", filter);
filter();
</script>
</body>
</html>
"""
