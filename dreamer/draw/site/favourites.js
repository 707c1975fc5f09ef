// Favourites: kept by the browser if it keeps anything for such pages, else for this visit; taken
// away as a list of places.
let favourites = new Set();

function read_favourites() {
  try {
    const found = JSON.parse(kept("favourites") ?? "[]");
    favourites = new Set(Array.isArray(found) ? found : []);
  } catch { favourites = new Set(); }
}

function toggle_favourite(item) {
  if (!favourites.delete(item.key)) favourites.add(item.key);
  keep("favourites", JSON.stringify([...favourites]));
  show_favourites();
}

function show_favourites() {
  for (const element of document.querySelectorAll(".tile")) {
    element.querySelector(".star").setAttribute("aria-pressed", favourites.has(element.item.key));
  }
  const many = ITEMS.filter((item) => favourites.has(item.key)).length;
  at("open-list").setAttribute("aria-label", `List of ${plural(many, "favourite")}`);
}

function open_list() {
  const found = ITEMS.filter((item) => favourites.has(item.key));
  const text = found.map((item) => item.place + "\n").join("");
  at("list-words").textContent = found.length
    ? `${plural(found.length, "favourite")}: where each lies, one a line.`
    : "None yet. The star on a picture makes it one.";
  at("list-text").value = text;
  at("list-text").hidden = !found.length;
  for (const id of ["list-copy", "list-save", "list-empty"]) at(id).hidden = !found.length;
  URL.revokeObjectURL(at("list-save").href);
  at("list-save").href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  if (!at("list").open) at("list").showModal();
}

read_favourites();
addEventListener("storage", () => { read_favourites(); show_favourites(); });
at("open-list").addEventListener("click", open_list);
at("list-close").addEventListener("click", () => at("list").close());
at("list-copy").addEventListener("click", async () => {
  say_copied(at("list-copy"), await copied(at("list-text").value));
});
at("list-empty").addEventListener("click", () => {
  for (const item of ITEMS) favourites.delete(item.key);
  keep("favourites", JSON.stringify([...favourites]));
  change({});
  show_favourites();
  open_list();
});
