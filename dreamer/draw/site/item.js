// An item's page is whole without this: it copies, and keeps favourites and colours.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    say_copied(button, await copied(document.getElementById(button.dataset.copy).textContent));
  });
}

const star = document.getElementById("star");
const stars = () => new Set(JSON.parse(kept("favourites") ?? "[]"));
star.hidden = false;
star.setAttribute("aria-pressed", stars().has(star.value));
star.addEventListener("click", () => {
  const found = stars();
  if (!found.delete(star.value)) found.add(star.value);
  star.setAttribute("aria-pressed", found.has(star.value));
  keep("favourites", JSON.stringify([...found]));
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, pre, video")) return;
  const way = { ArrowLeft: "prev", ArrowRight: "next", Escape: "up" }[event.key];
  if (way) document.querySelector(`a[rel="${way}"]`)?.click();
});
