// A sweep as a table of two of its coordinates; of any others, one value at a time.
const SWEEPS = DATA.sweeps.map(([key, name], number) => {
  const items = ITEMS.filter((item) => item.sweep === number).sort((a, b) => a.index - b.index);
  const axes = new Map();
  for (const item of items) {
    for (const [key, value] of item.at) {
      if (!axes.has(key)) axes.set(key, new Set());
      axes.get(key).add(value);
    }
  }
  for (const [key, values] of axes) axes.set(key, in_order([...values]));
  return { key, name, items, axes };
});

function in_order(values) {
  return values.every((value) => value !== "" && Number.isFinite(Number(value)))
    ? values.sort((a, b) => a - b) : values;
}

const held = new Map();  // of coordinates that are no axis: which value
let swept_items = [];  // as the table has them, row by row

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
  const keys = [...sweep.axes.keys()].sort((a, b) => sweep.axes.get(b).length - sweep.axes.get(a).length);
  const across = keys.includes(looking.across) ? looking.across : keys[0];
  const rest = keys.filter((key) => key !== across);
  const down = rest.includes(looking.down) ? looking.down : rest[0] ?? "";
  options(at("sweep"), SWEEPS.map(({ key, name, items }) => [key, `${name} (${items.length})`]), sweep.key);
  options(at("across"), keys.map((key) => [key, key]), across);
  options(at("down"), [...rest.map((key) => [key, key]), ...(rest.length ? [] : [["", "–"]])], down);
  const others = rest.filter((key) => key !== down);
  at("others").replaceChildren(...others.map((key) => {
    const values = sweep.axes.get(key);
    if (!values.includes(held.get(key))) held.set(key, values[0]);
    const select = make("select");
    options(select, values.map((value) => [value, value]), held.get(key));
    select.addEventListener("change", () => {
      held.set(key, select.value);
      draw_sweep();
      at("others").querySelectorAll("select")[others.indexOf(key)].focus();
    });
    return make("label", {}, key, select);
  }));
  const cells = new Map();
  for (const item of sweep.items) {
    const place = new Map(item.at);
    if (others.some((key) => place.get(key) !== held.get(key))) continue;
    const cell = JSON.stringify([place.get(across), place.get(down)]);
    cells.set(cell, [...cells.get(cell) ?? [], item]);
  }
  draw_table(sweep, across, down, cells);
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
  const columns = sweep.axes.get(across), rows = down ? sweep.axes.get(down) : [undefined];
  const focus = at("table").contains(document.activeElement)
    ? document.activeElement.closest(".tile")?.item : undefined;
  swept_items = [];
  const body = rows.map((row) => make("tr", {},
    down ? make("th", { scope: "row" }, row) : null,
    ...columns.map((column) => {
      const [item, ...more] = cells.get(JSON.stringify([column, row])) ?? [];
      if (!item) return make("td", { className: "none" }, make("span", { className: "unseen" }, "none"));
      swept_items.push(item);
      return make("td", {}, cell(item, more.length));
    })));
  const head = make("tr", {}, down ? make("th", { scope: "col", className: "corner" }, `${down} ↓`) : null,
    ...columns.map((column) => make("th", { scope: "col" }, column)));
  at("table").style.setProperty("--columns", columns.length);
  at("table").replaceChildren(make("table", {},
    make("caption", {}, `${across} →`), make("thead", {}, head), make("tbody", {}, ...body)));
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
