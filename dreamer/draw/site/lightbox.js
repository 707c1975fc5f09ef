// One picture or film large, over everything; arrows, Home, End and Esc.
const lightbox = at("lightbox");
let open_items = [], open_at = 0, return_to = null;

// `way` gives the element that has the focus when it is closed again.
function enlarge(items, item, way) {
  open_items = items;
  return_to = way;
  go_to(items.indexOf(item));
  document.documentElement.classList.add("covered");
  lightbox.showModal();
}

function go_to(number) {
  open_at = Math.min(open_items.length - 1, Math.max(0, number));
  const item = open_items[open_at], [address, width, height] = item.large;
  const size = { width, height };
  const picture = plays(item, "video/")
    ? make("video", { src: item.film[0], poster: address, ...size, controls: true, loop: true, muted: still.matches, autoplay: !still.matches, playsInline: true, "aria-label": item.alt })
    : make("img", { src: plays(item, "image/") ? item.film[0] : address, ...size, alt: item.alt });
  picture.style.setProperty("--ratio", `${width / height}`);
  at("lightbox-stage").replaceChildren(picture);
  at("lightbox-title").textContent = item.title;
  at("lightbox-words").textContent = [item.says, item.length, item.date.slice(0, 10)].filter(Boolean).join("  ·  ");
  at("lightbox-alt").textContent = item.alt;  // said aloud when the next one comes
  at("lightbox-count").textContent = `${open_at + 1} of ${open_items.length}`;
  at("lightbox-page").href = page_of(item);
  at("lightbox-star").setAttribute("aria-pressed", favourites.has(item.key));
  // Not `disabled`, which would take the focus away from under the keys.
  at("before").setAttribute("aria-disabled", open_at === 0);
  at("after").setAttribute("aria-disabled", open_at === open_items.length - 1);
  const next = open_items[open_at + 1];
  if (next && !plays(next, "video/")) new Image().src = next.large[0];
}

lightbox.addEventListener("keydown", (event) => {
  const film = event.target.matches("video");
  if (event.key === "f" && !film && !event.altKey && !event.ctrlKey && !event.metaKey) at("lightbox-star").click();
  const to = { ArrowLeft: open_at - 1, ArrowRight: open_at + 1, Home: 0, End: open_items.length - 1 }[event.key];
  if (to === undefined || film || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  go_to(to);
});
at("before").addEventListener("click", () => go_to(open_at - 1));
at("after").addEventListener("click", () => go_to(open_at + 1));
at("lightbox-close").addEventListener("click", () => lightbox.close());
at("lightbox-star").addEventListener("click", () => {
  toggle_favourite(open_items[open_at]);
  at("lightbox-star").setAttribute("aria-pressed", favourites.has(open_items[open_at].key));
});
at("lightbox-stage").addEventListener("click", (event) => {
  if (event.target === at("lightbox-stage")) lightbox.close();
});
lightbox.addEventListener("close", () => {
  document.documentElement.classList.remove("covered");
  at("lightbox-stage").replaceChildren();
  return_to(open_items[open_at])?.focus({ focusVisible: true });
});

// A finger moves on.
let touched = null;
lightbox.addEventListener("touchstart", (event) => {
  touched = event.touches.length === 1 ? event.touches[0].clientX : null;
}, { passive: true });
lightbox.addEventListener("touchend", (event) => {
  const by = touched === null ? 0 : event.changedTouches[0].clientX - touched;
  if (Math.abs(by) > 60 && !event.target.matches("video")) go_to(open_at + (by < 0 ? 1 : -1));
}, { passive: true });
