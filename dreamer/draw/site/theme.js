// Light, dark, or as the system has it. A browser may refuse to keep anything for pages that are
// read from a disk: then it holds until the page is left.
const KEPT = "dreamer-gallery:";

function kept(name) {
  try { return localStorage.getItem(KEPT + name); } catch { return null; }
}

function keep(name, value) {
  try { localStorage.setItem(KEPT + name, value); } catch { /* for this visit, then */ }
}

const THEMES = ["auto", "light", "dark"];
const theme = document.getElementById("theme");

function show_theme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  theme.setAttribute("aria-label", `Colours: ${name === "auto" ? "as the system" : name}`);
  theme.title = theme.getAttribute("aria-label");
  theme.value = name;
}

show_theme(THEMES.includes(kept("theme")) ? kept("theme") : "auto");
theme.hidden = false;
theme.addEventListener("click", () => {
  show_theme(THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]);
  keep("theme", theme.value);
});

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function say_copied(button, done) {
  const word = button.lastChild;
  button.dataset.word ??= word.textContent;
  word.textContent = done ? "Copied" : "Not copied";
  setTimeout(() => { word.textContent = button.dataset.word; }, 1600);
}
