"""How a training's report looks, how long its tables are, and how it writes shares."""

from __future__ import annotations

MOST_ROWS = 1000  # of a table of classes

STYLE = """
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .3rem; }
p { max-width: 46rem; margin: 0 0 .8rem; } .soft, figcaption { color: var(--soft); }
.loud { color: var(--loud); font-weight: 600; }
.counts { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; align-items: center;
  margin: 1rem 0 0; }
.counts strong { font-size: clamp(2.6rem, 12vw, 4rem); line-height: 1.1; letter-spacing: -.02em; }
.counts span { max-width: 36rem; flex: 1 1 20rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
  gap: 1rem 1.4rem; margin: 1.4rem 0; }
dl div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
dt { color: var(--soft); font-size: .85rem; line-height: 1.3; }
dd { margin: 0; font-size: 1.25rem; line-height: 1.4; }
.warnings { border-left: 4px solid var(--loud); padding: .2rem 0 .2rem 1rem; margin: 1.4rem 0; }
.warnings li { margin: .3rem 0; overflow-wrap: anywhere; } .warnings ul { padding-left: 1.1rem;
  margin: .3rem 0; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr));
  gap: 1rem 2rem; align-items: start; }
.beside { display: flex; flex-wrap: wrap; gap: 0 3rem; align-items: flex-start; }
.beside section { max-width: 100%; }
.beside section:first-child { width: min-content; min-width: min(26rem, 100%); }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem 0 .25rem 1.2rem; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { vertical-align: bottom; line-height: 1.25; font-weight: 600; font-size: .85rem;
  color: var(--soft); }
th:first-child, td:first-child, .names { text-align: left; padding-left: 0; }
td.names { white-space: normal; overflow-wrap: anywhere; min-width: 7rem; padding-left: 0; }
th.names + th.names, td.names + td.names, td.wide { padding-left: 1.2rem; }
.bar { display: inline-block; width: 4rem; height: .55rem; background: var(--line);
  margin-left: .5rem; } .bar i { display: block; height: 100%; background: var(--one); }
.mistakes { display: grid; gap: 1rem; padding: 0; list-style: none;
  grid-template-columns: repeat(auto-fill, minmax(min(9rem, 45%), 1fr)); }
figure { margin: 0; } .mistakes img, .none { display: block; width: 100%; aspect-ratio: 1;
  object-fit: contain; background: var(--line); border-radius: .3rem; }
.none { display: grid; place-items: center; color: var(--soft); font-size: .8rem; }
figcaption { font-size: .85rem; line-height: 1.35; margin-top: .3rem; overflow-wrap: anywhere; }
figcaption b { color: var(--ink); } figcaption small { display: block; }
@media (max-width: 36rem) { body { padding: 1rem; } .bar, .more { display: none; }
  th, td { padding-left: .5rem; } th { white-space: normal; font-size: .78rem; }
  table { font-size: .88rem; }
  td.names { min-width: 5rem; } th.names + th.names, td.names + td.names { padding-left: .6rem; } }
@media print { body { max-width: none; } h2 { break-after: avoid; }
  figure { break-inside: avoid; } }
"""


def percent(share: float | None) -> str:
    """`93.4 %`, in one piece, or a dash for what is not known."""
    return "–" if share is None else f"{100 * share:.1f}\u00a0%"
