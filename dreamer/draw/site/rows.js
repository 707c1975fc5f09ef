// Justified rows: every picture whole, as wide as its row asks for. How high all is, is known before
// any of it is drawn, so that nothing shifts; only rows near the window are in the page.
const CAPTION = 62, ROWS_IN_A_BAND = 4;  // pixels; rows
const gap = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--gap"));
const grid = at("grid");
let shown_items = [], all_rows = [], bands = [], band_of = new Map(), width_now = 0;

const row_height = (width) => width < 520 ? 200 : width < 900 ? 220 : width < 1500 ? 260 : 300;

function rows_of(items, width) {
  const wanted = row_height(width), between = gap(), rows = [];
  let row = [], ratios = 0;
  const height = (sum, count) => (width - between * (count - 1)) / sum;
  const close = (last) => {
    if (!row.length) return;
    const full = height(ratios, row.length);
    rows.push({ items: row, height: last ? Math.min(full, wanted) : full });
    row = [];
    ratios = 0;
  };
  for (const item of items) {
    const ratio = Math.min(3.2, Math.max(0.55, item.ratio));
    if (row.length) {
      const without = height(ratios, row.length), within = height(ratios + ratio, row.length + 1);
      if (within < wanted && wanted - within > without - wanted) close(false);
    }
    row.push([item, ratio]);
    ratios += ratio;
  }
  close(true);
  return rows;
}

function fill(band) {
  if (band.element.childElementCount) return;
  band.element.append(...band.rows.map((row) => {
    const line = make("div", { className: "row" });
    line.append(...row.items.map(([item, ratio], k) => tile(item, ratio, row.height, row.first + k)));
    return line;
  }));
}

// Bands come before they are seen, and go when they are far away, but never from under the focus.
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const band = entry.target.band;
    if (entry.isIntersecting) fill(band);
    else if (!band.element.contains(document.activeElement)) band.element.replaceChildren();
  }
}, { rootMargin: "1200px 0px" });

function lay_out() {
  const width = grid.clientWidth;
  if (!width) return;
  width_now = width;
  watcher.disconnect();
  bands = [];
  band_of = new Map();
  const rows = all_rows = rows_of(shown_items, width);
  let first = 0;
  for (let k = 0; k < rows.length; k += ROWS_IN_A_BAND) {
    const band = { rows: rows.slice(k, k + ROWS_IN_A_BAND), element: make("div", { className: "band" }) };
    let height = 0;
    for (const row of band.rows) {
      row.first = first;
      first += row.items.length;
      height += row.height + CAPTION;
      for (const [item] of row.items) band_of.set(item, band);
    }
    band.element.style.height = `${height}px`;
    band.element.band = band;
    bands.push(band);
  }
  grid.replaceChildren(...bands.map((band) => band.element));
  for (const band of bands.slice(0, 2)) fill(band);
  for (const band of bands) watcher.observe(band.element);
}

const tile_of = (item) => [...band_of.get(item)?.element.querySelectorAll(".tile") ?? []]
  .find((element) => element.item === item);

// The link of an item, in the page and in sight.
function reveal(item) {
  const band = band_of.get(item);
  if (!band) return null;
  fill(band);
  const element = tile_of(item);
  element.scrollIntoView({ block: "nearest" });
  return element.querySelector(".shot");
}

function top_item() {
  const found = [...grid.querySelectorAll(".tile")].find((t) => t.getBoundingClientRect().bottom > 120);
  return found && scrollY > 80 ? { item: found.item, top: found.getBoundingClientRect().top } : null;
}

new ResizeObserver(() => {
  if (Math.abs(grid.clientWidth - width_now) < 1 || grid.hidden) return;
  const held = top_item(), focus = document.activeElement?.closest?.(".tile")?.item;
  lay_out();
  if (held && band_of.has(held.item)) {
    fill(band_of.get(held.item));
    scrollBy(0, tile_of(held.item).getBoundingClientRect().top - held.top);
  }
  if (focus) tile_of(focus)?.querySelector(".shot").focus({ preventScroll: true });
}).observe(grid);

function draw_grid() {
  grid.hidden = looking.sweep !== "";
  shown_items = chosen();
  at("nothing").hidden = shown_items.length > 0 || grid.hidden;
  at("count").value = shown_items.length === ITEMS.length
    ? plural(ITEMS.length, "item") : `${shown_items.length.toLocaleString("en")} of ${plural(ITEMS.length, "item")}`;
  stop();
  lay_out();
}

listen(draw_grid);
