// Which items are shown, in which order, and what chooses them.
const OF = {
  kind: (item) => [item.kind],
  network: (item) => item.networks,
  class: (item) => item.classes,
  layer: (item) => item.layers,
};

function text_of(item) {
  item.text ??= [
    item.title, item.place, item.kind, item.seed, item.alt, ...item.aims, ...item.networks,
    ...(item.at ?? []).flat(), item.sweep === undefined ? "" : DATA.sweeps[item.sweep][1],
    ...item.words.map((number) => DATA.words[number].join(": ")),
  ].join("\n").toLowerCase();
  return item.text;
}

function fits(item, but) {
  for (const facet of MANY) {
    const wanted = looking[facet];
    if (facet !== but && wanted.length && !OF[facet](item).some((name) => wanted.includes(name))) {
      return false;
    }
  }
  if (looking.starred && !favourites.has(item.key)) return false;
  if (looking.from && item.date.slice(0, 10) < looking.from) return false;
  if (looking.to && item.date.slice(0, 10) > looking.to) return false;
  if (looking.label) {
    const found = score(item, NUMBER_OF.get(looking.label));
    if (found === null || 100 * found < looking.least) return false;
  }
  const words = looking.query.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => text_of(item).includes(word));
}

const by_name = new Intl.Collator("en", { numeric: true }).compare;
const label_number = () => looking.label ? NUMBER_OF.get(looking.label) : undefined;
const ORDERS = {
  new: (a, b) => b.stamp - a.stamp || a.number - b.number,
  old: (a, b) => a.stamp - b.stamp || b.number - a.number,
  title: (a, b) => by_name(a.name, b.name) || a.number - b.number,
  place: (a, b) => by_name(a.place, b.place),
  score: (a, b) => scored(b) - scored(a) || a.number - b.number,
  change: (a, b) => gain(b, label_number()) - gain(a, label_number()) || a.number - b.number,
};
const scored = (item) => looking.label ? score(item, label_number()) ?? 0 : highest(item);

function chosen() {
  return ITEMS.filter((item) => fits(item)).sort(ORDERS[looking.sort] ?? ORDERS.new);
}

// A facet's names with how many items each would leave, those that are chosen first.
function draw_facet(box) {
  const facet = box.dataset.facet, counts = new Map(), wanted = looking[facet];
  for (const name of wanted) counts.set(name, 0);
  for (const item of ITEMS) {
    if (!fits(item, facet)) continue;
    for (const name of OF[facet](item)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const rows = [...counts].sort((a, b) =>
    wanted.includes(b[0]) - wanted.includes(a[0]) || b[1] - a[1] || by_name(a[0], b[0]));
  const held = box.contains(document.activeElement) ? document.activeElement.value : null;
  box.closest("fieldset").hidden = !ITEMS.some((item) => OF[facet](item).length);
  box.replaceChildren(...rows.map(([name, count]) => make("label", {},
    make("input", { type: "checkbox", value: name, checked: wanted.includes(name) }),
    make("span", { className: "name" }, name), make("span", { className: "soft" }, `${count}`))));
  for (const input of box.querySelectorAll("input")) if (input.value === held) input.focus();
}

function draw_chips() {
  const chips = [];
  const chip = (words, said) => chips.push(make("button", {
    className: "button chip", type: "button", "aria-label": `Without ${words}`,
    onclick: () => { change(said); at("query").focus(); },
  }, words, sign("drop")));
  for (const facet of MANY) {
    for (const name of looking[facet]) {
      chip(name, { [facet]: looking[facet].filter((one) => one !== name) });
    }
  }
  if (looking.label) chip(`${looking.label} ≥ ${looking.least} %`, { label: "" });
  if (looking.from) chip(`from ${looking.from}`, { from: "" });
  if (looking.to) chip(`to ${looking.to}`, { to: "" });
  at("chips").replaceChildren(...chips);
}

function draw_filters() {
  for (const box of document.querySelectorAll("[data-facet]")) {
    if (!at("filters").hidden) draw_facet(box);
  }
  draw_chips();
  for (const id of ["label", "from", "to"]) if (at(id).value !== looking[id]) at(id).value = looking[id];
  if (at("query").value.trim() !== looking.query) at("query").value = looking.query;
  at("sort").value = looking.sort in ORDERS ? looking.sort : "new";
  at("least").value = looking.least;
  at("least-said").value = `${looking.least} %`;
  at("starred").setAttribute("aria-pressed", looking.starred);
}

function everything() {
  change({ ...structuredClone(EMPTY), sort: looking.sort });
}

at("filters").addEventListener("change", (event) => {
  const box = event.target.closest("[data-facet]");
  if (!box) return;
  const names = [...box.querySelectorAll("input:checked")].map((input) => input.value);
  change({ [box.dataset.facet]: names });
});
at("open-filters").addEventListener("click", () => {
  at("filters").hidden = !at("filters").hidden;
  at("open-filters").setAttribute("aria-expanded", !at("filters").hidden);
  draw_filters();
});
at("query").addEventListener("input", () => change({ query: at("query").value.trim() }));
at("sort").addEventListener("change", () => change({ sort: at("sort").value }));
at("label").addEventListener("input", () => {
  const name = at("label").value.trim();
  if (name === "" || NUMBER_OF.has(name)) change({ label: name });
});
at("least").addEventListener("input", () => change({ least: Number(at("least").value) }));
for (const id of ["from", "to"]) at(id).addEventListener("change", () => change({ [id]: at(id).value }));
at("starred").addEventListener("click", () => change({ starred: !looking.starred }));
at("clear").addEventListener("click", () => { everything(); at("query").focus(); });
at("labels").append(...[...DATA.labels].sort(by_name).map((label) => make("option", { value: label })));
listen(draw_filters);
