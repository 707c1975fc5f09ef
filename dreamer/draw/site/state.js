// What there is, and small ways to make elements. Texts of strangers become text nodes and
// attributes, never markup.
const DATA = JSON.parse(document.getElementById("data").textContent);
const ITEMS = DATA.items;
const at = (id) => document.getElementById(id);
const still = matchMedia("(prefers-reduced-motion: reduce)");

function make(tag, said = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(said)) {
    if (value === undefined || value === null || value === false) continue;
    if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...inside.filter((part) => part !== undefined && part !== null));
  return element;
}

// Signs are drawn once, in the page itself, and copied.
const sign = (id) => at(id).querySelector("svg").cloneNode(true);
const page_of = (item) => `items/${encodeURIComponent(item.key)}.html`;
const percent = (p) => p === null ? "–" : p > 0 && p < 0.0005 ? "< 0.1 %" : `${(100 * p).toFixed(p >= 0.0995 ? 0 : 1)} %`;
const plural = (n, one) => n === 1 ? `1 ${one}` : `${n.toLocaleString("en")} ${one}s`;
const plays = (item, what) => item.film !== undefined && item.film[1].startsWith(what);

for (const [index, item] of ITEMS.entries()) {
  item.number = index;
  item.aims = [...item.classes, ...item.layers];
  item.ratio = item.thumb[1] / item.thumb[2];
  item.name ??= item.title;
  const told = item.name === item.title ? [...item.aims, ...item.networks]
    : item.at.map(([key, value]) => `${key.split(".").at(-1)} ${value}`);
  item.says = told.slice(0, 4).join(" · ");
}

// Of a label, the highest score that any network gives it; and how much it gained.
const NUMBER_OF = new Map(DATA.labels.map((label, number) => [label, number]));

function score(item, number) {
  let best = null;
  for (const [label, , after] of item.scores) {
    if (label === number && after !== null && (best === null || after > best)) best = after;
  }
  return best;
}

function gain(item, number) {
  let best = 0;
  for (const [label, before, after] of item.scores) {
    if (number === undefined || label === number) {
      best = Math.max(best, (after ?? 0) - (before ?? 0));
    }
  }
  return best;
}

const highest = (item) => Math.max(0, ...item.scores.map(([, , after]) => after ?? 0));

// Whatever is looked at: changed by `change`, told to all who `listen`, kept behind the address's #.
const EMPTY = {
  query: "", sort: "new", kind: [], network: [], class: [], layer: [], label: "", least: 10,
  from: "", to: "", starred: false, sweep: "", across: "", down: "",
};
const MANY = ["kind", "network", "class", "layer"];
const looking = structuredClone(EMPTY);
const listeners = [];
const listen = (told) => listeners.push(told);

function change(said) {
  Object.assign(looking, said);
  keep_address();
  for (const told of listeners) told();
}

function keep_address() {
  const said = new URLSearchParams();
  for (const [key, value] of Object.entries(looking)) {
    if (MANY.includes(key)) for (const one of value) said.append(key, one);
    else if (value !== EMPTY[key]) said.set(key, value === true ? "yes" : value);
  }
  if (looking.label === "") said.delete("least");
  const text = said.toString();
  try { history.replaceState(history.state, "", text ? `#${text}` : location.pathname); }
  catch { if (location.hash.slice(1) !== text) location.hash = text; }
}

function from_address() {
  const said = new URLSearchParams(location.hash.slice(1));
  Object.assign(looking, structuredClone(EMPTY));
  for (const key of Object.keys(EMPTY)) {
    if (!said.has(key)) continue;
    if (MANY.includes(key)) looking[key] = said.getAll(key);
    else if (key === "starred") looking.starred = true;
    else if (key === "least") looking.least = Math.min(100, Math.max(0, parseInt(said.get(key)) || 0));
    else looking[key] = said.get(key);
  }
}
