// Everything is there: show what the address asks for.
function show_address() {
  from_address();
  for (const told of listeners) told();
}

addEventListener("hashchange", show_address);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input, textarea, select, dialog")) {
    event.preventDefault();
    at("query").focus();
  }
});
show_address();
show_favourites();
