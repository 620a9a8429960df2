// Everything here is an extra: pages work without it.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const first = (selector, root = document) => root.querySelector(selector);

// The theme, kept in this browser.
const themes = all("[data-set-theme]");
const show_theme = (theme) => {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  themes.forEach((button) => button.setAttribute("aria-pressed", button.dataset.setTheme === theme));
};
show_theme(document.documentElement.dataset.theme ?? "system");
themes.forEach((button) => button.addEventListener("click", () => {
  show_theme(button.dataset.setTheme);
  try { localStorage.setItem("theme", button.dataset.setTheme); } catch { /* storage may be off */ }
}));

// Menus close on Escape and outside.
const close_menus = (except) => all("details.menu[open], details.explain[open]").forEach((menu) => {
  if (!except || !menu.contains(except)) menu.open = false;
});
document.addEventListener("click", (event) => close_menus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = first("details.menu[open], details.explain[open]");
  close_menus();
  menu?.querySelector("summary").focus();
  hide();
});

// A chart's values by hover and arrow keys, read from the table beneath it: its rows are the newest first.
const tip = document.createElement("div");
tip.className = "tip";
tip.setAttribute("role", "status");
document.body.append(tip);
const hide = () => {
  tip.classList.remove("on");
  all(".cross.on").forEach((line) => line.classList.remove("on"));
};
const element = (name, text) => { const made = document.createElement(name); made.textContent = text; return made; };
all(".plotbox[data-slots]").forEach((box) => {
  const figure = box.closest("figure"), slots = Number(box.dataset.slots), cross = first(".cross", box);
  const names = all("thead th", figure).map((each) => each.textContent), rows = all("tbody tr", figure);
  let at = -1;
  const show = (place) => {
    const row = rows[slots - 1 - place];
    if (!row) return;
    at = place;
    const x = (place + 0.5) / slots;
    cross.setAttribute("x1", `${x * 100}%`);
    cross.setAttribute("x2", `${x * 100}%`);
    cross.classList.add("on");
    const head = row.cells[0], note = first("small", head);
    const list = document.createElement("dl");
    [...row.cells].slice(1).forEach((cell, index) => list.append(element("dt", names[index + 1]), element("dd", cell.textContent)));
    tip.replaceChildren(element("b", head.firstChild.textContent), ...(note ? [element("p", note.textContent)] : []), list);
    tip.classList.add("on");
    const place_of = box.getBoundingClientRect();
    let left = place_of.left + x * place_of.width + 14;
    if (left + tip.offsetWidth > innerWidth - 8) left = place_of.left + x * place_of.width - tip.offsetWidth - 14;
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    tip.style.top = `${place_of.top + scrollY + 10}px`;
  };
  const nearest = (event) => {
    const place_of = box.getBoundingClientRect();
    return Math.max(0, Math.min(slots - 1, Math.floor((event.clientX - place_of.left) / place_of.width * slots)));
  };
  box.addEventListener("pointermove", (event) => show(nearest(event)));
  box.addEventListener("pointerleave", hide);
  box.addEventListener("blur", hide);
  box.addEventListener("focus", () => { if (box.matches(":focus-visible")) show(at < 0 ? slots - 1 : at); });
  box.addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    show(Math.max(0, Math.min(slots - 1, at < 0 ? slots - 1 : at + move)));
  });
});

// Copy a command, share this view, print.
const toast = (text) => {
  const shown = first(".toast");
  shown.textContent = text;
  shown.classList.add("on");
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => shown.classList.remove("on"), 2600);
};
const copy = (text, said) => navigator.clipboard?.writeText(text).then(() => toast(said), () => toast("The browser did not allow copying"));
all("[data-copy]").forEach((button) => button.addEventListener("click", () => copy(first("code", button.parentElement).textContent, "Copied")));
all("[data-share]").forEach((button) => button.addEventListener("click", () => copy(location.href, "Link copied. It opens this view for everyone who may sign in.")));
all("[data-print]").forEach((button) => button.addEventListener("click", () => { close_menus(); print(); }));

// Instants in the viewer's time zone.
const clock = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
all("time[datetime]").forEach((time) => {
  const instant = new Date(time.dateTime);
  if (!Number.isNaN(instant.valueOf())) { time.title = time.textContent; time.textContent = clock.format(instant); }
});

// "/" puts the cursor into the search field.
document.addEventListener("keydown", (event) => {
  const search = first("input.search");
  if (event.key === "/" && search && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) { event.preventDefault(); search.focus(); }
});
