// Keys for those who have no pointer: arrows move among pictures, and single letters do something only
// to the picture that has the focus, so that they are in nobody's way.
const centre_of = (row, k) => row.items.slice(0, k).reduce((sum, [, ratio]) => sum + ratio * row.height + gap(), 0)
  + row.items[k][1] * row.height / 2;

function beside_in_rows(item, key) {
  const number = shown_items.indexOf(item);
  const along = { ArrowLeft: number - 1, ArrowRight: number + 1, Home: 0, End: shown_items.length - 1 }[key];
  if (along !== undefined) return shown_items[along];
  const at_row = all_rows.findIndex(({ items }) => items.some(([one]) => one === item));
  const row = all_rows[at_row], other = all_rows[at_row + (key === "ArrowUp" ? -1 : 1)];
  if (!other) return undefined;
  const centre = centre_of(row, row.items.findIndex(([one]) => one === item));
  const far = other.items.map((_, k) => Math.abs(centre_of(other, k) - centre));
  return other.items[far.indexOf(Math.min(...far))][0];
}

// The next cell that way that holds a picture.
function beside_in_table(link, key) {
  const cells = [...at("table").querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td")]);
  const down = cells.findIndex((row) => row.includes(link.closest("td")));
  const across = cells[down].indexOf(link.closest("td"));
  const column = cells.map((row) => row[across]);
  const way = {
    ArrowLeft: cells[down].slice(0, across).reverse(), ArrowRight: cells[down].slice(across + 1),
    ArrowUp: column.slice(0, down).reverse(), ArrowDown: column.slice(down + 1),
    Home: cells[down], End: cells[down].toReversed(),
  }[key];
  return way.map((one) => one.querySelector(".shot")).find(Boolean);
}

main.addEventListener("keydown", (event) => {
  const item = event.target.closest(".tile")?.item;
  if (!item || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.key === "f") toggle_favourite(item);
  else if (event.key === "c") toggle_picked(item);
  else if (/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(event.key)) {
    const link = looking.sweep ? beside_in_table(event.target, event.key)
      : reveal(beside_in_rows(item, event.key));
    link?.focus();
  } else return;
  event.preventDefault();
});

// The address keeps what is looked at, so that this link leads nowhere but there.
at("skip").addEventListener("click", (event) => {
  event.preventDefault();
  (main.querySelector(".shot") ?? at("query")).focus();
});
