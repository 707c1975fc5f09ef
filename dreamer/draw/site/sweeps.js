// A sweep as a table of two of its axes; of any others, one place at a time. Axes, and where on
// them every item is, were found when the gallery was built.
const SWEEPS = DATA.sweeps.map(([key, name, axes], number) => {
  const items = ITEMS.filter((item) => item.sweep === number).sort((a, b) => a.index - b.index);
  return { key, name, items, axes: axes.map(([name, words]) => ({ name, words })), held: items[0].cell };
});

let swept_items = [];  // as the table has them, row by row

// Not all places of some axes meet all of others: hold what comes nearest to what is held, of those
// at the place that was `chosen`, so that there is something to see.
function hold(sweep, others, chosen) {
  const alike = (item) => others.filter((k) => item.cell[k] === sweep.held[k]).length;
  const fitting = sweep.items.filter(({ cell }) => chosen === undefined || cell[chosen] === sweep.held[chosen]);
  sweep.held = fitting.reduce((best, item) => alike(item) > alike(best) ? item : best).cell;
}

function options(select, values, chosen) {
  select.replaceChildren(...values.map(([value, words]) => make("option", { value }, words)));
  select.value = chosen;
}

function draw_sweep() {
  at("sweeps").hidden = looking.sweep === "";
  at("open-sweeps").setAttribute("aria-pressed", looking.sweep !== "");
  if (looking.sweep === "") return at("table").replaceChildren();
  const sweep = SWEEPS.find(({ key }) => key === looking.sweep) ?? SWEEPS[0];
  if (!sweep) return;
  const all = sweep.axes.map((_, k) => k), named = (name) => sweep.axes.findIndex((axis) => axis.name === name);
  const across = Math.max(0, named(looking.across));
  const rest = all.filter((k) => k !== across);
  const down = rest.includes(named(looking.down)) ? named(looking.down) : rest[0];
  const names = (some) => some.map((k) => [sweep.axes[k].name, sweep.axes[k].name]);
  options(at("sweep"), SWEEPS.map(({ key, name, items }) => [key, `${name} (${items.length})`]), sweep.key);
  options(at("across"), names(all), sweep.axes[across]?.name ?? "");
  options(at("down"), rest.length ? names(rest) : [["", "–"]], sweep.axes[down]?.name ?? "");
  const others = rest.filter((k) => k !== down);
  hold(sweep, others);
  at("others").replaceChildren(...others.map((k, number) => {
    const select = make("select");
    options(select, sweep.axes[k].words.map((words, place) => [place, words]), sweep.held[k]);
    select.addEventListener("change", () => {
      sweep.held = sweep.held.with(k, Number(select.value));
      hold(sweep, others, k);
      draw_sweep();
      at("others").querySelectorAll("select")[number].focus();
    });
    return make("label", {}, sweep.axes[k].name, select);
  }));
  const cells = new Map();
  for (const item of sweep.items) {
    if (others.some((k) => item.cell[k] !== sweep.held[k])) continue;
    const cell = `${item.cell[across] ?? 0} ${item.cell[down] ?? 0}`;
    cells.set(cell, [...cells.get(cell) ?? [], item]);
  }
  draw_table(sweep, sweep.axes[across], sweep.axes[down], (x, y) => cells.get(`${x} ${y}`) ?? []);
}

// What does not fit what is searched for stands back, but keeps its place.
function cell(item, more) {
  const signs = signs_of(item);
  if (looking.label) signs.push(make("span", { className: "badge" }, percent(score(item, label_number()))));
  else if (more) signs.push(make("span", { className: "badge" }, `${more} more`));
  const element = make("div", { className: "tile" }, shot(item, ...signs), acts(item));
  element.classList.toggle("faint", !fits(item));
  element.item = item;
  return element;
}

const link_in_table = (item) => [...at("table").querySelectorAll(".tile")]
  .find((element) => element.item === item)?.querySelector(".shot");

function draw_table(sweep, across, down, cells) {
  const columns = across?.words ?? [""], rows = down?.words ?? [undefined];
  const focus = at("table").contains(document.activeElement)
    ? document.activeElement.closest(".tile")?.item : undefined;
  swept_items = [];
  const body = rows.map((row, y) => make("tr", {},
    down ? make("th", { scope: "row" }, row) : null,
    ...columns.map((_, x) => {
      const [item, ...more] = cells(x, y);
      if (!item) return make("td", { className: "none" }, make("span", { className: "unseen" }, "none"));
      swept_items.push(item);
      return make("td", {}, cell(item, more.length));
    })));
  const head = make("tr", {}, down ? make("th", { scope: "col", className: "corner" }, `${down.name} ↓`) : null,
    ...columns.map((column) => make("th", { scope: "col" }, column)));
  at("table").style.setProperty("--columns", columns.length);
  at("table").replaceChildren(make("table", {},
    make("caption", {}, across ? `${across.name} →` : ""), make("thead", {}, head), make("tbody", {}, ...body)));
  if (focus) link_in_table(focus)?.focus();
  const fitting = swept_items.filter((item) => fits(item)).length;
  const all = plural(sweep.items.length, "item");
  at("count").value = `${fitting === sweep.items.length ? all : `${fitting} of ${all}`} of the sweep`;
}

at("open-sweeps").hidden = SWEEPS.length === 0;
at("open-sweeps").addEventListener("click", () => {
  change({ sweep: looking.sweep === "" ? SWEEPS[0].key : "", across: "", down: "" });
});
at("sweep").addEventListener("change", () => change({ sweep: at("sweep").value, across: "", down: "" }));
for (const id of ["across", "down"]) {
  at(id).addEventListener("change", () => {
    const other = id === "across" ? "down" : "across";
    const both = { across: at("across").value, down: at("down").value, [id]: at(id).value };
    if (both.across === both.down) both[other] = looking[id] || "";
    change(both);
  });
}
listen(draw_sweep);
