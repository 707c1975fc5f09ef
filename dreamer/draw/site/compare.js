// Two items: one drawn away from over the other, or side by side, and what differs in their recipes
// and scores.
let picked = [];

function toggle_picked(item) {
  picked = picked.includes(item) ? picked.filter((one) => one !== item) : [...picked, item].slice(-2);
  show_picked();
}

function show_picked() {
  at("tray").hidden = picked.length === 0;
  at("tray-words").textContent = picked.length === 1
    ? `${picked[0].name}, and one more` : picked.map((item) => item.name).join("  ·  ");
  at("open-compare").disabled = picked.length < 2;
  for (const element of document.querySelectorAll(".tile")) {
    element.querySelector(".pick").setAttribute("aria-pressed", picked.includes(element.item));
  }
}

function large(item) {
  const [address, width, height] = item.large;
  return plays(item, "video/")
    ? make("video", { src: item.film[0], poster: address, width, height, loop: true, muted: true, playsInline: true, autoplay: !still.matches, controls: still.matches, "aria-label": item.alt })
    : make("img", { src: address, width, height, alt: item.alt });
}

const named = (item, letter) => make("figcaption", {}, make("b", {}, letter), " ",
  make("a", { href: page_of(item) }, item.name));

function draw_pair() {
  const [a, b] = picked, sliding = at("sliding").getAttribute("aria-pressed") === "true";
  at("pair").className = sliding ? "sliding" : "beside";
  if (!sliding) {
    at("pair").replaceChildren(...picked.map((item, k) =>
      make("figure", {}, large(item), named(item, "AB"[k]))));
    return;
  }
  const stack = make("div", { className: "stack" }, large(b), large(a), make("div", { className: "seam" }));
  stack.style.setProperty("--ratio", `${a.large[1] / a.large[2]}`);
  const slider = make("input", {
    type: "range", min: "0", max: "100", step: "0.5", value: "50",
    "aria-label": `How much of A, ${a.name}, is drawn over B, ${b.name}`,
  });
  const draw = () => {
    stack.style.setProperty("--at", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", `${Math.round(slider.value)} % A`);
  };
  slider.addEventListener("input", draw);
  draw();
  stack.append(slider);
  at("pair").replaceChildren(stack, make("div", { className: "names" }, named(a, "A"), named(b, "B")));
}

function table(title, heads, rows) {
  if (!rows.length) return null;
  return make("table", {}, make("caption", {}, title),
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...rows.map(([head, ...cells]) => make("tr", {},
      make("th", { scope: "row" }, head), ...cells.map((cell) => make("td", {}, cell))))));
}

function differences(a, b) {
  const [left, right] = [a, b].map((item) => new Map(item.words.map((number) => DATA.words[number])));
  const keys = new Set([...left.keys(), ...right.keys()]);
  return [...keys].filter((key) => left.get(key) !== right.get(key))
    .map((key) => [key, left.get(key) ?? "–", right.get(key) ?? "–"]);
}

function scores_of(a, b) {
  const [left, right] = [a, b].map((item) => {
    const found = new Map();
    for (const [label, , after] of item.scores) {
      if (after !== null) found.set(label, Math.max(after, found.get(label) ?? 0));
    }
    return found;
  });
  return [...new Set([...left.keys(), ...right.keys()])]
    .sort((x, y) => Math.max(left.get(y) ?? 0, right.get(y) ?? 0) - Math.max(left.get(x) ?? 0, right.get(x) ?? 0))
    .slice(0, 12).map((label) => [DATA.labels[label], percent(left.get(label) ?? null), percent(right.get(label) ?? null)]);
}

function draw_compare() {
  draw_pair();
  const [a, b] = picked, found = differences(a, b);
  at("told").replaceChildren(...[
    table("Recipes differ in", ["key", "A", "B"], found)
      ?? make("p", { className: "soft" }, "Their recipes say the same."),
    table("Networks see", ["label", "A", "B"], scores_of(a, b)),
  ].filter(Boolean));
}

for (const [id, other] of [["sliding", "beside"], ["beside", "sliding"]]) {
  at(id).addEventListener("click", () => {
    at(id).setAttribute("aria-pressed", true);
    at(other).setAttribute("aria-pressed", false);
    draw_pair();
  });
}
at("swap").addEventListener("click", () => { picked.reverse(); draw_compare(); show_picked(); });
at("drop").addEventListener("click", () => {
  picked = [];
  show_picked();
  at("query").focus();
});
at("open-compare").addEventListener("click", () => {
  draw_compare();
  at("compare").showModal();
});
at("compare-close").addEventListener("click", () => at("compare").close());
at("compare").addEventListener("close", () => {
  at("pair").replaceChildren();
  at("open-compare").focus();
});
