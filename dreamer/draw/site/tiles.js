// A picture as it is met in rows and in tables: a link, a star, a sign to compare it, and whatever
// happens under the pointer.
function acts(item) {
  const button = (kind, words, pressed, from) => make("button", {
    className: `button round ${kind}`, type: "button", "aria-pressed": `${pressed}`,
    "aria-label": `${words}: ${item.name}`, title: words,
  }, sign(from));
  return make("div", { className: "acts" },
    button("star", "Favourite", favourites.has(item.key), "starred"),
    button("pick", "Compare", picked.includes(item), "open-compare"));
}

function shot(item, ...signs) {
  return make("a", {
    className: "shot", href: page_of(item),
    "aria-label": `${item.name}. ${item.alt}${item.unfinished ? ", unfinished" : ""}`,
  }, make("img", {
    src: item.thumb[0], width: item.thumb[1], height: item.thumb[2], alt: item.alt,
    loading: "lazy", decoding: "async",
  }), ...signs);
}

function signs_of(item) {
  const signs = [];
  if (item.film !== undefined) {
    const seconds = /, ([^,]+) s at/.exec(item.length ?? "");
    signs.push(make("span", { className: "badge" }, seconds ? `▶ ${seconds[1]} s` : "▶"));
  }
  if (item.unfinished) signs.push(make("span", { className: "badge" }, "unfinished"));
  return signs;
}

function tile(item, ratio, height, place) {
  const link = shot(item, ...signs_of(item));
  link.style.height = `${height}px`;
  const element = make("div", {
    className: "tile", role: "listitem", "aria-setsize": shown_items.length,
    "aria-posinset": place + 1,
  }, link, acts(item),
  make("p", { className: "caption" }, make("b", {}, item.title), make("span", {}, caption(item))));
  element.style.width = `${ratio * height}px`;
  element.item = item;
  return element;
}

function caption(item) {
  if (!looking.label) return item.says || item.length || item.kind;
  return `${looking.label} ${percent(score(item, NUMBER_OF.get(looking.label)))}`;
}

// A film plays while a pointer or the focus is on it, where motion is wanted.
let playing = null;

function stop() {
  clearTimeout(playing?.timer);
  playing?.film?.remove();
  playing = null;
}

function play(link) {
  const item = link.closest(".tile")?.item;
  if (playing?.link === link) return;
  stop();
  if (!item || item.film === undefined || !item.film[1] || still.matches) return;
  playing = { link, timer: setTimeout(() => {
    const film = plays(item, "video/")
      ? make("video", { src: item.film[0], muted: true, loop: true, playsInline: true, autoplay: true, "aria-hidden": "true", tabIndex: -1 })
      : make("img", { src: item.film[0], alt: "" });
    playing.film = film;
    film.className = "moving";
    link.append(film);
    film.play?.().catch(() => {});
  }, 140) };
}

const main = at("main");
main.addEventListener("pointerover", (event) => {
  const link = event.pointerType !== "touch" && event.target.closest(".shot");
  if (link) play(link);
});
main.addEventListener("pointerout", (event) => {
  if (playing && !playing.link.contains(event.relatedTarget)) stop();
});
main.addEventListener("focusin", (event) => {
  if (event.target.matches(".shot:focus-visible")) play(event.target);
});
main.addEventListener("focusout", stop);
main.addEventListener("click", (event) => {
  const item = event.target.closest(".tile")?.item;
  if (!item) return;
  if (event.target.closest(".star")) toggle_favourite(item);
  else if (event.target.closest(".pick")) toggle_picked(item);
  else if (event.target.closest(".shot") && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) {
    event.preventDefault();
    stop();
    if (looking.sweep) enlarge(swept_items, item, link_in_table);
    else enlarge(shown_items, item, reveal);
  }
});
